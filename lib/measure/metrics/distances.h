/* distances.h: distances between two sets of samples that need no classes and no fitted model. */
#ifndef GAN_DISTANCES_H
#define GAN_DISTANCES_H

#include "measure/rows.h"

typedef enum {
    KERNEL_RBF,   /* sum_s exp(-|x - y|^2 / (2 s^2)) */
    KERNEL_IMQ,   /* sum_c c / (c + |x - y|^2) */
    KERNEL_CUBIC, /* (x.y / d + 1)^3; no scales */
} MmdKernel;

/* The squared maximum mean discrepancy of rows x [nx,d] and y [ny,d] (Gretton et al. 2012), under a
 * sum of kernels of ns scales; unbiased leaves the pairs of a row with itself out. The sum does
 * not depend on the number of threads. */
MUST_CHECK int mmd_squared(const double *x, size_t nx, const double *y, size_t ny, size_t d,
                           MmdKernel kernel, const double *scale, size_t ns, bool unbiased,
                           double *out, Error *err);

/* The kernel inception distance (Binkowski et al. 2018, section 4): the unbiased squared MMD under
 * the cubic kernel of `size` rows of x and of y, drawn without replacement, its mean over `subsets`
 * such draws, and the deviation over them, divisor their number. */
MUST_CHECK int kid_distance(const double *x, size_t nx, const double *y, size_t ny, size_t d,
                            size_t size, size_t subsets, uint32_t seed, double *mean, double *std,
                            Error *err);

/* The Wasserstein distance of order p between numbers x[nx] and y[ny], which are sorted here: the
 * integral over 0 < t < 1 of |F^-1(t) - G^-1(t)|^p, its p-th root not taken. */
double wasserstein_line(double *x, size_t nx, double *y, size_t ny, double p);

/* The same along count random directions of rows of two matrices of equal width (doubles or
 * floats): the mean, and its standard error over the directions. */
MUST_CHECK int wasserstein_sliced(const Matrix *a, const Matrix *b, double p, size_t count,
                                  uint64_t seed, double *mean, double *error, Error *err);

#endif
