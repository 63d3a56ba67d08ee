/* Between a shard's own values and those that all have in common. */
#include "graph/shards.h"

#include <string.h>

#include "graph/ops.h"

static Node *spread_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)self, (void)which;
    return n_collect(g, dy);
}

const OpDef op_spread = {.name = "spread", .class = CLASS_VIEW, .grad = spread_grad, .cuts = true};

/* What is read in another way is so in each shard: the small tensor travels. */
Node *n_spread(Graph *g, Node *a) {
    float v;
    if (graph_shards(g) == 1 || a->split || n_is_const(a, &v)) return a;
    if (is_plain(a, &op_broadcast))
        return n_broadcast(g, n_spread(g, a->input[0]), a->rank, a->shape);
    if (is_plain(a, &op_reshape)) return n_reshape(g, n_spread(g, a->input[0]), a->rank, a->shape);
    return graph_node(g, &op_spread, a->rank, a->shape, 1, &a, NULL);
}

/* ---- collecting ---- */

CollectKind collect_kind(const Node *n) { return *(const CollectKind *)n->params; }

static Node *collect_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    switch (collect_kind(self)) {
    case COLLECT_SUM: return n_spread(g, dy);
    case COLLECT_ROWS: return n_own_rows(g, dy);
    case COLLECT_MAX: break;
    }
    return NULL;
}

const OpDef op_collect = {
    .name = "collect", .class = CLASS_COLLECT, .params = sizeof(CollectKind), .grad = collect_grad};

static Node *collect(Graph *g, CollectKind kind, Node *a) {
    size_t shape[RANK_MAX];
    memcpy(shape, a->shape, sizeof shape);
    if (kind == COLLECT_ROWS) shape[0] *= graph_shards(g);
    return graph_node(g, &op_collect, a->rank, shape, 1, &a, &kind);
}

Node *n_collect(Graph *g, Node *a) {
    if (graph_shards(g) == 1) return a;
    if (!a->split) return n_scale(g, a, (double)graph_shards(g));
    /* what shards read of a smaller tensor is put together there */
    if (is_plain(a, &op_broadcast))
        return n_broadcast(g, n_collect(g, a->input[0]), a->rank, a->shape);
    if (is_plain(a, &op_reshape)) return n_reshape(g, n_collect(g, a->input[0]), a->rank, a->shape);
    return collect(g, COLLECT_SUM, a);
}

Node *n_collect_max(Graph *g, Node *a) { return a->split ? collect(g, COLLECT_MAX, a) : a; }

Node *n_collect_rows(Graph *g, Node *a) { return a->split ? collect(g, COLLECT_ROWS, a) : a; }

/* ---- a shard's rows ---- */

static void own_rows_run(const OpRun *r) {
    size_t count = r->node->count;
    memcpy(r->out, r->in[0] + r->context->shard * count, count * sizeof *r->out);
}

static Node *own_rows_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)self, (void)which;
    float v;
    const Node *rows = self->input[0];
    return n_is_const(dy, &v) ? n_const(g, v, rows->rank, rows->shape) : n_collect_rows(g, dy);
}

const OpDef op_own_rows = {.name = "own_rows",
                           .class = CLASS_KERNEL,
                           .grad = own_rows_grad,
                           .run = own_rows_run,
                           .cuts = true};

Node *n_own_rows(Graph *g, Node *a) {
    size_t shape[RANK_MAX], shards = graph_shards(g);
    float v;
    if (shards == 1 || a->split) return a;
    if (!a->rank || a->shape[0] % shards)
        graph_fail(g, "internal error: rows that do not make %zu shards", shards);
    memcpy(shape, a->shape, sizeof shape);
    shape[0] /= shards;
    if (n_is_const(a, &v)) return n_const(g, v, a->rank, shape);
    return graph_node(g, &op_own_rows, a->rank, shape, 1, &a, NULL);
}

/* ---- reductions of the whole minibatch ---- */

Node *n_sum_whole(Graph *g, Node *a, unsigned axes, bool whole) {
    Node *s = n_sum(g, a, axes);
    return whole ? n_collect(g, s) : s;
}

Node *n_mean_whole(Graph *g, Node *a, unsigned axes, bool whole) {
    double times = whole ? (double)graph_shards(g) : 1;
    for (int i = 0; i < a->rank; i++)
        if (axes & (1u << i)) times *= (double)a->shape[i];
    return n_scale(g, n_sum_whole(g, a, axes, whole), 1 / times);
}

/* The value is the maximum; what is added is 0, and has the gradient. */
Node *n_max_whole(Graph *g, Node *a, unsigned axes) {
    Node *top = n_collect_max(g, n_reduce(g, REDUCE_MAX, n_stop(g, a), axes));
    Node *hit = n_binary(g, PW_EQ, a, n_broadcast(g, top, a->rank, a->shape));
    Node *move = n_mul(g, hit, n_sub(g, a, n_stop(g, a)));
    Node *ties = n_sum_whole(g, hit, axes, true);
    return n_add(g, top, n_div(g, n_sum_whole(g, move, axes, true), ties));
}
