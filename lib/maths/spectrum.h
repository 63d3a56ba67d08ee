/* spectrum.h: singular values of weight tensors.
 *
 * A tensor is taken as a matrix of `rows` rows, as it lies in memory. For weights in PyTorch's
 * layout of linear layers and convolutions these are the first extent, [out, in * kernel]
 * (transposed convolutions: [in, out * kernel]); for weights in the layout of pages, [kernel.., in,
 * out], all but the last. */
#ifndef GAN_SPECTRUM_H
#define GAN_SPECTRUM_H

#include "maths/gram.h"
#include "stream/stream.h"

/* Whether a tensor is a matrix of weights: a float type, rank >= 2, not empty. */
bool spectrum_has(const Tensor *t);
/* The rows of a tensor in PyTorch's layout, or in that of pages. */
size_t spectrum_rows(const Tensor *t, bool of_page);
/* How many singular values: the smaller of rows and columns. */
size_t spectrum_count(const Tensor *t, size_t rows);

/* LAPACK's divide and conquer of the matrix, or eigenvalues of its Gram matrix (maths/gram.h). */
typedef enum { SPECTRUM_SVD, SPECTRUM_GRAM } SpectrumMethod;
/* All singular values, descending, in double precision. Not finite elements are an error. */
MUST_CHECK int spectrum_values(const Tensor *t, size_t rows, SpectrumMethod method, double *value,
                               Error *err);

/* The largest singular value by power iteration (Miyato et al. 2018, algorithm 1), until it grows
 * by less than `tolerance` of itself, or for `most` iterations. */
typedef struct {
    size_t most;
    double tolerance;
    double *u;         /* [rows] a unit vector to begin with; then the one that was come to */
    double value;      /* of the last iteration */
    size_t iterations; /* that were done */
} Power;
MUST_CHECK int spectrum_power(const Tensor *t, size_t rows, Power *p, Error *err);

typedef struct {
    double largest, smallest;
    double condition;   /* largest / smallest; infinite when the smallest is 0 */
    double stable_rank; /* sum s^2 / s_1^2; 0 for a zero matrix */
    double share;       /* s_1 / sum s; 0 for a zero matrix */
    double frobenius;   /* sqrt of sum s^2 */
    double ratio;       /* s_1 / s_2; infinite when s_2 is 0, or there is none */
} Spectrum;
/* Of n > 0 singular values, descending. */
Spectrum spectrum_summary(const double *value, size_t n);

/* What becomes of singular values: W + sum_i (new_i - s_i) u_i v_i^T. */
typedef enum {
    SPECTRUM_LOWER,         /* by a bound */
    SPECTRUM_NORMALISE,     /* divided by the largest (Miyato et al. 2018, eq. 8) */
    SPECTRUM_ORTHOGONALISE, /* all 1: the nearest matrix of orthonormal rows or columns */
} SpectrumChangeKind;
typedef struct {
    SpectrumChangeKind kind;
    SingularBound bound;
    SpectrumMethod method; /* of lowering */
} SpectrumChange;
/* F32 and F64 only. A tensor that has nothing to be changed, or is zero where it would be
 * normalised, is left as it is, byte for byte; *changed (may be NULL) tells. Orthogonalising one
 * that is not of full rank is an error. */
MUST_CHECK int spectrum_change(Tensor *t, size_t rows, const SpectrumChange *change, bool *changed,
                               Error *err);

#endif
