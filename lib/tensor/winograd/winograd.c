/* How a convolution falls apart into sources and targets. */
#include "tensor/winograd/winograd.h"

#include <string.h>

#include "tensor/cpu.h"

const WinoSet *wino_set(void) {
    static const WinoSet *const sets[ISA_COUNT] = EACH_ISA(&wino_set_);
    return sets[cpu_isa()];
}

enum { TURNED_TILES = 112 }; /* the most of an image */

static WinoSpan span_of(size_t first, size_t taps) {
    return (first > 0 ? SPAN_HIGH : SPAN_ALL) + (first + taps < 3 ? SPAN_LOW : SPAN_ALL);
}

/* Forward: pixel i of a tile meets tap i - first of residue r in result 0. A single tap stands in
 * the middle of three, so that it leaves two points zero. */
static void forward_axis(const ConvFull *f, int d, size_t r, WinoSide *s) {
    size_t taps = residue_taps(f, d, r), first = taps == 1;
    s->step[d] = (ptrdiff_t)f->stride[d];
    s->first[d] = (ptrdiff_t)r - (ptrdiff_t)f->pad[d] - (ptrdiff_t)first * s->step[d];
    s->span[d - 1] = span_of(first, taps);
    for (size_t i = 0; i < taps; i++) s->tap[d - 1][first + i] = r + i * f->stride[d];
}

/* Data: results of residue r are dx[q*stride + r - pad] = sum over i of dy[q - i] at tap
 * r + i*stride, for q from start[r] on. All residues read tiles of dy that begin at `low`. */
typedef struct {
    ptrdiff_t start[2], low;
} DataAxis;

/* Taps turned round, the first stands at this place of three. */
static ptrdiff_t data_lead(const ConvFull *f, int d, const DataAxis *a, size_t r) {
    return a->start[r] - a->low - (ptrdiff_t)residue_taps(f, d, r) + 1;
}

/* Whether all taps of each residue have a place, single ones that in the middle. */
static bool data_fits(const ConvFull *f, int d, const DataAxis *a) {
    bool fits = true;
    for (size_t r = 0; r < f->stride[d]; r++) {
        ptrdiff_t lead = data_lead(f, d, a, r), taps = (ptrdiff_t)residue_taps(f, d, r);
        fits = fits && lead >= 0 && lead + taps <= 3 && (taps > 1 || lead == 1);
    }
    return fits;
}

/* Residues start with the first result there is, or one before where they wouldn't fit otherwise;
 * all at floor(pad / stride) always fit. */
static DataAxis data_axis(const ConvFull *f, int d) {
    DataAxis a = {{0}, 0};
    for (unsigned way = 0; way < 8; way++) {
        for (size_t r = 0; r < f->stride[d]; r++) {
            size_t first = (f->pad[d] + f->stride[d] - 1 - r) / f->stride[d];
            a.start[r] = (ptrdiff_t)first - (way >> (1 + r) & 1);
        }
        a.low = a.start[0] - (ptrdiff_t)(way & 1 ? 1 : 2);
        if (data_fits(f, d, &a)) break;
    }
    return a;
}

/* Results of a residue, from its start on. */
static size_t data_results(const ConvFull *f, int d, ptrdiff_t start, size_t r) {
    ptrdiff_t last = (ptrdiff_t)(f->in[d] - 1 + f->pad[d]) - (ptrdiff_t)r;
    ptrdiff_t s = (ptrdiff_t)f->stride[d], end = last < 0 ? 0 : last / s + 1;
    return end > start ? (size_t)(end - start) : 0;
}

/* Of all residues. */
static size_t data_grid(const ConvFull *f, int d, const DataAxis *a) {
    size_t most = 0;
    for (size_t r = 0; r < f->stride[d]; r++) {
        size_t results = data_results(f, d, a->start[r], r);
        if (results > most) most = results;
    }
    return most;
}

static void data_side(const ConvFull *f, int d, const DataAxis *a, size_t r, WinoSide *s) {
    size_t taps = residue_taps(f, d, r), lead = (size_t)data_lead(f, d, a, r);
    s->step[d] = (ptrdiff_t)f->stride[d];
    s->first[d] = a->start[r] * s->step[d] + (ptrdiff_t)r - (ptrdiff_t)f->pad[d];
    s->span[d - 1] = span_of(lead, taps);
    for (size_t i = 0; i < taps; i++) s->tap[d - 1][lead + i] = r + (taps - 1 - i) * f->stride[d];
}

/* One side of all points that any of the others has. */
static void join_spans(const WinoSide *sides, size_t n, WinoSide *all) {
    for (int d = 0; d < 2; d++) {
        all->span[d] = SPAN_MIDDLE;
        for (size_t i = 0; i < n; i++) all->span[d] &= sides[i].span[d];
    }
}

