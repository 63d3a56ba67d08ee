/* rng.h: counter-based random numbers (Philox4x32-10, Salmon et al. 2011, from Random123).
 *
 * A number is a pure function of (seed, use, draw, element): order of evaluation and number of
 * threads cannot change it. `use` says which draw of the page it is, `draw` counts updates. */
#ifndef GAN_RNG_H
#define GAN_RNG_H

#include "base/base.h"

typedef struct {
    uint64_t seed;
    uint32_t use;
    uint64_t draw;
} RngKey;

/* out[i] = number of element first + i: uniform in (0, 1), or standard normal (Box-Muller). */
void rng_uniform(RngKey key, uint64_t first, size_t n, float *out);
void rng_normal(RngKey key, uint64_t first, size_t n, float *out);
/* Thirty-two random bits of element i. */
uint32_t rng_bits(RngKey key, uint64_t i);

#endif
