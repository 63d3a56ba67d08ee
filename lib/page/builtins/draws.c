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

/* With a last axis of extent 1. */
static Node *with_last(Build *b, const Expr *at, Node *n) {
    size_t shape[RANK_MAX];
    if (n->rank + 1 > RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    memcpy(shape, n->shape, sizeof shape);
    shape[n->rank] = 1;
    return n_reshape(b->g, n, n->rank + 1, shape);
}

/* one-hot of the class whose share of the probabilities' sum u falls into */
static Value by_probability(Build *b, const Expr *at, const Value *dist, Value u) {
    Graph *g = b->g;
    Value p = dist->items[0];
    int last = p.node->rank - 1;
    if (last < p.batched) build_fail(b, at, "categorical takes a number of classes or [K]");
    size_t k = p.node->shape[last], begin[RANK_MAX] = {0}, shape[RANK_MAX];
    Node *up_to = n_binary(g, PW_LE, n_reshape(g, n_iota(g, k), 2, (size_t[]){k, 1}), n_iota(g, k));
    Node *high = last ? p.node : n_reshape(g, p.node, 2, (size_t[]){1, k});
    high = n_reshape(g, n_matmul(g, high, up_to, false, false), p.node->rank, p.node->shape);
    Node *low = n_const(g, 0, p.node->rank, p.node->shape);
    memcpy(shape, p.node->shape, sizeof shape);
    if (k > 1) {
        shape[last] = k - 1;
        low = n_slice(g, high, begin, shape, NULL);
        begin[last] = 1;
        low = n_place(g, low, begin, p.node->shape, NULL);
    }
    begin[last] = k - 1, shape[last] = 1;
    Value sum = value_tensor(n_slice(g, high, begin, shape, NULL), p.batched);
    u.node = with_last(b, at, u.node);
    u = value_pointwise(b, PW_MUL, u, sum);
    Value above = value_pointwise(b, PW_LE, value_tensor(low, p.batched), u);
    return value_pointwise(b, PW_MUL, above,
                           value_pointwise(b, PW_LT, u, value_tensor(high, p.batched)));
}

/* one-hot of floor(u*K), uniform over K classes */
static Value categorical(Build *b, const Expr *at, const Value *dist, Value u) {
    Graph *g = b->g;
    if (dist->items[0].kind == V_TENSOR) return by_probability(b, at, dist, u);
    size_t k = as_size(b, at, &dist->items[0], "classes");
    Node *pick = n_unary(g, PW_FLOOR, n_scale(g, u.node, (double)k));
    Node *hot = n_binary(g, PW_EQ, with_last(b, at, pick), n_iota(g, k));
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

/* ---- draws by rejection, see graph/ops/op_draw.c ---- */

/* What the draws are of. */
typedef struct {
    int rank;
    size_t shape[RANK_MAX];
    bool batched;
    unsigned use, more; /* numbers of two draws */
} Space;

static Space with_axis(Build *b, const Expr *at, const Space *s, size_t extent) {
    Space r = *s;
    if (r.rank + 1 > RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    r.shape[r.rank++] = extent;
    return r;
}

/* A parameter with an element for each of the draws. */
static Node *parameter(Build *b, const Expr *at, const Value *v, const Space *s) {
    Value p = as_tensor(b, at, v, "parameter of a distribution");
    Value of = value_tensor(n_const(b->g, 1, s->rank, s->shape), s->batched);
    Node *spread;
    char have[200], draws[200];
    if (!fits_in(b, p, of, &spread))
        build_fail(b, at, "a parameter %s of the distribution does not fit draws %s",
                   node_shape_text(p.node, have, sizeof have),
                   shape_text(s->rank, s->shape, draws, sizeof draws));
    return spread;
}

/* A tensor, or a number that is above 0 or, if that is allowed, 0. */
static void check_positive(Build *b, const Expr *at, const Value *v, bool zero) {
    if (v->kind != V_NUMBER || v->number > 0 || (zero && v->number == 0)) return;
    build_fail(b, at, "a parameter of the distribution must be %s 0, found %g",
               zero ? "at least" : "above", v->number);
}

static Node *log_gamma(Build *b, const Expr *at, const Value *shape, const Space *s, unsigned use) {
    check_positive(b, at, shape, false);
    return n_log_gamma_draw(b->g, use, s->batched, parameter(b, at, shape, s));
}

/* The extent of the last axis, which a vector of the distribution has. */
static size_t vector_extent(Build *b, const Expr *at, const Value *v) {
    int rank = v->kind == V_TENSOR ? v->node->rank - v->batched : 0;
    size_t extent = rank > 0 ? v->node->shape[v->node->rank - 1] : 0;
    if (extent < 2)
        build_fail(b, at, "the distribution takes a vector of 2 numbers or more for each draw");
    return extent;
}

static Node *dirichlet(Build *b, const Expr *at, const Value *dist, const Space *s) {
    Graph *g = b->g;
    Space all = with_axis(b, at, s, vector_extent(b, at, &dist->items[0]));
    unsigned last = 1u << (all.rank - 1);
    Node *y = log_gamma(b, at, &dist->items[0], &all, s->use);
    y = n_unary(g, PW_EXP, n_sub(g, y, n_stop(g, n_reduce(g, REDUCE_MAX, y, last))));
    return n_div(g, y, n_sum(g, y, last));
}

/* Vectors of length 1 in all directions alike. */
static Node *directions(Build *b, const Space *s, unsigned use) {
    Graph *g = b->g;
    Node *x = n_random(g, RANDOM_NORMAL, use, s->batched, s->rank, s->shape);
    Node *square = n_sum(g, n_unary(g, PW_SQUARE, x), 1u << (s->rank - 1));
    return n_mul(g, x, n_unary(g, PW_RSQRT, n_binary(g, PW_MAX, square, n_number(g, 1e-30F))));
}

/* z reflected so that the first axis becomes mu. */
static Node *reflect(Build *b, Node *z, Node *mu) {
    Graph *g = b->g;
    unsigned last = 1u << (mu->rank - 1);
    Node *w = n_sub(g, n_binary(g, PW_EQ, n_iota(g, mu->shape[mu->rank - 1]), n_number(g, 0)), mu);
    Node *square = n_sum(g, n_unary(g, PW_SQUARE, w), last);
    Node *by = n_div(g, n_scale(g, n_sum(g, n_mul(g, w, z), last), 2),
                     n_binary(g, PW_MAX, square, n_number(g, 1e-14F)));
    return n_sub(g, z, n_mul(g, w, by));
}

/* Ulrich 1984, as Davidson et al. 2018, algorithm 1, have it. */
static Node *von_mises_fisher(Build *b, const Expr *at, const Value *dist, const Space *s) {
    Graph *g = b->g;
    Value kappa = dist->items[1];
    size_t m = vector_extent(b, at, &dist->items[0]);
    Space all = with_axis(b, at, s, m), one = with_axis(b, at, s, 1);
    Space rest = with_axis(b, at, s, m - 1);
    check_positive(b, at, &kappa, true);
    if (kappa.kind == V_TENSOR && kappa.node->rank - kappa.batched == s->rank - s->batched)
        kappa.node = with_last(b, at, kappa.node);
    Node *mu = parameter(b, at, &dist->items[0], &all), *two = n_number(g, 2);
    Node *down = n_depth_draw(g, s->use, s->batched, m, parameter(b, at, &kappa, &one));
    Node *across = n_binary(g, PW_MAX, n_mul(g, down, n_sub(g, two, down)), n_number(g, 1e-12F));
    across = n_mul(g, n_unary(g, PW_SQRT, across), directions(b, &rest, s->more));
    Node *part[] = {n_sub(g, n_number(g, 1), down), across};
    return reflect(b, n_concat(g, all.rank - 1, 2, part), mu);
}

static Value by_rejection(Build *b, const Expr *at, const Value *dist, const Space *s) {
    const Value *p = dist->items;
    switch (dist->dist) {
    case DIST_GAMMA: {
        Node *x = n_unary(b->g, PW_EXP, log_gamma(b, at, &p[0], s, s->use));
        check_positive(b, at, &p[1], false);
        Node *rate = parameter(b, at, &p[1], s);
        return value_tensor(n_div(b->g, x, rate), s->batched);
    }
    case DIST_BETA: {
        Node *x = log_gamma(b, at, &p[0], s, s->use), *y = log_gamma(b, at, &p[1], s, s->more);
        return value_tensor(n_unary(b->g, PW_SIGMOID, n_sub(b->g, x, y)), s->batched);
    }
    case DIST_DIRICHLET: return value_tensor(dirichlet(b, at, dist, s), s->batched);
    case DIST_SPHERE: {
        size_t m = as_size(b, at, &p[0], "dimension");
        if (m < 2) build_fail(b, at, "sphere: the dimension must be at least 2, found %zu", m);
        Space all = with_axis(b, at, s, m);
        return value_tensor(directions(b, &all, s->use), s->batched);
    }
    default: return value_tensor(von_mises_fisher(b, at, dist, s), s->batched);
    }
}

/* Whether its parameters meet the draws element by element; else one is a vector, as a draw is. */
static bool elementwise(const Value *dist) {
    return dist->dist != DIST_CATEGORICAL && dist->dist != DIST_DIRICHLET &&
           dist->dist != DIST_VON_MISES_FISHER && dist->dist != DIST_SPHERE;
}

/* The extents of what its parameters meet as, or of the vectors that one of them holds, from
 * dims[RANK_MAX - their number] on. */
static int own_extents(const Value *dist, size_t dims[RANK_MAX]) {
    int rank = 0;
    memset(dims, 0, RANK_MAX * sizeof *dims);
    int vector = !elementwise(dist);
    for (int i = 0; i < dist->count && (i == 0 || !vector); i++) {
        const Value *p = &dist->items[i];
        int own = p->kind == V_TENSOR ? p->node->rank - p->batched - vector : 0;
        for (int k = 1; k <= own; k++) {
            size_t extent = p->node->shape[p->node->rank - vector - k], *most = &dims[RANK_MAX - k];
            if (extent > *most) *most = extent;
        }
        if (own > rank) rank = own;
    }
    return rank;
}

Value draw(Build *b, const Expr *at, const Value *dist, int rank, const size_t *dims, bool batched,
           unsigned use) {
    Graph *g = b->g;
    size_t own[RANK_MAX];
    if (!dims) rank = own_extents(dist, own), dims = own + RANK_MAX - rank;
    if (rank + batched > RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX - batched);
    Space s = {.rank = rank + batched, .batched = batched, .use = use, .more = use | 1u << 31};
    s.shape[0] = b->batch;
    if (rank) memcpy(s.shape + batched, dims, (size_t)rank * sizeof *dims);
    if (dist->dist >= DIST_GAMMA && dist->dist <= DIST_SPHERE) return by_rejection(b, at, dist, &s);
    RandomKind kind = dist->dist == DIST_NORMAL ? RANDOM_NORMAL : RANDOM_UNIFORM;
    Value u = value_tensor(n_random(g, kind, use, batched, s.rank, s.shape), batched);
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
                          "one-hot of one of K equally likely classes, or of [K] by probability"},
    [DIST_GUMBEL] = {"gumbel", "", distribution, "standard Gumbel distribution"},
    [DIST_EXPONENTIAL] = {"exponential", "rate=1", distribution, "exponential distribution"},
    [DIST_TRUNCATED] = {"truncated", "limit=2, deviation=1", distribution,
                        "normal of mean 0, drawn again when beyond limit deviations"},
    [DIST_GAMMA] = {"gamma", "shape, rate=1", distribution, "gamma distribution"},
    [DIST_BETA] = {"beta", "a, b", distribution, "beta distribution"},
    [DIST_DIRICHLET] = {"dirichlet", "alpha", distribution,
                        "Dirichlet distribution of rows [K], alpha being [K]"},
    [DIST_VON_MISES_FISHER] = {"von_mises_fisher", "mu, kappa", distribution,
                               "von Mises-Fisher distribution on the unit sphere around mu [m]"},
    [DIST_SPHERE] = {"sphere", "dimension", distribution,
                     "points of the unit sphere, all alike, in that many dimensions"},
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
    [DIST_ALIKE] =
        {"alike", "initial, count", distribution,
         "initialiser: each `count` outputs of a layer in turn begin with equal weights"},
    {NULL, NULL, NULL, NULL},
};
