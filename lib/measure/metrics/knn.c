/* knn: k-nearest-neighbour classification and nearest-neighbour distance, Euclidean or on the
 * sphere.
 *
 * TEST is held in memory and TRAIN streams past it once, so that a training set of any length (ten
 * million generated samples, say) costs no memory but its labels. With few labels, drawn several
 * times, both are held. */
#include "maths/classes.h"
#include "maths/nearest.h"
#include "measure/doubts.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES_MAX = 64 };

typedef struct {
    const char *tensor, *label, *per_class;
    uint64_t k, draws, seed;
    double sizes[SIZES_MAX]; /* of --per-class */
    int size_count;
    bool geodesic;
    ValueRange range;
} Options;

typedef struct {
    const Options *o;
    const Matrix *test;
    Nearest near;
    int64_t *label; /* of all rows of TRAIN, or NULL */
    size_t label_room;
    bool labelled;
} Search;

/* Rows as points of the unit sphere, where the nearest by angle are the nearest by chord. `first`
 * is the number of the first row in the stream. */
static int unit_rows(double *x, size_t n, size_t d, size_t first, const char *path, Error *err) {
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t j = 0; j < d; j++) square += x[i * d + j] * x[i * d + j];
        if (square <= 0) return fail(err, "%s: row %zu has no direction", path, first + i);
        for (size_t j = 0; j < d; j++) x[i * d + j] /= sqrt(square);
    }
    return 0;
}

static int label_reserve(Search *s, Error *err) {
    if (!s->labelled) return 0;
    return array_room(&s->label, &s->label_room, s->near.seen + NEAREST_BLOCK, sizeof *s->label,
                      "labels", err);
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
        if (!bad && s->o->geodesic)
            bad = unit_rows(y, (size_t)n, s->test->d, s->near.seen, path, err);
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
    if (o->geodesic) result_text(out, "distance", "geodesic");
    result_range(out, &o->range);
}

