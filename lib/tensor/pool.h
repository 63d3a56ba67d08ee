/* pool.h: the largest values of windows in 1, 2 and 3 dimensions, channels last, and their
 * derivatives.
 *
 * A window stands where a convolution's kernel does (conv.h): o*stride - pad and on, `kernel`
 * pixels along each axis. Of the shape cin counts channels and cout is not used. Pixels outside x
 * count for nothing; every window must hold one that is inside.
 *
 * Results are the same bits for every thread count. */
#ifndef GAN_POOL_H
#define GAN_POOL_H

#include "tensor/conv/conv.h"

/* x [n, in.., c] to y [n, out.., c], y the largest x of each window. */
void pool_max(const ConvShape *s, const float *x, float *y);
/* The gradient: dx is the sum of dy over the windows whose y it is, shared among the pixels of a
 * window that are equal to y. */
void pool_spread(const ConvShape *s, const float *x, const float *y, const float *dy, float *dx);
/* Its adjoint: m is the mean of t over the pixels of each window that are equal to y. */
void pool_pick(const ConvShape *s, const float *x, const float *y, const float *t, float *m);

#endif
