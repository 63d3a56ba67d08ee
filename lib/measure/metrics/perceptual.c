/* lpips, diversity, ppl: squared distances between what a network sees in pairs of images. With the
 * feature `lpips` of a page such as vgg16.gan, in which the learned perceptual image patch
 * similarity (Zhang et al. 2018) is a squared Euclidean distance, they are the figures of that
 * name. */
#include <math.h>
#include <stdlib.h>

#include "maths/dense.h"
#include "measure/doubts.h"
#include "measure/metric.h"
#include "measure/paired.h"

typedef struct {
    const char *tensor;
    uint64_t group;
    double epsilon, cut;
    ValueRange range;
} Options;

static RowsSpec spec_of(const Options *o, const Operand *of) {
    return (RowsSpec){.of = of, .tensor = o->tensor, .range = o->range};
}

/* ---- pairs ---- */

static int pairs_of_two(const Options *o, const Operand *inputs, PairFigures *l, Provenance *from,
                        Error *err) {
    RowsSpec a = spec_of(o, &inputs[0]), b = spec_of(o, &inputs[1]);
    return paired_rows(&a, &b, squared_distance, l, from, err);
}

/* All pairs among each so many rows, their mean a group. */
static int walk_groups(const Options *o, Rows *r, PairFigures *l, Error *err) {
    size_t d = rows_width(r), k = (size_t)o->group, count, bytes;
    if (!size_mul(k, d, &count) || !size_mul(count, sizeof(double), &bytes))
        return fail(err, "--group %zu is too large", k);
    double *x = data_alloc(bytes, err);
    ssize_t n = x ? 0 : -1;
    int bad = x ? 0 : -1;
    while (!bad && (n = rows_read(r, k, x, NULL, err)) == (ssize_t)k) {
        double sum = 0;
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < i; j++) sum += squared_distance(x + i * d, x + j * d, d);
        bad = series_add(l, sum / (0.5 * (double)k * (double)(k - 1)), err);
    }
    if (!bad && n > 0) bad = fail(err, "the last group has %zd rows of %zu", n, k);
    free(x);
    return n < 0 ? -1 : bad;
}

static int pairs_of_groups(const Options *o, const Operand *inputs, PairFigures *l,
                           Provenance *from, Error *err) {
    RowsSpec spec = spec_of(o, &inputs[0]);
    Rows *r = rows_open(&spec, err);
    int bad = r ? walk_groups(o, r, l, err) : -1;
    if (bad && r) fail_in(err, "%s", inputs[0].path);
    if (!bad) *from = *rows_provenance(r);
    rows_close(r);
    return bad;
}

/* ---- figures ---- */

typedef int Pairs(const Options *o, const Operand *inputs, PairFigures *l, Provenance *from,
                  Error *err);

static int collect(const Options *o, Pairs *pairs, const Operand *inputs, PairFigures *l,
                   Provenance *from, Error *err) {
    int bad = pairs(o, inputs, l, from, err);
    if (!bad && !l->n) bad = fail(err, "%s: no pairs", inputs[0].path);
    return bad;
}

static void begin(const char *metric, const PairFigures *l, const Provenance *from, Results *out) {
    double sum = 0, sum2 = 0, n = (double)l->n;
    for (size_t i = 0; i < l->n; i++) sum += l->v[i];
    for (size_t i = 0; i < l->n; i++) sum2 += (l->v[i] - sum / n) * (l->v[i] - sum / n);
    result_begin(out, metric, sum / n);
    provenance_report(from, out);
    if (l->n > 1) result_real(out, "std", sqrt(sum2 / (n - 1)));
    result_int(out, "n", (int64_t)l->n);
}

static int run_lpips(const void *options, const Operand *inputs, Results *out, Error *err) {
    PairFigures l = {0};
    Provenance from;
    int bad = collect(options, pairs_of_two, inputs, &l, &from, err);
    if (!bad) begin("lpips", &l, &from, out), result_end(out);
    if (!bad) doubts_bare("lpips", &inputs[0], out);
    free(l.v);
    return bad;
}

