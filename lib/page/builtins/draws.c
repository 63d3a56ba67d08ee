/* Distributions: draws and initialisers. */
#include "page/builtins/builtins.h"

#include <math.h>
#include <string.h>

/* low + (high-low)*u or mean + deviation*n, where parameters may be tensors */
static Value scaled(Build *b, const Value *dist, Value unit) {
    Value p = dist->items[0], q = dist->items[1];
    Value spread = dist->dist == DIST_UNIFORM ? value_binary(b, b->watch.at, '-', q, p) : q;
    return value_binary(b, b->watch.at, '+', p, value_binary(b, b->watch.at, '*', spread, unit));
}

/* one-hot of floor(u*K), uniform over K classes */
static Value categorical(Build *b, const Expr *at, const Value *dist, Value u) {
    Graph *g = b->g;
    size_t k = as_size(b, at, &dist->items[0], "classes"), shape[RANK_MAX];
    int rank = u.node->rank;
    if (rank + 1 > RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    memcpy(shape, u.node->shape, sizeof shape);
    shape[rank] = 1;
    Node *pick = n_unary(g, PW_FLOOR, n_scale(g, u.node, (double)k));
    Node *hot = n_binary(g, PW_EQ, n_reshape(g, pick, rank + 1, shape), n_iota(g, k));
    return value_tensor(hot, u.batched);
}

static Node *horner(Graph *g, const float *c, int n, Node *w) {
    Node *p = n_number(g, c[0]);
    for (int i = 1; i < n; i++) p = n_add(g, n_mul(g, p, w), n_number(g, c[i]));
    return p;
}

/* The inverse of erf to single precision (Giles, "Approximating the erfinv function", 2012). */
static Node *inverse_erf(Graph *g, Node *x) {
    static const float middle[] = {2.81022636e-08f,  3.43273939e-07f, -3.5233877e-06f,
                                   -4.39150654e-06f, 0.00021858087f,  -0.00125372503f,
                                   -0.00417768164f,  0.246640727f,    1.50140941f};
    static const float tail[] = {-0.000200214257f, 0.000100950558f, 0.00134934322f,
                                 -0.00367342844f,  0.00573950773f,  -0.0076224613f,
                                 0.00943887047f,   1.00167406f,     2.83297682f};
    enum { TERMS = sizeof middle / sizeof *middle };
    Node *one = n_number(g, 1);
    Node *w = n_unary(g, PW_LOG, n_mul(g, n_sub(g, one, x), n_add(g, one, x)));
    w = n_unary(g, PW_NEG, w);
    Node *near = horner(g, middle, TERMS, n_sub(g, w, n_number(g, 2.5f)));
    Node *far = horner(g, tail, TERMS, n_sub(g, n_unary(g, PW_SQRT, w), n_number(g, 3)));
    return n_mul(g, n_select(g, n_binary(g, PW_LT, w, n_number(g, 5)), near, far), x);
}

/* What remains of a normal distribution when what is beyond the limit is drawn again, as a function
 * of one uniform number: that of the quantile. */
static Value truncated(Build *b, const Expr *at, const Value *dist, Value u) {
    Graph *g = b->g;
    double limit = as_number(b, at, &dist->items[0], "limit");
    if (!(limit > 0)) build_fail(b, at, "truncated: the limit must be above 0, found %g", limit);
    Node *x = n_scale(g, n_sub(g, n_scale(g, u.node, 2), n_number(g, 1)), erf(limit * M_SQRT1_2));
    x = n_scale(g, inverse_erf(g, x), M_SQRT2);
    x = n_binary(g, PW_MAX, n_binary(g, PW_MIN, x, n_number(g, (float)limit)),
                 n_number(g, (float)-limit));
    return value_binary(b, at, '*', dist->items[1], value_tensor(x, u.batched));
}

Value draw(Build *b, const Expr *at, const Value *dist, int rank, const size_t *dims, bool batched,
           unsigned use) {
    Graph *g = b->g;
    size_t shape[RANK_MAX];
    shape[0] = b->batch;
    if (rank) memcpy(shape + batched, dims, (size_t)rank * sizeof *dims);
    rank += batched;
    RandomKind kind = dist->dist == DIST_NORMAL ? RANDOM_NORMAL : RANDOM_UNIFORM;
    Value u = value_tensor(n_random(g, kind, use, batched, rank, shape), batched);
    switch (dist->dist) {
    case DIST_NORMAL:
    case DIST_UNIFORM: return scaled(b, dist, u);
    case DIST_BERNOULLI: return value_binary(b, at, '<', u, dist->items[0]);
    case DIST_CATEGORICAL: return categorical(b, at, dist, u);
    case DIST_TRUNCATED: return truncated(b, at, dist, u);
    case DIST_GUMBEL: {
        Node *e = n_unary(g, PW_NEG, n_unary(g, PW_LOG, u.node));
        return value_tensor(n_unary(g, PW_NEG, n_unary(g, PW_LOG, e)), batched);
    }
    case DIST_EXPONENTIAL: {
        Node *rate = as_node(b, at, &dist->items[0], "parameter of a distribution");
        return value_tensor(n_div(g, n_unary(g, PW_NEG, n_unary(g, PW_LOG, u.node)), rate),
                            batched);
    }
    default: build_fail(b, at, "this distribution only initialises parameters");
    }
}

static Value dist(Build *b, DistKind kind, Value **arg, int count) {
    Value *items = arena_new_array(b->arena, Value, (size_t)count + 1);
    for (int i = 0; i < count; i++) items[i] = *arg[i];
    return (Value){.kind = V_DIST, .dist = kind, .items = items, .count = count};
}

#define DIST(fn, kind, count)                                \
    static Value fn(Build *b, const Expr *at, Value **arg) { \
        (void)at;                                            \
        return dist(b, kind, arg, count);                    \
    }
DIST(d_normal, DIST_NORMAL, 2)
DIST(d_uniform, DIST_UNIFORM, 2)
DIST(d_bernoulli, DIST_BERNOULLI, 1)
DIST(d_categorical, DIST_CATEGORICAL, 1)
DIST(d_gumbel, DIST_GUMBEL, 0)
DIST(d_exponential, DIST_EXPONENTIAL, 1)
DIST(d_truncated, DIST_TRUNCATED, 2)
DIST(d_glorot_uniform, DIST_GLOROT_UNIFORM, 1)
DIST(d_glorot_normal, DIST_GLOROT_NORMAL, 1)
DIST(d_he_uniform, DIST_HE_UNIFORM, 1)
DIST(d_he_normal, DIST_HE_NORMAL, 1)
DIST(d_orthogonal, DIST_ORTHOGONAL, 1)

const Builtin builtin_random[] = {
    {"normal", "mean=0, deviation=1", d_normal, "normal distribution"},
    {"uniform", "low=0, high=1", d_uniform, "uniform distribution"},
    {"bernoulli", "p=0.5", d_bernoulli, "1 with probability p, else 0"},
    {"categorical", "classes", d_categorical, "one-hot of one of K equally likely classes"},
    {"gumbel", "", d_gumbel, "standard Gumbel distribution"},
    {"exponential", "rate=1", d_exponential, "exponential distribution"},
    {"truncated", "limit=2, deviation=1", d_truncated,
     "normal of mean 0, drawn again when beyond limit deviations"},
    {"glorot_uniform", "gain=1", d_glorot_uniform,
     "initialiser: uniform within gain*sqrt(6/(in+out))"},
    {"glorot_normal", "gain=1", d_glorot_normal, "initialiser: normal with gain*sqrt(2/(in+out))"},
    {"he_uniform", "gain=1.4142135623730951", d_he_uniform,
     "initialiser: uniform within gain*sqrt(3/in)"},
    {"he_normal", "gain=1.4142135623730951", d_he_normal, "initialiser: normal with gain/sqrt(in)"},
    {"orthogonal", "gain=1", d_orthogonal,
     "initialiser: gain times a random matrix of orthonormal rows or columns"},
    {NULL, NULL, NULL, NULL},
};
