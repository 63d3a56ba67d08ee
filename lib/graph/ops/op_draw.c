/* Draws by rejection, in double precision, that have gradients in their parameters.
 *
 * Each element has random numbers of its own, so many that rejection ends in time: a trial takes
 * two gamma variables of at most TRIALS trials of five numbers. A trial of those is accepted with
 * probability 0.95 at least (Marsaglia & Tsang 2000), one of the von Mises-Fisher distribution with
 * 0.64 (Wood 1994); when the last is not, which happens once in 1e16 draws, it is taken all the
 * same. */
#include "graph/ops.h"

#include <math.h>

#include "base/rng.h"
#include "graph/shards.h"

enum { TRIALS = 40, NUMBERS = 1 << 14 };

typedef struct {
    unsigned use;
    int batched;
    double dimension; /* of the sphere's space */
} Draw;

/* ---- the numbers of one element ---- */

typedef struct {
    RngKey key;
    uint64_t next;
} Numbers;

static double uniform(Numbers *n) { return (rng_bits(n->key, n->next++) + 0.5) * 0x1p-32; }

static double normal(Numbers *n) {
    double u = uniform(n), v = uniform(n);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* The log of a gamma variable. */
static double log_gamma(Numbers *n, double shape) {
    double lift = shape < 1 ? log(uniform(n)) / shape : 0;
    double d = (shape < 1 ? shape + 1 : shape) - 1. / 3, c = 1 / sqrt(9 * d), v = 1;
    for (int i = 0; i < TRIALS; i++) {
        double x = normal(n), u = uniform(n), w = 1 + c * x;
        if (w <= 0) continue;
        v = w * w * w;
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) break;
    }
    return log(d) + log(v) + lift;
}

/* Ulrich 1984; Davidson et al. 2018, algorithm 1, in terms of 1 - omega */
double depth_draw(RngKey key, uint64_t first, double m, double kappa, int *trials) {
    Numbers numbers = {key, first}, *n = &numbers;
    double p = m - 1, c = sqrt(4 * kappa * kappa + p * p), b = p / (2 * kappa + c);
    double a = (p + 2 * kappa + c) / 4, d = 4 * a * b / (1 + b) - p * log(p), result = 0;
    for (*trials = 0; *trials < TRIALS;) {
        ++*trials;
        double odds = log_gamma(n, p / 2) - log_gamma(n, p / 2);
        double e = 1 / (1 + exp(-odds)), rest = 1 / (1 + exp(odds)); /* beta, and 1 less it */
        double under = rest + b * e, t = 2 * a * b / under;
        result = 2 * b * e / under;
        if (p * log(t) - t + d >= log(uniform(n))) break;
    }
    return result;
}

static double gamma_at(const Draw *p, Numbers *n, double x) {
    (void)p;
    return x > 0 && x < INFINITY ? log_gamma(n, x) : NAN;
}

static double depth_at(const Draw *p, Numbers *n, double x) {
    int trials;
    return x >= 0 && x < INFINITY ? depth_draw(n->key, n->next, p->dimension, x, &trials) : NAN;
}

static void each(const OpRun *r, double (*f)(const Draw *, Numbers *, double)) {
    const Draw *p = r->node->params;
    const float *x = r->in[0];
    size_t count = r->node->count, per = r->node->rank ? count / r->node->shape[0] : 1;
    uint64_t first = p->batched ? r->context->sample * per + r->context->shard * count : 0;
#pragma omp parallel for schedule(static) if (count > 256)
    for (size_t i = 0; i < count; i++) {
        Numbers n = {{r->context->seed, p->use, r->context->draw}, (first + i) * NUMBERS};
        r->out[i] = (float)f(p, &n, (double)x[i]);
    }
}

static double draw_flops(const Node *n) { return 1000 * (double)n->count; }

/* ---- gamma variables ---- */

typedef struct {
    int order;
} Slope;

