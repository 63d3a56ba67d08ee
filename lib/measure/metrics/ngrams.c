/* ngrams: Jensen-Shannon divergence, base 2, between the n-grams of two sets of lines, as Gulrajani
 * et al. 2017 judge models of characters. Lines are numbers of symbols [N,T], or weights [N,T,V] of
 * which the largest counts. An n-gram is n symbols in a row within a line. */
#include "maths/dense.h"
#include "measure/pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, ORDER_MAX = 8, SYMBOLS_MAX = 256 }; /* an n-gram is a byte a symbol */

typedef struct {
    const char *tensor;
    uint64_t order, count;
} Options;

typedef struct {
    size_t n, length, room; /* room: for symbols */
    unsigned char *symbol;  /* [n,length] */
} Lines;

/* ---- lines ---- */

/* The symbols of one line: each a number, or the largest of `width` weights. */
static int add_line(Lines *l, const double *x, size_t width, DType type, const char *path,
                    Error *err) {
    if (array_room(&l->symbol, &l->room, (l->n + 1) * l->length, 1, "symbols", err)) return -1;
    unsigned char *to = l->symbol + l->n * l->length;
    for (size_t i = 0; i < l->length; i++) {
        int64_t k = 0;
        bool whole = true;
        if (width > 1)
            k = (int64_t)argmax(x + i * width, width);
        else
            whole = pictures_integer(type, x[i], &k);
        if (!whole || k < 0 || k >= SYMBOLS_MAX)
            return fail(err, "%s: row %zu: symbol %g, expected 0 to %d", path, l->n,
                        whole ? (double)k : x[i], SYMBOLS_MAX - 1);
        to[i] = (unsigned char)k;
    }
    l->n++;
    return 0;
}

static int add_lines(Lines *l, Rows *r, const char *path, uint64_t most, Error *err) {
    const Tensor *t = rows_first(r);
    size_t row = rows_width(r), width = t->rank == 3 ? t->shape[2] : 1;
    DType type = t->dtype;
    if (t->rank != 2 && t->rank != 3) {
        char shape[200];
        return fail(err, "%s: tensor '%s' is %s, expected [N,T] or [N,T,V]", path, t->name,
                    shape_text(t->rank, t->shape, shape, sizeof shape));
    }
    l->length = t->shape[1];
    double *x = data_alloc(BLOCK * row * sizeof *x, err);
    ssize_t n = x ? 1 : -1;
    while (n > 0 && !(most && l->n == most)) {
        n = rows_read(r, most && most - l->n < BLOCK ? (size_t)most - l->n : BLOCK, x, NULL, err);
        for (ssize_t i = 0; i < n; i++)
            if (add_line(l, x + (size_t)i * row, width, type, path, err) < 0) n = -1;
    }
    free(x);
    return n < 0 ? -1 : l->n ? 0 : fail(err, "%s: no rows", path);
}

static int read_lines(const Options *o, const Operand *in, uint64_t most, Lines *l, Error *err) {
    const char *path = in->path;
    Rows *r = rows_open(&(RowsSpec){.of = in, .tensor = o->tensor}, err);
    int bad = r ? add_lines(l, r, path, most, err) : -1;
    if (!bad && l->length < o->order)
        bad = fail(err, "%s: lines of %zu symbols have no %zu-grams", path, l->length,
                   (size_t)o->order);
    rows_close(r);
    return bad;
}

/* ---- n-grams ---- */

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All n-grams, sorted; lines are at least so long. */
static uint64_t *grams(const Lines *l, size_t order, size_t *count, Error *err) {
    size_t each = l->length - order + 1, k = 0;
    *count = l->n * each;
    uint64_t *g = data_alloc(*count * sizeof *g, err);
    for (size_t i = 0; g && i < l->n; i++)
        for (size_t at = 0; at < each; at++, k++) {
            g[k] = 0;
            for (size_t j = 0; j < order; j++) g[k] = g[k] << 8 | l->symbol[i * l->length + at + j];
        }
    if (g) qsort(g, *count, sizeof *g, ascending);
    return g;
}

static size_t run_of(const uint64_t *g, size_t n, size_t at, uint64_t value) {
    size_t end = at;
    while (end < n && g[end] == value) end++;
    return end - at;
}

/* p log2(p / middle) / 2 */
static double half_term(double p, double q) { return p > 0 ? p * log2(2 * p / (p + q)) / 2 : 0; }

static double jensen_shannon(const uint64_t *a, size_t na, const uint64_t *b, size_t nb) {
    double sum = 0;
    for (size_t i = 0, j = 0; i < na || j < nb;) {
        uint64_t value = j == nb || (i < na && a[i] <= b[j]) ? a[i] : b[j];
        size_t ka = run_of(a, na, i, value), kb = run_of(b, nb, j, value);
        double p = (double)ka / (double)na, q = (double)kb / (double)nb;
        sum += half_term(p, q) + half_term(q, p);
        i += ka;
        j += kb;
    }
    return sum;
}

static int compare(const Lines l[2], size_t order, Results *out, Error *err) {
    size_t n[2];
    uint64_t *a = grams(&l[0], order, &n[0], err), *b = a ? grams(&l[1], order, &n[1], err) : NULL;
    if (b) {
        result_begin(out, "ngrams.js", jensen_shannon(a, n[0], b, n[1]));
        result_int(out, "order", (int64_t)order);
        result_int(out, "lines", (int64_t)l[0].n);
        result_int(out, "corpus", (int64_t)l[1].n);
        result_end(out);
    }
    free(a);
    free(b);
    return b ? 0 : -1;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Lines l[2] = {{0}};
    int bad = read_lines(o, &inputs[0], o->count, &l[0], err);
    if (!bad) bad = read_lines(o, &inputs[1], 0, &l[1], err);
    for (size_t k = 1; !bad && k <= o->order; k++) bad = compare(l, k, out, err);
    free(l[0].symbol);
    free(l[1].symbol);
    return bad;
}

static const Options defaults = {.tensor = "text,value", .order = 4};

static const MetricOption options[] = {
    OPTION(order, "order", 0, OPT_U64(1, ORDER_MAX), "N", "1-grams to N-grams (4)"),
    OPTION(count, "count", 'n', OPT_U64(1, UINT64_MAX), "N", "use the first N lines of SAMPLES"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "the tensor of the lines"),
    {0},
};

const Metric metric_ngrams = {
    .name = "ngrams",
    .operands = "SAMPLES CORPUS",
    .summary = "Divergence between the n-grams of two sets of lines.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .by = true,
};
