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

/* Steps of a run for k values: STEPS_LEAST + 2k at most, looked at every LOOK_EVERY. */
enum { STEPS_LEAST = 200, LOOK_EVERY = 8, RESTARTS = 50, SEED = 1 };
static const double TOLERANCE = 1e-6; /* of the largest */

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

/* The map between its smaller side, whose vectors are kept, and its larger one. A run begins with
 * a vector that is orthogonal to those found before and sees only what they leave, which is how the
 * second of two equal values comes to light. */
typedef struct {
    const ConvPlan *up, *down; /* from the smaller side to the larger, and its adjoint */
    const float *w;
    void *scratch;
    size_t small, large, k, most; /* values that are wanted, and steps of a run */
    float *from, *to;             /* what the engine reads and writes */
    double *v, *u, *room;         /* the vectors of now, of either side; one of the larger */
    float *kept;                  /* [k + most + 1][small]: singular vectors, those of the run */
    double *found;                /* [k] values of the singular vectors */
    size_t count, runs, restarts;
    bool again;           /* the run begins with v */
    double *alpha, *beta; /* [most] the bidiagonal matrix */
    double *ritz, *off;   /* [most] its values; its elements beside the diagonal */
    double *left, *right; /* [most][most] its vectors: columns, rows */
    size_t steps;
} Lanczos;

static float *kept_row(const Lanczos *l, size_t row) { return l->kept + row * l->small; }

static void apply(Lanczos *l, bool up, const double *x, double *y) {
    size_t n = up ? l->small : l->large, m = up ? l->large : l->small;
    for (size_t i = 0; i < n; i++) l->from[i] = (float)x[i];
    conv_run(up ? l->up : l->down, l->from, l->w, l->to, l->scratch);
    for (size_t i = 0; i < m; i++) y[i] = l->to[i];
}

static void keep(Lanczos *l, size_t row) {
    for (size_t i = 0; i < l->small; i++) kept_row(l, row)[i] = (float)l->v[i];
}

/* Takes from v what it shares with rows that are kept. */
static void project_out(Lanczos *l, size_t row, size_t rows) {
    for (size_t r = row; r < row + rows; r++) {
        const float *k = kept_row(l, r);
        double dot = 0;
        for (size_t i = 0; i < l->small; i++) dot += l->v[i] * (double)k[i];
        for (size_t i = 0; i < l->small; i++) l->v[i] -= dot * (double)k[i];
    }
}

/* Twice, since the first time leaves what rounding does. */
static void make_orthogonal(Lanczos *l) {
    for (int i = 0; i < 2; i++) {
        project_out(l, 0, l->count);
        project_out(l, l->k, l->steps);
    }
}

/* A vector to begin with; false where those found span the whole side. */
static bool begin(Lanczos *l) {
    if (l->count == l->small) return false;
    if (!l->again) {
        rng_normal((RngKey){.seed = SEED, .draw = l->runs++}, 0, l->small, l->from);
        for (size_t i = 0; i < l->small; i++) l->v[i] = l->from[i];
    }
    l->again = false;
    l->steps = 0;
    make_orthogonal(l);
    scale_to_one(l->v, l->small);
    keep(l, l->k);
    return true;
}

/* One more column: u = A v - beta u, v = A^T u - alpha v. False where there is no further one. */
static bool step(Lanczos *l) {
    size_t j = l->steps++;
    apply(l, true, l->v, l->room);
    if (j) cblas_daxpy((int)l->large, -l->beta[j - 1], l->u, 1, l->room, 1);
    memcpy(l->u, l->room, l->large * sizeof *l->room);
    l->alpha[j] = scale_to_one(l->u, l->large);
    apply(l, false, l->u, l->room);
    cblas_daxpy((int)l->small, -l->alpha[j], l->v, 1, l->room, 1);
    memcpy(l->v, l->room, l->small * sizeof *l->room);
    make_orthogonal(l);
    l->beta[j] = scale_to_one(l->v, l->small);
    if (l->count + l->steps == l->small || !(l->beta[j] > 1e-9 * l->alpha[0])) {
        l->beta[j] = 0; /* all that there is */
        return false;
    }
    keep(l, l->k + l->steps);
    return true;
}

/* Singular values and vectors of the upper bidiagonal matrix so far, descending. */
static int solve(Lanczos *l, Error *err) {
    lapack_int n = (lapack_int)l->steps;
    memcpy(l->ritz, l->alpha, l->steps * sizeof *l->ritz);
    memcpy(l->off, l->beta, l->steps * sizeof *l->off);
    lapack_int info = LAPACKE_dbdsdc(LAPACK_COL_MAJOR, 'U', 'I', n, l->ritz, l->off, l->left, n,
                                     l->right, n, NULL, NULL);
    return lapack_check(info, err, "the singular values did not converge");
}

static size_t least_place(const Lanczos *l) {
    size_t least = 0;
    for (size_t i = 1; i < l->count; i++)
        if (l->found[i] < l->found[least]) least = i;
    return least;
}

/* The least of k that are found; below any value where there are fewer. */
static double least_found(const Lanczos *l) {
    return l->count < l->k ? -1 : l->found[least_place(l)];
}

/* From the i-th value of the run to the nearest that is not the same within `same`. */
static double gap(const Lanczos *l, size_t i, double same) {
    double least = INFINITY;
    for (size_t j = 0; j < l->steps; j++) {
        double d = fabs(l->ritz[j] - l->ritz[i]);
        if (d > same && d < least) least = d;
    }
    return least;
}

