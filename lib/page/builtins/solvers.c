/* Solvers of differential equations, whose steps are written out in the graph. */
#include "page/builtins/adjoint.h"
#include "page/builtins/builtins.h"

#include <math.h>
#include <string.h>

enum { STEPS_MAX = 10000 };

static const Method methods[] = {
    {"euler", 1, {0}, {{0}}, {1}, {0}, 1},
    {"midpoint", 2, {0, 0.5}, {{0}, {0.5}}, {0, 1}, {0}, 1},
    {"rk4",
     4,
     {0, 0.5, 0.5, 1},
     {{0}, {0.5}, {0, 0.5}, {0, 0, 1}},
     {1. / 6, 1. / 3, 1. / 3, 1. / 6},
     {0},
     1},
    /* Dormand & Prince 1980; the last stage is the first of the next step */
    {"dopri5",
     7,
     {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
     {{0},
      {1. / 5},
      {3. / 40, 9. / 40},
      {44. / 45, -56. / 15, 32. / 9},
      {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
      {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
      {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}},
     {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
     {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
     10},
};

/* For gradients by the adjoint equation. */
typedef struct {
    const Adjoint *adjoint;
    Value y, t;        /* what the slope was computed from */
    AdjointStep *step; /* from the last time on */
    int count;
} Backwards;

/* One call of a solver. */
typedef struct {
    Build *b;
    const Expr *at;
    const Value *f;
    const char *path; /* of what blocks have themselves */
    const Method *method;
    double tolerance;
    size_t steps;
    const Value *given; /* to f behind the state and the time, or NULL */
    Backwards *back;    /* or NULL: gradients go through the steps */
} Solver;

/* ---- states: tensors, or lists of them ---- */

/* Part i of a list, or what stands for all of its parts. */
static const Value *leaf(const Value *v, int i) { return v->kind == V_LIST ? &v->items[i] : v; }

static Value as_state(const Solver *s, const Value *y) {
    if (y->kind != V_LIST) return as_tensor(s->b, s->at, y, "the state");
    Value *items = arena_new_array(s->b->arena, Value, (size_t)y->count);
    for (int i = 0; i < y->count; i++) items[i] = as_tensor(s->b, s->at, &y->items[i], "the state");
    return value_list(items, y->count);
}

/* A slope must not make the state larger. */
static void check_slope(const Solver *s, Value y, Value k) {
    if (k.kind == V_LIST)
        build_fail(s->b, s->at, "the slope of a state that is a tensor is a list of %d", k.count);
    Value v = as_tensor(s->b, s->at, &k, "the slope");
    char state[200], slope[200];
    node_shape_text(y.node, state, sizeof state);
    node_shape_text(v.node, slope, sizeof slope);
    if (!fits_in(s->b, v, y, NULL))
        build_fail(s->b, s->at, "the slope %s of a state %s does not fit", slope, state);
}

/* y + h k, of y's shape; h may be one number a sample */
static Value moved(const Solver *s, Value y, Value h, Value k) {
    Build *b = s->b;
    if (y.kind != V_LIST) {
        check_slope(s, y, k);
        return value_binary(b, s->at, '+', y, value_binary(b, s->at, '*', h, k));
    }
    if (k.kind != V_LIST || k.count != y.count)
        build_fail(b, s->at, "the slope of a state that is a list must be a list of %d", y.count);
    Value *items = arena_new_array(b->arena, Value, (size_t)y.count);
    for (int i = 0; i < y.count; i++) items[i] = moved(s, y.items[i], h, k.items[i]);
    return value_list(items, y.count);
}

/* condition where it is not 0 of x, else of y; the condition is one number, or one a sample */
static Value chosen(const Solver *s, Value condition, Value x, Value y) {
    Build *b = s->b;
    if (x.kind != V_LIST) {
        Value v[3] = {condition, as_tensor(b, s->at, &x, "state"),
                      as_tensor(b, s->at, &y, "state")};
        bool batched = align(b, &v[0], &v[1]);
        batched |= align(b, &v[0], &v[2]);
        return value_tensor(n_select(b->g, v[0].node, v[1].node, v[2].node), batched);
    }
    Value *items = arena_new_array(b->arena, Value, (size_t)x.count);
    for (int i = 0; i < x.count; i++) items[i] = chosen(s, condition, x.items[i], *leaf(&y, i));
    return value_list(items, x.count);
}

/* ---- one step ---- */

/* v for each number of something else */
static Node *spread_to(const Solver *s, Value v, Value whole) {
    Node *n = NULL;
    if (!fits_in(s->b, as_tensor(s->b, s->at, &v, "time"), whole, &n))
        build_fail(s->b, s->at, "adjoint: a time for each sample of a state that is one for all");
    return n;
}

/* The adjoint goes back by the steps that were made. */
static void made(const Solver *s, Value t, Value h) {
    Backwards *b = s->back;
    if (!b) return;
    b->step[b->count++] =
        (AdjointStep){spread_to(s, t, b->t), spread_to(s, h, b->t), spread_to(s, h, b->y)};
}

static Value slope(const Solver *s, Value y, Value t) {
    Value arg[3] = {y, t};
    int wants = s->f->net->param_count, count = wants > 1 ? 2 : 1;
    if (s->given && wants > 2) arg[count++] = *s->given;
    if (s->back) {
        Node *time = spread_to(s, t, s->back->t);
        return value_tensor(adjoint_slope(s->b->g, s->back->adjoint, y.node, time), y.batched);
    }
    Value k = net_apply(s->b, s->at, s->f, count, arg, s->path);
    build_at(s->b, s->at);
    return k;
}

/* y + h sum_i weight_i k_i */
static Value along(const Solver *s, Value y, Value h, const double *weight, const Value *k, int n) {
    for (int i = 0; i < n; i++) {
        if (weight[i] == 0) continue;
        y = moved(s, y, value_binary(s->b, s->at, '*', h, value_number(weight[i])), k[i]);
    }
    return y;
}

/* The stages of a step, of which k[0] is given. */
static Value step(const Solver *s, Value y, Value t, Value h, Value *k) {
    const Method *m = s->method;
    for (int i = 1; i < m->stages; i++) {
        Value ahead = value_binary(s->b, s->at, '*', h, value_number(m->c[i]));
        k[i] = slope(s, along(s, y, h, m->a[i], k, i), value_binary(s->b, s->at, '+', t, ahead));
    }
    return along(s, y, h, m->b, k, m->stages);
}

static Value fixed(const Solver *s, Value y, Value from, Value to) {
    Build *b = s->b;
    Value k[STAGES_MAX], whole = value_binary(b, s->at, '-', to, from);
    Value h = value_binary(b, s->at, '/', whole, value_number((double)s->steps));
    for (size_t i = 0; i < s->steps; i++) {
        Value t = value_binary(b, s->at, '*', h, value_number((double)i));
        t = value_binary(b, s->at, '+', from, t);
        made(s, t, h);
        k[0] = slope(s, y, t);
        y = step(s, y, t, h, k);
    }
    return y;
}

/* ---- steps of the size that the tolerance asks for ---- */

/* Control has no gradient: where the steps are is taken as given. */
typedef struct {
    Value t, size; /* reached; of the next step, above 0: one number, or one a sample */
    Value y, k;    /* there */
    Value tries;   /* steps tried so far that had a way to go */
} March;

static Value pw(const Solver *s, PwCode c, Value x, Value y) {
    return value_pointwise(s->b, c, x, y);
}
static Value pw1(const Solver *s, PwCode c, Value x) {
    Value v = as_tensor(s->b, s->at, &x, "state");
    return value_tensor(n_unary(s->b->g, c, v.node), v.batched);
}

/* The root of the mean square of the error estimated for a step, in units of what is allowed. */
static Value error_ratio(const Solver *s, Value h, const Value *y, const Value *end,
                         const Value *k) {
    Value sum = value_number(0), allowed = value_number(s->tolerance);
    double count = 0;
    for (int i = 0; i < (y->kind == V_LIST ? y->count : 1); i++) {
        Value e = value_number(0);
        for (int j = 0; j < s->method->stages; j++) {
            if (s->method->error[j] == 0) continue;
            Value part = pw(s, PW_MUL, *leaf(&k[j], i), value_number(s->method->error[j]));
            e = pw(s, PW_ADD, e, part);
        }
        Value high = pw(s, PW_MAX, pw1(s, PW_ABS, *leaf(y, i)), pw1(s, PW_ABS, *leaf(end, i)));
        high = pw(s, PW_MUL, allowed, pw(s, PW_ADD, high, value_number(1)));
        e = pw1(s, PW_SQUARE, pw(s, PW_DIV, pw(s, PW_MUL, h, e), high));
        int axes = e.node->rank - e.batched;
        size_t all = e.node->count / (e.batched ? e.node->shape[0] : 1);
        Node *n = n_sum(s->b->g, e.node, ((1u << axes) - 1) << e.batched);
        n = n_reshape(s->b->g, n, e.batched, e.node->shape);
        sum = pw(s, PW_ADD, sum, value_tensor(n, e.batched));
        count += (double)all;
    }
    Value ratio = pw1(s, PW_SQRT, pw(s, PW_MUL, sum, value_number(1 / count)));
    ratio.node = n_stop(s->b->g, ratio.node);
    return ratio;
}

/* By what the next step is longer: 0.9 ratio^(-1/5), between 0.2 and 10, and 0.2 where the error is
 * not a number. */
static Value growth(const Solver *s, Value ratio) {
    Value by = pw1(s, PW_LOG, pw(s, PW_MAX, ratio, value_number(1e-10)));
    by = pw1(s, PW_EXP, pw(s, PW_MUL, by, value_number(-0.2)));
    by = pw(s, PW_MUL, by, value_number(0.9));
    by = pw(s, PW_MIN, pw(s, PW_MAX, by, value_number(0.2)), value_number(10));
    return chosen(s, pw(s, PW_LT, ratio, value_number(1e30)), by, value_number(0.2));
}

/* One attempt; where the end was reached before, it is of length 0 and changes nothing. */
static void attempt(const Solver *s, March *m, Value to) {
    Value k[STAGES_MAX] = {m->k}, left = pw(s, PW_SUB, to, m->t), size = pw1(s, PW_ABS, left);
    Value last = pw(s, PW_LE, size, m->size);
    m->tries = pw(s, PW_ADD, m->tries, pw(s, PW_LT, value_number(0), size));
    Value h = chosen(s, last, left, pw(s, PW_MUL, pw1(s, PW_SIGN, left), m->size));
    Value end = step(s, m->y, m->t, h, k), ratio = error_ratio(s, h, &m->y, &end, k);
    Value good = pw(s, PW_LE, ratio, value_number(1));
    Value next = pw(s, PW_MUL, pw1(s, PW_ABS, h), growth(s, ratio));
    Value cut = pw(s, PW_MUL, last, good); /* the step was short because its end was near */
    made(s, m->t, chosen(s, good, h, value_number(0)));
    m->size = chosen(s, cut, pw(s, PW_MAX, m->size, next), next);
    m->t = chosen(s, good, chosen(s, last, to, pw(s, PW_ADD, m->t, h)), m->t);
    m->y = chosen(s, good, end, m->y);
    m->k = chosen(s, good, k[s->method->stages - 1], m->k);
}

/* Not a number where the attempts did not suffice. */
static Value adaptive(const Solver *s, March *m, Value to) {
    for (size_t i = 0; i < s->steps; i++) attempt(s, m, to);
    return chosen(s, pw(s, PW_EQ, m->t, to), m->y, value_number(NAN));
}

/* ---- the functions ---- */

static const Method *method_named(Build *b, const Expr *at, const Value *name) {
    enum { COUNT = sizeof methods / sizeof *methods };
    const char *text = name ? as_text(b, at, name, "method") : "rk4";
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(methods[i].name, text)) return &methods[i];
    build_fail(b, at, "method: expected euler, midpoint, rk4 or dopri5, found \"%s\"", text);
}

static size_t step_count(Build *b, const Expr *at, const Value *v) {
    size_t n = as_size(b, at, v, "steps");
    if (n < 1 || n > STEPS_MAX)
        build_fail(b, at, "steps: expected a number from 1 to %d, found %zu", STEPS_MAX, n);
    return n;
}

static const Value *times_of(Build *b, const Expr *at, const Value *v) {
    if (v->kind != V_LIST || !v->count)
        build_fail(b, at, "times: expected a list of numbers, found %s",
                   v->kind == V_LIST ? "an empty one" : value_kind(v));
    for (int i = 0; i < v->count; i++) {
        Value t = as_tensor(b, at, &v->items[i], "times");
        if (t.node->count != 1 || t.batched)
            build_fail(b, at, "times: expected numbers that all samples share");
    }
    return v->items;
}

static void check_net(Build *b, const Expr *at, const Value *f) {
    if (f->kind != V_NET)
        build_fail(b, at, "expected a net or block of a state and a time, found %s", value_kind(f));
    if (f->net->param_count < 1)
        build_fail(b, at, "%s: expected a net or block of a state and a time", f->net->name);
}

/* The slope for stand-ins of the state and the time, once for all steps. */
static Backwards *backwards(Solver *s, Value y, const Value *t) {
    Build *b = s->b;
    if (y.kind == V_LIST)
        build_fail(b, s->at, "adjoint: of a state that is one tensor, found a list");
    Backwards *back = arena_alloc(b->arena, sizeof *back);
    Value time = as_tensor(b, s->at, &t[0], "times");
    y = value_tensor(adjoint_leaf(b->g, y.node), y.batched);
    /* of steps that are each sample's own */
    if (s->method->error[0] != 0 && y.batched)
        time = value_tensor(n_broadcast(b->g, time.node, 1, y.node->shape), true);
    time = value_tensor(adjoint_leaf(b->g, time.node), time.batched);
    Value k = slope(s, y, time);
    check_slope(s, y, k);
    k = as_tensor(b, s->at, &k, "the slope");
    Value all = y;
    align(b, &all, &k);
    k.node = n_broadcast(b->g, k.node, y.node->rank, y.node->shape);
    *back = (Backwards){
        .adjoint = adjoint_new(b->g, s->method, y.node, time.node, k.node), .y = y, .t = time};
    return back;
}

static void begin_interval(const Solver *s) {
    s->back->step = arena_new_array(s->b->arena, AdjointStep, s->steps);
    s->back->count = 0;
}

/* What its steps made of a state, with the gradient that the adjoint gives it. */
static Value with_adjoint(const Solver *s, Value y, Value end) {
    const Backwards *b = s->back;
    end.node = adjoint_interval(s->b->g, b->adjoint, b->count, b->step, y.node, end.node);
    return end;
}

/* The longest way from one time to the next, which a first step may go: the first may be none. */
static Value widest(const Solver *s, const Value *t, int count) {
    Value most = value_number(0);
    for (int i = 1; i < count; i++)
        most = pw(s, PW_MAX, most, pw1(s, PW_ABS, pw(s, PW_SUB, t[i], t[i - 1])));
    return most;
}

/* The states at the times, and what dopri5 had to do for them. */
static Value *solve(Build *b, const Expr *at, Value **arg, bool adjoint, Value *tries) {
    const Method *m = method_named(b, at, arg[3]);
    Solver s = {.b = b, .at = at, .f = arg[0], .path = "", .method = m, .given = arg[7]};
    s.tolerance = as_number(b, at, arg[4], "tolerance");
    s.steps = (size_t)m->steps;
    const Value *t = times_of(b, at, arg[2]);
    int count = arg[2]->count;
    check_net(b, at, arg[0]);
    if (arg[5]) s.steps = step_count(b, at, arg[5]);
    if (!(s.tolerance > 0)) build_fail(b, at, "tolerance: expected a number above 0");
    if (!s.f->root) s.path = layer_path(b);
    Value *y = arena_new_array(b->arena, Value, (size_t)count);
    y[0] = as_state(&s, arg[1]);
    bool adapts = m->error[0] != 0;
    if (adjoint) s.back = backwards(&s, y[0], t);
    March march = {.t = t[0], .y = y[0], .tries = value_number(0)};
    if (adapts && count > 1) {
        march.size = widest(&s, t, count);
        march.k = slope(&s, y[0], t[0]);
    }
    for (int i = 1; i < count; i++) {
        if (adjoint) begin_interval(&s);
        y[i] = adapts ? adaptive(&s, &march, t[i]) : fixed(&s, y[i - 1], t[i - 1], t[i]);
        if (adjoint) march.y = y[i] = with_adjoint(&s, y[i - 1], y[i]);
    }
    *tries = adapts ? march.tries : value_number((double)s.steps * (count - 1));
    return y;
}

static Value f_odesolve(Build *b, const Expr *at, Value **arg) {
    Value tries;
    Value *y = solve(b, at, arg, as_bool(b, at, arg[6], "adjoint"), &tries);
    return value_list(y, arg[2]->count);
}

/* Each step takes as many as it has stages; of dopri5's the first is the last of the step before.
 */
static Value f_evaluations(Build *b, const Expr *at, Value **arg) {
    Value tries;
    const Method *m = method_named(b, at, arg[3]);
    solve(b, at, arg, false, &tries);
    bool adapts = m->error[0] != 0;
    Value all = value_binary(b, at, '*', tries, value_number(m->stages - adapts));
    if (adapts && arg[2]->count > 1) all = value_binary(b, at, '+', all, value_number(1));
    return all;
}

/* The numbers of a path: those of the game's draws, or of a seed of its own, whose paths are the
 * same wherever it is given. */
typedef struct {
    const uint64_t *seed;
    unsigned next;
} PathNoise;

/* Normal numbers of the state's shape. */
static Value noise_for(const Solver *s, PathNoise *p, const Value *y) {
    enum { OWN_USE = 1u << 30 }; /* away from what a game of that seed draws */
    Build *b = s->b;
    if (y->kind == V_LIST) {
        Value *items = arena_new_array(b->arena, Value, (size_t)y->count);
        for (int i = 0; i < y->count; i++) items[i] = noise_for(s, p, &y->items[i]);
        return value_list(items, y->count);
    }
    unsigned use = p->seed ? OWN_USE + p->next++ : b->next_use++;
    Node *n =
        n_random_of(b->g, p->seed, RANDOM_NORMAL, use, y->batched, y->node->rank, y->node->shape);
    return value_tensor(n, y->batched);
}

/* g dW: element by element */
static Value diffused(const Solver *s, Value g, Value noise) {
    Build *b = s->b;
    if (noise.kind != V_LIST) return value_binary(b, s->at, '*', g, noise);
    if (g.kind == V_LIST && g.count != noise.count)
        build_fail(b, s->at, "the diffusion of a state that is a list must be a list of %d",
                   noise.count);
    Value *items = arena_new_array(b->arena, Value, (size_t)noise.count);
    for (int i = 0; i < noise.count; i++) items[i] = diffused(s, *leaf(&g, i), noise.items[i]);
    return value_list(items, noise.count);
}

/* Euler and Maruyama: y + f h + g sqrt|h| times normal numbers (Ito). */
static Value f_sdesolve(Build *b, const Expr *at, Value **arg) {
    const Value *t = times_of(b, at, arg[3]);
    int count = arg[3]->count;
    Solver drift = {
        .b = b, .at = at, .f = arg[0], .path = "", .method = &methods[0], .given = arg[6]};
    drift.steps = step_count(b, at, arg[4]);
    Solver spread = drift;
    spread.f = arg[1];
    check_net(b, at, arg[0]);
    if (!drift.f->root) drift.path = arena_printf(b->arena, "%s.drift", layer_path(b));
    if (spread.f->kind == V_NET) {
        check_net(b, at, arg[1]);
        if (!spread.f->root) spread.path = arena_printf(b->arena, "%s.diffusion", layer_path(b));
    }
    uint64_t seed = arg[5] ? as_size(b, at, arg[5], "seed") : 0;
    PathNoise path = {arg[5] ? &seed : NULL, 0};
    Value *y = arena_new_array(b->arena, Value, (size_t)count);
    y[0] = as_state(&drift, arg[2]);
    for (int i = 1; i < count; i++) {
        Value now = y[i - 1], whole = value_binary(b, at, '-', t[i], t[i - 1]);
        Value h = value_binary(b, at, '/', whole, value_number((double)drift.steps));
        Value root = pw1(&drift, PW_SQRT, pw1(&drift, PW_ABS, h));
        for (size_t k = 0; k < drift.steps; k++) {
            Value at_time = value_binary(b, at, '*', h, value_number((double)k));
            at_time = value_binary(b, at, '+', t[i - 1], at_time);
            Value f = slope(&drift, now, at_time);
            Value g = spread.f->kind == V_NET ? slope(&spread, now, at_time) : *spread.f;
            Value dw = noise_for(&drift, &path, &now);
            now = moved(&drift, moved(&drift, now, h, f), root, diffused(&spread, g, dw));
        }
        y[i] = now;
    }
    return value_list(y, count);
}

const Builtin builtin_solvers[] = {
    {"odesolve", "f, s, times, method?, tolerance=1e-5, steps?, adjoint=0, given?", f_odesolve,
     "list of the states at the times, of ds/dt = f(s, t) from s on"},
    {"ode_evaluations", "f, s, times, method?, tolerance=1e-5, steps?, adjoint=0, given?",
     f_evaluations, "how often odesolve evaluates f so that all steps are made"},
    {"sdesolve", "f, g, s, times, steps=1, seed?, given?", f_sdesolve,
     "the same of ds = f(s, t) dt + g(s, t) dW by Euler and Maruyama"},
    {NULL, NULL, NULL, NULL},
};
