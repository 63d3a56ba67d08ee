/* Matrix products and convolutions: multilinear, so each gradient is another of the same family. */
#include "graph/ops.h"

#include <string.h>

#include "tensor/gemm/gemm.h"

/* ---- matrix products ---- */

static GemmShape gemm_shape(const Node *n) {
    const Node *a = n->input[0], *b = n->input[1];
    bool batched = n->rank == 3;
    const size_t *as = a->shape + batched, *bs = b->shape + batched;
    GemmShape s = {.ta = n->attr.flag[0], .tb = n->attr.flag[1]};
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
    bool ta = self->attr.flag[0], tb = self->attr.flag[1];
    if (!which) return ta ? n_matmul(g, b, dy, tb, true) : n_matmul(g, dy, b, false, !tb);
    return tb ? n_matmul(g, dy, a, true, ta) : n_matmul(g, a, dy, !ta, false);
}

static size_t matmul_scratch(const Node *n) {
    GemmShape s = gemm_shape(n);
    return gemm_scratch(&s);
}

static void matmul_run(const Node *n, const float *const *in, float *out, void *scratch,
                       const RunContext *rc) {
    (void)rc;
    GemmShape s = gemm_shape(n);
    gemm(&s, in[0], in[1], out, scratch);
}

static double matmul_flops(const Node *n) {
    GemmShape s = gemm_shape(n);
    return 2.0 * (double)s.m * (double)s.n * (double)s.k * (double)s.batch;
}

const OpDef op_matmul = {.name = "matmul",
                         .class = CLASS_KERNEL,
                         .grad = matmul_grad,
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
    float v;
    if ((n_is_const(a, &v) && v == 0) || (n_is_const(b, &v) && v == 0))
        return n_const(g, 0, a->rank, shape);
    Attr at;
    memset(&at, 0, sizeof at);
    at.flag[0] = ta;
    at.flag[1] = tb;
    return graph_node(g, &op_matmul, a->rank, shape, 2, (Node *[]){a, b}, &at);
}

/* ---- convolutions ---- */

/* With y = conv(x, w): the three maps are (x,w)->y, (y,w)->x and (x,y)->w. */
static Node *conv_grad(Graph *g, Node *self, Node *dy, int which) {
    const ConvShape *s = &self->attr.conv;
    Node *a = self->input[0], *b = self->input[1];
    switch ((ConvKind)self->attr.kind) {
    case CONV_FORWARD:
        return which ? n_conv(g, CONV_WEIGHT, s, a, dy) : n_conv(g, CONV_DATA, s, dy, b);
    case CONV_DATA:
        return which ? n_conv(g, CONV_WEIGHT, s, dy, a) : n_conv(g, CONV_FORWARD, s, dy, b);
    case CONV_WEIGHT:
        return which ? n_conv(g, CONV_FORWARD, s, a, dy) : n_conv(g, CONV_DATA, s, b, dy);
    }
    return NULL;
}

static size_t conv_op_scratch(const Node *n) {
    return conv_scratch(&n->attr.conv, (ConvKind)n->attr.kind);
}

static void conv_run(const Node *n, const float *const *in, float *out, void *scratch,
                     const RunContext *rc) {
    (void)rc;
    switch ((ConvKind)n->attr.kind) {
    case CONV_FORWARD: conv_forward(&n->attr.conv, in[0], in[1], out, scratch); break;
    case CONV_DATA: conv_data(&n->attr.conv, in[0], in[1], out, scratch); break;
    case CONV_WEIGHT: conv_weight(&n->attr.conv, in[0], in[1], out, scratch); break;
    }
}

static double conv_flops(const Node *n) { return 2 * conv_macs(&n->attr.conv); }

const OpDef op_conv = {.name = "conv",
                       .class = CLASS_KERNEL,
                       .grad = conv_grad,
                       .scratch = conv_op_scratch,
                       .run = conv_run,
                       .flops = conv_flops};

Node *n_conv(Graph *g, ConvKind kind, const ConvShape *s, Node *a, Node *b) {
    Attr at;
    memset(&at, 0, sizeof at);
    at.kind = (int)kind;
    at.conv.dims = s->dims;
    at.conv.n = s->n;
    at.conv.cin = s->cin;
    at.conv.cout = s->cout;
    size_t x[RANK_MAX], y[RANK_MAX], w[RANK_MAX];
    x[0] = y[0] = s->n;
    for (int i = 0; i < s->dims; i++) {
        at.conv.in[i] = x[i + 1] = s->in[i];
        at.conv.out[i] = y[i + 1] = s->out[i];
        at.conv.kernel[i] = w[i] = s->kernel[i];
        at.conv.stride[i] = s->stride[i];
        at.conv.pad[i] = s->pad[i];
    }
    x[s->dims + 1] = w[s->dims] = s->cin;
    y[s->dims + 1] = w[s->dims + 1] = s->cout;
    const size_t *shape = kind == CONV_FORWARD ? y : kind == CONV_DATA ? x : w;
    float v;
    if ((n_is_const(a, &v) && v == 0) || (n_is_const(b, &v) && v == 0))
        return n_const(g, 0, s->dims + 2, shape);
    return graph_node(g, &op_conv, s->dims + 2, shape, 2, (Node *[]){a, b}, &at);
}
