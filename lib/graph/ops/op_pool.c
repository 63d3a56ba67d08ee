/* The largest values of windows, to any order of derivatives. */
#include "graph/ops.h"

#include <string.h>

#include "tensor/pool.h"

/* The windows and where their largest values are come from x and y; the last input of POOL_SPREAD
 * and POOL_PICK goes through a linear map, and each is the other's adjoint in it. */
typedef struct {
    enum { POOL_MAX, POOL_SPREAD, POOL_PICK } kind;
    ConvShape windows;
} Pool;
enum { X, Y, ALONG };

static Node *pool_node(Graph *g, int kind, const ConvShape *s, int count, Node *const *in) {
    Pool p;
    memset(&p, 0, sizeof p);
    p.kind = kind;
    conv_shape_copy(&p.windows, s);
    size_t shape[RANK_MAX];
    memcpy(shape, in[X]->shape, sizeof shape);
    for (int i = 0; i < s->dims && kind != POOL_SPREAD; i++) shape[i + 1] = s->out[i];
    float v;
    if (n_is_const(in[count - 1], &v) && (kind == POOL_MAX || v == 0))
        return n_const(g, v, in[X]->rank, shape);
    return graph_node(g, &op_pool, in[X]->rank, shape, count, in, &p);
}

/* Small steps move no maximum to another pixel: only what is linear has a gradient. */
static Node *pool_grad(Graph *g, Node *self, Node *dy, int which) {
    const Pool *p = self->params;
    Node **in = self->input;
    bool max = p->kind == POOL_MAX;
    if (which != (max ? X : ALONG)) return NULL;
    int kind = p->kind == POOL_SPREAD ? POOL_PICK : POOL_SPREAD;
    return pool_node(g, kind, &p->windows, 3, (Node *[]){in[X], max ? self : in[Y], dy});
}

static void pool_run(const OpRun *r) {
    const Pool *p = r->node->params;
    const float *const *in = r->in;
    switch (p->kind) {
    case POOL_MAX: pool_max(&p->windows, in[X], r->out); break;
    case POOL_SPREAD: pool_spread(&p->windows, in[X], in[Y], in[ALONG], r->out); break;
    case POOL_PICK: pool_pick(&p->windows, in[X], in[Y], in[ALONG], r->out); break;
    }
}

static double pool_flops(const Node *n) {
    const Pool *p = n->params;
    const ConvShape *s = &p->windows;
    double count = (double)s->n * (double)s->cin;
    for (int i = 0; i < s->dims; i++) count *= (double)s->out[i] * (double)s->kernel[i];
    return p->kind == POOL_MAX ? count : 3 * count;
}

const OpDef op_pool = {.name = "maxpool",
                       .class = CLASS_KERNEL,
                       .params = sizeof(Pool),
                       .grad = pool_grad,
                       .run = pool_run,
                       .flops = pool_flops};

Node *n_maxpool(Graph *g, const ConvShape *s, Node *x) {
    bool fits = x->rank == s->dims + 2 && x->shape[0] == s->n && x->shape[x->rank - 1] == s->cin;
    for (int i = 0; fits && i < s->dims; i++)
        fits = x->shape[i + 1] == s->in[i] && s->out[i] && s->pad[i] < s->kernel[i] &&
               (s->out[i] - 1) * s->stride[i] < s->in[i] + s->pad[i];
    if (!fits) {
        char text[200];
        graph_fail(g, "windows do not fit into %s", node_shape_text(x, text, sizeof text));
    }
    return pool_node(g, POOL_MAX, s, 1, &x);
}
