/* naive.h: tapes of tensor operations, turned into a graph or evaluated here by plain loops in
 * double precision that share nothing with lib/graph. */
#ifndef NAIVE_H
#define NAIVE_H

#include <stdbool.h>

#include "graph/graph.h"
#include "isas.h"

typedef enum {
    T_LEAF,
    T_CONST,
    T_IOTA,
    T_UNARY,
    T_BINARY,
    T_SELECT,
    T_SCALE,
    T_STOP,
    T_BROADCAST,
    T_RESHAPE,
    T_PERMUTE,
    T_SLICE,
    T_PLACE,
    T_CONCAT,
    T_SUM,
    T_MEAN,
    T_MAX,
    T_SUM_ALL,
    T_MATMUL,
    T_CONV,
    T_FILTER,
    T_POOL,
    T_STANDARDISE,
} StepKind;

enum { STEP_ARGS = 4, TAPE_MAX = 160 };

typedef struct {
    StepKind kind;
    int arg[STEP_ARGS], count; /* earlier steps */
    PwCode code;
    double value; /* constant, scale, added to a variance */
    int rank;     /* of shape */
    size_t shape[RANK_MAX], begin[RANK_MAX], step[RANK_MAX];
    int order[RANK_MAX], axis;
    unsigned axes;
    bool turned[2];
    ConvKind conv_kind;
    ConvShape conv;
    Resampling filter; /* along one axis */
} Step;

typedef struct {
    Step step[TAPE_MAX];
    int count;
} Tape;

typedef struct {
    int rank;
    size_t shape[RANK_MAX], n;
    double *v;
} Array;

static inline int tape_add(Tape *t, Step s) {
    t->step[t->count] = s;
    return t->count++;
}

static inline int tape_unary(Tape *t, PwCode c, int a) {
    return tape_add(t, (Step){.kind = T_UNARY, .code = c, .arg = {a}, .count = 1});
}

static inline int tape_binary(Tape *t, PwCode c, int a, int b) {
    return tape_add(t, (Step){.kind = T_BINARY, .code = c, .arg = {a, b}, .count = 2});
}

static inline int tape_sum_all(Tape *t, int a) {
    return tape_add(t, (Step){.kind = T_SUM_ALL, .arg = {a}, .count = 1});
}

/* ---- as a graph ---- */

static inline Node *step_node(Graph *g, const Step *s, Node **node) {
    Node *part[STEP_ARGS];
    for (int i = 0; i < s->count; i++) part[i] = node[s->arg[i]];
    switch (s->kind) {
    case T_LEAF: break;
    case T_CONST: return n_const(g, (float)s->value, s->rank, s->shape);
    case T_IOTA: return n_iota(g, s->shape[0]);
    case T_UNARY: return n_unary(g, s->code, part[0]);
    case T_BINARY: return n_binary(g, s->code, part[0], part[1]);
    case T_SELECT: return n_select(g, part[0], part[1], part[2]);
    case T_SCALE: return n_scale(g, part[0], s->value);
    case T_STOP: return n_stop(g, part[0]);
    case T_BROADCAST: return n_broadcast(g, part[0], s->rank, s->shape);
    case T_RESHAPE: return n_reshape(g, part[0], s->rank, s->shape);
    case T_PERMUTE: return n_permute(g, part[0], s->order);
    case T_SLICE: return n_slice(g, part[0], s->begin, s->shape, s->step);
    case T_PLACE: return n_place(g, part[0], s->begin, s->shape, s->step);
    case T_CONCAT: return n_concat(g, s->axis, s->count, part);
    case T_SUM: return n_sum(g, part[0], s->axes);
    case T_MEAN: return n_mean(g, part[0], s->axes);
    case T_MAX: return n_reduce(g, REDUCE_MAX, part[0], s->axes);
    case T_SUM_ALL: return n_sum_all(g, part[0]);
    case T_MATMUL: return n_matmul(g, part[0], part[1], s->turned[0], s->turned[1]);
    case T_CONV: return n_conv(g, s->conv_kind, &s->conv, part[0], part[1]);
    case T_FILTER: return n_resample(g, part[0], &s->filter);
    case T_POOL: return n_maxpool(g, &s->conv, part[0]);
    case T_STANDARDISE: {
        Node *mean, *var;
        return n_standardise(g, part[0], s->axes, false, s->value, &mean, &var);
    }
    }
    abort();
}

