/* Functions of the page language: pointwise, reductions, losses, gradients. */
#include "page/builtins/builtins.h"

#include <math.h>
#include <string.h>

#include "graph/ops.h"

/* Of a tensor element by element, of a number in double precision. */
static Value unary(Build *b, const Expr *at, Value **arg, PwCode c) {
    if (arg[0]->kind == V_NUMBER) return value_number(pw_number(c, arg[0]->number));
    return value_tensor(n_unary(b->g, c, as_node(b, at, arg[0], "argument")), arg[0]->batched);
}
#define X(code, name, ...)                                         \
    static Value f_##name(Build *b, const Expr *at, Value **arg) { \
        return unary(b, at, arg, PW_##code);                       \
    }
PW_FUNCTIONS(X)
#undef X

static Value binary(Build *b, Value **arg, PwCode c, double (*f)(double, double)) {
    if (arg[0]->kind == V_NUMBER && arg[1]->kind == V_NUMBER)
        return value_number(f(arg[0]->number, arg[1]->number));
    return value_pointwise(b, c, *arg[0], *arg[1]);
}

static Value f_maximum(Build *b, const Expr *at, Value **arg) {
    (void)at;
    return binary(b, arg, PW_MAX, fmax);
}

static Value f_minimum(Build *b, const Expr *at, Value **arg) {
    (void)at;
    return binary(b, arg, PW_MIN, fmin);
}

static Value f_clamp(Build *b, const Expr *at, Value **arg) {
    Value v = f_maximum(b, at, arg);
    return f_minimum(b, at, (Value *[]){&v, arg[2]});
}

static Value f_select(Build *b, const Expr *at, Value **arg) {
    Value v[3];
    bool batched = false;
    for (int i = 0; i < 3; i++) v[i] = as_tensor(b, at, arg[i], "argument");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3; i++) batched |= align(b, &v[i], &v[(i + 1) % 3]);
    return value_tensor(n_select(b->g, v[0].node, v[1].node, v[2].node), batched);
}

/* Guided backpropagation (Springenberg et al. 2014): a gradient passes only where the activation
 * and the gradient are both positive. */
static Node *guided_grad(Graph *g, Node *self, Node *dy, int which) {
    if (which) return NULL;
    Node *zero = n_number(g, 0);
    return n_mul(g, n_binary(g, PW_MAX, dy, zero), n_binary(g, PW_LT, zero, self));
}
static const OpDef op_guided = {
    .name = "guided relu", .class = CLASS_POINTWISE, .code = PW_LRELU, .grad = guided_grad};

static Value rectify(Build *b, const Expr *at, const Value *x, double slope) {
    Node *n = as_node(b, at, x, "argument");
    Node *s = n_const(b->g, (float)slope, n->rank, n->shape);
    if (b->guided)
        n = graph_node(b->g, &op_guided, n->rank, n->shape, 2, (Node *[]){n, s}, NULL);
    else if (slope == 0)
        n = n_binary(b->g, PW_MAX, n, s);
    else
        n = n_binary(b->g, PW_LRELU, n, s);
    return value_tensor(n, x->batched);
}

static Value f_relu(Build *b, const Expr *at, Value **arg) { return rectify(b, at, arg[0], 0); }

static Value f_lrelu(Build *b, const Expr *at, Value **arg) {
    return rectify(b, at, arg[0], as_number(b, at, arg[1], "slope"));
}

static Value f_elu(Build *b, const Expr *at, Value **arg) {
    Graph *g = b->g;
    Node *x = as_node(b, at, arg[0], "elu"), *zero = n_number(g, 0);
    double alpha = as_number(b, at, arg[1], "alpha");
    /* the exponential only sees what is negative, so that it cannot overflow */
    Node *e = n_unary(g, PW_EXP, n_binary(g, PW_MIN, x, zero));
    Node *low = n_scale(g, n_sub(g, e, n_number(g, 1)), alpha);
    return value_tensor(n_select(g, n_binary(g, PW_LT, zero, x), x, low), arg[0]->batched);
}

static Value f_stop(Build *b, const Expr *at, Value **arg) {
    if (arg[0]->kind == V_NET) return net_stopped(b, arg[0]);
    if (arg[0]->kind == V_NUMBER) return *arg[0];
    return value_tensor(n_stop(b->g, as_node(b, at, arg[0], "stop")), arg[0]->batched);
}

/* ---- reductions ---- */

