#include "maths/frechet.h"

#include "maths/dense.h"
#include "maths/lapack.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int gaussian_start(Gaussian *g, size_t d, Error *err) {
    size_t square;
    *g = (Gaussian){.d = d};
    if (d > 30000 || !size_mul(d, d, &square))
        return fail(err, "%zu features are too many for a covariance", d);
    g->pivot = calloc(d, sizeof *g->pivot);
    g->sum = calloc(d, sizeof *g->sum);
    g->outer = calloc(square, sizeof *g->outer);
    g->block = malloc(FRECHET_BLOCK * d * sizeof *g->block);
    if (g->pivot && g->sum && g->outer && g->block) return 0;
    gaussian_free(g);
    return fail(err, "out of memory: covariance of %zu features", d);
}

void gaussian_free(Gaussian *g) {
    free(g->pivot);
    free(g->sum);
    free(g->outer);
    free(g->block);
    *g = (Gaussian){0};
}

void gaussian_add(Gaussian *g, const double *x, size_t n) {
    size_t d = g->d;
    if (!n) return;
    if (!g->n) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++) g->pivot[j] += x[i * d + j] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++) {
            g->block[i * d + j] = x[i * d + j] - g->pivot[j];
            g->sum[j] += g->block[i * d + j];
        }
    }
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)d, (int)n, 1, g->block, (int)d, 1,
                g->outer, (int)d);
    g->n += n;
}

void gaussian_merge(Gaussian *g, const Gaussian *other) {
    size_t d = g->d;
    double m = (double)other->n, *shift = g->block;
    if (!g->n) memcpy(g->pivot, other->pivot, d * sizeof *g->pivot);
    for (size_t j = 0; j < d; j++) shift[j] = other->pivot[j] - g->pivot[j];
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++)
            g->outer[i * d + j] += other->outer[i * d + j] + shift[i] * other->sum[j] +
                                   other->sum[i] * shift[j] + m * shift[i] * shift[j];
    for (size_t j = 0; j < d; j++) g->sum[j] += other->sum[j] + m * shift[j];
    g->n += other->n;
}

int gaussian_finish(Gaussian *g, size_t ddof, Moments *out, Error *err) {
    size_t d = g->d;
    double n = (double)g->n;
    *out = (Moments){0};
    if (g->n <= ddof) {
        size_t have = g->n;
        gaussian_free(g);
        return fail(err, "%zu rows, a covariance needs at least %zu", have, ddof + 1);
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            double v = (g->outer[i * d + j] - g->sum[i] * g->sum[j] / n) / (n - (double)ddof);
            g->outer[i * d + j] = g->outer[j * d + i] = v;
        }
    for (size_t j = 0; j < d; j++) g->pivot[j] += g->sum[j] / n;
    *out = (Moments){.n = g->n, .d = d, .mean = g->pivot, .covariance = g->outer};
    g->pivot = g->outer = NULL;
    gaussian_free(g);
    return 0;
}

void moments_free(Moments *m) {
    free(m->mean);
    free(m->covariance);
    *m = (Moments){0};
}

static int check_elements(const double *c, size_t d, double *most, Error *err) {
    *most = 0;
    for (size_t i = 0; i < d; i++) {
        double v = c[i * d + i];
        if (!(v >= 0 && v <= COVARIANCE_LARGEST))
            return fail(err, "element [%zu,%zu] is %g, expected a square up to %g", i, i, v,
                        COVARIANCE_LARGEST);
        *most = fmax(*most, v);
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < i; j++) {
            double a = c[i * d + j], b = c[j * d + i], bound = sqrt(c[i * d + i] * c[j * d + j]);
            double slack = 1e-5 * bound + 1e-9 * *most;
            if (!(fabs(a - b) <= slack))
                return fail(err, "element [%zu,%zu] is %g, and %g across the diagonal", i, j, a, b);
            if (!(fabs(a) <= bound + slack))
                return fail(err, "element [%zu,%zu] is %g, expected at most %g", i, j, a, bound);
        }
    return 0;
}

/* What a pivoted Cholesky factor leaves out of c is 0 when c is positive semidefinite. l [d,d] is
 * scratch. */