/* ---- by plain loops ---- */

static inline Array array_new(int rank, const size_t *shape) {
    Array t = {.rank = rank, .n = 1};
    for (int i = 0; i < rank; i++) t.n *= t.shape[i] = shape[i];
    t.v = calloc(t.n + 1, sizeof *t.v);
    return t.v ? t : (abort(), t);
}

static inline double naive_pointwise(PwCode c, double a, double b, double d) {
    if (pw_arity(c) == 1) return pw_number(c, a);
    switch (c) {
    case PW_ADD: return a + b;
    case PW_SUB: return a - b;
    case PW_MUL: return a * b;
    case PW_DIV: return a / b;
    case PW_POW: return pow(a, b);
    case PW_MAX: return a > b ? a : b;
    case PW_MIN: return a < b ? a : b;
    case PW_LRELU: return a > 0 ? a : a * b;
    case PW_LT: return a < b;
    case PW_LE: return a <= b;
    case PW_EQ: return a == b;
    case PW_SELECT: return a != 0 ? b : d;
    default: abort();
    }
}

/* coordinates of element i */
static inline void naive_at(int rank, const size_t *shape, size_t i, size_t *at) {
    for (int d = rank - 1; d >= 0; d--) at[d] = i % shape[d], i /= shape[d];
}

static inline size_t naive_index(int rank, const size_t *shape, const size_t *at) {
    size_t i = 0;
    for (int d = 0; d < rank; d++) i = i * shape[d] + at[d];
    return i;
}

/* element of t that a larger space, aligned at the right, reads at these coordinates */
static inline double naive_spread(const Array *t, int rank, const size_t *at) {
    size_t own[RANK_MAX];
    for (int d = 0; d < t->rank; d++) own[d] = t->shape[d] == 1 ? 0 : at[d + rank - t->rank];
    return t->v[naive_index(t->rank, t->shape, own)];
}

static inline Array naive_map(PwCode c, int n, const Array *in) {
    int rank = 0;
    size_t shape[RANK_MAX] = {0}, at[RANK_MAX];
    for (int k = 0; k < n; k++)
        if (in[k].rank > rank) rank = in[k].rank;
    for (int d = 0; d < rank; d++) {
        shape[d] = 1;
        for (int k = 0; k < n; k++) {
            int own = d - (rank - in[k].rank);
            if (own >= 0 && in[k].shape[own] != 1) shape[d] = in[k].shape[own];
        }
    }
    Array r = array_new(rank, shape);
    for (size_t i = 0; i < r.n; i++) {
        double v[3] = {0};
        naive_at(rank, shape, i, at);
        for (int k = 0; k < n; k++) v[k] = naive_spread(&in[k], rank, at);
        r.v[i] = naive_pointwise(c, v[0], v[1], v[2]);
    }
    return r;
}

static inline Array naive_broadcast(const Array *a, int rank, const size_t *shape) {
    Array r = array_new(rank, shape);
    size_t at[RANK_MAX];
    for (size_t i = 0; i < r.n; i++) {
        naive_at(rank, shape, i, at);
        r.v[i] = naive_spread(a, rank, at);
    }
    return r;
}

static inline Array naive_permute(const Array *a, const int *order) {
    size_t shape[RANK_MAX], at[RANK_MAX], from[RANK_MAX];
    for (int d = 0; d < a->rank; d++) shape[d] = a->shape[order[d]];
    Array r = array_new(a->rank, shape);
    for (size_t i = 0; i < r.n; i++) {
        naive_at(r.rank, shape, i, at);
        for (int d = 0; d < a->rank; d++) from[order[d]] = at[d];
        r.v[i] = a->v[naive_index(a->rank, a->shape, from)];
    }
    return r;
}

