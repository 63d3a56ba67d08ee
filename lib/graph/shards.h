/* shards.h: a minibatch in parts. What a game computes depends on into how many shards its
 * minibatch is cut, and on nothing else: not on the processes that share them, nor on the order in
 * which these come along.
 *
 * The graph is that of one shard. A node is split when each shard has a value of its own: data,
 * noise of samples, and what is computed of them; all else is common. Where a split node is made of
 * a common one, a spread comes between; what is common again of split values is collected. Each is
 * the other's adjoint: so the gradient in a parameter is summed over the shards because the
 * parameter was spread over them. */
#ifndef GAN_SHARDS_H
#define GAN_SHARDS_H

#include "graph/graph.h"

/* A shard of one sample would be like what is the same for all. */
enum { SHARDS_MAX = 1 << 16, SHARD_LEAST = 2 };

/* How values of shards are put together: in one tree, whoever computes it (see plan/tree.h), or one
 * after another along the first axis. */
typedef enum { COLLECT_SUM, COLLECT_MAX, COLLECT_ROWS } CollectKind;
CollectKind collect_kind(const Node *n);

/* Into how many parts the minibatch is cut: 1 when it is whole. */
static inline size_t graph_shards(const Graph *g) { return g->shards ? g->shards : 1; }
/* What the first axis of a value with a minibatch has in all shards together. */
static inline size_t whole_extent(const Graph *g, const Node *n) {
    return n->split ? graph_shards(g) * n->shape[0] : n->shape[0];
}

/* Each shard's copy of a value that is common. */
Node *n_spread(Graph *g, Node *a);
/* The sum of all shards' values: of a common one, so many times it. */
Node *n_collect(Graph *g, Node *a);
/* The largest of all shards' values, element by element; without a gradient. */
Node *n_collect_max(Graph *g, Node *a);
/* The rows [n,..] of all shards in their order, [shards * n,..]; of a common value, itself. */
Node *n_collect_rows(Graph *g, Node *a);
/* The shard's own of the rows [shards * n,..]: [n,..]. */
Node *n_own_rows(Graph *g, Node *a);

/* The sum, and mean, over axes; `whole`: the first of them is the minibatch, all of it. */
Node *n_sum_whole(Graph *g, Node *a, unsigned axes, bool whole);
Node *n_mean_whole(Graph *g, Node *a, unsigned axes, bool whole);
/* The largest over axes, and over all shards. Elements that share it share its gradient. */
Node *n_max_whole(Graph *g, Node *a, unsigned axes);

#endif
