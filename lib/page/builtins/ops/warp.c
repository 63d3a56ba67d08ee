/* warp(x, flow): maps looked at where a flow says, between pixels; tensor/warping.h has the
 * formula.
 *
 * It is linear in x, and linear in each part of the flow between two pixels. So three kinds of
 * operations have derivatives of any order: the sample, with what the slope names differentiated;
 * its adjoint in x; and the gradient in both parts of the flow at once. */
#include "page/eval/build.h"

#include <string.h>

#include "tensor/warping.h"

typedef struct {
    unsigned slope;
    bool zero;
} Warp;

static const OpDef op_sample, op_spread, op_slopes;

static Node *warp_node(Graph *g, const OpDef *op, const Node *like, const Warp *from,
                       unsigned slope, int inputs, Node *const *in) {
    Warp p;
    memset(&p, 0, sizeof p);
    p.slope = slope, p.zero = from->zero;
    for (int i = 0; i < inputs; i++)
        if (n_is_number(in[i], 0) && i != (op == &op_spread ? 0 : 1))
            return n_const(g, 0, like->rank, like->shape);
    return graph_node(g, op, like->rank, like->shape, inputs, in, &p);
}

static Node *sample(Graph *g, const Warp *p, unsigned slope, Node *x, Node *flow) {
    return warp_node(g, &op_sample, x, p, slope, 2, (Node *[]){x, flow});
}
static Node *spread(Graph *g, const Warp *p, unsigned slope, Node *flow, Node *dy) {
    return warp_node(g, &op_spread, dy, p, slope, 2, (Node *[]){flow, dy});
}

/* One part of a flow, [N,H,W,1]. */
static Node *part_of(Graph *g, Node *flow, size_t part) {
    size_t begin[RANK_MAX] = {0, 0, 0, part}, shape[RANK_MAX];
    memcpy(shape, flow->shape, sizeof shape);
    shape[3] = 1;
    return n_slice(g, flow, begin, shape, NULL);
}
static Node *flow_of(Graph *g, Node *u, Node *v) { return n_concat(g, 3, 2, (Node *[]){u, v}); }

/* The gradient of the sum of dy*sample in the flow. */
static Node *slopes(Graph *g, const Warp *p, unsigned slope, Node *x, Node *flow, Node *dy) {
    if (!slope) return warp_node(g, &op_slopes, flow, p, 0, 3, (Node *[]){x, flow, dy});
    if (slope == (WARP_U | WARP_V)) return n_const(g, 0, flow->rank, flow->shape);
    Node *both = sample(g, p, WARP_U | WARP_V, x, flow);
    Node *sum = n_sum(g, n_mul(g, both, dy), 1u << 3);
    Node *none = n_const(g, 0, sum->rank, sum->shape);
    return slope == WARP_U ? flow_of(g, none, sum) : flow_of(g, sum, none);
}

static Node *sample_grad(Graph *g, Node *self, Node *dy, int which) {
    const Warp *p = self->params;
    Node *x = self->input[0], *flow = self->input[1];
    return which ? slopes(g, p, p->slope, x, flow, dy) : spread(g, p, p->slope, flow, dy);
}

static Node *spread_grad(Graph *g, Node *self, Node *dx, int which) {
    const Warp *p = self->params;
    Node *flow = self->input[0], *dy = self->input[1];
    return which ? sample(g, p, p->slope, dx, flow) : slopes(g, p, p->slope, dx, flow, dy);
}

/* t is what the two parts of the result are weighed with. */
static Node *slopes_grad(Graph *g, Node *self, Node *t, int which) {
    const Warp *p = self->params;
    Node *x = self->input[0], *flow = self->input[1], *dy = self->input[2];
    Node *u = part_of(g, t, 0), *v = part_of(g, t, 1);
    if (which == 0)
        return n_add(g, spread(g, p, WARP_U, flow, n_mul(g, dy, u)),
                     spread(g, p, WARP_V, flow, n_mul(g, dy, v)));
    if (which == 2)
        return n_add(g, n_mul(g, sample(g, p, WARP_U, x, flow), u),
                     n_mul(g, sample(g, p, WARP_V, x, flow), v));
    Node *both = sample(g, p, WARP_U | WARP_V, x, flow);
    return n_mul(g, n_sum(g, n_mul(g, both, dy), 1u << 3), flow_of(g, v, u));
}

static WarpShape shape_of(const Node *n, const Node *map) {
    const size_t *s = map->shape;
    return (WarpShape){s[0], s[1], s[2], s[3], ((const Warp *)n->params)->zero};
}

static void sample_run(const OpRun *r) {
    WarpShape s = shape_of(r->node, r->node);
    warp_sample(&s, ((const Warp *)r->node->params)->slope, r->in[0], r->in[1], r->out);
}
static void spread_run(const OpRun *r) {
    WarpShape s = shape_of(r->node, r->node);
    warp_spread(&s, ((const Warp *)r->node->params)->slope, r->in[0], r->in[1], r->out);
}
static void slopes_run(const OpRun *r) {
    WarpShape s = shape_of(r->node, r->node->input[0]);
    warp_slopes(&s, r->in[0], r->in[1], r->in[2], r->out);
}

static double warp_flops(const Node *n) { return 8.0 * (double)n->count; }
static double slopes_flops(const Node *n) { return 8.0 * (double)n->input[0]->count; }

static const OpDef op_sample = {.name = "warp",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Warp),
                                .grad = sample_grad,
                                .run = sample_run,
                                .flops = warp_flops};
static const OpDef op_spread = {.name = "warp spread",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Warp),
                                .grad = spread_grad,
                                .run = spread_run,
                                .flops = warp_flops};
static const OpDef op_slopes = {.name = "warp slopes",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Warp),
                                .grad = slopes_grad,
                                .run = slopes_run,
                                .flops = slopes_flops};

static Value warp(Build *b, const Expr *at, Value **arg) {
    Node *x = as_batch(b, at, arg[0], "warp").node, *flow = as_batch(b, at, arg[1], "warp").node;
    const char *mode = arg[2] ? as_text(b, at, arg[2], "mode") : "edge";
    char s[200], t[200];
    bool zero = !strcmp(mode, "zero"), fits = x->rank == 4 && flow->rank == 4;
    for (int i = 0; fits && i < 3; i++) fits = x->shape[i] == flow->shape[i];
    if (!fits || flow->shape[3] != 2)
        build_fail(b, at, "warp takes [N,H,W,C] and a flow [N,H,W,2], these are %s and %s",
                   node_shape_text(x, s, sizeof s), node_shape_text(flow, t, sizeof t));
    if (!zero && strcmp(mode, "edge"))
        build_fail(b, at, "warp: expected \"edge\" or \"zero\", found \"%s\"", mode);
    return value_tensor(sample(b->g, &(Warp){0, zero}, 0, x, flow), true);
}

const Builtin builtin_warp = {
    "warp", "x, flow, mode?", warp,
    "maps looked at where a flow [N,H,W,2] moves each pixel, between pixels; \"edge\" or \"zero\""};
