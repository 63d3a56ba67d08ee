/* Functions that look at a whole minibatch or a whole net: what losses over pairs of samples and
 * penalties on weights are made of. */
#include "page/builtins/builtins.h"

#include <math.h>
#include <string.h>

#include "graph/ops.h"

/* ---- the minibatch ---- */

/* The minibatch axis becomes an ordinary one, so that each sample can meet all of them. */
static Value l_unbatch(Build *b, const Expr *at, Value **arg) {
    Node *x = as_node(b, at, arg[0], "unbatch");
    if (!arg[0]->batched) build_fail(b, at, "unbatch takes a tensor with a minibatch axis");
    return value_tensor(n_collect_rows(b->g, x), false);
}

static bool is_const(const Node *n) {
    float v;
    return n_is_const(n, &v);
}

/* One minibatch of the samples of all; the first axis of a tensor without a minibatch counts. */
static Value l_join(Build *b, const Expr *at, Value **arg) {
    Value both[2] = {*arg[0]}, list = *arg[0];
    if (arg[1]) both[1] = *arg[1], list = value_list(both, 2);
    if (list.kind != V_LIST || !list.count) build_fail(b, at, "join takes two tensors or a list");
    Node **part = arena_new_array(b->arena, Node *, (size_t)list.count);
    for (int k = 0; k < list.count; k++) {
        part[k] = as_node(b, at, &list.items[k], "join");
        if (!part[k]->rank) build_fail(b, at, "join takes tensors of samples");
        if (part[0]->split != part[k]->split && !is_const(part[0]) && !is_const(part[k]))
            build_fail(b, at, "join of samples that are cut in shards and some that are not");
        bool fit = part[0]->rank == part[k]->rank;
        for (int i = 1; fit && i < part[0]->rank; i++) fit = part[0]->shape[i] == part[k]->shape[i];
        char s[200], t[200];
        if (!fit)
            build_fail(b, at, "join: samples of %s and %s differ",
                       node_shape_text(part[0], s, sizeof s),
                       node_shape_text(part[k], t, sizeof t));
    }
    return value_tensor(n_concat(b->g, 0, list.count, part), true);
}

/* Elements of a sample, an extent, or the length of a list; known when the page is checked. */
static Value l_count(Build *b, const Expr *at, Value **arg) {
    if (arg[0]->kind == V_LIST && !arg[1]) return value_number(arg[0]->count);
    Value x = as_tensor(b, at, arg[0], "size");
    size_t samples = x.batched ? x.node->shape[0] : 1;
    if (!arg[1]) return value_number((double)(x.node->count / samples));
    if (arg[1]->kind == V_TEXT && !strcmp(arg[1]->text, "batch") && x.batched) {
        size_t shards = value_is_cut(b, &x) ? graph_shards(b->g) : 1;
        return value_number((double)(shards * samples));
    }
    return value_number((double)x.node->shape[as_axis(b, at, &x, arg[1])]);
}

/* The extents of a sample, such as those of noise that is added to it. */
static Value l_shape(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "shape");
    int count = x.node->rank - x.batched;
    Value *items = arena_new_array(b->arena, Value, (size_t)count + 1);
    for (int i = 0; i < count; i++) items[i] = value_number((double)x.node->shape[i + x.batched]);
    return value_list(items, count);
}

/* ---- kernels ---- */

/* A row for each sample: maps as they lie in memory. */
static Node *sample_rows(Build *b, const Expr *at, const Value *v, const char *what) {
    Node *x = as_node(b, at, v, what);
    if (x->rank < 1) build_fail(b, at, "%s takes samples [N,D]", what);
    size_t n = x->shape[0];
    return n_reshape(b->g, x, 2, (size_t[]){n, x->count / n});
}

/* |x_i - y_j|^2 as |x_i|^2 + |y_j|^2 - 2 x_i.y_j, kept from falling below 0 by rounding */
static Node *pair_distances(Build *b, const Expr *at, Value **arg, const char *what) {
    Graph *g = b->g;
    Node *x = sample_rows(b, at, arg[0], what), *y = sample_rows(b, at, arg[1], what);
    if (x->shape[1] != y->shape[1])
        build_fail(b, at, "%s: rows of %zu and %zu numbers", what, x->shape[1], y->shape[1]);
    y = n_collect_rows(g, y);
    Node *xx = n_sum(g, n_unary(g, PW_SQUARE, x), 2), *yy = n_sum(g, n_unary(g, PW_SQUARE, y), 2);
    yy = n_reshape(g, yy, 2, (size_t[]){1, y->shape[0]});
    Node *d = n_sub(g, n_add(g, xx, yy), n_scale(g, n_matmul(g, x, y, false, true), 2));
    return n_binary(g, PW_MAX, d, n_number(g, 0));
}

static Value kernel(Build *b, const Expr *at, Value **arg, const char *what,
                    Node *(*one)(Graph *g, Node *d, double scale)) {
    Value single = *arg[2], *list = arg[2]->kind == V_LIST ? arg[2]->items : &single;
    int count = arg[2]->kind == V_LIST ? arg[2]->count : 1;
    Node *d = pair_distances(b, at, arg, what), *sum = NULL;
    for (int i = 0; i < count; i++) {
        double scale = as_number(b, at, &list[i], "scale");
        if (!(scale > 0)) build_fail(b, at, "%s: a scale must be above 0", what);
        Node *k = one(b->g, d, scale);
        sum = sum ? n_add(b->g, sum, k) : k;
    }
    if (!sum) build_fail(b, at, "%s: no scales", what);
    return value_tensor(sum, arg[0]->batched);
}

