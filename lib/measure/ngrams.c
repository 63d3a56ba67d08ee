/* ngrams: Jensen-Shannon divergence, base 2, between the n-grams of two sets of lines, as Gulrajani
 * et al. 2017 judge models of characters. Lines are numbers of symbols [N,T], or weights [N,T,V] of
 * which the largest counts. An n-gram is n symbols in a row within a line. */
#include "measure/metric.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ORDER_MAX = 8, SYMBOLS_MAX = 256 }; /* an n-gram is a byte a symbol */

typedef struct {
    const char *tensor;
    uint64_t order, count;
} Options;

typedef struct {
    size_t n, length, room;
    unsigned char *symbol; /* [n,length] */
} Lines;

/* ---- lines ---- */

static int symbol_at(const Tensor *t, size_t i, unsigned char *out, Error *err) {
    double k = t->rank == 2 ? tensor_get(t, i) : 0;
    if (t->rank == 3)
        for (size_t v = t->shape[2], j = 1; j < v; j++)
            if (tensor_get(t, i * v + j) > tensor_get(t, i * v + (size_t)k)) k = (double)j;
    if (!(k >= 0 && k < SYMBOLS_MAX) || k != floor(k))
        return fail(err, "symbol %g, expected 0 to %d", k, SYMBOLS_MAX - 1);
    *out = (unsigned char)k;
    return 0;
}

/* The first of the names that is there, or else the only tensor. */
static const Tensor *choose(const Frame *f, const char *names) {
    char name[96];
    for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',') {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        if (frame_find(f, name)) return frame_find(f, name);
    }
    return f->tensor_count == 1 ? f->tensors : NULL;
}

static int add_lines(Lines *l, const Frame *f, const Options *o, Error *err) {
    const Tensor *t = choose(f, o->tensor);
    if (!t) return fail(err, "no tensor %s", o->tensor);
    if (t->rank != 2 && t->rank != 3)
        return fail(err, "tensor %s: expected [N,T] or [N,T,V]", t->name);
    if (l->n && t->shape[1] != l->length)
        return fail(err, "lines of %zu symbols, expected %zu as before", t->shape[1], l->length);
    l->length = t->shape[1];
    size_t more = t->shape[0];
    if (o->count && more > o->count - l->n) more = (size_t)o->count - l->n;
    if (l->n + more > l->room) {
        size_t room = 2 * (l->n + more);
        unsigned char *s = realloc(l->symbol, room * l->length + 1);
        if (!s) return fail(err, "out of memory for %zu lines", room);
        l->symbol = s;
        l->room = room;
    }
    for (size_t i = 0; i < more * l->length; i++)
        if (symbol_at(t, i, l->symbol + l->n * l->length + i, err)) return -1;
    l->n += more;
    return 0;
}

static int read_lines(const char *path, const Options *o, Lines *l, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = r ? 1 : -1;
    while (more > 0 && !(o->count && l->n == o->count)) {
        more = reader_next(r, &f, err);
        if (more > 0 && f.tensor_count && add_lines(l, &f, o, err))
            more = fail_in(err, "%s: frame %" PRIu64, path, reader_frames(r));
    }
    reader_close(r);
    frame_free(&f);
    if (more >= 0 && !l->n) return fail(err, "%s: no lines", path);
    return more < 0 ? -1 : 0;
}

/* ---- n-grams ---- */

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All n-grams, sorted. */
static uint64_t *grams(const Lines *l, size_t order, size_t *count, Error *err) {
    size_t each = l->length < order ? 0 : l->length - order + 1, k = 0;
    *count = l->n * each;
    if (!each) return fail(err, "lines of %zu symbols have no %zu-grams", l->length, order), NULL;
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

static int check(void *options, Error *err) {
    const Options *o = options;
    return o->order && o->order <= ORDER_MAX ? 0
                                             : fail(err, "--order: expected 1 to %d", ORDER_MAX);
}

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    Lines l[2] = {{0}};
    int bad = read_lines(inputs[0], o, &l[0], err);
    Options all = {o->tensor, o->order, 0};
    if (!bad) bad = read_lines(inputs[1], &all, &l[1], err);
    for (size_t k = 1; !bad && k <= o->order; k++) bad = compare(l, k, out, err);
    free(l[0].symbol);
    free(l[1].symbol);
    return bad;
}

static const Options defaults = {.tensor = "text,value", .order = 4};

static const MetricOption options[] = {
    {"order", 0, OPT_U64, "N", offsetof(Options, order), "1-grams to N-grams (4)", false},
    {"count", 'n', OPT_U64, "N", offsetof(Options, count), "use the first N lines of SAMPLES",
     false},
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), "the tensor of the lines", false},
    {0},
};

const Metric metric_ngrams = {"ngrams",
                              "SAMPLES CORPUS",
                              "Divergence between the n-grams of two sets of lines.",
                              2,
                              sizeof(Options),
                              &defaults,
                              options,
                              check,
                              run};
