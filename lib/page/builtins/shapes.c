/* Functions that move or select values: reshaping, joining, rows of the minibatch. */
#include <math.h>
#include <string.h>

#include "page/builtins/builtins.h"
#include "page/eval/scope.h"

/* [N,..,C] to [N,C,..] */
static Node *channels_first(Build *b, Node *x) {
    int order[RANK_MAX] = {0, x->rank - 1};
    for (int i = 2; i < x->rank; i++) order[i] = i - 1;
    return n_permute(b->g, x, order);
}

/* [N,C,..] to [N,..,C] */
static Node *channels_last(Build *b, Node *x) {
    int order[RANK_MAX] = {0};
    for (int i = 1; i < x->rank - 1; i++) order[i] = i + 1;
    order[x->rank - 1] = 1;
    return n_permute(b->g, x, order);
}

/* As a minibatch of one. */
static Node *with_batch(Build *b, Node *x) {
    size_t shape[RANK_MAX] = {1};
    if (x->rank == RANK_MAX) build_fail(b, NULL, "more than %d axes", RANK_MAX - 1);
    if (x->rank) memcpy(shape + 1, x->shape, (size_t)x->rank * sizeof *shape);
    return n_reshape(b->g, x, x->rank + 1, shape);
}

/* A map to one row of values, in PyTorch's order (channel, then pixels). */
static Value s_flatten(Build *b, const Expr *at, Value **arg) {
    Value v = as_tensor(b, at, arg[0], "flatten");
    Node *x = v.batched ? v.node : with_batch(b, v.node);
    if (x->rank > 2) x = channels_first(b, x);
    size_t n = x->shape[0];
    if (!v.batched) return value_tensor(n_reshape(b->g, x, 1, &x->count), false);
    return value_tensor(n_reshape(b->g, x, 2, (size_t[]){n, x->count / n}), true);
}

static int dims_of(Build *b, const Expr *at, const Value *list, size_t *shape, int first) {
    if (!list || list->count > RANK_MAX - 1)
        build_fail(b, at, "expected 1 to %d extents", RANK_MAX - 1);
    for (int i = 0; i < list->count; i++) {
        shape[first + i] = as_size(b, at, &list->items[i], "extent");
        if (!shape[first + i]) build_fail(b, at, "an extent must be at least 1");
    }
    return first + list->count;
}

/* A row of values to a map [H,W,C], the inverse of flatten; between maps, memory order. */
static Value s_reshape(Build *b, const Expr *at, Value **arg) {
    Value v = as_batch(b, at, arg[0], "reshape");
    Node *x = v.node;
    size_t shape[RANK_MAX] = {x->shape[0]};
    int rank = dims_of(b, at, arg[1], shape, 1);
    size_t count = 0;
    char s[200];
    if (!size_product(shape, rank, &count) || count != x->count)
        build_fail(b, at, "a sample of %s has %zu values, the new shape %zu",
                   node_shape_text(x, s, sizeof s), x->count / x->shape[0], count / x->shape[0]);
    if (x->rank != 2 || rank < 3) return value_tensor(n_reshape(b->g, x, rank, shape), true);
    size_t first[RANK_MAX] = {shape[0], shape[rank - 1]};
    for (int i = 2; i < rank; i++) first[i] = shape[i - 1];
    return value_tensor(channels_last(b, n_reshape(b->g, x, rank, first)), true);
}

/* Memory order throughout. */
static Value s_view(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "view");
    size_t shape[RANK_MAX] = {x.batched ? x.node->shape[0] : 1};
    int rank = dims_of(b, at, arg[1], shape, x.batched);
    return value_tensor(n_reshape(b->g, x.node, rank, shape), x.batched);
}

static Value s_permute(Build *b, const Expr *at, Value **arg) {
    Node *x = as_node(b, at, arg[0], "permute");
    int order[RANK_MAX] = {0}, first = arg[0]->batched, axes = x->rank - first;
    unsigned seen = 0;
    if (!arg[1] || arg[1]->count != axes)
        build_fail(b, at, "permute: %s has %d axes", first ? "a sample" : "this tensor", axes);
    for (int i = 0; i < axes; i++) {
        size_t k = as_size(b, at, &arg[1]->items[i], "axis");
        if (k >= (size_t)axes || (seen & (1u << k)))
            build_fail(b, at, "permute: not a permutation");
        seen |= 1u << k;
        order[i + first] = (int)k + first;
    }
    return value_tensor(n_permute(b->g, x, order), first);
}

/* ---- joining ---- */

static Value *as_tensors(Build *b, const Expr *at, const Value *items, int count,
                         const char *what) {
    Value *v = arena_new_array(b->arena, Value, (size_t)count);
    for (int i = 0; i < count; i++) v[i] = as_tensor(b, at, &items[i], what);
    return v;
}

