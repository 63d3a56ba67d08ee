/* conv_job.h: forward and data convolutions as products of patches with packed weights; private to
 * the convolutions. */
#ifndef GAN_CONV_JOB_H
#define GAN_CONV_JOB_H

#include "base/base.h"
#include "tensor/conv/conv_patches.h"
#include "tensor/gemm/micro.h"
#include "tensor/lane.h"

/* Fill a lane's panel at the depth of a tile. */
enum { LOCAL_COLUMNS = PANEL_ROWS * PANEL_COLUMNS / TILE_WIDTH };

/* Such a convolution as a set of products that write disjoint parts of out: one in the forward
 * direction. In the data direction, the inputs fall into phases by their position modulo the
 * stride; an input of one phase meets only the taps of that phase, and for these the sum is a
 * convolution of dy with stride 1. Nothing is multiplied by a zero that was put in, and every dx is
 * written once. */
typedef struct {
    ConvFull f;
    bool data;
    const Micro *micro;
    const float *image, *w;
    float *out;
    size_t k, n;  /* channels of image and of out */
    bool narrow;  /* few columns: by dot products */
    size_t width; /* n rounded up to whole vectors, unless narrow */
    size_t panel; /* columns of a panel of packed weights */
    size_t panels;
    size_t phases, rows; /* rows: of the largest phase */
    size_t grid[3];      /* the same by dimension */
    size_t mc, nc;       /* extents of a task, wide or ... */
    size_t mblocks, nblocks;
    size_t box[2], boxes[2]; /* ... narrow: in the last two dimensions of the grid */
    ptrdiff_t low[3];        /* narrow: what the patches of a point span, in all phases */
    size_t span[3];
    size_t tasks;
    bool local; /* tasks pack what they read of the weights, LOCAL_COLUMNS of a tile's depth each */
    size_t packed_floats;
    float *packed;
} ConvJob;

/* One of them: out[first + g*step] = patch(g) B for all grid points g. */
typedef struct {
    Patches patches;
    size_t m, k;
    size_t first[3], step[3], ext[3];
    size_t tap[3]; /* the first of the kernel's that it takes */
    size_t packed; /* where its B begins in the packed weights */
} Product;

ConvJob conv_job_plan(const ConvShape *s, bool data);
Product conv_job_product(const ConvJob *j, size_t phase);
/* One of taps * panels units of packing. */
void conv_job_pack(const ConvJob *j, size_t unit);
/* Rows [k0, k0 + k) of a product's B in the panels of columns [n0, n0 + n), one after the other. */
void conv_job_pack_rows(const ConvJob *j, const Product *p, size_t k0, size_t k, size_t n0,
                        size_t n, float *to);

/* The element of out, of n channels, that belongs to a point of the grid. */
static inline size_t product_place(const Product *p, const GridPoint *at, size_t n) {
    size_t place = at->image;
    for (int d = 0; d < 3; d++) place = place * p->ext[d] + p->first[d] + at->g[d] * p->step[d];
    return place * n;
}

/* The weight gradient as one product (conv_weight.c). */
typedef struct {
    ConvFull f;
    const Micro *micro;
    Patches patches;
    const float *dy;
    float *dw, *parts;
    size_t m, n, k; /* taps*cin, cout, pixels */
    bool narrow;
    bool turned;       /* f, m and n are those of conv_weight.c's other way */
    size_t mc, nc, kc; /* extents of a task */
    size_t mblocks, nblocks, kparts;
} ConvWeight;

ConvWeight conv_weight_plan(const ConvShape *s);
/* Bytes besides the lanes. */
size_t conv_weight_scratch(const ConvWeight *j);
void conv_weight_run(const ConvWeight *plan, const float *x, const float *dy, float *dw,
                     void *scratch);

/* conv_narrow.c: plans a narrow job, or says false when one patch is too large for it. */
bool conv_narrow_cut(ConvJob *j);
void conv_narrow_task(const ConvJob *j, size_t task, const Lane *lane);

#endif
