/* kid: kernel inception distance, the unbiased squared maximum mean discrepancy of subsets of two
 * sets of features, averaged (Binkowski et al. 2018, section 4). */
#include "maths/mersenne.h"
#include "measure/metric.h"
#include "measure/metrics/distances.h"
#include "measure/sets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUBSETS_MAX = 1000000 };

/* Copies `size` rows of x, drawn without replacement, into out; order [n] is scratch. They are
 * NumPy's RandomState(seed).choice(n, size, replace=False), as torch-fidelity draws them. */
static void draw_rows(const double *x, size_t n, size_t d, size_t size, Mersenne *random,
                      size_t *order, double *out) {
    mersenne_permutation(random, n, order);
    for (size_t i = 0; i < size; i++) memcpy(out + i * d, x + order[i] * d, d * sizeof *x);
}

int kid_distance(const double *x, size_t nx, const double *y, size_t ny, size_t d, size_t size,
                 size_t subsets, uint32_t seed, double *mean, double *std, Error *err) {
    if (size > nx || size > ny)
        return fail(err, "subsets of %zu rows need as many in each set, there are %zu and %zu",
                    size, nx, ny);
    size_t *order = data_alloc((nx > ny ? nx : ny) * sizeof *order, err);
    double *a = data_alloc(size * d * sizeof *a, err), *b = data_alloc(size * d * sizeof *b, err);
    double *value = data_alloc(subsets * sizeof *value, err), n = (double)subsets, squares = 0;
    int bad = order && a && b && value ? 0 : -1;
    Mersenne random;
    mersenne_seed(&random, seed);
    *mean = 0;
    for (size_t s = 0; s < subsets && !bad; s++) {
        draw_rows(x, nx, d, size, &random, order, a);
        draw_rows(y, ny, d, size, &random, order, b);
        bad = mmd_squared(a, size, b, size, d, KERNEL_CUBIC, NULL, 0, true, &value[s], err);
        if (!bad) *mean += value[s] / n;
    }
    for (size_t s = 0; s < subsets && !bad; s++) squares += (value[s] - *mean) * (value[s] - *mean);
    *std = sqrt(squares / n);
    free(order);
    free(a);
    free(b);
    free(value);
    return bad;
}

/* The metric. */
typedef struct {
    Sets sets;
    uint64_t size, subsets, seed;
} Options;

static int measure(const void *options, const Matrix m[2], Results *out, Error *err) {
    const Options *o = options;
    double mean, std;
    if (kid_distance(m[0].x, m[0].n, m[1].x, m[1].n, m[0].d, (size_t)o->size, (size_t)o->subsets,
                     (uint32_t)o->seed, &mean, &std, err) < 0)
        return -1;
    if (o->subsets > 1 && o->size == m[0].n && o->size == m[1].n)
        result_warn(out,
                    "subsets of %zu rows are the sets: they all give one figure, std says nothing",
                    m[0].n);
    result_begin(out, "kid", mean);
    if (o->subsets > 1) result_real(out, "std", std);
    result_text(out, "kernel", "(x.y/dim + 1)^3");
    result_int(out, "size", (int64_t)o->size);
    result_int(out, "subsets", (int64_t)o->subsets);
    result_int(out, "seed", (int64_t)o->seed);
    sets_describe(&o->sets, m, out);
    result_end(out);
    return 0;
}

static const Options defaults = {
    .sets = {.tensor = "feature"}, .size = 1000, .subsets = 100, .seed = 2020};

static const MetricOption options[] = {
    OPTION(size, "size", 0, OPT_U64(2, UINT32_MAX), "N", "rows of a subset (1000)"),
    OPTION(subsets, "subsets", 0, OPT_U64(1, SUBSETS_MAX), "N", "how many are drawn (100)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT32_MAX), "N", HELP_SEED " (2020)"),
    OPTION(sets.rows, "rows", 'n', OPT_U64(1, UINT64_MAX), "N", "use the first N of each (all)"),
    SETS_LINES,
    {0},
};

const Metric metric_kid = {
    .name = "kid",
    .operands = "A B",
    .summary = "Kernel inception distance between two sets of features.",
    METRIC_OF_SETS,
};
