/* Tensors side by side along an axis. */
#include "graph/ops.h"

#include <string.h>

static Node *concat_grad(Graph *g, Node *self, Node *dy, int which) {
    size_t begin[RANK_MAX] = {0}, axis = *(const size_t *)self->params;
    for (int i = 0; i < which; i++) begin[axis] += self->input[i]->shape[axis];
    return n_slice(g, dy, begin, self->input[which]->shape, NULL);
}

/* A copy that threads share. */
static void copy(const float *from, float *to, size_t n) {
    enum { CHUNK = 8192 };
#pragma omp parallel for schedule(static) if (n > 65536)
    for (size_t i = 0; i < n; i += CHUNK)
        memcpy(to + i, from + i, (n - i < CHUNK ? n - i : CHUNK) * sizeof *to);
}

static void concat_run(const OpRun *r) {
    const Node *n = r->node;
    size_t inner = 1, axis = *(const size_t *)n->params, outer = 1;
    for (int i = (int)axis + 1; i < n->rank; i++) inner *= n->shape[i];
    for (size_t i = 0; i < axis; i++) outer *= n->shape[i];
    size_t row = n->shape[axis] * inner;
    if (outer == 1) {
        float *y = r->out;
        for (int k = 0; k < n->input_count; y += n->input[k++]->count)
            copy(r->in[k], y, n->input[k]->count);
        return;
    }
#pragma omp parallel for schedule(static) if (n->count > 65536)
    for (size_t o = 0; o < outer; o++) {
        float *y = r->out + o * row;
        for (int k = 0; k < n->input_count; k++) {
            size_t len = n->input[k]->shape[axis] * inner;
            memcpy(y, r->in[k] + o * len, len * sizeof *y);
            y += len;
        }
    }
}

const OpDef op_concat = {.name = "concat",
                         .class = CLASS_KERNEL,
                         .params = sizeof(size_t), /* the axis */
                         .grad = concat_grad,
                         .run = concat_run};

Node *n_concat(Graph *g, int axis, int n, Node *const *parts) {
    if (n == 1) return parts[0];
    size_t shape[RANK_MAX];
    memcpy(shape, parts[0]->shape, sizeof shape);
    for (int k = 1; k < n; k++) {
        bool fits = parts[k]->rank == parts[0]->rank;
        for (int i = 0; fits && i < parts[0]->rank; i++)
            fits = i == axis || parts[k]->shape[i] == shape[i];
        if (!fits) {
            char p[200], q[200];
            graph_fail(g, "cannot join %s and %s along axis %d",
                       node_shape_text(parts[0], p, sizeof p),
                       node_shape_text(parts[k], q, sizeof q), axis);
        }
        shape[axis] += parts[k]->shape[axis];
    }
    return graph_node(g, &op_concat, parts[0]->rank, shape, n, parts, &(size_t){(size_t)axis});
}
