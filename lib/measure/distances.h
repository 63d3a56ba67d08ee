/* distances.h: distances between two sets of samples that need no classes and no fitted model. */
#ifndef GAN_DISTANCES_H
#define GAN_DISTANCES_H

#include "base/base.h"

typedef enum {
    KERNEL_RBF, /* sum_s exp(-|x - y|^2 / (2 s^2)) */
    KERNEL_IMQ, /* sum_c c / (c + |x - y|^2) */
} Kernel;

/* The squared maximum mean discrepancy of rows x [nx,d] and y [ny,d] (Gretton et al. 2012), under a
 * sum of kernels of ns scales; unbiased leaves the pairs of a row with itself out. The sum does
 * not depend on the number of threads. */
int mmd_squared(const double *x, size_t nx, const double *y, size_t ny, size_t d, Kernel kernel,
                const double *scale, size_t ns, bool unbiased, double *out, Error *err);

/* The Wasserstein distance of order p between numbers x[nx] and y[ny], which are sorted here: the
 * integral over 0 < t < 1 of |F^-1(t) - G^-1(t)|^p, its p-th root not taken. */
double wasserstein_line(double *x, size_t nx, double *y, size_t ny, double p);

/* The same along count random directions of rows x [nx,d], y [ny,d]: the mean, and its standard
 * error over the directions. */
int wasserstein_sliced(const double *x, size_t nx, const double *y, size_t ny, size_t d, double p,
                       size_t count, uint64_t seed, double *mean, double *error, Error *err);

#endif
