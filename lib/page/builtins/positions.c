/* Functions of positions, and of what is a sample: picking by numbers that are drawn or computed,
 * time as samples, and back. */
#include "page/builtins/builtins.h"

#include <string.h>

static Value p_gather(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "gather"), i = as_tensor(b, at, arg[1], "positions");
    return value_pick(b, at, &x, as_axis(b, at, &x, arg[2]), &i);
}

/* The samples, or first extents, of x with some of them replaced. */
static Value p_put(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "put"), i = as_tensor(b, at, arg[1], "positions");
    Value y = as_tensor(b, at, arg[2], "put");
    bool fits = x.node->rank && i.node->rank == 1 && y.node->rank == x.node->rank &&
                y.node->shape[0] == i.node->count;
    for (int k = 1; fits && k < x.node->rank; k++) fits = x.node->shape[k] == y.node->shape[k];
    char s[200], t[200];
    if (!fits)
        build_fail(b, at, "put: %zu positions take as many of %s's first extents, found %s",
                   i.node->count, node_shape_text(x.node, s, sizeof s),
                   node_shape_text(y.node, t, sizeof t));
    build_whole(b, at, x.node, "put");
    Node *where = n_collect_rows(b->g, i.node), *what = n_collect_rows(b->g, y.node);
    return value_tensor(n_put(b->g, x.node, where, what), x.batched);
}

/* The sums of the samples, or first extents, of x at each of `count` positions. */
static Value p_scatter(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "scatter"), i = as_tensor(b, at, arg[1], "positions");
    size_t count = as_size(b, at, arg[2], "count");
    char s[200];
    if (!x.node->rank || i.node->rank != 1 || x.node->shape[0] != i.node->count || !count)
        build_fail(b, at, "scatter: %zu positions take as many first extents, found %s",
                   i.node->count, node_shape_text(x.node, s, sizeof s));
    Node *sums = n_scatter(b->g, x.node, i.node, count);
    return value_tensor(sums->split ? n_collect(b->g, sums) : sums, false);
}

/* first, first + step, .. */
static Value p_range(Build *b, const Expr *at, Value **arg) {
    size_t count = as_size(b, at, arg[0], "count");
    if (!count) build_fail(b, at, "range: expected a count from 1 on, found 0");
    Value i = value_tensor(n_iota(b->g, count), false);
    return value_binary(b, at, '+', *arg[1], value_binary(b, at, '*', i, *arg[2]));
}

/* One draw for the whole minibatch. */
static Value p_once(Build *b, const Expr *at, Value **arg) {
    size_t dims[RANK_MAX];
    int rank = 0;
    if (arg[0]->kind != V_DIST)
        build_fail(b, at, "once: expected a distribution, found %s", value_kind(arg[0]));
    if (arg[1] && arg[1]->count >= RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX - 1);
    for (; arg[1] && rank < arg[1]->count; rank++)
        dims[rank] = as_size(b, at, &arg[1]->items[rank], "extent");
    return draw(b, at, arg[0], rank, dims, false, b->next_use++);
}

/* [N,T,..] to N*T samples */
static Value p_fold(Build *b, const Expr *at, Value **arg) {
    Value v = as_tensor(b, at, arg[0], "fold");
    Node *x = v.node;
    if (!v.batched || x->rank < 2)
        build_fail(b, at, "fold takes a minibatch of samples with an axis");
    size_t shape[RANK_MAX] = {x->shape[0] * x->shape[1]};
    for (int i = 2; i < x->rank; i++) shape[i - 1] = x->shape[i];
    return value_tensor(n_reshape(b->g, x, x->rank - 1, shape), true);
}

/* N*T samples to [N,T,..] */
static Value p_unfold(Build *b, const Expr *at, Value **arg) {
    Value v = as_tensor(b, at, arg[0], "unfold");
    Node *x = v.node;
    size_t count = as_size(b, at, arg[1], "count");
    if (!v.batched || x->rank == RANK_MAX) build_fail(b, at, "unfold takes a minibatch");
    if (!count || x->shape[0] % count)
        build_fail(b, at, "unfold: a minibatch of %zu is no multiple of %zu", x->shape[0], count);
    size_t shape[RANK_MAX] = {x->shape[0] / count, count};
    for (int i = 1; i < x->rank; i++) shape[i + 1] = x->shape[i];
    return value_tensor(n_reshape(b->g, x, x->rank + 1, shape), true);
}

static Value p_samples(Build *b, const Expr *at, Value **arg) {
    Value v = as_tensor(b, at, arg[0], "samples");
    if (v.batched || !v.node->rank)
        build_fail(b, at,
                   "samples takes a tensor without a minibatch, whose first axis becomes one");
    return value_tensor(v.node, true);
}

const Builtin builtin_picks[] = {
    {"gather", "x, positions, axis=0", p_gather, "elements along an axis, at positions computed"},
    {"scatter", "x, positions, count", p_scatter,
     "sums of the first extents of x that share a position: [count,..]"},
    {"put", "x, positions, y", p_put, "x with some of its first extents replaced by those of y"},
    {"range", "count, first=0, step=1", p_range, "first, first + step, .. as a tensor [count]"},
    {"once", "distribution, extents?...", p_once, "one draw for the whole minibatch"},
    {"fold", "x", p_fold,
     "the first axis of samples as samples of their own: [N,T,..] to [N*T,..]"},
    {"unfold", "x, count", p_unfold, "each `count` samples as one: [N*T,..] to [N,T,..]"},
    {"samples", "x", p_samples, "a tensor without a minibatch as one, its first axis the samples"},
    {NULL, NULL, NULL, NULL},
};
