/* Special functions, and divergences between distributions. */
#include "page/builtins/builtins.h"

#include <math.h>
#include <string.h>

/* ---- special functions ---- */

static Value polygamma(Build *b, const Expr *at, const Value *x, int order) {
    if (x->kind == V_NUMBER) return value_number(special_polygamma(order, x->number));
    return value_tensor(n_polygamma(b->g, as_node(b, at, x, "argument"), order), x->batched);
}
static Value f_lgamma(Build *b, const Expr *at, Value **arg) {
    return polygamma(b, at, arg[0], -1);
}
static Value f_digamma(Build *b, const Expr *at, Value **arg) {
    return polygamma(b, at, arg[0], 0);
}

static Value bessel(Build *b, const Expr *at, BesselKind kind, const Value *nu, const Value *x,
                    bool zero) {
    double n = as_number(b, at, nu, "nu");
    if (!(n <= BESSEL_NU_MAX && (n > 0 || (zero && n == 0))))
        build_fail(b, at, "nu: expected a number %s 0 and at most %d, found %g",
                   zero ? "from" : "above", BESSEL_NU_MAX, n);
    if (x->kind == V_NUMBER) return value_number(special_bessel(kind, n, 0, x->number));
    return value_tensor(n_bessel(b->g, kind, n, as_node(b, at, x, "argument")), x->batched);
}
static Value f_log_bessel(Build *b, const Expr *at, Value **arg) {
    bool scaled = as_bool(b, at, arg[2], "scaled");
    return bessel(b, at, scaled ? BESSEL_LOG_SCALED : BESSEL_LOG, arg[0], arg[1], true);
}
static Value f_bessel_ratio(Build *b, const Expr *at, Value **arg) {
    return bessel(b, at, BESSEL_RATIO, arg[0], arg[1], false);
}

/* ---- divergences ---- */

/* Terms are written as in a page. */
#define ADD(x, y) value_pointwise(b, PW_ADD, x, y)
#define SUB(x, y) value_pointwise(b, PW_SUB, x, y)
#define MUL(x, y) value_pointwise(b, PW_MUL, x, y)
#define DIV(x, y) value_pointwise(b, PW_DIV, x, y)
#define NUMBER(x) value_number(x)

static Value of(Build *b, PwCode c, Value x) {
    Value t = as_tensor(b, b->watch.at, &x, "parameter of a distribution");
    t.node = n_unary(b->g, c, t.node);
    return t;
}
static Value gamma_of(Build *b, Value x, int order) { return polygamma(b, b->watch.at, &x, order); }

/* x log y, and 0 for x = 0 */
static Value times_log(Build *b, Value x, Value y) {
    return MUL(x, of(b, PW_LOG, value_pointwise(b, PW_MAX, y, NUMBER(1.17549435e-38))));
}

static Value kl_normal(Build *b, const Expr *at, const Value *p, const Value *q) {
    (void)at;
    Value ratio = of(b, PW_SQUARE, DIV(p[1], q[1])), far = DIV(SUB(p[0], q[0]), q[1]);
    Value sum = SUB(ADD(ratio, of(b, PW_SQUARE, far)), NUMBER(1));
    return MUL(SUB(sum, of(b, PW_LOG, ratio)), NUMBER(0.5));
}

static Value kl_bernoulli(Build *b, const Expr *at, const Value *p, const Value *q) {
    (void)at;
    Value one = NUMBER(1), x = p[0], y = q[0], x0 = SUB(one, x), y0 = SUB(one, y);
    Value yes = SUB(times_log(b, x, x), times_log(b, x, y));
    return ADD(yes, SUB(times_log(b, x0, x0), times_log(b, x0, y0)));
}

static Value kl_exponential(Build *b, const Expr *at, const Value *p, const Value *q) {
    (void)at;
    Value ratio = DIV(q[0], p[0]);
    return SUB(SUB(ratio, of(b, PW_LOG, ratio)), NUMBER(1));
}

static Value kl_gamma(Build *b, const Expr *at, const Value *p, const Value *q) {
    (void)at;
    Value ratio = DIV(q[1], p[1]), change = SUB(gamma_of(b, q[0], -1), gamma_of(b, p[0], -1));
    Value shape = MUL(SUB(p[0], q[0]), gamma_of(b, p[0], 0));
    Value rate = SUB(MUL(p[0], SUB(ratio, NUMBER(1))), MUL(q[0], of(b, PW_LOG, ratio)));
    return ADD(ADD(change, shape), rate);
}

