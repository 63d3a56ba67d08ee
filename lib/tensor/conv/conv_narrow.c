/* Convolutions to a few channels, such as the last layer of a generator: a vector as wide as the
 * result would be mostly empty, so vectors run along the channels of the image instead, and each
 * result is a dot product. There are too few columns to pay for a gathered tile; a box of the image
 * is copied once, with its borders filled in, and patches are read from it where they overlap. */
#include <string.h>

#include "tensor/conv/conv_job.h"

enum {
    SLAB_TARGET = 48 << 10, /* floats of a copied box, where the problem allows */
    TASKS_TARGET = 32,
};

/* In dimension d, all patches of point g lie in [low + g*step, low + g*step + span). */
static void find_span(ConvJob *j, int d) {
    size_t later = 1;
    ptrdiff_t high = PTRDIFF_MIN;
    j->low[d] = PTRDIFF_MAX;
    for (int i = d + 1; i < 3; i++) later *= j->f.stride[i];
    for (size_t r = 0; r < (j->data ? j->f.stride[d] : 1); r++) {
        Product p = conv_job_product(j, r * later);
        if (!p.patches.taps[d]) continue;
        ptrdiff_t base = p.patches.base[d];
        ptrdiff_t end = base + (ptrdiff_t)((p.patches.taps[d] - 1) * p.patches.apart[d] + 1);
        if (base < j->low[d]) j->low[d] = base;
        if (end > high) high = end;
    }
    j->span[d] = (size_t)(high - j->low[d]);
}

/* Extents [z, y, x] of the box that the patches of h by w points lie in. */
static void slab_extents(const ConvJob *j, size_t h, size_t w, size_t extent[3]) {
    extent[0] = j->span[0];
    extent[1] = (h - 1) * (j->data ? 1 : j->f.stride[1]) + j->span[1];
    extent[2] = (w - 1) * (j->data ? 1 : j->f.stride[2]) + j->span[2];
}

static size_t slab_floats(const ConvJob *j, size_t h, size_t w) {
    size_t extent[3];
    slab_extents(j, h, w, extent);
    return extent[0] * extent[1] * extent[2] * j->k;
}

bool conv_narrow_cut(ConvJob *j) {
    size_t h = j->grid[1], w = j->grid[2];
    for (int d = 0; d < 3; d++) find_span(j, d);
    size_t runs = j->f.kernel[0] * j->f.kernel[1] * (j->f.dilation[2] > 1 ? j->f.kernel[2] : 1);
    if (slab_floats(j, 1, 1) > TILE_FLOATS || runs > TILE_ROWS) return false;
    while (w > 1 && slab_floats(j, 1, w) > SLAB_TARGET) w = (w + 1) / 2;
    while (h > 1 && slab_floats(j, h, w) > SLAB_TARGET) h = (h + 1) / 2;
    for (;;) {
        j->box[0] = h, j->box[1] = w;
        j->boxes[0] = blocks_of(j->grid[1], h), j->boxes[1] = blocks_of(j->grid[2], w);
        j->tasks = j->f.n * j->grid[0] * j->boxes[0] * j->boxes[1];
        if (j->tasks >= TASKS_TARGET || h <= 4) return true;
        h = (h + 1) / 2;
    }
}

/* Copies the box of h by w points; its extents come back. */
static void fill_slab(const ConvJob *j, const GridPoint *at, size_t h, size_t w, const Lane *lane,
                      size_t extent[3]) {
    Patches box = conv_job_product(j, 0).patches;
    slab_extents(j, h, w, extent);
    for (int d = 0; d < 3; d++) {
        box.base[d] = j->low[d] + (ptrdiff_t)(at->g[d] * box.step[d]);
        box.grid[d] = 1;
        box.taps[d] = extent[d], box.apart[d] = 1;
    }
    patches_place(&box, at->image, 1, lane->place);
    patches_gather(&box, lane->place, 1, 0, extent[0] * extent[1] * extent[2] * j->k, lane->tile,
                   0);
}

/* h by w points, of one phase, whose patches lie in a slab. */
static void multiply(const ConvJob *j, const Product *p, GridPoint at, size_t h, size_t w,
                     const Lane *lane, const size_t extent[3]) {
    const Patches *s = &p->patches;
    size_t shift[3], row = extent[2] * j->k;
    size_t spread = s->apart[2] > 1 ? s->taps[2] : 1; /* taps that are runs of their own */
    for (int d = 0; d < 3; d++) shift[d] = (size_t)(s->base[d] - j->low[d]);
    MicroDots dots = {.runs = s->taps[0] * s->taps[1] * spread,
                      .length = s->taps[2] / spread * j->k,
                      .lda = s->step[2] * j->k,
                      .ldb = p->k,
                      .run = lane->at,
                      .b = j->packed + p->packed};
    for (size_t r = 0; r < dots.runs; r++) {
        size_t x = r % spread * s->apart[2], y = r / spread % s->taps[1] * s->apart[1];
        size_t z = r / spread / s->taps[1] * s->apart[0];
        lane->at[r] = (z * extent[1] + y) * row + x * j->k;
    }
    dots.a = lane->tile + (shift[0] * extent[1] + shift[1]) * row + shift[2] * j->k;
    for (size_t y = 0; y < h; y++, at.g[1]++, dots.a += s->step[1] * row)
        j->micro->dots[j->n - 1](w, &dots, j->out + product_place(p, &at, j->n), p->step[2] * j->n);
}

/* The same where no tap reaches: zeros. */
static void clear(const ConvJob *j, const Product *p, GridPoint at, size_t h, size_t w) {
    for (size_t y = 0; y < h; y++, at.g[1]++) {
        float *to = j->out + product_place(p, &at, j->n);
        for (size_t x = 0; x < w; x++, to += p->step[2] * j->n) memset(to, 0, j->n * sizeof *to);
    }
}

void conv_narrow_task(const ConvJob *j, size_t task, const Lane *lane) {
    GridPoint at;
    size_t extent[3];
    at.g[2] = task % j->boxes[1] * j->box[1], task /= j->boxes[1];
    at.g[1] = task % j->boxes[0] * j->box[0], task /= j->boxes[0];
    at.g[0] = task % j->grid[0], at.image = task / j->grid[0];
    fill_slab(j, &at, least(j->box[0], j->grid[1] - at.g[1]),
              least(j->box[1], j->grid[2] - at.g[2]), lane, extent);
    for (size_t phase = 0; phase < j->phases; phase++) {
        Product p = conv_job_product(j, phase);
        const size_t *grid = p.patches.grid;
        if (at.g[0] >= grid[0] || at.g[1] >= grid[1] || at.g[2] >= grid[2]) continue;
        size_t h = least(j->box[0], grid[1] - at.g[1]), w = least(j->box[1], grid[2] - at.g[2]);
        if (p.k)
            multiply(j, &p, at, h, w, lane, extent);
        else
            clear(j, &p, at, h, w);
    }
}
