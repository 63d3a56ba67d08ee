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

static Node *minus_log(Graph *g, Node *u) { return n_unary(g, PW_NEG, n_unary(g, PW_LOG, u)); }

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
    Node *w = minus_log(g, n_mul(g, n_sub(g, one, x), n_add(g, one, x)));
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
    case DIST_GUMBEL: return value_tensor(minus_log(g, minus_log(g, u.node)), batched);
    case DIST_EXPONENTIAL: {
        Node *rate = as_node(b, at, &dist->items[0], "parameter of a distribution");
        return value_tensor(n_div(g, minus_log(g, u.node), rate), batched);
    }
    default: build_fail(b, at, "this distribution only initialises parameters");
    }
}

/* Any of the table. */
static Value distribution(Build *b, const Expr *at, Value **arg) {
    enum { ARGS = 2 };
    Value d = {.kind = V_DIST, .items = arena_new_array(b->arena, Value, ARGS)};
    while (strcmp(builtin_random[d.dist].name, at->text)) d.dist++;
    for (; d.count < ARGS && arg[d.count]; d.count++) d.items[d.count] = *arg[d.count];
    return d;
}

const Builtin builtin_random[] = {
    [DIST_NORMAL] = {"normal", "mean=0, deviation=1", distribution, "normal distribution"},
    [DIST_UNIFORM] = {"uniform", "low=0, high=1", distribution, "uniform distribution"},
    [DIST_BERNOULLI] = {"bernoulli", "p=0.5", distribution, "1 with probability p, else 0"},
    [DIST_CATEGORICAL] = {"categorical", "classes", distribution,
                          "one-hot of one of K equally likely classes"},
    [DIST_GUMBEL] = {"gumbel", "", distribution, "standard Gumbel distribution"},
    [DIST_EXPONENTIAL] = {"exponential", "rate=1", distribution, "exponential distribution"},
    [DIST_TRUNCATED] = {"truncated", "limit=2, deviation=1", distribution,
                        "normal of mean 0, drawn again when beyond limit deviations"},
    [DIST_GLOROT_UNIFORM] = {"glorot_uniform", "gain=1", distribution,
                             "initialiser: uniform within gain*sqrt(6/(in+out))"},
    [DIST_GLOROT_NORMAL] = {"glorot_normal", "gain=1", distribution,
                            "initialiser: normal with gain*sqrt(2/(in+out))"},
    [DIST_HE_UNIFORM] = {"he_uniform", "gain=1.4142135623730951", distribution,
                         "initialiser: uniform within gain*sqrt(3/in)"},
    [DIST_HE_NORMAL] = {"he_normal", "gain=1.4142135623730951", distribution,
                        "initialiser: normal with gain/sqrt(in)"},
    [DIST_ORTHOGONAL] = {"orthogonal", "gain=1", distribution,
                         "initialiser: gain times a random matrix of orthonormal rows or columns"},
    {NULL, NULL, NULL, NULL},
};
