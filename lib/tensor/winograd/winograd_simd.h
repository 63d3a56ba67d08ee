/* winograd_simd.h: the transforms of Winograd's convolution, private to lib/tensor.
 *
 * A correlation of 6 pixels with 3 taps gives 4 results; seen as a product of polynomials, 6
 * multiplications do instead of 12: F(4, 3). In two dimensions the transforms nest, and tiles of
 * 6x6 pixels, 3x3 taps and 4x4 results meet in 36 points (Winograd, Arithmetic Complexity of
 * Computations, 1980; Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2016):
 *
 *   y = A' [(G g G') * (B' d B)] A
 *
 * The points of a dimension are 0, P, -P, Q, -Q and infinity, in this order. All channels go
 * through the same transform, so vectors run along channels. */
#ifndef GAN_WINOGRAD_SIMD_H
#define GAN_WINOGRAD_SIMD_H

#include "base/base.h"

enum {
    WINO_OUT = 4, /* results of a tile in one dimension */
    WINO_IN = 6,  /* pixels, and points */
    WINO_POINTS = 36,
    WINO_CHUNK = 16, /* channels that lie side by side in transformed pixels */
};

/* Which taps of a dimension there are. Where the last is missing, the point at infinity is always
 * zero, where the first is missing, the point 0 is; these points are then neither computed nor
 * read, nor are the pixels that only they see. */
typedef enum { SPAN_ALL, SPAN_LOW, SPAN_HIGH, SPAN_MIDDLE, SPAN_COUNT } WinoSpan;
static inline size_t span_low(WinoSpan s) { return s >= SPAN_HIGH; }
static inline size_t span_high(WinoSpan s) { return s % 2 ? 5 : 6; }

/* B' d B of n channels: the value of point p, chunk c, channel i goes to
 * to[place[p] + c*step + i]. A chunk that n doesn't fill is filled with zeros. */
typedef void WinoInput(const float *const pixel[WINO_POINTS], size_t n, float *to,
                       const size_t place[WINO_POINTS], size_t step);
/* A' m A of n columns, which lie at from + p*ld for point p; result i goes to pixel[i] + column,
 * past the caches if that is said (bypass.h) and n are whole vectors. */
typedef void WinoOutput(const float *from, size_t ld, size_t n, size_t column,
                        float *const pixel[WINO_OUT * WINO_OUT], bool past);
/* G g G' of k rows of a vector of columns; tap t of row kk is at tap[t] + kk*ld, the value of point
 * p goes to to[place[p] + kk*step]. Missing taps aren't read. */
typedef void WinoKernel(const float *const tap[9], size_t ld, size_t k, float *to,
                        const size_t place[WINO_POINTS], size_t step);

/* A y A' of n columns of 4x4 values, the adjoint of output: the value of point p goes to
 * to[place[p] + column]; pixels are read from `at` on. Whole vectors are written. */
typedef void WinoSpread(const float *const pixel[WINO_OUT * WINO_OUT], size_t at, size_t n,
                        float *to, const size_t place[WINO_POINTS]);
/* B m B' of n columns, the adjoint of input: as output reads them; result i is added to what is at
 * pixel[i] + column. */
typedef void WinoAdd(const float *from, size_t ld, size_t n, size_t column,
                     float *const pixel[WINO_POINTS]);
/* G' u G of a row of n columns, the adjoint of kernel: the value of point p is at from + place[p],
 * tap t goes to tap[t] + at, past the caches if that is said and n are whole vectors. */
typedef void WinoGather(const float *from, const size_t place[WINO_POINTS], size_t n,
                        float *const tap[9], size_t at, bool past);

typedef struct {
    /* by spans of the first and the second dimension */
    WinoInput *input[SPAN_COUNT][SPAN_COUNT];
    WinoOutput *output[SPAN_COUNT][SPAN_COUNT];
    WinoKernel *kernel[SPAN_COUNT][SPAN_COUNT];
    WinoSpread *spread[SPAN_COUNT][SPAN_COUNT];
    WinoAdd *add[SPAN_COUNT][SPAN_COUNT];
    WinoGather *gather[SPAN_COUNT][SPAN_COUNT];
} WinoSet;

/* The set for cpu_isa(). */
const WinoSet *wino_set(void);
extern const WinoSet wino_set_portable, wino_set_avx2, wino_set_avx512;

#endif
