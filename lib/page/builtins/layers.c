/* Layers with parameters, and the others that belong beside them. */
#include <string.h>

#include "page/builtins/builtins.h"
#include "page/builtins/window.h"

enum { X, CHANNELS, KERNEL, STRIDE, PADDING, BIAS, INIT_ARG, BIAS_INIT, WEIGHT };

static Node *add_bias(Build *b, const Expr *at, const char *layer, Node *y, Value **arg,
                      size_t fan_in) {
    if (!as_bool(b, at, arg[BIAS], "bias")) return y;
    size_t n = y->shape[y->rank - 1];
    Node *bias =
        layer_param(b, at, layer, "bias", LAYOUT_PLAIN, 1, &n, "bias", arg[BIAS_INIT], fan_in, n);
    return n_add(b->g, y, bias);
}

/* A weight that was given or made, which must have this shape. */
static Node *weight_of(Build *b, const Expr *at, const Value *v, int rank, const size_t *shape) {
    Node *w = as_node(b, at, v, "weight");
    char have[200], want[200];
    if (v->batched || w->rank != rank || memcmp(w->shape, shape, (size_t)rank * sizeof *shape))
        build_fail(b, at, "weight: expected %s, found %s",
                   shape_text(rank, shape, want, sizeof want),
                   node_shape_text(w, have, sizeof have));
    return w;
}

/* The axes of a weight with the last two exchanged: [.., in, out] and [.., out, in]. */
static Node *turned(Build *b, Node *w) {
    int order[RANK_MAX];
    for (int i = 0; i < w->rank; i++) order[i] = i;
    order[w->rank - 2] = w->rank - 1;
    order[w->rank - 1] = w->rank - 2;
    return n_permute(b->g, w, order);
}

static bool wraps(const Value *given) { return given && given->kind == V_NET; }

/* How a layer's own weight lies in memory, and how it starts. */
typedef struct {
    EntryLayout layout;
    bool out_first; /* [.., out, in]; others, and all that a page sees, are [.., in, out] */
    const Value *init;
    size_t fan_in, fan_out;
} OwnWeight;

/* The layer's own weight of this shape. Or what is made of it by a net given for it: then it is
 * weight_orig, as PyTorch calls it, the net sees it as [.., in, out], and so is the result. */
static Node *own_weight(Build *b, const Expr *at, const Value *given, const char *layer, int rank,
                        const size_t *shape, const OwnWeight *own) {
    const char *name = wraps(given) ? "weight_orig" : "weight";
    Node *w = layer_param(b, at, layer, name, own->layout, rank, shape, "weight", own->init,
                          own->fan_in, own->fan_out);
    if (!wraps(given)) return w;
    if (own->out_first) w = turned(b, w);
    Value v = value_tensor(w, false);
    v = net_apply(b, at, given, 1, &v, layer);
    return weight_of(b, at, &v, w->rank, w->shape);
}

/* That, or the tensor that is given for it, of the same shape. */
static Node *kernel_weight(Build *b, const Expr *at, const Value *given, const char *layer,
                           int rank, const size_t *shape, const OwnWeight *own) {
    if (given && !wraps(given)) return weight_of(b, at, given, rank, shape);
    return own_weight(b, at, given, layer, rank, shape, own);
}

/* The convolution itself; PyTorch's fan_in of a transposed one counts its output channels, too. */
static Value convolve(Build *b, const Expr *at, Value **arg, ConvKind kind, const ConvShape *s,
                      Node *x) {
    size_t shape[RANK_MAX], taps = 1;
    for (int i = 0; i < s->dims; i++) taps *= shape[i] = s->kernel[i];
    size_t in = s->cin / s->groups;
    shape[s->dims] = in;
    shape[s->dims + 1] = s->cout;
    const char *layer = layer_path(b);
    bool out_first = kind == CONV_DATA;
    OwnWeight own = {LAYOUT_CONV, out_first, arg[INIT_ARG], in * taps, s->cout * taps};
    Node *w = kernel_weight(b, at, arg[WEIGHT], layer, s->dims + 2, shape, &own);
    if (out_first && wraps(arg[WEIGHT])) w = turned(b, w);
    Node *y = n_conv(b->g, kind, s, x, w);
    return value_tensor(add_bias(b, at, layer, y, arg, in * taps), true);
}

