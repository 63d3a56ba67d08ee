/* Special functions, element by element in double precision. */
#include "graph/ops.h"

typedef struct {
    double nu;
    int kind, order; /* BesselKind; order of the derivative */
} Special;

static double bessel_at(const Special *p, double x) {
    return special_bessel((BesselKind)p->kind, p->nu, p->order, x);
}

static double polygamma_at(const Special *p, double x) { return special_polygamma(p->order, x); }

/* Work is so large that few elements are worth threads. */
static void each(const OpRun *r, double (*f)(const Special *, double)) {
    const Special *p = r->node->params;
    const float *x = r->in[0];
    size_t count = r->node->count;
#pragma omp parallel for schedule(static) if (count > 256)
    for (size_t i = 0; i < count; i++) r->out[i] = (float)f(p, (double)x[i]);
}
static void bessel_run(const OpRun *r) { each(r, bessel_at); }
static void polygamma_run(const OpRun *r) { each(r, polygamma_at); }

static double special_flops(const Node *n) { return 1000 * (double)n->count; }

static Node *bessel_derivative(Graph *g, const Special *p, Node *x);

static Node *bessel_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    Special p = *(const Special *)self->params;
    if (++p.order == BESSEL_ORDERS)
        graph_fail(g, "a derivative of order %d of a Bessel function: %d are known", p.order,
                   BESSEL_ORDERS - 1);
    return n_mul(g, dy, bessel_derivative(g, &p, self->input[0]));
}

static Node *polygamma_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Special *p = self->params;
    return n_mul(g, dy, n_polygamma(g, self->input[0], p->order + 1));
}

static const OpDef op_bessel = {.name = "bessel",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Special),
                                .grad = bessel_grad,
                                .run = bessel_run,
                                .flops = special_flops};
static const OpDef op_polygamma = {.name = "polygamma",
                                   .class = CLASS_KERNEL,
                                   .params = sizeof(Special),
                                   .grad = polygamma_grad,
                                   .run = polygamma_run,
                                   .flops = special_flops};

static Node *make(Graph *g, const OpDef *op, double (*f)(const Special *, double), const Special *p,
                  Node *x) {
    float v;
    if (n_is_const(x, &v)) return n_const(g, (float)f(p, (double)v), x->rank, x->shape);
    return graph_node(g, op, x->rank, x->shape, 1, &x, p);
}

static Node *bessel_derivative(Graph *g, const Special *p, Node *x) {
    return make(g, &op_bessel, bessel_at, p, x);
}

Node *n_bessel(Graph *g, BesselKind kind, double nu, Node *x) {
    return bessel_derivative(g, &(Special){nu, (int)kind, 0}, x);
}

Node *n_polygamma(Graph *g, Node *x, int order) {
    return make(g, &op_polygamma, polygamma_at, &(Special){0, 0, order}, x);
}
