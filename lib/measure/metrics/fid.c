/* fid: the Fréchet distance between two sets of features, which may be given as rows, as statistics
 * saved before, or as images seen through a network; and statistics, which saves them. */
#include <string.h>

#include "measure/metric.h"
#include "measure/statistics.h"

typedef struct {
    const char *tensor, *output; /* output: the file that statistics are written to */
    uint64_t ddof;
} Options;

/* Rows within so many times their width are too few for their covariance to be taken as it is. */
enum { FEW = 10 };

/* What both came from; an .npz file says nothing, and is taken to be what the other is. */
static int agree(const Operand *in, Provenance from[2], const char **note, Error *err) {
    bool silent[2] = {!*from[0].protocol, !*from[1].protocol};
    *note = silent[0] || silent[1] ? "an .npz file names no protocol: taken to be the same" : NULL;
    if (silent[0] && silent[1]) {
        snprintf(from[0].protocol, sizeof from[0].protocol, "%s",
                 in->extractor ? extractor_provenance(in->extractor)->protocol : "unstated");
        return 0;
    }
    if (silent[0]) from[0] = from[1];
    return silent[1] ? 0 : provenance_same(in[0].path, &from[0], in[1].path, &from[1], err);
}

static bool singular(const Moments *m) { return m->n && m->n <= m->d; }

static bool few(const Moments *m) { return m->n && m->n < FEW * m->d; }

/* The distance that sampling alone would leave, when rows are few. */
static int sampling_bias(const Moments m[2], double *bias, Error *err) {
    *bias = 0;
    for (int i = 0; i < 2; i++) {
        double b = 0;
        if (few(&m[i]) && frechet_bias(&m[i], &b, err)) return -1;
        *bias += b;
    }
    return 0;
}

static void report(const Moments m[2], const Provenance *from, const Frechet *f, double bias,
                   uint64_t ddof, const char *tensor, const char *note, Results *out) {
    result_begin(out, "fid", f->mean_term + f->covariance_term);
    provenance_report(from, out);
    if (m[0].n) result_int(out, "n_a", (int64_t)m[0].n);
    if (m[1].n) result_int(out, "n_b", (int64_t)m[1].n);
    result_int(out, "dim", (int64_t)m[0].d);
    if (m[0].n || m[1].n) result_int(out, "ddof", (int64_t)ddof);
    result_text(out, "precision", "float64");
    result_real(out, "mean_term", f->mean_term);
    result_real(out, "covariance_term", f->covariance_term);
    result_text(out, "tensor", tensor);
    if (bias > 0) result_real(out, "bias", bias);
    if (note) result_text(out, "note", note);
    if (singular(&m[0]) || singular(&m[1]))
        result_text(out, "warning", "rows do not exceed dimensions: singular covariance, biased");
    result_end(out);
}

static void warn_few(const Moments m[2], const Operand *in, double bias, Results *out) {
    int i = singular(&m[0]) ? 0 : 1;
    if (singular(&m[i]))
        result_warn(
            out,
            "%s has %zu rows for %zu dimensions: too few for a covariance; sampling alone is "
            "about %.3g of the figure",
            in[i].path, m[i].n, m[i].d, bias);
}

static int run_fid(const void *options, const Operand *in, Results *out, Error *err) {
    const Options *o = options;
    Moments m[2] = {{0}, {0}};
    Provenance from[2];
    Frechet f;
    double bias;
    const char *note;
    char tensor[96], other[96];
    RowsSpec spec = {.of = &in[0], .tensor = o->tensor};
    int bad = moments_read(&spec, o->ddof, &m[0], &from[0], tensor, err);
    spec.of = &in[1];
    if (!bad) bad = moments_read(&spec, o->ddof, &m[1], &from[1], other, err);
    if (!bad) bad = agree(in, from, &note, err);
    if (!bad) bad = operands_match(&in[0], m[0].d, &in[1], m[1].d, err);
    if (!bad) bad = sampling_bias(m, &bias, err);
    if (!bad) bad = frechet_distance(&m[0], &m[1], &f, err);
    if (!bad) warn_few(m, in, bias, out);
    if (!bad) report(m, &from[0], &f, bias, o->ddof, tensor, note, out);
    moments_free(&m[0]);
    moments_free(&m[1]);
    return bad;
}

/* ---- statistics ---- */

static int run_statistics(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Gaussian g;
    Provenance from;
    char tensor[96];
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor};
    if (gaussian_read(&spec, &g, &from, tensor, err)) return -1;
    int bad = gaussian_save(&g, &from, inputs[0].facts, o->output, err);
    if (!bad) {
        result_begin_text(out, "statistics", o->output);
        provenance_report(&from, out);
        result_int(out, "n", (int64_t)g.n);
        result_int(out, "dim", (int64_t)g.d);
        result_text(out, "tensor", tensor);
        result_end(out);
    }
    gaussian_free(&g);
    return bad;
}

/* ---- tables ---- */

static int check_file(void *options, Error *err) {
    const Options *o = options;
    return o->output ? 0 : fail(err, "name the file with -o FILE");
}

static const Options defaults = {.tensor = "feature", .ddof = 1};

static const MetricOption fid_options[] = {
    OPTION(ddof, "ddof", 0, OPT_U64(0, 1), "N",
           "covariances are divided by n-N: 1, or 0 as StyleGAN does (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR " (feature)"),
    {0},
};

static const MetricOption statistics_options[] = {
    OPTION_WRITTEN(output, "output", 'o', OPT_TEXT, "FILE", "write the statistics there"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR " (feature)"),
    {0},
};

const Metric metric_fid = {
    .name = "fid",
    .operands = "A B",
    .summary = "Frechet distance between Gaussians fitted to two sets of feature rows.",
    .inputs = 2,
    .size = sizeof(Options),
    .defaults = &defaults,
    .options = fid_options,
    .run = run_fid,
    .feature = "feature",
    .compares = COMPARES_SETS,
    .by = true,
};

const Metric metric_statistics = {
    .name = "statistics",
    .operands = "STREAM",
    .summary = "Saves the mean and covariance of feature rows, for fid.",
    .inputs = 1,
    .size = sizeof(Options),
    .defaults = &defaults,
    .options = statistics_options,
    .check = check_file,
    .run = run_statistics,
    .feature = "feature",
};
