/* Matrix products: bilinear, so each gradient is another of them. */
#include "graph/ops.h"

#include <string.h>

#include "tensor/gemm/gemm.h"

typedef struct {
    bool ta, tb;
} Turned;

/* Of matrices, or of as many in a and in b; false when they do not fit. */
static bool shapes_fit(const Node *a, const Node *b, bool ta, bool tb, GemmShape *s) {
    bool batched = a->rank == 3;
    if (a->rank != b->rank || a->rank < 2 || a->rank > 3) return false;
    const size_t *as = a->shape + batched, *bs = b->shape + batched;
    *s = (GemmShape){.ta = ta, .tb = tb, .m = as[ta], .k = as[!ta], .n = bs[!tb], .batch = 1};
    if (batched) s->batch = a->shape[0], s->stride_a = as[0] * as[1], s->stride_b = bs[0] * bs[1];
    return s->k == bs[tb] && (!batched || b->shape[0] == s->batch);
}

static GemmShape gemm_shape(const Node *n) {
    const Turned *p = n->params;
    GemmShape s = {0};
    (void)shapes_fit(n->input[0], n->input[1], p->ta, p->tb, &s);
    s.steady = n->steady;
    return s;
}

/* Of a matrix and itself turned both gradients are one: with y = a' a that of a is a (dy + dy'). */
static Node *gram_grad(Graph *g, Node *a, Node *dy, bool rows) {
    int order[RANK_MAX], last = dy->rank - 1;
    for (int i = 0; i <= last; i++) order[i] = i;
    order[last - 1] = last, order[last] = last - 1;
    Node *both = n_add(g, dy, n_permute(g, dy, order));
    return rows ? n_matmul(g, both, a, false, false) : n_matmul(g, a, both, false, false);
}

static Node *matmul_grad(Graph *g, Node *self, Node *dy, int which) {
    Node *a = self->input[0], *b = self->input[1];
    bool ta = ((const Turned *)self->params)->ta, tb = ((const Turned *)self->params)->tb;
    if (a == b && ta != tb) return which ? NULL : gram_grad(g, a, dy, tb);
    if (!which) return ta ? n_matmul(g, b, dy, tb, true) : n_matmul(g, dy, b, false, !tb);
    return tb ? n_matmul(g, dy, a, true, ta) : n_matmul(g, a, dy, !ta, false);
}

static const void *matmul_plan(const Node *n, Arena *arena) {
    GemmShape s = gemm_shape(n);
    return gemm_plan(arena, &s);
}

static size_t matmul_scratch(const void *plan) { return gemm_scratch(plan); }

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
    if (permute_turns(a)) return n_matmul(g, a->input[0], b, !ta, tb);
    if (permute_turns(b)) return n_matmul(g, a, b->input[0], ta, !tb);
    GemmShape s;
    if (!shapes_fit(a, b, ta, tb, &s))
        graph_fail(g, "matrix product of %s and %s does not fit", node_shape_text(a, p, sizeof p),
                   node_shape_text(b, q, sizeof q));
    size_t shape[3] = {s.batch, s.m, s.n}, *own = shape + (a->rank == 2);
    if (n_is_number(a, 0) || n_is_number(b, 0)) return n_const(g, 0, a->rank, own);
    return graph_node(g, &op_matmul, a->rank, own, 2, (Node *[]){a, b}, &(Turned){ta, tb});
}
