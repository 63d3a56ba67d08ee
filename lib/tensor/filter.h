/* filter.h: sums of a few lines, and of a few elements along a line: what resampling is made of. */
#ifndef GAN_FILTER_H
#define GAN_FILTER_H

#include "base/base.h"

enum { FILTER_TAPS = 16 };

/* y[c] = sum over k < n of w[k] * x[k][c], c < length, in the order of k; or added to what y is */
typedef void FilterRow(int n, const float *w, const float *const *x, float *y, size_t length,
                       bool add);
extern FilterRow filter_row_portable, filter_row_avx2, filter_row_avx512;

/* What each result along an axis is the sum of: weight[t] times element from[t], first[i] <= t <
 * first[i + 1]. */
typedef struct {
    const size_t *first, *from;
    const float *weight;
    size_t even; /* how many these are for each result, if the same for all; else 0 */
} FilterTable;
/* y [count, inner] = the sum over the n <= FILTER_LINES lines of w[k] * x[k] by the table. */
enum { FILTER_LINES = 4 };
typedef void FilterLine(const FilterTable *t, size_t count, size_t inner, int n, const float *w,
                        const float *const *x, float *y);
extern FilterLine filter_line_portable, filter_line_avx2, filter_line_avx512;

/* A copy past the caches (bypass.h) of so many floats, a multiple of FILTER_PAST. */
enum { FILTER_PAST = 16 };
typedef void FilterPast(const float *from, float *to, size_t length);
extern FilterPast filter_past_portable, filter_past_avx2, filter_past_avx512;

#endif
