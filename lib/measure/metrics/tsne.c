/* tsne: points of a plane for rows of many numbers, near where rows are near (van der Maaten and
 * Hinton 2008), to look at with gan-data scatter. */
#include "maths/embedding.h"
#include "measure/metric.h"
#include "measure/save.h"

#include <stdlib.h>

enum { ROWS_MAX = 20000 };

typedef struct {
    const char *tensor, *label, *range, *output;
    uint64_t rows, iterations, early, seed;
    double perplexity, exaggeration, rate, low, high;
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
    if (o->range) result_text(out, "range", o->range);
    result_end(out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec spec = {
        .of = &inputs[0], .tensor = o->tensor, .label = o->label, .low = o->low, .high = o->high};
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
    return parse_range(o->range, &o->low, &o->high, err);
}

static const Options defaults = {.tensor = "feature,image",
                                 .label = "label",
                                 .rows = 5000,
                                 .perplexity = 30,
                                 .iterations = 1000,
                                 .early = 250,
                                 .exaggeration = 12};

static const MetricOption options[] = {
    {"output", 'o', OPT_TEXT, "FILE", offsetof(Options, output),
     "where the points go, with their labels", FILE_WRITTEN},
    {"rows", 'n', OPT_U64(1, ROWS_MAX), "N", offsetof(Options, rows), "use the first N (5000)",
     FILE_NONE},
    {"perplexity", 'p', OPT_REAL(1, 1e6), "P", offsetof(Options, perplexity),
     "neighbours that a row minds (30)", FILE_NONE},
    {"iterations", 0, OPT_U64(0, 1000000), "N", offsetof(Options, iterations),
     "of gradient descent (1000)", FILE_NONE},
    {"early", 0, OPT_U64(0, 1000000), "N", offsetof(Options, early), "of them exaggerated (250)",
     FILE_NONE},
    {"exaggeration", 0, OPT_REAL(1e-6, 1e6), "X", offsetof(Options, exaggeration),
     "so many times the attraction, early (12)", FILE_NONE},
    {"rate", 0, OPT_REAL(0, 1e9), "R", offsetof(Options, rate),
     "of learning (rows/exaggeration/4, at least 50)", FILE_NONE},
    {"seed", 0, OPT_U64(0, UINT64_MAX), "N", offsetof(Options, seed), HELP_SEED " (0)", FILE_NONE},
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), HELP_TENSOR, FILE_NONE},
    {"label", 'l', OPT_TEXT, "NAME", offsetof(Options, label), "labels that go along (label)",
     FILE_NONE},
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(Options, range), HELP_RANGE, FILE_NONE},
    {0},
};

const Metric metric_tsne = {
    .name = "tsne",
    .operands = "STREAM",
    .summary = "Points of a plane for rows of many numbers (t-SNE).",
    .inputs = 1,
    .size = sizeof(Options),
    .defaults = &defaults,
    .options = options,
    .check = check,
    .run = run,
};
