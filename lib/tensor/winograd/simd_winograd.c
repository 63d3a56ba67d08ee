/* The transforms, written once with vectors of the width the instruction set has. One body, inlined
 * with constant spans, makes the variants. */
#include <string.h>

#include "tensor/simd.h"
#include "tensor/winograd/winograd_simd.h"

#define UNROLL _Pragma("GCC unroll 8")

/* The points, and their powers. Of the pairs tried ({1, 2} is the usual one) these lose least to
 * rounding; all that B needs of them is exact. */
#define P 0.625F
#define Q 1.5F
#define PP (P * P)
#define QQ (Q * Q)
/* what G divides by: the product of a point's distances to the other finite points */
#define NORM_0 (1.0F / (PP * QQ))
#define NORM_P (1.0F / (2 * PP * (PP - QQ)))
#define NORM_Q (1.0F / (2 * QQ * (QQ - PP)))

ALWAYS Vector load(const float *p) { return *(const Stored *)p; }
ALWAYS void store(float *p, Vector v) { *(Stored *)p = v; }
ALWAYS void put(float *p, Vector v, bool past) {
    if (past)
        bypass_store(p, v);
    else
        store(p, v);
}

/* ---- one dimension; lo and hi bound the points and are constants ---- */

/* B': values at the points of the polynomial that vanishes at all others. */
ALWAYS void points_of_pixels(const size_t lo, const size_t hi, const Vector d[6], Vector v[6]) {
    Vector even_p = d[4] - QQ * d[2], odd_p = P * (d[3] - QQ * d[1]);
    Vector even_q = d[4] - PP * d[2], odd_q = Q * (d[3] - PP * d[1]);
    if (lo == 0) v[0] = (PP * QQ) * d[0] + (d[4] - (PP + QQ) * d[2]);
    v[1] = even_p + odd_p, v[2] = even_p - odd_p;
    v[3] = even_q + odd_q, v[4] = even_q - odd_q;
    if (hi == 6) v[5] = (PP * QQ) * d[1] + (d[5] - (PP + QQ) * d[3]);
}

/* B' transposed. */
ALWAYS void pixels_of_points(const size_t lo, const size_t hi, const Vector v[6], Vector d[6]) {
    Vector sum_p = v[1] + v[2], odd_p = P * (v[1] - v[2]);
    Vector sum_q = v[3] + v[4], odd_q = Q * (v[3] - v[4]);
    d[1] = -(QQ * odd_p + PP * odd_q), d[2] = -(QQ * sum_p + PP * sum_q);
    d[3] = odd_p + odd_q, d[4] = sum_p + sum_q;
    if (lo == 0) d[0] = (PP * QQ) * v[0], d[2] -= (PP + QQ) * v[0], d[4] += v[0];
    if (hi == 6) d[5] = v[5], d[1] += (PP * QQ) * v[5], d[3] -= (PP + QQ) * v[5];
}

/* G: the values of a polynomial of three coefficients, divided. */
ALWAYS void points_of_taps(const size_t lo, const size_t hi, const Vector g[3], Vector v[6]) {
    const Vector zero = {0};
    Vector first = lo == 0 ? g[0] : zero, last = hi == 6 ? g[2] : zero;
    Vector even_p = NORM_P * first + (NORM_P * PP) * last, odd_p = (NORM_P * P) * g[1];
    Vector even_q = NORM_Q * first + (NORM_Q * QQ) * last, odd_q = (NORM_Q * Q) * g[1];
    if (lo == 0) v[0] = NORM_0 * g[0];
    v[1] = even_p + odd_p, v[2] = even_p - odd_p;
    v[3] = even_q + odd_q, v[4] = even_q - odd_q;
    if (hi == 6) v[5] = g[2];
}

/* A': the coefficients again. */
ALWAYS void results_of_points(const size_t lo, const size_t hi, const Vector v[6], Vector y[4]) {
    Vector sum_p = v[1] + v[2], sum_q = v[3] + v[4];
    Vector odd_p = P * (v[1] - v[2]), odd_q = Q * (v[3] - v[4]);
    y[0] = sum_p + sum_q;
    if (lo == 0) y[0] += v[0];
    y[1] = odd_p + odd_q;
    y[2] = PP * sum_p + QQ * sum_q;
    y[3] = PP * odd_p + QQ * odd_q;
    if (hi == 6) y[3] += v[5];
}

