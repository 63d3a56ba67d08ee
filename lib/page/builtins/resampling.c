/* Maps of other extents or in another order: resized, padded, rolled, flipped, and blocks of pixels
 * as channels. */
#include "page/builtins/builtins.h"
#include "page/builtins/window.h"

#include <math.h>
#include <string.h>

/* ---- sizes ---- */

/* A factor of 1 or more for each axis of a map. */
static void factors_of(Build *b, const Expr *at, const Value *v, const char *who, int dims,
                       size_t *k) {
    window_axes(b, at, v, "factor", dims, k);
    for (int i = 0; i < dims; i++)
        if (!k[i]) build_fail(b, at, "%s: factor must be at least 1", who);
}

static Value s_upsample(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[0], "upsample");
    size_t k[RESAMPLE_AXES];
    Resampling r = {.axis = 1, .count = x->rank - 2};
    factors_of(b, at, arg[1], "upsample", r.count, k);
    for (int i = 0; i < r.count; i++) {
        size_t in = x->shape[i + 1];
        ResampleRule rule = k[i] == 1 ? RESAMPLE_KEEP : RESAMPLE_NEAREST;
        r.along[i] = (ResampleAxis){rule, in, in * k[i], 0};
    }
    return value_tensor(n_resample(b->g, x, &r), true);
}

static Value s_resize(Build *b, const Expr *at, Value **arg) {
    enum { SIZE = 1, MODE };
    Node *x = window_map(b, at, arg[0], "resize");
    const char *mode = as_text(b, at, arg[MODE], "mode");
    bool linear = !strcmp(mode, "bilinear");
    if (!linear && strcmp(mode, "nearest"))
        build_fail(b, at, "resize: expected \"nearest\" or \"bilinear\", found \"%s\"", mode);
    size_t size[3];
    Resampling r = {.axis = 1, .count = x->rank - 2};
    window_axes(b, at, arg[SIZE], "size", r.count, size);
    bool same = true;
    for (int i = 0; i < r.count; i++) {
        size_t in = x->shape[i + 1];
        if (!size[i]) build_fail(b, at, "resize: size must be at least 1");
        ResampleRule rule = linear ? RESAMPLE_LINEAR : RESAMPLE_NEAREST;
        r.along[i] = (ResampleAxis){size[i] == in ? RESAMPLE_KEEP : rule, in, size[i], 0};
        same &= size[i] == in;
    }
    return value_tensor(same ? x : n_resample(b->g, x, &r), true);
}

/* Padding in front and behind: one number, two, or such that up/down times the pixels result. */
static void filter_padding(Build *b, const Expr *at, const Value *v, const ResampleFilter *f,
                           ptrdiff_t pad[2]) {
    if (v && v->kind == V_LIST && v->count != 2)
        build_fail(b, at, "padding: expected a number, or two in a list, found %d", v->count);
    ptrdiff_t rest = f->count - (ptrdiff_t)(f->up > 1 ? f->up : f->down);
    pad[0] = (rest + 1) / 2 + (ptrdiff_t)f->up - 1, pad[1] = rest / 2;
    for (int i = 0; v && i < 2; i++) {
        double p = as_number(b, at, v->kind == V_LIST ? &v->items[i] : v, "padding");
        if (!(fabs(p) < 65536 && p == floor(p))) build_fail(b, at, "padding: not a whole number");
        pad[i] = (ptrdiff_t)p;
    }
}

/* Along every axis of a map, after Karras et al. 2020: up - 1 zeros between the pixels, zeros
 * around, the taps, every down-th result. The taps are scaled to a sum of up, so that a constant
 * map keeps its value. */
static Value s_upfirdn(Build *b, const Expr *at, Value **arg) {
    enum { TAPS = 1, UP, DOWN, PADDING };
    Node *x = as_batch(b, at, arg[0], "upfirdn").node;
    const Value *taps = arg[TAPS];
    if (taps->kind != V_LIST || !taps->count || taps->count > FILTER_TAPS)
        build_fail(b, at, "upfirdn: expected a list of 1 to %d taps", FILTER_TAPS);
    Resampling r = {.axis = 1, .count = x->rank - 2, .filter.count = taps->count};
    ResampleFilter *f = &r.filter;
    f->up = as_size(b, at, arg[UP], "up");
    f->down = as_size(b, at, arg[DOWN], "down");
    if (!f->up || !f->down) build_fail(b, at, "upfirdn: up and down must be at least 1");
    double sum = 0;
    for (int i = 0; i < f->count; i++) sum += as_number(b, at, &taps->items[i], "tap");
    if (!(fabs(sum) > 0)) build_fail(b, at, "upfirdn: the taps must not add up to 0");
    for (int i = 0; i < f->count; i++)
        f->taps[i] = (float)(taps->items[i].number * (double)f->up / sum);
    ptrdiff_t pad[2];
    filter_padding(b, at, arg[PADDING], f, pad);
    for (int i = 0; i < r.count; i++) {
        size_t in = x->shape[i + 1];
        ptrdiff_t span = (ptrdiff_t)(in * f->up) + pad[0] + pad[1] - f->count;
        if (span < 0)
            build_fail(b, at, "upfirdn: %d taps do not fit into %zu pixels with padding", f->count,
                       in);
        r.along[i] = (ResampleAxis){RESAMPLE_FILTER, in, (size_t)span / f->down + 1, pad[0]};
    }
    return value_tensor(n_resample(b->g, x, &r), true);
}

