/* Filters along one axis. */
#include "graph/ops.h"

#include <string.h>

static Node *filter_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Filter *f = self->params;
    Filter t = filter_adjoint(f, self->input[0]->shape[f->axis]);
    return n_filter(g, dy, &t);
}

static void filter_op_run(const OpRun *r) {
    const Filter *f = r->node->params;
    const size_t *in = r->node->input[0]->shape;
    size_t outer = 1, inner = 1;
    for (int i = 0; i < f->axis; i++) outer *= in[i];
    for (int i = f->axis + 1; i < r->node->rank; i++) inner *= in[i];
    filter_run(f, outer, in[f->axis], inner, r->in[0], r->out);
}

static double filter_flops(const Node *n) {
    const Filter *f = n->params;
    return 2.0 * (double)n->count * (double)f->count / (double)f->up;
}

const OpDef op_filter = {.name = "filter",
                         .class = CLASS_KERNEL,
                         .params = sizeof(Filter),
                         .grad = filter_grad,
                         .run = filter_op_run,
                         .flops = filter_flops};

Node *n_filter(Graph *g, Node *a, const Filter *f) {
    if (f->axis < 0 || f->axis >= a->rank || f->count < 1 || f->count > FILTER_TAPS || !f->up ||
        !f->down || !f->out)
        graph_fail(g, "a filter of %d taps on axis %d of %d does not fit", f->count, f->axis,
                   a->rank);
    size_t shape[RANK_MAX];
    memcpy(shape, a->shape, sizeof shape);
    shape[f->axis] = f->out;
    if (n_is_number(a, 0)) return n_const(g, 0, a->rank, shape);
    Filter p = *f;
    for (int i = p.count; i < FILTER_TAPS; i++) p.taps[i] = 0; /* equal filters are one node */
    return graph_node(g, &op_filter, a->rank, shape, 1, &a, &p);
}