/* Bit mask of axes from a number, "batch" or a list of those. */
static unsigned axes_of(Build *b, const Expr *at, const Value *v, const Value *axis) {
    if (axis->kind == V_LIST) {
        unsigned m = 0;
        build_enter(b, at);
        for (int i = 0; i < axis->count; i++) m |= axes_of(b, at, v, &axis->items[i]);
        b->watch.nesting--;
        return m;
    }
    if (axis->kind == V_TEXT && !strcmp(axis->text, "batch") && v->batched) return 1;
    return 1u << as_axis(b, at, v, axis);
}

static Value drop_axes(Build *b, Node *r, unsigned axes, bool batched) {
    size_t shape[RANK_MAX];
    int rank = 0;
    for (int i = 0; i < r->rank; i++)
        if (!(axes & (1u << i))) shape[rank++] = r->shape[i];
    return value_tensor(n_reshape(b->g, r, rank, shape), batched && !(axes & 1));
}

static Value reduction(Build *b, const Expr *at, Value **arg, PwReduce op, bool mean, bool negate) {
    Value v = as_tensor(b, at, arg[0], "reduction");
    unsigned axes = arg[1] ? axes_of(b, at, &v, arg[1]) : (1u << v.node->rank) - 1;
    bool whole = axes & 1 && value_is_cut(b, &v);
    Node *x = negate ? n_unary(b->g, PW_NEG, v.node) : v.node, *r;
    if (op == REDUCE_SUM)
        r = mean ? n_mean_whole(b->g, x, axes, whole) : n_sum_whole(b->g, x, axes, whole);
    else
        r = whole ? n_max_whole(b->g, x, axes) : n_reduce(b->g, op, x, axes);
    if (negate) r = n_unary(b->g, PW_NEG, r);
    bool keep = as_bool(b, at, arg[2], "keep");
    return keep ? value_tensor(r, v.batched) : drop_axes(b, r, axes, v.batched);
}

static Value f_sum(Build *b, const Expr *at, Value **arg) {
    return reduction(b, at, arg, REDUCE_SUM, false, false);
}
static Value f_mean(Build *b, const Expr *at, Value **arg) {
    return reduction(b, at, arg, REDUCE_SUM, true, false);
}
static Value f_max(Build *b, const Expr *at, Value **arg) {
    return reduction(b, at, arg, REDUCE_MAX, false, false);
}
static Value f_min(Build *b, const Expr *at, Value **arg) {
    return reduction(b, at, arg, REDUCE_MAX, false, true);
}

/* Sums over a sample's axes: [N,..] to [N]. */
static Value per_sample_sum(Build *b, Node *x, bool batched) {
    unsigned axes = ((1u << x->rank) - 1) & ~(batched ? 1u : 0u);
    return drop_axes(b, n_sum(b->g, x, axes), axes, batched);
}

static Value f_sqnorm(Build *b, const Expr *at, Value **arg) {
    Node *x = as_node(b, at, arg[0], "sqnorm");
    return per_sample_sum(b, n_unary(b->g, PW_SQUARE, x), arg[0]->batched);
}

static Value f_norm(Build *b, const Expr *at, Value **arg) {
    Value s = f_sqnorm(b, at, arg);
    /* the small number keeps the gradient finite at zero */
    s.node = n_unary(b->g, PW_SQRT, n_add(b->g, s.node, n_number(b->g, 1e-12f)));
    return s;
}

static Value f_dot(Build *b, const Expr *at, Value **arg) {
    (void)at;
    Value p = value_pointwise(b, PW_MUL, *arg[0], *arg[1]);
    return per_sample_sum(b, p.node, p.batched);
}

/* (sin((1-t) w) x + sin(t w) y) / sin w, w the angle between x and y (Shoemake 1985); a straight
 * line where there is none */
static Value f_slerp(Build *b, const Expr *at, Value **arg) {
    Value x = *arg[0], y = *arg[1], t = *arg[2], one = value_number(1);
    Value xx = f_dot(b, at, (Value *[]){&x, &x}), yy = f_dot(b, at, (Value *[]){&y, &y});
    Value both = value_pointwise(b, PW_MUL, xx, yy), xy = f_dot(b, at, (Value *[]){&x, &y});
    Value length = f_sqrt(b, at, (Value *[]){&both});
    Value cosine = value_pointwise(b, PW_DIV, xy, length), least = value_number(-1);
    cosine = f_clamp(b, at, (Value *[]){&cosine, &least, &one});
    Value w = f_acos(b, at, (Value *[]){&cosine}), sine = f_sin(b, at, (Value *[]){&w});
    Value part[2] = {value_pointwise(b, PW_SUB, one, t), t};
    Value small = value_pointwise(b, PW_LT, sine, value_number(1e-6));
    for (int i = 0; i < 2; i++) {
        Value angle = value_pointwise(b, PW_MUL, part[i], w);
        Value bent = value_pointwise(b, PW_DIV, f_sin(b, at, (Value *[]){&angle}), sine);
        part[i] = f_select(b, at, (Value *[]){&small, &part[i], &bent});
    }
    return value_pointwise(b, PW_ADD, value_pointwise(b, PW_MUL, part[0], x),
                           value_pointwise(b, PW_MUL, part[1], y));
}