/* G transposed. */
ALWAYS void taps_of_points(const size_t lo, const size_t hi, const Vector v[6], Vector g[3]) {
    Vector sum_p = NORM_P * (v[1] + v[2]), sum_q = NORM_Q * (v[3] + v[4]);
    if (lo == 0) g[0] = NORM_0 * v[0] + (sum_p + sum_q);
    g[1] = (NORM_P * P) * (v[1] - v[2]) + (NORM_Q * Q) * (v[3] - v[4]);
    if (hi == 6) g[2] = v[5] + (PP * sum_p + QQ * sum_q);
}

/* A: the values of a polynomial of four coefficients. */
ALWAYS void points_of_results(const size_t lo, const size_t hi, const Vector y[4], Vector v[6]) {
    Vector even_p = y[0] + PP * y[2], odd_p = P * (y[1] + PP * y[3]);
    Vector even_q = y[0] + QQ * y[2], odd_q = Q * (y[1] + QQ * y[3]);
    if (lo == 0) v[0] = y[0];
    v[1] = even_p + odd_p, v[2] = even_p - odd_p;
    v[3] = even_q + odd_q, v[4] = even_q - odd_q;
    if (hi == 6) v[5] = y[3];
}

/* ---- two dimensions ---- */

ALWAYS void input_tile(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                       const float *const pixel[WINO_POINTS], size_t at, float *to,
                       const size_t place[WINO_POINTS]) {
    Vector half[6][6], d[6], v[6];
    UNROLL for (size_t j = lo2; j < hi2; j++) {
        UNROLL for (size_t i = lo1; i < hi1; i++) d[i] = load(pixel[6 * i + j] + at);
        points_of_pixels(lo1, hi1, d, v);
        UNROLL for (size_t i = lo1; i < hi1; i++) half[i][j] = v[i];
    }
    UNROLL for (size_t i = lo1; i < hi1; i++) {
        points_of_pixels(lo2, hi2, half[i], v);
        UNROLL for (size_t j = lo2; j < hi2; j++) store(to + place[6 * i + j], v[j]);
    }
}

/* The channels that don't fill a chunk, filled up with zeros. */
static __attribute__((noinline)) void fill_up(const float *const pixel[WINO_POINTS], size_t lo1,
                                              size_t hi1, size_t lo2, size_t hi2, size_t at,
                                              size_t n, float (*filled)[WINO_CHUNK]) {
    for (size_t i = lo1; i < hi1; i++)
        for (size_t j = lo2; j < hi2; j++) {
            float *to = filled[6 * i + j];
            memcpy(to, pixel[6 * i + j] + at, n * sizeof *to);
            memset(to + n, 0, (WINO_CHUNK - n) * sizeof *to);
        }
}

ALWAYS void input(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                  const float *const pixel[WINO_POINTS], size_t n, float *to,
                  const size_t place[WINO_POINTS], size_t step) {
    size_t at = 0;
    for (; at + WINO_CHUNK <= n; at += WINO_CHUNK, to += step)
        for (size_t i = 0; i < WINO_CHUNK; i += LANES)
            input_tile(lo1, hi1, lo2, hi2, pixel, at + i, to + i, place);
    if (at == n) return;
    float filled[WINO_POINTS][WINO_CHUNK];
    const float *instead[WINO_POINTS];
    for (size_t p = 0; p < WINO_POINTS; p++) instead[p] = filled[p];
    fill_up(pixel, lo1, hi1, lo2, hi2, at, n - at, filled);
    for (size_t i = 0; i < WINO_CHUNK; i += LANES)
        input_tile(lo1, hi1, lo2, hi2, instead, i, to + i, place);
}

ALWAYS void output_tile(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                        const float *from, size_t ld, size_t at,
                        float *const pixel[WINO_OUT * WINO_OUT], bool past) {
    Vector half[4][6], v[6], y[4];
    UNROLL for (size_t j = lo2; j < hi2; j++) {
        UNROLL for (size_t i = lo1; i < hi1; i++) v[i] = load(from + (6 * i + j) * ld);
        results_of_points(lo1, hi1, v, y);
        UNROLL for (size_t i = 0; i < 4; i++) half[i][j] = y[i];
    }
    UNROLL for (size_t i = 0; i < 4; i++) {
        results_of_points(lo2, hi2, half[i], y);
        UNROLL for (size_t j = 0; j < 4; j++) { put(pixel[4 * i + j] + at, y[j], past); }
    }
}

