#include "measure/frechet.h"

#include "measure/dense.h"
#include "measure/metric.h"

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

void gaussian_moments(const Gaussian *g, double *mean, double *covariance) {
    size_t d = g->d;
    double n = (double)g->n;
    for (size_t j = 0; j < d; j++) mean[j] = g->pivot[j] + g->sum[j] / n;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j <= i; j++) {
            double v = (g->outer[i * d + j] - g->sum[i] * g->sum[j] / n) / (n - 1);
            covariance[i * d + j] = covariance[j * d + i] = v;
        }
    }
}

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
    if (info) return fail(err, "singular values of a covariance product did not converge");
    for (int i = 0; i < (m < k ? m : k); i++) *trace += a[i];
    return 0;
}

int frechet_distance(const Gaussian *a, const Gaussian *b, Frechet *out, Error *err) {
    size_t d = a->d, square = d * d;
    if (b->d != d) return fail(err, "%zu features against %zu", d, b->d);
    if (a->n < 2 || b->n < 2) return fail(err, "a covariance needs at least 2 rows");
    double *mean = malloc(2 * d * sizeof *mean), *work = malloc(3 * square * sizeof *work);
    int bad = mean && work ? 0 : fail(err, "out of memory: covariances of %zu features", d);
    if (!bad) {
        double *ca = work, *cb = work + square, root = 0;
        gaussian_moments(a, mean, ca);
        gaussian_moments(b, mean + d, cb);
        *out = (Frechet){0, 0};
        for (size_t j = 0; j < d; j++) {
            out->mean_term += (mean[j] - mean[d + j]) * (mean[j] - mean[d + j]);
            out->covariance_term += ca[j * d + j] + cb[j * d + j];
        }
        bad = trace_root(ca, cb, d, work + 2 * square, &root, err);
        out->covariance_term -= 2 * root;
    }
    free(mean);
    free(work);
    return bad;
}

/* The metric. */
typedef struct {
    const char *tensor;
} Options;

static int read_gaussian(const char *path, const char *name, Gaussian *g, char *tensor, size_t size,
                         Error *err) {
    Rows *r = rows_open(&(RowsSpec){.path = path, .tensor = name}, err);
    if (!r) return -1;
    snprintf(tensor, size, "%s", rows_tensor(r));
    double *x = data_alloc(FRECHET_BLOCK * rows_width(r) * sizeof *x, err);
    ssize_t n = x ? gaussian_start(g, rows_width(r), err) : -1;
    if (!n) {
        while ((n = rows_read(r, FRECHET_BLOCK, x, NULL, err)) > 0) gaussian_add(g, x, (size_t)n);
        if (!n && g->n < 2)
            n = fail(err, "%s: %zu rows, a covariance needs at least 2", path, g->n);
    }
    free(x);
    rows_close(r);
    return (int)n;
}

static void report(const Gaussian *a, const Gaussian *b, const Frechet *f, const char *tensor,
                   Results *out) {
    result_begin(out, "fid", f->mean_term + f->covariance_term);
    result_text(out, "protocol", "features");
    result_int(out, "n_a", (int64_t)a->n);
    result_int(out, "n_b", (int64_t)b->n);
    result_int(out, "dim", (int64_t)a->d);
    result_int(out, "ddof", 1);
    result_text(out, "precision", "float64");
    result_real(out, "mean_term", f->mean_term);
    result_real(out, "covariance_term", f->covariance_term);
    result_text(out, "tensor", tensor);
    if (a->n <= a->d || b->n <= b->d)
        result_text(out, "note", "rows do not exceed dimensions: singular covariance, biased");
    result_end(out);
}

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    Gaussian a = {0}, b = {0};
    Frechet f;
    char tensor[96];
    int bad = read_gaussian(inputs[0], o->tensor, &a, tensor, sizeof tensor, err);
    if (!bad) bad = read_gaussian(inputs[1], o->tensor, &b, tensor, sizeof tensor, err);
    if (!bad) bad = same_width(inputs[0], a.d, inputs[1], b.d, err);
    if (!bad) bad = frechet_distance(&a, &b, &f, err);
    if (!bad) report(&a, &b, &f, tensor, out);
    gaussian_free(&a);
    gaussian_free(&b);
    return bad;
}

static const Options defaults = {.tensor = "feature"};

static const MetricOption options[] = {
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), HELP_TENSOR " (feature)", false},
    {0},
};

const Metric metric_fid = {"fid",
                           "A B",
                           "Frechet distance between Gaussians fitted to two sets of feature rows.",
                           2,
                           sizeof(Options),
                           &defaults,
                           options,
                           NULL,
                           run};
