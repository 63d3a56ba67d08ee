/* Standardising: its gradient in closed form, where the rules of its parts would go over the tensor
 * four times more often. */
#include "graph/ops.h"
#include "graph/shards.h"

enum { CENTRED, SCALE, X };

typedef struct {
    unsigned axes;
    int whole; /* over all shards */
} Over;

static Node *mean_of(Graph *g, Node *x, const Over *over) {
    return n_mean_whole(g, x, over->axes, over->whole);
}

/* With s = (x - mean) * scale: ds/dx' dy = scale * (dy - mean(dy) - s * mean(s * dy)), whatever was
 * added to the variance. The two other inputs are ways of computing s and pass no gradient. */
static Node *standardise_grad(Graph *g, Node *self, Node *dy, int which) {
    if (which != X) return NULL;
    const Over *over = self->params;
    Node *scale = self->input[SCALE];
    Node *along = n_mul(g, self, n_mul(g, mean_of(g, n_mul(g, dy, self), over), scale));
    Node *mean = n_mul(g, mean_of(g, dy, over), scale);
    return n_sub(g, n_sub(g, n_mul(g, dy, scale), mean), along);
}

const OpDef op_standardise = {.name = "standardise",
                              .class = CLASS_POINTWISE,
                              .code = PW_MUL,
                              .params = sizeof(Over),
                              .grad = standardise_grad};

Node *n_standardise(Graph *g, Node *x, unsigned axes, bool whole, double eps, Node **mean,
                    Node **var) {
    Over over = {axes, whole};
    *mean = mean_of(g, x, &over);
    Node *centred = n_sub(g, x, *mean);
    *var = mean_of(g, n_unary(g, PW_SQUARE, centred), &over);
    Node *scale = n_unary(g, PW_RSQRT, n_add(g, *var, n_number(g, (float)eps)));
    Node *in[] = {[CENTRED] = centred, [SCALE] = n_broadcast(g, scale, x->rank, x->shape), [X] = x};
    return graph_node(g, &op_standardise, x->rank, x->shape, 3, in, &over);
}
