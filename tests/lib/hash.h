/* hash.h: rows of made-up numbers, the same as in golden_rows.py. */
#ifndef HASH_H
#define HASH_H

#include <stdint.h>
#include <stdlib.h>

/* One of 256 numbers in [-2,2), exact in float. */
static inline double value(uint32_t i, uint32_t j, uint32_t seed) {
    uint32_t h = i * 73856093u ^ j * 19349663u ^ seed * 83492791u;
    h *= 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    return (h >> 24) / 64.0 - 2;
}

static inline double *rows(size_t n, size_t d, uint32_t seed) {
    double *x = malloc(n * d * sizeof *x);
    if (!x) abort();
    for (size_t i = 0; i < n * d; i++) x[i] = value((uint32_t)(i / d), (uint32_t)(i % d), seed);
    return x;
}

#endif
