/* Values of the page language: conversions, and operators on numbers and tensors. */
#include "page/eval/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *value_kind(const Value *v) {
    static const char *const names[] = {"a number",       "a text", "a tensor", "a list",
                                        "a distribution", "a net",  "a graph"};
    return names[v->kind];
}

/* ---- values ---- */

Value value_number(double x) { return (Value){.kind = V_NUMBER, .number = x}; }

Value value_tensor(Node *n, bool batched) {
    return (Value){.kind = V_TENSOR, .node = n, .batched = batched};
}

Value value_list(Value *items, int count) {
    return (Value){.kind = V_LIST, .items = items, .count = count};
}

Node *as_node(Build *b, const Expr *at, const Value *v, const char *what) {
    if (v->kind == V_NUMBER) return n_number(b->g, (float)v->number);
    if (v->kind != V_TENSOR)
        build_fail(b, at, "%s: expected a tensor, found %s", what, value_kind(v));
    return v->node;
}

Value as_tensor(Build *b, const Expr *at, const Value *v, const char *what) {
    return value_tensor(as_node(b, at, v, what), v->batched);
}

Value as_batch(Build *b, const Expr *at, const Value *v, const char *what) {
    Value x = as_tensor(b, at, v, what);
    if (!x.batched) build_fail(b, at, "%s takes a tensor with a minibatch axis", what);
    return x;
}

double as_number(Build *b, const Expr *at, const Value *v, const char *what) {
    float c;
    if (v->kind == V_TENSOR && v->node->count == 1 && n_is_const(v->node, &c)) return c;
    if (v->kind != V_NUMBER)
        build_fail(b, at, "%s: expected a number, found %s", what, value_kind(v));
    return v->number;
}

size_t as_size(Build *b, const Expr *at, const Value *v, const char *what) {
    double x = as_number(b, at, v, what);
    if (!(x >= 0 && x < 4294967296.0 && x == floor(x)))
        build_fail(b, at, "%s: expected a whole number below 2^32, found %.10g", what, x);
    return (size_t)x;
}

int as_axis(Build *b, const Expr *at, const Value *tensor, const Value *axis) {
    int first = tensor->batched, count = tensor->node->rank - first;
    double k = as_number(b, at, axis, "axis");
    if (k < 0) k += count;
    if (!(k >= 0 && k < count && k == floor(k)))
        build_fail(b, at, "no axis %g: a sample has %d", k, count);
    return (int)k + first;
}

bool as_bool(Build *b, const Expr *at, const Value *v, const char *what) {
    return as_number(b, at, v, what) != 0;
}

const char *as_text(Build *b, const Expr *at, const Value *v, const char *what) {
    if (v->kind != V_TEXT) build_fail(b, at, "%s: expected a text, found %s", what, value_kind(v));
    return v->text;
}

static Node *with_ones(Build *b, Node *n, int rank) {
    size_t shape[RANK_MAX] = {n->shape[0]};
    int extra = rank - n->rank;
    for (int i = 1; i < rank; i++) shape[i] = i <= extra ? 1 : n->shape[i - extra];
    return n_reshape(b->g, n, rank, shape);
}

/* A constant is what the value of any minibatch of more than one is made of. */
bool value_is_cut(const Build *b, const Value *v) {
    float c;
    bool made = n_is_const(v->node, &c) && v->node->rank && v->node->shape[0] > 1;
    return v->batched && graph_shards(b->g) > 1 && (v->node->split || made);
}

bool over_minibatch(Build *b, const Expr *at, const Value *over, const char *who) {
    const char *text = over ? as_text(b, at, over, "over") : "minibatch";
    bool whole = !strcmp(text, "minibatch");
    if (!whole && strcmp(text, "shard"))
        build_fail(b, at, "%s: over must be \"minibatch\" or \"shard\", found \"%s\"", who, text);
    return whole;
}

void build_whole(Build *b, const Expr *at, const Node *n, const char *what) {
    if (n->split)
        build_fail(b, at,
                   "%s takes samples of the whole minibatch together, which is cut into %zu "
                   "shards; gan-init --shards 1 leaves it whole",
                   what, graph_shards(b->g));
}

/* A minibatch that is whole gives each shard its own samples, to meet those of another. */
static void cut_like(Build *b, Value *x, const Value *y) {
    bool meet = x->batched && y->batched && y->node->split && !x->node->split;
    if (meet && x->node->shape[0] > 1 && x->node->shape[0] == whole_extent(b->g, y->node))
        x->node = n_own_rows(b->g, x->node);
}

bool align(Build *b, Value *x, Value *y) {
    cut_like(b, x, y);
    cut_like(b, y, x);
    /* the tensor with a minibatch axis gets room for all axes of the other behind it */
    int rx = x->node->rank, ry = y->node->rank;
    int need_x = ry + (y->batched ? 0 : 1), need_y = rx + (x->batched ? 0 : 1);
    if ((need_x > RANK_MAX && x->batched) || (need_y > RANK_MAX && y->batched))
        build_fail(b, NULL, "more than %d axes", RANK_MAX);
    if (x->batched && rx < need_x && (y->batched || ry > 0))
        x->node = with_ones(b, x->node, need_x);
    if (y->batched && ry < need_y && (x->batched || rx > 0))
        y->node = with_ones(b, y->node, need_y);
    return x->batched || y->batched;
}

