/* phases.h: how a kernel with a stride is divided among the phases of it (Odena, Dumoulin and Olah
 * 2016): a transposed convolution of a constant makes one value a phase, and so does the gradient
 * of a strided convolution. */
#ifndef GAN_PHASES_H
#define GAN_PHASES_H

#include "tensor/conv/conv.h"

/* The strides' product, 1 where none is above 1. */
size_t phases_count(const ConvShape *s);
/* How many times as often the place written most is written as that written least: the product of
 * ceil(k/s)/floor(k/s) over dimensions. */
double phases_overlap(const ConvShape *s);
/* Of a weight [kernel.., cin/groups, cout]: with S the sums of a pair's taps at each phase, the
 * largest |S - mean S| over the root of the mean S^2, 0 where all are 0, in the mean over pairs of
 * channels. */
MUST_CHECK int phases_imbalance(const ConvShape *s, const float *w, double *out, Error *err);

#endif
