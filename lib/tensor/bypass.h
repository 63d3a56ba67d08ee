/* bypass.h: results that are written past the caches, private to lib/tensor. */
#ifndef GAN_BYPASS_H
#define GAN_BYPASS_H

#include "base/base.h"
#if defined __x86_64__
#include <immintrin.h>
#endif

enum { BYPASS_LINE = 64 /* bytes that are written whole */ };

/* Whether that pays: what is larger than the near caches will not be read from them, and its lines
 * would be fetched only to be written over. Half the time of writing, measured from 4 MiB on; at 1
 * MiB writing and reading again take as long either way. */
static inline bool bypass_pays(const void *to, size_t bytes) {
    enum { LARGE = 2 << 20 };
    return bytes >= LARGE && (uintptr_t)to % BYPASS_LINE == 0;
}

/* To be called by each thread that wrote so (bypass_store in simd.h), before others read. */
static inline void bypass_end(void) {
#if defined __x86_64__
    _mm_sfence();
#endif
}

#endif
