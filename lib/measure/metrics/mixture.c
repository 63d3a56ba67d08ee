/* mixture: the log-likelihood of rows under a mixture of Gaussians fitted to others. */
#include "maths/gaussians.h"
#include "measure/metric.h"
#include "measure/save.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, ROOM_MAX = 1 << 30 };

typedef struct {
    const char *tensor, *label, *covariance, *output, *posterior, *samples;
    uint64_t components, iterations, seed, starts, count;
    double tolerance, floor;
    ValueRange range;
} Options;

typedef struct {
    const Options *o;
    Gaussians g;
    GaussiansFit fit;
    size_t train, test; /* rows */
    double *likelihood; /* [test] */
    double *logits;     /* [test,k], when they are saved */
    int64_t *label;     /* [test], when there are any */
    size_t room, logit_room, label_room;
    char tensor[96];
} Task;

static RowsSpec spec_of(const Options *o, const Operand *of) {
    return (RowsSpec){.of = of, .tensor = o->tensor, .label = o->label, .range = o->range};
}

/* The likeliest of all starts, the first of equals. */
static int fit_rows(Task *t, GaussiansWant *want, const Matrix *m, Error *err) {
    for (uint64_t i = 0; i < t->o->starts; i++, want->seed++) {
        Gaussians g;
        GaussiansFit fit;
        if (gaussians_fit(&g, want, m->x, m->n, m->d, &fit, err)) return -1;
        bool better = !i || fit.likelihood > t->fit.likelihood;
        Gaussians worse = better ? t->g : g;
        if (better) t->g = g, t->fit = fit;
        gaussians_free(&worse);
    }
    return 0;
}

static int fit(Task *t, const Operand *in, Error *err) {
    const Options *o = t->o;
    RowsSpec spec = spec_of(o, in);
    GaussiansWant want = {(size_t)o->components,
                          (size_t)o->iterations,
                          !strcmp(o->covariance, "full"),
                          o->seed,
                          o->tolerance,
                          o->floor};
    Matrix m;
    if (matrix_load(&spec, AS_DOUBLE, 0, &m, err) < 0) return -1;
    int bad = fit_rows(t, &want, &m, err);
    if (bad) fail_in(err, "%s", in->path);
    t->train = m.n;
    matrix_free(&m);
    return bad;
}

/* Keeps what is wanted of n rows: log q(component|row). A component of weight 0 gets a number that
 * can be read. */
static void keep(Task *t, const double *joint, size_t n) {
    size_t k = t->g.k;
    for (size_t i = 0; t->logits && i < n * k; i++)
        t->logits[t->test * k + i] = fmax(joint[i] - t->likelihood[t->test + i / k], -1e30);
    t->test += n;
}

/* Room for another block of rows. */
static int reserve(Task *t, bool labelled, Error *err) {
    size_t want = t->test + BLOCK;
    if (array_room(&t->likelihood, &t->room, want, sizeof *t->likelihood, "rows", err)) return -1;
    if (t->o->posterior &&
        array_room(&t->logits, &t->logit_room, want, t->g.k * sizeof *t->logits, "rows", err))
        return -1;
    return labelled ? array_room(&t->label, &t->label_room, want, sizeof *t->label, "labels", err)
                    : 0;
}

static int score_rows(Task *t, Rows *r, Error *err) {
    double *x = data_alloc(BLOCK * t->g.d * sizeof *x, err);
    double *joint = data_alloc(BLOCK * t->g.k * sizeof *joint, err);
    ssize_t n = x && joint ? 1 : -1;
    while (n > 0) {
        n = reserve(t, rows_labelled(r), err);
        if (!n) n = rows_read(r, BLOCK, x, t->label ? t->label + t->test : NULL, err);
        if (n > 0 && gaussians_log(&t->g, x, (size_t)n, joint, t->likelihood + t->test, err) < 0)
            n = -1;
        if (n > 0) keep(t, joint, (size_t)n);
    }
    free(x);
    free(joint);
    return (int)n;
}

static int score(Task *t, const Operand *inputs, Error *err) {
    const char *test = inputs[1].path;
    RowsSpec spec = spec_of(t->o, &inputs[1]);
    Rows *r = rows_open(&spec, err);
    int bad = r ? operands_match(&inputs[0], t->g.d, &inputs[1], rows_width(r), err) : -1;
    if (!bad) snprintf(t->tensor, sizeof t->tensor, "%s", rows_tensor(r));
    if (!bad) bad = score_rows(t, r, err);
    if (!bad && !t->test) bad = fail(err, "%s: no rows", test);
    rows_close(r);
    return bad;
}

/* ---- what is saved ---- */

static void fill(Frame *f, const char *name, const double *x) {
    Tensor *t = frame_find(f, name);
    for (size_t i = 0; i < t->count; i++) ((float *)t->data)[i] = (float)x[i];
}

