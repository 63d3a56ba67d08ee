/* Reverse-mode differentiation from graph to graph: the gradient of a gradient is just another
 * call. */
#include "graph/ops.h"

/* needs[i]: node i depends on one of x through differentiable inputs. */
static bool *mark_dependent(Graph *g, int limit, int n, Node *const *x) {
    bool *needs = arena_new_array(g->arena, bool, (size_t)limit);
    for (int i = 0; i < n; i++)
        if (x[i]->id < limit) needs[x[i]->id] = true;
    for (int i = 0; i < limit; i++) {
        Node *m = g->nodes[i];
        if (!m->op->grad) continue;
        for (int k = 0; k < m->input_count && !needs[i]; k++) needs[i] = needs[m->input[k]->id];
    }
    return needs;
}

static Node *sum_of(Graph *g, Node *a, Node *b) {
    Node *sum = a->op == b->op && a->op->sum ? a->op->sum(g, a, b) : NULL;
    return sum ? sum : n_add(g, a, b);
}

void graph_gradients(Graph *g, Node *y, int n, Node *const *x, Node **d) {
    int limit = y->id + 1;
    bool *needs = mark_dependent(g, limit, n, x);
    bool *asked = arena_new_array(g->arena, bool, (size_t)limit);
    Node **adjoint = arena_new_array(g->arena, Node *, (size_t)limit);
    for (int i = 0; i < n; i++)
        if (x[i]->id < limit) asked[x[i]->id] = true;
    adjoint[y->id] = n_const(g, 1, y->rank, y->shape);
    for (int i = limit - 1; i >= 0; i--) {
        Node *m = g->nodes[i];
        if (!adjoint[i] || !needs[i] || !m->op->grad) continue;
        for (int k = 0; k < m->input_count; k++) {
            Node *in = m->input[k];
            if (!needs[in->id]) continue;
            g->of = m;
            Node *c = m->op->grad(g, m, adjoint[i], k);
            /* what is broadcast is small: its gradients are summed one by one, so that none of them
             * is kept until the others are there */
            while (c && in->op->class == CLASS_BROADCAST && !asked[in->id]) {
                c = in->op->grad(g, in, c, 0);
                in = in->input[0];
            }
            if (c) adjoint[in->id] = adjoint[in->id] ? sum_of(g, adjoint[in->id], c) : c;
            g->of = NULL;
        }
    }
    for (int i = 0; i < n; i++)
        d[i] = x[i]->id < limit && adjoint[x[i]->id] && needs[x[i]->id]
                   ? adjoint[x[i]->id]
                   : n_const(g, 0, x[i]->rank, x[i]->shape);
}
