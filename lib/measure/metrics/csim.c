/* csim: cosine similarity of paired rows: of a network that knows faces, how much two pictures are
 * of one person (Zakharov, Shysheya, Burkov, Lempitsky 2019, section 4). */
#include <math.h>
#include <stdlib.h>

#include "measure/doubts.h"
#include "measure/metric.h"
#include "measure/paired.h"
#include "measure/summary.h"

typedef struct {
    const char *tensor;
    ValueRange range;
} Options;

/* x . y / (|x| |y|); 0 where one of them has no direction. */
static double cosine(const double *x, const double *y, size_t d) {
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < d; i++) {
        xy += x[i] * y[i];
        xx += x[i] * x[i];
        yy += y[i] * y[i];
    }
    return xx > 0 && yy > 0 ? xy / (sqrt(xx) * sqrt(yy)) : 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec a = {.of = &inputs[0], .tensor = o->tensor, .range = o->range}, b = a;
    PairFigures s = {0};
    Provenance from;
    b.of = &inputs[1];
    int bad = paired_rows(&a, &b, cosine, &s, &from, err);
    if (!bad && !s.n) bad = fail(err, "%s: no pairs", inputs[0].path);
    if (!bad) {
        summary_begin(out, "csim", summary_of(s.v, s.n));
        provenance_report(&from, out);
        result_int(out, "n", (int64_t)s.n);
        result_end(out);
        doubts_bare("csim", &inputs[0], out);
    }
    free(s.v);
    return bad;
}

static const Options defaults = {.tensor = "feature,image"};

static const MetricOption options[] = {
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_csim = {
    .name = "csim",
    .operands = "A B",
    .summary = "Mean cosine similarity of paired rows, such as embeddings of faces.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .feature = "feature",
    .compares = COMPARES_PAIRS,
    .by = true,
};