static int check_definite(const double *c, size_t d, double most, double *l, size_t *pivot,
                          Error *err) {
    size_t rank;
    memcpy(l, c, d * d * sizeof *l);
    if (pivoted_cholesky(l, d, pivot, &rank, err) < 0) return -1;
    for (size_t i = rank; i < d; i++)
        for (size_t j = rank; j <= i; j++) {
            double left =
                c[pivot[i] * d + pivot[j]] - cblas_ddot((int)rank, l + i * d, 1, l + j * d, 1);
            if (!(fabs(left) <= 1e-3 * most)) return fail(err, "it is not positive semidefinite");
        }
    return 0;
}

int covariance_check(const double *c, size_t d, Error *err) {
    double most;
    if (check_elements(c, d, &most, err) < 0) return -1;
    double *l = data_alloc(d * d * sizeof *l, err);
    size_t *pivot = data_alloc(d * sizeof *pivot, err);
    int bad = l && pivot ? check_definite(c, d, most, l, pivot, err) : -1;
    free(l);
    free(pivot);
    return bad;
}

/* What rounding can make of a distance of 0, in parts of the traces: some epsilons a dimension. */
#define ROUNDING 1e-9

/* Replaces a covariance c [d,d] by a factor F [d,rank] with C = F F^T, its rows d apart; t is
 * scratch [d,d]. */
static int factor(double *c, size_t d, double *t, size_t *rank, Error *err) {
    size_t *pivot = malloc(d * sizeof *pivot);
    int bad = pivot ? pivoted_cholesky(c, d, pivot, rank, err) : fail(err, "out of memory");
    for (size_t i = 0; i < d && !bad; i++) memcpy(t + pivot[i] * d, c + i * d, d * sizeof *c);
    if (!bad) memcpy(c, t, d * d * sizeof *c);
    free(pivot);
    return bad;
}

/* tr (A B)^(1/2) from covariances a, b, which are replaced; t is scratch [d,d]. */
static int trace_root(double *a, double *b, size_t d, double *t, double *trace, Error *err) {
    size_t rank_a, rank_b;
    *trace = 0;
    if (factor(a, d, t, &rank_a, err) < 0 || factor(b, d, t, &rank_b, err) < 0) return -1;
    if (!rank_a || !rank_b) return 0;
    int n = (int)d, m = (int)rank_a, k = (int)rank_b;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, k, n, 1, a, n, b, n, 0, t, k);
    lapack_int info = /* the rows of t are columns here: the same values; a takes them */
        LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', k, m, t, k, a, NULL, k, NULL, m);
    if (lapack_check(info, err, "singular values of a covariance product did not converge"))
        return -1;
    for (int i = 0; i < (m < k ? m : k); i++) *trace += a[i];
    return 0;
}

int frechet_distance(Moments *a, Moments *b, Frechet *out, Error *err) {
    size_t d = a->d;
    if (b->d != d) return fail(err, "%zu features against %zu", d, b->d);
    double *scratch = malloc(d * d * sizeof *scratch), root = 0;
    if (!scratch) return fail(err, "out of memory: covariances of %zu features", d);
    *out = (Frechet){0, 0};
    for (size_t j = 0; j < d; j++) {
        out->mean_term += (a->mean[j] - b->mean[j]) * (a->mean[j] - b->mean[j]);
        out->covariance_term += a->covariance[j * d + j] + b->covariance[j * d + j];
    }
    int bad = trace_root(a->covariance, b->covariance, d, scratch, &root, err);
    double trace = out->covariance_term, left = trace - 2 * root;
    out->covariance_term = fmax(left, 0);
    free(scratch);
    if (!bad && left < -ROUNDING * trace)
        bad =
            fail(err, "the covariances' distance came out as %g of %g, which no rounding explains",
                 left, trace);
    return bad;
}

int frechet_bias(const Moments *m, double *bias, Error *err) {
    size_t d = m->d;
    double *c = malloc(d * d * sizeof *c), *l = malloc(d * sizeof *l), sum = 0;
    int bad = c && l ? 0 : fail(err, "out of memory: covariance of %zu features", d);
    if (!bad) {
        memcpy(c, m->covariance, d * d * sizeof *c);
        bad = lapack_check(LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'U', (int)d, c, (int)d, l), err,
                           "eigenvalues of a covariance did not converge");
    }
    for (size_t i = 0; i < d && !bad; i++) {
        if (l[i] <= 0) continue; /* of rounding */
        sum += l[i];
        for (size_t j = 0; j < d; j++)
            if (l[j] > 0) sum += 0.5 * l[i] * l[j] * (i == j ? 2 : 1) / (l[i] + l[j]);
    }
    *bias = m->n ? sum / (double)m->n : 0;
    free(c);
    free(l);
    return bad;
}
