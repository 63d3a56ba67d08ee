/* The weight gradient by Winograd: by the adjoint of the transforms that forward uses, a sum over
 * tiles of products of pixels and results in each point,
 *
 *   dg = G' [ sum (B' d B) * (A dy A') ] G
 *
 * A task takes some channels and some columns, and goes through all tiles or, where that gives too
 * few tasks, a part of them; the parts are added in order. */
#include <string.h>

#include "tensor/bypass.h"
#include "tensor/winograd/winograd.h"

typedef struct {
    float *pixels;  /* [point][tile][TILE_LD]: sources and their channels */
    float *results; /* [point][panel][tile][column of the panel], points WINO_APART */
    float *sums;    /* [point][source][channel][column], as well */
} WeightLane;

/* The channels and columns of a task. */
typedef struct {
    size_t k0, k, kc; /* kc: rounded up to WINO_CHUNK */
    size_t n0, n, width;
} Block;

static Block block_of(const Wino *j, size_t index) {
    Block b = {.k0 = index / j->groups % blocks_of(j->k, j->kc) * j->kc,
               .n0 = index % j->groups * j->nc};
    b.k = least(j->kc, j->k - b.k0), b.kc = round_up(b.k, WINO_CHUNK);
    b.n = least(j->nc, j->n - b.n0), b.width = round_up(b.n, j->micro->lanes);
    return b;
}

static void transform_pixels(const Wino *j, const Block *b, size_t t0, size_t tiles, float *to) {
    size_t place[WINO_POINTS];
    const float *pixel[WINO_POINTS];
    for (size_t s = 0; s < j->nsources; s++) {
        const WinoSide *source = &j->source[s];
        WinoInput *input = j->set->input[source->span[0]][source->span[1]];
        GridPoint tile = patches_point(j->grid, t0);
        for (size_t p = 0; p < WINO_POINTS; p++)
            place[p] = p * tiles * TILE_LD + wino_rank(j, s, p) * b->kc;
        for (size_t t = 0; t < tiles; t++, patches_next(j->grid, &tile)) {
            wino_pixels(j, source, &tile, b->k0, pixel);
            input(pixel, b->k, to + t * TILE_LD, place, WINO_CHUNK);
        }
    }
}

static void transform_results(const Wino *j, const Block *b, size_t t0, size_t tiles, float *to) {
    static const float zeros[WINO_KC];
    size_t wide = 2 * j->micro->lanes, place[WINO_POINTS];
    const float *pixel[WINO_OUT * WINO_OUT];
    ptrdiff_t at[WINO_OUT * WINO_OUT];
    WinoSpread *spread = j->set->spread[j->target->span[0]][j->target->span[1]];
    WinoKernel *kernel = j->set->kernel[SPAN_ALL][SPAN_ALL];
    GridPoint tile = patches_point(j->grid, t0);
    for (size_t p = 0; p < WINO_POINTS; p++) place[p] = p * (tiles * b->width + WINO_APART);
    for (size_t t = 0; t < tiles; t++, patches_next(j->grid, &tile)) {
        wino_places(j->target, j->out_ext, j->n, &tile, j->tile, b->n0, at);
        for (size_t i = 0; i < j->tile * j->tile; i++) pixel[i] = at[i] < 0 ? zeros : j->dy + at[i];
        for (size_t n = 0; j->taps == 3 && n < b->n; n += wide) {
            size_t panel = least(wide, b->width - n);
            spread(pixel, n, least(wide, b->n - n), to + n * tiles + t * panel, place);
        }
        for (size_t n = 0; j->taps == 4 && n < b->n; n += wide) {
            size_t panel = least(wide, b->width - n), lanes = j->micro->lanes;
            kernel(pixel, lanes, panel / lanes, to + n * tiles + t * panel, place, lanes);
            for (size_t i = 0; i < 9; i++) pixel[i] += panel;
        }
    }
}