/* |x_n - y_k|^2 for rows x [N,D] and y [K,D] */
static Value f_sqdist(Build *b, const Expr *at, Value **arg) {
    Node *x = as_node(b, at, arg[0], "sqdist"), *y = as_node(b, at, arg[1], "sqdist");
    if (x->rank != 2 || y->rank != 2 || x->shape[1] != y->shape[1])
        build_fail(b, at, "sqdist takes [N,D] and [K,D]");
    x = n_reshape(b->g, x, 3, (size_t[]){x->shape[0], 1, x->shape[1]});
    y = n_collect_rows(b->g, y);
    y = n_reshape(b->g, y, 3, (size_t[]){1, y->shape[0], y->shape[1]});
    Node *d = n_sum(b->g, n_unary(b->g, PW_SQUARE, n_sub(b->g, x, y)), 4);
    return value_tensor(n_reshape(b->g, d, 2, (size_t[]){d->shape[0], d->shape[1]}),
                        arg[0]->batched);
}

/* x - top, the largest along the last axis, and log sum exp of it, with that axis of extent 1 */
static Node *shifted(Build *b, const Expr *at, const Value *v, Node **top, Node **lse) {
    Graph *g = b->g;
    Node *x = as_node(b, at, v, "logits");
    if (x->rank < 1) build_fail(b, at, "expected logits [N,K]");
    unsigned last = 1u << (x->rank - 1);
    *top = n_stop(g, n_reduce(g, REDUCE_MAX, x, last));
    Node *s = n_sub(g, x, *top);
    *lse = n_unary(g, PW_LOG, n_sum(g, n_unary(g, PW_EXP, s), last));
    return s;
}

static Value f_logsoftmax(Build *b, const Expr *at, Value **arg) {
    Node *top, *lse, *s = shifted(b, at, arg[0], &top, &lse);
    return value_tensor(n_sub(b->g, s, lse), arg[0]->batched);
}

static Value f_softmax(Build *b, const Expr *at, Value **arg) {
    Value v = f_logsoftmax(b, at, arg);
    v.node = n_unary(b->g, PW_EXP, v.node);
    return v;
}

static Value f_logsumexp(Build *b, const Expr *at, Value **arg) {
    Node *top, *lse, *s = shifted(b, at, arg[0], &top, &lse);
    return drop_axes(b, n_add(b->g, lse, top), 1u << (s->rank - 1), arg[0]->batched);
}

/* -sum target * log softmax(logits), a number for each sample */
static Value f_crossentropy(Build *b, const Expr *at, Value **arg) {
    Value l = f_logsoftmax(b, at, arg);
    Value p = value_pointwise(b, PW_MUL, l, *arg[1]);
    Value s = per_sample_sum(b, p.node, p.batched);
    s.node = n_unary(b->g, PW_NEG, s.node);
    return s;
}

/* binary cross-entropy of a logit against a target in [0, 1]: softplus(l) - l*t */
static Value f_bce(Build *b, const Expr *at, Value **arg) {
    Value l = as_tensor(b, at, arg[0], "bce");
    Value sp = value_tensor(n_unary(b->g, PW_SOFTPLUS, l.node), l.batched);
    return value_pointwise(b, PW_SUB, sp, value_pointwise(b, PW_MUL, l, *arg[1]));
}

/* 1 where the largest logit is the target's class */
static Value f_correct(Build *b, const Expr *at, Value **arg) {
    Graph *g = b->g;
    Node *x = as_node(b, at, arg[0], "correct");
    if (x->rank < 1) build_fail(b, at, "expected logits [N,K]");
    unsigned last = 1u << (x->rank - 1);
    Value p = value_pointwise(b, PW_MUL, *arg[0], *arg[1]);
    Node *hit = n_binary(g, PW_LE, n_reduce(g, REDUCE_MAX, x, last), n_sum(g, p.node, last));
    return drop_axes(b, hit, last, arg[0]->batched);
}

/* One-hot of the largest of x, probabilities, with the gradient of x itself: what is subtracted
 * from x is x, so that ones and zeros stay exact. */