static void forward_sides(Wino *j) {
    const ConvFull *f = &j->f;
    j->nsources = f->kernel[0] * f->stride[1] * f->stride[2], j->ntargets = 1;
    for (size_t i = 0; i < j->nsources; i++) {
        WinoSide *s = &j->source[i];
        s->tap0 = i / f->stride[2] / f->stride[1];
        s->step[0] = (ptrdiff_t)f->stride[0];
        s->first[0] = (ptrdiff_t)s->tap0 - (ptrdiff_t)f->pad[0];
        forward_axis(f, 1, i / f->stride[2] % f->stride[1], s);
        forward_axis(f, 2, i % f->stride[2], s);
    }
    for (int d = 0; d < 3; d++) j->target->step[d] = 1, j->grid[d] = f->out[d];
    join_spans(j->source, j->nsources, j->target);
    j->target->sources = j->nsources;
}

/* In dimension 0, source i is the slice of dy at g + low + i; for a target it stands at tap
 * r + (start - low - i) * stride. */
static DataAxis slices(const ConvFull *f, size_t *count) {
    DataAxis a = {{0}, PTRDIFF_MAX};
    ptrdiff_t high = PTRDIFF_MIN;
    for (size_t r = 0; r < f->stride[0]; r++) {
        a.start[r] = (ptrdiff_t)((f->pad[0] + f->stride[0] - 1 - r) / f->stride[0]);
        ptrdiff_t low = a.start[r] - (ptrdiff_t)residue_taps(f, 0, r) + 1;
        if (low < a.low) a.low = low;
        if (a.start[r] > high) high = a.start[r];
    }
    *count = (size_t)(high - a.low + 1);
    return a;
}

static void data_sides(Wino *j) {
    const ConvFull *f = &j->f;
    DataAxis axis[3] = {slices(f, &j->nsources), data_axis(f, 1), data_axis(f, 2)};
    j->ntargets = f->stride[0] * f->stride[1] * f->stride[2];
    for (size_t i = 0; i < j->ntargets; i++) {
        WinoSide *t = &j->target[i];
        size_t r = i / f->stride[2] / f->stride[1];
        ptrdiff_t taps = (ptrdiff_t)residue_taps(f, 0, r), s = (ptrdiff_t)f->stride[0];
        t->step[0] = s, t->first[0] = axis[0].start[r] * s + (ptrdiff_t)r - (ptrdiff_t)f->pad[0];
        t->source0 = (size_t)(axis[0].start[r] - axis[0].low - taps + 1);
        t->sources = (size_t)taps;
        t->tap0 = r + (size_t)(taps - 1) * f->stride[0];
        data_side(f, 1, &axis[1], i / f->stride[2] % f->stride[1], t);
        data_side(f, 2, &axis[2], i % f->stride[2], t);
    }
    for (size_t i = 0; i < j->nsources; i++) {
        WinoSide *s = &j->source[i];
        for (int d = 0; d < 3; d++) s->first[d] = axis[d].low, s->step[d] = 1;
        s->first[0] += (ptrdiff_t)i;
        join_spans(j->target, j->ntargets, s);
    }
    for (int d = 0; d < 3; d++) j->grid[d] = data_grid(f, d, &axis[d]);
}

/* One source and one target, of 4x4 taps: all of forward's or, turned round, data's. */
static void four_sides(Wino *j) {
    const ConvFull *f = &j->f;
    bool data = j->kind == CONV_DATA;
    WinoSide *s = j->source;
    j->nsources = j->ntargets = 1;
    for (int d = 0; d < 3; d++) {
        s->step[d] = 1, j->grid[d] = data ? f->in[d] : f->out[d];
        s->first[d] =
            (ptrdiff_t)(data ? f->pad[d] + 1 : f->kernel[d] - f->pad[d]) - (ptrdiff_t)f->kernel[d];
        for (size_t i = 0; d && i < 4; i++) s->tap[d - 1][i] = data ? 3 - i : i;
    }
    *j->target = *s, j->target->sources = 1;
    memset(j->target->first, 0, sizeof j->target->first);
}

/* Forward's sources are written to now, and tiles of what it wrote are read. */
static void turned_sides(Wino *j) {
    forward_sides(j);
    j->ntargets = j->nsources, j->nsources = 1;
    for (size_t i = 0; i < j->ntargets; i++) {
        j->target[i] = j->source[i];
        j->target[i].sources = 1;
    }
    *j->source = (WinoSide){.step = {1, 1, 1}};
    join_spans(j->target, j->ntargets, j->source);
}

/* Whether data is to be turned, which saves a sixth of the tiles or more. A task does all tiles of
 * an image, whose results overlap. */
