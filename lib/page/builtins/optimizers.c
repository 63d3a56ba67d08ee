/* Optimizers: from a gradient to new values of a parameter and its moments, as graph. */
#include "page/builtins/optimizers.h"
#include "page/builtins/builtins.h"

#include "page/eval/update.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

/* ---- updates ---- */

typedef struct {
    Build *b;
    const char *player;
    Entry *param;
    Node *w, *d; /* value and gradient */
    const Value *arg;
    Node *due; /* NULL, or 0 where all stays as it is */
} Update;

/* The new value of a state, where the update is due. */
static void become(const Update *u, State *s, Node *value) {
    if (u->due) value = n_select(u->b->g, u->due, value, state_before(u->b, s));
    state_assign(u->b, s, value, NULL);
}

static Node *arg_node(const Update *u, int i) {
    return as_node(u->b, NULL, &u->arg[i + 1], "optimizer");
}

/* optimizer.PLAYER.WHAT.PARAM, of the parameter's shape */
static State *moment(const Update *u, const char *what) {
    const State *p = &u->param->state;
    const char *name = arena_printf(u->b->arena, "optimizer.%s.%s.%s", u->player, what, p->name);
    Entry *e = build_entry(u->b, NULL, name, ENTRY_OPTIMIZER, u->param->layout, p->rank, p->shape,
                           (Init){.kind = INIT_CONSTANT});
    store_belongs(e, u->param);
    return &e->state;
}

/* a*x + b*y */
static Node *blend(Graph *g, Node *a, Node *x, Node *b, Node *y) {
    return n_add(g, n_mul(g, a, x), n_mul(g, b, y));
}

static Node *minus(Graph *g, Node *a) { return n_sub(g, n_number(g, 1), a); }

static Node *with_decay(const Update *u, int i) {
    Node *decay = arg_node(u, i);
    if (n_is_number(decay, 0)) return u->d;
    return n_add(u->b->g, u->d, n_mul(u->b->g, decay, u->w));
}

/* sqrt(v) of a mean of squares. In an update that is itself differentiated v is kept above 0, where
 * the root has no slope: that of |d| at 0 is taken as 0. */
static Node *root_of(const Update *u, Node *v) {
    Graph *g = u->b->g;
    if (u->b->world->up) v = n_binary(g, PW_MAX, v, n_number(g, FLT_MIN));
    return n_unary(g, PW_SQRT, v);
}

/* buf = momentum*buf + d */
static Node *with_momentum(const Update *u, Node *momentum, Node *d) {
    Graph *g = u->b->g;
    if (n_is_number(momentum, 0)) return d;
    State *buf = moment(u, "momentum");
    d = n_add(g, n_mul(g, momentum, state_before(u->b, buf)), d);
    become(u, buf, d);
    return d;
}

/* w -= rate*buf */
static Node *step_sgd(const Update *u) {
    enum { RATE, MOMENTUM, DECAY };
    Graph *g = u->b->g;
    Node *d = with_decay(u, DECAY), *momentum = arg_node(u, MOMENTUM);
    d = with_momentum(u, momentum, d);
    return n_sub(g, u->w, n_mul(g, arg_node(u, RATE), d));
}

/* 1 - beta^t for the update now made, kept as a state of the player: c <- c + (1-c)(1-beta) is
 * exact to rounding at every t, where 1 - pow(beta, t) in single precision is not. */
static Node *correction(const Update *u, const char *what, Node *beta) {
    Graph *g = u->b->g;
    const char *name = arena_printf(u->b->arena, "optimizer.%s.%s", u->player, what);
    Entry *e = build_entry(u->b, NULL, name, ENTRY_OPTIMIZER, LAYOUT_PLAIN, 0, NULL,
                           (Init){.kind = INIT_CONSTANT});
    Node *old = state_before(u->b, &e->state);
    Node *now = n_add(g, old, n_mul(g, minus(g, old), minus(g, beta)));
    become(u, &e->state, now);
    return now;
}

