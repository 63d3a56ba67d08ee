#include "base/random.h"

#include <math.h>

Random random_at(uint64_t seed, RandomUse use, uint64_t index) {
    return (Random){.key = {.seed = seed, .use = use, .draw = index}};
}

uint32_t random_u32(Random *r) { return rng_bits(r->key, r->next++); }

uint32_t random_below(Random *r, uint32_t n) {
    uint32_t refuse = -n % n; /* 2^32 mod n low words would make some results likelier */
    for (;;) {
        uint64_t product = (uint64_t)random_u32(r) * n;
        if ((uint32_t)product >= refuse) return (uint32_t)(product >> 32);
    }
}

double random_uniform(Random *r, double low, double high) {
    return low + (high - low) * (random_u32(r) * 0x1p-32);
}

double random_normal(Random *r) {
    double u = (random_u32(r) + 0.5) * 0x1p-32, v = random_u32(r) * 0x1p-32;
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

void random_permutation(uint64_t seed, uint64_t epoch, uint32_t *to, uint32_t n) {
    Random r = random_at(seed, USE_PERMUTATION, epoch);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = random_below(&r, i + 1); /* inside-out: no second pass */
        to[i] = to[j];
        to[j] = i;
    }
}