bool fits_in(Build *b, Value x, Value whole, Node **spread) {
    align(b, &x, &whole);
    const Node *n = x.node, *of = whole.node;
    bool fits = n->rank <= of->rank && whole.batched >= x.batched;
    for (int i = 1; fits && i <= n->rank; i++) {
        size_t extent = n->shape[n->rank - i];
        fits = extent == 1 || extent == of->shape[of->rank - i];
    }
    if (fits && spread) *spread = n_broadcast(b->g, x.node, of->rank, of->shape);
    return fits;
}

/* Scores of a minibatch, [n,n], and one tensor [n,n] may be meant to meet element by element. */
static void warn_of_squares(Build *b, const Value *x, const Value *y) {
    const Node *m = x->node;
    size_t n = b->batch;
    if (x->batched == y->batched || n < 2 || m->rank != 2 || m->shape[0] != n || m->shape[1] != n ||
        y->node->rank != 2 || y->node->shape[0] != n || y->node->shape[1] != n)
        return;
    build_warn(b,
               "[%zu,%zu] of a minibatch and one tensor [%zu,%zu] make [%zu,%zu,%zu]; unbatch "
               "makes one tensor of a minibatch",
               n, n, n, n, n, n, n);
}

Value value_pointwise(Build *b, PwCode c, Value x, Value y) {
    Value tx = as_tensor(b, NULL, &x, "operand"), ty = as_tensor(b, NULL, &y, "operand");
    warn_of_squares(b, &tx, &ty);
    bool batched = align(b, &tx, &ty);
    return value_tensor(n_binary(b->g, c, tx.node, ty.node), batched);
}

/* Texts, and numbers as they are written, one after the other. */
static Value text_sum(Build *b, const Expr *at, const Value *x, const Value *y) {
    enum { TEXT_MAX = 10000 };
    char part[2][32];
    const Value *v[2] = {x, y};
    const char *text[2];
    for (int i = 0; i < 2; i++) {
        snprintf(part[i], sizeof part[i], "%.15g", v[i]->number);
        text[i] = v[i]->kind == V_TEXT ? v[i]->text : part[i];
    }
    if (strlen(text[0]) + strlen(text[1]) > TEXT_MAX)
        build_fail(b, at, "a text of more than %d characters", TEXT_MAX);
    return (Value){.kind = V_TEXT, .text = arena_printf(b->arena, "%s%s", text[0], text[1])};
}

/* Whether both are of that kind or numbers. */
static bool both(const Value *x, const Value *y, ValueKind kind) {
    return (x->kind == kind || x->kind == V_NUMBER) && (y->kind == kind || y->kind == V_NUMBER);
}

static double number_binary(Build *b, const Expr *at, int op, double x, double y) {
    switch (op) {
    case '+': return x + y;
    case '-': return x - y;
    case '*': return x * y;
    case '/': return x / y;
    case '%': return y == 0 ? NAN : x - y * floor(x / y);
    case '^': return pow(x, y);
    case '<': return x < y;
    case '>': return x > y;
    case 'l': return x <= y;
    case 'g': return x >= y;
    case 'q': return x == y;
    case '!': return x != y;
    case '&': return x != 0 && y != 0;
    case '|': return x != 0 || y != 0;
    default: build_fail(b, at, "this operator does not apply to numbers");
    }
}

/* x^n for whole n by multiplication, so that negative x are fine; roots and reciprocals directly.
 */
static Value tensor_power(Build *b, const Expr *at, Value x, Value y) {
    if (y.kind != V_NUMBER) return value_pointwise(b, PW_POW, x, y);
    double n = y.number;
    Node *a = as_node(b, at, &x, "base");
    if (n == 0.5) return value_tensor(n_unary(b->g, PW_SQRT, a), x.batched);
    if (n == -0.5) return value_tensor(n_unary(b->g, PW_RSQRT, a), x.batched);
    if (n != floor(n) || fabs(n) > 64) return value_pointwise(b, PW_POW, x, y);
    Node *r = n_const(b->g, 1, a->rank, a->shape);
    for (unsigned k = (unsigned)fabs(n); k; k /= 2, a = n_unary(b->g, PW_SQUARE, a))
        if (k & 1) r = n_mul(b->g, r, a);
    if (n < 0) r = n_unary(b->g, PW_RECIP, r);
    return value_tensor(r, x.batched);
}

/* [k] is a row at the left of @ and a column at the right, whose axis the result lacks. */
static Node *as_matrix(Build *b, Node *n, bool left) {
    if (n->rank != 1) return n;
    return n_reshape(b->g, n, 2, (size_t[]){left ? 1 : n->count, left ? n->count : 1});
}

