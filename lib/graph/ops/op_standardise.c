/* Standardising: its gradient in closed form, where the rules of its parts would go over the tensor
 * four times more often. */
#include "graph/ops.h"

enum { CENTRED, SCALE, X };

/* With s = (x - mean) * scale: ds/dx' dy = scale * (dy - mean(dy) - s * mean(s * dy)), whatever was
 * added to the variance. The two other inputs are ways of computing s and pass no gradient. */
static Node *standardise_grad(Graph *g, Node *self, Node *dy, int which) {
    if (which != X) return NULL;
    unsigned axes = *(const unsigned *)self->params;
    Node *scale = self->input[SCALE];
    Node *along = n_mul(g, self, n_mul(g, n_mean(g, n_mul(g, dy, self), axes), scale));
    Node *mean = n_mul(g, n_mean(g, dy, axes), scale);
    return n_sub(g, n_sub(g, n_mul(g, dy, scale), mean), along);
}

const OpDef op_standardise = {.name = "standardise",
                              .class = CLASS_POINTWISE,
                              .code = PW_MUL,
                              .params = sizeof(unsigned), /* the axes */
                              .grad = standardise_grad};

Node *n_standardise(Graph *g, Node *x, unsigned axes, double eps, Node **mean, Node **var) {
    *mean = n_mean(g, x, axes);
    Node *centred = n_sub(g, x, *mean);
    *var = n_mean(g, n_unary(g, PW_SQUARE, centred), axes);
    Node *scale = n_unary(g, PW_RSQRT, n_add(g, *var, n_number(g, (float)eps)));
    Node *in[] = {[CENTRED] = centred, [SCALE] = n_broadcast(g, scale, x->rank, x->shape), [X] = x};
    return graph_node(g, &op_standardise, x->rank, x->shape, 3, in, &axes);
}
