#include "maths/hinge.h"

#include "base/random.h"

#include <math.h>
#include <stdlib.h>

enum { INNER_SWEEPS = 200 };

typedef struct {
    const float *x;
    const signed char *y;
    size_t n, d;
    const HingeParams *p;
    double *w, b, mu;     /* the multiplier; weight of the constraint's square */
    double sum;           /* sum a_i y_i */
    double *alpha, *norm; /* [n]; |x_i|^2 + mu */
    uint32_t *order;      /* [n]: the first `active` are looked at */
    size_t active, sweeps;
    double high, low; /* projected gradients of the sweep before: beyond them rows rest */
} Dual;

static double dot(const float *x, const double *w, size_t d) {
    double s = 0;
#pragma omp simd reduction(+ : s)
    for (size_t j = 0; j < d; j++) s += (double)x[j] * w[j];
    return s;
}

/* Moves one coordinate to its best place. Returns its projected gradient, or NAN when it rests. */
static double move(Dual *s, size_t i) {
    const float *row = s->x + i * s->d;
    double y = s->y[i], old = s->alpha[i],
           g = y * (dot(row, s->w, s->d) + s->b + s->mu * s->sum) - 1;
    if (old == 0 && g > s->high) return NAN;
    if (old == s->p->c && g < s->low) return NAN;
    double projected = old == 0 ? fmin(g, 0) : old == s->p->c ? fmax(g, 0) : g;
    if (projected == 0) return 0;
    double now = fmin(fmax(old - g / s->norm[i], 0), s->p->c), by = (now - old) * y;
    s->alpha[i] = now;
    s->sum += by;
    for (size_t j = 0; j < s->d; j++) s->w[j] += by * (double)row[j];
    return projected;
}

/* Goes through the active rows in a random order; the span of projected gradients. */
static double sweep(Dual *s) {
    double most = -INFINITY, least = INFINITY;
    Random r = random_at(s->p->seed, USE_PERMUTATION, s->sweeps++);
    for (size_t k = 0; k < s->active; k++) {
        size_t other = k + random_below(&r, (uint32_t)(s->active - k));
        uint32_t i = s->order[other];
        s->order[other] = s->order[k];
        s->order[k] = i;
        double g = move(s, i);
        if (isnan(g)) {
            s->active--;
            s->order[k] = s->order[s->active];
            s->order[s->active] = i;
            k--;
            continue;
        }
        most = fmax(most, g);
        least = fmin(least, g);
    }
    s->high = most > 0 ? most : INFINITY;
    s->low = least < 0 ? least : -INFINITY;
    return s->active ? most - least : 0;
}

/* The best alpha for the multiplier at hand; the violation that is left. */
static double descend(Dual *s, double tolerance) {
    double span = INFINITY;
    s->active = 0;
    for (size_t k = 0; k < INNER_SWEEPS && s->sweeps < s->p->sweeps; k++) {
        if (!s->active || span <= tolerance) { /* rows that rest are looked at again */
            s->active = s->n;
            s->high = INFINITY, s->low = -INFINITY;
        }
        span = sweep(s);
        if (span <= tolerance && s->active == s->n) break;
    }
    return span;
}

static int solve(Dual *s, double *violation) {
    double scale = 0, tolerance = s->p->tolerance;
    for (size_t i = 0; i < s->n; i++) {
        double square = 0;
        for (size_t j = 0; j < s->d; j++) {
            double v = (double)s->x[i * s->d + j];
            square += v * v;
        }
        s->norm[i] = square;
        scale += square / (double)s->n;
        s->order[i] = (uint32_t)i;
    }
    /* as heavy as a feature of a few times the usual size */
    s->mu = 10 * (scale > 0 ? scale / (double)s->d : 1);
    for (size_t i = 0; i < s->n; i++) s->norm[i] += s->mu;
    for (double inner = 0.1;; inner = fmax(inner / 4, tolerance / 2)) {
        double span = descend(s, inner), off = fabs(s->mu * s->sum);
        *violation = fmax(span, off);
        s->b += s->mu * s->sum;
        if (*violation <= tolerance || s->sweeps >= s->p->sweeps) return 0;
    }
}

int hinge_solve(const float *x, const signed char *y, size_t n, size_t d, const HingeParams *p,
                double *w, double *b, double *violation, Error *err) {
    Dual s = {.x = x, .y = y, .n = n, .d = d, .p = p, .w = w};
    if (n >= UINT32_MAX) return fail(err, "more than %u rows", UINT32_MAX - 1);
    s.alpha = calloc(n, sizeof *s.alpha);
    s.norm = data_alloc(n * sizeof *s.norm, err);
    s.order = data_alloc(n * sizeof *s.order, err);
    int bad = s.alpha && s.norm && s.order ? 0 : fail(err, "out of memory");
    for (size_t j = 0; j < d; j++) w[j] = 0;
    if (!bad) bad = solve(&s, violation);
    *b = s.b;
    free(s.alpha);
    free(s.norm);
    free(s.order);
    return bad;
}
