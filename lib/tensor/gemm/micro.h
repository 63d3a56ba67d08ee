/* micro.h: the innermost loops of products and convolutions, private to lib/tensor.
 *
 * All of them multiply a tile of A (rows gathered from images or matrices) with a packed panel of B
 * and keep a small block of C in vector registers. Whatever the block, an element of C is the same
 * sequence of multiply-adds over k, so results don't depend on how C is cut into blocks. */
#ifndef GAN_MICRO_H
#define GAN_MICRO_H

#include "base/base.h"

enum {
    /* Floats between rows of a tile: constant, so that the kernels reach all rows of a block by
     * displacements from one register; an odd number of cache lines, so that a column of a tile
     * spreads over all sets of the cache. */
    TILE_LD = 272,
    TILE_WIDTH = 256, /* columns of a tile in use, at most */
    TILE_ROWS = 256,
    TILE_FLOATS = TILE_ROWS * TILE_LD,
    MICRO_ROWS = 14,  /* the most rows any kernel set has */
    MICRO_NARROW = 8, /* the most columns any kernel set takes by dot products */
    MICRO_RUN = 16,   /* values of a row that lie side by side in a block of packed rows */
};

/* C(i, j) = or += sum over kk < k of A(i, kk) * B(kk, j), j < n; row i of C is at c + at[i]. */
typedef void MicroKernel(size_t k, const float *a, const float *b, float *c, const size_t *at,
                         size_t n, bool add);
/* Dot products: row i of A is made of runs of values that lie apart, and column j of B is one row:
 * A(i, r*length + kk) = a[i*lda + run[r] + kk], B(k, j) = b[j*ldb + k]. */
typedef struct {
    size_t runs, length, lda, ldb;
    const size_t *run;
    const float *a, *b;
} MicroDots;
/* c[i*ldc + j] = that product's m rows. */
typedef void MicroDotsKernel(size_t m, const MicroDots *d, float *c, size_t ldc);
/* For n rows of A: B is a tile. A(i, kk) = a[kk*n + i], B(kk, j) = b[kk*TILE_LD + j], j < m; the
 * result is stored transposed: C(i, j) is c[j*n + i]. */
typedef void MicroFlat(size_t k, const float *a, const float *b, float *c, size_t m, bool add);

typedef struct {
    size_t lanes;  /* floats of a vector */
    size_t rows;   /* rows of the largest block */
    size_t narrow; /* up to this many columns go by dots and flat */
    /* by rows - 1 and, panel width in vectors, 1 or 2, less 1: B(kk, j) = b[kk*width + j] */
    MicroKernel *across[MICRO_ROWS][2]; /* A(i, kk) = a[i*TILE_LD + kk] */
    MicroKernel *down[MICRO_ROWS][2];   /* A(i, kk) = a[kk*TILE_LD + i] */
    /* A(i, kk) = a[(kk/MICRO_RUN*rows + i)*MICRO_RUN + kk%MICRO_RUN], k a multiple of MICRO_RUN */
    MicroKernel *packed[MICRO_ROWS][2];
    MicroDotsKernel *dots[MICRO_NARROW]; /* by n - 1 */
    MicroFlat *flat[MICRO_NARROW];       /* by n - 1 */
} Micro;

/* The set for cpu_isa(). */
const Micro *micro_kernels(void);
extern const Micro micro_portable, micro_avx2, micro_avx512;

#endif
