/* The micro-kernels, written once with vectors of the width the instruction set has. Everything is
 * unrolled by inlining one body with constant sizes. */
#include "tensor/gemm/micro.h"
#include "tensor/simd.h"

#include <string.h>

/* every number of rows, with panels of v vectors */
#define UP_TO_6(X, v) X(1, v) X(2, v) X(3, v) X(4, v) X(5, v) X(6, v)
#define FROM_7(X, v) X(7, v) X(8, v) X(9, v) X(10, v) X(11, v) X(12, v) X(13, v) X(14, v)
/* EACH_NARROW: columns of dot products, and how many rows of them the registers hold */

#if defined ISA_avx512
enum { ROWS = 14, NARROW = 8 };
#define EACH_ROW(X, v) UP_TO_6(X, v) FROM_7(X, v)
#define EACH_NARROW(X) X(1, 8) X(2, 8) X(3, 8) X(4, 6) X(5, 4) X(6, 4) X(7, 3) X(8, 3)
#else
enum { ROWS = 6, NARROW = 4 };
#define EACH_ROW(X, v) UP_TO_6(X, v)
#define EACH_NARROW(X) X(1, 6) X(2, 4) X(3, 3) X(4, 2)
#endif

typedef float Quad __attribute__((vector_size(16)));
#if defined ISA_avx512
typedef float Half __attribute__((vector_size(32)));
#endif

#define UNROLL _Pragma("GCC unroll 32")

/* Stops the compiler from loading a value again for each use. */
#if defined __x86_64__
#define IN_REGISTER(v) __asm__("" : "+v"(v))
#else
#define IN_REGISTER(v) (void)(v)
#endif

/* Rows of a partial width go through a buffer. */
static __attribute__((noinline)) void put_part(size_t m, size_t n, float (*from)[2 * LANES],
                                               float *c, const size_t *at, bool add) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) c[at[i] + j] = add ? c[at[i] + j] + from[i][j] : from[i][j];
}

/* One k: a column of A times a row of B. */
ALWAYS void rank_one(const size_t m, const size_t v, const size_t ai, const float *a,
                     const float *b, Vector acc[ROWS][2]) {
    Vector bv[2];
    UNROLL for (size_t j = 0; j < v; j++) bv[j] = *(const Stored *)(b + j * LANES);
    UNROLL for (size_t i = 0; i < m; i++) {
        UNROLL for (size_t j = 0; j < v; j++) acc[i][j] += a[i * ai] * bv[j];
    }
}

/* A(i, kk) = a[i*ai + kk*ak] within runs of `run` values of k, which lie `jump` apart;
 * B(kk, j) = b[kk*v*LANES + j]. All but k and the pointers are constants. */
ALWAYS void block(const size_t m, const size_t v, const size_t ai, const size_t ak,
                  const size_t run, const size_t jump, size_t k, const float *a, const float *b,
                  float *c, const size_t *at, size_t n, bool add) {
    Vector acc[ROWS][2];
    UNROLL for (size_t i = 0; i < m; i++) {
        UNROLL for (size_t j = 0; j < v; j++) acc[i][j] = (Vector){0};
        if (!add) continue;
        __builtin_prefetch(c + at[i], 1);
        __builtin_prefetch(c + at[i] + v * LANES - 1, 1);
    }
    for (; run && k; k -= run, a += jump)
        for (size_t kk = 0; kk < run; kk++, b += v * LANES) rank_one(m, v, ai, a + kk * ak, b, acc);
    for (; !run && k; k--, a += ak, b += v * LANES) rank_one(m, v, ai, a, b, acc);
    if (n == v * LANES) {
        UNROLL for (size_t i = 0; i < m; i++) {
            UNROLL for (size_t j = 0; j < v; j++) {
                Stored *to = (Stored *)(c + at[i] + j * LANES);
                *to = add ? (Vector)*to + acc[i][j] : acc[i][j];
            }
        }
        return;
    }
    float part[ROWS][2 * LANES];
    UNROLL for (size_t i = 0; i < m; i++) {
        UNROLL for (size_t j = 0; j < v; j++) * (Stored *)(part[i] + j * LANES) = acc[i][j];
    }
    put_part(m, n, part, c, at, add);
}

