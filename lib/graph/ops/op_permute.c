/* Axes in another order. */
#include "graph/ops.h"

/* result axis i is axis order[i] */
typedef struct {
    int order[RANK_MAX];
} Permutation;

static Node *permute_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Permutation *p = self->params;
    int inverse[RANK_MAX];
    for (int i = 0; i < self->rank; i++) inverse[p->order[i]] = i;
    return n_permute(g, dy, inverse);
}

static void permute_run(const OpRun *r) {
    const Node *n = r->node;
    const Permutation *p = n->params;
    size_t source[RANK_MAX];
    Strided w = {.rank = n->rank};
    shape_strides(n->rank, n->input[0]->shape, source);
    for (int i = 0; i < n->rank; i++) w.count[i] = n->shape[i], w.stride[i] = source[p->order[i]];
    strided_copy(&w, r->in[0], r->out, false);
}

const OpDef op_permute = {.name = "permute",
                          .class = CLASS_KERNEL,
                          .params = sizeof(Permutation),
                          .grad = permute_grad,
                          .run = permute_run};

Node *n_permute(Graph *g, Node *a, const int *order) {
    Permutation p = {{0}};
    size_t shape[RANK_MAX];
    int last = -1;
    bool moves = false; /* an axis longer than 1 changes its place among the others */
    for (int i = 0; i < a->rank; i++) {
        p.order[i] = order[i];
        shape[i] = a->shape[order[i]];
        if (shape[i] == 1) continue;
        moves |= order[i] < last;
        last = order[i];
    }
    if (!moves) return n_reshape(g, a, a->rank, shape);
    float v;
    if (n_is_const(a, &v)) return n_const(g, v, a->rank, shape);
    return graph_node(g, &op_permute, a->rank, shape, 1, &a, &p);
}
