/* mmd: squared maximum mean discrepancy between two sets of rows (Gretton et al. 2012, JMLR 13). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/metrics/distances.h"
#include "measure/sets.h"

enum { TILE = 64, CHUNK = 512, SCALES_MAX = 64, MEDIAN_ROWS = 500 };

typedef struct {
    const double *x, *xx;
    size_t n;
} Set;

/* Of a distance, for a kernel of distances. */
static double kernel_sum(MmdKernel kernel, double distance, const double *scale, size_t ns) {
    double sum = 0;
    for (size_t s = 0; s < ns; s++)
        sum += kernel == KERNEL_RBF ? exp(-distance / (2 * scale[s] * scale[s]))
                                    : scale[s] / (scale[s] + distance);
    return sum;
}

static double cubic(double product, size_t d) {
    double v = product / (double)d + 1;
    return v * v * v;
}

/* Sum of the kernel over the pairs of rows [i,i+n) of a and [j,j+m) of b. */
static double sum_block(Set a, size_t i, size_t n, Set b, size_t j, size_t m, size_t d,
                        MmdKernel kernel, const double *scale, size_t ns, double *room) {
    double sum = 0;
    if (kernel == KERNEL_CUBIC) {
        products(a.x + i * d, n, b.x + j * d, m, d, room);
        for (size_t k = 0; k < n * m; k++) sum += cubic(room[k], d);
    } else {
        squared_distances(a.x + i * d, a.xx + i, n, b.x + j * d, b.xx + j, m, d, room);
        for (size_t k = 0; k < n * m; k++) sum += kernel_sum(kernel, room[k], scale, ns);
    }
    return sum;
}

/* Sum of the kernel over the pairs of a row with itself. */
static double sum_self(Set a, size_t d, MmdKernel kernel, size_t ns) {
    if (kernel != KERNEL_CUBIC) return (double)a.n * (double)ns;
    double sum = 0;
    for (size_t i = 0; i < a.n; i++) sum += cubic(a.xx[i], d);
    return sum;
}

/* Sum of the kernel over all pairs of rows of a and b, tile by tile of a. */
static int sum_pairs(Set a, Set b, size_t d, MmdKernel kernel, const double *scale, size_t ns,
                     double *out, Error *err) {
    size_t tiles = (a.n + TILE - 1) / TILE;
    double *part = data_alloc(tiles * sizeof *part, err);
    double *room = data_alloc(tiles * TILE * CHUNK * sizeof *room, err);
    int bad = part && room ? 0 : -1;
#pragma omp parallel for schedule(dynamic)
    for (size_t t = 0; t < (bad ? 0 : tiles); t++) {
        size_t i = t * TILE, n = a.n - i < TILE ? a.n - i : TILE;
        part[t] = 0;
        for (size_t j = 0; j < b.n; j += CHUNK)
            part[t] += sum_block(a, i, n, b, j, b.n - j < CHUNK ? b.n - j : CHUNK, d, kernel, scale,
                                 ns, room + t * TILE * CHUNK);
    }
    *out = 0;
    for (size_t t = 0; t < (bad ? 0 : tiles); t++) *out += part[t];
    free(part);
    free(room);
    return bad;
}

int mmd_squared(const double *x, size_t nx, const double *y, size_t ny, size_t d, MmdKernel kernel,
                const double *scale, size_t ns, bool unbiased, double *out, Error *err) {
    if (unbiased && (nx < 2 || ny < 2))
        return fail(err, "%zu rows and %zu, the unbiased estimate needs two rows of each", nx, ny);
    double *xx = data_alloc(nx * sizeof *xx, err), *yy = data_alloc(ny * sizeof *yy, err);
    double a, b, c, n = (double)nx, m = (double)ny;
    int bad = xx && yy ? 0 : -1;
    if (!bad) {
        squared_norms(x, nx, d, xx);
        squared_norms(y, ny, d, yy);
        Set p = {x, xx, nx}, q = {y, yy, ny};
        double self_x = unbiased ? sum_self(p, d, kernel, ns) : 0;
        double self_y = unbiased ? sum_self(q, d, kernel, ns) : 0, less = unbiased ? 1 : 0;
        bad = sum_pairs(p, p, d, kernel, scale, ns, &a, err) < 0 ||
              sum_pairs(p, q, d, kernel, scale, ns, &b, err) < 0 ||
              sum_pairs(q, q, d, kernel, scale, ns, &c, err) < 0;
        if (!bad)
            *out =
                (a - self_x) / (n * (n - less)) - 2 * b / (n * m) + (c - self_y) / (m * (m - less));
    }
    free(xx);
    free(yy);
    return bad ? -1 : 0;
}

