/* mmd: squared maximum mean discrepancy between two sets of rows (Gretton et al. 2012, JMLR 13). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/dense.h"
#include "measure/distances.h"
#include "measure/metric.h"

enum { TILE = 64, CHUNK = 512, SCALES_MAX = 64, MEDIAN_ROWS = 500 };

typedef struct {
    const double *x, *xx;
    size_t n;
} Set;

static double kernel_sum(Kernel kernel, double distance, const double *scale, size_t ns) {
    double sum = 0;
    for (size_t s = 0; s < ns; s++)
        sum += kernel == KERNEL_RBF ? exp(-distance / (2 * scale[s] * scale[s]))
                                    : scale[s] / (scale[s] + distance);
    return sum;
}

/* Sum of the kernel over all pairs of rows of a and b, tile by tile of a. */
static int sum_pairs(Set a, Set b, size_t d, Kernel kernel, const double *scale, size_t ns,
                     double *out, Error *err) {
    size_t tiles = (a.n + TILE - 1) / TILE;
    double *part = data_alloc(tiles * sizeof *part, err);
    double *dist = data_alloc(tiles * TILE * CHUNK * sizeof *dist, err);
    int bad = part && dist ? 0 : -1;
#pragma omp parallel for schedule(dynamic)
    for (size_t t = 0; t < (bad ? 0 : tiles); t++) {
        size_t i = t * TILE, n = a.n - i < TILE ? a.n - i : TILE;
        double *at = dist + t * TILE * CHUNK;
        part[t] = 0;
        for (size_t j = 0; j < b.n; j += CHUNK) {
            size_t m = b.n - j < CHUNK ? b.n - j : CHUNK;
            squared_distances(a.x + i * d, a.xx + i, n, b.x + j * d, b.xx + j, m, d, at);
            for (size_t k = 0; k < n * m; k++) part[t] += kernel_sum(kernel, at[k], scale, ns);
        }
    }
    *out = 0;
    for (size_t t = 0; t < (bad ? 0 : tiles); t++) *out += part[t];
    free(part);
    free(dist);
    return bad;
}

int mmd_squared(const double *x, size_t nx, const double *y, size_t ny, size_t d, Kernel kernel,
                const double *scale, size_t ns, bool unbiased, double *out, Error *err) {
    if (unbiased && (nx < 2 || ny < 2))
        return fail(err, "the unbiased estimate needs two rows of each set");
    double *xx = data_alloc(nx * sizeof *xx, err), *yy = data_alloc(ny * sizeof *yy, err);
    double a, b, c, n = (double)nx, m = (double)ny;
    int bad = xx && yy ? 0 : -1;
    if (!bad) {
        squared_norms(x, nx, d, xx);
        squared_norms(y, ny, d, yy);
        Set p = {x, xx, nx}, q = {y, yy, ny};
        bad = sum_pairs(p, p, d, kernel, scale, ns, &a, err) < 0 ||
              sum_pairs(p, q, d, kernel, scale, ns, &b, err) < 0 ||
              sum_pairs(q, q, d, kernel, scale, ns, &c, err) < 0;
    }
    if (!bad) {
        /* a row's kernel with itself is the number of scales */
        double self = unbiased ? (double)ns : 0, less = unbiased ? 1 : 0;
        *out =
            (a - n * self) / (n * (n - less)) - 2 * b / (n * m) + (c - m * self) / (m * (m - less));
    }
    free(xx);
    free(yy);
    return bad ? -1 : 0;
}

/* The metric. */
typedef struct {
    const char *tensor, *range, *kernel, *scales;
    bool biased;
    uint64_t rows;
    double low, high, scale[SCALES_MAX];
    int count;
    Kernel kind;
} Options;

