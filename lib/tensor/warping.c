/* Warping line by line of pixels; what is spread is one thread's for each sample and some of its
 * channels. */
#include "tensor/warping.h"

#include <string.h>

#include "tensor/cpu.h"

static WarpSample *const sample_kernels[ISA_COUNT] = EACH_ISA(warp_sample_);
static WarpSpread *const spread_kernels[ISA_COUNT] = EACH_ISA(warp_spread_);
static WarpSlopes *const slopes_kernels[ISA_COUNT] = EACH_ISA(warp_slopes_);

static WarpLine line_of(const WarpShape *s, unsigned slope, const float *flow, size_t line) {
    return (WarpLine){s, slope, line % s->h, 0, s->c, flow + line * s->w * 2};
}

void warp_sample(const WarpShape *s, unsigned slope, const float *x, const float *flow, float *y) {
    size_t row = s->w * s->c;
#pragma omp parallel for schedule(static) if (s->n * s->h * row > 16384)
    for (size_t r = 0; r < s->n * s->h; r++) {
        WarpLine l = line_of(s, slope, flow, r);
        sample_kernels[cpu_isa()](&l, x + r / s->h * s->h * row, y + r * row);
    }
}

void warp_slopes(const WarpShape *s, const float *x, const float *flow, const float *dy,
                 float *dflow) {
    size_t row = s->w * s->c;
#pragma omp parallel for schedule(static) if (s->n * s->h * row > 16384)
    for (size_t r = 0; r < s->n * s->h; r++) {
        WarpLine l = line_of(s, 0, flow, r);
        slopes_kernels[cpu_isa()](&l, x + r / s->h * s->h * row, dy + r * row,
                                  dflow + r * s->w * 2);
    }
}

void warp_spread(const WarpShape *s, unsigned slope, const float *flow, const float *dy,
                 float *dx) {
    enum { CHANNELS = 64 };
    size_t row = s->w * s->c, blocks = (s->c + CHANNELS - 1) / CHANNELS;
#pragma omp parallel if (s->n * s->h * row > 16384)
    {
#pragma omp for schedule(static)
        for (size_t n = 0; n < s->n; n++) memset(dx + n * s->h * row, 0, s->h * row * sizeof *dx);
#pragma omp for schedule(static)
        for (size_t t = 0; t < s->n * blocks; t++) {
            size_t first = t / blocks * s->h, from = t % blocks * CHANNELS, to = from + CHANNELS;
            for (size_t r = first; r < first + s->h; r++) {
                WarpLine l = line_of(s, slope, flow, r);
                l.from = from, l.to = to < s->c ? to : s->c;
                spread_kernels[cpu_isa()](&l, dy + r * row, dx + first * row);
            }
        }
    }
}