static Value kl_beta(Build *b, const Expr *at, const Value *p, const Value *q) {
    (void)at;
    Value sp = ADD(p[0], p[1]), sq = ADD(q[0], q[1]);
    Value d = SUB(gamma_of(b, sp, -1), gamma_of(b, sq, -1)), slope = gamma_of(b, sp, 0);
    for (int i = 0; i < 2; i++) {
        d = ADD(d, SUB(gamma_of(b, q[i], -1), gamma_of(b, p[i], -1)));
        d = ADD(d, MUL(SUB(p[i], q[i]), SUB(gamma_of(b, p[i], 0), slope)));
    }
    return d;
}

/* The sum over the last axis, which is removed. */
static Value last_sum(Build *b, const Expr *at, Value x) {
    if (x.node->rank - x.batched < 1)
        build_fail(b, at, "the distribution takes vectors of parameters");
    Node *s = n_sum(b->g, x.node, 1u << (x.node->rank - 1));
    return value_tensor(n_reshape(b->g, s, x.node->rank - 1, x.node->shape), x.batched);
}

static Value kl_categorical(Build *b, const Expr *at, const Value *p, const Value *q) {
    Value x = p[0], y = q[0];
    if (x.kind == V_NUMBER && y.kind == V_NUMBER)
        return NUMBER(x.number == y.number ? 0 : INFINITY);
    if (x.kind == V_NUMBER) { /* equally likely classes */
        size_t k = as_size(b, at, &x, "classes");
        x = value_tensor(n_const(b->g, 1 / (float)k, 1, &k), false);
    }
    if (y.kind == V_NUMBER) y = NUMBER(1 / y.number);
    return last_sum(b, at, SUB(times_log(b, x, x), times_log(b, x, y)));
}

static Value kl_dirichlet(Build *b, const Expr *at, const Value *p, const Value *q) {
    Value x = as_tensor(b, at, &p[0], "alpha"), y = as_tensor(b, at, &q[0], "alpha");
    Value sx = last_sum(b, at, x), sy = last_sum(b, at, y), change = SUB(x, y);
    Value each = SUB(gamma_of(b, y, -1), gamma_of(b, x, -1));
    Value d = last_sum(b, at, ADD(each, MUL(change, gamma_of(b, x, 0))));
    d = SUB(d, MUL(last_sum(b, at, change), gamma_of(b, sx, 0)));
    return ADD(d, SUB(gamma_of(b, sx, -1), gamma_of(b, sy, -1)));
}

/* kappa without the last axis of extent 1 that it may have, and half the dimension */
static Value concentration(Build *b, const Expr *at, const Value *p, double *half) {
    Value mu = as_tensor(b, at, &p[0], "mu"), kappa = as_tensor(b, at, &p[1], "kappa");
    int axes = mu.node->rank - mu.batched, own = kappa.node->rank - kappa.batched;
    if (axes < 1) build_fail(b, at, "mu: expected a vector for each draw");
    *half = 0.5 * (double)mu.node->shape[mu.node->rank - 1];
    if (own < axes) return kappa;
    if (kappa.node->shape[kappa.node->rank - 1] != 1)
        build_fail(b, at, "kappa: expected one number for each mu");
    return last_sum(b, at, kappa);
}

static Value from_uniform(Build *b, double half, Value kappa) {
    return value_tensor(n_bessel(b->g, BESSEL_KL, half, kappa.node), kappa.batched);
}

static Value kl_sphere(Build *b, const Expr *at, const Value *p, const Value *q) {
    double half;
    Value kappa = concentration(b, at, p, &half);
    if (as_number(b, at, &q[0], "dimension") != 2 * half)
        build_fail(b, at, "kl: spheres in %g and %g dimensions", 2 * half, q[0].number);
    return from_uniform(b, half, kappa);
}

/* With K(kappa) the divergence from the uniform distribution, R the mean cosine, that between two
 * is K(kappa) - K(lambda) + lambda (R(lambda) - R(kappa) mu.nu). */