#define ACROSS(m, v)                                                                 \
    static void across_##m##_##v(size_t k, const float *a, const float *b, float *c, \
                                 const size_t *at, size_t n, bool add) {             \
        block(m, v, TILE_LD, 1, 0, 0, k, a, b, c, at, n, add);                       \
    }
#define DOWN(m, v)                                                                 \
    static void down_##m##_##v(size_t k, const float *a, const float *b, float *c, \
                               const size_t *at, size_t n, bool add) {             \
        block(m, v, 1, TILE_LD, 0, 0, k, a, b, c, at, n, add);                     \
    }
#define PACKED(m, v)                                                                 \
    static void packed_##m##_##v(size_t k, const float *a, const float *b, float *c, \
                                 const size_t *at, size_t n, bool add) {             \
        block(m, v, MICRO_RUN, 1, MICRO_RUN, m *MICRO_RUN, k, a, b, c, at, n, add);  \
    }
EACH_ROW(ACROSS, 1)
EACH_ROW(ACROSS, 2)
EACH_ROW(DOWN, 1)
EACH_ROW(DOWN, 2)
EACH_ROW(PACKED, 1)
EACH_ROW(PACKED, 2)

/* ---- dot products ---- */

/* The first n < LANES values at p, then zeros; reads nothing else. */
ALWAYS Vector load_part(const float *p, size_t n) {
#if defined ISA_avx512
    return (Vector)_mm512_maskz_loadu_ps((__mmask16)((1U << n) - 1), p);
#else
    float v[LANES] = {0};
    for (size_t i = 0; i < n; i++) v[i] = p[i];
    return *(const Stored *)v;
#endif
}

/* Sums of every fourth lane. */
ALWAYS Quad fold(Vector v) {
#if defined ISA_avx512
    Half half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) +
           __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif defined ISA_avx2
    return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
    return v;
#endif
}

/* The sums of four quads. */
ALWAYS Quad sums(Quad a, Quad b, Quad c, Quad d) {
    Quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    Quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
           __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/* m rows times n columns. */
ALWAYS void dot_block(const size_t m, const size_t n, const MicroDots *d, size_t row, float *c,
                      size_t ldc) {
    const size_t lda = d->lda, ldb = d->ldb, whole = d->length / LANES * LANES;
    const size_t rest = d->length - whole;
    const float *b = d->b;
    Vector acc[8 * NARROW], bv[NARROW];
    UNROLL for (size_t i = 0; i < m * n; i++) acc[i] = (Vector){0};
    for (size_t r = 0; r < d->runs; r++, b += d->length) {
        const float *a = d->a + row * lda + d->run[r];
        for (size_t k = 0; k < whole; k += LANES) {
            UNROLL for (size_t j = 0; j < n; j++) bv[j] = *(const Stored *)(b + j * ldb + k);
            UNROLL for (size_t i = 0; i < m; i++) {
                Vector av = *(const Stored *)(a + i * lda + k);
                IN_REGISTER(av);
                UNROLL for (size_t j = 0; j < n; j++) acc[i * n + j] += av * bv[j];
            }
        }
        if (!rest) continue;
        UNROLL for (size_t j = 0; j < n; j++) bv[j] = load_part(b + j * ldb + whole, rest);
        UNROLL for (size_t i = 0; i < m; i++) {
            Vector av = load_part(a + i * lda + whole, rest);
            UNROLL for (size_t j = 0; j < n; j++) acc[i * n + j] += av * bv[j];
        }
    }
    const Quad none = {0};
    UNROLL for (size_t e = 0; e < m * n; e += 4) {
        Quad s =
            sums(fold(acc[e]), e + 1 < m * n ? fold(acc[e + 1]) : none,
                 e + 2 < m * n ? fold(acc[e + 2]) : none, e + 3 < m * n ? fold(acc[e + 3]) : none);
        UNROLL for (size_t i = 0; i < 4; i++) if (e + i < m * n)
            c[(e + i) / n * ldc + (e + i) % n] = s[i];
    }
}

#define DOTS(n, m)                                                                \
    static void dots_##n(size_t rows, const MicroDots *d, float *c, size_t ldc) { \
        size_t i = 0;                                                             \
        for (; i + m <= rows; i += m) dot_block(m, n, d, i, c + i * ldc, ldc);    \
        for (; i < rows; i++) dot_block(1, n, d, i, c + i * ldc, ldc);            \
    }
