/* ms-ssim: structural similarity over several scales (Wang, Simoncelli and Bovik 2003) between the
 * pictures of two streams; or between pictures of one stream, drawn at random, where less of it is
 * more variety (Odena et al. 2017, section 4.2). */
#include "base/random.h"
#include "maths/classes.h"
#include "measure/metric.h"
#include "measure/metrics/ssim.h"
#include "measure/pictures.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MIN = 1 << (MSSSIM_LEVELS - 1), PAIRS_MAX = 1 << 24 };

static const double level_weight[MSSSIM_LEVELS] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

/* Means of 2x2 in place; an odd last line or column is left out. */
static void halve(double *x, size_t height, size_t width, size_t channels) {
    size_t line = width * channels;
    double *out = x;
    for (size_t i = 0; i + 1 < height; i += 2)
        for (size_t j = 0; j + 1 < width; j += 2)
            for (size_t c = 0; c < channels; c++) {
                const double *at = x + i * line + j * channels + c;
                *out++ = (at[0] + at[channels] + at[line] + at[line + channels]) / 4;
            }
}

int ssim_scales(const double *a, const double *b, size_t height, size_t width, size_t channels,
                double *out, Error *err) {
    size_t n = height * width * channels;
    double *x = data_alloc(n * sizeof *x, err), *y = data_alloc(n * sizeof *y, err);
    int bad = x && y ? 0 : -1;
    *out = 1;
    for (int level = 0; level < MSSSIM_LEVELS && !bad; level++) {
        Ssim s;
        if (!level) {
            memcpy(x, a, n * sizeof *x);
            memcpy(y, b, n * sizeof *y);
        } else {
            halve(x, height, width, channels);
            halve(y, height, width, channels);
            height /= 2, width /= 2;
        }
        bad = ssim_compare(x, y, height, width, channels, &s, err);
        double factor = level < MSSSIM_LEVELS - 1 ? s.contrast : s.similarity;
        *out *= pow(fmax(factor, 0), level_weight[level]);
    }
    free(x);
    free(y);
    return bad;
}

/* ---- the metric ---- */

typedef struct {
    Paired paired;
    const char *label;
    uint64_t pairs, rows, seed;
} Options;

static int figure(const Pictures *p, const double *a, const double *b, double *out, Error *err) {
    return ssim_scales(a, b, p->height, p->width, p->channels, out, err);
}

static const char protocol[] = "5 levels, Gaussian 11x11, sigma 1.5, mean of channels";

/* ---- pairs of one stream ---- */

typedef struct {
    const Options *o;
    const Operand *in;
    Pictures shape;
    Matrix m;
    ClassCounts classes; /* one if there are no labels */
    size_t *member;      /* [n] rows, class by class */
    double *value;       /* [classes,pairs] */
} Diversity;

static int load(Diversity *d, Error *err) {
    const Options *o = d->o;
    RowsSpec spec = {.of = d->in,
                     .tensor = o->paired.tensor,
                     .label = o->label,
                     .label_needed = o->label,
                     .range = o->paired.range};
    Rows *r = pictures_open(&spec, &d->shape, err);
    int bad = r ? matrix_take(r, AS_FLOAT, (size_t)o->rows, &d->m, err) : -1;
    rows_close(r);
    if (bad) return bad;
    const Pictures *p = &d->shape;
    if (p->frames != 1 || p->height < SIDE_MIN || p->width < SIDE_MIN)
        return fail(err, "%s: rows of %zu pictures of %zux%zu, expected one of at least %dx%d",
                    d->in->path, p->frames, p->height, p->width, SIDE_MIN, SIDE_MIN);
    return d->m.label ? classes_add(&d->classes, d->m.label, d->m.n, err) : 0;
}

/* The similarity of pictures i and j of the matrix. */
static int compare(const Diversity *d, size_t i, size_t j, double *out, Error *err) {
    size_t n = d->m.d;
    double *x = data_alloc(2 * n * sizeof *x, err);
    for (size_t k = 0; k < n && x; k++) {
        x[k] = (double)d->m.xf[i * n + k];
        x[n + k] = (double)d->m.xf[j * n + k];
    }
    int bad = x ? 0 : -1;
    if (!bad && !d->o->paired.range.text) bad = pictures_unit(x, 1, n, i, d->in->path, err);
    if (!bad && !d->o->paired.range.text) bad = pictures_unit(x + n, 1, n, j, d->in->path, err);
    if (!bad) bad = figure(&d->shape, x, x + n, out, err);
    free(x);
    return bad;
}

