#include "measure/spectral/operator.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "maths/dense.h"
#include "maths/lapack.h"
#include "tensor/lane.h"

enum { STEPS_MOST = 200, LOOK_EVERY = 8, SEED = 1 };
static const double TOLERANCE = 1e-6;

static size_t kernel_reach(const ConvShape *s, int d) {
    return (s->kernel[d] - 1) * (s->dilation[d] ? s->dilation[d] : 1) + 1;
}

int operator_resize(ConvShape *s, const size_t *in, Error *err) {
    for (int d = 0; d < s->dims; d++) {
        /* may be short of what the last patch would have: negative padding at the high side */
        ptrdiff_t high = (ptrdiff_t)((s->out[d] - 1) * s->stride[d] + kernel_reach(s, d)) -
                         (ptrdiff_t)(s->in[d] + s->pad[d]);
        ptrdiff_t room = (ptrdiff_t)(in[d] + s->pad[d]) + high - (ptrdiff_t)kernel_reach(s, d);
        if (room < 0)
            return fail(err, "an input of %zu is too small for a kernel of %zu", in[d],
                        s->kernel[d]);
        s->in[d] = in[d];
        s->out[d] = (size_t)room / s->stride[d] + 1;
    }
    return 0;
}

/* The map between its smaller side, whose vectors are kept, and its larger one. */
typedef struct {
    const ConvPlan *up, *down; /* from the smaller side to the larger, and its adjoint */
    const float *w;
    void *scratch;
    size_t small, large;
    float *from, *to;                           /* what the engine reads and writes */
    float *kept;                                /* [STEPS_MOST + 1][small] */
    double *v, *u;                              /* the vectors of now, of either side */
    double alpha[STEPS_MOST], beta[STEPS_MOST]; /* the bidiagonal matrix */
    int steps;
} Lanczos;

static void apply(Lanczos *l, bool up, const double *x, double *y) {
    size_t n = up ? l->small : l->large, m = up ? l->large : l->small;
    for (size_t i = 0; i < n; i++) l->from[i] = (float)x[i];
    conv_run(up ? l->up : l->down, l->from, l->w, l->to, l->scratch);
    for (size_t i = 0; i < m; i++) y[i] = l->to[i];
}

static void keep(Lanczos *l, int row) {
    for (size_t i = 0; i < l->small; i++) l->kept[(size_t)row * l->small + i] = (float)l->v[i];
}

/* Takes from v what it shares with the vectors that are kept. */
static void make_orthogonal(Lanczos *l, int rows) {
    for (int r = 0; r < rows; r++) {
        const float *k = l->kept + (size_t)r * l->small;
        double dot = 0;
        for (size_t i = 0; i < l->small; i++) dot += l->v[i] * (double)k[i];
        for (size_t i = 0; i < l->small; i++) l->v[i] -= dot * (double)k[i];
    }
}

/* One more column: u = A v - beta u, v = A^T u - alpha v. False where there is no further one. */
static bool step(Lanczos *l, double *room, size_t most) {
    int j = l->steps++;
    apply(l, true, l->v, room);
    if (j) cblas_daxpy((int)l->large, -l->beta[j - 1], l->u, 1, room, 1);
    memcpy(l->u, room, l->large * sizeof *room);
    l->alpha[j] = scale_to_one(l->u, l->large);
    apply(l, false, l->u, room);
    cblas_daxpy((int)l->small, -l->alpha[j], l->v, 1, room, 1);
    memcpy(l->v, room, l->small * sizeof *room);
    make_orthogonal(l, l->steps);
    make_orthogonal(l, l->steps);
    l->beta[j] = scale_to_one(l->v, l->small);
    if ((size_t)l->steps == most || !(l->beta[j] > 1e-9 * l->alpha[0])) return false;
    keep(l, l->steps);
    return true;
}

/* Singular values of the upper bidiagonal matrix so far, descending. */
static int bidiagonal_values(const Lanczos *l, double *value, Error *err) {
    double off[STEPS_MOST];
    memcpy(value, l->alpha, (size_t)l->steps * sizeof *value);
    memcpy(off, l->beta, (size_t)l->steps * sizeof *off);
    lapack_int info = LAPACKE_dbdsdc(LAPACK_COL_MAJOR, 'U', 'N', l->steps, value, off, NULL, 1,
                                     NULL, 1, NULL, NULL);
    return lapack_check(info, err, "the singular values did not converge");
}

static int iterate(Lanczos *l, double *room, size_t k, double *value, size_t *found, Error *err) {
    double now[STEPS_MOST], before = -1;
    size_t most = least(l->small, STEPS_MOST);
    for (bool more = true; more;) {
        more = step(l, room, most);
        if (more && l->steps % LOOK_EVERY) continue;
        if (bidiagonal_values(l, now, err)) return -1;
        *found = least(k, (size_t)l->steps);
        double last = now[*found - 1];
        if (*found == k && fabs(last - before) <= TOLERANCE * now[0]) break;
        before = *found == k ? last : -1;
    }
    memcpy(value, now, *found * sizeof *value);
    return 0;
}

int operator_values(const ConvShape *s, const float *w, size_t k, double *value, size_t *found,
                    Error *err) {
    size_t in = s->cin, out = s->cout;
    for (int d = 0; d < s->dims; d++) in *= s->in[d], out *= s->out[d];
    Arena *arena = arena_new(NULL);
    const ConvPlan *forward = conv_plan(arena, s, CONV_FORWARD, CONV_DIRECT);
    const ConvPlan *data = conv_plan(arena, s, CONV_DATA, CONV_DIRECT);
    Lanczos l = {.w = w, .small = least(in, out), .large = in < out ? out : in};
    l.up = in < out ? forward : data;
    l.down = in < out ? data : forward;
    size_t scratch = conv_scratch(forward), other = conv_scratch(data);
    l.scratch = data_alloc((scratch > other ? scratch : other) + 64, err);
    l.from = data_alloc(2 * l.large * sizeof *l.from, err);
    l.kept = data_alloc((least(l.small, STEPS_MOST) + 1) * l.small * sizeof *l.kept, err);
    l.v = data_alloc((l.small + 2 * l.large) * sizeof *l.v, err);
    int bad = l.scratch && l.from && l.kept && l.v ? 0 : -1;
    if (!bad) {
        l.to = l.from + l.large;
        l.u = l.v + l.small;
        rng_normal((RngKey){.seed = SEED}, 0, l.small, l.from);
        for (size_t i = 0; i < l.small; i++) l.v[i] = l.from[i];
        scale_to_one(l.v, l.small);
        keep(&l, 0);
        bad = iterate(&l, l.u + l.large, k, value, found, err);
    }
    free(l.scratch);
    free(l.from);
    free(l.kept);
    free(l.v);
    arena_free(arena);
    return bad;
}
