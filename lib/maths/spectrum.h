/* spectrum.h: singular values of weight tensors.
 *
 * A tensor is taken as a matrix of `rows` rows, as it lies in memory. For weights in PyTorch's
 * layout of linear layers and convolutions these are the first extent, [out, in * kernel]
 * (transposed convolutions: [in, out * kernel]); for weights in the layout of pages, [kernel.., in,
 * out], all but the last. */
#ifndef GAN_SPECTRUM_H
#define GAN_SPECTRUM_H

#include "stream/stream.h"

/* Whether a tensor is a matrix of weights: a float type, rank >= 2, not empty. */
bool spectrum_has(const Tensor *t);
/* The rows of a tensor in PyTorch's layout, or in that of pages. */
size_t spectrum_rows(const Tensor *t, bool of_page);
/* How many singular values: the smaller of rows and columns. */
size_t spectrum_count(const Tensor *t, size_t rows);
/* All singular values, descending, in double precision. Not finite elements are an error. */
MUST_CHECK int spectrum_values(const Tensor *t, size_t rows, double *value, Error *err);

typedef struct {
    double largest, smallest;
    double condition;   /* largest / smallest; infinite when the smallest is 0 */
    double stable_rank; /* sum s^2 / s_1^2; 0 for a zero matrix */
} Spectrum;
/* Of n > 0 singular values, descending. */
Spectrum spectrum_summary(const double *value, size_t n);

/* Lowers every singular value above `most` to it (Saito, Matsumoto and Saito 2017, TGAN, section
 * 3.3), as W - sum_{s_i > most} (s_i - most) u_i v_i^T. A tensor with none above is left as it is,
 * byte for byte. F32 and F64 only. *changed (may be NULL) tells whether anything was written. */
MUST_CHECK int spectrum_clip(Tensor *t, size_t rows, double most, bool *changed, Error *err);
/* Divides by the largest singular value (Miyato et al. 2018, eq. 8); an all-zero tensor stays. */
MUST_CHECK int spectrum_normalise(Tensor *t, size_t rows, Error *err);

#endif