/* small[i] is big[begin + i*step]; copies one way or the other */
static inline Array naive_window(const Array *a, const Step *s, bool place) {
    Array r = array_new(a->rank, s->shape);
    const Array *small = place ? a : &r, *big = place ? &r : a;
    size_t at[RANK_MAX];
    for (size_t i = 0; i < small->n; i++) {
        naive_at(a->rank, small->shape, i, at);
        for (int d = 0; d < a->rank; d++) at[d] = s->begin[d] + at[d] * s->step[d];
        size_t k = naive_index(a->rank, big->shape, at);
        if (place)
            r.v[k] = a->v[i];
        else
            r.v[i] = a->v[k];
    }
    return r;
}

static inline Array naive_concat(const Step *s, const Array *in) {
    size_t shape[RANK_MAX], at[RANK_MAX];
    memcpy(shape, in[0].shape, sizeof shape);
    for (int k = 1; k < s->count; k++) shape[s->axis] += in[k].shape[s->axis];
    Array r = array_new(in[0].rank, shape);
    for (size_t i = 0; i < r.n; i++) {
        int k = 0;
        naive_at(r.rank, shape, i, at);
        while (at[s->axis] >= in[k].shape[s->axis]) at[s->axis] -= in[k++].shape[s->axis];
        r.v[i] = in[k].v[naive_index(r.rank, in[k].shape, at)];
    }
    return r;
}

static inline Array naive_reduce(const Array *a, StepKind kind, unsigned axes) {
    size_t shape[RANK_MAX], at[RANK_MAX];
    for (int d = 0; d < a->rank; d++) shape[d] = axes >> d & 1 ? 1 : a->shape[d];
    Array r = array_new(a->rank, shape);
    for (size_t i = 0; kind == T_MAX && i < r.n; i++) r.v[i] = -INFINITY;
    for (size_t i = 0; i < a->n; i++) {
        naive_at(a->rank, a->shape, i, at);
        for (int d = 0; d < a->rank; d++) at[d] = axes >> d & 1 ? 0 : at[d];
        double *to = &r.v[naive_index(a->rank, shape, at)];
        *to = kind == T_MAX ? fmax(*to, a->v[i]) : *to + a->v[i];
    }
    for (size_t i = 0; kind == T_MEAN && i < r.n; i++) r.v[i] *= (double)r.n / (double)a->n;
    return r;
}

/* [..,m,k] x [k,n], [b,m,k] x [b,k,n] */
static inline Array naive_matmul(const Array *a, const Array *b, bool ta, bool tb) {
    bool rows = a->rank > 2 && b->rank == 2;
    size_t batch = a->rank == 3 && !rows ? a->shape[0] : 1, shape[RANK_MAX];
    size_t k = b->shape[b->rank - (tb ? 1 : 2)], n = b->shape[b->rank - (tb ? 2 : 1)];
    size_t m = a->n / batch / k;
    memcpy(shape, a->shape, sizeof shape);
    if (!rows) shape[a->rank - 2] = m;
    shape[a->rank - 1] = n;
    Array r = array_new(a->rank, shape);
    for (size_t q = 0; q < batch; q++)
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                for (size_t l = 0; l < k; l++)
                    r.v[(q * m + i) * n + j] += a->v[q * m * k + (ta ? l * m + i : i * k + l)] *
                                                b->v[q * k * n + (tb ? j * k + l : l * n + j)];
    return r;
}

/* Every (pixel out, tap, channel in, channel out) that meets a pixel in: adds to one of x, y, w the
 * product of the other two. */
