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

/* For rows of d numbers; release with gaussian_free. */
MUST_CHECK int gaussian_start(Gaussian *g, size_t d, Error *err);
/* n <= FRECHET_BLOCK rows [n,d]. The sums depend on how rows were cut into blocks only in their
 * last bits. */
void gaussian_add(Gaussian *g, const double *x, size_t n);
/* Adds the sums of other rows of the same width, about their own pivot. */
void gaussian_merge(Gaussian *g, const Gaussian *other);
void gaussian_free(Gaussian *g);

/* Mean and covariance. Release with moments_free. */
typedef struct {
    size_t n, d;        /* n 0: not known */
    double *mean;       /* [d] */
    double *covariance; /* [d,d], symmetric */
} Moments;
/* With divisor n - ddof; n must be above ddof. Takes g's memory, which is empty then. */
MUST_CHECK int gaussian_finish(Gaussian *g, size_t ddof, Moments *out, Error *err);
void moments_free(Moments *m);

/* An error unless c [d,d] can be a covariance, or sums of squares and products: symmetric and
 * positive semidefinite but for rounding, and nowhere above COVARIANCE_LARGEST. */
#define COVARIANCE_LARGEST 1e100
MUST_CHECK int covariance_check(const double *c, size_t d, Error *err);

/* ||m_a - m_b||^2 + tr(A + B - 2 (A B)^(1/2)) in its two terms (Heusel et al. 2017, eq. 6, after
 * Dowson and Landau 1982). With A = F F^T and B = G G^T by pivoted Cholesky, tr (A B)^(1/2) is the
 * sum of the singular values of F^T G: never imaginary, exact for singular covariances (when rows
 * are fewer than dimensions F and G have as many columns as rows), and without the root of a
 * rounding error that eigenvalues of a product would bring. Neither term is below 0: what rounding
 * takes from equal covariances is given back. The covariances are used up. */
typedef struct {
    double mean_term, covariance_term;
} Frechet;
MUST_CHECK int frechet_distance(Moments *a, Moments *b, Frechet *out, Error *err);

/* How far from 0 the distance is expected to be between n rows of this Gaussian and the Gaussian
 * itself, to first order in 1/n: tr C / n for the mean, and for the covariance
 * 1/(2n) sum_ij l_i l_j (1 + [i=j]) / (l_i + l_j) over its eigenvalues l, from the second-order
 * expansion of the distance and the variance l_i l_j (1 + [i=j]) / n of a sampled covariance. */
MUST_CHECK int frechet_bias(const Moments *m, double *bias, Error *err);

#endif
