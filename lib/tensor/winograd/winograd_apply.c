/* Forward and data convolutions by Winograd. A task takes some tiles and some columns: it
 * transforms the tiles' pixels, a chunk of channels at a time, then for one group of columns after
 * the other the kernels, multiplies them in each point, and transforms the sums back. All this
 * stays near, and is done again where another task needs the same. */
#include <string.h>

#include "tensor/bypass.h"
#include "tensor/winograd/winograd.h"

/* ---- where things lie ---- */

typedef struct {
    float *pixels; /* [block of rows][point][source][chunk][row][WINO_CHUNK] */
    float *kernel; /* [point][panel][source][channel][column of the panel], points WINO_APART */
    float *points; /* [point][panel][tile][column of the panel] */
    float *stage;  /* the taps between a source and a target: [taps][kc][lanes] */
    float *sink;   /* for results outside; [nc] */
} WinoLane;

static WinoLane wino_lane(const Wino *j, float *at) {
    WinoLane l = {.pixels = at};
    l.kernel = l.pixels + j->pixels_floats;
    l.points = l.kernel + j->kernel_floats;
    l.stage = l.points + j->points_floats;
    l.sink = l.stage + j->taps * j->taps * j->kc * j->micro->lanes;
    return l;
}

/* A group of columns of a target, and a chunk of channels. */
typedef struct {
    const WinoSide *target;
    size_t n0, n, width; /* columns; width: rounded up to vectors */
    size_t k0, k, kc;    /* channels; kc: rounded up to WINO_CHUNK */
    size_t depth[WINO_POINTS];
    size_t depths;
} Part;

static Part part_of(const Wino *j, size_t group, size_t k0) {
    Part p = {.target = &j->target[group / j->groups]};
    p.n0 = group % j->groups * j->nc, p.n = least(j->nc, j->n - p.n0);
    p.width = round_up(p.n, j->micro->lanes);
    p.k0 = k0, p.k = least(j->kc, j->k - k0), p.kc = round_up(p.k, WINO_CHUNK);
    for (size_t i = 0; i < WINO_POINTS; i++) {
        p.depth[i] = wino_depth(j, p.target, i);
        p.depths += p.depth[i];
    }
    return p;
}

/* ---- pixels ---- */

/* Where the points of a source go in a block of so many rows. */
static void place_pixels(const Wino *j, size_t source, size_t rows, size_t kc,
                         size_t place[WINO_POINTS]) {
    size_t at = 0;
    for (size_t p = 0; p < WINO_POINTS; p++) {
        place[p] = (at + wino_rank(j, source, p)) * rows * kc;
        at += j->depth[p];
    }
}

/* 4x4 pixels of a tile to the points; a chunk that the channels don't fill is filled with zeros. */
static void spread_pixels(const Wino *j, const WinoSide *source, const GridPoint *tile, size_t k0,
                          size_t n, float *to, const size_t place[WINO_POINTS], size_t step) {
    static const float zeros[WINO_KC];
    WinoSpread *spread = j->set->spread[source->span[0]][source->span[1]];
    const float *pixel[WINO_OUT * WINO_OUT];
    ptrdiff_t at[WINO_OUT * WINO_OUT];
    wino_places(source, j->image_ext, j->k, tile, WINO_OUT, k0, at);
    for (size_t i = 0; i < WINO_OUT * WINO_OUT; i++)
        pixel[i] = at[i] < 0 ? zeros : j->image + at[i];
    for (size_t c = 0; c < n; c += WINO_CHUNK, to += step) {
        size_t some = least(WINO_CHUNK, n - c);
        for (size_t p = 0; some < WINO_CHUNK && p < WINO_POINTS; p++)
            if (side_has(source, p)) memset(to + place[p], 0, WINO_CHUNK * sizeof *to);
        spread(pixel, c, some, to, place);
    }
}

