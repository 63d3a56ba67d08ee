/* The same memory in another shape. */
#include "graph/ops.h"

static Node *reshape_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    return n_reshape(g, dy, self->input[0]->rank, self->input[0]->shape);
}

const OpDef op_reshape = {.name = "reshape", .class = CLASS_VIEW, .grad = reshape_grad};

Node *n_reshape(Graph *g, Node *a, int rank, const size_t *shape) {
    if (node_has_shape(a, rank, shape)) return a;
    size_t count = 0;
    if (!size_product(shape, rank, &count) || count != a->count) {
        char p[200];
        graph_fail(g, "%s has %zu elements, the new shape %zu", node_shape_text(a, p, sizeof p),
                   a->count, count);
    }
    float v;
    if (n_is_const(a, &v)) return n_const(g, v, rank, shape);
    if (is_plain(a, &op_reshape)) return n_reshape(g, a->input[0], rank, shape);
    return graph_node(g, &op_reshape, rank, shape, 1, &a, NULL);
}
