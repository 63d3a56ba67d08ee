/* A small tensor read as a larger one. */
#include "graph/ops.h"
#include "stream/stream.h"

void broadcast_source(const Node *n, size_t *aligned) {
    const Node *a = n->input[0];
    for (int i = 0; i < n->rank; i++) {
        int k = i - (n->rank - a->rank);
        aligned[i] = k < 0 ? 1 : a->shape[k];
    }
}

static Node *broadcast_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    size_t source[RANK_MAX];
    broadcast_source(self, source);
    unsigned axes = 0;
    for (int i = 0; i < self->rank; i++)
        if (source[i] == 1 && self->shape[i] != 1) axes |= 1u << i;
    Node *s = n_sum(g, dy, axes);
    return n_reshape(g, s, self->input[0]->rank, self->input[0]->shape);
}

const OpDef op_broadcast = {.name = "broadcast", .class = CLASS_BROADCAST, .grad = broadcast_grad};

/* Whether a, aligned at the right, fits a shape: its extents are the same or 1. */
static bool spreads(const Node *a, int rank, const size_t *shape) {
    for (int k = 0; k < a->rank; k++) {
        int i = k + rank - a->rank;
        if (a->shape[k] != 1 && (i < 0 || a->shape[k] != shape[i])) return false;
    }
    return true;
}

Node *n_broadcast(Graph *g, Node *a, int rank, const size_t *shape) {
    if (node_has_shape(a, rank, shape)) return a;
    float v;
    if (n_is_const(a, &v)) return n_const(g, v, rank, shape);
    if (!spreads(a, rank, shape)) {
        char p[200], q[200];
        graph_fail(g, "%s cannot be spread over %s", node_shape_text(a, p, sizeof p),
                   shape_text(rank, shape, q, sizeof q));
    }
    size_t count;
    if (size_product(shape, rank, &count) && count == a->count) return n_reshape(g, a, rank, shape);
    if (is_plain(a, &op_broadcast)) a = a->input[0];
    return graph_node(g, &op_broadcast, rank, shape, 1, &a, NULL);
}
