/* Groups of channels by convolutions of all channels: as many groups at a time as fill a vector, or
 * one that does. What that costs besides, a copy of the maps, is little beside the products. */
#include "tensor/conv/conv_groups.h"

#include <string.h>

#include "tensor/conv/conv_patches.h"

enum { CHANNELS = 16, ALIGNED = 16 };

/* Some groups side by side. */
typedef struct {
    size_t groups; /* 0: none */
    const ConvPlan *plan;
} Block;

struct ConvGroups {
    ConvKind kind;
    size_t groups, in, out; /* channels of a group */
    size_t taps, x_pixels, y_pixels;
    Block block[2]; /* again and again; and what remains */
    size_t x_floats, y_floats, w_floats;
};

static size_t rounded(size_t floats) { return (floats + ALIGNED - 1) / ALIGNED * ALIGNED; }

static Block block_of(Arena *arena, const ConvShape *s, ConvKind kind, ConvAlgorithm wish,
                      size_t groups) {
    ConvShape part = *s;
    part.cin = s->cin / s->groups * groups, part.cout = s->cout / s->groups * groups;
    part.groups = 1;
    return (Block){groups, groups ? conv_plan(arena, &part, kind, wish) : NULL};
}

const ConvGroups *conv_groups_plan(Arena *arena, const ConvShape *s, ConvKind kind,
                                   ConvAlgorithm wish) {
    ConvGroups *p = arena_alloc(arena, sizeof *p);
    const ConvFull f = conv_full(s);
    *p = (ConvGroups){.kind = kind, .groups = s->groups, .taps = f.taps};
    p->in = s->cin / s->groups, p->out = s->cout / s->groups;
    p->x_pixels = f.n * f.in[0] * f.in[1] * f.in[2];
    p->y_pixels = f.n * f.out[0] * f.out[1] * f.out[2];
    size_t few = p->in < p->out ? p->in : p->out;
    size_t most = few ? (CHANNELS + few - 1) / few : 1;
    if (most > s->groups) most = s->groups;
    p->block[0] = block_of(arena, s, kind, wish, most);
    p->block[1] = block_of(arena, s, kind, wish, s->groups % most);
    p->x_floats = rounded(p->x_pixels * most * p->in);
    p->y_floats = rounded(p->y_pixels * most * p->out);
    p->w_floats = rounded(p->taps * most * p->in * most * p->out);
    return p;
}

ConvAlgorithm conv_groups_algorithm(const ConvGroups *p) {
    return conv_algorithm(p->block[0].plan);
}

size_t conv_groups_scratch(const ConvGroups *p) {
    size_t most = 0;
    for (int i = 0; i < 2; i++) {
        size_t bytes = p->block[i].groups ? conv_scratch(p->block[i].plan) : 0;
        if (bytes > most) most = bytes;
    }
    return (p->x_floats + p->y_floats + p->w_floats) * sizeof(float) + most;
}

/* `count` values from and to each of many rows. */
static void copy_rows(size_t rows, size_t count, const float *from, size_t from_step, float *to,
                      size_t to_step) {
#pragma omp parallel for schedule(static) if (rows * count > 65536)
    for (size_t i = 0; i < rows; i++)
        memcpy(to + i * to_step, from + i * from_step, count * sizeof *to);
}

/* The weight [taps, in, all out] of groups [first, first + groups) into a block's [taps, all its
 * in, all its out], with zeros besides. */
static void put_weight(const ConvGroups *p, size_t first, size_t groups, const float *w,
                       float *block) {
    size_t all = p->groups * p->out, wide = groups * p->out;
    memset(block, 0, p->taps * groups * p->in * wide * sizeof *block);
    for (size_t g = 0; g < groups; g++)
        for (size_t t = 0; t < p->taps; t++)
            copy_rows(p->in, p->out, w + t * p->in * all + (first + g) * p->out, all,
                      block + (t * groups + g) * p->in * wide + g * p->out, wide);
}

/* The same way back. */
static void take_weight(const ConvGroups *p, size_t first, size_t groups, const float *block,
                        float *w) {
    size_t all = p->groups * p->out, wide = groups * p->out;
    for (size_t g = 0; g < groups; g++)
        for (size_t t = 0; t < p->taps; t++)
            copy_rows(p->in, p->out, block + (t * groups + g) * p->in * wide + g * p->out, wide,
                      w + t * p->in * all + (first + g) * p->out, all);
}

/* Groups [first, first + those of the block). */
static void run_block(const ConvGroups *p, const Block *block, size_t first, const float *a,
                      const float *b, float *out, float *room) {
    size_t in = block->groups * p->in, co = block->groups * p->out;
    float *x = room, *y = x + p->x_floats, *w = y + p->y_floats, *rest = w + p->w_floats;
    size_t all_in = p->groups * p->in, all_out = p->groups * p->out;
    bool data = p->kind == CONV_DATA, weight = p->kind == CONV_WEIGHT;
    if (!data) copy_rows(p->x_pixels, in, a + first * p->in, all_in, x, in);
    if (data || weight) copy_rows(p->y_pixels, co, (data ? a : b) + first * p->out, all_out, y, co);
    if (!weight) put_weight(p, first, block->groups, b, w);
    conv_run(block->plan, data ? y : x, weight ? y : w, weight ? w : data ? x : y, rest);
    if (weight)
        take_weight(p, first, block->groups, w, out);
    else if (data)
        copy_rows(p->x_pixels, in, x, in, out + first * p->in, all_in);
    else
        copy_rows(p->y_pixels, co, y, co, out + first * p->out, all_out);
}

void conv_groups_run(const ConvGroups *p, const float *a, const float *b, float *out,
                     void *scratch) {
    size_t first = 0;
    while (p->groups - first >= p->block[0].groups) {
        run_block(p, &p->block[0], first, a, b, out, scratch);
        first += p->block[0].groups;
    }
    if (p->block[1].groups) run_block(p, &p->block[1], first, a, b, out, scratch);
}