/* How many of the run's values, from the largest on, are those of the map. The residual, |A'u - s
 * v|, is beta times the last number of the left vector; a value is no further off than that, nor
 * than its square by the gap to others (Parlett 1998, 11.7). */
static size_t converged(const Lanczos *l) {
    double largest = l->ritz[0];
    for (size_t i = 0; i < l->count; i++) largest = fmax(largest, l->found[i]);
    double most = TOLERANCE * largest;
    size_t n = 0;
    for (; n < l->steps; n++) {
        double residual = l->beta[l->steps - 1] * fabs(l->left[(n + 1) * l->steps - 1]);
        if (!(residual <= most || residual * residual <= most * gap(l, n, most))) break;
    }
    return n;
}

/* v = the i-th singular vector of the run. */
static void vector(Lanczos *l, size_t i) {
    memset(l->v, 0, l->small * sizeof *l->v);
    for (size_t j = 0; j < l->steps; j++) {
        const float *row = kept_row(l, l->k + j);
        double share = l->right[j * l->steps + i];
        for (size_t c = 0; c < l->small; c++) l->v[c] += share * (double)row[c];
    }
    scale_to_one(l->v, l->small);
}

/* Takes the i-th value of the run among those found, in the place of the least of k. */
static void take(Lanczos *l, size_t i) {
    size_t at = l->count < l->k ? l->count++ : least_place(l);
    vector(l, i);
    l->found[at] = l->ritz[i];
    keep(l, at);
}

/* Nothing converged: another run begins with what is nearest. */
static int restart(Lanczos *l, Error *err) {
    if (l->restarts++ == RESTARTS)
        return fail(err, "the singular values did not converge in %d runs of %zu steps", RESTARTS,
                    l->steps);
    memset(l->room, 0, l->small * sizeof *l->room);
    for (size_t i = 0; i < l->k && i < l->steps; i++) {
        vector(l, i);
        cblas_daxpy((int)l->small, 1, l->v, 1, l->room, 1);
    }
    memcpy(l->v, l->room, l->small * sizeof *l->v);
    l->again = true;
    return 0;
}

/* One run, until as many values are found as are wanted, or one that is not above those found
 * already, which ends the search: *over. */
static int run(Lanczos *l, bool *over, Error *err) {
    double least = least_found(l), bound = least * (1 + TOLERANCE);
    size_t n = 0;
    for (bool more = true, enough = false; more && !enough;) {
        more = step(l) && l->steps < l->most;
        if (more && l->steps % LOOK_EVERY) continue;
        if (solve(l, err)) return -1;
        n = converged(l);
        enough = n >= l->k || (n && l->ritz[n - 1] <= bound);
    }
    if (!n) return restart(l, err);
    *over = l->count == l->k && l->ritz[0] <= bound;
    for (size_t i = 0; i < n && i < l->k && l->ritz[i] > least; i++) {
        take(l, i);
        least = least_found(l);
    }
    return 0;
}

static int search(Lanczos *l, Error *err) {
    bool over = false;
    while (!over && begin(l))
        if (run(l, &over, err)) return -1;
    return 0;
}

/* Room for all; false where there is none. */
static bool allocate(Lanczos *l, size_t scratch, Error *err) {
    size_t rows = l->k + l->most + 1;
    l->scratch = data_alloc(scratch + 64, err);
    l->from = data_alloc(2 * l->large * sizeof *l->from, err);
    l->kept = data_alloc(rows * l->small * sizeof *l->kept, err);
    l->v = data_alloc((l->small + 2 * l->large) * sizeof *l->v, err);
    l->found = data_alloc((l->k + 4 * l->most + 2 * l->most * l->most) * sizeof *l->found, err);
    if (!l->scratch || !l->from || !l->kept || !l->v || !l->found) return false;
    l->to = l->from + l->large;
    l->u = l->v + l->small;
    l->room = l->u + l->large;
    l->alpha = l->found + l->k;
    l->beta = l->alpha + l->most;
    l->ritz = l->beta + l->most;
    l->off = l->ritz + l->most;
    l->left = l->off + l->most;
    l->right = l->left + l->most * l->most;
    return true;
}

int operator_values(const ConvShape *s, const float *w, size_t k, double *value, size_t *found,
                    Error *err) {
    size_t in = s->cin, out = s->cout;
    for (int d = 0; d < s->dims; d++) in *= s->in[d], out *= s->out[d];
    Arena *arena = arena_new(NULL);
    const ConvPlan *forward = conv_plan(arena, s, CONV_FORWARD, CONV_DIRECT);
    const ConvPlan *data = conv_plan(arena, s, CONV_DATA, CONV_DIRECT);
    Lanczos l = {.w = w, .small = least(in, out), .large = in < out ? out : in};
    l.k = least(k, l.small);
    l.most = least(l.small, STEPS_LEAST + 2 * l.k);
    l.up = in < out ? forward : data;
    l.down = in < out ? data : forward;
    size_t scratch = conv_scratch(forward), other = conv_scratch(data);
    int bad = allocate(&l, scratch > other ? scratch : other, err) ? search(&l, err) : -1;
    if (!bad) {
        *found = l.count;
        sort_ascending(l.found, l.count);
        for (size_t i = 0; i < l.count; i++) value[i] = l.found[l.count - 1 - i];
    }
    free(l.scratch);
    free(l.from);
    free(l.kept);
    free(l.v);
    free(l.found);
    arena_free(arena);
    return bad;
}
