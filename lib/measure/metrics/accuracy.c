/* accuracy: share of rows whose largest logit is at the label, by class, with confusion counts. */
#include "maths/assign.h"
#include "maths/dense.h"
#include "measure/metric.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024, CLASSES_MAX = 8192 };

typedef struct {
    const char *logits, *label;
    bool confusion, classes;
} Options;

/* count[t*width+p]: rows of true class t whose prediction is p; without labels t is 0. */
typedef struct {
    size_t width, n, right;
    bool labelled;
    uint64_t *count;
} Confusion;

static int count_rows(Confusion *t, Rows *r, const char *path, double *x, int64_t *label,
                      Error *err) {
    for (;;) {
        ssize_t n = rows_read(r, BLOCK, x, label, err);
        if (n <= 0) return (int)n;
        for (ssize_t i = 0; i < n; i++, t->n++) {
            size_t p = argmax(x + (size_t)i * t->width, t->width), y = 0;
            if (t->labelled) {
                if (label[i] < 0 || (uint64_t)label[i] >= t->width)
                    return fail(err, "%s: row %zu: label %lld does not fit %zu logits", path, t->n,
                                (long long)label[i], t->width);
                y = (size_t)label[i];
            }
            t->right += p == y;
            t->count[y * t->width + p]++;
        }
    }
}

static int count_stream(const Options *o, const Operand *in, Confusion *t, Error *err) {
    const char *path = in->path;
    Rows *r = rows_open(
        &(RowsSpec){.of = in, .tensor = o->logits, .label = o->label, .label_needed = !o->classes},
        err);
    if (!r) return -1;
    t->width = rows_width(r);
    t->labelled = rows_labelled(r);
    int bad = 0;
    if (t->width < 2 || t->width > CLASSES_MAX)
        bad = fail(err, "%s: '%s' has %zu logits a row, expected 2 to %d", path, o->logits,
                   t->width, CLASSES_MAX);
    double *x = bad ? NULL : data_alloc(BLOCK * t->width * sizeof *x, err);
    int64_t *label = bad ? NULL : data_alloc(BLOCK * sizeof *label, err);
    t->count = bad ? NULL : calloc(t->width * t->width, sizeof *t->count);
    if (!bad && !t->count) bad = fail(err, "out of memory");
    if (!x || !label) bad = -1;
    if (!bad) bad = count_rows(t, r, path, x, label, err);
    if (!bad && !t->n) bad = fail(err, "%s: no rows", path);
    free(x);
    free(label);
    rows_close(r);
    return bad;
}

static void report_class(const Confusion *t, size_t y, Results *out) {
    uint64_t n = 0;
    for (size_t p = 0; p < t->width; p++) n += t->count[y * t->width + p];
    if (!n) return;
    uint64_t right = t->count[y * t->width + y];
    result_begin(out, "accuracy.class", (double)right / (double)n);
    result_int(out, "class", (int64_t)y);
    result_int(out, "right", (int64_t)right);
    result_int(out, "n", (int64_t)n);
    result_end(out);
}

static void report_confusion(const Confusion *t, Results *out) {
    for (size_t y = 0; y < t->width; y++) {
        for (size_t p = 0; p < t->width; p++) {
            if (!t->count[y * t->width + p]) continue;
            result_begin(out, "accuracy.confusion", (double)t->count[y * t->width + p]);
            result_int(out, "class", (int64_t)y);
            result_int(out, "predicted", (int64_t)p);
            result_end(out);
        }
    }
}

/* How many classes are predicted at least once, and how often each. */
static void report_present(const Options *o, const Confusion *t, Results *out) {
    size_t present = 0;
    Str counts = {0};
    for (size_t p = 0; p < t->width; p++) {
        uint64_t n = 0;
        for (size_t y = 0; y < t->width; y++) n += t->count[y * t->width + p];
        present += n > 0;
        str_printf(&counts, "%s%llu", p ? "," : "", (unsigned long long)n);
    }
    result_begin(out, "classes", (double)present);
    result_int(out, "of", (int64_t)t->width);
    result_int(out, "n", (int64_t)t->n);
    result_text(out, "predicted", counts.text);
    result_text(out, "logits", o->logits);
    result_end(out);
    str_free(&counts);
}

/* ---- another order of classes ---- */

/* Beyond so many classes the best order is not looked for, which takes the cube of their number. */
enum { ORDER_MAX = 1024 };

static double cost(const void *table, size_t y, size_t p) {
    const Confusion *t = table;
    return -(double)t->count[y * t->width + p];
}

/* Whether predictions are right of classes that are numbered otherwise, and of classes that are
 * named, how many. */
static int warn(const Confusion *t, const Operand *in, Results *out, Error *err) {
    size_t *label = t->labelled && t->width <= ORDER_MAX
                        ? data_alloc((t->width + 1) * sizeof *label, err)
                        : NULL;
    size_t right = 0, names = facts_classes(in->facts);
    if (names && names != t->width)
        result_warn(out, "%s names %zu classes, and has %zu logits a row", in->path, names,
                    t->width);
    if (!t->labelled || t->width > ORDER_MAX) return 0;
    int bad = label ? assign_least(t->width, cost, t, label, err) : -1;
    for (size_t p = 0; p < t->width && !bad; p++) right += t->count[label[p] * t->width + p];
    double share = (double)t->right / (double)t->n, best = (double)right / (double)t->n;
    if (!bad && best >= 0.5 && best - share > 0.25)
        result_warn(
            out,
            "%.3g %% of rows are right, and %.3g %% if classes are numbered otherwise: is their "
            "order the same in labels and logits?",
            100 * share, 100 * best);
    free(label);
    return bad;
}

static void report(const Options *o, const Confusion *t, Results *out) {
    if (t->labelled) {
        result_begin(out, "accuracy", (double)t->right / (double)t->n);
        result_int(out, "right", (int64_t)t->right);
        result_int(out, "n", (int64_t)t->n);
        result_int(out, "classes", (int64_t)t->width);
        result_text(out, "logits", o->logits);
        result_text(out, "label", o->label);
        result_end(out);
        for (size_t y = 0; y < t->width; y++) report_class(t, y, out);
        if (o->confusion) report_confusion(t, out);
    }
    if (o->classes) report_present(o, t, out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Confusion t = {0};
    int bad = count_stream(options, &inputs[0], &t, err);
    if (!bad) report(options, &t, out);
    if (!bad) bad = warn(&t, &inputs[0], out, err);
    free(t.count);
    return bad;
}

static const Options defaults = {.logits = "logits", .label = "label"};

static const MetricOption options[] = {
    OPTION(logits, "logits", 0, OPT_TEXT, "NAME", "the tensor [N,C] of scores (logits)"),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "the labels, [N] or one-hot [N,C] (label)"),
    OPTION(confusion, "confusion", 0, OPT_FLAG, NULL, "count rows by class and prediction"),
    OPTION(classes, "classes", 0, OPT_FLAG, NULL,
           "count the classes predicted; labels may be absent"),
    {0},
};

const Metric metric_accuracy = {
    .name = "accuracy",
    .operands = "STREAM",
    .summary = "Share of rows whose largest logit is at the label.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
    .by = true,
};
