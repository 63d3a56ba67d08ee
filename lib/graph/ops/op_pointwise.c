/* Pointwise operations: broadcasting, simplification when a node is made, gradients. */
#include "graph/ops.h"

#include <math.h>

static Node *pw_grad(Graph *g, Node *self, Node *dy, int which);

const OpDef op_pointwise[PW_COUNT] = {
#define X(c, n, ...) \
    [PW_##c] = {.name = #n, .class = CLASS_POINTWISE, .code = PW_##c, .grad = pw_grad},
    PW_UNARY(X) PW_BINARY(X) X(SELECT, select, 0)
#undef X
};
const OpDef op_copy = {.name = "copy", .class = CLASS_POINTWISE, .code = PW_COPY};
const OpDef op_stop = {.name = "stop", .class = CLASS_POINTWISE, .code = PW_COPY};
const OpDef op_stop_stored = {.name = "stop", .class = CLASS_VIEW};

Node *n_copy(Graph *g, Node *a) { return graph_node(g, &op_copy, a->rank, a->shape, 1, &a, NULL); }

/* What is stored anyway is read where it is; what isn't goes into the kernel of what reads it. */
Node *n_stop(Graph *g, Node *a) {
    float v;
    const Node *from = a;
    if (n_is_const(a, &v)) return a;
    while (from->op->class == CLASS_VIEW) from = from->input[0];
    OpClass class = from->op->class;
    bool fuses = class == CLASS_POINTWISE || class == CLASS_BROADCAST;
    return graph_node(g, fuses ? &op_stop : &op_stop_stored, a->rank, a->shape, 1, &a, NULL);
}

/* The shape two shapes broadcast to, aligned at the right. */
static int join_shapes(Graph *g, const Node *a, const Node *b, size_t *shape) {
    int rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 0; i < rank; i++) {
        int ia = i - (rank - a->rank), ib = i - (rank - b->rank);
        size_t x = ia < 0 ? 1 : a->shape[ia], y = ib < 0 ? 1 : b->shape[ib];
        if (x != y && x != 1 && y != 1) {
            char p[200], q[200];
            graph_fail(g, "shapes %s and %s do not fit together", node_shape_text(a, p, sizeof p),
                       node_shape_text(b, q, sizeof q));
        }
        shape[i] = x == 1 ? y : x;
    }
    return rank;
}

/* The common source shape when every input is a constant or a broadcast of one smaller shape:
 * then the operation is done there, once, and its result is broadcast. */
static const Node *small_source(int n, Node *const *in) {
    const Node *source = NULL;
    for (int i = 0; i < n; i++) {
        if (in[i]->op == &op_const) continue;
        if (!is_plain(in[i], &op_broadcast)) return NULL;
        const Node *from = in[i]->input[0];
        if (source && !node_has_shape(source, from->rank, from->shape)) return NULL;
        source = from;
    }
    return source;
}

/* The node itself, all inputs of one shape. */
static Node *make(Graph *g, PwCode c, int n, Node **in) {
    float v[3] = {0};
    bool constant = true;
    for (int i = 0; i < n; i++) constant = n_is_const(in[i], &v[i]) && constant;
    if (constant) return n_const(g, pw_scalar(c, v[0], v[1], v[2]), in[0]->rank, in[0]->shape);
    const Node *source = small_source(n, in);
    if (source) {
        Node *low[3];
        for (int i = 0; i < n; i++)
            low[i] = in[i]->op == &op_const ? n_const(g, v[i], source->rank, source->shape)
                                            : in[i]->input[0];
        Node *r = n == 1   ? n_unary(g, c, low[0])
                  : n == 2 ? n_binary(g, c, low[0], low[1])
                           : n_select(g, low[0], low[1], low[2]);
        return n_broadcast(g, r, in[0]->rank, in[0]->shape);
    }
    return graph_node(g, &op_pointwise[c], in[0]->rank, in[0]->shape, n, in, NULL);
}

Node *n_unary(Graph *g, PwCode c, Node *a) {
    if (c == PW_COPY) return a;
    if (c == PW_NEG && is_plain(a, &op_pointwise[PW_NEG])) return a->input[0];
    return make(g, c, 1, &a);
}

/* x+0, x-0, x*1, x*0, x/1 and products with constants; NULL when nothing applies. */
static Node *simplify(Graph *g, PwCode c, Node *a, Node *b) {
    float v;
    if (n_is_const(a, &v) && (c == PW_ADD || c == PW_MUL)) {
        Node *t = a;
        a = b;
        b = t;
    }
    if (c == PW_MUL && a == b) return n_unary(g, PW_SQUARE, a);
    if (n_is_number(a, 0) && c == PW_SUB) return n_unary(g, PW_NEG, b);
    if (!n_is_const(b, &v)) return NULL;
    if (v == 0 && (c == PW_ADD || c == PW_SUB)) return a;
    if (v == 1 && (c == PW_MUL || c == PW_DIV || c == PW_POW)) return a;
    if (c == PW_MUL && v == 0) return n_const(g, 0, a->rank, a->shape);
    if (c == PW_MUL && v == -1) return n_unary(g, PW_NEG, a);
    float w;
    if (c == PW_MUL && is_plain(a, &op_pointwise[PW_MUL]) && n_is_const(a->input[1], &w))
        return n_binary(g, PW_MUL, a->input[0], n_const(g, v * w, a->rank, a->shape));
    if (c == PW_DIV && v != 0) return n_binary(g, PW_MUL, a, n_const(g, 1 / v, a->rank, a->shape));
    return NULL;
}

