/* upsampling.h: how often transposed convolutions write each place of what they make (Odena,
 * Dumoulin and Olah 2016). */
#ifndef GAN_UPSAMPLING_H
#define GAN_UPSAMPLING_H

#include "base/base.h"

typedef struct {
    size_t kernel, stride; /* from 1 on */
} Upsampling;

enum { OVERLAP_PERIOD_MAX = 1 << 16 };

/* Along one axis, far from the edges, of layers one behind the other: *count gets a period of the
 * counts, in memory to be freed, and *period its length, the product of the strides. Position 0 is
 * one that the first tap of each kernel writes. Counts multiply over axes. A period above
 * OVERLAP_PERIOD_MAX, and counts above 2^63-1, are errors. */
MUST_CHECK int overlap_counts(const Upsampling *layer, size_t layers, uint64_t **count,
                              size_t *period, Error *err);

#endif