/* slope in the shape a of y, the log of a draw */
static void slope_run(const OpRun *r) {
    int order = ((const Slope *)r->node->params)->order;
    const float *a = r->in[0], *y = r->in[1];
#pragma omp parallel for schedule(static) if (r->node->count > 256)
    for (size_t i = 0; i < r->node->count; i++)
        r->out[i] = (float)special_gamma_slope((double)a[i], (double)y[i], order);
}

static Node *slope_node(Graph *g, Node *a, Node *y, int order);

/* With h_k the slope's derivative of order k in a: that in y is, of k = 0,
 *     digamma(a) - y - h_0 (a - exp y),
 * whose derivatives in a are the others. */
static Node *slope_grad(Graph *g, Node *self, Node *dy, int which) {
    int k = ((const Slope *)self->params)->order;
    Node *a = self->input[0], *y = self->input[1];
    if (k + 1 == GAMMA_ORDERS)
        graph_fail(g, "a derivative of order %d of a gamma draw: %d are known", k + 2,
                   GAMMA_ORDERS);
    if (!which) return n_mul(g, dy, slope_node(g, a, y, k + 1));
    Node *d = n_mul(g, self, n_sub(g, a, n_unary(g, PW_EXP, y)));
    if (k) d = n_add(g, d, n_scale(g, slope_node(g, a, y, k - 1), k));
    d = n_sub(g, n_polygamma(g, a, k), d);
    return n_mul(g, dy, k ? d : n_sub(g, d, y));
}

static const OpDef op_slope = {.name = "gamma_slope",
                               .class = CLASS_KERNEL,
                               .params = sizeof(Slope),
                               .grad = slope_grad,
                               .run = slope_run,
                               .flops = draw_flops};

static Node *slope_node(Graph *g, Node *a, Node *y, int order) {
    return graph_node(g, &op_slope, a->rank, a->shape, 2, (Node *[]){a, y}, &(Slope){order});
}

static void gamma_run(const OpRun *r) { each(r, gamma_at); }

static Node *gamma_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    return n_mul(g, dy, slope_node(g, self->input[0], self, 0));
}

static const OpDef op_log_gamma_draw = {.name = "log_gamma_draw",
                                        .class = CLASS_KERNEL,
                                        .params = sizeof(Draw),
                                        .grad = gamma_grad,
                                        .run = gamma_run,
                                        .flops = draw_flops};

Node *n_log_gamma_draw(Graph *g, unsigned use, bool batched, Node *shape) {
    Draw p = {use, batched, 0};
    if (batched) shape = n_spread(g, shape);
    return graph_node(g, &op_log_gamma_draw, shape->rank, shape->shape, 1, &shape, &p);
}

/* ---- von Mises-Fisher ---- */

static void depth_run(const OpRun *r) { each(r, depth_at); }

Node *n_vmf_square(Graph *g, Node *kappa, double m) {
    Node *square = n_scale(g, n_unary(g, PW_SQUARE, kappa), 4);
    return n_add(g, square, n_number(g, (float)((m - 1) * (m - 1))));
}

/* (1 - omega^2) / sqrt(4 kappa^2 + (m-1)^2) is the slope of omega, its beta variable held fixed. */
static Node *depth_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    double m = ((const Draw *)self->params)->dimension;
    Node *slope = n_mul(g, self, n_sub(g, self, n_number(g, 2)));
    Node *by = n_unary(g, PW_RSQRT, n_vmf_square(g, self->input[0], m));
    return n_mul(g, dy, n_mul(g, slope, by));
}

static const OpDef op_depth = {.name = "von_mises_fisher_draw",
                               .class = CLASS_KERNEL,
                               .params = sizeof(Draw),
                               .grad = depth_grad,
                               .run = depth_run,
                               .flops = draw_flops};

Node *n_depth_draw(Graph *g, unsigned use, bool batched, size_t m, Node *kappa) {
    Draw p = {use, batched, (double)m};
    if (batched) kappa = n_spread(g, kappa);
    return graph_node(g, &op_depth, kappa->rank, kappa->shape, 1, &kappa, &p);
}
