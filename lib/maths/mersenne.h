/* mersenne.h: NumPy's legacy random permutations, so that figures drawn by other tools can be drawn
 * again: np.random.RandomState(seed).permutation(n). */
#ifndef GAN_MERSENNE_H
#define GAN_MERSENNE_H

#include <stddef.h>
#include <stdint.h>

/* The generator MT19937 (Matsumoto and Nishimura 1998). */
typedef struct {
    uint32_t state[624];
    int at;
} Mersenne;
/* As RandomState(seed) begins. */
void mersenne_seed(Mersenne *m, uint32_t seed);
/* out [n], n < 2^32, becomes the next permutation of 0..n-1. */
void mersenne_permutation(Mersenne *m, size_t n, size_t *out);

#endif
