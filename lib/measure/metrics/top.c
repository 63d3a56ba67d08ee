/* top: the rows with the largest values in each column, to find what excites a unit most. */
#include "maths/dense.h"
#include "measure/metric.h"

#include <stdlib.h>

enum { BLOCK = 256 };

typedef struct {
    const char *tensor;
    uint64_t k;
} Options;

static int search(Rows *r, Best *best, size_t *n, Error *err) {
    size_t d = rows_width(r);
    double *x = data_alloc(BLOCK * d * sizeof *x, err);
    ssize_t got = x ? 1 : -1;
    *n = 0;
    while (got > 0) {
        got = rows_read(r, BLOCK, x, NULL, err);
        for (ssize_t i = 0; i < got; i++, ++*n)
            for (size_t j = 0; j < d; j++) best_offer(&best[j], -x[(size_t)i * d + j], *n);
    }
    free(x);
    return (int)got;
}

static void report(const Best *best, size_t d, size_t n, const char *tensor, Results *out) {
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < best[j].count; i++) {
            result_begin(out, "top", -best[j].key[i]);
            result_int(out, "column", (int64_t)j);
            result_int(out, "rank", (int64_t)i + 1);
            result_int(out, "index", (int64_t)best[j].item[i]);
            result_int(out, "n", (int64_t)n);
            result_text(out, "tensor", tensor);
            result_end(out);
        }
}

static int run_rows(const Options *o, const char *path, Rows *r, Results *out, Error *err) {
    size_t d = rows_width(r), k = (size_t)o->k, count, bytes, n;
    if (!size_mul(d, k, &count) || !size_mul(count, sizeof(double), &bytes))
        return fail(err, "--count %zu is too large", k);
    double *key = data_alloc(bytes, err);
    size_t *item = data_alloc(count * sizeof *item, err);
    Best *best = data_alloc(d * sizeof *best, err);
    int bad = key && item && best ? 0 : -1;
    for (size_t j = 0; j < d && !bad; j++) best[j] = (Best){key + j * k, item + j * k, k, 0};
    if (!bad) bad = search(r, best, &n, err);
    if (!bad && !n) bad = fail(err, "%s: no rows", path);
    if (!bad) report(best, d, n, rows_tensor(r), out);
    free(key);
    free(item);
    free(best);
    return bad;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Rows *r = rows_open(&(RowsSpec){.of = &inputs[0], .tensor = o->tensor}, err);
    int bad = r ? run_rows(o, inputs[0].path, r, out, err) : -1;
    rows_close(r);
    return bad;
}

static const Options defaults = {.tensor = "score,value,feature", .k = 1};

static const MetricOption options[] = {
    OPTION(k, "count", 'k', OPT_U64(1, UINT32_MAX), "K", "rows of each column (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    {0},
};

const Metric metric_top = {
    .name = "top",
    .operands = "STREAM",
    .summary = "The rows with the largest values in each column.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
};
