/* simd.h: what the files share that are compiled once for each instruction set, with ISA its name.
 */
#ifndef GAN_SIMD_H
#define GAN_SIMD_H

#if defined __x86_64__
#include <immintrin.h>
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define ALWAYS static inline __attribute__((always_inline))

#if defined ISA_avx512
enum { LANES = 16 };
#elif defined ISA_avx2
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float Vector __attribute__((vector_size(4 * LANES)));
/* the same where it lies in memory: of any alignment, and an alias of floats */
typedef float Stored __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
/* what comparing two gives: lanes of all bits or none */
typedef int Mask __attribute__((vector_size(4 * LANES)));

/* To an address that is a multiple of the vector's size, past the caches where that can be
 * (bypass.h). */
static inline void bypass_store(float *to, Vector v) {
#if defined ISA_avx512
    _mm512_stream_ps(to, (__m512)v);
#elif defined ISA_avx2
    _mm256_stream_ps(to, (__m256)v);
#else
    *(Stored *)to = v;
#endif
}

#endif