static int run_diversity(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    PairFigures l = {0};
    Provenance from;
    int bad = collect(o, pairs_of_groups, inputs, &l, &from, err);
    if (!bad) {
        begin("diversity", &l, &from, out);
        result_int(out, "group", (int64_t)o->group);
        result_end(out);
        doubts_bare("diversity", &inputs[0], out);
    }
    free(l.v);
    return bad;
}

/* Leaves the pairs from the cut-th percentile, rounded down to one of them, to the (100-cut)-th,
 * rounded up. */
static void trim(PairFigures *l, double cut) {
    sort_ascending(l->v, l->n);
    double last = (double)(l->n - 1);
    double low = l->v[(size_t)floor(cut / 100 * last)],
           high = l->v[(size_t)ceil((1 - cut / 100) * last)];
    size_t kept = 0;
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i] >= low && l->v[i] <= high) l->v[kept++] = l->v[i];
    l->n = kept;
}

static int run_ppl(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    PairFigures l = {0};
    Provenance from;
    int bad = collect(o, pairs_of_two, inputs, &l, &from, err);
    if (!bad) {
        size_t all = l.n;
        for (size_t i = 0; i < l.n; i++) l.v[i] /= o->epsilon * o->epsilon;
        trim(&l, o->cut);
        begin("ppl", &l, &from, out);
        result_int(out, "pairs", (int64_t)all);
        result_real(out, "epsilon", o->epsilon);
        result_real(out, "cut", o->cut);
        result_end(out);
        doubts_bare("ppl", &inputs[0], out);
        if (inputs[0].facts->type == DT_U8)
            result_warn(out,
                        "%s holds bytes, which are coarser than a step of %g: gan-sample --float",
                        inputs[0].path, o->epsilon);
    }
    free(l.v);
    return bad;
}

/* ---- tables ---- */

static const Options defaults = {.tensor = "feature,image", .group = 2, .epsilon = 1e-4, .cut = 1};

#define ROW_LINES                                                 \
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR), \
        OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE)

static const MetricOption lpips_options[] = {ROW_LINES, {0}};

static const MetricOption diversity_options[] = {
    OPTION(group, "group", 0, OPT_U64(2, UINT32_MAX), "K", "rows that belong together (2)"),
    ROW_LINES,
    {0},
};

static const MetricOption ppl_options[] = {
    OPTION(epsilon, "epsilon", 0, OPT_REAL(1e-30, 1e30), "E", "the step between both (1e-4)"),
    OPTION(cut, "cut", 0, OPT_REAL(0, 49.999), "P",
           "leave out pairs outside the P-th and (100-P)-th percentiles (1)"),
    ROW_LINES,
    {0},
};

const Metric metric_lpips = {
    .name = "lpips",
    .operands = "A B",
    .summary = "Perceptual distance of paired images.",
    .inputs = 2,
    .size = sizeof(Options),
    .defaults = &defaults,
    .options = lpips_options,
    .run = run_lpips,
    .feature = "lpips",
    .compares = COMPARES_PAIRS,
    .by = true,
};
const Metric metric_diversity = {
    .name = "diversity",
    .operands = "STREAM",
    .summary = "Mean perceptual distance within groups of images.",
    .inputs = 1,
    .size = sizeof(Options),
    .defaults = &defaults,
    .options = diversity_options,
    .run = run_diversity,
    .feature = "lpips",
    .by = true,
};
const Metric metric_ppl = {
    .name = "ppl",
    .operands = "A B",
    .summary = "Perceptual path length from pairs a step apart.",
    .inputs = 2,
    .size = sizeof(Options),
    .defaults = &defaults,
    .options = ppl_options,
    .run = run_ppl,
    .feature = "lpips",
    .compares = COMPARES_PAIRS,
    .by = true,
};
