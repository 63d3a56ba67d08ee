/* likelihood: bounds of a latent-variable model's log-likelihood from the logarithms of importance
 * weights, log w = log p(x,z) - log q(z|x), of several draws z for each sample x. */
#include "measure/metric.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 256, DRAWS_MAX = 1 << 24 };

typedef struct {
    const char *tensor;
    uint64_t draws;
} Options;

/* Of each sample: the mean of log w, whose mean is the evidence lower bound; the logarithm of the
 * mean of w, the importance-weighted bound (Burda et al. 2016, eq. 8); and the number of draws that
 * count, (sum w)^2 / sum w^2 (Kong 1992). */
enum { ELBO, BOUND, ESS, FIGURES };

typedef struct {
    const Options *o;
    const Operand *in;
    size_t width, k; /* weights in a row, and of a sample */
    double *weight;  /* [k] those of the sample at hand */
    size_t filled;
    double *value[FIGURES]; /* [n] */
    size_t n, room[FIGURES];
    char tensor[96];
} Task;

static int add_sample(Task *t, Error *err) {
    double most = t->weight[0], sum = 0, squares = 0, mean = 0, k = (double)t->k;
    for (size_t i = 1; i < t->k; i++) most = fmax(most, t->weight[i]);
    for (size_t i = 0; i < t->k; i++) {
        double w = exp(t->weight[i] - most); /* the largest is 1 */
        sum += w;
        squares += w * w;
        mean += t->weight[i] / k;
    }
    const double figure[FIGURES] = {mean, most + log(sum / k), sum * sum / squares};
    for (int f = 0; f < FIGURES; f++) {
        if (array_room(&t->value[f], &t->room[f], t->n + 1, sizeof *t->value[f], "samples", err))
            return -1;
        t->value[f][t->n] = figure[f];
    }
    t->n++;
    t->filled = 0;
    return 0;
}

static int read_weights(Task *t, Rows *r, Error *err) {
    double *x = data_alloc(BLOCK * t->width * sizeof *x, err);
    t->weight = data_alloc(t->k * sizeof *t->weight, err);
    ssize_t n = x && t->weight ? 1 : -1;
    while (n > 0) {
        n = rows_read(r, BLOCK, x, NULL, err);
        for (size_t i = 0; n > 0 && i < (size_t)n * t->width; i++) {
            t->weight[t->filled++] = x[i];
            if (t->filled == t->k && add_sample(t, err) < 0) n = -1;
        }
    }
    free(x);
    if (!n && t->filled)
        n = fail(err, "%s: the last sample has %zu weights, expected %zu", t->in->path, t->filled,
                 t->k);
    if (!n && !t->n) n = fail(err, "%s: no rows", t->in->path);
    return (int)n;
}

static void report(const Task *t, Results *out) {
    const char *name[FIGURES] = {"likelihood.elbo", "likelihood.bound", "likelihood.ess"};
    for (int f = 0; f < FIGURES; f++) {
        summary_begin(out, name[f], summary_of(t->value[f], t->n));
        result_int(out, "draws", (int64_t)t->k);
        result_int(out, "n", (int64_t)t->n);
        result_text(out, "tensor", t->tensor);
        result_end(out);
    }
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options, .in = &inputs[0]};
    Rows *r = rows_open(&(RowsSpec){.of = t.in, .tensor = t.o->tensor}, err);
    if (!r) return -1;
    t.width = rows_width(r);
    snprintf(t.tensor, sizeof t.tensor, "%s", rows_tensor(r));
    int bad = size_mul(t.width, (size_t)t.o->draws, &t.k) && t.k <= DRAWS_MAX
                  ? read_weights(&t, r, err)
                  : fail(err, "%s: more than %d draws of a sample", t.in->path, DRAWS_MAX);
    rows_close(r);
    if (!bad) report(&t, out);
    free(t.weight);
    for (int f = 0; f < FIGURES; f++) free(t.value[f]);
    return bad;
}

static const Options defaults = {.tensor = "log_weight,score", .draws = 1};

static const MetricOption options[] = {
    OPTION(draws, "draws", 0, OPT_U64(1, DRAWS_MAX), "K",
           "every K rows are draws for one sample (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "log weights [N] or [N,K] (log_weight,score)"),
    {0},
};

const Metric metric_likelihood = {
    .name = "likelihood",
    .operands = "STREAM",
    .summary = "Evidence and importance-weighted lower bounds from log weights.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
    .by = true,
};
