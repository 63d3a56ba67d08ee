#include "tensor/rng_bulk.h"

#include <string.h>

#include "tensor/cpu.h"
#include "tensor/pointwise/pointwise.h"

static RngBlocks *const blocks_kernels[ISA_COUNT] = EACH_ISA(rng_blocks_);

/* Box and Muller: uniform numbers u, v become sqrt(-2 log u) times cos and sin of 2 pi v. */
static void normals(const PwKernels *k, float *tile) {
    enum { PAIRS = RNG_NUMBERS / 2 };
    float u[PAIRS], v[PAIRS], radius[PAIRS], wave[PAIRS];
    for (int i = 0; i < PAIRS; i++) u[i] = tile[2 * i], v[i] = tile[2 * i + 1];
    k->unary[PW_LOG](radius, u, PAIRS);
    k->vs[PW_MUL](radius, radius, -2, PAIRS);
    k->unary[PW_SQRT](radius, radius, PAIRS);
    k->vs[PW_MUL](v, v, 6.28318530717958648F, PAIRS);
    k->unary[PW_COS](wave, v, PAIRS);
    for (int i = 0; i < PAIRS; i++) tile[2 * i] = radius[i] * wave[i];
    k->unary[PW_SIN](wave, v, PAIRS);
    for (int i = 0; i < PAIRS; i++) tile[2 * i + 1] = radius[i] * wave[i];
}

/* Tiles begin at multiples of their size, wherever the range does. */
static void fill(bool normal, RngKey key, uint64_t first, size_t n, float *out) {
    enum { PARALLEL_MIN = 32768 };
    const PwKernels *k = pw_kernels();
    RngBlocks *blocks = blocks_kernels[cpu_isa()];
    uint64_t tile0 = first / RNG_NUMBERS, tiles = (first + n + RNG_NUMBERS - 1) / RNG_NUMBERS;
#pragma omp parallel for schedule(static) if (n > PARALLEL_MIN)
    for (uint64_t t = tile0; t < tiles; t++) {
        float tile[RNG_NUMBERS];
        uint64_t start = t * RNG_NUMBERS, from = start < first ? first : start;
        uint64_t end = start + RNG_NUMBERS < first + n ? start + RNG_NUMBERS : first + n;
        blocks(key, t * RNG_BLOCKS, tile);
        if (normal) normals(k, tile);
        memcpy(out + (from - first), tile + (from - start), (size_t)(end - from) * sizeof *out);
    }
}

void rng_bulk_uniform(RngKey key, uint64_t first, size_t n, float *out) {
    if (n) fill(false, key, first, n, out);
}

void rng_bulk_normal(RngKey key, uint64_t first, size_t n, float *out) {
    if (n) fill(true, key, first, n, out);
}
