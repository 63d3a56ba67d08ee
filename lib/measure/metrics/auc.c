/* auc: how well scores rank what is there above what is not: the area under the curve of true
 * against false positives, which is the share of pairs, one of each kind, in which the one that is
 * there scores higher, equal scores counting half; and average precision, the mean over those that
 * are there of the precision at their score, sum over distinct scores of (R_k - R_{k-1}) P_k. */
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 1024 };

typedef struct {
    const char *tensor, *label;
} Options;

typedef struct {
    double score;
    bool there;
} Item;

typedef struct {
    Item *item;
    size_t n, room, there;
    char tensor[96];
} Ranking;

static int add_rows(Ranking *k, const double *x, const int64_t *label, size_t n, const char *path,
                    Error *err) {
    for (size_t i = 0; i < n; i++) {
        if (label[i] != 0 && label[i] != 1)
            return fail(err, "%s: row %zu: label %lld, expected 0 or 1", path, k->n,
                        (long long)label[i]);
        if (array_room(&k->item, &k->room, k->n + 1, sizeof *k->item, "rows", err)) return -1;
        k->item[k->n++] = (Item){x[i], label[i] == 1};
        k->there += (size_t)label[i];
    }
    return 0;
}

static int read_all(Ranking *k, Rows *r, const char *path, Error *err) {
    double *x = data_alloc(BLOCK * sizeof *x, err);
    int64_t *label = data_alloc(BLOCK * sizeof *label, err);
    ssize_t n = x && label ? 1 : -1;
    while (n > 0 && (n = rows_read(r, BLOCK, x, label, err)) > 0)
        if (add_rows(k, x, label, (size_t)n, path, err)) n = -1;
    free(x);
    free(label);
    if (n < 0) return -1;
    if (!k->there || k->there == k->n)
        return fail(err, "%s: all %zu labels are %d, expected both 0 and 1", path, k->n,
                    k->there > 0);
    return 0;
}

static int descending(const void *a, const void *b) {
    double x = ((const Item *)a)->score, y = ((const Item *)b)->score;
    return (x < y) - (x > y);
}

static void line(const Options *o, const Ranking *k, const char *name, double value, Results *out) {
    result_begin(out, name, value);
    result_int(out, "positive", (int64_t)k->there);
    result_int(out, "negative", (int64_t)(k->n - k->there));
    result_text(out, "tensor", k->tensor);
    result_text(out, "label", o->label);
    result_end(out);
}

static void report(const Options *o, Ranking *k, Results *out) {
    double area = 0, precision = 0, all = (double)k->there, none = (double)(k->n - k->there);
    size_t above = 0; /* of those that are there, with a higher score */
    qsort(k->item, k->n, sizeof *k->item, descending);
    for (size_t i = 0, end; i < k->n; i = end) {
        size_t here = 0;
        for (end = i; end < k->n && k->item[end].score >= k->item[i].score; end++)
            here += k->item[end].there;
        double others = (double)(end - i - here);
        area += others * ((double)above + (double)here / 2);
        above += here;
        precision += (double)here * ((double)above / (double)end);
    }
    line(o, k, "auc", area / (all * none), out);
    line(o, k, "auc.precision", precision / all, out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    const char *path = inputs[0].path;
    Ranking k = {0};
    Rows *r = rows_open(
        &(RowsSpec){.of = &inputs[0], .tensor = o->tensor, .label = o->label, .label_needed = true},
        err);
    if (!r) return -1;
    snprintf(k.tensor, sizeof k.tensor, "%s", rows_tensor(r));
    int bad = rows_width(r) == 1 ? read_all(&k, r, path, err)
                                 : fail(err, "%s: '%s' has %zu numbers a row, expected one score",
                                        path, k.tensor, rows_width(r));
    rows_close(r);
    if (!bad) report(o, &k, out);
    free(k.item);
    return bad;
}

static const Options defaults = {.tensor = "score,logits,value", .label = "label"};

static const MetricOption options[] = {
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "scores [N] or [N,1] (score,logits,value)"),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME",
           "the labels [N], 1 for what is there, or 0 (label)"),
    {0},
};

const Metric metric_auc = {
    .name = "auc",
    .operands = "STREAM",
    .summary = "Area under the ROC curve of scores, and average precision.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
    .by = true,
};