EACH_NARROW(DOTS)

/* ---- few rows ---- */

static __attribute__((noinline)) void put_flat(size_t n, size_t m, float (*from)[8 * LANES],
                                               float *c, bool add) {
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < n; i++) c[j * n + i] = add ? c[j * n + i] + from[i][j] : from[i][j];
}

/* n rows times v vectors of columns, stored transposed. */
ALWAYS void flat_block(const size_t n, const size_t v, size_t k, const float *a, const float *b,
                       float *c, size_t m, bool add) {
    Vector acc[NARROW][8];
    UNROLL for (size_t i = 0; i < n; i++) {
        UNROLL for (size_t j = 0; j < v; j++) acc[i][j] = (Vector){0};
    }
    for (; k; k--, a += n, b += TILE_LD) {
        UNROLL for (size_t j = 0; j < v; j++) {
            Vector bv = *(const Stored *)(b + j * LANES);
            UNROLL for (size_t i = 0; i < n; i++) acc[i][j] += a[i] * bv;
        }
    }
    float part[NARROW][8 * LANES];
    UNROLL for (size_t i = 0; i < n; i++) {
        UNROLL for (size_t j = 0; j < v; j++) * (Stored *)(part[i] + j * LANES) = acc[i][j];
    }
    put_flat(n, m, part, c, add);
}

/* As many vectors a time as there are rows of dots: the same registers. */
#define FLAT(n, v)                                                                                 \
    static void flat_##n(size_t k, const float *a, const float *b, float *c, size_t m, bool add) { \
        size_t j = 0;                                                                              \
        for (; j + (v - 1) * LANES < m; j += v * LANES)                                            \
            flat_block(n, v, k, a, b + j, c + j * n, m - j < v * LANES ? m - j : v * LANES, add);  \
        for (; j < m; j += LANES)                                                                  \
            flat_block(n, 1, k, a, b + j, c + j * n, m - j < LANES ? m - j : LANES, add);          \
    }
EACH_NARROW(FLAT)

#define NAME_ACROSS(m, v) [m - 1][v - 1] = across_##m##_##v,
#define NAME_DOWN(m, v) [m - 1][v - 1] = down_##m##_##v,
#define NAME_PACKED(m, v) [m - 1][v - 1] = packed_##m##_##v,
#define NAME_DOTS(n, m) [n - 1] = dots_##n,
#define NAME_FLAT(n, m) [n - 1] = flat_##n,

const Micro JOIN(micro_, ISA) = {
    .lanes = LANES,
    .rows = ROWS,
    .narrow = NARROW,
    .across = {EACH_ROW(NAME_ACROSS, 1) EACH_ROW(NAME_ACROSS, 2)},
    .down = {EACH_ROW(NAME_DOWN, 1) EACH_ROW(NAME_DOWN, 2)},
    .packed = {EACH_ROW(NAME_PACKED, 1) EACH_ROW(NAME_PACKED, 2)},
    .dots = {EACH_NARROW(NAME_DOTS)},
    .flat = {EACH_NARROW(NAME_FLAT)},
};
