/* parzen.h: log-likelihood under a Gaussian Parzen window. */
#ifndef GAN_PARZEN_H
#define GAN_PARZEN_H

#include "measure/rows.h"

/* The centres of a window; x and xx (their squared norms) belong to the caller. */
typedef struct {
    size_t n, d;
    const double *x, *xx;
} Centres;

/* For each of nx rows x and each of ns standard deviations, the natural log of the density
 *     (1/n) sum_j N(x; c_j, sigma^2 I),
 * out[i,s] = logsumexp_j(-||x_i - c_j||^2 / (2 sigma_s^2)) - log n - d log(sigma_s sqrt(2 pi)).
 * Terms below e^-60 of the largest are left out. Memory beyond the arguments does not grow with
 * nx or n. */
MUST_CHECK int parzen_log_density(const Centres *c, const double *x, size_t nx, const double *sigma,
                                  size_t ns, double *out, Error *err);

#endif
