/* Pooling: one value for each window of a map, or for each cell of a grid. */
#include <string.h>

#include "page/builtins/builtins.h"
#include "page/builtins/window.h"

enum { X, SIZE, STRIDE, PADDING, CEIL, INCLUDE_PAD };

/* The windows that the arguments describe; without a stride they lie side by side. */
static ConvShape windows_of(Build *b, const Expr *at, Value **arg, const Node *x) {
    ConvShape s = {.dims = x->rank - 2, .n = x->shape[0], .cin = x->shape[x->rank - 1]};
    Value none = value_number(0);
    window_extents(b, at, arg[SIZE], arg[STRIDE] ? arg[STRIDE] : arg[SIZE], &s);
    for (int i = 0; i < s.dims; i++) {
        s.in[i] = x->shape[i + 1];
        if (!arg[STRIDE] && !arg[PADDING] && !arg[CEIL] && s.in[i] % s.kernel[i])
            build_fail(b, at, "blocks of %zu do not divide an axis of %zu", s.kernel[i], s.in[i]);
    }
    bool ceil = arg[CEIL] && as_bool(b, at, arg[CEIL], "ceil_mode");
    window_place(b, at, arg[PADDING] ? arg[PADDING] : &none, ceil, &s);
    for (int i = 0; i < s.dims; i++)
        if (s.pad[i] >= s.kernel[i])
            build_fail(b, at, "padding %zu leaves windows of %zu empty", s.pad[i], s.kernel[i]);
    return s;
}

static Value s_maxpool(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[X], "maxpool");
    ConvShape s = windows_of(b, at, arg, x);
    return value_tensor(n_maxpool(b->g, &s, x), true);
}

/* The largest value in each cell of a grid of g x g. */
static Value s_gridpool(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[X], "gridpool");
    size_t g = as_size(b, at, arg[1], "grid");
    if (!g || x->shape[1] % g) build_fail(b, at, "a grid of %zu does not divide the map", g);
    Value size = value_number((double)(x->shape[1] / g));
    return s_maxpool(b, at, (Value *[]){arg[X], &size, NULL, NULL, NULL});
}

/* ---- means ---- */

/* Side by side on the whole map: the mean over axes of [N,H/k,k,W/k,k,C]. */
static Node *block_means(Graph *g, Node *x, const ConvShape *s) {
    size_t shape[RANK_MAX] = {s->n}, small[RANK_MAX] = {s->n};
    unsigned inner = 0;
    int rank = 1;
    for (int i = 0; i < s->dims; i++) {
        small[i + 1] = shape[rank++] = s->out[i];
        inner |= 1u << rank;
        shape[rank++] = s->kernel[i];
    }
    small[s->dims + 1] = shape[rank++] = s->cin;
    return n_reshape(g, n_mean(g, n_reshape(g, x, rank, shape), inner), x->rank, small);
}

/* How many of `length` pixels, `front` places behind the first window's start, a window holds. */
static size_t counted(const ConvShape *s, int axis, size_t window, size_t length, size_t front) {
    size_t start = window * s->stride[axis], end = start + s->kernel[axis], high = length + front;
    return (end < high ? end : high) - (start > front ? start : front);
}

/* Sums of windows along one axis, divided by the pixels each of them counts: `length` of them, in
 * front of which the first window has `front` places. */
static Node *window_means(Build *b, const Expr *at, Node *x, const ConvShape *s, int axis,
                          size_t length, size_t front) {
    Graph *g = b->g;
    if (s->kernel[axis] > FILTER_TAPS)
        build_fail(b, at, "avgpool: windows that overlap are at most %d wide", FILTER_TAPS);
    ResampleAxis along = {RESAMPLE_FILTER, x->shape[axis + 1], s->out[axis],
                          (ptrdiff_t)s->pad[axis]};
    ResampleFilter f = {.count = (int)s->kernel[axis], .up = 1, .down = s->stride[axis]};
    size_t first = counted(s, axis, 0, length, front);
    bool even = true;
    for (size_t o = 1; o < s->out[axis]; o++) even &= counted(s, axis, o, length, front) == first;
    for (int i = 0; i < f.count; i++) f.taps[i] = even ? 1 / (float)first : 1;
    Resampling r = {.axis = axis + 1, .count = 1, .along = {along}, .filter = f};
    Node *sums = n_resample(g, x, &r);
    if (even) return sums;
    size_t ones[RANK_MAX] = {1, 1, 1, 1, 1};
    ones[axis + 1] = r.along[0].in = length;
    r.along[0].before = (ptrdiff_t)front;
    return n_div(g, sums, n_resample(g, n_const(g, 1, x->rank, ones), &r));
}

