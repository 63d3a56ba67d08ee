#include "maths/mersenne.h"

enum { STATE = 624, MIDDLE = 397 };

void mersenne_seed(Mersenne *m, uint32_t seed) {
    m->at = STATE;
    for (uint32_t i = 0; i < STATE; i++) {
        m->state[i] = seed;
        seed = 1812433253U * (seed ^ seed >> 30) + i + 1;
    }
}

static void refill(Mersenne *m) {
    uint32_t *s = m->state;
    for (int i = 0; i < STATE; i++) {
        uint32_t y = (s[i] & 0x80000000U) | (s[(i + 1) % STATE] & 0x7fffffffU);
        s[i] = s[(i + MIDDLE) % STATE] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfU : 0);
    }
    m->at = 0;
}

static uint32_t next(Mersenne *m) {
    if (m->at == STATE) refill(m);
    uint32_t y = m->state[m->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680U;
    y ^= y << 15 & 0xefc60000U;
    return y ^ y >> 18;
}

/* At most `most`: numbers masked to its bits, drawn until one fits. */
static uint32_t interval(Mersenne *m, uint32_t most) {
    uint32_t mask = most, v;
    for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
    do v = next(m) & mask;
    while (v > most);
    return v;
}

void mersenne_permutation(Mersenne *m, size_t n, size_t *out) {
    for (size_t i = 0; i < n; i++) out[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t j = interval(m, (uint32_t)i), t = out[i];
        out[i] = out[j];
        out[j] = t;
    }
}