/* How many rows of channels a tensor has; of two with one each, that of more axes counts. */
static size_t pixels_of(const Node *x) {
    return x->rank ? x->count / x->shape[x->rank - 1] * RANK_MAX + (size_t)x->rank : 0;
}

/* Whether y lacks axes of x or has one pixel where x has several. */
static bool is_constant_map(const Node *x, const Node *y) {
    if (x->rank != y->rank) return true;
    for (int i = 0; i < x->rank - 1; i++)
        if (y->shape[i] == 1 && x->shape[i] != 1) return true;
    return false;
}

/* Gives y the extents of x on all axes but the last: columns become constant maps, and an extent of
 * 1 is repeated. */
static Node *spread_like(Build *b, const Value *x, const Value *y) {
    Value tx = *x, ty = *y;
    if (!ty.node->rank) ty.node = n_reshape(b->g, ty.node, 1, (size_t[]){1});
    align(b, &tx, &ty);
    size_t shape[RANK_MAX];
    memcpy(shape, x->node->shape, sizeof shape);
    int rank = x->node->rank;
    shape[rank - 1] = ty.node->shape[ty.node->rank - 1];
    return n_broadcast(b->g, ty.node, rank, shape);
}

static int join_axis(Build *b, const Expr *at, const Value *axis, const Value *like, int extra) {
    int rank = like->node->rank - like->batched + extra;
    double k = as_number(b, at, axis, "axis");
    if (k < 0) k += rank;
    if (!(k >= 0 && k < rank)) build_fail(b, at, "no such axis");
    return (int)k + like->batched;
}

/* concat(x, y) or concat([x, y, ..]); along the channels, a row [N,K] joins every pixel. */
static Value s_concat(Build *b, const Expr *at, Value **arg) {
    Value pair[2], *items = pair;
    int count = 2;
    if (arg[0]->kind == V_LIST) {
        if (arg[1]) build_fail(b, at, "concat takes a list, or two tensors");
        items = arg[0]->items;
        count = arg[0]->count;
    } else if (arg[1]) {
        pair[0] = *arg[0];
        pair[1] = *arg[1];
    } else {
        return *arg[0];
    }
    if (!count) build_fail(b, at, "concat of an empty list");
    items = as_tensors(b, at, items, count, "concat");
    Node **parts = arena_new_array(b->arena, Node *, (size_t)count);
    const Value *large = &items[0];
    for (int i = 0; i < count; i++) {
        parts[i] = items[i].node;
        if (pixels_of(parts[i]) > pixels_of(large->node)) large = &items[i];
    }
    int axis = join_axis(b, at, arg[2], large, 0);
    for (int i = 0; i < count && axis == large->node->rank - 1; i++)
        if (is_constant_map(large->node, parts[i])) parts[i] = spread_like(b, large, &items[i]);
    return value_tensor(n_concat(b->g, axis, count, parts), large->batched);
}

