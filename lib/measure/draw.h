/* draw.h: seeded choices from the counter-based generator of base/rng.h, the same on every machine
 * and in any order of use. */
#ifndef GAN_DRAW_H
#define GAN_DRAW_H

#include "base/rng.h"

/* Number i of one draw under one seed: one of 0 .. n-1. The bias of the remainder is below
 * n / 2^64. */
static inline size_t draw_below(uint64_t seed, uint64_t draw, uint64_t i, size_t n) {
    RngKey key = {.seed = seed, .draw = draw};
    uint64_t bits = (uint64_t)rng_bits(key, 2 * i) << 32 | rng_bits(key, 2 * i + 1);
    return (size_t)(bits % n);
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
