/* warping.h: maps [n, h, w, c] looked at where a flow [n, h, w, 2] says, between pixels.
 *
 * With (u, v) the flow at pixel (i, j), u along the rows of pixels and v down the columns, in
 * pixels,
 *
 *   y[i, j, c] = sum over four pixels (p, q) around (i + v, j + u) of a(i + v - p) a(j + u - q)
 * x[p, q, c]
 *
 * with a(t) = max(0, 1 - |t|). Beyond the map x is what it is at the edge, or zero. What `slope`
 * names is replaced by its derivative in u, in v, or in both.
 *
 * Results are the same bits for every thread count. A flow that is no number gives no numbers. */
#ifndef GAN_WARPING_H
#define GAN_WARPING_H

#include "base/base.h"

typedef struct {
    size_t n, h, w, c;
    bool zero; /* beyond the map */
} WarpShape;

enum { WARP_U = 1, WARP_V = 2 }; /* of slope */

void warp_sample(const WarpShape *s, unsigned slope, const float *x, const float *flow, float *y);
/* The adjoint in x: dx of dy. */
void warp_spread(const WarpShape *s, unsigned slope, const float *flow, const float *dy, float *dx);
/* The gradient of the sum of y*dy, slope being 0, in the flow. */
void warp_slopes(const WarpShape *s, const float *x, const float *flow, const float *dy,
                 float *dflow);

/* ---- one line of pixels, for each instruction set ---- */

/* The map and the flow's line i of a sample, and channels [from, to) of them. */
typedef struct {
    const WarpShape *shape;
    unsigned slope;
    size_t i, from, to;
    const float *flow;
} WarpLine;

/* y of x; dx, to which is added, of dy; dflow of x and dy */
typedef void WarpSample(const WarpLine *l, const float *x, float *y);
typedef void WarpSpread(const WarpLine *l, const float *dy, float *dx);
typedef void WarpSlopes(const WarpLine *l, const float *x, const float *dy, float *dflow);
extern WarpSample warp_sample_portable, warp_sample_avx2, warp_sample_avx512;
extern WarpSpread warp_spread_portable, warp_spread_avx2, warp_spread_avx512;
extern WarpSlopes warp_slopes_portable, warp_slopes_avx2, warp_slopes_avx512;

#endif