/* [b, h, m, k] as [b*h, m, k]: matrix by matrix */
static Node *matrices(Build *b, Node *n) {
    if (n->rank < 4) return n;
    size_t m = n->shape[n->rank - 2], k = n->shape[n->rank - 1];
    return n_reshape(b->g, n, 3, (size_t[]){n->count / (m * k), m, k});
}

static Value tensor_matmul(Build *b, const Expr *at, Value x, Value y) {
    Node *p = as_node(b, at, &x, "left of @"), *q = as_node(b, at, &y, "right of @");
    if (!p->rank || !q->rank || (p->rank == 1 && x.batched) || (q->rank == 1 && y.batched))
        build_fail(b, at, "@ needs a vector or a matrix at each side");
    Node *a = as_matrix(b, p, true), *c = as_matrix(b, q, false);
    if (y.batched && q->rank == 2) build_whole(b, at, q, "@");
    bool many = a->rank > 3 && c->rank == a->rank;
    bool fit = !many || (a->shape[a->rank - 1] == c->shape[a->rank - 2] &&
                         !memcmp(a->shape, c->shape, (size_t)(a->rank - 2) * sizeof *a->shape));
    char left[200], right[200];
    if (!fit)
        build_fail(b, at, "matrix product of %s and %s does not fit",
                   node_shape_text(a, left, sizeof left), node_shape_text(c, right, sizeof right));
    size_t shape[RANK_MAX];
    int rank = a->rank;
    memcpy(shape, a->shape, sizeof shape);
    shape[rank - 1] = c->shape[c->rank - 1];
    Node *r = many ? n_matmul(b->g, matrices(b, a), matrices(b, c), false, false)
                   : n_matmul(b->g, a, c, false, false);
    if (q->rank == 1) rank--;
    if (p->rank == 1) shape[0] = shape[1], rank--;
    return value_tensor(n_reshape(b->g, r, rank, shape), x.batched || y.batched);
}

static Value list_sum(Build *b, const Value *x, const Value *y) {
    Value *items = arena_new_array(b->arena, Value, (size_t)x->count + (size_t)y->count + 1);
    if (x->count) memcpy(items, x->items, (size_t)x->count * sizeof *items);
    if (y->count) memcpy(items + x->count, y->items, (size_t)y->count * sizeof *items);
    return value_list(items, x->count + y->count);
}

/* 1 where v is not 0, else 0 */
static Value truth(Build *b, const Expr *at, Value v) {
    return value_binary(b, at, '!', v, value_number(0));
}

Value value_binary(Build *b, const Expr *at, int op, Value x, Value y) {
    build_at(b, at);
    if (x.kind == V_TEXT && y.kind == V_TEXT && (op == 'q' || op == '!'))
        return value_number((strcmp(x.text, y.text) == 0) == (op == 'q'));
    if (both(&x, &y, V_NUMBER)) return value_number(number_binary(b, at, op, x.number, y.number));
    if (op == '+' && both(&x, &y, V_TEXT)) return text_sum(b, at, &x, &y);
    if (op == '+' && x.kind == V_LIST && y.kind == V_LIST) return list_sum(b, &x, &y);
    if (!both(&x, &y, V_TENSOR))
        build_fail(b, at, "%s and %s cannot be combined", value_kind(&x), value_kind(&y));
    switch (op) {
    case '+': return value_pointwise(b, PW_ADD, x, y);
    case '-': return value_pointwise(b, PW_SUB, x, y);
    case '*': return value_pointwise(b, PW_MUL, x, y);
    case '/': return value_pointwise(b, PW_DIV, x, y);
    case '^': return tensor_power(b, at, x, y);
    case '@': return tensor_matmul(b, at, x, y);
    case '<': return value_pointwise(b, PW_LT, x, y);
    case '>': return value_pointwise(b, PW_LT, y, x);
    case 'l': return value_pointwise(b, PW_LE, x, y);
    case 'g': return value_pointwise(b, PW_LE, y, x);
    case 'q': return value_pointwise(b, PW_EQ, x, y);
    case '!': {
        Value e = value_pointwise(b, PW_EQ, x, y);
        return value_tensor(n_sub(b->g, n_number(b->g, 1), e.node), e.batched);
    }
    case '&': return value_pointwise(b, PW_MUL, truth(b, at, x), truth(b, at, y));
    case '|': return value_pointwise(b, PW_MAX, truth(b, at, x), truth(b, at, y));
    case '%': {
        Value q = value_pointwise(b, PW_DIV, x, y);
        q.node = n_unary(b->g, PW_FLOOR, q.node);
        return value_pointwise(b, PW_SUB, x, value_pointwise(b, PW_MUL, y, q));
    }
    default: build_fail(b, at, "this operator does not apply to tensors");
    }
}

Value value_pick(Build *b, const Expr *at, const Value *x, int axis, const Value *i) {
    Node *from = as_node(b, at, x, "gather"), *where = as_node(b, at, i, "positions");
    if (!x->batched && i->batched && axis)
        build_fail(b, at,
                   "gather: positions of each sample pick along the first axis of a tensor "
                   "without a minibatch");
    Node *y = n_gather(b->g, from, axis, where, x->batched && i->batched);
    return value_tensor(y, x->batched || i->batched);
}
