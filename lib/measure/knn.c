/* knn: k-nearest-neighbour classification and nearest-neighbour distance, Euclidean.
 *
 * TEST is held in memory and TRAIN streams past it once, so that a training set of any length (ten
 * million generated samples, say) costs no memory but its labels. */
#include "measure/classes.h"
#include "measure/dense.h"
#include "measure/metric.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum { TILE = 128, BLOCK = 1024 };

typedef struct {
    const char *tensor, *label, *range;
    uint64_t k;
    double low, high;
} Options;

typedef struct {
    const Matrix *test;
    size_t k, n_train;
    double *xx, *key, *dist; /* [n]; [n,k] squared distances; [threads,TILE,BLOCK] */
    size_t *item;            /* [n,k] rows of TRAIN */
    Best *best;              /* [n] */
    int64_t *label;          /* [n_train] or NULL */
    size_t label_room;
    bool labelled;
} Search;

static void search_free(Search *s) {
    free(s->xx);
    free(s->key);
    free(s->dist);
    free(s->item);
    free(s->best);
    free(s->label);
}

static int search_start(Search *s, const Matrix *test, size_t k, Error *err) {
    size_t slots, bytes;
    *s = (Search){.test = test, .k = k};
    if (!size_mul(test->n, k, &slots) || !size_mul(slots, sizeof *s->key, &bytes))
        return fail(err, "-k %zu is too large", k);
    s->xx = data_alloc(test->n * sizeof *s->xx, err);
    s->key = data_alloc(bytes, err);
    s->item = data_alloc(slots * sizeof *s->item, err);
    s->best = data_alloc(test->n * sizeof *s->best, err);
    s->dist = data_alloc((size_t)omp_get_max_threads() * TILE * BLOCK * sizeof *s->dist, err);
    if (!s->xx || !s->key || !s->item || !s->best || !s->dist) return -1;
    squared_norms(test->x, test->n, test->d, s->xx);
    for (size_t i = 0; i < test->n; i++) s->best[i] = (Best){s->key + i * k, s->item + i * k, k, 0};
    return 0;
}

/* Offers a block of training rows to test rows [from, from+n). */
static void search_tile(Search *s, size_t from, size_t n, const double *y, const double *yy,
                        size_t ny, double *dist) {
    size_t d = s->test->d;
    squared_distances(s->test->x + from * d, s->xx + from, n, y, yy, ny, d, dist);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < ny; j++)
            best_offer(&s->best[from + i], dist[i * ny + j], s->n_train + j);
}

static void search_block(Search *s, const double *y, const double *yy, size_t ny) {
    size_t n = s->test->n;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i += TILE)
        search_tile(s, i, n - i < TILE ? n - i : TILE, y, yy, ny,
                    s->dist + (size_t)omp_get_thread_num() * TILE * BLOCK);
    s->n_train += ny;
}

static int label_reserve(Search *s, Error *err) {
    if (!s->labelled || s->label_room >= s->n_train + BLOCK) return 0;
    size_t room = 2 * s->label_room + BLOCK;
    int64_t *label = realloc(s->label, room * sizeof *label);
    if (!label) return fail(err, "out of memory: %zu labels", room);
    s->label = label;
    s->label_room = room;
    return 0;
}

/* Streams TRAIN past the test rows. */
static int search_stream(Search *s, Rows *train, const char *path, Error *err) {
    double *y = data_alloc(BLOCK * s->test->d * sizeof *y, err);
    double *yy = data_alloc(BLOCK * sizeof *yy, err);
    int bad = y && yy ? 0 : -1;
    s->labelled = rows_labelled(train);
    for (ssize_t n = 1; n && !bad;) {
        bad = label_reserve(s, err);
        int64_t *label = s->label ? s->label + s->n_train : NULL;
        if (!bad && (n = rows_read(train, BLOCK, y, label, err)) < 0) bad = -1;
        if (bad || !n) break;
        squared_norms(y, (size_t)n, s->test->d, yy);
        search_block(s, y, yy, (size_t)n);
    }
    if (!bad && !s->n_train) bad = fail(err, "%s: no rows", path);
    if (!bad && s->n_train < s->k)
        bad = fail(err, "%s: %zu rows are fewer than k = %zu", path, s->n_train, s->k);
    free(y);
    free(yy);
    return bad;
}

/* The most frequent label among the k nearest; of equally frequent ones, the nearest's. */
static int64_t vote(const Search *s, size_t i) {
    const size_t *item = s->item + i * s->k;
    size_t most = 0, winner = 0;
    for (size_t a = 0; a < s->k; a++) {
        size_t votes = 0;
        for (size_t b = 0; b < s->k; b++) votes += s->label[item[b]] == s->label[item[a]];
        if (votes > most) most = votes, winner = a;
    }
    return s->label[item[winner]];
}

static void describe(const Options *o, const Search *s, Results *out) {
    result_int(out, "k", (int64_t)s->k);
    result_int(out, "n_train", (int64_t)s->n_train);
    result_int(out, "n_test", (int64_t)s->test->n);
    result_int(out, "dim", (int64_t)s->test->d);
    result_text(out, "tensor", s->test->tensor);
    if (o->range) result_text(out, "range", o->range);
}

static void report_distance(const Options *o, const Search *s, Results *out) {
    double sum = 0;
    for (size_t i = 0; i < s->test->n; i++) sum += sqrt(s->key[i * s->k]);
    result_begin(out, "knn.distance", sum / (double)s->test->n);
    describe(o, s, out);
    if (!s->labelled || !s->test->label)
        result_text(out, "note", s->labelled ? "no labels in TEST" : "no labels in TRAIN");
    result_end(out);
}

static int report_labels(const Options *o, const Search *s, Results *out, Error *err) {
    size_t right = 0;
    Classes found = {0}, known = {0};
    int bad = classes_add(&known, s->label, s->n_train, err);
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

static int check(void *options, Error *err) {
    Options *o = options;
    if (!o->k) return fail(err, "-k must be at least 1");
    return parse_range(o->range, &o->low, &o->high, err);
}

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec spec = {
        .path = inputs[1], .tensor = o->tensor, .label = o->label, .low = o->low, .high = o->high};
    Matrix test;
    if (matrix_load(&spec, AS_DOUBLE, 0, &test, err) < 0) return -1;
    Search s = {0};
    spec.path = inputs[0];
    Rows *train = rows_open(&spec, err);
    int bad = train ? same_width(inputs[0], rows_width(train), inputs[1], test.d, err) : -1;
    if (!bad) bad = search_start(&s, &test, (size_t)o->k, err);
    if (!bad) bad = search_stream(&s, train, inputs[0], err);
    if (!bad && s.labelled) bad = report_labels(o, &s, out, err);
    if (!bad) report_distance(o, &s, out);
    search_free(&s);
    rows_close(train);
    matrix_free(&test);
    return bad;
}

static const Options defaults = {.tensor = "feature,image", .label = "label", .k = 1};

static const MetricOption options[] = {
    {"neighbours", 'k', OPT_U64, "K", offsetof(Options, k), "neighbours that vote (1)", false},
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), HELP_TENSOR, false},
    {"label", 'l', OPT_TEXT, "NAME", offsetof(Options, label), "the tensor of labels (label)",
     false},
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(Options, range), HELP_RANGE, false},
    {0},
};

const Metric metric_knn = {
    "knn",
    "TRAIN TEST",
    "Nearest-neighbour accuracy of TEST in TRAIN, and mean nearest distance.",
    2,
    sizeof(Options),
    &defaults,
    options,
    check,
    run};
