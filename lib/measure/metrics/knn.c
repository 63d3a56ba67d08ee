/* knn: k-nearest-neighbour classification and nearest-neighbour distance, Euclidean.
 *
 * TEST is held in memory and TRAIN streams past it once, so that a training set of any length (ten
 * million generated samples, say) costs no memory but its labels. */
#include "maths/classes.h"
#include "maths/grow.h"
#include "maths/nearest.h"
#include "measure/doubts.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const char *tensor, *label;
    uint64_t k;
    ValueRange range;
} Options;

typedef struct {
    const Matrix *test;
    Nearest near;
    int64_t *label; /* of all rows of TRAIN, or NULL */
    size_t label_room;
    bool labelled;
} Search;

static int label_reserve(Search *s, Error *err) {
    if (!s->labelled) return 0;
    size_t want = s->near.seen + NEAREST_BLOCK;
    int64_t *label = grow(s->label, &s->label_room, want, sizeof *label, err);
    if (label) s->label = label;
    return label ? 0 : -1;
}

/* Streams TRAIN past the test rows. */
static int search_stream(Search *s, Rows *train, const char *path, Error *err) {
    double *y = data_alloc(NEAREST_BLOCK * s->test->d * sizeof *y, err);
    int bad = y ? 0 : -1;
    s->labelled = rows_labelled(train);
    for (ssize_t n = 1; n && !bad;) {
        bad = label_reserve(s, err);
        int64_t *label = s->label ? s->label + s->near.seen : NULL;
        if (!bad && (n = rows_read(train, NEAREST_BLOCK, y, label, err)) < 0) bad = -1;
        if (!bad && n) nearest_offer(&s->near, y, (size_t)n);
    }
    size_t seen = s->near.seen, k = s->near.k;
    if (!bad && !seen) bad = fail(err, "%s: no rows", path);
    if (!bad && seen < k) bad = fail(err, "%s: %zu rows are fewer than k = %zu", path, seen, k);
    free(y);
    return bad;
}

/* The most frequent label among the k nearest; of equally frequent ones, the nearest's. */
static int64_t vote(const Search *s, size_t i) {
    const size_t *item = s->near.best[i].item, k = s->near.k;
    size_t most = 0, winner = 0;
    for (size_t a = 0; a < k; a++) {
        size_t votes = 0;
        for (size_t b = 0; b < k; b++) votes += s->label[item[b]] == s->label[item[a]];
        if (votes > most) most = votes, winner = a;
    }
    return s->label[item[winner]];
}

static void describe(const Options *o, const Search *s, Results *out) {
    provenance_report(&s->test->from, out);
    result_int(out, "k", (int64_t)s->near.k);
    result_int(out, "n_train", (int64_t)s->near.seen);
    result_int(out, "n_test", (int64_t)s->test->n);
    result_int(out, "dim", (int64_t)s->test->d);
    result_text(out, "tensor", s->test->tensor);
    result_range(out, &o->range);
}

static void report_distance(const Options *o, const Search *s, Results *out) {
    double sum = 0;
    for (size_t i = 0; i < s->test->n; i++) sum += sqrt(s->near.best[i].key[0]);
    result_begin(out, "knn.distance", sum / (double)s->test->n);
    describe(o, s, out);
    if (!s->labelled || !s->test->label)
        result_text(out, "note", s->labelled ? "no labels in TEST" : "no labels in TRAIN");
    result_end(out);
}

static int report_labels(const Options *o, const Search *s, Results *out, Error *err) {
    size_t right = 0;
    ClassCounts found = {0}, known = {0};
    int bad = classes_add(&known, s->label, s->near.seen, err);
    for (size_t i = 0; i < s->test->n && !bad; i++) {
        int64_t label = vote(s, i);
        if (s->test->label) right += label == s->test->label[i];
        bad = classes_add(&found, &label, 1, err);
    }
    double share = (double)right / (double)s->test->n;
    for (int error = 0; error < 2 && s->test->label && !bad; error++) {
        result_begin(out, error ? "knn.error" : "knn.accuracy", error ? 1 - share : share);
        describe(o, s, out);
        result_end(out);
    }
    if (!bad) {
        result_begin(out, "knn.classes", (double)found.n);
        result_int(out, "of", (int64_t)known.n);
        describe(o, s, out);
        result_end(out);
    }
    classes_free(&found);
    classes_free(&known);
    return bad;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec spec = {.of = &inputs[1], .tensor = o->tensor, .label = o->label, .range = o->range};
    Matrix test;
    if (matrix_load(&spec, AS_DOUBLE, 0, &test, err) < 0) return -1;
    Search s = {.test = &test};
    spec.of = &inputs[0];
    Rows *train = rows_open(&spec, err);
    int bad = train ? operands_match(&inputs[0], rows_width(train), &inputs[1], test.d, err) : -1;
    if (!bad)
        bad = provenance_same(inputs[0].path, rows_provenance(train), inputs[1].path, &test.from,
                              err);
    if (!bad) bad = nearest_start(&s.near, test.x, test.n, test.d, (size_t)o->k, err);
    if (!bad) bad = search_stream(&s, train, inputs[0].path, err);
    if (!bad && s.labelled && test.label) bad = doubts_names(&inputs[0], &inputs[1], err);
    if (!bad && s.labelled) bad = report_labels(o, &s, out, err);
    if (!bad) doubts_unknown(&inputs[0], &inputs[1], out);
    if (!bad) report_distance(o, &s, out);
    nearest_free(&s.near);
    free(s.label);
    rows_close(train);
    matrix_free(&test);
    return bad;
}

static const Options defaults = {.tensor = "feature,image", .label = "label", .k = 1};

static const MetricOption options[] = {
    OPTION(k, "neighbours", 'k', OPT_U64(1, UINT32_MAX), "K", "neighbours that vote (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "the tensor of labels (label)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_knn = {
    .name = "knn",
    .operands = "TRAIN TEST",
    .summary = "Nearest-neighbour accuracy of TEST in TRAIN, and mean nearest distance.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .feature = "feature",
    .compares = COMPARES_TRAINED,
};