/* A list of equal tensors to one with a new axis. */
static Value s_stack(Build *b, const Expr *at, Value **arg) {
    if (arg[0]->kind != V_LIST || !arg[0]->count) build_fail(b, at, "stack takes a list");
    int count = arg[0]->count;
    const Value *items = as_tensors(b, at, arg[0]->items, count, "stack");
    Node *x = items[0].node;
    int axis = join_axis(b, at, arg[1], &items[0], 1);
    size_t shape[RANK_MAX];
    if (x->rank == RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    for (int i = 0, k = 0; i <= x->rank; i++) shape[i] = i == axis ? 1 : x->shape[k++];
    Node **parts = arena_new_array(b->arena, Node *, (size_t)count);
    for (int i = 0; i < count; i++) parts[i] = n_reshape(b->g, items[i].node, x->rank + 1, shape);
    return value_tensor(n_concat(b->g, axis, count, parts), items[0].batched);
}

/* ---- classes ---- */

/* onehot(labels, K) of [N]; onehot(3, K): that class for the whole minibatch */
static Value s_onehot(Build *b, const Expr *at, Value **arg) {
    size_t k = as_size(b, at, arg[1], "classes");
    Node *x = as_node(b, at, arg[0], "onehot");
    if (!k) build_fail(b, at, "onehot: no classes");
    if (!arg[0]->batched) x = n_broadcast(b->g, n_spread(b->g, x), 1, &b->batch);
    if (x->rank != 1) build_fail(b, at, "onehot takes labels [N]");
    x = n_reshape(b->g, x, 2, (size_t[]){x->shape[0], 1});
    return value_tensor(n_binary(b->g, PW_EQ, x, n_iota(b->g, k)), true);
}

/* ---- rows of the minibatch ---- */

/* Of a minibatch that is cut each shard has its part of the rows. */
static Value s_rows(Build *b, const Expr *at, Value **arg) {
    Node *x = as_batch(b, at, arg[0], "rows").node;
    bool cut = x->split;
    size_t first = as_size(b, at, arg[1], "first"), count = as_size(b, at, arg[2], "count");
    size_t begin[RANK_MAX] = {first}, shape[RANK_MAX], shards = graph_shards(b->g);
    x = n_collect_rows(b->g, x);
    memcpy(shape, x->shape, sizeof shape);
    shape[0] = count;
    if (!count || first + count > x->shape[0])
        build_fail(b, at, "rows %zu..%zu of a minibatch of %zu", first, first + count, x->shape[0]);
    if (cut && (count % shards || count / shards < SHARD_LEAST))
        build_fail(b, at, "%zu rows do not make %zu shards of %d or more", count, shards,
                   SHARD_LEAST);
    Node *y = n_slice(b->g, x, begin, shape, NULL);
    return value_tensor(cut ? n_own_rows(b->g, y) : y, true);
}

/* The samples of a group: the largest divisor of n up to `most`. A sample by itself has no
 * deviation, so where only 1 divides it, all are a group. */
static size_t group_of(size_t n, size_t most) {
    size_t size = most;
    while (n % size) size--;
    return size == 1 && most > 1 ? n : size;
}

/* Karras et al. 2018: the deviation over groups of the samples (sample i belongs to group i modulo
 * their number), mean over all elements, for each sample. */
static Node *deviation(Graph *g, Node *x, size_t most) {
    size_t n = x->shape[0], size = group_of(n, most);
    size_t split[RANK_MAX] = {size, n / size}, one[RANK_MAX] = {1, n / size}, all[RANK_MAX];
    for (int i = 1; i < x->rank; i++) split[i + 1] = x->shape[i], one[i + 1] = 1;
    Node *s = n_reshape(g, x, x->rank + 1, split);
    s = n_sub(g, s, n_mean(g, s, 1));
    s = n_mean(g, n_unary(g, PW_SQUARE, s), 1);
    s = n_unary(g, PW_SQRT, n_add(g, s, n_number(g, 1e-8f)));
    s = n_mean(g, s, ((1u << (x->rank + 1)) - 1) & ~3u);
    one[0] = size;
    s = n_broadcast(g, s, x->rank + 1, one);
    memcpy(all, x->shape, sizeof all);
    for (int i = 1; i < x->rank; i++) all[i] = 1;
    return n_reshape(g, s, x->rank, all);
}

static Value s_minibatch_std(Build *b, const Expr *at, Value **arg) {
    Node *x = as_batch(b, at, arg[0], "minibatch_std").node;
    size_t size = as_size(b, at, arg[1], "group");
    if (!size || x->rank + 1 > RANK_MAX)
        build_fail(b, at, "minibatch_std: group must be at least 1");
    bool whole = over_minibatch(b, at, arg[2], "minibatch_std") && x->split;
    if (x->split && !whole && x->shape[0] % size)
        build_fail(b, at, "minibatch_std: shards of %zu samples are no groups of %zu", x->shape[0],
                   size);
    Node *s = deviation(b->g, whole ? n_collect_rows(b->g, x) : x, size);
    Value map = value_tensor(whole ? n_own_rows(b->g, s) : s, true), of = value_tensor(x, true);
    return value_tensor(n_concat(b->g, x->rank - 1, 2, (Node *[]){x, spread_like(b, &of, &map)}),
                        true);
}

static Value s_batchmean(Build *b, const Expr *at, Value **arg) {
    Node *x = as_batch(b, at, arg[0], "batchmean").node;
    return value_tensor(n_mean_whole(b->g, x, 1, x->split), true);
}

/* weights[i] at column i of row r, zero elsewhere, as a difference of ramps: max(0, 1-|t - i|) with
 * t the position of row r on the way */
static Value s_walk(Build *b, const Expr *at, Value **arg) {
    Graph *g = b->g;
    Node *x = as_batch(b, at, arg[0], "walk").node;
    size_t steps = as_size(b, at, arg[1], "steps"), n = x->shape[0];
    build_whole(b, at, x, "walk");
    if (!steps || n < 2) build_fail(b, at, "walk takes two or more rows and at least one step");
    size_t rows = (n - 1) * steps + 1, shape[RANK_MAX];
    Node *t =
        n_scale(g, n_reshape(g, n_iota(g, rows), 2, (size_t[]){rows, 1}), 1.0 / (double)steps);
    Node *far = n_unary(g, PW_ABS, n_sub(g, t, n_iota(g, n)));
    Node *w = n_binary(g, PW_MAX, n_sub(g, n_number(g, 1), far), n_number(g, 0));
    memcpy(shape, x->shape, sizeof shape);
    Node *flat = n_reshape(g, x, 2, (size_t[]){n, x->count / n});
    shape[0] = rows;
    return value_tensor(n_reshape(g, n_matmul(g, w, flat, false, false), x->rank, shape), true);
}

/* ---- looking inside ---- */

static void mark_value(Build *b, const Value *v, bool *mark) {
    if (v->kind == V_TENSOR) mark[v->node->id] = true;
    if (v->kind != V_LIST) return;
    build_enter(b, NULL);
    for (int i = 0; i < v->count; i++) mark_value(b, &v->items[i], mark);
    b->watch.nesting--;
}

/* By node: whether the value was computed from it. Nodes come after their inputs. */
static bool *sources_of(Build *b, const Value *v) {
    bool *mark = arena_new_array(b->arena, bool, (size_t)b->g->count + 1);
    build_spend(b, NULL, (size_t)b->g->count);
    mark_value(b, v, mark);
    for (int i = b->g->count - 1; i >= 0; i--)
        for (int k = 0; mark[i] && k < b->g->nodes[i]->input_count; k++)
            mark[b->g->nodes[i]->input[k]->id] = true;
    return mark;
}

/* The stage that y came through, when a net was evaluated several times; else the latest. */
static Value s_tap(Build *b, const Expr *at, Value **arg) {
    const char *path = as_text(b, at, arg[1], "path");
    if (arg[2]) path = arena_printf(b->arena, "%s.%zu", path, as_size(b, at, arg[2], "index"));
    const bool *source = sources_of(b, arg[0]);
    const Tap *latest = NULL;
    for (const Tap *t = b->taps; t; t = t->next) {
        build_spend(b, at, 0);
        if (strcmp(t->path, path)) continue;
        if (source[t->value.node->id]) return t->value;
        if (!latest) latest = t;
    }
    if (!latest) build_fail(b, at, "no stage %s was evaluated", path);
    return latest->value;
}

/* A parameter by name; a weight as a minibatch of its filters. One whose layer has not been
 * evaluated is looked at in the checkpoint, which is the same while nothing changes it. */
static Value s_weights(Build *b, const Expr *at, Value **arg) {
    const char *name = as_text(b, at, arg[0], "name");
    Error err;
    Value own;
    const Statement *s = statement_named(b, name);
    bool own_name = s && (s->kind == ST_PARAM || s->kind == ST_STATE);
    bool found = own_name && scope_value(b, b->world->root, at, name, &own);
    Entry *e = store_find(b->store, name);
    if (!e && !found && b->playing)
        build_fail(b, at, "no parameter %s yet: its layer must come before", name);
    if (!e) e = store_view(b->store, name, &err);
    if (!e) build_fail(b, at, "%s", err.text);
    Node *w = state_value(b, &e->state);
    if (e->layout == LAYOUT_PLAIN) return value_tensor(w, w->rank > 1);
    int order[RANK_MAX] = {w->rank - 1};
    for (int i = 1; i < w->rank; i++) order[i] = i - 1;
    return value_tensor(n_permute(b->g, w, order), true);
}

const Builtin builtin_shapes[] = {
    {"flatten", "x", s_flatten, "a map as one row, channel by channel as PyTorch does"},
    {"reshape", "x, dims...", s_reshape, "a row as a map [H,W,C], the inverse of flatten"},
    {"view", "x, dims...", s_view, "another shape of the same memory (channels last)"},
    {"permute", "x, axes...", s_permute, "a sample's axes in another order"},
    {"concat", "x, y?, axis=-1", s_concat, "joins along the channels or another axis"},
    {"stack", "list, axis=0", s_stack, "joins equal tensors along a new axis"},
    {"onehot", "labels, classes", s_onehot,
     "labels [N], or one number for all, as one-hot rows; of what is no class, a row of zeros"},
    {"rows", "x, first, count", s_rows, "some samples of the minibatch"},
    {"minibatch_std", "x, group=4, over?", s_minibatch_std,
     "a channel with the deviation over groups of the minibatch, or of each shard"},
    {"batchmean", "x", s_batchmean, "mean sample of the minibatch, a minibatch of one"},
    {"walk", "x, steps", s_walk, "straight lines from each sample of the minibatch to the next"},
    {"tap", "y, path, index?", s_tap,
     "result of the stage of a pipe that y came through, by its path"},
    {"weights", "name", s_weights, "a parameter by name, filters as a minibatch"},
    {NULL, NULL, NULL, NULL},
};