static int check(void *options, Error *err) {
    Options *o = options;
    o->kind = strcmp(o->kernel, "imq") ? KERNEL_RBF : KERNEL_IMQ;
    if (o->kind == KERNEL_RBF && strcmp(o->kernel, "rbf"))
        return fail(err, "--kernel: expected rbf or imq, found '%s'", o->kernel);
    if (o->scales && (o->count = parse_list(o->scales, o->scale, SCALES_MAX, err)) < 0)
        return fail_in(err, "--scales");
    return parse_range(o->range, &o->low, &o->high, err);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median distance between the first rows of the two sets. */
static int median_distance(const Matrix *a, const Matrix *b, double *median, Error *err) {
    size_t n = a->n < MEDIAN_ROWS ? a->n : MEDIAN_ROWS, m = b->n < MEDIAN_ROWS ? b->n : MEDIAN_ROWS;
    double *xx = data_alloc((n + m) * sizeof *xx, err),
           *dist = data_alloc(n * m * sizeof *dist, err);
    int bad = xx && dist ? 0 : -1;
    if (!bad) {
        squared_norms(a->x, n, a->d, xx);
        squared_norms(b->x, m, b->d, xx + n);
        squared_distances(a->x, xx, n, b->x, xx + n, m, a->d, dist);
        qsort(dist, n * m, sizeof *dist, ascending);
        *median = sqrt(dist[n * m / 2]);
        if (!(*median > 0)) bad = fail(err, "the median distance is 0: give --scales");
    }
    free(xx);
    free(dist);
    return bad;
}

static void report(const Options *o, double value, const char *scales, const Matrix *a,
                   const Matrix *b, Results *out) {
    result_begin(out, "mmd", value);
    result_text(out, "estimator", o->biased ? "biased" : "unbiased");
    result_text(out, "kernel", o->kernel);
    result_text(out, "scales", scales);
    result_int(out, "n_a", (int64_t)a->n);
    result_int(out, "n_b", (int64_t)b->n);
    result_int(out, "dim", (int64_t)a->d);
    result_text(out, "tensor", a->tensor);
    if (o->range) result_text(out, "range", o->range);
    result_end(out);
}

static int measure(const Options *o, const Matrix *a, const Matrix *b, Results *out, Error *err) {
    double scale[SCALES_MAX], value;
    char text[32];
    int count = o->count;
    memcpy(scale, o->scale, sizeof scale);
    if (!count) {
        if (median_distance(a, b, scale, err) < 0) return -1;
        if (o->kind == KERNEL_IMQ) scale[0] *= scale[0];
        count = 1;
    }
    if (mmd_squared(a->x, a->n, b->x, b->n, a->d, o->kind, scale, (size_t)count, !o->biased, &value,
                    err) < 0)
        return -1;
    report(o, value, o->count ? o->scales : real_text(scale[0], text, sizeof text), a, b, out);
    return 0;
}

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix m[2] = {{0}, {0}};
    int bad = 0;
    for (int i = 0; i < 2 && !bad; i++) {
        RowsSpec spec = {.path = inputs[i], .tensor = o->tensor, .low = o->low, .high = o->high};
        bad = matrix_load(&spec, AS_DOUBLE, (size_t)o->rows, &m[i], err);
    }
    if (!bad) bad = same_width(inputs[0], m[0].d, inputs[1], m[1].d, err);
    if (!bad) bad = measure(o, &m[0], &m[1], out, err);
    matrix_free(&m[0]);
    matrix_free(&m[1]);
    return bad;
}

static const Options defaults = {.tensor = "feature,image,point", .kernel = "rbf", .rows = 10000};

static const MetricOption options[] = {
    {"kernel", 'k', OPT_TEXT, "NAME", offsetof(Options, kernel),
     "rbf, exp(-d^2/(2 s^2)), or imq, c/(c + d^2) (rbf)", false},
    {"scales", 's', OPT_TEXT, "LIST", offsetof(Options, scales),
     "s or c, summed over (the median distance, or its square)", false},
    {"biased", 0, OPT_FLAG, NULL, offsetof(Options, biased),
     "count a row's pair with itself, as losses do", false},
    {"rows", 'n', OPT_U64, "N", offsetof(Options, rows), "use the first N of each (10000; 0: all)",
     false},
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), HELP_TENSOR, false},
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(Options, range), HELP_RANGE, false},
    {0},
};

const Metric metric_mmd = {
    "mmd",   "A B",           "Squared maximum mean discrepancy of two sets of rows.",
    2,       sizeof(Options), &defaults,
    options, check,           run};
