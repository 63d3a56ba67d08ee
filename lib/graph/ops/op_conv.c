/* Convolutions: multilinear, so each gradient is another of the same family. */
#include "graph/ops.h"

#include <string.h>

static ConvKind conv_kind(const Node *n) { return (ConvKind)(n->op - op_conv); }

/* With y = conv(x, w): the three maps are (x,w)->y, (y,w)->x and (x,y)->w. */
static Node *conv_grad(Graph *g, Node *self, Node *dy, int which) {
    const ConvShape *s = self->params;
    Node *a = self->input[0], *b = self->input[1];
    switch (conv_kind(self)) {
    case CONV_FORWARD:
        return which ? n_conv(g, CONV_WEIGHT, s, a, dy) : n_conv(g, CONV_DATA, s, dy, b);
    case CONV_DATA:
        return which ? n_conv(g, CONV_WEIGHT, s, dy, a) : n_conv(g, CONV_FORWARD, s, dy, b);
    case CONV_WEIGHT:
        return which ? n_conv(g, CONV_FORWARD, s, a, dy) : n_conv(g, CONV_DATA, s, b, dy);
    }
    return NULL;
}

/* Weight gradients of a layer that is met twice, as D is by real and by made pictures: one of all
 * pictures together, where these are smaller than what is written, read again and added up
 * otherwise. */
static Node *weight_sum(Graph *g, const Node *a, const Node *b) {
    ConvShape s, other;
    size_t pictures = 0;
    conv_shape_copy(&s, a->params), conv_shape_copy(&other, b->params);
    for (int i = 0; i < 2; i++) {
        if (a->input[i]->split != b->input[i]->split) return NULL;
        pictures += a->input[i]->count + b->input[i]->count;
    }
    s.n += other.n, other.n = s.n;
    if (memcmp(&s, &other, sizeof s) || pictures > 2 * a->count) return NULL;
    return n_conv(g, CONV_WEIGHT, &s, n_concat(g, 0, 2, (Node *[]){a->input[0], b->input[0]}),
                  n_concat(g, 0, 2, (Node *[]){a->input[1], b->input[1]}));
}

/* What decides about bits and depends on the number of samples, is decided for so many where the
 * bits must not depend on it. */
enum { USUAL_SAMPLES = 64 };

/* The algorithm. */
static ConvAlgorithm wish_of(const Node *n, Arena *arena) {
    if (!n->steady) return conv_wish();
    ConvShape usual = *(const ConvShape *)n->params;
    usual.n = USUAL_SAMPLES;
    return conv_algorithm(conv_plan(arena, &usual, conv_kind(n), conv_wish()));
}

static const void *conv_op_plan(const Node *n, Arena *arena) {
    return conv_plan(arena, n->params, conv_kind(n), wish_of(n, arena));
}

static const void *conv_op_plan_many(const Node *n, size_t times, Arena *arena) {
    return conv_plan_many(arena, n->params, times, conv_kind(n), wish_of(n, arena));
}

static size_t conv_op_scratch(const void *plan) { return conv_scratch(plan); }

static void conv_op_run(const OpRun *r) {
    conv_run(r->plan, r->in[0], r->in[1], r->out, r->scratch);
}

static double conv_flops(const Node *n) { return 2 * conv_macs(n->params); }

#define CONV(label, together)                                                                 \
    {                                                                                         \
        .name = label, .class = CLASS_KERNEL, .params = sizeof(ConvShape), .grad = conv_grad, \
        .sum = together, .plan = conv_op_plan, .plan_many = conv_op_plan_many,                \
        .scratch = conv_op_scratch, .run = conv_op_run, .flops = conv_flops                   \
    }
const OpDef op_conv[] = {[CONV_FORWARD] = CONV("conv", NULL),
                         [CONV_DATA] = CONV("conv data", NULL),
                         [CONV_WEIGHT] = CONV("conv weight", weight_sum)};

/* Under spectral normalisation the fewer numbers are divided: the weights or the results. */
static bool results_fewer(const Node *r, size_t samples, size_t weights) {
    return (r->steady ? r->count / samples * USUAL_SAMPLES : r->count) < weights;
}

/* Weights less what all of them are divided by, or NULL. */
static Node *undivided(const Node *w, Node **divisor) {
    if (!is_plain(w, &op_pointwise[PW_DIV])) return NULL;
    const Node *spread = w->input[1];
    if (spread->op != &op_broadcast || spread->input[0]->count != 1) return NULL;
    *divisor = spread->input[0];
    return w->input[0];
}

Node *n_conv(Graph *g, ConvKind kind, const ConvShape *s, Node *a, Node *b) {
    ConvShape own;
    conv_shape_copy(&own, s);
    size_t x[RANK_MAX], y[RANK_MAX], w[RANK_MAX];
    x[0] = y[0] = s->n;
    for (int i = 0; i < s->dims; i++)
        x[i + 1] = s->in[i], y[i + 1] = s->out[i], w[i] = s->kernel[i];
    x[s->dims + 1] = s->cin, w[s->dims] = s->cin / own.groups;
    y[s->dims + 1] = w[s->dims + 1] = s->cout;
    const size_t *shape = kind == CONV_FORWARD ? y : kind == CONV_DATA ? x : w;
    if (n_is_number(a, 0) || n_is_number(b, 0)) return n_const(g, 0, s->dims + 2, shape);
    Node *r = graph_node(g, &op_conv[kind], s->dims + 2, shape, 2, (Node *[]){a, b}, &own), *by;
    bool first = kind != CONV_WEIGHT && s->n && results_fewer(r, s->n, b->count);
    Node *all = first ? undivided(b, &by) : NULL;
    return all ? n_div(g, n_conv(g, kind, s, a, all), n_reshape(g, by, 0, NULL)) : r;
}
