#include "maths/gaussians.h"

#include "base/random.h"
#include "base/rng.h"
#include "maths/dense.h"
#include "maths/kmeans.h"
#include "maths/lapack.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, KMEANS_ITERATIONS = 100 };

void gaussians_free(Gaussians *g) {
    free(g->weight);
    free(g->mean);
    free(g->spread);
    *g = (Gaussians){0};
}

static int gaussians_new(Gaussians *g, size_t k, size_t d, bool full, Error *err) {
    size_t spread;
    *g = (Gaussians){.k = k, .d = d, .full = full};
    if (d > INT_MAX || !size_mul(k, d, &spread) || (full && !size_mul(spread, d, &spread)) ||
        !size_mul(spread, sizeof(double), &spread))
        return fail(err, "%zu components of %zu numbers are too many", k, d);
    g->weight = data_alloc(k * sizeof(double), err);
    g->mean = data_alloc(k * d * sizeof(double), err);
    g->spread = data_alloc(spread, err);
    if (!g->weight || !g->mean || !g->spread) {
        gaussians_free(g);
        return -1;
    }
    /* deviations of 1, for components that never get a row */
    for (size_t i = 0, side = full ? d : 1; i < k * d * side; i++)
        g->spread[i] = !full || i / d % d == i % d;
    return 0;
}

/* [BLOCK,d] for each thread. */
static double *thread_blocks(size_t d, Error *err) {
    return data_alloc((size_t)omp_get_max_threads() * BLOCK * d * sizeof(double), err);
}

/* ---- densities ---- */

/* y = S^-1 (x - mean) of each row, S being the component's spread: the squares of y sum to the
 * Mahalanobis distance. */
static void whiten(const Gaussians *g, size_t c, const double *x, size_t n, double *y) {
    size_t d = g->d;
    const double *mean = g->mean + c * d, *spread = g->spread + c * d * (g->full ? d : 1);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            double v = x[i * d + j] - mean[j];
            y[i * d + j] = g->full ? v : v / spread[j];
        }
    if (g->full)
        cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)n, (int)d,
                    1, spread, (int)d, y, (int)d);
}

/* log weight - d/2 log 2 pi - log det S */
static double constant(const Gaussians *g, size_t c) {
    size_t d = g->d, step = g->full ? d + 1 : 1;
    const double *spread = g->spread + c * d * (g->full ? d : 1);
    double sum = log(g->weight[c]) - 0.5 * (double)d * log(2 * M_PI);
    for (size_t j = 0; j < d; j++) sum -= log(spread[j * step]);
    return sum;
}

static double log_sum(const double *x, size_t n) {
    double most = x[0], sum = 0;
    for (size_t c = 1; c < n; c++) most = fmax(most, x[c]);
    for (size_t c = 0; c < n; c++) sum += exp(x[c] - most);
    return most + log(sum);
}

/* At most BLOCK rows; y [BLOCK,d] and distance [BLOCK] are scratch. */
static void log_block(const Gaussians *g, const double *x, size_t n, double *joint,
                      double *likelihood, double *y, double *distance) {
    for (size_t c = 0; c < g->k; c++) {
        double first = constant(g, c);
        whiten(g, c, x, n, y);
        squared_norms(y, n, g->d, distance);
        for (size_t i = 0; i < n; i++) joint[i * g->k + c] = first - distance[i] / 2;
    }
    for (size_t i = 0; i < n; i++) likelihood[i] = log_sum(joint + i * g->k, g->k);
}

int gaussians_log(const Gaussians *g, const double *x, size_t n, double *joint, double *likelihood,
                  Error *err) {
    double *scratch = thread_blocks(g->d, err);
    if (!scratch) return -1;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i += BLOCK) {
        double distance[BLOCK], *y = scratch + (size_t)omp_get_thread_num() * BLOCK * g->d;
        log_block(g, x + i * g->d, n - i < BLOCK ? n - i : BLOCK, joint + i * g->k, likelihood + i,
                  y, distance);
    }
    free(scratch);
    return 0;
}

/* ---- fitting ---- */

/* The rows of one component by how much of each belongs to it: share[i * step]. */
typedef struct {
    const double *x, *share;
    size_t n, step;
    double floor;
} Part;

static void fit_mean(const Part *p, size_t d, double total, double *mean) {
    memset(mean, 0, d * sizeof *mean);
    for (size_t i = 0; i < p->n; i++) {
        double r = p->share[i * p->step];
        for (size_t j = 0; j < d && r > 0; j++) mean[j] += r * p->x[i * d + j];
    }
    for (size_t j = 0; j < d; j++) mean[j] /= total;
}

static void fit_deviations(const Part *p, size_t d, double total, const double *mean, double *out) {
    memset(out, 0, d * sizeof *out);
    for (size_t i = 0; i < p->n; i++) {
        double r = p->share[i * p->step];
        for (size_t j = 0; j < d && r > 0; j++)
            out[j] += r * (p->x[i * d + j] - mean[j]) * (p->x[i * d + j] - mean[j]);
    }
    for (size_t j = 0; j < d; j++) out[j] = sqrt(out[j] / total + p->floor);
}