static void transform_pixels(const Wino *j, size_t t0, size_t tiles, size_t rows, size_t k0,
                             float *to) {
    size_t place[WINO_POINTS], n = least(j->kc, j->k - k0), kc = round_up(n, WINO_CHUNK);
    const float *pixel[WINO_POINTS];
    for (size_t i = 0; i < tiles; i += rows) {
        size_t m = least(rows, tiles - i);
        for (size_t s = 0; s < j->nsources; s++) {
            const WinoSide *source = &j->source[s];
            WinoInput *input = j->set->input[source->span[0]][source->span[1]];
            GridPoint tile = patches_point(j->grid, t0 + i);
            place_pixels(j, s, m, kc, place);
            float *at = to + i * j->depths * kc;
            for (size_t r = 0; r < m; r++, at += WINO_CHUNK, patches_next(j->grid, &tile)) {
                if (j->turned) {
                    spread_pixels(j, source, &tile, k0, n, at, place, m * WINO_CHUNK);
                    continue;
                }
                wino_pixels(j, source, &tile, k0, pixel);
                input(pixel, n, at, place, m * WINO_CHUNK);
            }
        }
    }
}

/* ---- kernels ---- */

/* The sides that say which taps there are between a source and a target, and the first tap. */
static const WinoSide *taps_of(const Wino *j, const Part *p, size_t source, size_t *tap0) {
    const WinoSide *s = &j->source[source], *t = p->target;
    bool data = j->kind == CONV_DATA;
    *tap0 = data ? t->tap0 - (source - t->source0) * j->f.stride[0] : s->tap0;
    return data ? t : s;
}

/* Tap a of dimension 1 and b of dimension 2, of all. */
static size_t tap_at(const Wino *j, const WinoSide *side, size_t tap0, size_t a, size_t b) {
    return (tap0 * j->f.kernel[1] + side->tap[0][a]) * j->f.kernel[2] + side->tap[1][b];
}

/* Where a part of a tap lies: rows of input channels, columns of output channels. */
static const float *tap_from(const Wino *j, size_t tap, size_t row, size_t column) {
    return j->w + (tap * j->f.cin + row) * j->f.cout + column;
}

/* Taps of a part that are to be fetched into the second-level cache, while products need no memory.
 * They lie in short pieces far apart, which would be waited for one by one. */
typedef struct {
    const float *tap[WINO_TAPS]; /* where the part begins in each */
    size_t taps, rows, width, ld;
    size_t share;   /* rows to fetch at a time */
    size_t at, row; /* the next one */
} Ahead;

static void ahead_start(const Wino *j, Part next, size_t times, Ahead *a) {
    const Part *p = &next;
    bool data = j->kind == CONV_DATA;
    size_t tap0;
    *a = (Ahead){.ld = j->f.cout};
    a->rows = data ? p->n : p->k, a->width = data ? p->k : p->n;
    for (size_t i = 0; i < p->target->sources; i++) {
        const WinoSide *side = taps_of(j, p, p->target->source0 + i, &tap0);
        for (size_t y = span_low(side->span[0]); y < taps_high(j, side->span[0]); y++)
            for (size_t x = span_low(side->span[1]); x < taps_high(j, side->span[1]); x++)
                a->tap[a->taps++] = tap_from(j, tap_at(j, side, tap0, y, x), data ? p->n0 : p->k0,
                                             data ? p->k0 : p->n0);
    }
    a->share = blocks_of(a->taps * a->rows, times);
}

static void ahead_fetch(Ahead *a) {
    for (size_t i = 0; i < a->share && a->at < a->taps; i++) {
        const float *row = a->tap[a->at] + a->row * a->ld;
        for (size_t c = 0; c < a->width; c += WINO_CHUNK) __builtin_prefetch(row + c, 0, 2);
        if (++a->row == a->rows) a->at++, a->row = 0;
    }
}

/* The taps between a source and a target, of `lanes` columns from n0 on: where they lie as they
 * are, else copied. Returns the distance of rows. */