static Value straight_through(Build *b, const Expr *at, Value x) {
    Graph *g = b->g;
    Value axis = value_number(-1), top = builtin_argmax.run(b, at, (Value *[]){&x, &axis});
    size_t thin[RANK_MAX];
    memcpy(thin, x.node->shape, sizeof thin);
    int last = x.node->rank - 1;
    thin[last] = 1;
    Node *place = n_iota(g, x.node->shape[last]);
    Node *hit = n_binary(g, PW_EQ, n_reshape(g, top.node, x.node->rank, thin), place);
    return value_tensor(n_add(g, n_sub(g, x.node, n_stop(g, x.node)), hit), x.batched);
}

static Value f_gumbel_softmax(Build *b, const Expr *at, Value **arg) {
    Value d = {.kind = V_DIST, .dist = DIST_GUMBEL};
    Node *x = as_node(b, at, arg[0], "gumbel_softmax");
    bool batched = arg[0]->batched;
    Value noise = draw(b, at, &d, x->rank - batched, x->shape + batched, batched, b->next_use++);
    Value sum = value_pointwise(b, PW_ADD, *arg[0], noise);
    Value v = value_pointwise(b, PW_DIV, sum, *arg[1]);
    Value soft = f_softmax(b, at, (Value *[]){&v});
    return as_bool(b, at, arg[2], "hard") ? straight_through(b, at, soft) : soft;
}

/* The gradient of the sum of y in x; differentiable again. */
static Value f_grad(Build *b, const Expr *at, Value **arg) {
    Node *y = as_node(b, at, arg[0], "grad"), *x = as_node(b, at, arg[1], "grad"), *d;
    if (x->op->class == CLASS_CONST) build_fail(b, at, "grad: the gradient in a constant");
    /* what was computed from a value without a name may have been simplified past it */
    if (!x->named)
        build_fail(b, at, "grad: what the gradient is taken in needs a name, by let or where");
    build_spend(b, at, (size_t)b->g->count);
    graph_gradients(b->g, y, 1, &x, &d);
    return value_tensor(d, arg[1]->batched);
}

const Builtin builtin_functions[] = {
    {"relu", "x", f_relu, "max(x, 0)"},
    {"lrelu", "x, slope=0.2", f_lrelu, "x where positive, slope*x elsewhere"},
    {"elu", "x, alpha=1", f_elu, "x where positive, alpha*(exp(x)-1) elsewhere"},
#define X(code, name, cost, value, gradient, number, help) {#name, "x", f_##name, help},
    PW_FUNCTIONS(X)
#undef X
        {"maximum", "x, y", f_maximum, "larger of two, element by element"},
    {"minimum", "x, y", f_minimum, "smaller of two, element by element"},
    {"clamp", "x, low, high", f_clamp, "x kept within [low, high]"},
    {"select", "condition, x, y", f_select, "x where the condition is not 0, else y"},
    {"stop", "x", f_stop, "x without a gradient; of a net, with constant parameters"},
    {"grad", "y, x", f_grad, "gradient of sum(y) in x, of x's shape; any order"},
    {"sum", "x, axis?, keep=0", f_sum, "sum over all elements, or over axes of a sample"},
    {"mean", "x, axis?, keep=0", f_mean, "mean over all elements, or over axes of a sample"},
    {"max", "x, axis?, keep=0", f_max, "largest element, over all or over axes of a sample"},
    {"min", "x, axis?, keep=0", f_min, "smallest element, over all or over axes of a sample"},
    {"norm", "x", f_norm, "Euclidean norm of each sample, sqrt(sum x^2 + 1e-12)"},
    {"sqnorm", "x", f_sqnorm, "squared norm of each sample"},
    {"dot", "x, y", f_dot, "inner product of each sample"},
    {"slerp", "x, y, t", f_slerp, "the t-th part of the way from x to y along a great circle"},
    {"sqdist", "x, y", f_sqdist, "squared distances of rows [N,D] to rows [K,D]: [N,K]"},
    {"softmax", "x", f_softmax, "softmax along the last axis"},
    {"logsoftmax", "x", f_logsoftmax, "log of softmax along the last axis"},
    {"logsumexp", "x", f_logsumexp, "log of the sum of exponentials along the last axis"},
    {"crossentropy", "logits, target", f_crossentropy,
     "-sum target*logsoftmax(logits), each sample"},
    {"bce", "logit, target", f_bce, "binary cross-entropy of a logit, element by element"},
    {"correct", "logits, target", f_correct, "1 where the largest logit is the target's class"},
    {"gumbel_softmax", "logits, temperature, hard=0", f_gumbel_softmax,
     "relaxed one-hot draw from logits; hard: one-hot, with the gradient of the relaxed one"},
    {NULL, NULL, NULL, NULL},
};
