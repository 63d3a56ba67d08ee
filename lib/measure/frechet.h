/* frechet.h: Gaussian statistics of feature rows and the Fréchet distance between two of them. */
#ifndef GAN_FRECHET_H
#define GAN_FRECHET_H

#include "base/base.h"

/* Streaming sums in float64, relative to a pivot (the mean of the first rows added), so that
 * squares do not cancel. Zero-initialise. */
typedef struct {
    size_t n, d;
    double *pivot, *sum; /* [d] */
    double *outer;       /* [d,d], lower triangle: sum of (x-pivot)(x-pivot)^T */
    double *block;       /* scratch [FRECHET_BLOCK,d] */
} Gaussian;

enum { FRECHET_BLOCK = 256 };

int gaussian_start(Gaussian *g, size_t d, Error *err);
/* n <= FRECHET_BLOCK rows [n,d]. The sums depend on how rows were cut into blocks only in their
 * last bits. */
void gaussian_add(Gaussian *g, const double *x, size_t n);
/* mean [d] and covariance [d,d] with divisor n - 1; n >= 2. */
void gaussian_moments(const Gaussian *g, double *mean, double *covariance);
void gaussian_free(Gaussian *g);

/* ||m_a - m_b||^2 + tr(A + B - 2 (A B)^(1/2)) in its two terms (Heusel et al. 2017, eq. 6, after
 * Dowson and Landau 1982). With A = F F^T and B = G G^T by pivoted Cholesky, tr (A B)^(1/2) is the
 * sum of the singular values of F^T G: never imaginary, exact for singular covariances, and without
 * the root of a rounding error that eigenvalues of a product would bring. */
typedef struct {
    double mean_term, covariance_term;
} Frechet;
int frechet_distance(const Gaussian *a, const Gaussian *b, Frechet *out, Error *err);

#endif
