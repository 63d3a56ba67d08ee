/* Resizing, padding, rolling, flipping and filtering along axes. */
#include "graph/ops.h"

#include <string.h>

static Node *resample_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Resampling *p = self->params;
    Resampling t = *p;
    t.adjoint = !p->adjoint;
    return n_resample(g, dy, &t);
}

static const void *resample_op_plan(const Node *n, Arena *arena) {
    const Resampling *p = n->params;
    size_t outer = 1, inner = 1;
    for (int i = 0; i < n->rank; i++) {
        if (i < p->axis) outer *= n->shape[i];
        if (i >= p->axis + p->count) inner *= n->shape[i];
    }
    return resample_plan(arena, p, outer, inner);
}

static size_t resample_op_scratch(const void *plan) { return resample_scratch(plan); }

static void resample_op_run(const OpRun *r) { resample_run(r->plan, r->in[0], r->out, r->scratch); }

/* Axis by axis, of what is between neighbours and of filters; the rest is moved. */
static double resample_flops(const Node *n) {
    const Resampling *p = n->params;
    double flops = 0, count = (double)(p->adjoint ? n->count : n->input[0]->count);
    for (int i = 0; i < p->count; i++) {
        const ResampleAxis *a = &p->along[i];
        count *= (double)a->out / (double)a->in;
        if (a->rule == RESAMPLE_LINEAR) flops += 2 * 2 * count;
        if (a->rule == RESAMPLE_FILTER)
            flops += 2 * count * (double)p->filter.count / (double)p->filter.up;
    }
    return flops;
}

const OpDef op_resample = {.name = "resample",
                           .class = CLASS_KERNEL,
                           .params = sizeof(Resampling),
                           .grad = resample_grad,
                           .plan = resample_op_plan,
                           .scratch = resample_op_scratch,
                           .run = resample_op_run,
                           .flops = resample_flops};

Node *n_resample(Graph *g, Node *a, const Resampling *r) {
    size_t shape[RANK_MAX];
    Resampling p;
    memset(&p, 0, sizeof p);
    p.axis = r->axis, p.count = r->count, p.adjoint = r->adjoint;
    memcpy(shape, a->shape, sizeof shape);
    bool fits = r->axis >= 0 && r->count <= RESAMPLE_AXES && r->axis + r->count <= a->rank;
    bool filter = false;
    for (int i = 0; fits && i < r->count; i++) {
        const ResampleAxis *along = &r->along[i];
        p.along[i].rule = along->rule, p.along[i].before = along->before;
        p.along[i].in = along->in, p.along[i].out = along->out;
        fits =
            along->in && along->out && shape[r->axis + i] == (r->adjoint ? along->out : along->in);
        shape[r->axis + i] = r->adjoint ? along->in : along->out;
        filter |= along->rule == RESAMPLE_FILTER;
    }
    if (filter) {
        const ResampleFilter *f = &r->filter;
        fits = fits && f->count >= 1 && f->count <= FILTER_TAPS && f->up && f->down;
        p.filter.count = f->count, p.filter.up = f->up, p.filter.down = f->down;
        for (int i = 0; fits && i < f->count; i++) p.filter.taps[i] = f->taps[i];
    }
    if (!fits) {
        char text[200];
        graph_fail(g, "resampling does not fit %s", node_shape_text(a, text, sizeof text));
    }
    float v;
    if (n_is_const(a, &v) && (v == 0 || !(r->adjoint || filter)))
        return n_const(g, v, a->rank, shape);
    return graph_node(g, &op_resample, a->rank, shape, 1, &a, &p);
}
