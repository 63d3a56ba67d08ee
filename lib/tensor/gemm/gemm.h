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
    bool steady; /* a row has the same bits whatever m and batch are */
} GemmShape;

/* How one product is done, again and again. */
typedef struct GemmPlan GemmPlan;
/* Decides everything that the shape decides, in the arena. */
const GemmPlan *gemm_plan(Arena *arena, const GemmShape *s);
/* Bytes of scratch. */
size_t gemm_scratch(const GemmPlan *p);
void gemm_run(const GemmPlan *p, const float *a, const float *b, float *c, void *scratch);

#endif