/* All pairs of the class (all rows without labels) that comes `number`th. */
static int compare_class(Diversity *d, size_t number, Error *err) {
    size_t n = 0, pairs = (size_t)d->o->pairs;
    for (size_t i = 0; i < d->m.n; i++)
        if (!d->m.label || d->m.label[i] == d->classes.id[number]) d->member[n++] = i;
    if (n < 2 && d->m.label)
        return fail(err, "%s: class %lld has one picture only", d->in->path,
                    (long long)d->classes.id[number]);
    if (n < 2) return fail(err, "%s: one picture only", d->in->path);
    int bad = 0;
#pragma omp parallel for schedule(dynamic)
    for (size_t k = 0; k < pairs; k++) {
        Error own;
        size_t i = draw_below(d->o->seed, number, 2 * k, n);
        size_t j = draw_below(d->o->seed, number, 2 * k + 1, n - 1);
        j += j >= i; /* another one */
        if (compare(d, d->member[i], d->member[j], &d->value[number * pairs + k], &own) < 0)
#pragma omp critical
            *err = own, bad = -1;
    }
    return bad;
}

static void report_pairs(const Diversity *d, size_t classes, Results *out) {
    size_t pairs = (size_t)d->o->pairs;
    PairedValues v = {.shape = d->shape, .n = d->m.n};
    snprintf(v.tensor, sizeof v.tensor, "%s", d->m.tensor);
    for (size_t c = 0; c <= (d->m.label ? classes : 0); c++) {
        bool all = c == 0;
        size_t first = all ? 0 : (c - 1) * pairs, n = all ? classes * pairs : pairs;
        summary_begin(out, all ? "ms-ssim" : "ms-ssim.class", summary_of(d->value + first, n));
        result_text(out, "protocol", protocol);
        if (!all) result_int(out, "class", d->classes.id[c - 1]);
        result_int(out, "pairs", (int64_t)n);
        result_int(out, "seed", (int64_t)d->o->seed);
        paired_describe(&d->o->paired, &v, out);
        result_end(out);
    }
}

static int run_diversity(Diversity *d, Results *out, Error *err) {
    if (load(d, err) < 0) return -1;
    size_t classes = d->m.label ? d->classes.n : 1;
    d->member = data_alloc(d->m.n * sizeof *d->member, err);
    d->value = data_alloc(classes * (size_t)d->o->pairs * sizeof *d->value, err);
    int bad = d->member && d->value ? 0 : -1;
    for (size_t c = 0; c < classes && !bad; c++) bad = compare_class(d, c, err);
    if (!bad) report_pairs(d, classes, out);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (!o->pairs && (o->label || o->rows || o->seed))
        return fail(err, "--label, --rows and --seed go with --pairs");
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    if (!o->pairs && !inputs[1].path)
        return fail(err, "expected two streams, or --pairs N and one");
    if (o->pairs && inputs[1].path) return fail(err, "--pairs draws from one stream, found two");
    if (!o->pairs)
        return paired_run(&o->paired, inputs, SIDE_MIN, figure, "ms-ssim", protocol, out, err);
    Diversity d = {.o = o, .in = &inputs[0]};
    int bad = run_diversity(&d, out, err);
    matrix_free(&d.m);
    classes_free(&d.classes);
    free(d.member);
    free(d.value);
    return bad;
}

static const Options defaults = {.paired = {.tensor = "image,video"}};

static const MetricOption options[] = {
    OPTION(pairs, "pairs", 0, OPT_U64(1, PAIRS_MAX), "N",
           "compare N pairs drawn from the pictures of a single stream"),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "draw N pairs within each class of these labels"),
    OPTION(rows, "rows", 'n', OPT_U64(1, UINT64_MAX), "N", "draw from the first N (all)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    PAIRED_LINES(offsetof(Options, paired)),
    {0},
};

const Metric metric_ms_ssim = {
    .name = "ms-ssim",
    .operands = "A [B]",
    .summary =
        "Multi-scale structural similarity of paired pictures, or among those of one stream.",
    .inputs = 2,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .compares = COMPARES_PAIRS,
    .by = true,
};
