/* Pairs of results by three convolutions of half the kernel's length. Samples go through in blocks,
 * whose copies stay small. */
#include "tensor/conv/conv_pairs.h"

#include <string.h>

#include "tensor/lane.h"

enum {
    PRODUCTS = 3,
    ALIGNED = 16,
    BLOCK_FLOATS = 8 << 20, /* of copied maps, but for a single sample of more */
    COPY_COST = 3,          /* of a value of x or y, for all its copies, in units of wino_cost() */
};

/* Some samples. */
typedef struct {
    size_t samples; /* 0: none */
    const ConvPlan *plan;
} Block;

struct ConvPairs {
    ConvKind kind;
    size_t n, in, out, pairs, pad; /* slices of a sample, pairs of results */
    size_t x_slice, y_slice;       /* floats of a slice */
    size_t half;                   /* floats of half the kernel */
    Block block[2];                /* again and again; and what remains */
    size_t x_floats, y_floats;
};

/* ---- the plan ---- */

static bool shape_suits(const ConvShape *s) {
    if (s->dims != 3 || s->kernel[0] != 4 || s->stride[0] != 2 || s->dilation[0] > 1) return false;
    return s->n && s->in[0] && s->out[0] > 1;
}

static Block block_of(Arena *arena, const ConvShape *s, ConvKind kind, size_t samples) {
    ConvShape half = *s;
    half.n = samples * blocks_of(s->out[0], 2);
    half.in[0] = half.kernel[0] = half.stride[0] = 2, half.out[0] = 1, half.pad[0] = 0;
    return (Block){samples, samples ? conv_plan(arena, &half, kind, CONV_WINOGRAD) : NULL};
}

const ConvPairs *conv_pairs_plan(Arena *arena, const ConvShape *s, ConvKind kind) {
    if (!shape_suits(s)) return NULL;
    ConvPairs *p = arena_alloc(arena, sizeof *p);
    *p = (ConvPairs){.kind = kind, .n = s->n, .in = s->in[0], .out = s->out[0], .pad = s->pad[0]};
    p->pairs = blocks_of(p->out, 2);
    p->x_slice = s->in[1] * s->in[2] * s->cin, p->y_slice = s->out[1] * s->out[2] * s->cout;
    p->half = 2 * s->kernel[1] * s->kernel[2] * s->cin * s->cout;
    size_t most = BLOCK_FLOATS / (p->pairs * (2 * p->x_slice + p->y_slice));
    size_t samples = blocks_of(s->n, blocks_of(s->n, most ? most : 1));
    p->block[0] = block_of(arena, s, kind, samples);
    p->block[1] = block_of(arena, s, kind, s->n % samples);
    if (conv_algorithm(p->block[0].plan) != CONV_WINOGRAD) return NULL;
    p->x_floats = round_up(samples * p->pairs * 2 * p->x_slice, ALIGNED);
    p->y_floats = round_up(samples * p->pairs * p->y_slice, ALIGNED);
    return p;
}

double conv_pairs_cost(const ConvPairs *p) {
    double copies = (double)p->in * (double)p->x_slice + (double)p->out * (double)p->y_slice;
    double blocks = (double)p->n / (double)p->block[0].samples;
    return PRODUCTS * blocks * conv_cost(p->block[0].plan) + COPY_COST * (double)p->n * copies;
}

size_t conv_pairs_scratch(const ConvPairs *p) {
    size_t most = 0;
    for (int i = 0; i < 2; i++) {
        size_t bytes = p->block[i].samples ? conv_scratch(p->block[i].plan) : 0;
        if (bytes > most) most = bytes;
    }
    return (p->x_floats + p->y_floats + round_up(p->half, ALIGNED)) * sizeof(float) + most;
}

/* ---- copies ---- */

/* to = or += sign * from */
static void put(float *to, const float *from, size_t n, bool add, float sign) {
    if (!add)
        for (size_t i = 0; i < n; i++) to[i] = sign * from[i];
    else
        for (size_t i = 0; i < n; i++) to[i] += sign * from[i];
}

/* The slice of d that stands at place `g` of a pair, 0 to 2, of a residue, in a sample; -1:
 * padding. */
static ptrdiff_t slice_of(const ConvPairs *p, size_t pair, size_t g, size_t residue) {
    size_t z = 2 * (2 * pair + g) + residue - p->pad; /* wraps below the first */
    return z < p->in ? (ptrdiff_t)(z * p->x_slice) : -1;
}

/* Floats of a slice that a turn of a parallel loop takes. */
enum { PART = 4096 };

/* What product m multiplies of `samples`: [sample, pair, residue, ...]. */
static void take_maps(const ConvPairs *p, size_t m, size_t samples, const float *x, float *to) {
    size_t rows = samples * p->pairs * 2, parts = blocks_of(p->x_slice, PART);
#pragma omp parallel for schedule(static) if (rows * p->x_slice > PARALLEL_MIN)
    for (size_t i = 0; i < rows * parts; i++) {
        size_t row = i / parts, at = i % parts * PART, n = least(PART, p->x_slice - at);
        const float *sample = x + row / 2 / p->pairs * p->in * p->x_slice + at;
        float *out = to + row * p->x_slice + at;
        ptrdiff_t d = slice_of(p, row / 2 % p->pairs, m, row % 2);
        ptrdiff_t middle = m == 1 ? -1 : slice_of(p, row / 2 % p->pairs, 1, row % 2);
        if (d >= 0)
            memcpy(out, sample + d, n * sizeof *out);
        else
            memset(out, 0, n * sizeof *out);
        if (middle >= 0) put(out, sample + middle, n, true, -1);
    }
}

/* The adjoint: adds to dx. A slice that two pairs share is written by one thread, since a turn of
 * the loop is a part of all slices of a sample. */