static Node *gaussian(Graph *g, Node *d, double s) {
    return n_unary(g, PW_EXP, n_scale(g, d, -0.5 / (s * s)));
}

static Node *inverse_multiquadric(Graph *g, Node *d, double s) {
    return n_scale(g, n_unary(g, PW_RECIP, n_add(g, d, n_number(g, (float)s))), s);
}

static Value l_rbf(Build *b, const Expr *at, Value **arg) {
    return kernel(b, at, arg, "rbf", gaussian);
}
static Value l_imq(Build *b, const Expr *at, Value **arg) {
    return kernel(b, at, arg, "imq", inverse_multiquadric);
}

static Node *sum_pairs(Graph *g, Node *k, bool cut) {
    return n_reshape(g, n_sum_whole(g, k, 3, cut), 0, NULL);
}

/* Mean of a matrix of pairs; of those with i != j only when `apart`. */
static Node *mean_pairs(Build *b, const Expr *at, const Value *v, bool apart) {
    Graph *g = b->g;
    Node *k = as_node(b, at, v, "kernel");
    if (k->rank != 2) build_fail(b, at, "mmd takes matrices of kernels [N,M]");
    size_t n = whole_extent(g, k), m = k->shape[1];
    bool cut = k->split;
    if (!apart) return n_scale(g, sum_pairs(g, k, cut), 1 / ((double)n * (double)m));
    if (n != m || n < 2) build_fail(b, at, "mmd: a matrix [N,N] with N > 1 is needed within a set");
    Node *row = cut ? n_own_rows(g, n_iota(g, n)) : n_iota(g, n);
    row = n_reshape(g, row, 2, (size_t[]){row->count, 1});
    Node *other = n_sub(g, n_number(g, 1), n_binary(g, PW_EQ, row, n_iota(g, n)));
    return n_scale(g, sum_pairs(g, n_mul(g, k, other), cut), 1 / ((double)n * (double)(n - 1)));
}

/* Gretton et al. 2012, equations 5 (biased) and 3 (unbiased). */
static Value l_mmd(Build *b, const Expr *at, Value **arg) {
    bool unbiased = as_bool(b, at, arg[3], "unbiased");
    Node *within =
        n_add(b->g, mean_pairs(b, at, arg[0], unbiased), mean_pairs(b, at, arg[2], unbiased));
    Node *across = mean_pairs(b, at, arg[1], false);
    return value_tensor(n_sub(b->g, within, n_scale(b->g, across, 2)), false);
}

/* ---- parameters of nets ---- */

static Value l_parameters(Build *b, const Expr *at, Value **arg) {
    if (arg[0]->kind != V_NET || !arg[0]->root) build_fail(b, at, "parameters takes a net");
    const char *net = arg[0]->net->name, *root = arg[0]->root;
    size_t axes = as_size(b, at, arg[1], "axes");
    int count = 0;
    size_t known = b->store->count;
    build_spend(b, at, known);
    Value *items = arena_new_array(b->arena, Value, known + 1);
    for (size_t i = 0; i < known; i++) {
        Entry *e = b->store->entries[i];
        if (e->kind != ENTRY_PARAM || !entry_belongs(e, net) || (size_t)e->state.rank < axes)
            continue;
        if (strcmp(net, root))
            e = average_entry(b, at,
                              arena_printf(b->arena, "%s%s", root, e->state.name + strlen(net)), e);
        items[count++] = value_tensor(state_value(b, &e->state), false);
    }
    if (!count) build_fail(b, at, "%s has no parameters yet: use it before", net);
    return value_list(items, count);
}

/* A filter's weights are one column. */
static Value l_matrix(Build *b, const Expr *at, Value **arg) {
    Node *w = as_node(b, at, arg[0], "matrix");
    if (w->rank < 1 || arg[0]->batched) build_fail(b, at, "matrix takes a weight [.., out]");
    size_t out = w->shape[w->rank - 1];
    return value_tensor(n_reshape(b->g, w, 2, (size_t[]){w->count / out, out}), false);
}

const Builtin builtin_pairs[] = {
    {"unbatch", "x", l_unbatch,
     "the minibatch without its axis being one: [N,D] meets each sample"},
    {"join", "x, y?", l_join, "the samples of two, or of a list, as one minibatch"},
    {"count", "x, axis?", l_count, "numbers in a sample, extent of an axis, or length of a list"},
    {"shape", "x", l_shape, "the extents of a sample, as a list"},
    {"rbf", "x, y, deviations", l_rbf, "[N,M] of sums of exp(-|x_i - y_j|^2/(2 s^2)) over s"},
    {"imq", "x, y, scales", l_imq, "[N,M] of sums of c/(c + |x_i - y_j|^2) over c"},
    {"mmd", "xx, xy, yy, unbiased=0", l_mmd,
     "squared maximum mean discrepancy, from kernels within and across two sets"},
    {"parameters", "net, axes=0", l_parameters,
     "list of a net's parameters, or of those with so many axes at least"},
    {"matrix", "weight", l_matrix, "a weight [.., out] as a matrix [K,out]"},
    {NULL, NULL, NULL, NULL},
};
