/* mse, mae, psnr: how far the pictures of two streams are from each other, pixel by pixel. */
#include "measure/metric.h"
#include "measure/pictures.h"
#include "measure/summary.h"

#include <stdlib.h>

typedef struct {
    Paired paired;
} Options;

static int squares(const Pictures *p, const double *a, const double *b, double *out, Error *err) {
    size_t n = pictures_size(p);
    double sum = 0;
    (void)err;
    for (size_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    *out = sum / (double)n;
    return 0;
}

static int moduli(const Pictures *p, const double *a, const double *b, double *out, Error *err) {
    size_t n = pictures_size(p);
    double sum = 0;
    (void)err;
    for (size_t i = 0; i < n; i++) sum += fabs(a[i] - b[i]);
    *out = sum / (double)n;
    return 0;
}

static int check(void *options, Error *err) {
    Paired *p = &((Options *)options)->paired;
    return parse_range(p->range, &p->low, &p->high, err);
}

static int run(const void *options, char **inputs, const char *name, PairedFigure *figure,
               Results *out, Error *err) {
    const Options *o = options;
    PairedValues v;
    if (paired_values(&o->paired, inputs, 1, figure, &v, err) < 0) return -1;
    summary_begin(out, name, summary_of(v.value, v.n));
    paired_describe(&o->paired, &v, out);
    result_end(out);
    free(v.value);
    return 0;
}

static int run_mse(const void *options, char **inputs, Results *out, Error *err) {
    return run(options, inputs, "mse", squares, out, err);
}

static int run_mae(const void *options, char **inputs, Results *out, Error *err) {
    return run(options, inputs, "mae", moduli, out, err);
}

/* The peak is 1, the end of the range. */
static double decibels(double mse) { return -10 * log10(mse); }

static int run_psnr(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    PairedValues v;
    if (paired_values(&o->paired, inputs, 1, squares, &v, err) < 0) return -1;
    double pooled = decibels(summary_of(v.value, v.n).mean);
    for (size_t i = 0; i < v.n; i++) v.value[i] = decibels(v.value[i]);
    summary_begin(out, "psnr", summary_of(v.value, v.n));
    result_text(out, "protocol", "mean of the pictures'");
    paired_describe(&o->paired, &v, out);
    result_end(out);
    result_begin(out, "psnr.pooled", pooled);
    result_text(out, "protocol", "of the mean squared error of all");
    paired_describe(&o->paired, &v, out);
    result_end(out);
    free(v.value);
    return 0;
}

static const Options defaults = {.paired = {.tensor = "image,video"}};

static const MetricOption options[] = {
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, paired.tensor), HELP_TENSOR, false},
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(Options, paired.range), HELP_RANGE, false},
    {0},
};

const Metric metric_mse = {
    "mse",   "A B",           "Mean squared error between the pictures of two streams.",
    2,       sizeof(Options), &defaults,
    options, check,           run_mse};

const Metric metric_mae = {
    "mae",   "A B",           "Mean absolute error between the pictures of two streams.",
    2,       sizeof(Options), &defaults,
    options, check,           run_mae};

const Metric metric_psnr = {
    "psnr",  "A B",           "Peak signal-to-noise ratio between the pictures of two streams.",
    2,       sizeof(Options), &defaults,
    options, check,           run_psnr};
