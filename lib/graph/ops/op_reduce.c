/* Sums and maxima over axes. */
#include "graph/ops.h"

void reduce_extents(const Node *n, size_t *a, size_t *r, size_t *b) {
    const Node *x = n->input[0];
    size_t e[3] = {1, 1, 1};
    int part = 0;
    for (int i = 0; i < x->rank; i++) {
        bool reduced = n->shape[i] != x->shape[i];
        if (reduced)
            part = 1;
        else if (part == 1 && x->shape[i] != 1)
            part = 2;
        e[part] *= x->shape[i];
    }
    *a = e[0], *r = e[1], *b = e[2];
}

static Node *reduce_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    Node *x = self->input[0];
    Node *spread = n_broadcast(g, dy, x->rank, x->shape);
    if (reduce_kind(self) == REDUCE_SUM) return spread;
    /* ties share the gradient */
    unsigned axes = 0;
    for (int i = 0; i < x->rank; i++)
        if (self->shape[i] != x->shape[i]) axes |= 1u << i;
    Node *hit = n_binary(g, PW_EQ, x, n_broadcast(g, self, x->rank, x->shape));
    return n_mul(g, hit, n_broadcast(g, n_div(g, dy, n_sum(g, hit, axes)), x->rank, x->shape));
}

const OpDef op_reduce[] = {
    [REDUCE_SUM] = {.name = "sum", .class = CLASS_REDUCE, .grad = reduce_grad},
    [REDUCE_MAX] = {.name = "max", .class = CLASS_REDUCE, .grad = reduce_grad},
};

/* The shape of a with the axes reduced to 1; returned is the product of their extents. */
static double thin_shape(const Node *a, unsigned axes, size_t *shape) {
    double times = 1;
    for (int i = 0; i < a->rank; i++) {
        bool reduced = axes & (1u << i);
        shape[i] = reduced ? 1 : a->shape[i];
        if (reduced) times *= (double)a->shape[i];
    }
    return times;
}

/* One run of neighbouring axes. */
static Node *reduce_run(Graph *g, PwReduce op, Node *a, unsigned axes) {
    size_t shape[RANK_MAX];
    thin_shape(a, axes, shape);
    if (a->count == 0) graph_fail(g, "reduction of an empty tensor");
    return graph_node(g, &op_reduce[op], a->rank, shape, 1, &a, NULL);
}

/* The sum of a broadcast is a multiple of its source; the axes that remain are returned. */
static Node *sum_of_broadcast(Graph *g, Node *a, unsigned *axes) {
    size_t source[RANK_MAX], shape[RANK_MAX];
    broadcast_source(a, source);
    unsigned here = 0;
    for (int i = 0; i < a->rank; i++)
        if (source[i] == 1 && a->shape[i] != 1) here |= *axes & (1u << i);
    if (!here) return a;
    *axes &= ~here;
    double times = thin_shape(a, here, shape);
    Node *s = n_reshape(g, a->input[0], a->rank, source);
    return n_broadcast(g, n_scale(g, s, times), a->rank, shape);
}

static bool constant_along(const Node *n, unsigned axes) {
    if (n->op == &op_const) return true;
    if (!is_plain(n, &op_broadcast)) return false;
    size_t source[RANK_MAX];
    broadcast_source(n, source);
    for (int i = 0; i < n->rank; i++)
        if ((axes & (1u << i)) && source[i] != 1) return false;
    return true;
}

/* The product a less one factor that does not change along the axes; NULL if it has none. */
static Node *without_factor(Graph *g, Node *a, unsigned axes, Node **factor) {
    if (!is_plain(a, &op_pointwise[PW_MUL])) return NULL;
    Node *x = a->input[0], *y = a->input[1], *rest;
    if (constant_along(y, axes)) return *factor = y, x;
    if (constant_along(x, axes)) return *factor = x, y;
    if ((rest = without_factor(g, x, axes, factor))) return n_mul(g, rest, y);
    if ((rest = without_factor(g, y, axes, factor))) return n_mul(g, x, rest);
    return NULL;
}

/* The value of what is constant along the axes, these being reduced to 1. */
static Node *thin(Graph *g, Node *a, unsigned axes) {
    float v;
    if (n_is_const(a, &v)) return n_number(g, v);
    size_t source[RANK_MAX], shape[RANK_MAX];
    broadcast_source(a, source);
    thin_shape(a, axes, shape);
    return n_broadcast(g, n_reshape(g, a->input[0], a->rank, source), a->rank, shape);
}

Node *n_reduce(Graph *g, PwReduce op, Node *a, unsigned axes) {
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] == 1) axes &= ~(1u << i);
    axes &= (1u << a->rank) - 1;
    if (op == REDUCE_SUM && is_plain(a, &op_broadcast)) a = sum_of_broadcast(g, a, &axes);
    if (!axes) return a;
    /* sums that differ by a factor or the sign become one sum */
    Node *factor, *rest = op == REDUCE_SUM ? without_factor(g, a, axes, &factor) : NULL;
    if (rest) return n_mul(g, n_sum(g, rest, axes), thin(g, factor, axes));
    if (op == REDUCE_SUM && is_plain(a, &op_pointwise[PW_NEG]))
        return n_unary(g, PW_NEG, n_sum(g, a->input[0], axes));
    float v;
    if (n_is_const(a, &v)) {
        size_t shape[RANK_MAX];
        double times = thin_shape(a, axes, shape);
        return n_const(g, op == REDUCE_SUM ? (float)(v * times) : v, a->rank, shape);
    }
    /* the last run of neighbouring axes first, so that each kernel sees [a, r, b] */
    for (int hi = a->rank - 1; hi >= 0; hi--) {
        if (!(axes & (1u << hi))) continue;
        unsigned run = 0;
        int lo = hi;
        while (lo >= 0 && ((axes & (1u << lo)) || a->shape[lo] == 1)) run |= 1u << lo--;
        a = reduce_run(g, op, a, run & axes);
        axes &= ~run;
        hi = lo + 1;
    }
    return a;
}

Node *n_sum(Graph *g, Node *a, unsigned axes) { return n_reduce(g, REDUCE_SUM, a, axes); }

Node *n_mean(Graph *g, Node *a, unsigned axes) {
    size_t shape[RANK_MAX];
    return n_scale(g, n_sum(g, a, axes), 1 / thin_shape(a, axes, shape));
}

Node *n_sum_all(Graph *g, Node *a) { return n_reshape(g, n_sum(g, a, ~0u), 0, NULL); }