static inline Array naive_conv(const Step *s, const Array *a, const Array *b) {
    const ConvShape *c = &s->conv;
    int d, dims = c->dims;
    size_t groups = c->groups ? c->groups : 1, in = c->cin / groups, out = c->cout / groups;
    size_t xs[RANK_MAX] = {c->n}, ys[RANK_MAX] = {c->n}, ws[RANK_MAX];
    for (d = 0; d < dims; d++) xs[d + 1] = c->in[d], ys[d + 1] = c->out[d], ws[d] = c->kernel[d];
    xs[dims + 1] = c->cin, ws[dims] = in, ys[dims + 1] = ws[dims + 1] = c->cout;
    const size_t *shape = s->conv_kind == CONV_FORWARD ? ys : s->conv_kind == CONV_DATA ? xs : ws;
    Array r = array_new(dims + 2, shape);
    double *x = s->conv_kind == CONV_DATA ? r.v : a->v;
    double *y = s->conv_kind == CONV_FORWARD ? r.v : s->conv_kind == CONV_DATA ? a->v : b->v;
    double *w = s->conv_kind == CONV_WEIGHT ? r.v : b->v;
    size_t yn = c->n * c->cout, wn = in * c->cout, o[RANK_MAX], t[RANK_MAX], p[RANK_MAX];
    for (d = 0; d < dims; d++) yn *= c->out[d], wn *= c->kernel[d];
    for (size_t i = 0; i < yn; i++)
        for (size_t k = 0; k < wn; k++) {
            naive_at(dims + 2, ys, i, o);
            naive_at(dims + 2, ws, k, t);
            bool inside = o[dims + 1] == t[dims + 1];
            p[0] = o[0], p[dims + 1] = o[dims + 1] / out * in + t[dims];
            for (d = 0; d < dims; d++) {
                size_t q = o[d + 1] * c->stride[d] + t[d] * (c->dilation[d] ? c->dilation[d] : 1);
                inside = inside && q >= c->pad[d] && q - c->pad[d] < c->in[d];
                p[d + 1] = q - c->pad[d];
            }
            if (!inside) continue;
            double *xp = &x[naive_index(dims + 2, xs, p)];
            if (s->conv_kind == CONV_FORWARD) y[i] += *xp * w[k];
            if (s->conv_kind == CONV_DATA) *xp += y[i] * w[k];
            if (s->conv_kind == CONV_WEIGHT) w[k] += *xp * y[i];
        }
    return r;
}

/* The axis spread by zeros, with enough of them around, then filtered and thinned out. */
static inline Array naive_filter(const Resampling *r, const Array *a) {
    enum { MARGIN = 64 };
    const ResampleFilter *f = &r->filter;
    int axis = r->axis;
    size_t shape[RANK_MAX], at[RANK_MAX], from[RANK_MAX], wide = a->shape[axis] * f->up;
    memcpy(shape, a->shape, sizeof shape);
    shape[axis] = wide + MARGIN * 2;
    Array u = array_new(a->rank, shape);
    for (size_t i = 0; i < a->n; i++) {
        naive_at(a->rank, a->shape, i, at);
        at[axis] = MARGIN + at[axis] * f->up;
        u.v[naive_index(a->rank, shape, at)] = a->v[i];
    }
    memcpy(shape, a->shape, sizeof shape);
    shape[axis] = r->along->out;
    Array y = array_new(a->rank, shape);
    for (size_t i = 0; i < y.n; i++) {
        naive_at(a->rank, shape, i, at);
        memcpy(from, at, sizeof from);
        for (int t = 0; t < f->count; t++) {
            from[axis] = (size_t)((ptrdiff_t)(MARGIN + at[axis] * f->down) + t - r->along->before);
            y.v[i] += f->taps[t] * u.v[naive_index(a->rank, u.shape, from)];
        }
    }
    free(u.v);
    return y;
}

/* Every pixel that lies in a window, by its distance from the window's start. */
static inline Array naive_pool(const ConvShape *c, const Array *a) {
    size_t shape[RANK_MAX], o[RANK_MAX], p[RANK_MAX];
    memcpy(shape, a->shape, sizeof shape);
    for (int d = 0; d < c->dims; d++) shape[d + 1] = c->out[d];
    Array r = array_new(a->rank, shape);
    for (size_t i = 0; i < r.n; i++) {
        naive_at(a->rank, shape, i, o);
        r.v[i] = -INFINITY;
        for (size_t k = 0; k < a->n; k++) {
            naive_at(a->rank, a->shape, k, p);
            bool inside = p[0] == o[0] && p[c->dims + 1] == o[c->dims + 1];
            for (int d = 1; d <= c->dims; d++) {
                size_t start = o[d] * c->stride[d - 1], at = p[d] + c->pad[d - 1];
                inside = inside && at >= start && at < start + c->kernel[d - 1];
            }
            if (inside) r.v[i] = fmax(r.v[i], a->v[k]);
        }
    }
    return r;
}

