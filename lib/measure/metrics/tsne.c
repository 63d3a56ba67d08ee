/* tsne: points of a plane for rows of many numbers, near where rows are near (van der Maaten and
 * Hinton 2008), to look at with gan-data scatter. */
#include "maths/embedding.h"
#include "measure/metric.h"
#include "measure/save.h"

#include <stdlib.h>

enum { ROWS_MAX = 20000 };

typedef struct {
    const char *tensor, *label, *output;
    uint64_t rows, iterations, early, seed;
    double perplexity, exaggeration, rate;
    ValueRange range;
} Options;

static void report(const Options *o, const Matrix *m, double divergence, Results *out) {
    result_begin(out, "tsne", divergence);
    result_real(out, "perplexity", o->perplexity);
    result_int(out, "iterations", (int64_t)o->iterations);
    result_int(out, "early", (int64_t)o->early);
    result_real(out, "exaggeration", o->exaggeration);
    if (o->rate > 0) result_real(out, "rate", o->rate);
    result_int(out, "seed", (int64_t)o->seed);
    result_int(out, "n", (int64_t)m->n);
    result_int(out, "dim", (int64_t)m->d);
    result_text(out, "tensor", m->tensor);
    result_range(out, &o->range);
    result_end(out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor, .label = o->label, .range = o->range};
    EmbeddingWant want = {
        o->perplexity, (size_t)o->iterations, (size_t)o->early, o->exaggeration, o->rate, o->seed};
    Matrix m;
    double divergence = 0;
    if (matrix_load(&spec, AS_DOUBLE, (size_t)o->rows, &m, err) < 0) return -1;
    double *y = data_alloc(2 * m.n * sizeof *y, err);
    int bad = y ? embedding_find(&want, m.x, m.n, m.d, y, &divergence, err) : -1;
    if (bad) fail_in(err, "%s", inputs[0].path);
    if (!bad) bad = save_rows(o->output, "point", y, m.n, 2, m.label, err);
    if (!bad) report(o, &m, divergence, out);
    free(y);
    matrix_free(&m);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (!o->output) return fail(err, "expected --output FILE for the points");
    return 0;
}

static const Options defaults = {.tensor = "feature,image",
                                 .label = "label",
                                 .rows = 5000,
                                 .perplexity = 30,
                                 .iterations = 1000,
                                 .early = 250,
                                 .exaggeration = 12};

static const MetricOption options[] = {
    OPTION_WRITTEN(output, "output", 'o', OPT_TEXT, "FILE",
                   "where the points go, with their labels"),
    OPTION(rows, "rows", 'n', OPT_U64(1, ROWS_MAX), "N", "use the first N (5000)"),
    OPTION(perplexity, "perplexity", 'p', OPT_REAL(1, 1e6), "P",
           "neighbours that a row minds (30)"),
    OPTION(iterations, "iterations", 0, OPT_U64(0, 1000000), "N", "of gradient descent (1000)"),
    OPTION(early, "early", 0, OPT_U64(0, 1000000), "N", "of them exaggerated (250)"),
    OPTION(exaggeration, "exaggeration", 0, OPT_REAL(1e-6, 1e6), "X",
           "so many times the attraction, early (12)"),
    OPTION(rate, "rate", 0, OPT_REAL(0, 1e9), "R",
           "of learning (rows/exaggeration/4, at least 50)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "labels that go along (label)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_tsne = {
    .name = "tsne",
    .operands = "STREAM",
    .summary = "Points of a plane for rows of many numbers (t-SNE).",
    .inputs = 1,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
};
