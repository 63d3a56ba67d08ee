/* cumsum(x, axis): the sums so far along an axis of a sample. */
#include "page/eval/build.h"

typedef struct {
    int axis, backward; /* backward: sums of what is still to come, the adjoint */
} Cumsum;

static Node *cumsum_node(Graph *g, Node *x, int axis, int backward);

static Node *cumsum_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Cumsum *p = self->params;
    return cumsum_node(g, dy, p->axis, !p->backward);
}

/* As many neighbouring columns at a time as share a line of the cache. */
static void cumsum_run(const OpRun *r) {
    enum { COLUMNS = 16 };
    const Cumsum *p = r->node->params;
    const float *x = r->in[0];
    size_t length = r->node->shape[p->axis], inner = 1, count = r->node->count;
    for (int i = p->axis + 1; i < r->node->rank; i++) inner *= r->node->shape[i];
    size_t blocks = (inner + COLUMNS - 1) / COLUMNS, tasks = count / length / inner * blocks;
#pragma omp parallel for schedule(static) if (count > 65536)
    for (size_t t = 0; t < tasks; t++) {
        size_t first = t % blocks * COLUMNS, left = inner - first;
        size_t width = left < COLUMNS ? left : COLUMNS, start = t / blocks * length * inner + first;
        double sum[COLUMNS] = {0};
        for (size_t k = 0; k < length; k++) {
            size_t at = start + (p->backward ? length - 1 - k : k) * inner;
            for (size_t c = 0; c < width; c++) r->out[at + c] = (float)(sum[c] += x[at + c]);
        }
    }
}

static double cumsum_flops(const Node *n) { return (double)n->count; }

static const OpDef op_cumsum = {.name = "cumsum",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Cumsum),
                                .grad = cumsum_grad,
                                .run = cumsum_run,
                                .flops = cumsum_flops};

static Node *cumsum_node(Graph *g, Node *x, int axis, int backward) {
    return graph_node(g, &op_cumsum, x->rank, x->shape, 1, &x, &(Cumsum){axis, backward});
}

static Value cumsum(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "cumsum");
    return value_tensor(cumsum_node(b->g, x.node, as_axis(b, at, &x, arg[1]), 0), x.batched);
}

const Builtin builtin_cumsum = {"cumsum", "x, axis", cumsum,
                                "sums of what comes up to each element along an axis of a sample"};
