/* transport: the earth mover's distance between two sets of equally many points, exactly: the least
 * mean distance when each point of one goes to its own of the other, an assignment problem. */
#include "maths/assign.h"
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/sets.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS_MAX = 20000 };

typedef struct {
    Sets sets;
} Options;

static double cost(const void *context, size_t i, size_t j) {
    const Matrix *m = context;
    size_t d = m[0].d;
    return sqrt(squared_distance(m[0].x + i * d, m[1].x + j * d, d));
}

static int transport_mean(const Matrix m[2], double *mean, Error *err) {
    size_t n = m[0].n, *row_of = data_alloc((n + 1) * sizeof *row_of, err);
    int bad = row_of ? assign_least(n, cost, m, row_of, err) : -1;
    *mean = 0;
    for (size_t j = 0; j < n && !bad; j++) *mean += cost(m, row_of[j], j);
    *mean /= (double)n;
    free(row_of);
    return bad;
}

static int measure(const void *options, const Matrix m[2], Results *out, Error *err) {
    const Options *o = options;
    Matrix same[2] = {m[0], m[1]};
    double mean = 0;
    if (o->sets.rows) /* as many as the smaller has */
        same[0].n = same[1].n = m[0].n < m[1].n ? m[0].n : m[1].n;
    if (same[0].n != same[1].n)
        return fail(err, "%zu rows and %zu, expected equally many, or --count", m[0].n, m[1].n);
    if (same[0].n > ROWS_MAX)
        return fail(err, "%zu rows, expected at most %d", same[0].n, ROWS_MAX);
    if (transport_mean(same, &mean, err) < 0) return -1;
    result_begin(out, "transport", mean);
    sets_describe(&o->sets, same, out);
    result_end(out);
    return 0;
}

static const Options defaults = {.sets = {.tensor = "point,feature,image"}};

static const MetricOption options[] = {
    OPTION(sets.rows, "count", 'n', OPT_U64(1, UINT64_MAX), "N", "use the first N rows of each"),
    SETS_LINES,
    {0},
};

const Metric metric_transport = {
    .name = "transport",
    .operands = "A B",
    .summary = "Earth mover's distance between two sets of points, exactly.",
    METRIC_OF_SETS,
};
