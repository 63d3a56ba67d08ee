/* gram.h: the singular values of a matrix W [rows,columns] as the roots of the eigenvalues of its
 * smaller Gram matrix, say W^T W. That needs no vectors of the longer side, nor memory beside what
 * the caller gives; what it costs are digits: singular values below 1e-8 of the largest are lost.
 */
#ifndef GAN_GRAM_H
#define GAN_GRAM_H

#include "base/base.h"

/* Which singular values are lowered, and to what: the first ones above `most` to it (Saito,
 * Matsumoto and Saito 2017, section 3.3); with `relative` to `most` times the one behind the first
 * ones (Brock, Donahue and Simonyan 2019, appendix F, clamps the first alone). */
typedef struct {
    double most;
    size_t first; /* so many at most; 0: all */
    bool relative;
} SingularBound;

/* What a batch norm multiplies by is kept between GAIN_LEAST times the running deviation, the root
 * of the variance + GAIN_EPS, and that deviation, so that the layer stretches nothing (Saito et al.
 * 2017, section 3.3). */
#define GAIN_LEAST 0.01
#define GAIN_EPS 1e-5

/* A matrix; its extents and their product must be below 2^31. */
typedef struct {
    size_t rows, columns;
} MatrixSize;

/* Bytes of scratch that the functions below need, aligned to 8. */
size_t gram_scratch(MatrixSize size);
/* The smaller extent's number of singular values, descending. Nonzero where LAPACK's eigenvalues
 * do not converge. */
MUST_CHECK int gram_values(const double *w, MatrixSize size, double *value, void *scratch);
/* Lowers those that the bound lets be lowered, and sets *lowered to their number; with none W is
 * what it was. Nonzero, and W unchanged, where eigenvalues do not converge. */
MUST_CHECK int gram_lower(double *w, MatrixSize size, const SingularBound *bound, size_t *lowered,
                          void *scratch);

#endif