ALWAYS void output(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                   const float *from, size_t ld, size_t n, size_t column,
                   float *const pixel[WINO_OUT * WINO_OUT], bool past) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        output_tile(lo1, hi1, lo2, hi2, from + i, ld, column + i, pixel, past);
    if (i == n) return;
    float part[WINO_OUT * WINO_OUT][LANES], *instead[WINO_OUT * WINO_OUT];
    for (size_t p = 0; p < WINO_OUT * WINO_OUT; p++) instead[p] = part[p];
    output_tile(lo1, hi1, lo2, hi2, from + i, ld, 0, instead, false);
    for (size_t p = 0; p < WINO_OUT * WINO_OUT; p++)
        memcpy(pixel[p] + column + i, part[p], (n - i) * sizeof(float));
}

ALWAYS void kernel(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                   const float *const tap[9], size_t ld, size_t k, float *to,
                   const size_t place[WINO_POINTS], size_t step) {
    for (size_t kk = 0; kk < k; kk++, to += step) {
        Vector half[6][3], g[3], v[6];
        UNROLL for (size_t j = lo2; j < hi2 - 3; j++) {
            UNROLL for (size_t i = lo1; i < hi1 - 3; i++) g[i] = load(tap[3 * i + j] + kk * ld);
            points_of_taps(lo1, hi1, g, v);
            UNROLL for (size_t i = lo1; i < hi1; i++) half[i][j] = v[i];
        }
        UNROLL for (size_t i = lo1; i < hi1; i++) {
            points_of_taps(lo2, hi2, half[i], v);
            UNROLL for (size_t j = lo2; j < hi2; j++) store(to + place[6 * i + j], v[j]);
        }
    }
}

ALWAYS void spread_tile(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                        const float *const pixel[WINO_OUT * WINO_OUT], size_t at, float *to,
                        const size_t place[WINO_POINTS]) {
    Vector half[6][4], y[4], v[6];
    UNROLL for (size_t j = 0; j < 4; j++) {
        UNROLL for (size_t i = 0; i < 4; i++) y[i] = load(pixel[4 * i + j] + at);
        points_of_results(lo1, hi1, y, v);
        UNROLL for (size_t i = lo1; i < hi1; i++) half[i][j] = v[i];
    }
    UNROLL for (size_t i = lo1; i < hi1; i++) {
        points_of_results(lo2, hi2, half[i], v);
        UNROLL for (size_t j = lo2; j < hi2; j++) store(to + place[6 * i + j], v[j]);
    }
}

ALWAYS void spread(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                   const float *const pixel[WINO_OUT * WINO_OUT], size_t at, size_t n, float *to,
                   const size_t place[WINO_POINTS]) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        spread_tile(lo1, hi1, lo2, hi2, pixel, at + i, to + i, place);
    if (i == n) return;
    float filled[WINO_OUT * WINO_OUT][LANES] = {0};
    const float *instead[WINO_OUT * WINO_OUT];
    for (size_t p = 0; p < WINO_OUT * WINO_OUT; p++) {
        memcpy(filled[p], pixel[p] + at + i, (n - i) * sizeof(float));
        instead[p] = filled[p];
    }
    spread_tile(lo1, hi1, lo2, hi2, instead, 0, to + i, place);
}

ALWAYS void add_tile(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                     const float *from, size_t ld, size_t at, float *const pixel[WINO_POINTS]) {
    Vector half[6][6], v[6], d[6];
    UNROLL for (size_t j = lo2; j < hi2; j++) {
        UNROLL for (size_t i = lo1; i < hi1; i++) v[i] = load(from + (6 * i + j) * ld);
        pixels_of_points(lo1, hi1, v, d);
        UNROLL for (size_t i = lo1; i < hi1; i++) half[i][j] = d[i];
    }
    UNROLL for (size_t i = lo1; i < hi1; i++) {
        pixels_of_points(lo2, hi2, half[i], d);
        UNROLL for (size_t j = lo2; j < hi2; j++) {
            float *to = pixel[6 * i + j] + at;
            store(to, load(to) + d[j]);
        }
    }
}

ALWAYS void add(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                const float *from, size_t ld, size_t n, size_t column,
                float *const pixel[WINO_POINTS]) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        add_tile(lo1, hi1, lo2, hi2, from + i, ld, column + i, pixel);
    if (i == n) return;
    float part[WINO_POINTS][LANES] = {0}, *instead[WINO_POINTS];
    for (size_t p = 0; p < WINO_POINTS; p++) instead[p] = part[p];
    add_tile(lo1, hi1, lo2, hi2, from + i, ld, 0, instead);
    for (size_t p = 0; p < WINO_POINTS; p++)
        for (size_t c = 0; c < n - i; c++) pixel[p][column + i + c] += part[p][c];
}

