/* Filters along one axis. */
#include "graph/ops.h"

#include <string.h>

enum { AXIS, UP, DOWN, PAD, COUNT }; /* places in attr.a */

static FilterShape filter_shape(const Node *n) {
    const size_t *a = n->attr.a, *in = n->input[0]->shape;
    FilterShape s = {.outer = 1,
                     .inner = 1,
                     .in = in[a[AXIS]],
                     .out = n->shape[a[AXIS]],
                     .up = a[UP],
                     .down = a[DOWN],
                     .pad = (ptrdiff_t)a[PAD],
                     .count = (int)a[COUNT]};
    for (size_t i = 0; i < a[AXIS]; i++) s.outer *= in[i];
    for (size_t i = a[AXIS] + 1; i < (size_t)n->rank; i++) s.inner *= in[i];
    memcpy(s.taps, n->attr.taps, sizeof s.taps);
    return s;
}

static Node *filter_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    FilterShape s = filter_shape(self);
    s = filter_adjoint(&s);
    Filter f = {.axis = (int)self->attr.a[AXIS],
                .count = s.count,
                .up = s.up,
                .down = s.down,
                .out = s.out,
                .pad = s.pad};
    memcpy(f.taps, s.taps, sizeof f.taps);
    return n_filter(g, dy, &f);
}

static void filter_op_run(const Node *n, const float *const *in, float *out, void *scratch,
                          const RunContext *rc) {
    (void)scratch, (void)rc;
    FilterShape s = filter_shape(n);
    filter_run(&s, in[0], out);
}

static double filter_flops(const Node *n) {
    return 2.0 * (double)n->count * (double)n->attr.a[COUNT] / (double)n->attr.a[UP];
}

const OpDef op_filter = {.name = "filter",
                         .class = CLASS_KERNEL,
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
    float v;
    if (n_is_const(a, &v) && v == 0) return n_const(g, 0, a->rank, shape);
    Attr at;
    memset(&at, 0, sizeof at);
    at.a[AXIS] = (size_t)f->axis;
    at.a[UP] = f->up, at.a[DOWN] = f->down;
    at.a[PAD] = (size_t)f->pad;
    at.a[COUNT] = (size_t)f->count;
    memcpy(at.taps, f->taps, (size_t)f->count * sizeof *f->taps);
    return graph_node(g, &op_filter, a->rank, shape, 1, &a, &at);
}
