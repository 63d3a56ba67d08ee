/* npz.h: arrays of numbers in NumPy's .npz archives, compressed or not. */
#ifndef GAN_NPZ_H
#define GAN_NPZ_H

#include "base/base.h"

/* The array `name` as doubles, in a block to be freed: rank 1 or 2, every extent `d` (*d 0: any,
 * and then it is set). Float32 or float64, all finite. */
MUST_CHECK int npz_array(const char *path, const char *name, int rank, size_t *d, double **out,
                         Error *err);

#endif
