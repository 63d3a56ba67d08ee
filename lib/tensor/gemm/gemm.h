/* gemm.h: matrix products, row-major, through BLIS; deterministic for every thread count. */
#ifndef GAN_GEMM_H
#define GAN_GEMM_H

#include "base/base.h"

/* For b < batch: C_b [m,n] = op(A_b) op(B_b) with op(X) = X or its transpose.
 * A is [m,k] (or [k,m] when ta), B is [k,n] (or [n,k] when tb), packed. stride_a, stride_b are the
 * elements between consecutive matrices of the batch (0: shared). */
typedef struct {
    bool ta, tb;
    size_t m, n, k, batch;
    size_t stride_a, stride_b;
} GemmShape;

size_t gemm_scratch(const GemmShape *s);
void gemm(const GemmShape *s, const float *a, const float *b, float *c, void *scratch);
void gemm_reference(const GemmShape *s, const float *a, const float *b, float *c);

#endif