static size_t find_taps(const Wino *j, const Part *p, size_t source, size_t n0, float *stage,
                        const float *tap[WINO_OUT * WINO_OUT]) {
    const ConvFull *f = &j->f;
    bool data = j->kind == CONV_DATA;
    size_t tap0, lanes = j->micro->lanes, n = least(lanes, p->n0 + p->n - n0);
    const WinoSide *side = taps_of(j, p, source, &tap0);
    bool copied = data || n < lanes;
    for (size_t a = span_low(side->span[0]); a < taps_high(j, side->span[0]); a++)
        for (size_t b = span_low(side->span[1]); b < taps_high(j, side->span[1]); b++) {
            size_t t = tap_at(j, side, tap0, a, b), place = j->taps * a + b;
            const float *from = tap_from(j, t, data ? n0 : p->k0, data ? p->k0 : n0);
            float *to = stage + place * p->k * lanes;
            tap[place] = copied ? to : from;
            if (data)
                pack_turned(from, f->cout, p->k, n, to, lanes);
            else if (copied)
                pack_panel(from, f->cout, p->k, n, to, lanes);
        }
    return copied ? lanes : f->cout;
}

/* Where the points of a source go, for the columns from n on, of a panel of some width. */
static void place_kernel(const Wino *j, const Part *p, size_t source, size_t n, size_t panel,
                         size_t place[WINO_POINTS]) {
    size_t wide = 2 * j->micro->lanes, at = 0;
    for (size_t i = 0; i < WINO_POINTS; i++) {
        place[i] = at * p->width + n / wide * wide * p->depth[i] * p->kc + i * WINO_APART;
        size_t rank = wino_rank(j, source, i) - wino_rank(j, p->target->source0, i);
        place[i] += rank * p->kc * panel + n % wide;
        at += p->depth[i] * p->kc;
    }
}

/* The rows of channels that aren't there. */
static void clear_rows(const Part *p, const WinoSide *side, size_t lanes, size_t panel,
                       const size_t place[WINO_POINTS], float *to) {
    for (size_t i = 0; i < WINO_POINTS; i++)
        for (size_t k = p->k; side_has(side, i) && k < p->kc; k++)
            memset(to + place[i] + k * panel, 0, lanes * sizeof *to);
}

static void transform_kernel(const Wino *j, const Part *p, float *stage, float *to) {
    size_t lanes = j->micro->lanes, wide = 2 * lanes, place[WINO_POINTS];
    const float *tap[WINO_OUT * WINO_OUT] = {0};
    for (size_t i = 0; i < p->target->sources; i++) {
        size_t s = p->target->source0 + i;
        const WinoSide *side = j->kind == CONV_DATA ? p->target : &j->source[s];
        for (size_t n = 0; n < p->width; n += lanes) {
            size_t panel = least(wide, p->width - n / wide * wide);
            place_kernel(j, p, s, n, panel, place);
            clear_rows(p, side, lanes, panel, place, to);
            size_t ld = find_taps(j, p, s, p->n0 + n, stage, tap);
            if (j->taps == 3)
                j->set->kernel[side->span[0]][side->span[1]](tap, ld, p->k, to, place, panel);
            else
                for (size_t k = 0; k < p->k; k++)
                    j->set->spread[SPAN_ALL][SPAN_ALL](tap, k * ld, lanes, to + k * panel, place);
        }
    }
}

/* ---- products ---- */

/* How many blocks are multiplied, at most. */
static size_t products(const Wino *j, const Part *p, size_t tiles, size_t rows) {
    return WINO_POINTS * blocks_of(tiles, rows) * blocks_of(p->width, 2 * j->micro->lanes);
}

