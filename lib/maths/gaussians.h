/* gaussians.h: mixtures of Gaussians, fitted by expectation and maximisation. */
#ifndef GAN_GAUSSIANS_H
#define GAN_GAUSSIANS_H

#include "base/base.h"

typedef struct {
    size_t k, d;
    bool full;      /* covariances, or their diagonals alone */
    double *weight; /* [k] */
    double *mean;   /* [k,d] */
    double *spread; /* standard deviations [k,d]; full: lower Cholesky factors [k,d,d] */
} Gaussians;

typedef struct {
    size_t components, iterations;
    bool full;
    uint64_t seed;
    double tolerance; /* ends when the mean log-likelihood grows by less */
    double floor;     /* added to every variance, > 0 */
} GaussiansWant;

typedef struct {
    double likelihood; /* mean natural log-likelihood of the rows */
    size_t iterations; /* maximisations after the first */
    bool converged;
} GaussiansFit;

/* Fits a mixture to n >= components rows x [n,d], from the clusters of k-means. The same for any
 * number of threads. Memory beyond x is n numbers for each component. */
MUST_CHECK int gaussians_fit(Gaussians *g, const GaussiansWant *want, const double *x, size_t n,
                             size_t d, GaussiansFit *fit, Error *err);
void gaussians_free(Gaussians *g);
/* joint[i,c] = log(weight_c N(x_i; mean_c, covariance_c)) [n,k], and their log of the sum of
 * exponentials, the log-likelihood of each row [n]. */
MUST_CHECK int gaussians_log(const Gaussians *g, const double *x, size_t n, double *joint,
                             double *likelihood, Error *err);
/* n draws [n,d], and the components they came from [n]. */
MUST_CHECK int gaussians_draw(const Gaussians *g, uint64_t seed, size_t n, double *out,
                              int64_t *component, Error *err);

#endif
