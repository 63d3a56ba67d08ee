/* clusters: how well clusters that nobody labelled agree with labels. */
#include "maths/agreement.h"
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/pictures.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 1024 };

typedef struct {
    const char *tensor, *label;
    bool probabilities;
} Options;

/* What is known of the samples. With scores, surest[k] is the highest q(k|x) of any sample, or of
 * scores that without rounding, and likeness[k] the label of that sample, by which cluster k is
 * called. */
typedef struct {
    size_t n, room, width;
    int64_t *cluster, *label;
    double *surest, *odds;
    int64_t *likeness;
    DType type;
    char tensor[96];
} Samples;

static int reserve(Samples *s, size_t n, Error *err) {
    size_t room = s->room;
    if (array_room(&s->cluster, &room, n, sizeof *s->cluster, "clusters", err)) return -1;
    return array_room(&s->label, &s->room, n, sizeof *s->label, "labels", err);
}

/* log q/(1 - q) of the clusters, q their probabilities by the scores x: it tells apart what is
 * surest where q itself is rounded to 1. */
static void log_odds(const double *x, size_t n, size_t best, double *odds) {
    size_t second = best == 0;
    double rest = 0;
    for (size_t k = 0; k < n; k++)
        if (k != best && x[k] > x[second]) second = k;
    for (size_t k = 0; k < n; k++) rest += k == best ? 0 : exp(x[k] - x[second]);
    double all = 1 + rest * exp(x[second] - x[best]);
    for (size_t k = 0; k < n; k++) odds[k] = x[k] - x[best] - log(all - exp(x[k] - x[best]));
    odds[best] = x[best] - x[second] - log(rest);
}

/* The cluster of scores x: the largest, the first of equals. */
static int64_t add_scores(Samples *s, const double *x, bool probabilities, int64_t label) {
    size_t best = argmax(x, s->width);
    if (!probabilities) log_odds(x, s->width, best, s->odds);
    for (size_t k = 0; k < s->width; k++) {
        double sure = probabilities ? x[k] : s->odds[k];
        if (!s->n || sure > s->surest[k]) s->surest[k] = sure, s->likeness[k] = label;
    }
    return (int64_t)best;
}

static int add_row(Samples *s, const Options *o, const double *x, int64_t label, const char *path,
                   Error *err) {
    for (size_t k = 0; o->probabilities && k < s->width; k++)
        if (x[k] < 0 || x[k] > 1)
            return fail(err, "%s: row %zu: %g is no probability", path, s->n, x[k]);
    if (s->width > 1)
        s->cluster[s->n] = add_scores(s, x, o->probabilities, label);
    else if (!pictures_integer(s->type, x[0], &s->cluster[s->n]))
        return fail(err, "%s: row %zu: %g is no cluster's number", path, s->n, x[0]);
    s->label[s->n++] = label;
    return 0;
}

static int read_rows(Samples *s, const Options *o, Rows *r, const char *path, Error *err) {
    double *x = data_alloc(BLOCK * s->width * sizeof *x, err);
    int64_t *label = data_alloc(BLOCK * sizeof *label, err);
    s->surest = data_alloc(s->width * sizeof *s->surest, err);
    s->odds = data_alloc(s->width * sizeof *s->odds, err);
    s->likeness = data_alloc(s->width * sizeof *s->likeness, err);
    ssize_t n = x && label && s->surest && s->odds && s->likeness ? 1 : -1;
    for (size_t k = 0; k < s->width && n > 0; k++) s->surest[k] = -INFINITY;
    while (n > 0) {
        n = rows_read(r, BLOCK, x, label, err);
        if (n > 0 && reserve(s, s->n + (size_t)n, err) < 0) n = -1;
        for (ssize_t i = 0; i < n; i++)
            if (add_row(s, o, x + (size_t)i * s->width, label[i], path, err) < 0) n = -1;
    }
    free(x);
    free(label);
    if (!n && !s->n) n = fail(err, "%s: no rows", path);
    return (int)n;
}

static int load(Samples *s, const Options *o, const Operand *in, Error *err) {
    const char *path = in->path;
    RowsSpec spec = {.of = in, .tensor = o->tensor, .label = o->label, .label_needed = true};
    Pictures shape;
    Rows *r = pictures_open(&spec, &shape, err);
    if (!r) return -1;
    s->width = rows_width(r);
    s->type = shape.type;
    snprintf(s->tensor, sizeof s->tensor, "%s", rows_tensor(r));
    int bad =
        s->width == 1 && o->probabilities
            ? fail(err, "%s: '%s' holds numbers of clusters, no probabilities", path, s->tensor)
            : read_rows(s, o, r, path, err);
    rows_close(r);
    return bad;
}

static void report_line(const Options *o, const Samples *s, const Agreement *a, const char *name,
                        double value, Results *out) {
    result_begin(out, name, value);
    result_int(out, "clusters", (int64_t)a->clusters);
    if (s->width > 1) result_int(out, "of", (int64_t)s->width);
    result_int(out, "classes", (int64_t)a->classes);
    result_int(out, "n", (int64_t)s->n);
    result_text(out, "tensor", s->tensor);
    result_text(out, "label", o->label);
    result_end(out);
}

static void report(const Options *o, const Samples *s, const Agreement *a, Results *out) {
    if (s->width > 1) {
        size_t right = 0;
        for (size_t i = 0; i < s->n; i++) right += s->likeness[s->cluster[i]] == s->label[i];
        report_line(o, s, a, "clusters.nearest", (double)right / (double)s->n, out);
    }
    report_line(o, s, a, "clusters.majority", a->majority, out);
    report_line(o, s, a, "clusters.assigned", a->assigned, out);
    report_line(o, s, a, "clusters.nmi", a->nmi, out);
    report_line(o, s, a, "clusters.ari", a->ari, out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Samples s = {0};
    Agreement a;
    int bad = load(&s, o, &inputs[0], err);
    if (!bad) bad = agreement_measure(s.cluster, s.label, s.n, &a, err);
    if (!bad) report(o, &s, &a, out);
    free(s.cluster);
    free(s.label);
    free(s.surest);
    free(s.odds);
    free(s.likeness);
    return bad;
}

static const Options defaults = {.tensor = "cluster,logits", .label = "label"};

static const MetricOption options[] = {
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME",
           "numbers of clusters [N], or scores [N,K] of which the largest counts (cluster,logits)"),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "the true classes (label)"),
    OPTION(probabilities, "probabilities", 0, OPT_FLAG, NULL,
           "scores are probabilities, not logits"),
    {0},
};

const Metric metric_clusters = {
    .name = "clusters",
    .operands = "STREAM",
    .summary = "Agreement of clusters with labels: accuracies, NMI, adjusted Rand index.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
};