/* Kingma & Ba 2015, algorithm 1: what is taken from the weight for the gradient d */
static Node *adam(const Update *u, Node *d) {
    enum { RATE, BETA1, BETA2, EPS };
    Graph *g = u->b->g;
    Node *b1 = arg_node(u, BETA1), *b2 = arg_node(u, BETA2);
    State *ms = moment(u, "m"), *vs = moment(u, "v");
    Node *m = blend(g, b1, state_before(u->b, ms), minus(g, b1), d);
    Node *v = blend(g, b2, state_before(u->b, vs), minus(g, b2), n_unary(g, PW_SQUARE, d));
    Node *c1 = correction(u, "correction1", b1), *c2 = correction(u, "correction2", b2);
    become(u, ms, m);
    become(u, vs, v);
    /* rate/c1 and 1/sqrt(c2) are numbers, computed once for all parameters */
    Node *rate = n_div(g, arg_node(u, RATE), c1);
    Node *root = n_mul(g, root_of(u, v), n_unary(g, PW_RSQRT, c2));
    return n_div(g, n_mul(g, rate, m), n_add(g, root, arg_node(u, EPS)));
}

enum { ADAM_DECAY = 4 };

static Node *step_adam(const Update *u) {
    return n_sub(u->b->g, u->w, adam(u, with_decay(u, ADAM_DECAY)));
}

/* Loshchilov & Hutter 2019, algorithm 2, with the rate for its schedule */
static Node *step_adamw(const Update *u) {
    Graph *g = u->b->g;
    Node *kept = minus(g, n_mul(g, arg_node(u, 0), arg_node(u, ADAM_DECAY)));
    return n_sub(g, n_mul(g, kept, u->w), adam(u, u->d));
}

/* v = rho*v + (1-rho)*d^2; w -= rate * d / (sqrt(v) + eps) */
static Node *step_rmsprop(const Update *u) {
    enum { RATE, RHO, EPS, MOMENTUM, DECAY };
    Graph *g = u->b->g;
    Node *d = with_decay(u, DECAY), *rho = arg_node(u, RHO), *momentum = arg_node(u, MOMENTUM);
    State *vs = moment(u, "v");
    Node *v = blend(g, rho, state_before(u->b, vs), minus(g, rho), n_unary(g, PW_SQUARE, d));
    become(u, vs, v);
    Node *step = n_div(g, d, n_add(g, root_of(u, v), arg_node(u, EPS)));
    step = with_momentum(u, momentum, step);
    return n_sub(g, u->w, n_mul(g, arg_node(u, RATE), step));
}

static const struct {
    const char *name;
    Node *(*step)(const Update *);
    int decays[2]; /* arguments that say how fast moments forget; 0: none */
} steps[] = {{"sgd", step_sgd, {1}},
             {"adam", step_adam, {1, 2}},
             {"adamw", step_adamw, {1, 2}},
             {"rmsprop", step_rmsprop, {1, 3}}};
enum { STEPS = sizeof steps / sizeof *steps };

/* Which of the steps the optimizer takes. */
static size_t step_of(Build *b, const Expr *at, const Value *optimizer) {
    const Value *name = optimizer->kind == V_LIST && optimizer->count ? optimizer->items : NULL;
    if (name && name->kind == V_TEXT)
        for (size_t i = 0; i < STEPS; i++)
            if (!strcmp(steps[i].name, name->text)) return i;
    build_fail(b, at, "expected an optimizer: sgd, adam, adamw or rmsprop");
}

/* ---- the choice ---- */

static void check_decay(Build *b, const Expr *at, const Value *v) {
    if (v->kind != V_NUMBER || (v->number >= 0 && (float)v->number < 1)) return;
    build_fail(b, at, "%s: expected a decay of moments from 0 to below 1, found %g", at->text,
               v->number);
}

/* A player's optimizer is a list: its name, then its arguments in the order of the table below, the
 * last of which are clip_norm and accumulate. */
static Value choice(Build *b, const Expr *at, Value **arg) {
    int count = 0;
    while (arg[count]) count++;
    Value *items = arena_new_array(b->arena, Value, (size_t)count + 1);
    items[0] = (Value){.kind = V_TEXT, .text = at->text};
    const int *decays =
        steps[step_of(b, at, &(Value){.kind = V_LIST, .items = items, .count = 1})].decays;
    for (int i = 0; i < 2; i++)
        if (decays[i]) check_decay(b, at, arg[decays[i]]);
    for (int i = 0; i < count; i++) items[i + 1] = *arg[i];
    return value_list(items, count + 1);
}

