/* draw.h: seeded choices from the counter-based generator of base/rng.h, the same on every machine
 * and in any order of use. */
#ifndef GAN_DRAW_H
#define GAN_DRAW_H

#include "base/rng.h"

/* Number i of one draw under one seed: 64 random bits. */
static inline uint64_t draw_bits(uint64_t seed, uint64_t draw, uint64_t i) {
    RngKey key = {.seed = seed, .draw = draw};
    return (uint64_t)rng_bits(key, 2 * i) << 32 | rng_bits(key, 2 * i + 1);
}

/* One of 0 .. n-1. The bias of the remainder is below n / 2^64. */
static inline size_t draw_below(uint64_t seed, uint64_t draw, uint64_t i, size_t n) {
    return (size_t)(draw_bits(seed, draw, i) % n);
}

/* Uniform in [0,1). */
static inline double draw_uniform(uint64_t seed, uint64_t draw, uint64_t i) {
    return (double)(draw_bits(seed, draw, i) >> 11) * 0x1p-53;
}

/* Moves k of the n items, drawn without replacement, to the front. */
static inline void draw_choose(uint64_t seed, uint64_t draw, size_t *items, size_t n, size_t k) {
    for (size_t i = 0; i < k && i < n; i++) {
        size_t j = i + draw_below(seed, draw, i, n - i), kept = items[i];
        items[i] = items[j];
        items[j] = kept;
    }
}

#endif