/* Groups and dilation of a layer, whose channels and kernel are known. */
static void set_spread(Build *b, const Expr *at, const Value *groups, const Value *dilation,
                       const char *who, ConvShape *s) {
    s->groups = as_size(b, at, groups, "groups");
    window_axes(b, at, dilation, "dilation", s->dims, s->dilation);
    for (int i = 0; i < s->dims; i++)
        if (!s->dilation[i]) build_fail(b, at, "%s: dilation must be at least 1", who);
    if (!s->groups || s->cin % s->groups || s->cout % s->groups)
        build_fail(b, at, "%s: %zu groups do not divide %zu and %zu channels", who, s->groups,
                   s->cin, s->cout);
}

static Value layer_conv(Build *b, const Expr *at, Value **arg) {
    enum { GROUPS = WEIGHT + 1, DILATION };
    Node *x = window_map(b, at, arg[X], "conv");
    ConvShape s = {.dims = x->rank - 2, .n = x->shape[0], .cin = x->shape[x->rank - 1]};
    s.cout = as_size(b, at, arg[CHANNELS], "channels");
    window_extents(b, at, arg[KERNEL], arg[STRIDE], &s);
    set_spread(b, at, arg[GROUPS], arg[DILATION], "conv", &s);
    for (int i = 0; i < s.dims; i++) s.in[i] = x->shape[i + 1];
    window_place(b, at, arg[PADDING], false, &s);
    return convolve(b, at, arg, CONV_FORWARD, &s, x);
}

/* The transposed convolution: the adjoint of a convolution from the output map to this one. Default
 * size: stride times the input. A padding p gives (in-1)*stride - 2p + kernel + output_padding. */
static Value layer_deconv(Build *b, const Expr *at, Value **arg) {
    enum { OUTPUT_PADDING = WEIGHT + 1, GROUPS, DILATION };
    Node *x = window_map(b, at, arg[X], "deconv");
    ConvShape s = {.dims = x->rank - 2, .n = x->shape[0], .cout = x->shape[x->rank - 1]};
    s.cin = as_size(b, at, arg[CHANNELS], "channels");
    window_extents(b, at, arg[KERNEL], arg[STRIDE], &s);
    set_spread(b, at, arg[GROUPS], arg[DILATION], "deconv", &s);
    size_t pad[3], extra[3];
    bool same = window_same(b, at, arg[PADDING]);
    if (arg[PADDING] && !same) window_axes(b, at, arg[PADDING], "padding", s.dims, pad);
    window_axes(b, at, arg[OUTPUT_PADDING], "output_padding", s.dims, extra);
    for (int i = 0; i < s.dims; i++) {
        s.out[i] = x->shape[i + 1];
        size_t span = (s.kernel[i] - 1) * s.dilation[i] + 1;
        s.in[i] = s.out[i] * s.stride[i];
        s.pad[i] = (span - 1) / 2;
        if (same) s.pad[i] = span > s.stride[i] ? (span - s.stride[i]) / 2 : 0;
        if (arg[PADDING] && !same) {
            size_t full = (s.out[i] - 1) * s.stride[i] + span + extra[i];
            if (full <= 2 * pad[i]) build_fail(b, at, "padding %zu leaves nothing", pad[i]);
            s.in[i] = full - 2 * pad[i];
            s.pad[i] = pad[i];
        }
    }
    return convolve(b, at, arg, CONV_DATA, &s, x);
}

/* x [.., in] times a weight [out, in]; one given for it is [in, out], as the others are */
static Node *linear(Build *b, const Expr *at, Value **arg, Node *x, size_t out) {
    char s[200];
    if (x->rank < 2)
        build_fail(b, at, "linear takes [N,..,K], this is %s", node_shape_text(x, s, sizeof s));
    size_t in = x->shape[x->rank - 1];
    const char *layer = layer_path(b);
    OwnWeight own = {LAYOUT_PLAIN, true, arg[INIT_ARG], in, out};
    bool given = arg[WEIGHT] && !wraps(arg[WEIGHT]);
    Node *w = given ? weight_of(b, at, arg[WEIGHT], 2, (size_t[]){in, out})
                    : own_weight(b, at, arg[WEIGHT], layer, 2, (size_t[]){out, in}, &own);
    Node *y = n_matmul(b->g, x, w, false, !arg[WEIGHT]);
    return add_bias(b, at, layer, y, arg, in);
}

