/* transport: the earth mover's distance between two sets of equally many points, exactly: the least
 * mean distance when each point of one goes to its own of the other, an assignment problem. */
#include "measure/assign.h"
#include "measure/dense.h"
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

static int same_number(Matrix m[2], char **inputs, bool cut, Error *err) {
    if (cut && m[0].n > m[1].n) m[0].n = m[1].n;
    if (cut && m[1].n > m[0].n) m[1].n = m[0].n;
    if (m[0].n == m[1].n) return 0;
    return fail(err, "%s has %zu rows, %s %zu; expected equally many, or --count", inputs[0],
                m[0].n, inputs[1], m[1].n);
}

static int check(void *options, Error *err) { return sets_check(&((Options *)options)->sets, err); }

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix m[2];
    double mean = 0;
    if (sets_load(&o->sets, inputs, m, err) < 0) return -1;
    int bad = same_number(m, inputs, o->sets.rows, err);
    if (!bad && m[0].n > ROWS_MAX) bad = fail(err, "%zu rows, at most %d", m[0].n, ROWS_MAX);
    if (!bad) bad = transport_mean(m, &mean, err);
    if (!bad) {
        result_begin(out, "transport", mean);
        sets_describe(&o->sets, m, out);
        result_end(out);
    }
    sets_free(m);
    return bad;
}

static const Options defaults = {.sets = {.tensor = "point,feature,image"}};

static const MetricOption options[] = {
    {"count", 'n', OPT_U64, "N", offsetof(Options, sets.rows), "use the first N rows of each",
     false},
    SETS_LINES(Options, sets),
    {0},
};

const Metric metric_transport = {
    "transport", "A B",           "Earth mover's distance between two sets of points, exactly.",
    2,           sizeof(Options), &defaults,
    options,     check,           run};