/* The metric. */
typedef struct {
    Sets sets;
    const char *kernel, *scales;
    bool biased;
    double scale[SCALES_MAX];
    int count;
    MmdKernel kind;
} Options;

static const char *const kernels[] = {
    [KERNEL_RBF] = "rbf", [KERNEL_IMQ] = "imq", [KERNEL_CUBIC] = "cubic"};

static int check(void *options, Error *err) {
    Options *o = options;
    o->kind = KERNEL_RBF;
    while (o->kind < KERNEL_CUBIC && strcmp(o->kernel, kernels[o->kind])) o->kind++;
    if (strcmp(o->kernel, kernels[o->kind]))
        return fail(err, "--kernel: expected rbf, imq or cubic, found '%s'", o->kernel);
    if (o->kind == KERNEL_CUBIC && o->scales) return fail(err, "the cubic kernel has no --scales");
    if (o->scales && (o->count = parse_list(o->scales, o->scale, SCALES_MAX, err)) < 0)
        return fail_in(err, "--scales");
    return 0;
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
        sort_ascending(dist, n * m);
        *median = sqrt(dist[n * m / 2]);
        if (!(*median > 0)) bad = fail(err, "the median distance is 0: give --scales");
    }
    free(xx);
    free(dist);
    return bad;
}

static void report(const Options *o, double value, const char *scales, const Matrix m[2],
                   Results *out) {
    result_begin(out, "mmd", value);
    result_text(out, "estimator", o->biased ? "biased" : "unbiased");
    result_text(out, "kernel", o->kernel);
    if (o->kind != KERNEL_CUBIC) result_text(out, "scales", scales);
    sets_describe(&o->sets, m, out);
    result_end(out);
}

static int measure(const void *options, const Matrix m[2], Results *out, Error *err) {
    const Options *o = options;
    double scale[SCALES_MAX], value;
    char text[32] = "";
    int count = o->count;
    memcpy(scale, o->scale, sizeof scale);
    if (!count && o->kind != KERNEL_CUBIC) {
        if (median_distance(&m[0], &m[1], scale, err) < 0) return -1;
        if (o->kind == KERNEL_IMQ) scale[0] *= scale[0];
        real_text(scale[0], text, sizeof text);
        count = 1;
    }
    if (mmd_squared(m[0].x, m[0].n, m[1].x, m[1].n, m[0].d, o->kind, scale, (size_t)count,
                    !o->biased, &value, err) < 0)
        return -1;
    report(o, value, o->count ? o->scales : text, m, out);
    return 0;
}

static const Options defaults = {.sets = {.tensor = "feature,image,point", .rows = 10000},
                                 .kernel = "rbf"};

static const MetricOption options[] = {
    OPTION(kernel, "kernel", 'k', OPT_TEXT, "NAME",
           "rbf, exp(-d^2/(2 s^2)), imq, c/(c + d^2), or cubic, (x.y/dim + 1)^3 (rbf)"),
    OPTION(scales, "scales", 's', OPT_TEXT, "LIST",
           "s or c, summed over (the median distance, or its square)"),
    OPTION(biased, "biased", 0, OPT_FLAG, NULL, "count a row's pair with itself, as losses do"),
    OPTION(sets.rows, "rows", 'n', OPT_U64(0, UINT64_MAX), "N",
           "use the first N of each (10000; 0: all)"),
    SETS_LINES,
    {0},
};

const Metric metric_mmd = {
    .name = "mmd",
    .operands = "A B",
    .summary = "Squared maximum mean discrepancy of two sets of rows.",
    .check = check,
    METRIC_OF_SETS,
};