static void multiply(const Wino *j, const Part *p, size_t tiles, size_t rows, const float *pixels,
                     const float *kernel, float *points, Ahead *ahead) {
    size_t wide = 2 * j->micro->lanes, before = 0, at[MICRO_ROWS];
    for (size_t i = 0; i < WINO_POINTS; before += j->depth[i++], points += tiles * p->width) {
        size_t k = p->depth[i] * p->kc, skip = wino_rank(j, p->target->source0, i);
        for (size_t r = 0; k && r < tiles; r += rows) {
            size_t m = least(rows, tiles - r);
            const float *a = pixels + (r * j->depths + (before + skip) * m) * p->kc;
            for (size_t n = 0; n < p->width; n += wide) {
                size_t panel = least(wide, p->width - n);
                for (size_t row = 0; row < m; row++) at[row] = row * panel;
                ahead_fetch(ahead);
                j->micro->packed[m - 1][panel / j->micro->lanes - 1](
                    k, a, kernel + n * k, points + n * tiles + r * panel, at, panel, p->k0 > 0);
            }
        }
        kernel += p->width * k + WINO_APART;
    }
}

/* ---- results ---- */

static void transform_results(const Wino *j, const Part *p, size_t t0, size_t tiles,
                              const float *points, float *sink) {
    GridPoint tile = patches_point(j->grid, t0);
    WinoOutput *output = j->set->output[p->target->span[0]][p->target->span[1]];
    WinoGather *gather = j->set->gather[SPAN_ALL][SPAN_ALL];
    size_t wide = 2 * j->micro->lanes, ld = tiles * p->width, place[WINO_POINTS];
    float *result[WINO_OUT * WINO_OUT];
    ptrdiff_t at[WINO_OUT * WINO_OUT];
    for (size_t i = 0; i < WINO_POINTS; i++) place[i] = i * ld;
    for (size_t t = 0; t < tiles; t++, patches_next(j->grid, &tile)) {
        wino_places(p->target, j->out_ext, j->n, &tile, j->tile, p->n0, at);
        for (size_t i = 0; i < j->tile * j->tile; i++)
            result[i] = at[i] < 0 ? sink : j->out + at[i];
        for (size_t n = 0; n < p->n; n += wide) {
            size_t panel = least(wide, p->width - n), some = least(wide, p->n - n);
            const float *from = points + n * tiles + t * panel;
            if (j->taps == 3)
                output(from, ld, some, n, result, j->past);
            else
                gather(from, place, some, result, n, j->past);
        }
    }
}

/* The first pixel of a target in dimension d. */
static size_t first_of(const WinoSide *target, int d) {
    ptrdiff_t at = target->first[d];
    while (at < 0) at += target->step[d];
    return (size_t)at;
}

/* The columns of a target's pixels in some images, which tiles will add to. */
static void clear_results(const Wino *j, const Part *p, size_t t0, size_t tiles) {
    const size_t *ext = j->out_ext;
    size_t image = t0 / j->together, end = image + tiles / j->together;
    size_t y0 = first_of(p->target, 1), x0 = first_of(p->target, 2);
    for (; image < end; image++)
        for (size_t y = y0; y < ext[1]; y += (size_t)p->target->step[1])
            for (size_t x = x0; x < ext[2]; x += (size_t)p->target->step[2]) {
                float *to = j->out + ((image * ext[1] + y) * ext[2] + x) * j->n + p->n0;
                memset(to, 0, p->n * sizeof *to);
            }
}

static void add_results(const Wino *j, const Part *p, size_t t0, size_t tiles, const float *points,
                        float *sink) {
    GridPoint tile = patches_point(j->grid, t0);
    WinoAdd *add = j->set->add[p->target->span[0]][p->target->span[1]];
    size_t wide = 2 * j->micro->lanes;
    float *result[WINO_POINTS];
    ptrdiff_t at[WINO_POINTS];
    clear_results(j, p, t0, tiles);
    memset(sink, 0, p->n * sizeof *sink);
    for (size_t t = 0; t < tiles; t++, patches_next(j->grid, &tile)) {
        wino_places(p->target, j->out_ext, j->n, &tile, WINO_IN, p->n0, at);
        for (size_t i = 0; i < WINO_POINTS; i++) result[i] = at[i] < 0 ? sink : j->out + at[i];
        for (size_t n = 0; n < p->n; n += wide) {
            size_t panel = least(wide, p->width - n);
            add(points + n * tiles + t * panel, tiles * p->width, least(wide, p->n - n), n, result);
        }
    }
}

