/* winograd.h: convolutions by Winograd's minimal filtering in the last two dimensions; private to
 * the convolutions.
 *
 * Strides are taken apart: a convolution of stride s is a sum of convolutions of stride 1, one for
 * each residue of the tap, of the pixels with that residue; and its adjoint consists of
 * convolutions of stride 1, one for each residue of the result. What a tile reads is a source, what
 * it writes a target: forward has a source for each residue and each tap of the first dimension,
 * and one target; data has a target for each residue in all dimensions, and a source for each tap
 * that these have in the first. Between a source and a target stand up to 3x3 taps. For each of 36
 * points, a product of matrices sums over channels and sources.
 *
 * Data may be turned, the adjoint of forward's steps one by one: a tile reads 4x4 pixels of dy and
 * adds to 6x6 of each target, so that there are as many tiles as forward has. Where maps of dx are
 * a little larger than dy, as behind a layer that pads them by reflection, these are fewer.
 *
 * Kernels of 4x4 taps without strides have tiles of 3x3 results, F(3, 4): taps and results change
 * places, and so do their transforms. */
#ifndef GAN_WINOGRAD_H
#define GAN_WINOGRAD_H

#include "tensor/conv/conv_patches.h"
#include "tensor/gemm/micro.h"
#include "tensor/lane.h"
#include "tensor/winograd/winograd_simd.h"

enum {
    WINO_SOURCES = 16,
    WINO_TARGETS = 8,
    WINO_TAPS = 4 * 6 * 6, /* the most of all dimensions */
    WINO_KC = 512,         /* the most channels of a chunk */
    /* Floats between the points of a kernel. Without them all points of a kernel as wide as a power
     * of two would meet in one set of the cache. */
    WINO_APART = 16,
};

typedef struct {
    /* in dimension 0 the pixel of grid point g is first + g*step, in the others pixel i of tile t
     * is first + (t*tile + i)*step */
    ptrdiff_t first[3], step[3];
    size_t tile; /* the plan's */
    size_t tap0; /* tap of dimension 0: of a source, or of the first source of a target */
    size_t source0, sources; /* of a target: the sources it sums over */
    /* in dimensions 1 and 2: which taps there are; forward has these in its sources and data in its
     * targets, and the other side has all spans that it meets */
    WinoSpan span[2];
    size_t tap[2][4];
} WinoSide;

typedef struct {
    ConvFull f;
    ConvKind kind;
    const Micro *micro;
    const WinoSet *set;
    const float *image, *w, *dy;
    float *out;
    size_t image_ext[3], out_ext[3];
    size_t k, n; /* channels of image and of out */
    size_t nsources, ntargets;
    WinoSide source[WINO_SOURCES], target[WINO_TARGETS];
    size_t taps, tile; /* in a dimension: places of taps, 3 or 4, and results of a tile, 4 or 3 */
    size_t grid[3], tiles;
    size_t depth[WINO_POINTS]; /* sources that a point sums over */
    size_t depths;             /* of all points */
    /* how it is cut (winograd_plan.c) */
    size_t tc, kc, nc;        /* tiles, channels of image and columns in work at a time */
    size_t groups;            /* of nc columns */
    size_t tblocks, gblocks;  /* forward and data: a task is tc tiles times ... */
    size_t gc;                /* ... gc of all targets' groups */
    bool turned;              /* data: tiles of 4x4 pixels add to 6x6 results */
    size_t together;          /* tiles that a task must not part */
    bool shared;              /* all kernels are transformed first and kept */
    size_t parts, part_tiles; /* weight: of the sum over tiles */
    size_t pixels_floats, kernel_floats, points_floats, lane_floats, shared_floats;
    bool past;           /* results are written past the caches */
    float *lanes, *kept; /* scratch of threads; kernels or parts of the sum */
} Wino;

/* Whether the shape suits, and the sides; strides are 1 or 2, and each residue has one to three
 * taps in the last two dimensions, or there are 4x4 taps and no strides. */
bool wino_sides(const ConvShape *s, ConvKind kind, Wino *j);
static inline bool side_has(const WinoSide *s, size_t point) {
    size_t i = point / WINO_IN, j = point % WINO_IN;
    return i >= span_low(s->span[0]) && i < span_high(s->span[0]) && j >= span_low(s->span[1]) &&
           j < span_high(s->span[1]);
}
/* The places of a side's taps in one dimension: from span_low() on, before this. */
static inline size_t taps_high(const Wino *j, WinoSpan s) {
    return span_high(s) + j->taps - WINO_IN;
}
/* Sources that a target's point sums over. */
size_t wino_depth(const Wino *j, const WinoSide *target, size_t point);
/* The number of the source among those that have the point. */
size_t wino_rank(const Wino *j, size_t source, size_t point);
/* Pointers to the pixels of a tile, from a channel on; those outside point to WINO_KC zeros. */
void wino_pixels(const Wino *j, const WinoSide *s, const GridPoint *tile, size_t channel,
                 const float *pixel[WINO_POINTS]);
/* Where size x size pixels of a tile are, from a channel on, in elements of the map of so many
 * channels that the side is part of; -1: outside. */
void wino_places(const WinoSide *side, const size_t extent[3], size_t channels,
                 const GridPoint *tile, size_t size, size_t channel, ptrdiff_t *at);

/* The whole plan; false where the shape doesn't suit. */
bool wino_plan(const ConvShape *s, ConvKind kind, Wino *j);
/* An estimate of what it costs, in multiplications of 16 lanes. */
double wino_cost(const Wino *j);
/* Whether that is faster than the direct kernels. */
bool wino_pays(const Wino *j);
size_t wino_scratch(const Wino *j);

/* Multiplications of the products. */
static inline double wino_macs(const Wino *j) {
    return (double)j->tiles * (double)(j->depths * j->ntargets) * (double)j->k * (double)j->n;
}

/* Forward of x, or data of dy. */
void wino_apply(const Wino *plan, const float *image, const float *w, float *out, void *scratch);
void wino_weight(const Wino *plan, const float *x, const float *dy, float *dw, void *scratch);

#endif