static bool turning_pays(const Wino *j) {
    const ConvFull *f = &j->f;
    if (f->kernel[0] > 1 || f->stride[0] > 1 || f->pad[0] || f->in[0] != f->out[0]) return false;
    size_t turned = blocks_of(f->out[1], WINO_OUT) * blocks_of(f->out[2], WINO_OUT);
    size_t straight = blocks_of(j->grid[1], WINO_OUT) * blocks_of(j->grid[2], WINO_OUT);
    return turned <= TURNED_TILES && 6 * turned <= 5 * straight;
}

static bool shape_is_four(const ConvFull *f) {
    bool four = f->kernel[0] == 1 && !f->pad[0] && f->in[0] == f->out[0];
    for (int d = 0; d < 3; d++) four = four && f->stride[d] == 1 && f->dilation[d] <= 1;
    return four && f->kernel[1] == 4 && f->kernel[2] == 4 && f->out[1] && f->out[2];
}

static bool shape_suits(const ConvFull *f) {
    for (int d = 0; d < 3; d++)
        if (f->stride[d] > 2 || f->kernel[d] < f->stride[d] || f->dilation[d] > 1 || !f->in[d] ||
            !f->out[d])
            return false;
    for (int d = 1; d < 3; d++)
        if (f->kernel[d] > 3 * f->stride[d] || f->kernel[d] < 2) return false;
    return f->kernel[0] <= 4 && f->n && f->cin && f->cout;
}

size_t wino_depth(const Wino *j, const WinoSide *target, size_t point) {
    if (!side_has(target, point)) return 0;
    if (j->kind != CONV_DATA) return j->depth[point];
    return target->sources;
}

size_t wino_rank(const Wino *j, size_t source, size_t point) {
    size_t rank = 0;
    for (size_t i = 0; i < source; i++) rank += side_has(&j->source[i], point);
    return rank;
}

bool wino_sides(const ConvShape *shape, ConvKind kind, Wino *j) {
    *j = (Wino){.f = conv_full(shape), .kind = kind};
    const ConvFull *f = &j->f;
    bool data = kind == CONV_DATA, four = shape_is_four(f);
    if (!four && !shape_suits(f)) return false;
    j->micro = micro_kernels(), j->set = wino_set(), j->together = 1;
    j->k = data ? f->cout : f->cin, j->n = data ? f->cin : f->cout;
    j->taps = four ? 4 : 3, j->tile = WINO_IN + 1 - j->taps;
    if (four)
        four_sides(j);
    else if (data)
        data_sides(j);
    else
        forward_sides(j);
    j->turned = data && !four && turning_pays(j);
    if (j->turned) turned_sides(j);
    j->tiles = f->n;
    for (int d = 0; d < 3; d++) {
        j->image_ext[d] = data ? f->out[d] : f->in[d], j->out_ext[d] = data ? f->in[d] : f->out[d];
        if (d) j->grid[d] = blocks_of(j->grid[d], j->tile);
        j->tiles *= j->grid[d];
    }
    if (j->turned) j->together = j->grid[1] * j->grid[2];
    for (size_t p = 0; p < WINO_POINTS; p++) {
        for (size_t i = 0; i < j->nsources; i++) j->depth[p] += side_has(&j->source[i], p);
        j->depths += j->depth[p];
    }
    for (size_t i = 0; i < j->nsources; i++) j->source[i].tile = j->tile;
    for (size_t i = 0; i < j->ntargets; i++) j->target[i].tile = j->tile;
    /* the transform of four that the weight gradient needs takes whole vectors */
    return !four || kind != CONV_WEIGHT || j->n % WINO_CHUNK == 0;
}

void wino_places(const WinoSide *side, const size_t ext[3], size_t channels, const GridPoint *tile,
                 size_t size, size_t channel, ptrdiff_t *at) {
    ptrdiff_t z = side->first[0] + (ptrdiff_t)tile->g[0] * side->step[0];
    for (size_t i = 0; i < size; i++) {
        ptrdiff_t y = side->first[1] + (ptrdiff_t)(tile->g[1] * side->tile + i) * side->step[1];
        bool inside = (size_t)z < ext[0] && (size_t)y < ext[1];
        size_t row = ((tile->image * ext[0] + (size_t)z) * ext[1] + (size_t)y) * ext[2];
        for (size_t c = 0; c < size; c++, at++) {
            ptrdiff_t x = side->first[2] + (ptrdiff_t)(tile->g[2] * side->tile + c) * side->step[2];
            bool here = inside && (size_t)x < ext[2];
            *at = here ? (ptrdiff_t)((row + (size_t)x) * channels + channel) : -1;
        }
    }
}

void wino_pixels(const Wino *j, const WinoSide *s, const GridPoint *tile, size_t channel,
                 const float *pixel[WINO_POINTS]) {
    static const float zeros[WINO_KC];
    ptrdiff_t at[WINO_POINTS];
    wino_places(s, j->image_ext, j->k, tile, WINO_IN, channel, at);
    for (size_t p = 0; p < WINO_POINTS; p++) pixel[p] = at[p] < 0 ? zeros : j->image + at[p];
}
