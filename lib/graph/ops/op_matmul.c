/* Matrix products: bilinear, so each gradient is another of them. */
#include "graph/ops.h"

#include <string.h>

#include "tensor/gemm/gemm.h"

typedef struct {
    bool ta, tb;
} Turned;

static GemmShape gemm_shape(const Node *n) {
    const Turned *p = n->params;
    const Node *a = n->input[0], *b = n->input[1];
    bool batched = n->rank == 3;
    const size_t *as = a->shape + batched, *bs = b->shape + batched;
    GemmShape s = {.ta = p->ta, .tb = p->tb};
    s.m = s.ta ? as[1] : as[0];
    s.k = s.ta ? as[0] : as[1];
    s.n = s.tb ? bs[0] : bs[1];
    s.batch = batched ? n->shape[0] : 1;
    s.stride_a = batched ? as[0] * as[1] : 0;
    s.stride_b = batched ? bs[0] * bs[1] : 0;
    return s;
}

static Node *matmul_grad(Graph *g, Node *self, Node *dy, int which) {
    Node *a = self->input[0], *b = self->input[1];
    bool ta = ((const Turned *)self->params)->ta, tb = ((const Turned *)self->params)->tb;
    if (!which) return ta ? n_matmul(g, b, dy, tb, true) : n_matmul(g, dy, b, false, !tb);
    return tb ? n_matmul(g, dy, a, true, ta) : n_matmul(g, a, dy, !ta, false);
}

static const void *matmul_plan(const Node *n, Arena *arena) {
    GemmShape s = gemm_shape(n);
    return gemm_plan(arena, &s);
}

static size_t matmul_scratch(const Node *n, const void *plan) {
    (void)n;
    return gemm_scratch(plan);
}

static void matmul_run(const OpRun *r) {
    gemm_run(r->plan, r->in[0], r->in[1], r->out, r->scratch);
}

static double matmul_flops(const Node *n) {
    GemmShape s = gemm_shape(n);
    return 2.0 * (double)s.m * (double)s.n * (double)s.k * (double)s.batch;
}

const OpDef op_matmul = {.name = "matmul",
                         .class = CLASS_KERNEL,
                         .params = sizeof(Turned),
                         .grad = matmul_grad,
                         .plan = matmul_plan,
                         .scratch = matmul_scratch,
                         .run = matmul_run,
                         .flops = matmul_flops};

Node *n_matmul(Graph *g, Node *a, Node *b, bool ta, bool tb) {
    char p[200], q[200];
    if (a->rank > 2 && b->rank == 2 && !ta) { /* one product over all rows */
        size_t shape[RANK_MAX], k = a->shape[a->rank - 1];
        memcpy(shape, a->shape, sizeof shape);
        Node *rows = n_reshape(g, a, 2, (size_t[]){k ? a->count / k : 0, k});
        Node *r = n_matmul(g, rows, b, false, tb);
        shape[a->rank - 1] = r->shape[1];
        return n_reshape(g, r, a->rank, shape);
    }
    bool fits =
        a->rank == b->rank && (a->rank == 2 || (a->rank == 3 && a->shape[0] == b->shape[0]));
    if (fits) {
        const size_t *as = a->shape + (a->rank == 3), *bs = b->shape + (b->rank == 3);
        fits = as[ta ? 0 : 1] == bs[tb ? 1 : 0];
    }
    if (!fits)
        graph_fail(g, "matrix product of %s and %s does not fit", node_shape_text(a, p, sizeof p),
                   node_shape_text(b, q, sizeof q));
    const size_t *as = a->shape + (a->rank == 3), *bs = b->shape + (b->rank == 3);
    size_t m = as[ta ? 1 : 0], n = bs[tb ? 0 : 1];
    size_t shape[3] = {a->rank == 3 ? a->shape[0] : m, a->rank == 3 ? m : n, n};
    if (n_is_number(a, 0) || n_is_number(b, 0)) return n_const(g, 0, a->rank, shape);
    return graph_node(g, &op_matmul, a->rank, shape, 2, (Node *[]){a, b}, &(Turned){ta, tb});
}
