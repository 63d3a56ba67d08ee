/* filter.h: resampling one axis by a finite impulse response filter. */
#ifndef GAN_FILTER_H
#define GAN_FILTER_H

#include "base/base.h"

enum { FILTER_TAPS = 16 };

/* y[o, i, c] = sum over t of taps[t] * u[o, i*down + t - pad, c] with u[o, j*up, c] = x[o, j, c]
 * and zeros between and around: x [outer, in, inner] is spread by `up`, filtered, and every
 * `down`-th value kept, giving y [outer, out, inner]. Such maps are closed under transposition. */
typedef struct {
    int axis;  /* of a tensor, that which is filtered */
    int count; /* taps, 1 to FILTER_TAPS */
    size_t up, down, out;
    ptrdiff_t pad; /* zeros in front; negative cuts off */
    float taps[FILTER_TAPS];
} Filter;

/* The adjoint in x, which has `in` values along the axis: from y's shape to x's. */
Filter filter_adjoint(const Filter *f, size_t in);
void filter_run(const Filter *f, size_t outer, size_t in, size_t inner, const float *x, float *y);

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

#endif
