/* gam: the generative adversarial metric, which of two games wins when each discriminator judges
 * the other's generator (Im et al. 2016, section 4). */
#include "maths/dense.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

/* The logits of discriminators 1 and 2 on test data and on the other's samples, by operand; and on
 * the samples of their own generators, by option. */
enum { TEST, RIVAL = 2, OWN = 4, STREAMS = 6 };

typedef struct {
    const char *tensor, *own[2];
    double near;
} Options;

static int load(const Options *o, const Operand *in, Matrix *m, Error *err) {
    if (matrix_load(&(RowsSpec){.of = in, .tensor = o->tensor}, AS_DOUBLE, 0, m, err) < 0)
        return -1;
    if (m->d == 1) return 0;
    return fail(err, "%s: %zu numbers a row of '%s', expected one logit", in->path, m->d,
                m->tensor);
}

/* The number halfway between neighbours that parts the two best, by the mean of the shares on their
 * wrong sides; the lowest of equals. Both are sorted here. */
static double best_threshold(Matrix *real, Matrix *fake) {
    double best = INFINITY, at = 0;
    size_t i = 0, j = 0; /* numbers below the threshold */
    sort_ascending(real->x, real->n);
    sort_ascending(fake->x, fake->n);
    while (i <= real->n && j <= fake->n) {
        double next =
            fmin(i < real->n ? real->x[i] : INFINITY, j < fake->n ? fake->x[j] : INFINITY);
        double last = fmax(i ? real->x[i - 1] : -INFINITY, j ? fake->x[j - 1] : -INFINITY);
        double wrong = (double)i / (double)real->n + (double)(fake->n - j) / (double)fake->n;
        if (wrong < best) {
            best = wrong;
            at = isinf(next) ? last : isinf(last) ? next - 1 : last + (next - last) / 2;
        }
        if (isinf(next)) break;
        while (i < real->n && real->x[i] == next) i++;
        while (j < fake->n && fake->x[j] == next) j++;
    }
    return at;
}

static double share(const Matrix *m, double threshold, bool above) {
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) n += (m->x[i] > threshold) == above;
    return (double)n / (double)m->n;
}

typedef struct {
    double threshold[2], test[2], rival[2]; /* of both discriminators; their errors */
} Battle;

static void describe(const Options *o, const Battle *b, const Matrix *m, Results *out) {
    result_real(out, "threshold_1", b->threshold[0]);
    result_real(out, "threshold_2", b->threshold[1]);
    result_int(out, "n_test_1", (int64_t)m[TEST].n);
    result_int(out, "n_test_2", (int64_t)m[TEST + 1].n);
    result_int(out, "n_fake_2", (int64_t)m[RIVAL].n);
    result_int(out, "n_fake_1", (int64_t)m[RIVAL + 1].n);
    result_real(out, "near", o->near);
    result_text(out, "tensor", m[TEST].tensor);
    result_end(out);
}

static void report_ratio(const Options *o, const Battle *b, const Matrix *m, const char *name,
                         const double error[2], Results *out) {
    result_begin(out, name, error[0] / error[1]);
    result_real(out, "error_1", error[0]);
    result_real(out, "error_2", error[1]);
    describe(o, b, m, out);
}

static void report(const Options *o, Matrix *m, Results *out) {
    Battle b;
    for (int i = 0; i < 2; i++) {
        b.threshold[i] = o->own[i] ? best_threshold(&m[TEST + i], &m[OWN + i]) : 0;
        b.test[i] = share(&m[TEST + i], b.threshold[i], false);
        b.rival[i] = share(&m[RIVAL + i], b.threshold[i], true);
    }
    double test = b.test[0] / b.test[1], samples = b.rival[0] / b.rival[1];
    bool fair = test <= 1 + o->near && test >= 1 / (1 + o->near);
    if (b.test[0] == b.test[1]) fair = true; /* both may be 0 */
    report_ratio(o, &b, m, "gam.test", b.test, out);
    report_ratio(o, &b, m, "gam.samples", b.rival, out);
    result_begin_text(out, "gam.winner",
                      fair && samples < 1   ? "1"
                      : fair && samples > 1 ? "2"
                                            : "none");
    if (!fair) result_text(out, "note", "the discriminators differ on test data");
    describe(o, &b, m, out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix m[STREAMS] = {{0}};
    const Operand in[STREAMS] = {inputs[0], inputs[1],           inputs[2],
                                 inputs[3], {.path = o->own[0]}, {.path = o->own[1]}};
    int bad = 0;
    for (int i = 0; i < STREAMS && !bad; i++)
        if (in[i].path) bad = load(o, &in[i], &m[i], err);
    if (!bad) report(o, m, out);
    for (int i = 0; i < STREAMS; i++) matrix_free(&m[i]);
    return bad;
}

static const Options defaults = {.tensor = "logits,score", .near = 0.1};

static const MetricOption options[] = {
    {"own-first", 0, OPT_TEXT, "STREAM", offsetof(Options, own[0]),
     "logits of discriminator 1 on its own generator's samples, to find its threshold (0)",
     FILE_READ},
    {"own-second", 0, OPT_TEXT, "STREAM", offsetof(Options, own[1]), "the same of discriminator 2",
     FILE_READ},
    OPTION(near, "near", 0, OPT_REAL(0, 1e30), "T",
           "the ratio on test data is near 1 from 1/(1+T) to 1+T (0.1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "the logits, [N] or [N,1] (logits,score)"),
    {0},
};

const Metric metric_gam = {
    .name = "gam",
    .operands = "D1-TEST D2-TEST D1-FAKE2 D2-FAKE1",
    .summary = "Generative adversarial metric: which of two trained games wins.",
    .inputs = 4,
    METRIC_OPTIONS,
    .run = run,
};
