/* segmentation: intersection over union and pixel accuracy of maps of labels (Long et al. 2015). */
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/pictures.h"
#include "media/sources/paths.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 4096, BLOCK_NUMBERS = 1 << 22 };

typedef struct {
    const char *tensor;
    double ignore; /* NaN: none */
} Options;

/* One of the two streams. */
typedef struct {
    const char *path;
    Rows *rows;
    Pictures shape;
    double *x;
} Maps;

typedef struct {
    const Options *o;
    Maps found, truth;
    size_t scores; /* of each pixel of `found`; 1: its label */
    size_t maps, pixels, ignored, right;
    uint64_t both[CLASSES_MAX], in_found[CLASSES_MAX], in_truth[CLASSES_MAX];
    char tensor[96];
    Arena *arena;
    Classes names; /* of the classes, of metadata; count is 0 without any */
} Task;

static int maps_open(Maps *m, const Options *o, const Operand *in, Error *err) {
    m->path = in->path;
    m->rows = pictures_open(&(RowsSpec){.of = in, .tensor = o->tensor}, &m->shape, err);
    return m->rows ? 0 : -1;
}

/* The last axis of the maps that were found may hold scores. */
static int match_shapes(Task *t, Error *err) {
    const Pictures *a = &t->found.shape, *b = &t->truth.shape;
    t->scores = a->channels;
    if (b->channels != 1)
        return fail(err, "%s: %zu numbers a pixel, expected its label", t->truth.path, b->channels);
    if (t->scores > CLASSES_MAX)
        return fail(err, "%s: %zu scores a pixel, expected at most %d", t->found.path, t->scores,
                    CLASSES_MAX);
    if (a->frames == b->frames && a->height == b->height && a->width == b->width) return 0;
    return fail(err, "maps differ in size: %zux%zu in %s, %zux%zu in %s", a->height, a->width,
                t->found.path, b->height, b->width, t->truth.path);
}

/* The names that come with a tensor of labels; those of the true ones go before. */
static int take_names(Task *t, const Maps *m, Error *err) {
    char key[128];
    snprintf(key, sizeof key, "gan.classes.%s", rows_tensor(m->rows));
    const char *json =
        rows_meta(m->rows, strcmp(rows_tensor(m->rows), "label") ? key : "gan.classes");
    if (!json || t->names.count) return 0;
    return classes_parse(&t->names, json, t->arena, err) ? fail_in(err, "%s", m->path) : 0;
}

static bool ignored(const Options *o, int64_t label) { return (double)label == o->ignore; }

static int label_at(const Task *t, const Maps *m, size_t i, int64_t *label, Error *err) {
    size_t row = t->maps + i / rows_width(t->truth.rows);
    if (!pictures_integer(m->shape.type, m->x[i], label))
        return fail(err, "%s: row %zu: %g is no label", m->path, row, m->x[i]);
    if ((*label >= 0 && *label < CLASSES_MAX) || ignored(t->o, *label)) return 0;
    return fail(err, "%s: row %zu: label %" PRId64 " is not in 0 to %d; --ignore leaves one out",
                m->path, row, *label, CLASSES_MAX - 1);
}

static int count_pixel(Task *t, size_t i, Error *err) {
    int64_t truth, found;
    if (label_at(t, &t->truth, i, &truth, err) < 0) return -1;
    if (t->scores > 1)
        found = (int64_t)argmax(t->found.x + i * t->scores, t->scores);
    else if (label_at(t, &t->found, i, &found, err) < 0)
        return -1;
    t->pixels++;
    if (ignored(t->o, truth)) {
        t->ignored++;
        return 0;
    }
    t->in_truth[truth]++;
    if (!ignored(t->o, found)) t->in_found[found]++;
    if (found != truth) return 0;
    t->both[truth]++;
    t->right++;
    return 0;
}

