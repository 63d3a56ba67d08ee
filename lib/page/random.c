/* Distributions: draws and initialisers. */
#include "page/build.h"

#include <string.h>

static Node *item(Build *b, const Expr *at, const Value *dist, int i, bool *batched) {
    const Value *v = &dist->items[i];
    *batched = v->kind == V_TENSOR && v->batched;
    return as_node(b, at, v, "parameter of a distribution");
}

/* low + (high-low)*u or mean + deviation*n, where parameters may be tensors */
static Value scaled(Build *b, const Value *dist, Value unit) {
    Value p = dist->items[0], q = dist->items[1];
    Value spread = dist->dist == DIST_UNIFORM ? value_binary(b, b->at, '-', q, p) : q;
    return value_binary(b, b->at, '+', p, value_binary(b, b->at, '*', spread, unit));
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

Value draw(Build *b, const Expr *at, const Value *dist, int rank, const size_t *dims, bool batched,
           unsigned use) {
    Graph *g = b->g;
    size_t shape[RANK_MAX];
    shape[0] = b->batch;
    if (rank) memcpy(shape + batched, dims, (size_t)rank * sizeof *dims);
    rank += batched;
    RandomKind kind = dist->dist == DIST_NORMAL ? RANDOM_NORMAL : RANDOM_UNIFORM;
    Value u = value_tensor(n_random(g, kind, use, batched, rank, shape), batched);
    bool unused;
    switch (dist->dist) {
    case DIST_NORMAL:
    case DIST_UNIFORM: return scaled(b, dist, u);
    case DIST_BERNOULLI: return value_binary(b, at, '<', u, dist->items[0]);
    case DIST_CATEGORICAL: return categorical(b, at, dist, u);
    case DIST_GUMBEL: {
        Node *e = n_unary(g, PW_NEG, n_unary(g, PW_LOG, u.node));
        return value_tensor(n_unary(g, PW_NEG, n_unary(g, PW_LOG, e)), batched);
    }
    case DIST_EXPONENTIAL: {
        Node *rate = item(b, at, dist, 0, &unused);
        return value_tensor(n_div(g, n_unary(g, PW_NEG, n_unary(g, PW_LOG, u.node)), rate), batched);
    }
    default: build_fail(b, at, "this distribution only initialises parameters");
    }
}

static Value dist(Build *b, DistKind kind, Value **arg, int count, double p, double q) {
    Value *items = arena_new_array(b->arena, Value, 2);
    items[0] = count > 0 && arg[0] ? *arg[0] : value_number(p);
    items[1] = count > 1 && arg[1] ? *arg[1] : value_number(q);
    return (Value){.kind = V_DIST, .dist = kind, .items = items, .count = count};
}

#define DIST(fn, kind, count, p, q)                                                                \
    static Value fn(Build *b, const Expr *at, Value **arg) {                                       \
        (void)at;                                                                                  \
        return dist(b, kind, arg, count, p, q);                                                    \
    }
DIST(d_normal, DIST_NORMAL, 2, 0, 1)
DIST(d_uniform, DIST_UNIFORM, 2, 0, 1)
DIST(d_bernoulli, DIST_BERNOULLI, 1, 0.5, 0)
DIST(d_categorical, DIST_CATEGORICAL, 1, 2, 0)
DIST(d_gumbel, DIST_GUMBEL, 0, 0, 0)
DIST(d_exponential, DIST_EXPONENTIAL, 1, 1, 0)
DIST(d_glorot_uniform, DIST_GLOROT_UNIFORM, 1, 1, 0)
DIST(d_glorot_normal, DIST_GLOROT_NORMAL, 1, 1, 0)
DIST(d_he_uniform, DIST_HE_UNIFORM, 1, 1.4142135623730951, 0)
DIST(d_he_normal, DIST_HE_NORMAL, 1, 1.4142135623730951, 0)

const Builtin builtin_random[] = {
    {"normal", "mean?, deviation?", d_normal, "normal distribution, by default 0 and 1"},
    {"uniform", "low?, high?", d_uniform, "uniform distribution, by default on (0, 1)"},
    {"bernoulli", "p?", d_bernoulli, "1 with probability p, else 0"},
    {"categorical", "classes", d_categorical, "one-hot of one of K equally likely classes"},
    {"gumbel", "", d_gumbel, "standard Gumbel distribution"},
    {"exponential", "rate?", d_exponential, "exponential distribution"},
    {"glorot_uniform", "gain?", d_glorot_uniform, "initialiser: uniform within gain*sqrt(6/(in+out))"},
    {"glorot_normal", "gain?", d_glorot_normal, "initialiser: normal with gain*sqrt(2/(in+out))"},
    {"he_uniform", "gain?", d_he_uniform, "initialiser: uniform within gain*sqrt(3/in)"},
    {"he_normal", "gain?", d_he_normal, "initialiser: normal with gain/sqrt(in)"},
    {NULL, NULL, NULL, NULL},
};
