/* conv_depthwise.h: convolutions in which each channel is a group, vectors going along the
 * channels; private to the convolutions. */
#ifndef GAN_CONV_DEPTHWISE_H
#define GAN_CONV_DEPTHWISE_H

#include "tensor/conv/conv.h"

bool conv_is_depthwise(const ConvShape *s);
typedef struct Depthwise Depthwise;
const Depthwise *conv_depthwise_plan(Arena *arena, const ConvShape *s, ConvKind kind);
size_t conv_depthwise_scratch(const Depthwise *p);
void conv_depthwise_run(const Depthwise *p, const float *a, const float *b, float *out,
                        void *scratch);

/* y[c] = the sum over k < n of w[k][c] * x[k][c], or that added to what y is */
typedef void DepthwisePoint(size_t n, const float *const *w, const float *const *x, float *y,
                            size_t channels, bool add);
/* y[c] += the sum over i < n of a[i*astep + c] * b[i*bstep + c] */
typedef void DepthwiseSum(size_t n, const float *a, size_t astep, const float *b, size_t bstep,
                          float *y, size_t channels);
extern DepthwisePoint depthwise_point_portable, depthwise_point_avx2, depthwise_point_avx512;
extern DepthwiseSum depthwise_sum_portable, depthwise_sum_avx2, depthwise_sum_avx512;

#endif