ALWAYS void gather_vector(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                          const float *from, const size_t place[WINO_POINTS], float *const tap[9],
                          size_t at, bool past) {
    Vector half[3][6], v[6], g[3];
    UNROLL for (size_t j = lo2; j < hi2; j++) {
        UNROLL for (size_t i = lo1; i < hi1; i++) v[i] = load(from + place[6 * i + j]);
        taps_of_points(lo1, hi1, v, g);
        UNROLL for (size_t i = lo1; i < hi1 - 3; i++) half[i][j] = g[i];
    }
    UNROLL for (size_t i = lo1; i < hi1 - 3; i++) {
        taps_of_points(lo2, hi2, half[i], g);
        UNROLL for (size_t j = lo2; j < hi2 - 3; j++) put(tap[3 * i + j] + at, g[j], past);
    }
}

ALWAYS void gather(const size_t lo1, const size_t hi1, const size_t lo2, const size_t hi2,
                   const float *from, const size_t place[WINO_POINTS], size_t n,
                   float *const tap[9], size_t at, bool past) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        gather_vector(lo1, hi1, lo2, hi2, from + i, place, tap, at + i, past);
    if (i == n) return;
    float part[9][LANES], *instead[9];
    for (size_t t = 0; t < 9; t++) instead[t] = part[t];
    gather_vector(lo1, hi1, lo2, hi2, from + i, place, instead, 0, false);
    for (size_t a = lo1; a < hi1 - 3; a++)
        for (size_t b = lo2; b < hi2 - 3; b++)
            memcpy(tap[3 * a + b] + at + i, part[3 * a + b], (n - i) * sizeof(float));
}

/* ---- the variants ---- */

/* name, lo1, hi1, lo2, hi2 */
#define EACH_SECOND(X, name, lo, hi) \
    X(name##0, lo, hi, 0, 6)         \
    X(name##1, lo, hi, 0, 5) X(name##2, lo, hi, 1, 6) X(name##3, lo, hi, 1, 5)
#define EACH_SPANS(X)        \
    EACH_SECOND(X, s0, 0, 6) \
    EACH_SECOND(X, s1, 0, 5) \
    EACH_SECOND(X, s2, 1, 6) \
    EACH_SECOND(X, s3, 1, 5)

#define VARIANT(name, lo1, hi1, lo2, hi2)                                                         \
    static void input_##name(const float *const pixel[WINO_POINTS], size_t n, float *to,          \
                             const size_t place[WINO_POINTS], size_t step) {                      \
        input(lo1, hi1, lo2, hi2, pixel, n, to, place, step);                                     \
    }                                                                                             \
    static void output_##name(const float *from, size_t ld, size_t n, size_t column,              \
                              float *const pixel[WINO_OUT * WINO_OUT], bool past) {               \
        output(lo1, hi1, lo2, hi2, from, ld, n, column, pixel, past);                             \
    }                                                                                             \
    static void kernel_##name(const float *const tap[9], size_t ld, size_t k, float *to,          \
                              const size_t place[WINO_POINTS], size_t step) {                     \
        kernel(lo1, hi1, lo2, hi2, tap, ld, k, to, place, step);                                  \
    }                                                                                             \
    static void spread_##name(const float *const pixel[WINO_OUT * WINO_OUT], size_t at, size_t n, \
                              float *to, const size_t place[WINO_POINTS]) {                       \
        spread(lo1, hi1, lo2, hi2, pixel, at, n, to, place);                                      \
    }                                                                                             \
    static void add_##name(const float *from, size_t ld, size_t n, size_t column,                 \
                           float *const pixel[WINO_POINTS]) {                                     \
        add(lo1, hi1, lo2, hi2, from, ld, n, column, pixel);                                      \
    }                                                                                             \
    static void gather_##name(const float *from, const size_t place[WINO_POINTS], size_t n,       \
                              float *const tap[9], size_t at, bool past) {                        \
        gather(lo1, hi1, lo2, hi2, from, place, n, tap, at, past);                                \
    }
EACH_SPANS(VARIANT)

#define TABLE(f)                                                                        \
    {                                                                                   \
        {f##_s00, f##_s01, f##_s02, f##_s03}, {f##_s10, f##_s11, f##_s12, f##_s13},     \
            {f##_s20, f##_s21, f##_s22, f##_s23}, {f##_s30, f##_s31, f##_s32, f##_s33}, \
    }

const WinoSet JOIN(wino_set_, ISA) = {
    .input = TABLE(input),
    .output = TABLE(output),
    .kernel = TABLE(kernel),
    .spread = TABLE(spread),
    .add = TABLE(add),
    .gather = TABLE(gather),
};