static void report_distance(const Options *o, const Search *s, Results *out) {
    double sum = 0;
    for (size_t i = 0; i < s->test->n; i++) {
        double chord = sqrt(s->near.best[i].key[0]);
        sum += o->geodesic ? 2 * asin(fmin(chord / 2, 1)) : chord;
    }
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

/* ---- few labels ---- */

typedef struct {
    Matrix train;
    ClassCounts classes;
    size_t *class, *chosen; /* of all rows of TRAIN; of a draw */
    size_t per_class;
    double *y, *share; /* rows of a block; of each draw */
} Few;

/* The share of test rows that the rows of one draw classify rightly. */
static int few_draw(Search *s, Few *f, size_t draw, Error *err) {
    size_t n = f->classes.n * f->per_class, d = f->train.d, right = 0;
    if (classes_choose(&f->classes, f->class, f->train.n, f->per_class, s->o->seed, draw, f->chosen,
                       err) < 0)
        return -1;
    int bad = nearest_start(&s->near, s->test->x, s->test->n, d, (size_t)s->o->k, err);
    for (size_t at = 0; at < n && !bad; at += NEAREST_BLOCK) {
        size_t some = n - at < NEAREST_BLOCK ? n - at : NEAREST_BLOCK;
        for (size_t i = 0; i < some; i++) {
            size_t row = f->chosen[at + i];
            s->label[at + i] = f->train.label[row];
            memcpy(f->y + i * d, f->train.x + row * d, d * sizeof *f->y);
        }
        nearest_offer(&s->near, f->y, some);
    }
    for (size_t i = 0; i < s->test->n && !bad; i++) right += vote(s, i) == s->test->label[i];
    f->share[draw] = (double)right / (double)s->test->n;
    nearest_free(&s->near);
    return bad;
}

static int few_load(Search *s, Few *f, const RowsSpec *spec, Error *err) {
    const Options *o = s->o;
    size_t bytes;
    if (matrix_load(spec, AS_DOUBLE, 0, &f->train, err) < 0 ||
        classes_add(&f->classes, f->train.label, f->train.n, err) < 0)
        return -1;
    if (!size_mul(f->train.n, sizeof *f->class, &bytes)) return fail(err, "too many rows");
    f->class = data_alloc(bytes, err);
    f->chosen = data_alloc(bytes, err);
    s->label = data_alloc(bytes, err);
    f->y = data_alloc(NEAREST_BLOCK * f->train.d * sizeof *f->y, err);
    f->share = data_alloc((size_t)o->draws * sizeof *f->share, err);
    if (!f->class || !f->chosen || !f->y || !f->share || !s->label) return -1;
    for (size_t i = 0; i < f->train.n; i++)
        f->class[i] = (size_t)classes_find(&f->classes, f->train.label[i]);
    if (!o->geodesic) return 0;
    return unit_rows(f->train.x, f->train.n, f->train.d, 0, spec->of->path, err);
}

static void few_report(Search *s, const Few *f, Results *out) {
    const Options *o = s->o;
    double mean = 0, square = 0, n = (double)o->draws;
    for (size_t i = 0; i < o->draws; i++) mean += f->share[i];
    mean /= n;
    for (size_t i = 0; i < o->draws; i++) square += (f->share[i] - mean) * (f->share[i] - mean);
    s->near.k = (size_t)o->k;
    s->near.seen = f->classes.n * f->per_class;
    for (int error = 0; error < 2; error++) {
        result_begin(out, error ? "knn.error" : "knn.accuracy", error ? 1 - mean : mean);
        if (o->draws > 1) result_real(out, "std", sqrt(square / (n - 1)));
        describe(o, s, out);
        result_int(out, "per_class", (int64_t)f->per_class);
        result_int(out, "draws", (int64_t)o->draws);
        result_int(out, "seed", (int64_t)o->seed);
        result_end(out);
    }
}

/* All draws of so many rows a class. */
static int few_size(Search *s, Few *f, size_t per_class, const char *path, Results *out,
                    Error *err) {
    size_t n;
    f->per_class = per_class;
    if (!size_mul(per_class, f->classes.n, &n) || n > f->train.n)
        return fail(err, "--per-class %zu: only %zu training rows", per_class, f->train.n);
    if (n < s->o->k)
        return fail(err, "%s: %zu rows are fewer than k = %zu", path, n, (size_t)s->o->k);
    for (size_t draw = 0; draw < s->o->draws; draw++)
        if (few_draw(s, f, draw, err) < 0) return -1;
    few_report(s, f, out);
    return 0;
}

/* TEST is loaded; spec is that of TRAIN. */
static int run_few(Search *s, RowsSpec *spec, const Operand *inputs, Results *out, Error *err) {
    Few f = {0};
    spec->label_needed = true;
    int bad = s->test->label ? 0 : fail(err, "%s: no labels", inputs[1].path);
    if (!bad) bad = few_load(s, &f, spec, err);
    if (!bad) bad = operands_match(&inputs[0], f.train.d, &inputs[1], s->test->d, err);
    if (!bad)
        bad = provenance_same(inputs[0].path, &f.train.from, inputs[1].path, &s->test->from, err);
    if (!bad) bad = doubts_names(&inputs[0], &inputs[1], err);
    if (!bad) doubts_unknown(&inputs[0], &inputs[1], out);
    for (int i = 0; i < s->o->size_count && !bad; i++)
        bad = few_size(s, &f, (size_t)s->o->sizes[i], inputs[0].path, out, err);
    matrix_free(&f.train);
    classes_free(&f.classes);
    free(f.class);
    free(f.chosen);
    free(f.y);
    free(f.share);
    return bad;
}

static int run_all(Search *s, const RowsSpec *spec, const Operand *inputs, Results *out,
                   Error *err) {
    const Options *o = s->o;
    const Matrix *test = s->test;
    Rows *train = rows_open(spec, err);
    int bad = train ? operands_match(&inputs[0], rows_width(train), &inputs[1], test->d, err) : -1;
    if (!bad)
        bad = provenance_same(inputs[0].path, rows_provenance(train), inputs[1].path, &test->from,
                              err);
    if (!bad) bad = nearest_start(&s->near, test->x, test->n, test->d, (size_t)o->k, err);
    if (!bad) bad = search_stream(s, train, inputs[0].path, err);
    if (!bad && s->labelled && test->label) bad = doubts_names(&inputs[0], &inputs[1], err);
    if (!bad && s->labelled) bad = report_labels(o, s, out, err);
    if (!bad) doubts_unknown(&inputs[0], &inputs[1], out);
    if (!bad) report_distance(o, s, out);
    rows_close(train);
    return bad;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec spec = {.of = &inputs[1], .tensor = o->tensor, .label = o->label, .range = o->range};
    Matrix test;
    if (matrix_load(&spec, AS_DOUBLE, 0, &test, err) < 0) return -1;
    Search s = {.o = o, .test = &test};
    spec.of = &inputs[0];
    int bad = o->geodesic ? unit_rows(test.x, test.n, test.d, 0, inputs[1].path, err) : 0;
    if (!bad)
        bad = o->per_class ? run_few(&s, &spec, inputs, out, err)
                           : run_all(&s, &spec, inputs, out, err);
    nearest_free(&s.near);
    free(s.label);
    matrix_free(&test);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (o->per_class) o->size_count = parse_list(o->per_class, o->sizes, SIZES_MAX, err);
    if (o->size_count < 0) return fail_in(err, "--per-class");
    for (int i = 0; i < o->size_count; i++)
        if (o->sizes[i] != floor(o->sizes[i]) || o->sizes[i] > 0x1p32)
            return fail(err, "--per-class: expected whole numbers from 1 on, found '%s'",
                        o->per_class);
    if (o->draws > 1 && !o->per_class) return fail(err, "--draws needs --per-class");
    return 0;
}

static const Options defaults = {.tensor = "feature,image", .label = "label", .k = 1, .draws = 1};

static const MetricOption options[] = {
    OPTION(k, "neighbours", 'k', OPT_U64(1, UINT32_MAX), "K", "neighbours that vote (1)"),
    OPTION(geodesic, "geodesic", 0, OPT_FLAG, NULL, "distances are angles between rows"),
    OPTION(per_class, "per-class", 0, OPT_TEXT, "LIST",
           "train on so many rows drawn from each class"),
    OPTION(draws, "draws", 0, OPT_U64(1, 1 << 20), "N", "such draws (1)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", "seed of the draws (0)"),
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
    .check = check,
    .run = run,
    .feature = "feature",
    .compares = COMPARES_TRAINED,
};
