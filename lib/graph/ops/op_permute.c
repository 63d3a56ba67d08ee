/* Axes in another order. */
#include "graph/ops.h"

#include <string.h>

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

/* One copy, rows of the output in parallel; the innermost loop walks the output. */
static void permute_run(const OpRun *run) {
    const Node *n = run->node, *a = n->input[0];
    const Permutation *p = n->params;
    size_t source[RANK_MAX], step[RANK_MAX];
    shape_strides(a->rank, a->shape, source);
    for (int i = 0; i < n->rank; i++) step[i] = source[p->order[i]];
    size_t inner = n->shape[n->rank - 1], rows = n->count / inner, s = step[n->rank - 1];
#pragma omp parallel for schedule(static) if (n->count > 65536)
    for (size_t r = 0; r < rows; r++) {
        size_t rest = r, offset = 0;
        for (int i = n->rank - 2; i >= 0; i--) {
            offset += rest % n->shape[i] * step[i];
            rest /= n->shape[i];
        }
        const float *x = run->in[0] + offset;
        float *y = run->out + r * inner;
        if (s == 1)
            memcpy(y, x, inner * sizeof *y);
        else
            for (size_t j = 0; j < inner; j++) y[j] = x[j * s];
    }
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
