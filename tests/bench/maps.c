/* Times operations on maps for tests/bench/compare_maps: reads lines
 *
 *   warp forward|backward N H W C
 *   nearest|bilinear forward|backward N H W C HEIGHT WIDTH
 *   conv forward|backward N H W C KERNEL STRIDE DILATION GROUPS
 *
 * and prints for each the seconds of the processor that one run took, of data that are the same as
 * long as the line has the same numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tensor/conv/conv.h"
#include "tensor/cpu.h"
#include "tensor/resample.h"
#include "tensor/warping.h"

enum { SIZES = 8 };

typedef struct {
    char kind[16];
    size_t size[SIZES];
    Arena *arena;
    float *x, *flow, *y, *dx, *dflow; /* flow: or the weight */
    const ResamplePlan *forward, *backward;
    const ConvPlan *conv[3];
    void *scratch, *conv_scratch[3];
} Work;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Uniform numbers within -range to range. */
static float *values(Arena *arena, size_t n, double range) {
    unsigned state = 1;
    float *v = arena_alloc(arena, n * sizeof *v);
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525U + 1013904223U;
        v[i] = (float)(range * ((double)(state >> 8) / (1 << 23) - 1));
    }
    return v;
}

/* From as many channels to as many, half the kernel in front. */
static void prepare_conv(Work *w) {
    const size_t *s = w->size;
    ConvShape c = {.dims = 2, .n = s[0], .cin = s[3], .cout = s[3], .groups = s[7]};
    for (int d = 0; d < 2; d++) {
        c.in[d] = s[1 + d], c.out[d] = (s[1 + d] + s[5] - 1) / s[5];
        c.kernel[d] = s[4], c.stride[d] = s[5], c.dilation[d] = s[6];
        c.pad[d] = s[6] * (s[4] - 1) / 2;
    }
    size_t in = c.n * c.in[0] * c.in[1] * s[3], out = c.n * c.out[0] * c.out[1] * s[3];
    size_t weights = s[4] * s[4] * s[3] / s[7] * s[3];
    w->x = values(w->arena, in, 1), w->dx = values(w->arena, in, 1);
    w->y = values(w->arena, out, 1);
    w->flow = values(w->arena, weights, 1), w->dflow = values(w->arena, weights, 1);
    for (int k = 0; k < 3; k++) {
        w->conv[k] = conv_plan(w->arena, &c, (ConvKind)k, CONV_FASTEST);
        w->conv_scratch[k] = arena_alloc(w->arena, conv_scratch(w->conv[k]) + 64);
        w->conv_scratch[k] = (void *)(((uintptr_t)w->conv_scratch[k] + 63) / 64 * 64);
    }
}

static void prepare(Work *w) {
    const size_t *s = w->size;
    bool warp = !strcmp(w->kind, "warp");
    size_t in = s[0] * s[1] * s[2] * s[3], out = warp ? in : s[0] * s[4] * s[5] * s[3];
    if (w->arena) arena_free(w->arena);
    w->arena = arena_new(NULL);
    if (!strcmp(w->kind, "conv")) {
        prepare_conv(w);
        return;
    }
    w->x = values(w->arena, in, 1), w->dx = values(w->arena, in, 1);
    w->y = values(w->arena, out, 1);
    if (warp) {
        size_t pixels = s[0] * s[1] * s[2] * 2;
        w->flow = values(w->arena, pixels, 4), w->dflow = values(w->arena, pixels, 1);
        return;
    }
    ResampleRule rule = strcmp(w->kind, "nearest") ? RESAMPLE_LINEAR : RESAMPLE_NEAREST;
    Resampling r = {.count = 2, .along = {{rule, s[1], s[4], 0}, {rule, s[2], s[5], 0}}};
    w->forward = resample_plan(w->arena, &r, s[0], s[3]);
    r.adjoint = true;
    w->backward = resample_plan(w->arena, &r, s[0], s[3]);
    size_t bytes = resample_scratch(w->forward), back = resample_scratch(w->backward);
    w->scratch = arena_alloc(w->arena, (bytes > back ? bytes : back) + 1);
}

static void run(const Work *w, bool back) {
    WarpShape s = {w->size[0], w->size[1], w->size[2], w->size[3], false};
    if (!strcmp(w->kind, "conv")) {
        if (!back) conv_run(w->conv[CONV_FORWARD], w->x, w->flow, w->y, w->conv_scratch[0]);
        if (back) conv_run(w->conv[CONV_DATA], w->y, w->flow, w->dx, w->conv_scratch[1]);
        if (back) conv_run(w->conv[CONV_WEIGHT], w->x, w->y, w->dflow, w->conv_scratch[2]);
    } else if (strcmp(w->kind, "warp")) {
        if (back)
            resample_run(w->backward, w->y, w->dx, w->scratch);
        else
            resample_run(w->forward, w->x, w->y, w->scratch);
    } else if (back) {
        warp_spread(&s, 0, w->flow, w->y, w->dx);
        warp_slopes(&s, w->x, w->flow, w->y, w->dflow);
    } else {
        warp_sample(&s, 0, w->x, w->flow, w->y);
    }
}

int main(void) {
    char line[200];
    Work w = {.arena = NULL};
    cpu_start(0);
    while (fgets(line, sizeof line, stdin)) {
        char kind[16], direction[16];
        size_t s[SIZES] = {0};
        if (sscanf(line, "%15s %15s %zu %zu %zu %zu %zu %zu %zu %zu", kind, direction, &s[0], &s[1],
                   &s[2], &s[3], &s[4], &s[5], &s[6], &s[7]) < 6)
            return 1;
        if (!w.arena || strcmp(kind, w.kind) || memcmp(s, w.size, sizeof s)) {
            memcpy(w.kind, kind, sizeof kind), memcpy(w.size, s, sizeof s);
            prepare(&w);
        }
        double start = now();
        run(&w, !strcmp(direction, "backward"));
        printf("%.9f\n", now() - start);
        fflush(stdout);
    }
    return 0;
}