static inline Array naive_standardise(const Array *a, unsigned axes, double added) {
    size_t at[RANK_MAX];
    Array mean = naive_reduce(a, T_MEAN, axes), r = naive_broadcast(a, a->rank, a->shape);
    for (size_t i = 0; i < a->n; i++) {
        naive_at(a->rank, a->shape, i, at);
        r.v[i] = pow(a->v[i] - naive_spread(&mean, a->rank, at), 2);
    }
    Array var = naive_reduce(&r, T_MEAN, axes);
    for (size_t i = 0; i < a->n; i++) {
        naive_at(a->rank, a->shape, i, at);
        r.v[i] = (a->v[i] - naive_spread(&mean, a->rank, at)) /
                 sqrt(naive_spread(&var, a->rank, at) + added);
    }
    free(mean.v), free(var.v);
    return r;
}

static inline Array step_value(const Step *s, const Array *value) {
    Array in[STEP_ARGS], r;
    for (int i = 0; i < s->count; i++) in[i] = value[s->arg[i]];
    switch (s->kind) {
    case T_LEAF: break;
    case T_CONST:
        r = array_new(s->rank, s->shape);
        for (size_t i = 0; i < r.n; i++) r.v[i] = (float)s->value;
        return r;
    case T_IOTA:
        r = array_new(1, s->shape);
        for (size_t i = 0; i < r.n; i++) r.v[i] = (double)i;
        return r;
    case T_FILTER: return naive_filter(&s->filter, &in[0]);
    case T_POOL: return naive_pool(&s->conv, &in[0]);
    case T_STANDARDISE: return naive_standardise(&in[0], s->axes, s->value);
    case T_UNARY: return naive_map(s->code, 1, in);
    case T_BINARY: return naive_map(s->code, 2, in);
    case T_SELECT: return naive_map(PW_SELECT, 3, in);
    case T_SCALE:
    case T_STOP:
        r = naive_map(PW_COPY, 1, in);
        for (size_t i = 0; i < r.n; i++) r.v[i] *= s->kind == T_SCALE ? s->value : 1;
        return r;
    case T_BROADCAST: return naive_broadcast(&in[0], s->rank, s->shape);
    case T_RESHAPE:
        r = array_new(s->rank, s->shape);
        memcpy(r.v, in[0].v, r.n * sizeof *r.v);
        return r;
    case T_PERMUTE: return naive_permute(&in[0], s->order);
    case T_SLICE:
    case T_PLACE: return naive_window(&in[0], s, s->kind == T_PLACE);
    case T_CONCAT: return naive_concat(s, in);
    case T_SUM:
    case T_MEAN:
    case T_MAX: return naive_reduce(&in[0], s->kind, s->axes);
    case T_SUM_ALL:
        r = naive_reduce(&in[0], T_SUM, ~0u);
        r.rank = 0;
        return r;
    case T_MATMUL: return naive_matmul(&in[0], &in[1], s->turned[0], s->turned[1]);
    case T_CONV: return naive_conv(s, &in[0], &in[1]);
    }
    abort();
}

/* Values of all steps; the first `leaves` are given and stay the caller's. */
static inline void tape_values(const Tape *t, int leaves, const Array *leaf, Array *value) {
    for (int i = 0; i < t->count; i++)
        value[i] = i < leaves ? leaf[i] : step_value(&t->step[i], value);
}

static inline void tape_free(const Tape *t, int leaves, Array *value) {
    for (int i = leaves; i < t->count; i++) free(value[i].v);
}

#endif