static Value s_avgpool(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[X], "avgpool");
    ConvShape s = windows_of(b, at, arg, x);
    bool include_pad = as_bool(b, at, arg[INCLUDE_PAD], "count_include_pad");
    bool ceil = arg[CEIL] && as_bool(b, at, arg[CEIL], "ceil_mode");
    bool blocks = true;
    for (int i = 0; i < s.dims; i++)
        blocks &= s.kernel[i] == s.stride[i] && !s.pad[i] && s.out[i] * s.kernel[i] == s.in[i];
    if (blocks) return value_tensor(block_means(b->g, x, &s), true);
    for (int i = 0; i < s.dims; i++) {
        if (s.kernel[i] == 1 && s.stride[i] == 1) continue;
        /* with ceil_mode the last window may go beyond what pads the map */
        size_t padded = ceil ? s.in[i] + 2 * s.pad[i] : (s.out[i] - 1) * s.stride[i] + s.kernel[i];
        x = window_means(b, at, x, &s, i, include_pad ? padded : s.in[i],
                         include_pad ? 0 : s.pad[i]);
    }
    return value_tensor(x, true);
}

/* The mean of each cell along one axis, as a product with a matrix [cells, pixels]. Cell i of m
 * begins at floor(i*L/m) and ends before ceil((i+1)*L/m) of L pixels, so that cells may overlap: it
 * holds pixel j when i*L < (j+1)*m and j*m < (i+1)*L, whole numbers that float holds. */
static Node *cell_means(Graph *g, Node *x, int axis, size_t cells) {
    size_t pixels = x->shape[axis], rows = 1, wide = 1, shape[RANK_MAX];
    double m = (double)cells, length = (double)pixels;
    Node *i = n_reshape(g, n_scale(g, n_iota(g, cells), length), 2, (size_t[]){cells, 1});
    Node *j = n_scale(g, n_iota(g, pixels), m);
    Node *inside = n_mul(g, n_binary(g, PW_LT, i, n_add(g, j, n_number(g, (float)m))),
                         n_binary(g, PW_LT, j, n_add(g, i, n_number(g, (float)length))));
    Node *w = n_div(g, inside, n_sum(g, inside, 2));
    for (int k = 0; k < x->rank; k++) {
        shape[k] = k == axis ? cells : x->shape[k];
        if (k < axis) rows *= x->shape[k];
        if (k > axis) wide *= x->shape[k];
    }
    w = n_broadcast(g, w, 3, (size_t[]){rows, cells, pixels});
    Node *y = n_matmul(g, w, n_reshape(g, x, 3, (size_t[]){rows, pixels, wide}), false, false);
    return n_reshape(g, y, x->rank, shape);
}

static Value s_adaptive_avgpool(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[X], "adaptive_avgpool");
    size_t cells[3];
    window_axes(b, at, arg[1], "size", x->rank - 2, cells);
    for (int i = 0; i < x->rank - 2; i++) {
        if (!cells[i]) build_fail(b, at, "adaptive_avgpool: size must be at least 1");
        if (cells[i] != x->shape[i + 1]) x = cell_means(b->g, x, i + 1, cells[i]);
    }
    return value_tensor(x, true);
}

const Builtin builtin_pooling[] = {
    {"avgpool", "x, size, stride?, padding?, ceil_mode?, count_include_pad=1", s_avgpool,
     "mean of each window of size^d pixels, by default side by side"},
    {"maxpool", "x, size, stride?, padding?, ceil_mode?", s_maxpool,
     "maximum of each window of size^d pixels, by default side by side"},
    {"gridpool", "x, grid", s_gridpool, "maximum in each cell of a grid"},
    {"adaptive_avgpool", "x, size", s_adaptive_avgpool,
     "mean in each cell of a grid of size^d cells, whatever the map's size"},
    {NULL, NULL, NULL, NULL},
};