static int count_maps(Task *t, Error *err) {
    size_t a = rows_width(t->found.rows), b = rows_width(t->truth.rows);
    size_t block = a < BLOCK_NUMBERS ? BLOCK_NUMBERS / a : 1;
    t->found.x = data_alloc(block * a * sizeof *t->found.x, err);
    t->truth.x = data_alloc(block * b * sizeof *t->truth.x, err);
    if (!t->found.x || !t->truth.x) return -1;
    for (;;) {
        ssize_t n = rows_read(t->found.rows, block, t->found.x, NULL, err);
        ssize_t m = n < 0 ? -1 : rows_read(t->truth.rows, block, t->truth.x, NULL, err);
        if (m < 0) return -1;
        if (n != m)
            return fail(err, "%s has more rows than %s", n > m ? t->found.path : t->truth.path,
                        n > m ? t->truth.path : t->found.path);
        if (!n) return t->maps ? 0 : fail(err, "%s: no rows", t->found.path);
        for (size_t i = 0; i < (size_t)n * b; i++)
            if (count_pixel(t, i, err) < 0) return -1;
        t->maps += (size_t)n;
    }
}

static void describe(const Task *t, Results *out) {
    result_int(out, "maps", (int64_t)t->maps);
    result_int(out, "pixels", (int64_t)t->pixels);
    result_int(out, "ignored", (int64_t)t->ignored);
    if (!isnan(t->o->ignore)) result_real(out, "ignore", t->o->ignore);
    result_text(out, "tensor", t->tensor);
    result_end(out);
}

/* The pixels of a class in either map. */
static uint64_t either(const Task *t, size_t c) {
    return t->in_found[c] + t->in_truth[c] - t->both[c];
}

static void report(const Task *t, Results *out) {
    size_t classes = 0;
    double sum = 0;
    for (size_t c = 0; c < CLASSES_MAX; c++) {
        if (!either(t, c)) continue;
        sum += (double)t->both[c] / (double)either(t, c);
        classes++;
    }
    result_begin(out, "segmentation.miou", sum / (double)classes);
    result_int(out, "classes", (int64_t)classes);
    describe(t, out);
    result_begin(out, "segmentation.accuracy", (double)t->right / (double)(t->pixels - t->ignored));
    result_int(out, "right", (int64_t)t->right);
    describe(t, out);
    for (size_t c = 0; c < CLASSES_MAX; c++) {
        if (!either(t, c)) continue;
        result_begin(out, "segmentation.class", (double)t->both[c] / (double)either(t, c));
        result_int(out, "class", (int64_t)c);
        if (c < t->names.count) result_text(out, "name", t->names.names[c]);
        result_int(out, "intersection", (int64_t)t->both[c]);
        result_int(out, "union", (int64_t)either(t, c));
        result_end(out);
    }
}

static int measure(Task *t, const Operand *inputs, Results *out, Error *err) {
    if (maps_open(&t->found, t->o, &inputs[0], err) < 0 ||
        maps_open(&t->truth, t->o, &inputs[1], err) < 0 || match_shapes(t, err) < 0 ||
        take_names(t, &t->truth, err) < 0 || take_names(t, &t->found, err) < 0)
        return -1;
    snprintf(t->tensor, sizeof t->tensor, "%s", rows_tensor(t->found.rows));
    if (count_maps(t, err) < 0) return -1;
    if (t->pixels == t->ignored) return fail(err, "%s: every pixel is left out", inputs[1].path);
    report(t, out);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task *t = calloc(1, sizeof *t);
    if (!t) return fail(err, "out of memory");
    t->o = options;
    t->arena = arena_new(NULL);
    int bad = measure(t, inputs, out, err);
    arena_free(t->arena);
    rows_close(t->found.rows);
    rows_close(t->truth.rows);
    free(t->found.x);
    free(t->truth.x);
    free(t);
    return bad;
}

static const Options defaults = {.tensor = "map,label,logits", .ignore = NAN};

static const MetricOption options[] = {
    OPTION(ignore, "ignore", 0, OPT_REAL(-1e18, 1e18), "LABEL",
           "leave out pixels whose true label is this"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME",
           "the maps [N,H,W] or [N,H,W,1], found ones also as scores [N,H,W,C] (map,label,logits)"),
    {0},
};

const Metric metric_segmentation = {
    .name = "segmentation",
    .operands = "FOUND TRUTH",
    .summary = "Mean intersection over union and pixel accuracy of maps of labels.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .compares = COMPARES_PAIRS,
    .by = true,
};
