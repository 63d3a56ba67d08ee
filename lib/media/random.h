/* random.h: sequences of random numbers for data, on top of base/rng.h. A sequence is named by a
 * seed, a use and an index (an epoch, a sample), and depends on nothing else. */
#ifndef GAN_MEDIA_RANDOM_H
#define GAN_MEDIA_RANDOM_H

#include "base/rng.h"

typedef enum {
    USE_PERMUTATION = 0x70, /* index: epoch */
    USE_POINTS,             /* index: sample, as below */
    USE_SHAPES,
    USE_DIGITS,
    USE_TAGS,
    USE_WORDS,  /* index: word */
    USE_TOPICS, /* index: topic */
    USE_STACK,  /* index: sample */
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

#endif