/* The factor of a covariance; y [BLOCK,d] is scratch. False when it has none. */
static bool fit_factor(const Part *p, size_t d, double total, const double *mean, double *out,
                       double *y) {
    memset(out, 0, d * d * sizeof *out);
    for (size_t i = 0; i < p->n; i += BLOCK) {
        size_t rows = p->n - i < BLOCK ? p->n - i : BLOCK;
        for (size_t k = 0; k < rows; k++)
            for (size_t j = 0; j < d; j++)
                y[k * d + j] =
                    sqrt(p->share[(i + k) * p->step] / total) * (p->x[(i + k) * d + j] - mean[j]);
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)d, (int)rows, 1, y, (int)d, 1, out,
                    (int)d);
    }
    for (size_t j = 0; j < d; j++) out[j * d + j] += p->floor;
    lapack_int info = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)d, out, (lapack_int)d);
    if (lapack_out_of_memory(info)) memory_exhausted();
    return info == 0;
}

/* A component to which nothing belongs any more keeps its place, with weight 0. */
static bool fit_component(Gaussians *g, size_t c, const Part *p, double *y) {
    double total = 0, *mean = g->mean + c * g->d;
    for (size_t i = 0; i < p->n; i++) total += p->share[i * p->step];
    g->weight[c] = total / (double)p->n;
    if (!(total > 0)) return true;
    fit_mean(p, g->d, total, mean);
    if (g->full) return fit_factor(p, g->d, total, mean, g->spread + c * g->d * g->d, y);
    fit_deviations(p, g->d, total, mean, g->spread + c * g->d);
    return true;
}

/* share [n,k]: how much of each row belongs to each component. */
static int maximise(Gaussians *g, const double *x, size_t n, const double *share, double floor,
                    Error *err) {
    int bad = 0;
    double *scratch = thread_blocks(g->d, err);
    if (!scratch) return -1;
#pragma omp parallel for schedule(dynamic)
    for (size_t c = 0; c < g->k; c++) {
        Part p = {x, share + c, n, g->k, floor};
        bool good = fit_component(g, c, &p, scratch + (size_t)omp_get_thread_num() * BLOCK * g->d);
#pragma omp critical
        if (!good)
            bad = fail(err,
                       "the covariance of component %zu has no inverse: add more to its variances "
                       "by --floor",
                       c);
    }
    free(scratch);
    return bad;
}

static int start(Gaussians *g, const GaussiansWant *want, const double *x, size_t n, double *share,
                 Error *err) {
    size_t *cluster = data_alloc(n * sizeof *cluster, err);
    int bad = cluster
                  ? kmeans(x, n, g->d, g->k, want->seed, KMEANS_ITERATIONS, g->mean, cluster, err)
                  : -1;
    memset(share, 0, n * g->k * sizeof *share);
    for (size_t i = 0; i < n && !bad; i++) share[i * g->k + cluster[i]] = 1;
    free(cluster);
    return bad ? bad : maximise(g, x, n, share, want->floor, err);
}

/* Turns joint into shares; returns the mean log-likelihood. */
static double expect(double *joint, const double *likelihood, size_t n, size_t k) {
    double sum = 0;
#pragma omp parallel for
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < k; c++) joint[i * k + c] = exp(joint[i * k + c] - likelihood[i]);
    for (size_t i = 0; i < n; i++) sum += likelihood[i];
    return sum / (double)n;
}

static int improve(Gaussians *g, const GaussiansWant *want, const double *x, size_t n,
                   double *share, double *likelihood, GaussiansFit *fit, Error *err) {
    *fit = (GaussiansFit){0};
    for (double before = -INFINITY;; before = fit->likelihood, fit->iterations++) {
        if (gaussians_log(g, x, n, share, likelihood, err) < 0) return -1;
        fit->likelihood = expect(share, likelihood, n, g->k);
        fit->converged = fit->likelihood - before < want->tolerance;
        if (fit->converged || fit->iterations == want->iterations) return 0;
        if (maximise(g, x, n, share, want->floor, err) < 0) return -1;
    }
}

int gaussians_fit(Gaussians *g, const GaussiansWant *want, const double *x, size_t n, size_t d,
                  GaussiansFit *fit, Error *err) {
    size_t k = want->components, bytes;
    *g = (Gaussians){0};
    if (k > n) return fail(err, "%zu components need as many rows, there are %zu", k, n);
    if (!size_mul(n, k, &bytes) || !size_mul(bytes, sizeof(double), &bytes))
        return fail(err, "%zu components of %zu rows are too many", k, n);
    double *share = data_alloc(bytes, err), *likelihood = data_alloc(n * sizeof *likelihood, err);
    int bad = share && likelihood ? gaussians_new(g, k, d, want->full, err) : -1;
    if (!bad) bad = start(g, want, x, n, share, err);
    if (!bad) bad = improve(g, want, x, n, share, likelihood, fit, err);
    free(share);
    free(likelihood);
    if (bad) gaussians_free(g);
    return bad;
}

/* ---- drawing ---- */

int gaussians_draw(const Gaussians *g, uint64_t seed, size_t n, double *out, int64_t *component,
                   Error *err) {
    size_t d = g->d;
    float *normal = data_alloc(d * sizeof *normal, err);
    for (size_t i = 0; i < n && normal; i++, out += d) {
        double u = draw_uniform(seed, 0, i);
        size_t c = 0;
        for (double at = g->weight[0]; c + 1 < g->k && u >= at;) at += g->weight[++c];
        component[i] = (int64_t)c;
        rng_normal((RngKey){.seed = seed, .use = 1, .draw = i}, 0, d, normal);
        const double *mean = g->mean + c * d, *spread = g->spread + c * d * (g->full ? d : 1);
        for (size_t j = 0; j < d; j++) {
            double v = mean[j];
            if (!g->full) v += spread[j] * (double)normal[j];
            for (size_t k = 0; k <= j && g->full; k++) v += spread[j * d + k] * (double)normal[k];
            out[j] = v;
        }
    }
    free(normal);
    return normal ? 0 : -1;
}
