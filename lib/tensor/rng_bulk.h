/* rng_bulk.h: the numbers of base/rng.h in bulk, by vectors and all threads. */
#ifndef GAN_RNG_BULK_H
#define GAN_RNG_BULK_H

#include "base/rng.h"

/* out[i] = number of element first + i: the very bits of rng_uniform, and rng_normal's numbers but
 * for the last bits of their logarithms, sines and cosines. */
void rng_bulk_uniform(RngKey key, uint64_t first, size_t n, float *out);
void rng_bulk_normal(RngKey key, uint64_t first, size_t n, float *out);

enum { RNG_BLOCKS = 32, RNG_NUMBERS = 4 * RNG_BLOCKS };
/* The uniform numbers of RNG_BLOCKS Philox blocks from `block` on. */
typedef void RngBlocks(RngKey key, uint64_t block, float out[RNG_NUMBERS]);
extern RngBlocks rng_blocks_portable, rng_blocks_avx2, rng_blocks_avx512;

#endif