static void give_maps(const ConvPairs *p, size_t m, size_t samples, const float *from, float *dx) {
    size_t parts = blocks_of(p->x_slice, PART);
#pragma omp parallel for schedule(static) if (samples * p->pairs * p->x_slice > PARALLEL_MIN)
    for (size_t i = 0; i < samples * parts; i++) {
        size_t sample = i / parts, at = i % parts * PART, n = least(PART, p->x_slice - at);
        float *x = dx + sample * p->in * p->x_slice + at;
        for (size_t row = 0; row < 2 * p->pairs; row++) {
            const float *d = from + (sample * 2 * p->pairs + row) * p->x_slice + at;
            ptrdiff_t to = slice_of(p, row / 2, m, row % 2);
            ptrdiff_t middle = m == 1 ? -1 : slice_of(p, row / 2, 1, row % 2);
            if (to >= 0) put(x + to, d, n, true, 1);
            if (middle >= 0) put(x + middle, d, n, true, -1);
        }
    }
}

/* The result of a pair, 0 or 1, that product m is part of, from `which` on; 2: no more. */
static size_t result_of(size_t m, size_t which) {
    return m == 1 ? which : m == 0 ? 2 * which : 1 + which;
}

/* The sum of the results that product m is part of, [sample, pair, ...]. */
static void take_results(const ConvPairs *p, size_t m, size_t samples, const float *dy, float *to) {
    size_t rows = samples * p->pairs;
#pragma omp parallel for schedule(static) if (rows * p->y_slice > PARALLEL_MIN)
    for (size_t row = 0; row < rows; row++) {
        bool add = false;
        const float *sample = dy + row / p->pairs * p->out * p->y_slice;
        for (size_t w = 0; w < 2 && result_of(m, w) < 2; w++) {
            size_t o = row % p->pairs * 2 + result_of(m, w);
            if (o >= p->out) break;
            put(to + row * p->y_slice, sample + o * p->y_slice, p->y_slice, add, 1);
            add = true;
        }
        if (!add) memset(to + row * p->y_slice, 0, p->y_slice * sizeof *to);
    }
}

/* Its adjoint: product 1, which comes first, is written, the others are added. */
static void give_results(const ConvPairs *p, size_t m, size_t samples, const float *from,
                         float *y) {
    size_t rows = samples * p->pairs;
#pragma omp parallel for schedule(static) if (rows * p->y_slice > PARALLEL_MIN)
    for (size_t row = 0; row < rows; row++) {
        float *sample = y + row / p->pairs * p->out * p->y_slice;
        for (size_t w = 0; w < 2 && result_of(m, w) < 2; w++) {
            size_t o = row % p->pairs * 2 + result_of(m, w);
            if (o < p->out)
                put(sample + o * p->y_slice, from + row * p->y_slice, p->y_slice, m != 1, 1);
        }
    }
}

/* ---- the three kinds ---- */

/* Product 1 first: it is part of all results. */
static const size_t order[PRODUCTS] = {1, 0, 2};

/* The kernel of product m: half of w, or the sum of both halves. */
static const float *kernel_of(const ConvPairs *p, size_t m, const float *w, float *room) {
    if (m != 1) return w + m / 2 * p->half;
#pragma omp parallel for schedule(static) if (p->half > PARALLEL_MIN)
    for (size_t i = 0; i < p->half; i++) room[i] = w[i] + w[p->half + i];
    return room;
}

/* The adjoint; the first block writes each half by the first product it is part of. */
static void give_kernel(const ConvPairs *p, size_t m, const float *from, bool add, float *dw) {
    for (size_t h = 0; h < 2; h++) {
        if (m == 2 - 2 * h) continue;
        float *to = dw + h * p->half;
        bool more = add || m != 1;
#pragma omp parallel for schedule(static) if (p->half > PARALLEL_MIN)
        for (size_t i = 0; i < p->half; i += PART)
            put(to + i, from + i, least(PART, p->half - i), more, 1);
    }
}

static void run_block(const ConvPairs *p, const Block *b, bool first, const float *a,
                      const float *other, float *out, float *room) {
    float *x = room, *y = x + p->x_floats, *w = y + p->y_floats;
    float *rest = w + round_up(p->half, ALIGNED);
    if (p->kind == CONV_DATA) memset(out, 0, b->samples * p->in * p->x_slice * sizeof *out);
    for (size_t i = 0; i < PRODUCTS; i++) {
        size_t m = order[i];
        if (p->kind == CONV_FORWARD) {
            take_maps(p, m, b->samples, a, x);
            conv_run(b->plan, x, kernel_of(p, m, other, w), y, rest);
            give_results(p, m, b->samples, y, out);
        } else if (p->kind == CONV_DATA) {
            take_results(p, m, b->samples, a, y);
            conv_run(b->plan, y, kernel_of(p, m, other, w), x, rest);
            give_maps(p, m, b->samples, x, out);
        } else {
            take_maps(p, m, b->samples, a, x);
            take_results(p, m, b->samples, other, y);
            conv_run(b->plan, x, y, w, rest);
            give_kernel(p, m, w, !first, out);
        }
    }
}

void conv_pairs_run(const ConvPairs *p, const float *a, const float *b, float *out, void *scratch) {
    bool data = p->kind == CONV_DATA, weight = p->kind == CONV_WEIGHT;
    size_t x = p->in * p->x_slice, y = p->out * p->y_slice, step = p->block[0].samples;
    for (size_t i = 0; i < p->n; i += step) {
        const Block *block = &p->block[p->n - i < step];
        run_block(p, block, !i, a + i * (data ? y : x), weight ? b + i * y : b,
                  weight ? out : out + i * (data ? x : y), scratch);
    }
}