/* ---- more pixels around ---- */

/* A number for all axes; or a list with one for each, which is a number for both sides or a list of
 * two, those in front and those behind. */
static void widths_of(Build *b, const Expr *at, const Value *v, int dims, size_t (*width)[2]) {
    bool list = v->kind == V_LIST;
    if (list && v->count != dims)
        build_fail(b, at, "pad: %d axes, found widths for %d", dims, v->count);
    for (int i = 0; i < dims; i++) {
        const Value *w = list ? &v->items[i] : v;
        bool pair = w->kind == V_LIST;
        if (pair && w->count != 2)
            build_fail(b, at, "pad: expected [before, after], found a list of %d", w->count);
        for (int k = 0; k < 2; k++) width[i][k] = as_size(b, at, pair ? &w->items[k] : w, "width");
    }
}

static Node *pad_with(Build *b, const Expr *at, Node *x, const char *mode, size_t (*width)[2]) {
    bool reflect = !strcmp(mode, "reflect");
    if (!reflect && strcmp(mode, "edge"))
        build_fail(b, at, "pad: expected \"zero\", \"edge\" or \"reflect\", found \"%s\"", mode);
    Resampling r = {.axis = 1, .count = x->rank - 2};
    if (r.count > RESAMPLE_AXES)
        build_fail(b, at, "pad: \"%s\" is for up to %d axes", mode, RESAMPLE_AXES);
    for (int i = 0; i < r.count; i++) {
        size_t in = x->shape[i + 1], low = width[i][0], high = width[i][1];
        if (reflect && (low >= in || high >= in))
            build_fail(b, at, "pad: an axis of %zu has no %zu pixels to reflect", in,
                       low > high ? low : high);
        ResampleRule rule = reflect ? RESAMPLE_REFLECT : RESAMPLE_EDGE;
        r.along[i] =
            (ResampleAxis){low || high ? rule : RESAMPLE_KEEP, in, in + low + high, (ptrdiff_t)low};
    }
    return n_resample(b->g, x, &r);
}

static Value s_pad(Build *b, const Expr *at, Value **arg) {
    enum { WIDTHS = 1, MODE };
    Node *x = as_batch(b, at, arg[0], "pad").node;
    const char *mode = arg[MODE] ? as_text(b, at, arg[MODE], "mode") : "zero";
    size_t width[RANK_MAX][2], begin[RANK_MAX] = {0}, shape[RANK_MAX];
    if (x->rank < 2) build_fail(b, at, "pad takes a map [N,..,C]");
    widths_of(b, at, arg[WIDTHS], x->rank - 2, width);
    memcpy(shape, x->shape, sizeof shape);
    for (int i = 1; i < x->rank - 1; i++) {
        begin[i] = width[i - 1][0];
        shape[i] += width[i - 1][0] + width[i - 1][1];
    }
    if (!strcmp(mode, "zero")) return value_tensor(n_place(b->g, x, begin, shape, NULL), true);
    return value_tensor(pad_with(b, at, x, mode, width), true);
}

/* ---- another order ---- */

/* One axis, of a sample or the minibatch's. */
static Value along_axis(Build *b, const Expr *at, const Value *v, const Value *axis,
                        ResampleRule rule, double shift) {
    Value x = as_tensor(b, at, v, "argument");
    bool batch = axis->kind == V_TEXT && !strcmp(axis->text, "batch") && x.batched;
    Resampling r = {.axis = batch ? 0 : as_axis(b, at, &x, axis), .count = 1};
    bool cut = batch && x.node->split;
    if (cut) x.node = n_collect_rows(b->g, x.node);
    double n = (double)x.node->shape[r.axis], before = shift - n * floor(shift / n);
    r.along[0] = (ResampleAxis){rule, (size_t)n, (size_t)n, (ptrdiff_t)before};
    Node *y = n_resample(b->g, x.node, &r);
    return value_tensor(cut ? n_own_rows(b->g, y) : y, x.batched);
}

