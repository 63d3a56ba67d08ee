#include "base/rng.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

#include <math.h>

enum { LANES = 4 }; /* numbers in a Philox block */

static philox4x32_ctr_t block(RngKey key, uint64_t index) {
    philox4x32_ctr_t c = {{(uint32_t)index, (uint32_t)(index >> 32) ^ (uint32_t)(key.draw >> 32),
                           key.use, (uint32_t)key.draw}};
    philox4x32_key_t k = {{(uint32_t)key.seed, (uint32_t)(key.seed >> 32)}};
    return philox4x32(c, k);
}

uint32_t rng_bits(RngKey key, uint64_t i) { return block(key, i / LANES).v[i % LANES]; }

/* 23 bits, centred in their cell, which a float holds exactly: never 0 or 1 */
static float unit(uint32_t u) { return ((float)(u >> 9) + 0.5f) * 0x1p-23f; }

void rng_uniform(RngKey key, uint64_t first, size_t n, float *out) {
    for (size_t i = 0; i < n;) {
        uint64_t e = first + i;
        philox4x32_ctr_t b = block(key, e / LANES);
        for (size_t j = e % LANES; j < LANES && i < n; j++) out[i++] = unit(b.v[j]);
    }
}

/* Numbers 2j and 2j+1 of a block share one Box-Muller pair. */
static void normals(philox4x32_ctr_t b, float out[LANES]) {
    for (int j = 0; j < LANES; j += 2) {
        float r = sqrtf(-2.0f * logf(unit(b.v[j])));
        float a = 6.28318530717958648f * unit(b.v[j + 1]);
        out[j] = r * cosf(a);
        out[j + 1] = r * sinf(a);
    }
}

void rng_normal(RngKey key, uint64_t first, size_t n, float *out) {
    for (size_t i = 0; i < n;) {
        uint64_t e = first + i;
        float v[LANES];
        normals(block(key, e / LANES), v);
        for (size_t j = e % LANES; j < LANES && i < n; j++) out[i++] = v[j];
    }
}