Node *n_binary(Graph *g, PwCode c, Node *a, Node *b) {
    size_t shape[RANK_MAX];
    int rank = join_shapes(g, a, b, shape);
    a = n_broadcast(g, a, rank, shape);
    b = n_broadcast(g, b, rank, shape);
    float v, w;
    if (n_is_const(a, &v) && n_is_const(b, &w))
        return n_const(g, pw_scalar(c, v, w, 0), rank, shape);
    Node *simple = simplify(g, c, a, b);
    if (simple) return simple;
    /* constants to the right, so that a*2 and 2*a are one node */
    if (n_is_const(a, &v) && (c == PW_ADD || c == PW_MUL)) return make(g, c, 2, (Node *[]){b, a});
    return make(g, c, 2, (Node *[]){a, b});
}

Node *n_select(Graph *g, Node *condition, Node *a, Node *b) {
    size_t shape[RANK_MAX];
    Node *in[3] = {condition, a, b};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3; i++) {
            int rank = join_shapes(g, in[i], in[(i + 1) % 3], shape);
            in[i] = n_broadcast(g, in[i], rank, shape);
            in[(i + 1) % 3] = n_broadcast(g, in[(i + 1) % 3], rank, shape);
        }
    float v;
    if (n_is_const(in[0], &v)) return v != 0 ? in[1] : in[2];
    return make(g, PW_SELECT, 3, in);
}

Node *n_add(Graph *g, Node *a, Node *b) { return n_binary(g, PW_ADD, a, b); }
Node *n_sub(Graph *g, Node *a, Node *b) { return n_binary(g, PW_SUB, a, b); }
Node *n_mul(Graph *g, Node *a, Node *b) { return n_binary(g, PW_MUL, a, b); }
Node *n_div(Graph *g, Node *a, Node *b) { return n_binary(g, PW_DIV, a, b); }
Node *n_toward(Graph *g, Node *old, Node *now, Node *rate) {
    return n_add(g, old, n_mul(g, rate, n_sub(g, now, old)));
}
Node *n_scale(Graph *g, Node *a, double s) { return n_mul(g, a, n_number(g, (float)s)); }

/* Whether a is computed element by element from the input of a normalisation, which is kept for its
 * gradient; then a is cheaper to compute again than what is computed from it is to keep. */
static bool normalised(const Node *a) {
    while (a->op == &op_pointwise[PW_ADD] || a->op == &op_pointwise[PW_MUL]) {
        if (a->input[1]->op != &op_broadcast && a->input[1]->op != &op_const) return false;
        a = a->input[0];
    }
    return a->op == &op_standardise;
}

/* What tells on which side of a constant the larger of both, or lrelu, was: result or argument. */
static Node *teller(Node *self, Node *a) { return normalised(a) ? a : self; }

static Node *grad_binary(Graph *g, Node *self, Node *dy, int which) {
    Node *a = self->input[0], *b = self->input[1];
    Node *zero = n_number(g, 0);
    float s;
    switch (self->op->code) {
    case PW_ADD: return dy;
    case PW_SUB: return which ? n_unary(g, PW_NEG, dy) : dy;
    case PW_MUL: return n_mul(g, dy, which ? a : b);
    case PW_DIV:
        if (!which) return n_div(g, dy, b);
        return n_unary(g, PW_NEG, n_div(g, n_mul(g, dy, self), b));
    case PW_POW:
        if (!which)
            return n_mul(g, dy, n_mul(g, b, n_binary(g, PW_POW, a, n_sub(g, b, n_number(g, 1)))));
        return n_mul(g, dy, n_mul(g, self, n_unary(g, PW_LOG, a)));
    case PW_MAX: /* against a constant the result itself tells; then `a` need not be kept */
        if (!which)
            return n_mul(g, dy, n_binary(g, PW_LT, b, n_is_const(b, &s) ? teller(self, a) : a));
        return n_mul(g, dy, n_binary(g, PW_LE, a, b));
    case PW_MIN:
        if (!which) return n_mul(g, dy, n_binary(g, PW_LT, n_is_const(b, &s) ? self : a, b));
        return n_mul(g, dy, n_binary(g, PW_LE, b, a));
    case PW_LRELU: {
        Node *sign_of = n_is_const(b, &s) && s > 0 ? teller(self, a) : a;
        Node *positive = n_binary(g, PW_LT, zero, sign_of);
        if (!which) return n_mul(g, dy, n_select(g, positive, n_number(g, 1), b));
        return n_mul(g, dy, n_select(g, positive, zero, a));
    }
    default: return NULL;
    }
}

/* What the gradients of codes.h are written in. */
#define OF(code, a) n_unary(g, PW_##code, a)
#define NEG(a) OF(NEG, a)
#define ADD(a, b) n_add(g, a, b)
#define SUB(a, b) n_sub(g, a, b)
#define MUL(a, b) n_mul(g, a, b)
#define DIV(a, b) n_div(g, a, b)
#define SCALE(a, s) n_scale(g, a, s)
#define NUMBER(v) n_number(g, v)

static Node *grad_unary(Graph *g, Node *y, Node *dy) {
    Node *x = y->input[0], *one = n_number(g, 1);
    switch (y->op->code) {
#define X(code, name, cost, value, gradient, ...) \
    case PW_##code: return gradient;
        PW_UNARY(X)
#undef X
    default: return NULL;
    }
}

static Node *pw_grad(Graph *g, Node *self, Node *dy, int which) {
    Node *zero = n_number(g, 0);
    if (self->input_count == 1) return grad_unary(g, self, dy);
    if (self->input_count == 2) return grad_binary(g, self, dy, which);
    if (which == 1) return n_select(g, self->input[0], dy, zero);
    if (which == 2) return n_select(g, self->input[0], zero, dy);
    return NULL;
}