static Value s_roll(Build *b, const Expr *at, Value **arg) {
    double shift = as_number(b, at, arg[1], "shift");
    if (!(fabs(shift) < 2147483648.0 && shift == floor(shift)))
        build_fail(b, at, "roll: expected a whole number, found %g", shift);
    return along_axis(b, at, arg[0], arg[2], RESAMPLE_ROLL, shift);
}

static Value s_flip(Build *b, const Expr *at, Value **arg) {
    return along_axis(b, at, arg[0], arg[1], RESAMPLE_FLIP, 0);
}

/* A map [N,H,W,C*f*g] as [N,H,W,C,f,g], and [N,H,f,W,g,C] as the map [N,H*f,W*g,C]: the channels
 * of one channel's block stand together. */
static Value s_depth_to_space(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[0], "depth_to_space");
    int dims = x->rank - 2, order[RANK_MAX] = {0};
    size_t k[3], block = 1, split[RANK_MAX], shape[RANK_MAX] = {x->shape[0]};
    factors_of(b, at, arg[1], "depth_to_space", dims, k);
    for (int i = 0; i < dims; i++) block *= k[i];
    size_t c = x->shape[dims + 1] / block;
    if (!c || x->shape[dims + 1] % block)
        build_fail(b, at, "depth_to_space: blocks of %zu do not divide %zu channels", block,
                   x->shape[dims + 1]);
    memcpy(split, x->shape, sizeof split);
    split[dims + 1] = shape[dims + 1] = c;
    order[2 * dims + 1] = dims + 1;
    for (int i = 0; i < dims; i++) {
        split[dims + 2 + i] = k[i];
        shape[i + 1] = x->shape[i + 1] * k[i];
        order[2 * i + 1] = i + 1;
        order[2 * i + 2] = dims + 2 + i;
    }
    Node *y = n_permute(b->g, n_reshape(b->g, x, 2 * dims + 2, split), order);
    return value_tensor(n_reshape(b->g, y, x->rank, shape), true);
}

static Value s_space_to_depth(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[0], "space_to_depth");
    int dims = x->rank - 2, order[RANK_MAX] = {0};
    size_t k[3], split[RANK_MAX] = {x->shape[0]}, shape[RANK_MAX] = {x->shape[0]};
    factors_of(b, at, arg[1], "space_to_depth", dims, k);
    split[2 * dims + 1] = shape[dims + 1] = x->shape[dims + 1];
    order[dims + 1] = 2 * dims + 1;
    for (int i = 0; i < dims; i++) {
        size_t in = x->shape[i + 1];
        if (in % k[i])
            build_fail(b, at, "space_to_depth: blocks of %zu do not divide an axis of %zu", k[i],
                       in);
        split[2 * i + 1] = shape[i + 1] = in / k[i];
        split[2 * i + 2] = k[i];
        shape[dims + 1] *= k[i];
        order[i + 1] = 2 * i + 1;
        order[dims + 2 + i] = 2 * i + 2;
    }
    Node *y = n_permute(b->g, n_reshape(b->g, x, 2 * dims + 2, split), order);
    return value_tensor(n_reshape(b->g, y, x->rank, shape), true);
}

const Builtin builtin_resampling[] = {
    {"upsample", "x, factor", s_upsample, "each pixel repeated (nearest neighbour)"},
    {"resize", "x, size, mode", s_resize, "a map of other extents, \"nearest\" or \"bilinear\""},
    {"upfirdn", "x, taps, up=1, down=1, padding?", s_upfirdn,
     "zeros between pixels, a filter along each axis, every down-th result"},
    {"pad", "x, widths, mode?", s_pad,
     "more pixels around a map, \"zero\", \"edge\" or \"reflect\""},
    {"roll", "x, shift, axis", s_roll, "elements moved along an axis, from its end to its start"},
    {"flip", "x, axis", s_flip, "an axis turned round"},
    {"depth_to_space", "x, factor", s_depth_to_space,
     "blocks of factor^d pixels of one, from its channels: PyTorch's pixel_shuffle"},
    {"space_to_depth", "x, factor", s_space_to_depth,
     "one pixel of blocks of factor^d, the inverse of depth_to_space"},
    {NULL, NULL, NULL, NULL},
};
