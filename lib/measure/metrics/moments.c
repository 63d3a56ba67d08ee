/* moments: mean, deviation, extremes and mean pairwise distance, to see at a glance whether samples
 * are alive, in range and different from each other. */
#include "base/random.h"
#include "maths/dense.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 };

typedef struct {
    const char *tensor;
    uint64_t pairs, seed;
    ValueRange range;
} Options;

/* Sums over every element, relative to `pivot` (the first), and a uniform choice of kept rows. */
typedef struct {
    size_t n, d, kept;
    double pivot, sum, sum2, min, max;
    double *row; /* [pairs,d] */
} ElementSums;

static void add_values(ElementSums *m, const double *x) {
    if (!m->n) m->pivot = m->min = m->max = x[0];
    double sum = 0, sum2 = 0;
    for (size_t j = 0; j < m->d; j++) {
        double v = x[j] - m->pivot;
        sum += v;
        sum2 += v * v;
        m->min = fmin(m->min, x[j]);
        m->max = fmax(m->max, x[j]);
    }
    m->sum += sum;
    m->sum2 += sum2;
}

/* Vitter's reservoir: row n is kept with chance room / (n+1). */
static void keep_row(ElementSums *m, const double *x, size_t room, uint64_t seed) {
    size_t at = m->n < room ? m->n : draw_below(seed, 0, m->n, m->n + 1);
    if (at >= room) return;
    memcpy(m->row + at * m->d, x, m->d * sizeof *x);
    if (m->kept < room) m->kept++;
}

/* Mean over all pairs of different kept rows. */
static int pair_distance(const ElementSums *m, double *mean, Error *err) {
    size_t n = m->kept;
    double *sum = data_alloc(n * sizeof *sum, err), total = 0;
    if (!sum) return -1;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i++) {
        sum[i] = 0;
        for (size_t j = 0; j < i; j++)
            sum[i] += sqrt(squared_distance(m->row + i * m->d, m->row + j * m->d, m->d));
    }
    for (size_t i = 0; i < n; i++) total += sum[i];
    *mean = total / (0.5 * (double)n * (double)(n - 1));
    free(sum);
    return 0;
}

static int read_moments(const Options *o, Rows *r, ElementSums *m, Error *err) {
    size_t bytes, room = (size_t)o->pairs;
    m->d = rows_width(r);
    if (!size_mul(room, m->d, &bytes) || !size_mul(bytes, sizeof *m->row, &bytes))
        return fail(err, "--pairs %zu is too large", room);
    double *x = data_alloc(BLOCK * m->d * sizeof *x, err);
    m->row = data_alloc(bytes, err);
    ssize_t n = x && m->row ? 1 : -1;
    while (n > 0) {
        n = rows_read(r, BLOCK, x, NULL, err);
        for (ssize_t i = 0; i < n; i++, m->n++) {
            add_values(m, x + (size_t)i * m->d);
            if (room) keep_row(m, x + (size_t)i * m->d, room, o->seed);
        }
    }
    free(x);
    return (int)n;
}

static void describe(const Options *o, const ElementSums *m, const char *tensor, Results *out) {
    result_int(out, "n", (int64_t)m->n);
    result_int(out, "dim", (int64_t)m->d);
    result_text(out, "tensor", tensor);
    result_range(out, &o->range);
}

static int report(const Options *o, const ElementSums *m, const char *tensor, Results *out,
                  Error *err) {
    double count = (double)m->n * (double)m->d, shift = m->sum / count, pairs = 0;
    double var = fmax(m->sum2 / count - shift * shift, 0);
    const char *name[] = {"moments.mean", "moments.std", "moments.min", "moments.max"};
    double value[] = {m->pivot + shift, sqrt(var), m->min, m->max};
    if (m->kept > 1 && pair_distance(m, &pairs, err) < 0) return -1;
    for (int i = 0; i < 4; i++) {
        result_begin(out, name[i], value[i]);
        describe(o, m, tensor, out);
        result_end(out);
    }
    if (m->kept < 2) return 0;
    result_begin(out, "moments.distance", pairs);
    describe(o, m, tensor, out);
    result_int(out, "rows", (int64_t)m->kept);
    result_int(out, "seed", (int64_t)o->seed);
    result_end(out);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Rows *r = rows_open(&(RowsSpec){.of = &inputs[0], .tensor = o->tensor, .range = o->range}, err);
    if (!r) return -1;
    ElementSums m = {0};
    char tensor[96];
    snprintf(tensor, sizeof tensor, "%s", rows_tensor(r));
    int bad = read_moments(o, r, &m, err);
    if (!bad && !m.n) bad = fail(err, "%s: no rows", inputs[0].path);
    if (!bad) bad = report(o, &m, tensor, out, err);
    free(m.row);
    rows_close(r);
    return bad;
}

static const Options defaults = {.tensor = "image,feature", .pairs = 1000};

static const MetricOption options[] = {
    OPTION(pairs, "pairs", 0, OPT_U64(0, UINT64_MAX), "N",
           "rows chosen at random for the pairwise distance (1000)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_moments = {
    .name = "moments",
    .operands = "STREAM",
    .summary = "Mean, deviation, extremes and mean pairwise distance of rows.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
    .by = true,
};
