/* The lines of warping.h, compiled once for each instruction set: where a few pixels look, then
 * their channels. */
#include "tensor/simd.h"
#include "tensor/warping.h"

enum { PIXELS = 32, CORNERS = 4 };

/* Of some pixels: elements where the channels of their corners begin, and the corners' weights, in
 * the order (p, q), (p, q+1), (p+1, q), (p+1, q+1). */
typedef struct {
    size_t count;
    size_t at[PIXELS][CORNERS];
    float weight[PIXELS][CORNERS];
} Corners;

/* The two pixels along an axis of `length` that one at `place`, moved by `by`, lies between, kept
 * on the axis, and their weights. */
ALWAYS void between(size_t place, float by, size_t length, bool zero, bool slope, size_t at[2],
                    float weight[2]) {
    const float far = 1e9F;
    float whole = __builtin_floorf(by), part = by - whole, last = (float)length;
    float step = whole > far ? far : whole < -far ? -far : whole == whole ? whole : 0;
    float low = (float)place + step; /* exact as far as it is on the map */
    low = low < -2 ? -2 : low > last ? last : low;
    int first = (int)low, end = (int)length - 1, next = first + 1;
    weight[0] = slope ? part - part - 1 : 1 - part;
    weight[1] = slope ? part - part + 1 : part;
    if (zero) {
        if (first < 0 || first > end) weight[0] *= 0;
        if (next < 0 || next > end) weight[1] *= 0;
    }
    at[0] = (size_t)(first < 0 ? 0 : first > end ? end : first);
    at[1] = (size_t)(next < 0 ? 0 : next > end ? end : next);
}

/* Those of pixels [j, ..) of the line. */
ALWAYS void find(const WarpLine *l, size_t j, Corners *c) {
    const WarpShape *s = l->shape;
    c->count = s->w - j < PIXELS ? s->w - j : PIXELS;
    for (size_t k = 0; k < c->count; k++) {
        const float *flow = l->flow + (j + k) * 2;
        size_t p[2], q[2];
        float a[2], b[2];
        between(j + k, flow[0], s->w, s->zero, l->slope & WARP_U, q, b);
        between(l->i, flow[1], s->h, s->zero, l->slope & WARP_V, p, a);
        for (int e = 0; e < CORNERS; e++) {
            c->at[k][e] = (p[e >> 1] * s->w + q[e & 1]) * s->c;
            c->weight[k][e] = a[e >> 1] * b[e & 1];
        }
    }
}

/* ---- channels of one pixel; n may be a constant where these are inlined ---- */

ALWAYS void mix(const float *x, const size_t *at, const float *w, float *restrict y,
                const size_t n) {
    const float *a = x + at[0], *b = x + at[1], *c = x + at[2], *d = x + at[3];
    for (size_t i = 0; i < n; i++) y[i] = w[0] * a[i] + w[1] * b[i] + w[2] * c[i] + w[3] * d[i];
}

ALWAYS void spread(const float *restrict dy, const size_t *at, const float *w, float *x,
                   const size_t n) {
    for (int e = 0; e < CORNERS; e++) {
        float *restrict to = x + at[e];
        for (size_t i = 0; i < n; i++) to[i] += w[e] * dy[i];
    }
}

/* Products of dy with each corner. */
ALWAYS void dots(const float *x, const size_t *at, const float *dy, float sum[CORNERS],
                 const size_t n) {
    Vector part[CORNERS] = {{0}};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        Vector v = *(const Stored *)(dy + i);
        for (int e = 0; e < CORNERS; e++) part[e] += v * *(const Stored *)(x + at[e] + i);
    }
    for (int e = 0; e < CORNERS; e++) {
        sum[e] = 0;
        for (int k = 0; k < LANES && n >= LANES; k++) sum[e] += part[e][k];
        for (size_t k = i; k < n; k++) sum[e] += dy[k] * x[at[e] + k];
    }
}

/* ---- lines ---- */

ALWAYS void sample_line(const WarpLine *l, const float *x, float *y, const size_t n) {
    Corners c;
    for (size_t j = 0; j < l->shape->w; j += PIXELS) {
        find(l, j, &c);
        for (size_t k = 0; k < c.count; k++) mix(x, c.at[k], c.weight[k], y + (j + k) * n, n);
    }
}

void JOIN(warp_sample_, ISA)(const WarpLine *l, const float *x, float *y) {
    switch (l->shape->c) {
    case 1: sample_line(l, x, y, 1); break;
    case 3: sample_line(l, x, y, 3); break;
    default: sample_line(l, x, y, l->shape->c);
    }
}

ALWAYS void spread_line(const WarpLine *l, const float *dy, float *dx, const size_t n) {
    size_t c = l->shape->c;
    Corners at;
    for (size_t j = 0; j < l->shape->w; j += PIXELS) {
        find(l, j, &at);
        for (size_t k = 0; k < at.count; k++)
            spread(dy + (j + k) * c + l->from, at.at[k], at.weight[k], dx + l->from, n);
    }
}

void JOIN(warp_spread_, ISA)(const WarpLine *l, const float *dy, float *dx) {
    size_t n = l->to - l->from;
    switch (n) {
    case 1: spread_line(l, dy, dx, 1); break;
    case 3: spread_line(l, dy, dx, 3); break;
    default: spread_line(l, dy, dx, n);
    }
}

ALWAYS void slopes_line(const WarpLine *l, const float *x, const float *dy, float *dflow,
                        const size_t n) {
    const WarpShape *s = l->shape;
    for (size_t j = 0; j < s->w; j++, dy += n) {
        const float *flow = l->flow + 2 * j;
        size_t p[2], q[2], at[CORNERS];
        float a[2], b[2], da[2], db[2], sum[CORNERS], du = 0, dv = 0;
        between(j, flow[0], s->w, s->zero, false, q, b);
        between(j, flow[0], s->w, s->zero, true, q, db);
        between(l->i, flow[1], s->h, s->zero, false, p, a);
        between(l->i, flow[1], s->h, s->zero, true, p, da);
        for (int e = 0; e < CORNERS; e++) at[e] = (p[e >> 1] * s->w + q[e & 1]) * n;
        dots(x, at, dy, sum, n);
        for (int e = 0; e < CORNERS; e++) {
            du += a[e >> 1] * db[e & 1] * sum[e];
            dv += da[e >> 1] * b[e & 1] * sum[e];
        }
        dflow[2 * j] = du, dflow[2 * j + 1] = dv;
    }
}

void JOIN(warp_slopes_, ISA)(const WarpLine *l, const float *x, const float *dy, float *dflow) {
    switch (l->shape->c) {
    case 1: slopes_line(l, x, dy, dflow, 1); break;
    case 3: slopes_line(l, x, dy, dflow, 3); break;
    default: slopes_line(l, x, dy, dflow, l->shape->c);
    }
}