const Builtin builtin_optimizers[] = {
    {"sgd", "rate=0.01, momentum=0, decay=0, clip_norm=0, accumulate=1", choice,
     "gradient descent, with momentum and L2 decay"},
    {"adam", "rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0, clip_norm=0, accumulate=1",
     choice, "Adam (Kingma & Ba 2015), L2 decay added to gradients"},
    {"adamw", "rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01, clip_norm=0, accumulate=1",
     choice, "Adam with the decay taken from weights directly (Loshchilov & Hutter 2019)"},
    {"rmsprop", "rate=0.01, rho=0.99, eps=1e-8, momentum=0, decay=0, clip_norm=0, accumulate=1",
     choice, "RMSprop with the epsilon outside the root"},
    {"after", "net, updates, by?, optimizer?, fresh=1", f_after,
     "the net as it is after more updates of the player that trains it"},
    {NULL, NULL, NULL, NULL},
};

/* ---- what all have ---- */

/* d becomes d * c/max(|d|, c), |d| being the norm of all together (Pascanu, Mikolov, Bengio 2013).
 * The maximum is taken of squares, so that the root has a slope where all gradients are 0. */
void optimizer_clip(Build *b, const Expr *at, const Value *optimizer, size_t n, Node **d) {
    step_of(b, at, optimizer);
    Graph *g = b->g;
    Node *c = as_node(b, at, &optimizer->items[optimizer->count - 2], "clip_norm");
    Node *sum = n_number(g, 0);
    float v;
    if (n_is_number(c, 0)) return;
    if (n_is_const(c, &v) && !(v > 0))
        build_fail(b, at, "clip_norm must not be negative, found %g", v);
    for (size_t i = 0; i < n; i++) sum = n_add(g, sum, n_sum_all(g, n_unary(g, PW_SQUARE, d[i])));
    Node *most = n_binary(g, PW_MAX, sum, n_unary(g, PW_SQUARE, c));
    Node *scale = n_mul(g, c, n_unary(g, PW_RSQRT, most));
    for (size_t i = 0; i < n; i++)
        if (!n_is_number(d[i], 0)) d[i] = n_mul(g, scale, d[i]);
}

/* optimizer.PLAYER.due counts updates, and optimizer.PLAYER.sum.PARAM is of gradients so far. */
Node *optimizer_gather(Build *b, const Expr *at, const Value *optimizer, const char *player,
                       size_t n, Entry **entry, Node **d) {
    step_of(b, at, optimizer);
    size_t every = as_size(b, at, &optimizer->items[optimizer->count - 1], "accumulate");
    if (every < 1) build_fail(b, at, "accumulate: expected a number from 1 on, found 0");
    if (every == 1) return NULL;
    Graph *g = b->g;
    const char *name = arena_printf(b->arena, "optimizer.%s.due", player);
    State *count = &build_entry(b, NULL, name, ENTRY_OPTIMIZER, LAYOUT_PLAIN, 0, NULL,
                                (Init){.kind = INIT_CONSTANT})
                        ->state;
    Node *now = n_add(g, state_before(b, count), n_number(g, 1)), *none = n_number(g, 0);
    Node *due = n_binary(g, PW_LE, n_number(g, (float)every), now);
    state_assign(b, count, n_select(g, due, none, now), NULL);
    for (size_t i = 0; i < n; i++) {
        if (n_is_number(d[i], 0)) continue;
        Update u = {.b = b, .player = player, .param = entry[i]};
        State *sum = moment(&u, "sum");
        d[i] = n_add(g, state_before(b, sum), n_scale(g, d[i], 1 / (double)every));
        state_assign(b, sum, n_select(g, due, none, d[i]), NULL);
    }
    return due;
}

Value optimizer_slowed(Build *b, const Expr *at, const Value *optimizer, double c) {
    size_t which = step_of(b, at, optimizer);
    Value *items = arena_new_array(b->arena, Value, (size_t)optimizer->count);
    memcpy(items, optimizer->items, (size_t)optimizer->count * sizeof *items);
    items[1] = value_binary(b, at, '*', items[1], value_number(c));
    for (int i = 0; i < 2; i++) {
        int k = steps[which].decays[i];
        if (k) items[k + 1] = value_binary(b, at, '^', items[k + 1], value_number(c));
    }
    return value_list(items, optimizer->count);
}

void optimizer_update(Build *b, const Expr *at, const Value *optimizer, const char *player,
                      Entry *param, Node *gradient, Node *due) {
    Update u = {.b = b,
                .player = player,
                .param = param,
                .w = state_value(b, &param->state),
                .d = gradient,
                .arg = optimizer->items,
                .due = due};
    become(&u, &param->state, steps[step_of(b, at, optimizer)].step(&u));
}
