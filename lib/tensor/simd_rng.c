/* Philox4x32-10 (Salmon et al. 2011) for many blocks at a time, compiled once for each instruction
 * set. */
#include "tensor/rng_bulk.h"
#include "tensor/simd.h"

typedef struct {
    uint32_t c[4][RNG_BLOCKS];
} Counters;

static inline void philox_round(Counters *b, uint32_t k0, uint32_t k1) {
    for (int i = 0; i < RNG_BLOCKS; i++) {
        uint64_t p = (uint64_t)b->c[0][i] * 0xD2511F53, q = (uint64_t)b->c[2][i] * 0xCD9E8D57;
        b->c[0][i] = (uint32_t)(q >> 32) ^ b->c[1][i] ^ k0;
        b->c[1][i] = (uint32_t)q;
        b->c[2][i] = (uint32_t)(p >> 32) ^ b->c[3][i] ^ k1;
        b->c[3][i] = (uint32_t)p;
    }
}

void JOIN(rng_blocks_, ISA)(RngKey key, uint64_t block, float out[RNG_NUMBERS]) {
    Counters b;
    for (uint32_t i = 0; i < RNG_BLOCKS; i++) {
        b.c[0][i] = (uint32_t)(block + i);
        b.c[1][i] = (uint32_t)((block + i) >> 32) ^ (uint32_t)(key.draw >> 32);
        b.c[2][i] = key.use;
        b.c[3][i] = (uint32_t)key.draw;
    }
    uint32_t k0 = (uint32_t)key.seed, k1 = (uint32_t)(key.seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
        philox_round(&b, k0, k1);
    for (int i = 0; i < RNG_BLOCKS; i++)
        for (int j = 0; j < 4; j++)
            out[4 * i + j] = ((float)(int32_t)(b.c[j][i] >> 9) + 0.5F) * 0x1p-23F;
}
