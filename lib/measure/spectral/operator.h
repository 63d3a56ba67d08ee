/* operator.h: singular values of a convolution as the linear map of images that it is, padding and
 * stride included. They are others than those of its weight as a matrix: a pixel is read by several
 * results, so that the largest may be up to the root of their number times as large. */
#ifndef GAN_OPERATOR_H
#define GAN_OPERATOR_H

#include "tensor/conv/conv.h"

/* The shape with another input of the same number of dimensions; stride and padding at both sides
 * stay. */
MUST_CHECK int operator_resize(ConvShape *s, const size_t *in, Error *err);

/* The k largest singular values, descending, of the map of one sample, w in the engine's layout and
 * finite. By Golub, Kahan and Lanczos's bidiagonalisation, of which the vectors of the smaller side
 * are held orthogonal (Simon & Zha 2000), until the residuals of k are below 1e-6 of the largest;
 * again in what these vectors leave, until no value there is above them: one start sees only one of
 * several equal values. *found are fewer than k where the smaller side is. */
MUST_CHECK int operator_values(const ConvShape *s, const float *w, size_t k, double *value,
                               size_t *found, Error *err);

#endif