static Value kl_von_mises_fisher(Build *b, const Expr *at, const Value *p, const Value *q) {
    double half, other;
    Value kappa = concentration(b, at, p, &half), lambda = concentration(b, at, q, &other);
    if (half != other)
        build_fail(b, at, "kl: spheres in %g and %g dimensions", 2 * half, 2 * other);
    Value cosine = last_sum(b, at, MUL(p[0], q[0]));
    Value r = value_tensor(n_bessel(b->g, BESSEL_RATIO, half, kappa.node), kappa.batched);
    Value s = value_tensor(n_bessel(b->g, BESSEL_RATIO, half, lambda.node), lambda.batched);
    Value change = SUB(from_uniform(b, half, kappa), from_uniform(b, half, lambda));
    return ADD(change, MUL(lambda, SUB(s, MUL(r, cosine))));
}

static const struct {
    DistKind p, q;
    Value (*kl)(Build *b, const Expr *at, const Value *p, const Value *q);
} divergences[] = {
    {DIST_NORMAL, DIST_NORMAL, kl_normal},
    {DIST_BERNOULLI, DIST_BERNOULLI, kl_bernoulli},
    {DIST_CATEGORICAL, DIST_CATEGORICAL, kl_categorical},
    {DIST_EXPONENTIAL, DIST_EXPONENTIAL, kl_exponential},
    {DIST_GAMMA, DIST_GAMMA, kl_gamma},
    {DIST_BETA, DIST_BETA, kl_beta},
    {DIST_DIRICHLET, DIST_DIRICHLET, kl_dirichlet},
    {DIST_VON_MISES_FISHER, DIST_VON_MISES_FISHER, kl_von_mises_fisher},
    {DIST_VON_MISES_FISHER, DIST_SPHERE, kl_sphere},
};

static Value f_kl(Build *b, const Expr *at, Value **arg) {
    const Value *p = arg[0], *q = arg[1];
    for (int i = 0; i < 2; i++)
        if (arg[i]->kind != V_DIST)
            build_fail(b, at, "kl: expected a distribution, found %s", value_kind(arg[i]));
    for (size_t i = 0; i < sizeof divergences / sizeof *divergences; i++) {
        if (divergences[i].p != p->dist || divergences[i].q != q->dist) continue;
        Value d = divergences[i].kl(b, at, p->items, q->items);
        d = as_tensor(b, at, &d, "kl");
        while (d.node->rank > d.batched) d = last_sum(b, at, d);
        return d;
    }
    build_fail(b, at, "kl: the divergence of %s from %s is not known", builtin_random[p->dist].name,
               builtin_random[q->dist].name);
}

/* The score of what the sampler of op_draw.c accepts, s in Davidson et al. 2018, equation 17, here
 *     s = -R + w + (kappa (1 - w^2) - (m-1) w) / c
 * with w the cosine, R its mean and c the root of 4 kappa^2 + (m-1)^2; times kappa less itself. */
static Value f_vmf_correction(Build *b, const Expr *at, Value **arg) {
    Graph *g = b->g;
    double half;
    const Value dist[] = {*arg[1], *arg[2]};
    Value kappa = concentration(b, at, dist, &half), k = kappa;
    k.node = n_stop(g, kappa.node);
    Value w = last_sum(b, at, MUL(*arg[0], *arg[1]));
    w.node = n_stop(g, w.node);
    Value c = value_tensor(n_vmf_square(g, k.node, 2 * half), k.batched);
    Value r = value_tensor(n_bessel(g, BESSEL_RATIO, half, k.node), k.batched);
    Value s = SUB(MUL(k, SUB(NUMBER(1), of(b, PW_SQUARE, w))), MUL(w, NUMBER(2 * half - 1)));
    s = ADD(SUB(w, r), MUL(s, of(b, PW_RSQRT, c)));
    return MUL(s, SUB(kappa, k));
}

const Builtin builtin_probability[] = {
    {"kl", "p, q", f_kl,
     "Kullback-Leibler divergence of distribution p from q, summed up for each sample"},
    {"vmf_correction", "z, mu, kappa", f_vmf_correction,
     "0, whose gradient in kappa is the score that the path through a draw z leaves out"},
    {"lgamma", "x", f_lgamma, "log of the gamma function of x > 0"},
    {"digamma", "x", f_digamma, "slope of lgamma"},
    {"log_bessel", "nu, x, scaled=0", f_log_bessel,
     "log of the modified Bessel function I_nu(x), less x if scaled"},
    {"bessel_ratio", "nu, x", f_bessel_ratio, "I_nu(x) / I_{nu-1}(x)"},
    {NULL, NULL, NULL, NULL},
};
