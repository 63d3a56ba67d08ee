/* wasserstein: the Wasserstein distance between two sets of numbers, and, of rows, its mean along
 * random directions (Rabin et al. 2011). */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "measure/distances.h"
#include "measure/metric.h"

enum { DIRECTIONS_MAX = 1000000 };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Both quantile functions are steps; the integral goes from step to step of either. */
double wasserstein_line(double *x, size_t nx, double *y, size_t ny, double p) {
    qsort(x, nx, sizeof *x, ascending);
    qsort(y, ny, sizeof *y, ascending);
    double sum = 0, at = 0;
    for (size_t i = 0, j = 0; i < nx && j < ny;) {
        double next_x = (double)(i + 1) / (double)nx, next_y = (double)(j + 1) / (double)ny;
        double next = fmin(next_x, next_y), gap = fabs(x[i] - y[j]);
        sum += (next - at) * (p == 1 ? gap : pow(gap, p));
        at = next;
        i += next_x <= next;
        j += next_y <= next;
    }
    return sum;
}

static void project(const double *x, size_t n, size_t d, const float *direction, double scale,
                    double *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t j = 0; j < d; j++) out[i] += x[i * d + j] * (double)direction[j];
        out[i] *= scale;
    }
}

static double one_direction(const double *x, size_t nx, const double *y, size_t ny, size_t d,
                            double p, RngKey key, float *direction, double *px, double *py) {
    double squares = 0;
    rng_normal(key, 0, d, direction);
    for (size_t j = 0; j < d; j++) squares += (double)direction[j] * (double)direction[j];
    project(x, nx, d, direction, 1 / sqrt(squares), px);
    project(y, ny, d, direction, 1 / sqrt(squares), py);
    return wasserstein_line(px, nx, py, ny, p);
}

int wasserstein_sliced(const double *x, size_t nx, const double *y, size_t ny, size_t d, double p,
                       size_t count, uint64_t seed, double *mean, double *error, Error *err) {
    double *value = data_alloc(count * sizeof *value, err);
    int bad = value ? 0 : -1;
#pragma omp parallel
    {
        Error own;
        double *px = data_alloc(nx * sizeof *px, &own), *py = data_alloc(ny * sizeof *py, &own);
        float *direction = data_alloc(d * sizeof *direction, &own);
        bool good = value && px && py && direction;
#pragma omp critical
        if (!good) bad = -1;
#pragma omp for schedule(dynamic)
        for (size_t k = 0; k < count; k++) {
            RngKey key = {.seed = seed, .draw = k};
            if (good) value[k] = one_direction(x, nx, y, ny, d, p, key, direction, px, py);
        }
        free(px);
        free(py);
        free(direction);
    }
    double sum = 0, squares = 0, n = (double)count;
    for (size_t k = 0; !bad && k < count; k++) sum += value[k];
    *mean = sum / n;
    for (size_t k = 0; !bad && k < count; k++) squares += (value[k] - *mean) * (value[k] - *mean);
    *error = count > 1 ? sqrt(squares / (n - 1) / n) : 0;
    free(value);
    return bad ? fail(err, "out of memory") : 0;
}

/* ---- the metric ---- */

typedef struct {
    const char *tensor, *range;
    uint64_t order, directions, rows, seed;
    double low, high;
} Options;

static void report(const Options *o, const Matrix *a, const Matrix *b, double value, double error,
                   Results *out) {
    result_begin(out, "wasserstein", value);
    result_int(out, "order", (int64_t)o->order);
    if (a->d == 1) {
        result_text(out, "directions", "the line itself");
    } else {
        result_real(out, "error", error);
        result_int(out, "directions", (int64_t)o->directions);
        result_int(out, "seed", (int64_t)o->seed);
    }
    result_int(out, "n_a", (int64_t)a->n);
    result_int(out, "n_b", (int64_t)b->n);
    result_int(out, "dim", (int64_t)a->d);
    result_text(out, "tensor", a->tensor);
    if (o->range) result_text(out, "range", o->range);
    result_end(out);
}

/* The root of the mean of order 2, and its error by the root's slope. */
static int compare(const Options *o, const Matrix *a, const Matrix *b, Results *out, Error *err) {
    double value, error = 0;
    if (a->d == 1)
        value = wasserstein_line(a->x, a->n, b->x, b->n, (double)o->order);
    else if (wasserstein_sliced(a->x, a->n, b->x, b->n, a->d, (double)o->order, o->directions,
                                o->seed, &value, &error, err))
        return -1;
    if (o->order == 2) {
        value = sqrt(value);
        error = value > 0 ? error / (2 * value) : 0;
    }
    report(o, a, b, value, error, out);
    return 0;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (o->order != 1 && o->order != 2)
        return fail(err, "--order: expected 1 or 2, found %zu", (size_t)o->order);
    if (!o->directions || o->directions > DIRECTIONS_MAX)
        return fail(err, "--directions: expected 1 to %d", DIRECTIONS_MAX);
    return parse_range(o->range, &o->low, &o->high, err);
}

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix a = {0}, b = {0};
    RowsSpec spec = {.path = inputs[0], .tensor = o->tensor, .low = o->low, .high = o->high};
    int bad = matrix_load(&spec, AS_DOUBLE, o->rows, &a, err);
    spec.path = inputs[1];
    if (!bad) bad = matrix_load(&spec, AS_DOUBLE, o->rows, &b, err);
    if (!bad) bad = same_width(inputs[0], a.d, inputs[1], b.d, err);
    if (!bad) bad = compare(o, &a, &b, out, err);
    matrix_free(&a);
    matrix_free(&b);
    return bad;
}

static const Options defaults = {
    .tensor = "feature,image,point", .order = 1, .directions = 1000, .rows = 10000};

static const MetricOption options[] = {
    {"order", 'p', OPT_U64, "P", offsetof(Options, order), "1 or 2 (1)", false},
    {"directions", 0, OPT_U64, "N", offsetof(Options, directions),
     "random directions of rows of several numbers (1000)", false},
    {"rows", 'n', OPT_U64, "N", offsetof(Options, rows), "use the first N of each (10000; 0: all)",
     false},
    {"seed", 0, OPT_U64, "N", offsetof(Options, seed), HELP_SEED " (0)", false},
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), HELP_TENSOR, false},
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(Options, range), HELP_RANGE, false},
    {0},
};

const Metric metric_wasserstein = {
    "wasserstein",
    "A B",
    "Wasserstein distance of numbers; of rows, along random directions.",
    2,
    sizeof(Options),
    &defaults,
    options,
    check,
    run};
