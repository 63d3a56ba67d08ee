/* ssim: structural similarity between the pictures of two streams (Wang et al. 2004). */
#include "measure/metrics/ssim.h"

#include "measure/pictures.h"

#include <math.h>
#include <stdlib.h>

static const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;

/* A window of n points, of sum 1. */
static void make_window(size_t n, double *weight) {
    double deviation = 1.5 * (double)n / SSIM_WINDOW, sum = 0;
    for (size_t i = 0; i < n; i++) {
        double at = (double)i - 0.5 * (double)(n - 1);
        sum += weight[i] = exp(-at * at / (2 * deviation * deviation));
    }
    for (size_t i = 0; i < n; i++) weight[i] /= sum;
}

/* Weighted means over windows of n neighbours that are `step` numbers apart: from `count` runs of
 * `length` numbers to as many of length - (n-1)*step. */
static void smooth(const double *in, size_t count, size_t length, size_t step, const double *weight,
                   size_t n, double *out) {
    size_t kept = length - (n - 1) * step;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < kept; j++) out[i * kept + j] = weight[0] * in[i * length + j];
        for (size_t t = 1; t < n; t++)
            for (size_t j = 0; j < kept; j++)
                out[i * kept + j] += weight[t] * in[i * length + j + t * step];
    }
}

/* What is smoothed: both pictures, their squares, and their product. */
enum { MEAN_A, MEAN_B, SQUARE_A, SQUARE_B, PRODUCT, FIELDS };

static void fields(const double *a, const double *b, size_t n, double *out) {
    for (size_t i = 0; i < n; i++) {
        out[MEAN_A * n + i] = a[i];
        out[MEAN_B * n + i] = b[i];
        out[SQUARE_A * n + i] = a[i] * a[i];
        out[SQUARE_B * n + i] = b[i] * b[i];
        out[PRODUCT * n + i] = a[i] * b[i];
    }
}

static Ssim summed(const double *f, size_t n) {
    Ssim s = {0};
    for (size_t i = 0; i < n; i++) {
        double a = f[MEAN_A * n + i], b = f[MEAN_B * n + i];
        double var_a = f[SQUARE_A * n + i] - a * a, var_b = f[SQUARE_B * n + i] - b * b;
        double contrast = (2 * (f[PRODUCT * n + i] - a * b) + c2) / (var_a + var_b + c2);
        s.contrast += contrast / (double)n;
        s.similarity += contrast * (2 * a * b + c1) / (a * a + b * b + c1) / (double)n;
    }
    return s;
}

int ssim_compare(const double *a, const double *b, size_t height, size_t width, size_t channels,
                 Ssim *out, Error *err) {
    double weight[SSIM_WINDOW];
    size_t side = height < width ? height : width, n = side < SSIM_WINDOW ? side : SSIM_WINDOW;
    size_t line = width * channels, kept = line - (n - 1) * channels;
    double *x = data_alloc(FIELDS * height * line * sizeof *x, err);
    double *y = data_alloc(FIELDS * height * kept * sizeof *y, err);
    if (x && y) {
        make_window(n, weight);
        fields(a, b, height * line, x);
        smooth(x, FIELDS * height, line, channels, weight, n, y);
        smooth(y, FIELDS, height * kept, kept, weight, n, x);
        *out = summed(x, (height - n + 1) * kept);
    }
    free(x);
    free(y);
    return x && y ? 0 : -1;
}

/* ---- the metric ---- */

static int figure(const Pictures *p, const double *a, const double *b, double *out, Error *err) {
    Ssim s;
    int bad = ssim_compare(a, b, p->height, p->width, p->channels, &s, err);
    if (!bad) *out = s.similarity;
    return bad;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    return paired_run(options, inputs, SSIM_WINDOW, figure, "ssim",
                      "Gaussian 11x11, sigma 1.5, k1 0.01, k2 0.03, mean of channels", out, err);
}

const Metric metric_ssim = {
    .name = "ssim",
    .operands = "A B",
    .summary = "Structural similarity between the pictures of two streams.",
    .run = run,
    METRIC_OF_PAIRS,
};
