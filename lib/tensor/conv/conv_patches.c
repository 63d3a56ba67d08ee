#include "tensor/conv/conv_patches.h"

#include <string.h>

enum { SHORT = 32 }; /* values not worth a call of memcpy */

ConvFull conv_full(const ConvShape *s) {
    ConvFull f = {.n = s->n, .cin = s->cin, .cout = s->cout, .taps = 1};
    for (int d = 0; d < 3; d++) {
        int from = d - (3 - s->dims);
        f.in[d] = from < 0 ? 1 : s->in[from];
        f.out[d] = from < 0 ? 1 : s->out[from];
        f.kernel[d] = from < 0 ? 1 : s->kernel[from];
        f.stride[d] = from < 0 ? 1 : s->stride[from];
        f.pad[d] = from < 0 ? 0 : s->pad[from];
        f.dilation[d] = f.kernel[d] == 1 || !s->dilation[from] ? 1 : s->dilation[from];
        f.taps *= f.kernel[d];
    }
    return f;
}

Patches patches_forward(const ConvFull *f, const float *x) {
    Patches p = {.image = x, .c = f->cin};
    for (int d = 0; d < 3; d++) {
        p.ext[d] = f->in[d], p.grid[d] = f->out[d], p.taps[d] = f->kernel[d];
        p.step[d] = f->stride[d], p.base[d] = -(ptrdiff_t)f->pad[d];
        p.apart[d] = f->dilation[d];
    }
    return p;
}

/* Taps of a row that lie less than x behind its first. */
static size_t taps_below(const Patches *s, ptrdiff_t x) {
    if (x <= 0) return 0;
    size_t apart = s->apart[2], taps = apart == 1 ? (size_t)x : ((size_t)x + apart - 1) / apart;
    return taps < s->taps[2] ? taps : s->taps[2];
}

GridPoint patches_point(const size_t grid[3], size_t number) {
    GridPoint p;
    for (int d = 2; d >= 0; d--) p.g[d] = number % grid[d], number /= grid[d];
    p.image = number;
    return p;
}

void patches_place(const Patches *s, size_t p, size_t m, PatchPlace *place) {
    GridPoint point = patches_point(s->grid, p);
    for (size_t i = 0; i < m; i++, patches_next(s->grid, &point)) {
        ptrdiff_t z = s->base[0] + (ptrdiff_t)(point.g[0] * s->step[0]);
        ptrdiff_t y = s->base[1] + (ptrdiff_t)(point.g[1] * s->step[1]);
        ptrdiff_t x = s->base[2] + (ptrdiff_t)(point.g[2] * s->step[2]);
        ptrdiff_t row = ((ptrdiff_t)(point.image * s->ext[0]) + z) * (ptrdiff_t)s->ext[1] + y;
        place[i] = (PatchPlace){
            .at = (row * (ptrdiff_t)s->ext[2] + x) * (ptrdiff_t)s->c,
            .z = z,
            .y = y,
            .lo = taps_below(s, -x) * s->c,
            .hi = taps_below(s, (ptrdiff_t)s->ext[2] - x) * s->c,
        };
    }
}

/* memcpy for the few values of a row of taps on few channels, where a call would cost more than
 * the copy: by fours, the last four overlapping. */
static inline void copy_short(float *to, const float *from, size_t n) {
    if (n < 4) {
        for (size_t i = 0; i < n; i++) to[i] = from[i];
        return;
    }
    for (size_t i = 0; i + 4 <= n; i += 4) memcpy(to + i, from + i, 4 * sizeof *to);
    memcpy(to + n - 4, from + n - 4, 4 * sizeof *to);
}

static inline void copy(float *to, const float *from, size_t n) {
    if (n <= SHORT)
        copy_short(to, from, n);
    else
        memcpy(to, from, n * sizeof *to);
}

/* Values [from, to) of the row of taps (t0, t1) of every patch. They lie side by side in the image,
 * whatever the tap or channel. */
static void gather_row(const Patches *s, const PatchPlace *place, size_t m, size_t t0, size_t t1,
                       size_t from, size_t to, float *tile, size_t ld) {
    size_t z = t0 * s->apart[0], y = t1 * s->apart[1];
    ptrdiff_t row = (ptrdiff_t)((z * s->ext[1] + y) * s->ext[2] * s->c);
    for (size_t i = 0; i < m; i++, tile += ld) {
        size_t lo = from > place[i].lo ? from : place[i].lo;
        size_t hi = to < place[i].hi ? to : place[i].hi;
        bool inside = (size_t)(place[i].z + (ptrdiff_t)z) < s->ext[0] &&
                      (size_t)(place[i].y + (ptrdiff_t)y) < s->ext[1];
        if (!inside || lo >= hi) {
            memset(tile, 0, (to - from) * sizeof *tile);
            continue;
        }
        if (lo > from) memset(tile, 0, (lo - from) * sizeof *tile);
        copy(tile + (lo - from), s->image + (place[i].at + row + (ptrdiff_t)lo), hi - lo);
        if (hi < to) memset(tile + (hi - from), 0, (to - hi) * sizeof *tile);
    }
}

/* The same of a tap whose neighbours are apart: values [from, to) of its channels. */
static void gather_tap(const Patches *s, const PatchPlace *place, size_t m, const size_t t[3],
                       size_t from, size_t to, float *tile, size_t ld) {
    size_t z = t[0] * s->apart[0], y = t[1] * s->apart[1], x = t[2] * s->apart[2];
    ptrdiff_t at = (ptrdiff_t)(((z * s->ext[1] + y) * s->ext[2] + x) * s->c + from);
    for (size_t i = 0; i < m; i++, tile += ld) {
        bool inside = (size_t)(place[i].z + (ptrdiff_t)z) < s->ext[0] &&
                      (size_t)(place[i].y + (ptrdiff_t)y) < s->ext[1] &&
                      t[2] * s->c >= place[i].lo && t[2] * s->c < place[i].hi;
        if (inside)
            copy(tile, s->image + (place[i].at + at), to - from);
        else
            memset(tile, 0, (to - from) * sizeof *tile);
    }
}

static void gather_taps(const Patches *s, const PatchPlace *place, size_t m, size_t e, size_t width,
                        float *tile, size_t ld) {
    for (size_t end = e + width; e < end;) {
        size_t tap = e / s->c, from = e % s->c, t[3];
        size_t to = s->c - from < end - e ? s->c : from + (end - e);
        t[2] = tap % s->taps[2], tap /= s->taps[2];
        t[1] = tap % s->taps[1], t[0] = tap / s->taps[1];
        gather_tap(s, place, m, t, from, to, tile, ld);
        tile += to - from;
        e += to - from;
    }
}

void patches_gather(const Patches *s, const PatchPlace *place, size_t m, size_t e, size_t width,
                    float *tile, size_t ld) {
    size_t length = s->taps[2] * s->c;
    if (s->apart[2] > 1) {
        gather_taps(s, place, m, e, width, tile, ld);
        return;
    }
    for (size_t end = e + width; e < end;) {
        size_t row = e / length, from = e % length;
        size_t to = length - from < end - e ? length : from + (end - e);
        gather_row(s, place, m, row / s->taps[1], row % s->taps[1], from, to, tile, ld);
        tile += to - from;
        e += to - from;
    }
}
