/* mse, mae, psnr: how far the pictures of two streams are from each other, pixel by pixel. */
#include "measure/pictures.h"
#include "measure/summary.h"

#include <stdlib.h>

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

static int run_mse(const void *options, const Operand *inputs, Results *out, Error *err) {
    return paired_run(options, inputs, 1, squares, "mse", NULL, out, err);
}

static int run_mae(const void *options, const Operand *inputs, Results *out, Error *err) {
    return paired_run(options, inputs, 1, moduli, "mae", NULL, out, err);
}

/* The peak is 1, the end of the range. */
static double decibels(double mse) { return -10 * log10(mse); }

static int run_psnr(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Paired *p = options;
    PairedValues v;
    if (paired_values(p, inputs, 1, squares, &v, err) < 0) return -1;
    double pooled = decibels(summary_of(v.value, v.n).mean);
    for (size_t i = 0; i < v.n; i++) v.value[i] = decibels(v.value[i]);
    summary_begin(out, "psnr", summary_of(v.value, v.n));
    result_text(out, "protocol", "mean of the pictures'");
    paired_describe(p, &v, out);
    result_end(out);
    result_begin(out, "psnr.pooled", pooled);
    result_text(out, "protocol", "of the mean squared error of all");
    paired_describe(p, &v, out);
    result_end(out);
    free(v.value);
    return 0;
}

const Metric metric_mse = {
    .name = "mse",
    .operands = "A B",
    .summary = "Mean squared error between the pictures of two streams.",
    .run = run_mse,
    METRIC_OF_PAIRS,
};

const Metric metric_mae = {
    .name = "mae",
    .operands = "A B",
    .summary = "Mean absolute error between the pictures of two streams.",
    .run = run_mae,
    METRIC_OF_PAIRS,
};

const Metric metric_psnr = {
    .name = "psnr",
    .operands = "A B",
    .summary = "Peak signal-to-noise ratio between the pictures of two streams.",
    .run = run_psnr,
    METRIC_OF_PAIRS,
};
