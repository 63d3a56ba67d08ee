/* modes: how many modes of a Gaussian mixture samples reach, and what share lies near one.
 *
 * A sample is of high quality when it lies within 3 standard deviations of the nearest mode, and a
 * mode is captured when at least one such sample has it as its nearest (Srivastava et al. 2017,
 * VEEGAN, section 4.1; Lin et al. 2018, PacGAN, section 4.1). How evenly they are spread over the
 * modes tells the reverse Kullback-Leibler divergence KL(p||u) = sum_k p_k log(p_k K), p being the
 * shares of the modes in the samples of high quality (Metz et al. 2017, Lin et al. 2018). */
#include "maths/dense.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 1024, MODES_MAX = 1000000 };

typedef struct {
    const char *tensor, *centres;
    uint64_t ring, grid, least;
    double sigma, radius;
} Options;

/* The ring, or the side x side grid with spacing 2 about 0, of gan-data make. */
static int plane_centres(const Options *o, Matrix *c, Error *err) {
    size_t side = (size_t)o->grid, n = o->ring ? (size_t)o->ring : side * side;
    *c = (Matrix){.n = n, .d = 2};
    c->x = data_alloc(n * 2 * sizeof *c->x, err);
    if (!c->x) return -1;
    for (size_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (double)i / (double)n, mid = ((double)side - 1) / 2;
        c->x[2 * i] = o->ring ? o->radius * cos(angle) : 2 * ((double)(i / side) - mid);
        c->x[2 * i + 1] = o->ring ? o->radius * sin(angle) : 2 * ((double)(i % side) - mid);
    }
    return 0;
}

static size_t nearest(const Matrix *c, const double *x, double *distance2) {
    size_t best = 0;
    *distance2 = INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        double s = squared_distance(x, c->x + i * c->d, c->d);
        if (s < *distance2) *distance2 = s, best = i;
    }
    return best;
}

typedef struct {
    size_t n, good;
    uint64_t *count; /* good samples of each mode */
} Tally;

static int tally(Rows *r, const Matrix *c, double sigma, Tally *t, Error *err) {
    double *x = data_alloc(BLOCK * c->d * sizeof *x, err), limit = 9 * sigma * sigma, s;
    t->count = calloc(c->n, sizeof *t->count);
    if (!x || !t->count) {
        free(x);
        return fail(err, "out of memory");
    }
    ssize_t n;
    while ((n = rows_read(r, BLOCK, x, NULL, err)) > 0) {
        for (ssize_t i = 0; i < n; i++, t->n++) {
            size_t mode = nearest(c, x + (size_t)i * c->d, &s);
            if (s > limit) continue;
            t->good++;
            t->count[mode]++;
        }
    }
    free(x);
    return (int)n;
}

static void describe(const Options *o, const Matrix *c, const Tally *t, const char *tensor,
                     Results *out) {
    result_int(out, "modes", (int64_t)c->n);
    result_text(out, "mixture", o->centres ? o->centres : o->ring ? "ring" : "grid");
    if (o->ring) result_real(out, "radius", o->radius);
    result_real(out, "sigma", o->sigma);
    result_int(out, "within", 3);
    result_int(out, "n", (int64_t)t->n);
    result_text(out, "tensor", tensor);
}

static void report(const Options *o, const Matrix *c, const Tally *t, const char *tensor,
                   Results *out) {
    size_t captured = 0;
    double kl = t->good ? 0 : NAN;
    for (size_t i = 0; i < c->n; i++) {
        double p = (double)t->count[i] / (double)t->good;
        captured += t->count[i] >= o->least;
        if (t->count[i]) kl += p * log(p * (double)c->n);
    }
    result_begin(out, "modes.captured", (double)captured);
    describe(o, c, t, tensor, out);
    result_int(out, "least", (int64_t)o->least);
    result_end(out);
    result_begin(out, "modes.quality", (double)t->good / (double)t->n);
    describe(o, c, t, tensor, out);
    result_end(out);
    result_begin(out, "modes.kl", kl);
    describe(o, c, t, tensor, out);
    result_end(out);
}

static int check(void *options, Error *err) {
    Options *o = options;
    if ((o->ring != 0) + (o->grid != 0) + (o->centres != NULL) > 1)
        return fail(err, "--ring, --grid and --centres exclude each other");
    if (!o->grid && !o->centres && !o->ring) o->ring = 8;
    if (o->centres && !o->sigma) return fail(err, "--centres needs --sigma");
    if (!o->sigma) o->sigma = o->ring ? o->radius / 100 : 0.05;
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix c = {0};
    Operand centres = {.path = o->centres};
    RowsSpec spec = {.of = &centres, .tensor = o->tensor};
    int bad = o->centres ? matrix_load(&spec, AS_DOUBLE, 0, &c, err) : plane_centres(o, &c, err);
    spec.of = &inputs[0];
    Rows *r = bad ? NULL : rows_open(&spec, err);
    Tally t = {0};
    char tensor[96] = "";
    if (!r) bad = -1;
    if (!bad) snprintf(tensor, sizeof tensor, "%s", rows_tensor(r));
    if (!bad)
        bad = same_width(inputs[0].path, rows_width(r), o->centres ? o->centres : "the mixture",
                         c.d, err);
    if (!bad) bad = tally(r, &c, o->sigma, &t, err);
    if (!bad && !t.n) bad = fail(err, "%s: no rows", inputs[0].path);
    if (!bad) report(o, &c, &t, tensor, out);
    free(t.count);
    rows_close(r);
    matrix_free(&c);
    return bad;
}

static const Options defaults = {.tensor = "point,x,image,feature", .least = 1, .radius = 2};

static const MetricOption options[] = {
    OPTION(ring, "ring", 0, OPT_U64(1, MODES_MAX), "N", "N modes on a circle (8)"),
    OPTION(radius, "radius", 0, OPT_REAL(1e-30, 1e30), "R", "the circle's (2)"),
    OPTION(grid, "grid", 0, OPT_U64(1, 1000), "SIDE", "SIDE x SIDE modes, 2 apart"),
    OPTION_READ(centres, "centres", 0, OPT_TEXT, "STREAM", "modes from a stream"),
    OPTION(sigma, "sigma", 's', OPT_REAL(1e-30, 1e30), "S",
           "the modes' deviation (radius/100, grid 0.05)"),
    OPTION(least, "least", 0, OPT_U64(1, UINT64_MAX), "N", "samples that capture a mode (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    {0},
};

const Metric metric_modes = {
    .name = "modes",
    .operands = "SAMPLES",
    .summary = "Modes of a Gaussian mixture captured, share of samples near one, evenness.",
    .inputs = 1,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .by = true,
};
