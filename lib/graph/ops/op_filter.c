/* Filters along one axis. */
#include "graph/ops.h"

#include <string.h>

static FilterShape filter_shape(const Node *n) {
    const Filter *f = n->params;
    const size_t *in = n->input[0]->shape;
    FilterShape s = {.outer = 1,
                     .inner = 1,
                     .in = in[f->axis],
                     .out = f->out,
                     .up = f->up,
                     .down = f->down,
                     .pad = f->pad,
                     .count = f->count};
    for (int i = 0; i < f->axis; i++) s.outer *= in[i];
    for (int i = f->axis + 1; i < n->rank; i++) s.inner *= in[i];
    memcpy(s.taps, f->taps, sizeof s.taps);
    return s;
}

static Node *filter_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    FilterShape s = filter_shape(self);
    s = filter_adjoint(&s);
    Filter f = {.axis = ((const Filter *)self->params)->axis,
                .count = s.count,
                .up = s.up,
                .down = s.down,
                .out = s.out,
                .pad = s.pad};
    memcpy(f.taps, s.taps, sizeof f.taps);
    return n_filter(g, dy, &f);
}

static void filter_op_run(const OpRun *r) {
    FilterShape s = filter_shape(r->node);
    filter_run(&s, r->in[0], r->out);
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
