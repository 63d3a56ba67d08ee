/* inception: the inception score exp(E KL(p(y|x) || p(y))) of a classifier's outputs (Salimans et
 * al. 2016), of equal parts; which classifier gave them is the caller's matter. Parts are of rows
 * in random order, since the parts of a stream in the order of its classes would each know one
 * class and score 1. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "maths/mersenne.h"
#include "measure/metric.h"

typedef struct {
    const char *tensor, *shuffle;
    uint64_t splits, seed;
    bool probabilities, in_order;
} Options;

static void to_probabilities(double *x, size_t n) {
    double most = x[0], sum = 0;
    for (size_t j = 1; j < n; j++) most = fmax(most, x[j]);
    for (size_t j = 0; j < n; j++) sum += x[j] = exp(x[j] - most);
    for (size_t j = 0; j < n; j++) x[j] /= sum;
}

/* of rows order[first] to order[last-1], by the mean entropies: H(mean p) - mean H(p) */
static double score(const Matrix *m, const size_t *order, size_t first, size_t last, double *mean) {
    double sum = 0, n = (double)(last - first);
    for (size_t j = 0; j < m->d; j++) mean[j] = 0;
    for (size_t i = first; i < last; i++)
        for (size_t j = 0; j < m->d; j++) {
            double p = m->x[order[i] * m->d + j];
            mean[j] += p / n;
            if (p > 0) sum += p * log(p) / n;
        }
    for (size_t j = 0; j < m->d; j++)
        if (mean[j] > 0) sum -= mean[j] * log(mean[j]);
    return exp(fmax(sum, 0)); /* rounding */
}

static int check_rows(const Matrix *m, const char *path, Error *err) {
    for (size_t i = 0; i < m->n; i++) {
        double sum = 0;
        bool below = false;
        for (size_t j = 0; j < m->d; j++) {
            sum += m->x[i * m->d + j];
            below = below || m->x[i * m->d + j] < 0;
        }
        if (below || fabs(sum - 1) > 1e-3)
            return fail(err, "%s: row %zu is no distribution: its sum is %g%s", path, i, sum,
                        below ? ", with numbers below 0" : "");
    }
    return 0;
}

/* Rows that are distributions as they are would make a score all the same. */
static void from_logits(Matrix *m, const Operand *from, Results *out) {
    Error ignored;
    if (!check_rows(m, from->path, &ignored))
        result_warn(out,
                    "%s: '%s' taken as logits, but all rows are probabilities: --probabilities?",
                    from->path, m->tensor);
    if (!from->extractor && from->facts->type == DT_U8)
        result_warn(out, "%s: '%s' holds bytes, which are taken as logits; --net sees pictures",
                    from->path, m->tensor);
    for (size_t i = 0; i < m->n; i++) to_probabilities(m->x + i * m->d, m->d);
}

typedef struct {
    double mean, std; /* over the parts */
} Score;

static Score score_parts(const Options *o, const Matrix *m, const size_t *order, double *room) {
    double sum = 0, sum2 = 0, k = (double)o->splits;
    for (uint64_t s = 0; s < o->splits; s++) {
        double v = score(m, order, m->n * s / o->splits, m->n * (s + 1) / o->splits, room);
        sum += v;
        sum2 += v * v;
    }
    return (Score){sum / k, sqrt(fmax(sum2 / k - sum / k * (sum / k), 0))};
}

static void report(const Options *o, const Matrix *m, Score s, Results *out) {
    result_begin(out, "inception", s.mean);
    if (*m->from.net) provenance_report(&m->from, out);
    if (o->splits > 1) result_real(out, "std", s.std);
    result_int(out, "splits", (int64_t)o->splits);
    result_text(out, "order", o->in_order ? "as given" : "shuffled");
    if (!o->in_order) result_int(out, "seed", (int64_t)o->seed);
    result_int(out, "classes", (int64_t)m->d);
    result_int(out, "n", (int64_t)m->n);
    result_text(out, "tensor", m->tensor);
    result_end(out);
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (o->in_order && o->shuffle) return fail(err, "--in-order and --shuffle exclude each other");
    if (o->shuffle && (!parse_u64(o->shuffle, &o->seed) || o->seed > UINT32_MAX))
        return fail(err, "--shuffle: expected a seed below 2^32, found '%s'", o->shuffle);
    return 0;
}

static void shuffle(const Options *o, size_t n, size_t *order) {
    Mersenne m;
    mersenne_seed(&m, (uint32_t)o->seed);
    mersenne_permutation(&m, n, order);
}

/* What chance may do to the mean of parts, several times over. */
static double slack(const Options *o, Score a, Score b) {
    return 4 * sqrt((a.std * a.std + b.std * b.std) / (double)o->splits);
}

/* The score, and what to know of it. */
static void measure_rows(const Options *o, const Matrix *m, const char *path, size_t *order,
                         double *room, Results *out) {
    shuffle(o, m->n, order);
    Score s = score_parts(o, m, order, room);
    if (o->in_order) {
        Score random = s;
        for (size_t i = 0; i < m->n; i++) order[i] = i;
        s = score_parts(o, m, order, room);
        double gap = random.mean - s.mean;
        if (gap > 0.05 * random.mean && gap > slack(o, s, random))
            result_warn(out,
                        "%s: its rows are sorted: in their order the score is %.4g, shuffled %.4g",
                        path, s.mean, random.mean);
    }
    if (m->n / o->splits < m->d)
        result_warn(out, "%s: parts of %zu rows, which cannot score above that, for %zu classes",
                    path, m->n / (size_t)o->splits, m->d);
    report(o, m, s, out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    const char *path = inputs[0].path;
    Matrix m = {0};
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor};
    int bad = matrix_load(&spec, AS_DOUBLE, 0, &m, err);
    double *room = bad ? NULL : data_alloc(m.d * sizeof *room, err);
    size_t *order = room ? data_alloc(m.n * sizeof *order, err) : NULL;
    if (!order) bad = -1;
    if (!bad && m.n < o->splits)
        bad = fail(err, "%s: %zu rows for %" PRIu64 " splits", path, m.n, o->splits);
    if (!bad && o->probabilities) bad = check_rows(&m, path, err);
    if (!bad && !o->probabilities) from_logits(&m, &inputs[0], out);
    if (!bad) measure_rows(o, &m, path, order, room, out);
    free(order);
    free(room);
    matrix_free(&m);
    return bad;
}

static const Options defaults = {.tensor = "logits,probabilities", .splits = 10, .seed = 2020};

static const MetricOption options[] = {
    OPTION(splits, "splits", 0, OPT_U64(1, UINT64_MAX), "N", "parts of the stream (10)"),
    OPTION(probabilities, "probabilities", 0, OPT_FLAG, NULL, "rows are probabilities, not logits"),
    OPTION(shuffle, "shuffle", 0, OPT_TEXT, "SEED",
           "the order is that of NumPy's RandomState(SEED), as in torch-fidelity (2020)"),
    OPTION(in_order, "in-order", 0, OPT_FLAG, NULL,
           "parts follow each other in the stream, as in the original code"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    {0},
};

const Metric metric_inception = {
    .name = "inception",
    .operands = "STREAM",
    .summary = "Inception score of a classifier's outputs.",
    .inputs = 1,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .feature = "logits",
    .by = true,
};