static int save_mixture(const Task *t, Error *err) {
    const Gaussians *g = &t->g;
    const char *spread = g->full ? "factor" : "deviation";
    size_t shape[3] = {g->k, g->d, g->d};
    Frame f = {0};
    int bad = frame_add(&f, "weight", DT_F32, 1, shape, err) < 0 ||
              frame_add(&f, "mean", DT_F32, 2, shape, err) < 0 ||
              frame_add(&f, spread, DT_F32, g->full ? 3 : 2, shape, err) < 0 ||
              frame_allocate(&f, err) < 0;
    if (!bad) {
        fill(&f, "weight", g->weight);
        fill(&f, "mean", g->mean);
        fill(&f, spread, g->spread);
        bad = frame_save(&f, t->o->output, err) < 0;
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

static int save_samples(const Task *t, Error *err) {
    size_t n = (size_t)t->o->count, bytes;
    if (!size_mul(n, t->g.d, &bytes) || !size_mul(bytes, sizeof(double), &bytes))
        return fail(err, "--count %zu is too large", n);
    double *x = data_alloc(bytes, err);
    int64_t *component = data_alloc(n * sizeof *component, err);
    int bad = x && component ? gaussians_draw(&t->g, t->o->seed, n, x, component, err) : -1;
    if (!bad) bad = save_rows(t->o->samples, t->tensor, x, n, t->g.d, component, err);
    free(x);
    free(component);
    return bad;
}

static int save(const Task *t, Error *err) {
    const Options *o = t->o;
    if (o->output && save_mixture(t, err) < 0) return -1;
    if (o->posterior &&
        save_rows(o->posterior, "logits", t->logits, t->test, t->g.k, t->label, err) < 0)
        return -1;
    return o->samples ? save_samples(t, err) : 0;
}

/* ---- the metric ---- */

static void describe(const Task *t, Results *out) {
    const Options *o = t->o;
    result_int(out, "components", (int64_t)t->g.k);
    result_text(out, "covariance", o->covariance);
    result_real(out, "floor", o->floor);
    result_int(out, "iterations", (int64_t)t->fit.iterations);
    result_int(out, "seed", (int64_t)o->seed);
    if (o->starts > 1) result_int(out, "starts", (int64_t)o->starts);
    result_int(out, "n_train", (int64_t)t->train);
    result_int(out, "n_test", (int64_t)t->test);
    result_int(out, "dim", (int64_t)t->g.d);
    result_text(out, "tensor", t->tensor);
    result_range(out, &o->range);
    if (!t->fit.converged) result_text(out, "note", "it was still growing: raise --iterations");
    result_end(out);
}

static void report(const Task *t, Results *out) {
    summary_begin(out, "mixture", summary_of(t->likelihood, t->test));
    describe(t, out);
    result_begin(out, "mixture.train", t->fit.likelihood);
    describe(t, out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    int bad = fit(&t, &inputs[0], err);
    if (!bad) bad = score(&t, inputs, err);
    if (!bad) bad = save(&t, err);
    if (!bad) report(&t, out);
    gaussians_free(&t.g);
    free(t.likelihood);
    free(t.logits);
    free(t.label);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (strcmp(o->covariance, "diagonal") && strcmp(o->covariance, "full"))
        return fail(err, "--covariance: expected diagonal or full, found '%s'", o->covariance);
    return 0;
}

static const Options defaults = {.tensor = "feature,point,image",
                                 .label = "label",
                                 .covariance = "diagonal",
                                 .components = 10,
                                 .iterations = 100,
                                 .starts = 1,
                                 .count = 10000,
                                 .tolerance = 1e-3,
                                 .floor = 1e-6};

static const MetricOption options[] = {
    OPTION(components, "components", 'k', OPT_U64(1, ROOM_MAX), "K", "Gaussians (10)"),
    OPTION(covariance, "covariance", 'c', OPT_TEXT, "KIND", "diagonal or full (diagonal)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(starts, "starts", 0, OPT_U64(1, 1000000), "N",
           "keep the likeliest of N fits, of this seed and those behind it (1)"),
    OPTION(iterations, "iterations", 0, OPT_U64(0, 1000000), "N", "at most N (100)"),
    OPTION(tolerance, "tolerance", 0, OPT_REAL(0, 1e30), "T",
           "end when the mean log-likelihood grows by less (1e-3)"),
    OPTION(floor, "floor", 0, OPT_REAL(1e-300, 1e30), "V", "added to every variance (1e-6)"),
    OPTION_WRITTEN(output, "output", 'o', OPT_TEXT, "FILE", "save weights, means and deviations"),
    OPTION_WRITTEN(posterior, "posterior", 0, OPT_TEXT, "FILE",
                   "save the logits of the components of TEST"),
    OPTION_WRITTEN(samples, "samples", 0, OPT_TEXT, "FILE", "save draws of the mixture"),
    OPTION(count, "count", 'n', OPT_U64(1, ROOM_MAX), "N", "how many (10000)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "labels that go along with the logits (label)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_mixture = {
    .name = "mixture",
    .operands = "TRAIN TEST",
    .summary = "Log-likelihood of TEST under a mixture of Gaussians fitted to TRAIN.",
    .inputs = 2,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .compares = COMPARES_TRAINED,
};