/* ---- the whole ---- */

/* Where the shared kernel of a part lies, one of all chunks' groups. */
static size_t kernel_place(const Wino *j, const Part *p, size_t group) {
    size_t all = 0, before = 0;
    for (const WinoSide *t = j->target; t < j->target + j->ntargets; t++)
        for (size_t i = 0; i < WINO_POINTS; i++) {
            size_t depth = wino_depth(j, t, i);
            all += depth, before += t < p->target ? depth : 0;
        }
    size_t width = round_up(j->n, j->micro->lanes);
    return p->k0 * all * width + p->kc * (before * width + p->depths * p->n0) +
           (p->k0 / j->kc * j->ntargets * j->groups + group) * WINO_POINTS * WINO_APART;
}

static void make_shared(const Wino *j, size_t index, const WinoLane *l) {
    size_t groups = j->ntargets * j->groups;
    Part p = part_of(j, index % groups, index / groups * j->kc);
    transform_kernel(j, &p, l->stage, j->kept + kernel_place(j, &p, index % groups));
}

static void task(const Wino *j, size_t index, const WinoLane *l) {
    size_t t0 = index / j->gblocks * j->tc, tiles = least(j->tc, j->tiles - t0);
    size_t g0 = index % j->gblocks * j->gc, g1 = least(g0 + j->gc, j->ntargets * j->groups);
    size_t rows = blocks_of(tiles, blocks_of(tiles, j->micro->rows));
    Part p = part_of(j, g0, 0);
    for (size_t k0 = 0; k0 < j->k; k0 += j->kc) {
        bool ends = k0 + j->kc >= j->k;
        transform_pixels(j, t0, tiles, rows, k0, l->pixels);
        for (size_t g = g0; g < g1; g++) {
            bool turns = g + 1 == g1, last = turns && ends;
            Part next = last ? p : part_of(j, turns ? g0 : g + 1, turns ? k0 + j->kc : k0);
            Ahead ahead = {0};
            bool whole = j->kc >= j->k;
            float *points = l->points + (whole ? 0 : (g - g0) * WINO_POINTS * tiles * j->nc);
            const float *kernel = j->shared ? j->kept + kernel_place(j, &p, g) : l->kernel;
            if (!j->shared) transform_kernel(j, &p, l->stage, l->kernel);
            if (!j->shared && !last) ahead_start(j, next, products(j, &p, tiles, rows), &ahead);
            multiply(j, &p, tiles, rows, l->pixels, kernel, points, &ahead);
            if (ends)
                (j->turned ? add_results : transform_results)(j, &p, t0, tiles, points, l->sink);
            p = next;
        }
    }
}

void wino_apply(const Wino *plan, const float *image, const float *w, float *out, void *scratch) {
    Wino own = *plan, *j = &own;
    size_t tasks = j->tblocks * j->gblocks;
    size_t units = j->shared ? j->ntargets * j->groups * blocks_of(j->k, j->kc) : 0;
    size_t results = j->f.n * j->out_ext[0] * j->out_ext[1] * j->out_ext[2] * j->n;
    j->image = image, j->w = w, j->out = out;
    j->past = !j->turned && j->n % WINO_CHUNK == 0 && bypass_pays(out, results * sizeof *out);
    j->lanes = scratch, j->kept = j->lanes + (size_t)lanes_count() * j->lane_floats;
#pragma omp parallel num_threads(lanes_count()) if (wino_macs(j) > PARALLEL_MIN)
    {
        WinoLane l = wino_lane(j, j->lanes + (size_t)omp_get_thread_num() * j->lane_floats);
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < units; i++) make_shared(j, i, &l);
#pragma omp for schedule(dynamic) nowait
        for (size_t i = 0; i < tasks; i++) task(j, i, &l);
        bypass_end();
    }
}
