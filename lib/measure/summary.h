/* summary.h: the mean of some numbers and how sure it is. */
#ifndef GAN_SUMMARY_H
#define GAN_SUMMARY_H

#include "measure/result.h"

#include <math.h>

typedef struct {
    size_t n;
    double mean, error; /* standard error of the mean; NaN of fewer than two, or of infinities */
} Summary;

static inline Summary summary_of(const double *x, size_t n) {
    double sum = 0, squares = 0, count = (double)n;
    for (size_t i = 0; i < n; i++) sum += x[i];
    for (size_t i = 0; i < n; i++) squares += (x[i] - sum / count) * (x[i] - sum / count);
    return (Summary){n, sum / count, n > 1 ? sqrt(squares / (count - 1) / count) : NAN};
}

/* Begins a line with the mean, and the field `error` where there is one. */
static inline void summary_begin(Results *out, const char *metric, Summary s) {
    result_begin(out, metric, s.mean);
    if (isfinite(s.error)) result_real(out, "error", s.error);
}

#endif
