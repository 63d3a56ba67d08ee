/* gather and scatter: elements along an axis at positions known only while playing. */
#include "graph/graph.h"

#include <math.h>
#include <string.h>

/* x [outer, length, inner] and positions [rows, count], `outer` being a multiple of rows: outer /
 * rows blocks in turn share a row. */
typedef struct {
    size_t outer, length, inner, rows, count;
} Gather;

/* Positions are rounded down and kept within the axis; what is not a number is 0. */
static size_t position(float at, size_t length) {
    if (!(at >= 1)) return 0;
    return at < (float)length ? (size_t)at : length - 1;
}

static void gather_run(const OpRun *r) {
    const Gather *p = r->node->params;
    const float *x = r->in[0], *at = r->in[1];
    size_t share = p->outer / p->rows, tasks = p->outer * p->count;
#pragma omp parallel for schedule(static) if (r->node->count > 65536)
    for (size_t t = 0; t < tasks; t++) {
        size_t o = t / p->count, k = t % p->count;
        size_t from = position(at[o / share * p->count + k], p->length);
        memcpy(r->out + t * p->inner, x + (o * p->length + from) * p->inner,
               p->inner * sizeof(float));
    }
}

/* Sums in the order of the positions, whatever the threads: each has columns of its own. */
static void scatter_run(const OpRun *r) {
    enum { COLUMNS = 64 };
    const Gather *p = r->node->params;
    const float *dy = r->in[0], *at = r->in[1];
    size_t share = p->outer / p->rows, blocks = (p->inner + COLUMNS - 1) / COLUMNS;
#pragma omp parallel for schedule(static) if (p->outer * p->count * p->inner > 65536)
    for (size_t t = 0; t < p->outer * blocks; t++) {
        size_t o = t / blocks, first = t % blocks * COLUMNS, left = p->inner - first;
        size_t width = left < COLUMNS ? left : COLUMNS;
        float *out = r->out + o * p->length * p->inner + first;
        for (size_t k = 0; k < p->length; k++) memset(out + k * p->inner, 0, width * sizeof *out);
        for (size_t k = 0; k < p->count; k++) {
            size_t to = position(at[o / share * p->count + k], p->length);
            const float *from = dy + (o * p->count + k) * p->inner + first;
            for (size_t c = 0; c < width; c++) out[to * p->inner + c] += from[c];
        }
    }
}

/* The last of several at one position stays. */
static void put_run(const OpRun *r) {
    const Gather *p = r->node->params;
    const float *x = r->in[0], *at = r->in[1], *y = r->in[2];
    memcpy(r->out, x, r->node->count * sizeof *x);
    for (size_t k = 0; k < p->count; k++)
        memcpy(r->out + position(at[k], p->length) * p->inner, y + k * p->inner,
               p->inner * sizeof *y);
}

static double gather_flops(const Node *n) { return (double)n->count; }

static Node *gather_grad(Graph *g, Node *self, Node *dy, int which);
static Node *scatter_grad(Graph *g, Node *self, Node *dy, int which);

static const OpDef op_gather = {.name = "gather",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Gather),
                                .grad = gather_grad,
                                .run = gather_run,
                                .flops = gather_flops,
                                .picks = true};
static const OpDef op_scatter = {.name = "scatter",
                                 .class = CLASS_KERNEL,
                                 .params = sizeof(Gather),
                                 .grad = scatter_grad,
                                 .run = scatter_run,
                                 .flops = gather_flops};
static const OpDef op_put = {.name = "put",
                             .class = CLASS_KERNEL,
                             .params = sizeof(Gather),
                             .run = put_run,
                             .flops = gather_flops};

static Node *gather_grad(Graph *g, Node *self, Node *dy, int which) {
    if (which) return NULL;
    Node *x = self->input[0];
    return graph_node(g, &op_scatter, x->rank, x->shape, 2, (Node *[]){dy, self->input[1]},
                      self->params);
}

static Node *scatter_grad(Graph *g, Node *self, Node *dy, int which) {
    if (which) return NULL;
    Node *y = self->input[0];
    return graph_node(g, &op_gather, y->rank, y->shape, 2, (Node *[]){dy, self->input[1]},
                      self->params);
}

/* The extents of x around an axis. */
static Gather around(const Node *x, int axis) {
    Gather p = {1, x->shape[axis], 1, 1, 0};
    for (int i = 0; i < axis; i++) p.outer *= x->shape[i];
    for (int i = axis + 1; i < x->rank; i++) p.inner *= x->shape[i];
    return p;
}

Node *n_gather(Graph *g, Node *x, int axis, Node *at, bool own) {
    Gather p = around(x, axis);
    p.rows = own ? at->shape[0] : 1;
    p.count = at->count / p.rows;
    size_t shape[RANK_MAX];
    int rank = 0, from = own ? 1 : 0;
    if (x->rank - 1 + at->rank - from > RANK_MAX) graph_fail(g, "more than %d axes", RANK_MAX);
    for (int i = 0; i < axis; i++) shape[rank++] = x->shape[i];
    for (int i = from; i < at->rank; i++) shape[rank++] = at->shape[i];
    for (int i = axis + 1; i < x->rank; i++) shape[rank++] = x->shape[i];
    return graph_node(g, &op_gather, rank, shape, 2, (Node *[]){x, at}, &p);
}

Node *n_scatter(Graph *g, Node *x, Node *at, size_t count) {
    Gather p = around(x, 0);
    size_t shape[RANK_MAX];
    memcpy(shape, x->shape, sizeof shape);
    p.length = shape[0] = count;
    p.count = at->count;
    return graph_node(g, &op_scatter, x->rank, shape, 2, (Node *[]){x, at}, &p);
}

Node *n_put(Graph *g, Node *x, Node *at, Node *y) {
    Gather p = around(x, 0);
    p.count = at->count;
    return graph_node(g, &op_put, x->rank, x->shape, 3, (Node *[]){x, at, y}, &p);
}
