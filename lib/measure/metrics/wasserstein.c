/* wasserstein: the Wasserstein distance between two sets of numbers, and, of rows, its mean along
 * random directions (Rabin et al. 2011). */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/metrics/distances.h"
#include "measure/sets.h"

enum { DIRECTIONS_MAX = 1000000, GROUP = 16, BLOCK = 256 };

/* Both quantile functions are steps; the integral goes from step to step of either. */
double wasserstein_line(double *x, size_t nx, double *y, size_t ny, double p) {
    sort_ascending(x, nx);
    sort_ascending(y, ny);
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

/* Directions k to k+n-1 of length 1, from normal vectors: [n,d]; normal [d] is scratch. */
static void choose_directions(uint64_t seed, uint64_t k, size_t n, size_t d, float *normal,
                              double *out) {
    for (size_t i = 0; i < n; i++, out += d) {
        double squares = 0;
        rng_normal((RngKey){.seed = seed, .draw = k + i}, 0, d, normal);
        for (size_t j = 0; j < d; j++) squares += (double)normal[j] * (double)normal[j];
        for (size_t j = 0; j < d; j++) out[j] = (double)normal[j] / sqrt(squares);
    }
}

/* The rows along each of n directions: out [n, m->n]. block [BLOCK,d] and product [BLOCK,n] are
 * scratch. */
static void project(const Matrix *m, const double *direction, size_t n, double *block,
                    double *product, double *out) {
    for (size_t i = 0; i < m->n; i += BLOCK) {
        size_t rows = m->n - i < BLOCK ? m->n - i : BLOCK;
        const double *x = m->x ? m->x + i * m->d : block;
        for (size_t k = 0; k < rows * m->d && !m->x; k++) block[k] = (double)m->xf[i * m->d + k];
        products(x, rows, direction, n, m->d, product);
        for (size_t r = 0; r < rows; r++)
            for (size_t k = 0; k < n; k++) out[k * m->n + i + r] = product[r * n + k];
    }
}

/* The scratch of one thread, for GROUP directions at a time. */
typedef struct {
    double *pa, *pb, *direction, *block, *product;
    float *normal;
} Lines;

static bool lines_new(Lines *l, const Matrix *a, const Matrix *b) {
    Error err;
    l->pa = data_alloc(GROUP * a->n * sizeof *l->pa, &err);
    l->pb = data_alloc(GROUP * b->n * sizeof *l->pb, &err);
    l->direction = data_alloc(GROUP * a->d * sizeof *l->direction, &err);
    l->block = data_alloc(BLOCK * a->d * sizeof *l->block, &err);
    l->product = data_alloc(BLOCK * GROUP * sizeof *l->product, &err);
    l->normal = data_alloc(a->d * sizeof *l->normal, &err);
    return l->pa && l->pb && l->direction && l->block && l->product && l->normal;
}

static void lines_free(Lines *l) {
    free(l->pa);
    free(l->pb);
    free(l->direction);
    free(l->block);
    free(l->product);
    free(l->normal);
}

/* Directions k to k+n-1. */
static void compare_lines(Lines *l, const Matrix *a, const Matrix *b, double p, uint64_t seed,
                          size_t k, size_t n, double *value) {
    choose_directions(seed, k, n, a->d, l->normal, l->direction);
    project(a, l->direction, n, l->block, l->product, l->pa);
    project(b, l->direction, n, l->block, l->product, l->pb);
    for (size_t i = 0; i < n; i++)
        value[k + i] = wasserstein_line(l->pa + i * a->n, a->n, l->pb + i * b->n, b->n, p);
}

int wasserstein_sliced(const Matrix *a, const Matrix *b, double p, size_t count, uint64_t seed,
                       double *mean, double *error, Error *err) {
    double *value = data_alloc(count * sizeof *value, err);
    int bad = value ? 0 : -1;
#pragma omp parallel
    {
        Lines l;
        bool good = lines_new(&l, a, b) && value;
#pragma omp critical
        if (!good) bad = -1;
#pragma omp for schedule(dynamic)
        for (size_t k = 0; k < count; k += GROUP)
            if (good)
                compare_lines(&l, a, b, p, seed, k, count - k < GROUP ? count - k : GROUP, value);
        lines_free(&l);
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
    Sets sets;
    uint64_t order, directions, seed;
} Options;

static void report(const Options *o, const Matrix m[2], double value, double error, Results *out) {
    result_begin(out, "wasserstein", value);
    result_int(out, "order", (int64_t)o->order);
    if (m[0].d == 1) {
        result_text(out, "directions", "the line itself");
    } else {
        result_real(out, "error", error);
        result_int(out, "directions", (int64_t)o->directions);
        result_int(out, "seed", (int64_t)o->seed);
    }
    sets_describe(&o->sets, m, out);
    result_end(out);
}

/* The root of the mean of order 2, and its error by the root's slope. */
static int measure(const void *options, const Matrix m[2], Results *out, Error *err) {
    const Options *o = options;
    double value, error = 0, p = (double)o->order;
    if (m[0].d == 1)
        value = wasserstein_line(m[0].x, m[0].n, m[1].x, m[1].n, p);
    else if (wasserstein_sliced(&m[0], &m[1], p, o->directions, o->seed, &value, &error, err))
        return -1;
    if (o->order == 2) {
        value = sqrt(value);
        error = value > 0 ? error / (2 * value) : 0;
    }
    report(o, m, value, error, out);
    return 0;
}

static const Options defaults = {
    .sets = {.tensor = "feature,image,point", .rows = 10000}, .order = 1, .directions = 1000};

static const MetricOption options[] = {
    OPTION(order, "order", 'p', OPT_U64(1, 2), "P", "1 or 2 (1)"),
    OPTION(directions, "directions", 0, OPT_U64(1, DIRECTIONS_MAX), "N",
           "random directions of rows of several numbers (1000)"),
    OPTION(sets.rows, "rows", 'n', OPT_U64(0, UINT64_MAX), "N",
           "use the first N of each (10000; 0: all)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    SETS_LINES,
    {0},
};

const Metric metric_wasserstein = {
    .name = "wasserstein",
    .operands = "A B",
    .summary = "Wasserstein distance of numbers; of rows, along random directions.",
    METRIC_OF_SETS,
};
