/* histogram: how the numbers of a stream are spread over bins of equal width, and divergences
 * between two such spreads. Numbers beyond the range count for the outer bins. */
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

enum { BINS_MAX = 1 << 20 };

typedef struct {
    const char *tensor, *against;
    uint64_t bins;
    ValueRange range;
} Options;

static void widen(const Matrix *m, double *low, double *high) {
    for (size_t i = 0; i < m->n * m->d; i++) {
        *low = fmin(*low, m->x[i]);
        *high = fmax(*high, m->x[i]);
    }
}

static void count(const Options *o, const Matrix *m, double low, double high, double *share) {
    size_t all = m->n * m->d;
    for (size_t i = 0; i < all; i++) {
        double at = floor((m->x[i] - low) / (high - low) * (double)o->bins);
        share[(size_t)fmin(fmax(at, 0), (double)(o->bins - 1))]++;
    }
    for (size_t k = 0; k < o->bins; k++) share[k] /= (double)all;
}

/* sum p log(p/q), infinite where q is 0 and p is not */
static double divergence(const double *p, const double *q, size_t n, double half) {
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        if (p[k] > 0) sum += p[k] * log(p[k] / (half * p[k] + (1 - half) * q[k]));
    return sum;
}

static void line(const Options *o, const char *name, double value, Results *out) {
    result_begin(out, name, value);
    result_int(out, "bins", (int64_t)o->bins);
    result_text(out, "against", o->against);
    result_end(out);
}

static void compare(const Options *o, const double *p, const double *q, Results *out) {
    size_t n = (size_t)o->bins;
    double tv = 0;
    for (size_t k = 0; k < n; k++) tv += fabs(p[k] - q[k]) / 2;
    line(o, "histogram.js", (divergence(p, q, n, 0.5) + divergence(q, p, n, 0.5)) / 2, out);
    line(o, "histogram.kl", divergence(p, q, n, 0), out);
    line(o, "histogram.tv", tv, out);
}

static void list(const Options *o, const double *share, double low, double high, Results *out) {
    for (size_t k = 0; k < o->bins; k++) {
        double step = (high - low) / (double)o->bins;
        result_begin(out, "histogram", share[k]);
        result_real(out, "low", low + step * (double)k);
        result_real(out, "high", low + step * (double)(k + 1));
        result_end(out);
    }
}

static void report(const Options *o, const Matrix *a, const Matrix *b, double *p, double *q,
                   Results *out) {
    double low = INFINITY, high = -INFINITY;
    if (o->range.text) {
        low = o->range.low, high = o->range.high;
    } else {
        widen(a, &low, &high);
        widen(b, &low, &high);
        if (low == high) low -= 0.5, high += 0.5;
    }
    count(o, a, low, high, p);
    if (!o->against) {
        list(o, p, low, high, out);
    } else {
        count(o, b, low, high, q);
        compare(o, p, q, out);
    }
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    double *p = calloc(o->bins, sizeof *p), *q = calloc(o->bins, sizeof *q);
    int bad = p && q ? 0 : fail(err, "out of memory");
    Matrix a = {0}, b = {0};
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor};
    if (!bad) bad = matrix_load(&spec, AS_DOUBLE, 0, &a, err);
    Operand other = {.path = o->against};
    spec.of = &other;
    if (!bad && o->against) bad = matrix_load(&spec, AS_DOUBLE, 0, &b, err);
    if (!bad) report(o, &a, &b, p, q, out);
    matrix_free(&a);
    matrix_free(&b);
    free(p);
    free(q);
    return bad;
}

static const Options defaults = {.tensor = "value,point,image", .bins = 64};

static const MetricOption options[] = {
    OPTION_READ(against, "against", 0, OPT_TEXT, "STREAM",
                "print divergences from this one's histogram instead"),
    OPTION(bins, "bins", 0, OPT_U64(1, BINS_MAX), "N", "bins (64)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI",
           "of the bins; the least and largest number if not given"),
    {0},
};

const Metric metric_histogram = {
    .name = "histogram",
    .operands = "STREAM",
    .summary = "How numbers are spread, and divergences between two spreads.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
};