/* linear and maxout share the places of their common arguments with conv */
static void move_arguments(Value **to, Value **arg, int first) {
    to[BIAS] = arg[first];
    to[INIT_ARG] = arg[first + 1];
    to[BIAS_INIT] = arg[first + 2];
    to[WEIGHT] = arg[first + 3];
}

static Value layer_linear(Build *b, const Expr *at, Value **arg) {
    Value *to[WEIGHT + 1] = {0};
    move_arguments(to, arg, 2);
    Node *x = as_node(b, at, arg[X], "linear");
    Node *y = linear(b, at, to, x, as_size(b, at, arg[1], "units"));
    return value_tensor(y, arg[X]->batched);
}

/* Goodfellow et al. 2013: the largest of `pieces` linear units, for each of `units` */
static Value layer_maxout(Build *b, const Expr *at, Value **arg) {
    Value *to[WEIGHT + 1] = {0};
    move_arguments(to, arg, 3);
    size_t units = as_size(b, at, arg[1], "units"), pieces = as_size(b, at, arg[2], "pieces");
    Node *y = linear(b, at, to, as_node(b, at, arg[X], "maxout"), units * pieces);
    size_t shape[RANK_MAX];
    int rank = y->rank;
    memcpy(shape, y->shape, sizeof shape);
    if (rank + 1 > RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    shape[rank - 1] = units;
    shape[rank] = pieces;
    y = n_reduce(b->g, REDUCE_MAX, n_reshape(b->g, y, rank + 1, shape), 1u << rank);
    return value_tensor(n_reshape(b->g, y, rank, shape), arg[X]->batched);
}

/* A free parameter of a net or block, for layers that take their weight, or for any expression:
 * [kernel.., in, out] is stored as PyTorch stores convolutions, [out, in, kernel..]. */
static Value layer_weight(Build *b, const Expr *at, Value **arg) {
    size_t shape[RANK_MAX] = {1}, out;
    int rank = 0;
    if (arg[0]->kind != V_LIST || arg[0]->count > RANK_MAX)
        build_fail(b, at, "weight: expected a list of extents");
    for (; rank < arg[0]->count; rank++) {
        shape[rank] = as_size(b, at, &arg[0]->items[rank], "extent");
        if (!shape[rank]) build_fail(b, at, "an extent must be at least 1");
    }
    size_t in = 1, taps = 1;
    for (int i = 0; i < rank - 1; i++) in *= shape[i];
    for (int i = 0; i < rank - 2; i++) taps *= shape[i];
    out = rank ? taps * shape[rank - 1] : 1;
    Node *w = layer_param(b, at, layer_path(b), "weight", rank > 1 ? LAYOUT_CONV : LAYOUT_PLAIN,
                          rank, shape, "weight", arg[1], in, out);
    return value_tensor(w, false);
}

static Value layer_embedding(Build *b, const Expr *at, Value **arg) {
    Node *x = as_node(b, at, arg[X], "embedding");
    size_t out = as_size(b, at, arg[1], "size");
    if (x->rank < 2) build_fail(b, at, "embedding takes one-hot rows; use onehot(x, K) first");
    size_t in = x->shape[x->rank - 1];
    const char *layer = layer_path(b);
    Value unit = {.kind = V_DIST, .dist = DIST_NORMAL, .count = 2};
    unit.items = (Value[]){value_number(0), value_number(1)};
    /* a row a class: as a weight that has the classes for outputs, it is turned */
    OwnWeight own = {LAYOUT_PLAIN, true, arg[2] ? arg[2] : &unit, in, out};
    Node *w = kernel_weight(b, at, arg[3], layer, 2, (size_t[]){in, out}, &own);
    if (wraps(arg[3])) w = turned(b, w);
    return value_tensor(n_matmul(b->g, x, w, false, false), arg[X]->batched);
}

/* ---- normalisation ---- */

enum {
    NORM_AFFINE = 1,
    NORM_EPS,
    NORM_BIAS,
    BATCHNORM_MOMENTUM = NORM_BIAS,
    BATCHNORM_BIAS,
    BATCHNORM_OVER
};

static Node *minibatch(Build *b, const Expr *at, const Value *v, const char *who) {
    Node *x = as_node(b, at, v, who);
    if (x->rank < 2 || !v->batched) build_fail(b, at, "%s takes a minibatch [N,..,C]", who);
    return x;
}

static Value affine(Build *b, const Expr *at, const char *layer, Node *y, Value **arg,
                    const Value *bias) {
    if (!as_bool(b, at, arg[NORM_AFFINE], "affine")) return value_tensor(y, true);
    size_t c = y->shape[y->rank - 1];
    y = n_mul(b->g, y,
              layer_param(b, at, layer, "weight", LAYOUT_PLAIN, 1, &c, "gain", NULL, 1, 1));
    if (as_bool(b, at, bias, "bias"))
        y = n_add(b->g, y,
                  layer_param(b, at, layer, "bias", LAYOUT_PLAIN, 1, &c, "shift", NULL, 1, 1));
    return value_tensor(y, true);
}

/* One value less its mean is 0: such a norm would pass on nothing (PyTorch refuses it too). */
static void check_values(Build *b, const Expr *at, const char *who, const Node *x, size_t values,
                         const char *each) {
    char s[200];
    if (values < 2)
        build_fail(b, at, "%s of %s: a single value %s has no variance", who,
                   node_shape_text(x, s, sizeof s), each);
}

/* Running averages of the minibatch's moments, or of the mean of its shards': weight `momentum`,
 * the variance unbiased. Those of an average follow their net's instead. */
static void running(Build *b, State *s, Node *moment, double scale, Node *weight) {
    Graph *g = b->g;
    bool follows = ((const Entry *)s)->kind == ENTRY_AVERAGE && !b->collecting;
    if (follows || state_assigned(b, s, moment)) return;
    Node *now = n_scale(g, n_reshape(g, moment, s->rank, s->shape), scale);
    if (now->split) now = n_scale(g, n_collect(g, now), 1 / (double)graph_shards(g));
    Node *old = state_value(b, s), *next = n_toward(g, old, n_stop(g, now), weight);
    if (b->collecting) { /* of a weight of 1 nothing old is left, not even by rounding */
        Node *stays = n_mul(g, n_sub(g, n_number(g, 1), weight), old);
        next = n_add(g, stays, n_mul(g, weight, n_stop(g, now)));
    }
    state_assign(b, s, next, moment);
}

/* Ioffe & Szegedy 2015, over all axes but the last */
static Value layer_batchnorm(Build *b, const Expr *at, Value **arg) {
    Graph *g = b->g;
    Node *x = minibatch(b, at, arg[X], "batchnorm");
    size_t c = x->shape[x->rank - 1];
    double eps = as_number(b, at, arg[NORM_EPS], "eps");
    const char *layer = layer_path(b);
    State *rm = layer_buffer(b, at, layer, "running_mean", 1, &c, 0);
    State *rv = layer_buffer(b, at, layer, "running_var", 1, &c, 1);
    Node *y;
    if (b->training) {
        unsigned axes = (1u << (x->rank - 1)) - 1;
        check_values(b, at, "batchnorm", x, x->count / c, "a channel");
        bool whole = over_minibatch(b, at, arg[BATCHNORM_OVER], "batchnorm");
        double n = (double)(x->count / c) * (whole ? (double)graph_shards(g) : 1);
        Node *mean, *var;
        y = n_standardise(g, x, axes, whole, eps, &mean, &var);
        double momentum = as_number(b, at, arg[BATCHNORM_MOMENTUM], "momentum");
        Node *weight = b->collecting ? n_input(g, &b->statistics) : n_number(g, (float)momentum);
        running(b, rm, mean, 1, weight);
        running(b, rv, var, n / (n - 1), weight);
    } else {
        Node *scale = n_unary(g, PW_RSQRT, n_add(g, n_state(g, rv), n_number(g, (float)eps)));
        y = n_mul(g, n_sub(g, x, n_state(g, rm)), scale);
    }
    return affine(b, at, layer, y, arg, arg[BATCHNORM_BIAS]);
}

/* Each sample by itself: over some axes of x, seen in a shape. */
static Value sample_norm(Build *b, const Expr *at, Value **arg, const char *who, const char *each,
                         Node *x, int rank, const size_t *shape, unsigned axes) {
    Node *mean, *var;
    size_t values = 1;
    const char *layer = layer_path(b);
    for (int i = 0; i < rank; i++) values *= axes & (1u << i) ? shape[i] : 1;
    check_values(b, at, who, x, values, each);
    Node *y = n_standardise(b->g, n_reshape(b->g, x, rank, shape), axes, false,
                            as_number(b, at, arg[NORM_EPS], "eps"), &mean, &var);
    return affine(b, at, layer, n_reshape(b->g, y, x->rank, x->shape), arg, arg[NORM_BIAS]);
}

/* Ba et al. 2016: over all axes of a sample */
static Value layer_layernorm(Build *b, const Expr *at, Value **arg) {
    Node *x = minibatch(b, at, arg[X], "layernorm");
    unsigned axes = ((1u << x->rank) - 1) & ~1u;
    return sample_norm(b, at, arg, "layernorm", "a sample", x, x->rank, x->shape, axes);
}

/* Ulyanov et al. 2016: over the pixels of each map of a sample */
static Value layer_instancenorm(Build *b, const Expr *at, Value **arg) {
    Node *x = window_map(b, at, arg[X], "instancenorm");
    unsigned axes = ((1u << (x->rank - 1)) - 1) & ~1u;
    return sample_norm(b, at, arg, "instancenorm", "a map", x, x->rank, x->shape, axes);
}

/* Wu & He 2018: over the pixels and the channels of each group of a sample */
static Value layer_groupnorm(Build *b, const Expr *at, Value **arg) {
    enum { GROUPS = 1 }; /* the norms' other arguments follow */
    Node *x = minibatch(b, at, arg[X], "groupnorm");
    size_t n = x->shape[0], c = x->shape[x->rank - 1];
    size_t groups = as_size(b, at, arg[GROUPS], "groups");
    if (!groups || c % groups)
        build_fail(b, at, "groupnorm: %zu groups do not divide %zu channels", groups, c);
    size_t grouped[] = {n, x->count / n / c, groups, c / groups};
    return sample_norm(b, at, arg + 1, "groupnorm", "a group", x, 4, grouped, 1u << 1 | 1u << 3);
}

/* Srivastava et al. 2014: zeroed with probability p while training, the rest scaled by 1/(1-p) */
static Value layer_dropout(Build *b, const Expr *at, Value **arg) {
    Node *x = as_node(b, at, arg[X], "dropout");
    double p = as_number(b, at, arg[1], "p");
    if (!(p >= 0 && p < 1)) build_fail(b, at, "dropout: p must lie in [0, 1), found %g", p);
    if (!b->training || p == 0) return *arg[X];
    Graph *g = b->g;
    Node *u = n_random(g, RANDOM_UNIFORM, b->next_use++, arg[X]->batched, x->rank, x->shape);
    Node *keep = n_binary(g, PW_LT, n_number(g, (float)p), u);
    return value_tensor(n_mul(g, x, n_scale(g, keep, 1 / (1 - p))), arg[X]->batched);
}

const Builtin builtin_layers[] = {
    {"conv",
     "x, channels, kernel, stride=1, padding?, bias=1, init?, bias_init?, weight?, groups=1, "
     "dilation=1",
     layer_conv, "convolution in 1, 2 or 3 dimensions; by default ceil(size/stride) pixels out"},
    {"deconv",
     "x, channels, kernel, stride=1, padding?, bias=1, init?, bias_init?, weight?, "
     "output_padding=0, groups=1, dilation=1",
     layer_deconv, "transposed convolution; by default stride times the pixels"},
    {"linear", "x, units, bias=1, init?, bias_init?, weight?", layer_linear,
     "matrix product along the last axis"},
    {"maxout", "x, units, pieces, bias=1, init?, bias_init?, weight?", layer_maxout,
     "largest of several linear units"},
    {"weight", "extents, init?", layer_weight,
     "a free parameter; [kernel.., in, out] suits the argument weight of layers"},
    {"embedding", "x, size, init?, weight?", layer_embedding,
     "a learned vector for each one-hot class"},
    {"batchnorm", "x, affine=1, eps=1e-5, momentum=0.1, bias=1, over?", layer_batchnorm,
     "normalisation over all axes but the channels, of the minibatch or each shard by itself; "
     "running averages when sampling"},
    {"layernorm", "x, affine=1, eps=1e-5, bias=1", layer_layernorm,
     "normalisation over all axes of each sample"},
    {"instancenorm", "x, affine=1, eps=1e-5, bias=1", layer_instancenorm,
     "normalisation over the pixels of each map of each sample"},
    {"groupnorm", "x, groups=32, affine=1, eps=1e-5, bias=1", layer_groupnorm,
     "normalisation over the pixels and channels of each group of channels of each sample"},
    {"dropout", "x, p=0.5", layer_dropout, "zeroes elements with probability p while training"},
    {NULL, NULL, NULL, NULL},
};
