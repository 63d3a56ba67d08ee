/* Largest values of windows: for each window the rows of channels of its pixels, one after another.
 */
#include "tensor/pool.h"

#include <math.h>
#include <string.h>

#include "tensor/conv/conv_patches.h"

/* The pixels of window `at` that are inside, by axis: from low to below high. */
typedef struct {
    size_t low[3], high[3];
} Window;

static Window window_of(const ConvFull *s, size_t at) {
    Window w;
    for (int i = 2; i >= 0; i--) {
        size_t start = at % s->out[i] * s->stride[i], end = start + s->kernel[i];
        w.low[i] = start > s->pad[i] ? start - s->pad[i] : 0;
        w.high[i] = end - s->pad[i] < s->in[i] ? end - s->pad[i] : s->in[i];
        at /= s->out[i];
    }
    return w;
}

/* For each pixel of window w: p, the number of its row of channels within a sample. */
#define EACH_PIXEL(s, w, p)                                                                    \
    for (size_t p##0 = (w).low[0]; p##0 < (w).high[0]; p##0 ++)                                \
        for (size_t p##1 = (w).low[1]; p##1 < (w).high[1]; p##1 ++)                            \
            for (size_t p##2 = (w).low[2], p = (p##0 * (s)->in[1] + p##1) * (s)->in[2] + p##2; \
                 p##2 < (w).high[2]; p##2 ++, p++)

static size_t product(const size_t *v) { return v[0] * v[1] * v[2]; }

void pool_max(const ConvShape *shape, const float *x, float *y) {
    const ConvFull full = conv_full(shape), *s = &full;
    size_t c = s->cin, from = product(s->in) * c, windows = product(s->out);
#pragma omp parallel for schedule(static) if (s->n * windows * c > 65536)
    for (size_t r = 0; r < s->n * windows; r++) {
        const float *image = x + r / windows * from;
        float *top = y + r * c;
        Window w = window_of(s, r % windows);
        for (size_t i = 0; i < c; i++) top[i] = -INFINITY;
        EACH_PIXEL(s, w, p) {
            const float *v = image + p * c;
            for (size_t i = 0; i < c; i++) top[i] = top[i] < v[i] ? v[i] : top[i];
        }
    }
}

enum { BLOCK = 64 }; /* channels at a time */

/* share[i] is 1 / the number of pixels of the window that are equal to top[i]. */
static void shares(const ConvFull *s, const Window *w, const float *image, const float *top,
                   size_t channels, float *share) {
    for (size_t i = 0; i < channels; i++) share[i] = 0;
    EACH_PIXEL(s, *w, p) {
        const float *v = image + p * s->cin;
        for (size_t i = 0; i < channels; i++) share[i] += v[i] == top[i] ? 1.0F : 0.0F;
    }
    for (size_t i = 0; i < channels; i++) share[i] = 1 / share[i];
}

/* Windows overlap: a sample is one thread's. */
void pool_spread(const ConvShape *shape, const float *x, const float *y, const float *dy,
                 float *dx) {
    const ConvFull full = conv_full(shape), *s = &full;
    size_t c = s->cin, from = product(s->in) * c, windows = product(s->out);
#pragma omp parallel for schedule(static)
    for (size_t n = 0; n < s->n; n++) {
        memset(dx + n * from, 0, from * sizeof *dx);
        for (size_t r = n * windows; r < (n + 1) * windows; r++) {
            Window w = window_of(s, r % windows);
            for (size_t c0 = 0; c0 < c; c0 += BLOCK) {
                size_t m = c - c0 < BLOCK ? c - c0 : BLOCK;
                const float *image = x + n * from + c0, *top = y + r * c + c0, *d = dy + r * c + c0;
                float share[BLOCK], *to = dx + n * from + c0;
                shares(s, &w, image, top, m, share);
                EACH_PIXEL(s, w, p)
                for (size_t i = 0; i < m; i++)
                    to[p * c + i] += image[p * c + i] == top[i] ? d[i] * share[i] : 0.0F;
            }
        }
    }
}

void pool_pick(const ConvShape *shape, const float *x, const float *y, const float *t,
               float *mean) {
    const ConvFull full = conv_full(shape), *s = &full;
    size_t c = s->cin, from = product(s->in) * c, windows = product(s->out);
#pragma omp parallel for schedule(static) if (s->n * windows * c > 65536)
    for (size_t r = 0; r < s->n * windows; r++) {
        Window w = window_of(s, r % windows);
        size_t base = r / windows * from;
        for (size_t c0 = 0; c0 < c; c0 += BLOCK) {
            size_t m = c - c0 < BLOCK ? c - c0 : BLOCK;
            const float *image = x + base + c0, *top = y + r * c + c0, *v = t + base + c0;
            float share[BLOCK], *to = mean + r * c + c0;
            shares(s, &w, image, top, m, share);
            for (size_t i = 0; i < m; i++) to[i] = 0;
            EACH_PIXEL(s, w, p)
            for (size_t i = 0; i < m; i++)
                to[i] += image[p * c + i] == top[i] ? v[p * c + i] * share[i] : 0.0F;
        }
    }
}