static void multiply(const Wino *j, const Block *b, size_t tiles, const WeightLane *l, bool add) {
    size_t wide = 2 * j->micro->lanes, at[MICRO_ROWS];
    float *c = l->sums;
    for (size_t i = 0; i < MICRO_ROWS; i++) at[i] = i * b->width;
    for (size_t p = 0; p < WINO_POINTS; p++) {
        size_t m = j->depth[p] * b->kc;
        size_t rows = m ? blocks_of(m, blocks_of(m, j->micro->rows)) : 1;
        const float *pixels = l->pixels + p * tiles * TILE_LD;
        const float *results = l->results + p * (tiles * b->width + WINO_APART);
        for (size_t i = 0; i < m; i += rows)
            for (size_t n = 0; n < b->width; n += wide) {
                size_t panel = least(wide, b->width - n);
                j->micro->down[least(rows, m - i) - 1][panel / j->micro->lanes - 1](
                    tiles, pixels + i, results + n * tiles, c + i * b->width + n, at, panel, add);
            }
        c += m * b->width + WINO_APART;
    }
}

/* The taps of one source. */
static void finish_source(const Wino *j, const Block *b, size_t s, const float *sums, float *dw) {
    const WinoSide *source = &j->source[s];
    const ConvFull *f = &j->f;
    WinoGather *gather = j->set->gather[source->span[0]][source->span[1]];
    WinoOutput *output = j->set->output[SPAN_ALL][SPAN_ALL];
    size_t place[WINO_POINTS], point = 0;
    float *tap[WINO_OUT * WINO_OUT] = {0};
    for (size_t p = 0; p < WINO_POINTS; p++) {
        place[p] = (point + wino_rank(j, s, p) * b->kc) * b->width + p * WINO_APART;
        point += j->depth[p] * b->kc;
    }
    for (size_t k = 0; k < b->k; k++, sums += b->width) {
        for (size_t u = span_low(source->span[0]); u < taps_high(j, source->span[0]); u++)
            for (size_t v = span_low(source->span[1]); v < taps_high(j, source->span[1]); v++) {
                size_t t = (source->tap0 * f->kernel[1] + source->tap[0][u]) * f->kernel[2];
                t += source->tap[1][v];
                tap[j->taps * u + v] = dw + (t * j->k + b->k0 + k) * j->n;
            }
        if (j->taps == 3)
            gather(sums, place, b->n, tap, b->n0, j->past);
        else /* a single source: all points are equally far apart */
            output(sums, place[1], b->n, b->n0, tap, j->past);
    }
}

static void task(const Wino *j, size_t index, const WeightLane *l) {
    size_t blocks = j->groups * blocks_of(j->k, j->kc), part = index / blocks;
    Block b = block_of(j, index);
    size_t first = part * j->part_tiles, end = least(first + j->part_tiles, j->tiles);
    for (size_t t = first; t < end; t += j->tc) {
        size_t tiles = least(j->tc, end - t);
        transform_pixels(j, &b, t, tiles, l->pixels);
        transform_results(j, &b, t, tiles, l->results);
        multiply(j, &b, tiles, l, t > first);
    }
    float *to = j->parts > 1 ? j->kept + part * j->f.taps * j->k * j->n : j->out;
    for (size_t s = 0; s < j->nsources; s++) finish_source(j, &b, s, l->sums, to);
    bypass_end();
}

void wino_weight(const Wino *plan, const float *x, const float *dy, float *dw, void *scratch) {
    Wino own = *plan, *j = &own;
    size_t tasks = j->groups * blocks_of(j->k, j->kc) * j->parts, size = j->f.taps * j->k * j->n;
    j->image = x, j->dy = dy, j->out = dw;
    j->past = j->parts == 1 && j->n % WINO_CHUNK == 0 && bypass_pays(dw, size * sizeof *dw);
    j->lanes = scratch, j->kept = j->lanes + (size_t)lanes_count() * j->lane_floats;
#pragma omp parallel num_threads(lanes_count()) if (wino_macs(j) > PARALLEL_MIN)
    {
        WeightLane l = {.pixels = j->lanes + (size_t)omp_get_thread_num() * j->lane_floats};
        l.results = l.pixels + j->pixels_floats;
        l.sums = l.results + j->points_floats;
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < tasks; i++) task(j, i, &l);
        if (j->parts > 1) {
#pragma omp for schedule(static)
            for (size_t i = 0; i < size; i += ADD_CHUNK)
                lane_add_parts(dw, j->kept, j->parts, size, i, least(ADD_CHUNK, size - i));
        }
    }
}
