/* random.h: seeded choices on top of base/rng.h, the same on every machine: sequences, which are
 * named by a seed, a use and an index (an epoch, a sample), and numbers drawn one by one, in any
 * order, by their own. */
#ifndef GAN_RANDOM_H
#define GAN_RANDOM_H

#include "base/rng.h"

typedef enum {
    USE_PERMUTATION = 0x70, /* index: epoch */
    USE_POINTS,             /* index: sample, as below */
    USE_SHAPES,
    USE_DIGITS,
    USE_TAGS,
    USE_WORDS,         /* index: word */
    USE_TOPICS,        /* index: topic */
    USE_STACK,         /* index: sample */
    USE_SOLIDS,        /* index: sample */
    USE_LINKS,         /* index: 0 */
    USE_MOVING = 0x7a, /* index: clip */
    USE_SPRITES,       /* index: sample */
    USE_MOVERS,        /* index: clip */
    USE_CLIPS,         /* index: film */
    USE_LABELS,        /* index: sample */
} RandomUse;

typedef struct {
    RngKey key;
    uint64_t next;
} Random;

Random random_at(uint64_t seed, RandomUse use, uint64_t index);
uint32_t random_u32(Random *r);
/* Uniform in 0 .. n-1, without bias; n > 0. */
uint32_t random_below(Random *r, uint32_t n);
/* Uniform in [low, high). */
double random_uniform(Random *r, double low, double high);
/* Standard normal. */
double random_normal(Random *r);
/* The numbers 0 .. n-1 in the order of that epoch (Fisher-Yates). */
void random_permutation(uint64_t seed, uint64_t epoch, uint32_t *to, uint32_t n);

/* ---- by number ---- */

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
