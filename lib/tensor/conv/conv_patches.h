/* conv_patches.h: the patches of an image as rows of a matrix, gathered tile by tile; private to
 * convolutions and pooling. */
#ifndef GAN_CONV_PATCHES_H
#define GAN_CONV_PATCHES_H

#include "base/base.h"
#include "tensor/conv/conv.h"

/* A convolution in three dimensions: what has fewer gets leading extents of 1. */
typedef struct {
    size_t n, cin, cout;
    size_t in[3], out[3], kernel[3], stride[3], pad[3], dilation[3];
    size_t taps;
} ConvFull;
ConvFull conv_full(const ConvShape *s);
/* Taps of dimension d whose place is r modulo the stride, those that meet inputs with (i + pad) %
 * stride == r: the first, what they are apart, in taps, and their number. */
static inline size_t residue_step(const ConvFull *f, int d) {
    size_t a = f->stride[d], b = f->dilation[d];
    while (b) {
        size_t rest = a % b;
        a = b, b = rest;
    }
    return f->stride[d] / a;
}
static inline size_t residue_first(const ConvFull *f, int d, size_t r) {
    size_t t = 0, s = f->stride[d];
    if (f->dilation[d] == 1) return r;
    while (t < s && t * f->dilation[d] % s != r) t++;
    return t < s ? t : f->kernel[d];
}
static inline size_t residue_taps(const ConvFull *f, int d, size_t r) {
    size_t first = residue_first(f, d, r);
    return first < f->kernel[d] ? (f->kernel[d] - first - 1) / residue_step(f, d) + 1 : 0;
}

/* Row p of the matrix is the patch of grid point p = (image, g0, g1, g2): the values of the image
 * at base + g*step + t*apart for all taps t, in order, times channels; zero outside the image. */
typedef struct {
    const float *image; /* [n, ext.., c] */
    size_t c;
    size_t ext[3], grid[3], taps[3], step[3], apart[3];
    ptrdiff_t base[3];
} Patches;

/* The patches that forward and weight see in x. */
Patches patches_forward(const ConvFull *f, const float *x);

/* A point of a grid, in each of n images; points are numbered with the last dimension fastest. */
typedef struct {
    size_t image, g[3];
} GridPoint;
GridPoint patches_point(const size_t grid[3], size_t number);

static inline void patches_next(const size_t grid[3], GridPoint *p) {
    if (++p->g[2] < grid[2]) return;
    p->g[2] = 0;
    if (++p->g[1] < grid[1]) return;
    p->g[1] = 0;
    if (++p->g[0] < grid[0]) return;
    p->g[0] = 0, p->image++;
}

/* Where a patch begins. The values of its innermost rows that lie within the image are [lo, hi). */
typedef struct {
    ptrdiff_t at; /* element of its origin, which may lie outside */
    ptrdiff_t z, y;
    size_t lo, hi;
} PatchPlace;

/* Places of patches [p, p + m). */
void patches_place(const Patches *s, size_t p, size_t m, PatchPlace *place);
/* Columns [e, e + width) of m patches into a tile with rows of ld floats. */
void patches_gather(const Patches *s, const PatchPlace *place, size_t m, size_t e, size_t width,
                    float *tile, size_t ld);

#endif
