/* conv.h: convolution in 1, 2 and 3 dimensions and its two adjoints, channels last.
 *
 *   y[n, o, k] = sum over t, c of x[n, o*stride + t*dilation - pad, c] * w[t, c, k]
 *
 * with x [n, in.., cin], w [kernel.., cin, cout], y [n, out.., cout]. With several groups, channel
 * k of y reads the cin/groups channels of its group k/(cout/groups) only, and w is [kernel..,
 * cin/groups, cout]. Taps that fall outside x read
 * zero, so any padding (also TF "SAME") is a choice of pad (at the low side) and out. The map is
 * bilinear in x and w; CONV_DATA and CONV_WEIGHT are its adjoints in x and in w, so the three kinds
 * are closed under differentiation of any order.
 *
 * Results are the same bits for every thread count: the work is split by the problem alone. */
#ifndef GAN_CONV_H
#define GAN_CONV_H

#include "base/base.h"

typedef struct {
    int dims; /* 1, 2 or 3; unused extents below are ignored */
    size_t n, cin, cout;
    size_t in[3], out[3], kernel[3], stride[3], pad[3];
    size_t dilation[3], groups; /* 0 is 1 */
} ConvShape;

typedef enum { CONV_FORWARD, CONV_DATA, CONV_WEIGHT } ConvKind;

/* Direct sums, or Winograd's minimal filtering (winograd.h), which multiplies 1.8 to 4 times less
 * in kernels of 2x2 to 3x3 taps, or up to 6x6 with stride 2, and is up to 3 times as fast where
 * there are enough channels; its results are some 4 times less exact (figures in
 * tests/unit/conv.c). Or that for pairs of results of the first of three dimensions
 * (conv_pairs.h), in kernels of four taps with stride 2 there: another quarter less. */
typedef enum { CONV_FASTEST, CONV_DIRECT, CONV_WINOGRAD, CONV_PAIRS } ConvAlgorithm;
/* What GAN_CONV=direct|winograd in the environment asks for; otherwise the fastest. */
ConvAlgorithm conv_wish(void);

/* How one convolution is done, again and again. */
typedef struct ConvPlan ConvPlan;
/* Decides everything that the shape decides, in the arena; what is wished is done where the shape
 * allows. */
const ConvPlan *conv_plan(Arena *arena, const ConvShape *s, ConvKind kind, ConvAlgorithm wish);
/* The same for so many times the samples, with the same bits. NULL where these are others: of
 * groups, and where samples are summed over. */
const ConvPlan *conv_plan_many(Arena *arena, const ConvShape *s, size_t times, ConvKind kind,
                               ConvAlgorithm wish);
/* What has been chosen. */
ConvAlgorithm conv_algorithm(const ConvPlan *p);
/* Of Winograd's: what it is estimated to cost, in multiplications of 16 lanes. */
double conv_cost(const ConvPlan *p);
/* Bytes of scratch (depends on omp_get_max_threads() only in size, never in result). */
size_t conv_scratch(const ConvPlan *p);
/* CONV_FORWARD: y of x and w. CONV_DATA, the transposed convolution ("deconv"): dx of dy and w.
 * CONV_WEIGHT: dw of x and dy. */
void conv_run(const ConvPlan *p, const float *a, const float *b, float *out, void *scratch);

/* The shape, and zeros in all that does not count, holes too: equal shapes are equal bytes. */
void conv_shape_copy(ConvShape *to, const ConvShape *s);

/* Multiply-adds of one application, for plans: the same for the three kinds. */
double conv_macs(const ConvShape *s);

#endif
