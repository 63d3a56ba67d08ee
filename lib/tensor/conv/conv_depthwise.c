/* Convolutions in which each channel is a group. */
#include <omp.h>
#include <string.h>

#include "tensor/conv/conv_depthwise.h"
#include "tensor/conv/conv_patches.h"
#include "tensor/cpu.h"
#include "tensor/lane.h"

struct Depthwise {
    ConvFull f;
    ConvKind kind;
    size_t c, from[3], to[3]; /* extents of what is read and of the result; weight: of x and dy */
    ptrdiff_t *pixel[3];      /* of result o at tap t what is read, by o*kernel + t; -1: nothing */
    size_t parts, lines;      /* weight: the sum over lines of dy is cut into parts */
};

static DepthwisePoint *const point_kernels[ISA_COUNT] = EACH_ISA(depthwise_point_);
static DepthwiseSum *const sum_kernels[ISA_COUNT] = EACH_ISA(depthwise_sum_);

bool conv_is_depthwise(const ConvShape *s) { return s->groups == s->cin && s->cin == s->cout; }

/* The input of output o at tap t in dimension d, or the output of input o. */
static ptrdiff_t pixel_of(const ConvFull *f, int d, bool data, size_t o, size_t t) {
    size_t tap = t * f->dilation[d], s = f->stride[d], i;
    if (data) {
        i = o + f->pad[d] - tap;
        return o + f->pad[d] >= tap && i % s == 0 && i / s < f->out[d] ? (ptrdiff_t)(i / s) : -1;
    }
    i = o * s + tap - f->pad[d];
    return o * s + tap >= f->pad[d] && i < f->in[d] ? (ptrdiff_t)i : -1;
}

const Depthwise *conv_depthwise_plan(Arena *arena, const ConvShape *s, ConvKind kind) {
    enum { PARTS = 24 };
    Depthwise *p = arena_alloc(arena, sizeof *p);
    *p = (Depthwise){.f = conv_full(s), .kind = kind, .c = s->cin};
    bool data = kind == CONV_DATA;
    for (int d = 0; d < 3; d++) {
        size_t k = p->f.kernel[d];
        p->from[d] = data ? p->f.out[d] : p->f.in[d];
        p->to[d] = data ? p->f.in[d] : p->f.out[d];
        p->pixel[d] = arena_new_array(arena, ptrdiff_t, p->to[d] * k);
        for (size_t i = 0; i < p->to[d] * k; i++)
            p->pixel[d][i] = pixel_of(&p->f, d, data, i / k, i % k);
    }
    p->lines = p->f.n * p->to[0] * p->to[1];
    p->parts = p->lines < PARTS ? p->lines : PARTS;
    return p;
}

size_t conv_depthwise_scratch(const Depthwise *p) {
    return p->kind == CONV_WEIGHT ? p->parts * p->f.taps * p->c * sizeof(float) : 0;
}

/* For the taps t0, t1 at which line r of the result meets one of what is read: row, its number. */
#define EACH_LINE(p, r, t0, t1, row)                     \
    for (size_t t0 = 0; t0 < (p)->f.kernel[0]; t0++)     \
        for (size_t t1 = 0; t1 < (p)->f.kernel[1]; t1++) \
            for (ptrdiff_t row = line_read(p, r, t0, t1); row >= 0; row = -1)

/* The line, numbered through all samples; -1: none. */
static ptrdiff_t line_read(const Depthwise *p, size_t r, size_t t0, size_t t1) {
    size_t o1 = r % p->to[1], o0 = r / p->to[1] % p->to[0], n = r / p->to[1] / p->to[0];
    ptrdiff_t i0 = p->pixel[0][o0 * p->f.kernel[0] + t0];
    ptrdiff_t i1 = p->pixel[1][o1 * p->f.kernel[1] + t1];
    if (i0 < 0 || i1 < 0) return -1;
    return ((ptrdiff_t)(n * p->from[0]) + i0) * (ptrdiff_t)p->from[1] + i1;
}

/* Line r of the result of a map and the weight. */
static void apply_line(const Depthwise *p, size_t r, const float *map, const float *w, float *out) {
    enum { AT_ONCE = 64 };
    DepthwisePoint *kernel = point_kernels[cpu_isa()];
    const size_t *k = p->f.kernel;
    for (size_t o = 0; o < p->to[2]; o++) {
        const float *weight[AT_ONCE], *from[AT_ONCE];
        float *to = out + (r * p->to[2] + o) * p->c;
        size_t n = 0;
        bool add = false;
        EACH_LINE(p, r, t0, t1, row)
        for (size_t t2 = 0; t2 < k[2]; t2++) {
            ptrdiff_t i = p->pixel[2][o * k[2] + t2];
            if (i < 0) continue;
            from[n] = map + ((size_t)row * p->from[2] + (size_t)i) * p->c;
            weight[n++] = w + ((t0 * k[1] + t1) * k[2] + t2) * p->c;
            if (n < AT_ONCE) continue;
            kernel(n, weight, from, to, p->c, add);
            n = 0, add = true;
        }
        if (n || !add) kernel(n, weight, from, to, p->c, add);
    }
}

/* Adds what line r of dy gives to the weight. */
static void weigh_line(const Depthwise *p, size_t r, const float *x, const float *dy, float *dw) {
    const size_t *k = p->f.kernel;
    EACH_LINE(p, r, t0, t1, row)
    for (size_t t2 = 0; t2 < k[2]; t2++) {
        size_t low = 0, high = p->to[2];
        while (low < high && p->pixel[2][low * k[2] + t2] < 0) low++;
        while (high > low && p->pixel[2][(high - 1) * k[2] + t2] < 0) high--;
        if (low == high) continue;
        size_t i = (size_t)p->pixel[2][low * k[2] + t2];
        const float *from = x + ((size_t)row * p->from[2] + i) * p->c;
        const float *by = dy + (r * p->to[2] + low) * p->c;
        sum_kernels[cpu_isa()](high - low, from, p->f.stride[2] * p->c, by, p->c,
                               dw + ((t0 * k[1] + t1) * k[2] + t2) * p->c, p->c);
    }
}

static void weigh(const Depthwise *p, const float *x, const float *dy, float *dw, float *parts) {
    size_t size = p->f.taps * p->c;
    memset(dw, 0, size * sizeof *dw);
    if (!p->lines) return;
    bool large = (double)size * (double)(p->lines * p->to[2]) > PARALLEL_MIN;
#pragma omp parallel num_threads(lanes_count()) if (large)
    {
#pragma omp for schedule(static)
        for (size_t i = 0; i < p->parts; i++) {
            memset(parts + i * size, 0, size * sizeof *parts);
            for (size_t r = p->lines * i / p->parts; r < p->lines * (i + 1) / p->parts; r++)
                weigh_line(p, r, x, dy, parts + i * size);
        }
#pragma omp for schedule(static)
        for (size_t i = 0; i < size; i += ADD_CHUNK)
            lane_add_parts(dw, parts, p->parts, size, i, least(ADD_CHUNK, size - i));
    }
}

void conv_depthwise_run(const Depthwise *p, const float *a, const float *b, float *out,
                        void *scratch) {
    if (p->kind == CONV_WEIGHT) {
        weigh(p, a, b, out, scratch);
        return;
    }
    bool large = (double)p->f.taps * (double)(p->lines * p->to[2] * p->c) > PARALLEL_MIN;
#pragma omp parallel for schedule(static) num_threads(lanes_count()) if (large)
    for (size_t r = 0; r < p->lines; r++) apply_line(p, r, a, b, out);
}
