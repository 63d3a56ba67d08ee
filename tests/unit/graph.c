/* Values and derivatives of first and second order of every operation a graph has, against plain
 * loops and finite differences in double precision. */
#include "naive.h"
#include "plan/plan.h"
#include "tensor/cpu.h"

enum { LEAVES = 3 };

typedef struct {
    int rank;
    size_t shape[RANK_MAX];
} Shape;

typedef struct {
    const char *name;
    void (*build)(Tape *t); /* after the leaves; the last step is the result */
    int leaves;
    Shape leaf[LEAVES];
    bool positive; /* leaves in [0.5, 2.5] instead of [-1, 1] */
} Case;

#define SH(r, ...)         \
    {                      \
        r, { __VA_ARGS__ } \
    }
#define LAST(t) ((t)->count - 1)

/* ---- running ---- */

/* A case with what its test needs beside the leaves: weights of the result, directions. */
typedef struct {
    Tape tape; /* leaves, weights, then the operations, then the cost */
    int leaves, result;
    Array leaf[LEAVES + 1];
    Array direction[LEAVES];
    Input input[LEAVES + 1], along[LEAVES];
} Run;

static unsigned shuffle_state = 11;

/* Distinct values with gaps, none of them 0 or the same in two leaves, in random order. */
static void fill_leaf(Array *a, int which, bool positive) {
    static const double offset[] = {0.3, 0.45, 0.6, 0.7};
    for (size_t i = 0; i < a->n; i++) a->v[i] = 2 * ((double)i + offset[which]) / (double)a->n - 1;
    for (size_t i = a->n; i > 1; i--) {
        size_t k = isas_random(&shuffle_state, (unsigned)i);
        double v = a->v[i - 1];
        a->v[i - 1] = a->v[k];
        a->v[k] = v;
    }
    for (size_t i = 0; i < a->n; i++) a->v[i] = (float)(a->v[i] + (positive ? 1.5 : 0));
}

static Input input_of(const Array *a) {
    Input in = {.name = "leaf", .rank = a->rank, .count = a->n};
    float *data = malloc((a->n + 1) * sizeof *data);
    if (!data) abort();
    memcpy(in.shape, a->shape, sizeof in.shape);
    for (size_t i = 0; i < a->n; i++) data[i] = (float)a->v[i];
    in.data = data;
    return in;
}

/* cost = sum(w*y + y^2/2), so that a linear operation has second derivatives too */
static void run_start(Run *r, const Case *c) {
    *r = (Run){.leaves = c->leaves};
    Tape *t = &r->tape;
    for (int i = 0; i <= c->leaves; i++) tape_add(t, (Step){.kind = T_LEAF});
    c->build(t);
    r->result = LAST(t);
    for (int i = 0; i < c->leaves; i++) {
        r->leaf[i] = array_new(c->leaf[i].rank, c->leaf[i].shape);
        r->direction[i] = array_new(c->leaf[i].rank, c->leaf[i].shape);
        fill_leaf(&r->leaf[i], i, c->positive);
        fill_leaf(&r->direction[i], i, false);
        r->input[i] = input_of(&r->leaf[i]);
        r->along[i] = input_of(&r->direction[i]);
    }
    Array value[TAPE_MAX], none = {0};
    r->leaf[c->leaves] = none;
    tape_values(t, c->leaves + 1, r->leaf, value);
    r->leaf[c->leaves] = array_new(value[r->result].rank, value[r->result].shape);
    tape_free(t, c->leaves + 1, value);
    fill_leaf(&r->leaf[c->leaves], 3, false);
    r->input[c->leaves] = input_of(&r->leaf[c->leaves]);
    int square = tape_unary(t, PW_SQUARE, r->result);
    int half = tape_add(t, (Step){.kind = T_SCALE, .value = 0.5, .arg = {square}, .count = 1});
    tape_sum_all(t, tape_binary(t, PW_ADD, tape_binary(t, PW_MUL, r->result, c->leaves), half));
}

static void run_end(Run *r) {
    for (int i = 0; i <= r->leaves; i++)
        free(r->leaf[i].v), free((void *)(uintptr_t)r->input[i].data);
    for (int i = 0; i < r->leaves; i++)
        free(r->direction[i].v), free((void *)(uintptr_t)r->along[i].data);
}

static double cost_at(const Run *r) {
    Array value[TAPE_MAX];
    tape_values(&r->tape, r->leaves + 1, r->leaf, value);
    double cost = value[LAST(&r->tape)].v[0];
    tape_free(&r->tape, r->leaves + 1, value);
    return cost;
}

/* The cost with the leaves moved by a along the directions, and one element by b. */
static double cost_moved(Run *r, double a, double *element, double b) {
    for (int i = 0; i < r->leaves; i++)
        for (size_t k = 0; k < r->leaf[i].n; k++) r->leaf[i].v[k] += a * r->direction[i].v[k];
    double old = *element;
    *element += b;
    double cost = cost_at(r);
    *element = old;
    for (int i = 0; i < r->leaves; i++)
        for (size_t k = 0; k < r->leaf[i].n; k++) r->leaf[i].v[k] -= a * r->direction[i].v[k];
    return cost;
}

/* Largest error of a gradient and of a Hessian times the directions, each against its largest
 * element (or 1). */
static void difference(Run *r, int leaf, const float *d, const float *dd, double *first,
                       double *second) {
    const double h = 1e-4, t = 1e-3;
    double size1 = 1, size2 = 1, e1 = 0, e2 = 0;
    for (size_t k = 0; k < r->leaf[leaf].n; k++) {
        double *x = &r->leaf[leaf].v[k];
        double f = (cost_moved(r, 0, x, h) - cost_moved(r, 0, x, -h)) / (2 * h);
        double s = (cost_moved(r, t, x, t) - cost_moved(r, t, x, -t) - cost_moved(r, -t, x, t) +
                    cost_moved(r, -t, x, -t)) /
                   (4 * t * t);
        size1 = fmax(size1, fabs(f)), size2 = fmax(size2, fabs(s));
        e1 = fmax(e1, isfinite(d[k]) ? fabs(d[k] - f) : INFINITY);
        e2 = fmax(e2, isfinite(dd[k]) ? fabs(dd[k] - s) : INFINITY);
    }
    *first = fmax(*first, e1 / size1), *second = fmax(*second, e2 / size2);
}

static double value_error(const Run *r, const float *y) {
    Array value[TAPE_MAX];
    double error = 0, size = 1;
    tape_values(&r->tape, r->leaves + 1, r->leaf, value);
    const Array *v = &value[r->result];
    for (size_t i = 0; i < v->n; i++) {
        size = fmax(size, fabs(v->v[i]));
        error = fmax(error, isfinite(y[i]) ? fabs(y[i] - v->v[i]) : INFINITY);
    }
    tape_free(&r->tape, r->leaves + 1, value);
    return error / size;
}

/* outputs: the result, gradients, derivatives of the gradients along the directions */
static Plan *run_plan(Run *r, Graph *g, Node **out) {
    Node *node[TAPE_MAX], *d[LEAVES], *along = n_number(g, 0);
    for (int i = 0; i < r->tape.count; i++)
        node[i] = i <= r->leaves ? n_input(g, &r->input[i]) : step_node(g, &r->tape.step[i], node);
    out[0] = node[r->result];
    graph_gradients(g, node[LAST(&r->tape)], r->leaves, node, d);
    for (int i = 0; i < r->leaves; i++) {
        out[1 + i] = d[i];
        along = n_add(g, along, n_sum_all(g, n_mul(g, d[i], n_input(g, &r->along[i]))));
    }
    graph_gradients(g, along, r->leaves, node, out + 1 + r->leaves);
    return plan_new(g, NULL, 1 + 2 * r->leaves, out, 0, NULL);
}

static void check_case(const Case *c) {
    Error err;
    Trap trap = {.err = &err};
    Arena *arena = arena_new(NULL);
    Run *r = arena_alloc(arena, sizeof *r);
    run_start(r, c);
    if (setjmp(trap.env)) {
        ok(0, "%s: %s", c->name, err.text);
        arena_free(arena);
        return;
    }
    Node *out[1 + 2 * LEAVES];
    Plan *p = run_plan(r, graph_new(arena, &trap), out);
    void *block = isas_blank(plan_bytes(p));
    plan_bind(p, block);
    plan_run(p, &(RunContext){0});
    double value = value_error(r, plan_output(p, 0)), first = 0, second = 0;
    bool shape =
        out[0]->rank == r->leaf[r->leaves].rank &&
        !memcmp(out[0]->shape, r->leaf[r->leaves].shape, sizeof(size_t) * (size_t)out[0]->rank);
    for (int i = 0; i < r->leaves; i++) {
        shape = shape && out[1 + i]->count == r->leaf[i].n;
        difference(r, i, plan_output(p, 1 + i), plan_output(p, 1 + r->leaves + i), &first, &second);
    }
    ok(shape && value < 2e-6 && first < 2e-5 && second < 1e-3, "%s", c->name);
    if (!(value < 2e-6 && first < 2e-5 && second < 1e-3))
        diag("value %g, gradient %g, second order %g", value, first, second);
    if (!shape) diag("shape");
    free(block);
    run_end(r);
    arena_free(arena);
}

/* ---- pointwise ---- */

static PwCode current;

static void b_unary(Tape *t) { tape_unary(t, current, 0); }
static void b_binary(Tape *t) { tape_binary(t, current, 0, 1); }
static void b_select(Tape *t) {
    int c = tape_binary(t, PW_LT, 0, 1);
    tape_add(t, (Step){.kind = T_SELECT, .arg = {c, 1, 2}, .count = 3});
}

static bool wants_positive(PwCode c) {
    return c == PW_LOG || c == PW_SQRT || c == PW_RSQRT || c == PW_RECIP || c == PW_DIV ||
           c == PW_POW;
}

static void check_pointwise(void) {
    static const Shape pairs[][2] = {
        {SH(2, 3, 4), SH(2, 3, 4)},       {SH(2, 3, 4), SH(1, 4)},
        {SH(2, 3, 4), SH(2, 3, 1)},       {SH(0, 1), SH(2, 2, 3)},
        {SH(3, 2, 3, 2), SH(3, 2, 1, 2)}, {SH(2, 1, 3), SH(2, 4, 1)},
        {SH(2, 1, 3), SH(3, 2, 1, 1)},    {SH(0, 1), SH(0, 1)},
    };
    char name[80];
    for (int code = 0; code < PW_COUNT; code++) {
        current = (PwCode)code;
        int arity = pw_arity(current);
        if (arity == 3) continue;
        for (size_t k = 0; k < (arity == 1 ? 1 : sizeof pairs / sizeof *pairs); k++) {
            snprintf(name, sizeof name, "%s, shapes %zu", pw_name(current), k);
            check_case(&(Case){name,
                               arity == 1 ? b_unary : b_binary,
                               arity,
                               {pairs[k][0], pairs[k][1]},
                               wants_positive(current)});
        }
    }
    check_case(&(Case){"select", b_select, 3, {SH(2, 3, 4), SH(2, 3, 4), SH(2, 3, 4)}, false});
    check_case(
        &(Case){"select, spread", b_select, 3, {SH(1, 4), SH(2, 3, 1), SH(3, 2, 1, 1)}, false});
}

/* ---- simplifications ---- */

static int constant(Tape *t, double v) { return tape_add(t, (Step){.kind = T_CONST, .value = v}); }

static PwCode simple_code;
static double simple_value;
static bool simple_left; /* the constant stands left */

static void b_simple(Tape *t) {
    int c = constant(t, simple_value);
    if (simple_left)
        tape_binary(t, simple_code, c, 0);
    else
        tape_binary(t, simple_code, 0, c);
}

static void check_simple(void) {
    static const double values[] = {0, 1, -1, 2, 0.25, -3};
    char name[80];
    for (int code = PW_ADD; code < PW_SELECT; code++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            for (int left = 0; left < 2; left++) {
                simple_code = (PwCode)code, simple_value = values[k], simple_left = left;
                if (code == PW_DIV && values[k] == 0 && !left) continue;
                if (code == PW_POW && values[k] <= 0 && left) continue;
                snprintf(name, sizeof name, left ? "%s of %g and x" : "%s of x and %g",
                         pw_name(simple_code), values[k]);
                if (left)
                    snprintf(name, sizeof name, "%s of a number and x (%g)", pw_name(simple_code),
                             values[k]);
                check_case(&(Case){name, b_simple, 1, {SH(2, 3, 2)}, wants_positive(simple_code)});
            }
}

static void b_twice_scaled(Tape *t) {
    int a = tape_binary(t, PW_MUL, 0, constant(t, 2));
    a = tape_binary(t, PW_MUL, constant(t, 3), a);
    tape_add(t, (Step){.kind = T_SCALE, .value = -0.5, .arg = {a}, .count = 1});
}
static void b_times_itself(Tape *t) { tape_binary(t, PW_MUL, 0, 0); }
static void b_minus_twice(Tape *t) {
    tape_binary(t, PW_ADD, tape_unary(t, PW_NEG, tape_unary(t, PW_NEG, 0)),
                tape_unary(t, PW_NEG, 0));
    tape_binary(t, PW_SUB, LAST(t), 0);
}
static void b_constants(Tape *t) {
    int a = tape_add(t, (Step){.kind = T_CONST, .value = 1.5, .rank = 2, .shape = {3, 2}});
    int b = tape_binary(t, PW_DIV, tape_unary(t, PW_EXP, a), constant(t, 7));
    int s = tape_add(t, (Step){.kind = T_SUM, .axes = 1, .arg = {b}, .count = 1});
    int m = tape_add(t, (Step){.kind = T_MAX, .axes = 2, .arg = {b}, .count = 1});
    tape_binary(t, PW_ADD, 0, tape_binary(t, PW_MUL, s, m));
}
static void b_select_constant(Tape *t) {
    int a = tape_add(t, (Step){.kind = T_SELECT, .arg = {constant(t, 1), 0, 1}, .count = 3});
    int b = tape_add(t, (Step){.kind = T_SELECT, .arg = {constant(t, 0), 0, 1}, .count = 3});
    tape_binary(t, PW_MUL, a, b);
}
/* two broadcasts of one smaller shape, and a constant */
static void b_small_source(Tape *t) {
    int a = tape_add(
        t, (Step){.kind = T_BROADCAST, .rank = 2, .shape = {3, 4}, .arg = {0}, .count = 1});
    int b = tape_add(
        t, (Step){.kind = T_BROADCAST, .rank = 2, .shape = {3, 4}, .arg = {1}, .count = 1});
    int c = tape_unary(t, PW_TANH, tape_binary(t, PW_MUL, a, b));
    int d = tape_binary(t, PW_ADD, c, constant(t, 2));
    tape_add(t, (Step){.kind = T_SELECT, .arg = {tape_binary(t, PW_LT, a, b), d, b}, .count = 3});
}
static void b_iota(Tape *t) {
    tape_binary(t, PW_MUL, 0, tape_add(t, (Step){.kind = T_IOTA, .shape = {4}}));
}
static void b_stop(Tape *t) {
    /* its derivative is left out of the graph on purpose: the value alone */
    int s = tape_add(t, (Step){.kind = T_STOP, .arg = {0}, .count = 1});
    tape_binary(t, PW_ADD, 0, tape_binary(t, PW_SUB, s, s));
}

/* ---- shapes ---- */

static void b_broadcast_twice(Tape *t) {
    tape_add(t, (Step){.kind = T_BROADCAST, .rank = 2, .shape = {3, 4}, .arg = {0}, .count = 1});
    tape_add(
        t,
        (Step){
            .kind = T_BROADCAST, .rank = 4, .shape = {2, 1, 3, 4}, .arg = {LAST(t)}, .count = 1});
}
static void b_broadcast_middle(Tape *t) {
    tape_add(t,
             (Step){.kind = T_BROADCAST, .rank = 4, .shape = {2, 3, 2, 3}, .arg = {0}, .count = 1});
}
static void b_broadcast_sums(Tape *t) {
    b_broadcast_middle(t);
    int wide = LAST(t), sum[4];
    for (int i = 0; i < 3; i++) /* over spread axes, over others, over both */
        sum[i] = tape_add(
            t, (Step){.kind = T_SUM, .axes = (unsigned[]){2, 8, 15}[i], .arg = {wide}, .count = 1});
    sum[3] = tape_add(t, (Step){.kind = T_MAX, .axes = 2, .arg = {wide}, .count = 1});
    tape_binary(t, PW_ADD, sum[0], sum[3]);
    tape_binary(t, PW_MUL, LAST(t), sum[1]);
    tape_binary(t, PW_ADD, LAST(t), sum[2]);
}
static void b_reshape(Tape *t) {
    int a = tape_add(
        t, (Step){.kind = T_RESHAPE, .rank = 3, .shape = {2, 2, 3}, .arg = {0}, .count = 1});
    a = tape_unary(t, PW_TANH, a);
    a = tape_add(t, (Step){.kind = T_RESHAPE, .rank = 1, .shape = {12}, .arg = {a}, .count = 1});
    a = tape_add(
        t, (Step){.kind = T_RESHAPE, .rank = 4, .shape = {1, 6, 1, 2}, .arg = {a}, .count = 1});
    tape_binary(t, PW_MUL, a, a);
}
static void b_permute(Tape *t) {
    tape_add(t, (Step){.kind = T_PERMUTE, .order = {2, 0, 3, 1}, .arg = {0}, .count = 1});
}
static void b_permute_ones(Tape *t) {
    tape_add(t, (Step){.kind = T_PERMUTE, .order = {1, 3, 0, 2}, .arg = {0}, .count = 1});
}
static void b_permute_last(Tape *t) {
    tape_add(t, (Step){.kind = T_PERMUTE, .order = {1, 0, 2}, .arg = {0}, .count = 1});
}
static void b_slice(Tape *t) {
    tape_add(t, (Step){.kind = T_SLICE,
                       .begin = {1, 0, 2},
                       .shape = {2, 2, 2},
                       .step = {1, 2, 3},
                       .arg = {0},
                       .count = 1});
}
static void b_slice_overlap(Tape *t) {
    int a = tape_add(t, (Step){.kind = T_SLICE,
                               .begin = {0, 1},
                               .shape = {2, 4},
                               .step = {1, 1},
                               .arg = {0},
                               .count = 1});
    int b = tape_add(t, (Step){.kind = T_SLICE,
                               .begin = {1, 0},
                               .shape = {2, 4},
                               .step = {1, 1},
                               .arg = {0},
                               .count = 1});
    tape_binary(t, PW_MUL, a, b);
}
static void standardise(Tape *t, unsigned axes, int arg) {
    tape_add(t,
             (Step){.kind = T_STANDARDISE, .axes = axes, .value = 0.25F, .arg = {arg}, .count = 1});
}
static void b_standardise_batch(Tape *t) { standardise(t, 7, 0); }
static void b_standardise_row(Tape *t) { standardise(t, 2, 0); }
/* with a gain and a rectifier behind it, as networks have it */
static void b_standardise_relu(Tape *t) {
    standardise(t, 1, 0);
    tape_binary(t, PW_MUL, LAST(t), 1);
    tape_unary(t, PW_EXP, LAST(t));
    standardise(t, 3, LAST(t));
    tape_binary(t, PW_MUL, LAST(t), 1);
}
static void filter(Tape *t, int axis, ResampleAxis along, ResampleFilter f) {
    Resampling r = {.axis = axis, .count = 1, .along = {along}, .filter = f};
    tape_add(t, (Step){.kind = T_FILTER, .filter = r, .arg = {0}, .count = 1});
}
static void b_filter(Tape *t) {
    filter(t, 1, (ResampleAxis){RESAMPLE_FILTER, 5, 5, 1},
           (ResampleFilter){3, 1, 1, {1, -2, 0.5F}});
}
static void b_filter_up(Tape *t) {
    filter(t, 0, (ResampleAxis){RESAMPLE_FILTER, 4, 8, 2},
           (ResampleFilter){4, 2, 1, {0.25F, 0.75F, 1, 0.5F}});
}
static void b_filter_down(Tape *t) {
    filter(t, 1, (ResampleAxis){RESAMPLE_FILTER, 7, 3, 4},
           (ResampleFilter){6, 1, 3, {1, 2, 3, 4, 5, 6}});
}
static void b_filter_both(Tape *t) {
    filter(t, 1, (ResampleAxis){RESAMPLE_FILTER, 5, 6, -2},
           (ResampleFilter){5, 3, 2, {1, 0.5F, -1, 2, 3}});
}
static void b_filter_squared(Tape *t) {
    filter(t, 2, (ResampleAxis){RESAMPLE_FILTER, 5, 2, 0}, (ResampleFilter){2, 1, 2, {1, 3}});
    tape_unary(t, PW_SQUARE, LAST(t));
}
static void b_place(Tape *t) {
    int a = tape_add(t, (Step){.kind = T_PLACE,
                               .begin = {1, 0},
                               .shape = {5, 8},
                               .step = {2, 3},
                               .arg = {0},
                               .count = 1});
    int c = tape_add(t, (Step){.kind = T_CONST, .value = 2, .rank = 2, .shape = {2, 2}});
    c = tape_add(t, (Step){.kind = T_PLACE,
                           .begin = {1, 1},
                           .shape = {5, 8},
                           .step = {3, 6},
                           .arg = {c},
                           .count = 1});
    tape_binary(t, PW_ADD, a, c);
}
static void b_concat(Tape *t) {
    tape_add(t, (Step){.kind = T_CONCAT, .axis = 1, .arg = {0, 1, 0, 2}, .count = 4});
}
static void b_concat_first(Tape *t) {
    tape_add(t, (Step){.kind = T_CONCAT, .axis = 0, .arg = {0, 1}, .count = 2});
}
static void b_concat_last(Tape *t) {
    tape_add(t, (Step){.kind = T_CONCAT, .axis = 2, .arg = {0, 1}, .count = 2});
}

/* ---- reductions ---- */

static StepKind reduce_kind;
static unsigned reduce_axes;
static void b_reduce(Tape *t) {
    int a = tape_unary(t, PW_TANH, 0);
    tape_add(t, (Step){.kind = reduce_kind, .axes = reduce_axes, .arg = {a}, .count = 1});
    /* and spread again, as a normalisation does */
    tape_binary(t, PW_MUL, a, LAST(t));
}

static void check_reductions(void) {
    char name[80];
    static const StepKind kinds[] = {T_SUM, T_MEAN, T_MAX};
    for (int k = 0; k < 3; k++)
        for (unsigned axes = 0; axes < 16; axes++) {
            reduce_kind = kinds[k], reduce_axes = axes;
            snprintf(name, sizeof name, "%s over axes %#x",
                     (const char *[]){"sum", "mean", "max"}[k], axes);
            check_case(&(Case){name, b_reduce, 1, {SH(4, 3, 2, 1, 4)}, false});
        }
}

/* ---- products ---- */

static bool turn_a, turn_b;
static void b_matmul(Tape *t) {
    tape_add(t, (Step){.kind = T_MATMUL, .turned = {turn_a, turn_b}, .arg = {0, 1}, .count = 2});
}
/* A matrix and itself, turned by the product or before it. */
static void b_gram(Tape *t) {
    tape_add(t, (Step){.kind = T_MATMUL, .turned = {turn_a, turn_b}, .arg = {0, 0}, .count = 2});
}
static void b_gram_permuted(Tape *t) {
    int arg[2] = {0};
    arg[!turn_a] = tape_add(t, (Step){.kind = T_PERMUTE, .order = {1, 0}, .arg = {0}, .count = 1});
    tape_add(t, (Step){.kind = T_MATMUL, .arg = {arg[0], arg[1]}, .count = 2});
}
static void b_grams_permuted(Tape *t) {
    int a = tape_add(t, (Step){.kind = T_PERMUTE, .order = {0, 2, 1}, .arg = {0}, .count = 1});
    tape_add(t, (Step){.kind = T_MATMUL, .arg = {a, 0}, .count = 2});
}
static void b_matmul_zero(Tape *t) {
    int z = tape_add(t, (Step){.kind = T_CONST, .rank = 2, .shape = {3, 2}});
    tape_add(t, (Step){.kind = T_MATMUL, .arg = {0, z}, .count = 2});
    int p = LAST(t);
    tape_binary(t, PW_ADD, tape_add(t, (Step){.kind = T_SUM, .axes = 2, .arg = {0}, .count = 1}),
                p);
}

static void check_matmul(void) {
    char name[80];
    for (int k = 0; k < 4; k++) {
        turn_a = k & 1, turn_b = k & 2;
        Shape a = turn_a ? (Shape)SH(2, 3, 4) : (Shape)SH(2, 4, 3);
        Shape b = turn_b ? (Shape)SH(2, 2, 3) : (Shape)SH(2, 3, 2);
        snprintf(name, sizeof name, "matmul, transposed %d %d", turn_a, turn_b);
        check_case(&(Case){name, b_matmul, 2, {a, b}, false});
        Shape ab = {3, {2, a.shape[0], a.shape[1]}}, bb = {3, {2, b.shape[0], b.shape[1]}};
        snprintf(name, sizeof name, "batched matmul, transposed %d %d", turn_a, turn_b);
        check_case(&(Case){name, b_matmul, 2, {ab, bb}, false});
    }
    turn_a = false;
    for (int k = 0; k < 2; k++) {
        turn_b = k;
        snprintf(name, sizeof name, "matmul of rows of rank 4, transposed %d", k);
        Shape b = k ? (Shape)SH(2, 2, 4) : (Shape)SH(2, 4, 2);
        check_case(&(Case){name, b_matmul, 2, {SH(4, 2, 1, 3, 4), b}, false});
    }
    for (int k = 0; k < 2; k++) {
        turn_a = k, turn_b = !k;
        check_case(&(Case){k ? "a'a" : "aa'", b_gram, 1, {SH(2, 4, 3)}, false});
        check_case(&(Case){k ? "a'a, each" : "aa', each", b_gram, 1, {SH(3, 2, 4, 3)}, false});
        const char *permuted = k ? "aa', permuted" : "a'a, permuted";
        check_case(&(Case){permuted, b_gram_permuted, 1, {SH(2, 4, 3)}, false});
    }
    check_case(&(Case){"a'a, each, permuted", b_grams_permuted, 1, {SH(3, 2, 4, 3)}, false});
    check_case(&(Case){"matmul with zeros", b_matmul_zero, 1, {SH(2, 4, 3)}, false});
}

static const ConvShape *conv_shape;
static ConvKind conv_kind;
static void b_conv(Tape *t) {
    tape_add(t, (Step){.kind = T_CONV,
                       .conv_kind = conv_kind,
                       .conv = *conv_shape,
                       .arg = {0, 1},
                       .count = 2});
}

static Shape conv_side(const ConvShape *c, const size_t *extent, size_t first, size_t a, size_t b) {
    Shape s = {0};
    if (first) s.shape[s.rank++] = first;
    for (int d = 0; d < c->dims; d++) s.shape[s.rank++] = extent[d];
    s.shape[s.rank++] = a;
    if (b) s.shape[s.rank++] = b;
    return s;
}

static void check_conv(void) {
    static const ConvShape shapes[] = {
        {1, 2, 2, 3, {7}, {4}, {3}, {2}, {1}, {0}, 0},
        {1, 1, 1, 2, {5}, {3}, {2}, {1}, {0}, {0}, 0},
        {2, 2, 2, 2, {4, 5}, {2, 3}, {3, 3}, {2, 2}, {1, 1}, {0}, 0},
        {2, 1, 3, 2, {3, 4}, {3, 4}, {2, 3}, {1, 1}, {0, 1}, {0}, 0},
        {2, 1, 2, 1, {5, 4}, {2, 4}, {1, 2}, {3, 1}, {0, 1}, {0}, 0},
        {3, 1, 2, 2, {3, 2, 4}, {2, 2, 2}, {2, 1, 3}, {2, 1, 2}, {1, 0, 1}, {0}, 0},
        {2, 1, 2, 2, {5, 4}, {3, 4}, {2, 3}, {2, 1}, {1, 2}, {2, 2}, 0},
        {2, 1, 4, 6, {4, 3}, {4, 3}, {3, 3}, {1, 1}, {1, 1}, {0}, 2},
        {1, 2, 3, 3, {7}, {4}, {3}, {2}, {2}, {2}, 3},
        {3, 1, 3, 6, {3, 2, 4}, {2, 2, 2}, {2, 1, 3}, {2, 1, 2}, {1, 0, 2}, {1, 2, 2}, 3},
    };
    static const char *const kinds[] = {"forward", "data", "weight"};
    char name[80];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const ConvShape *c = conv_shape = &shapes[i];
        Shape x = conv_side(c, c->in, c->n, c->cin, 0), y = conv_side(c, c->out, c->n, c->cout, 0);
        Shape w = conv_side(c, c->kernel, 0, c->cin / (c->groups ? c->groups : 1), c->cout);
        for (int kind = 0; kind < 3; kind++) {
            conv_kind = (ConvKind)kind;
            snprintf(name, sizeof name, "conv %s in %d dimensions, %zu", kinds[kind], c->dims, i);
            check_case(&(Case){
                name, b_conv, 2, {kind == CONV_DATA ? y : x, kind == CONV_WEIGHT ? y : w}, false});
        }
    }
}

/* ---- windows ---- */

static const ConvShape *pool_shape;
static void b_pool(Tape *t) {
    tape_add(t, (Step){.kind = T_POOL, .conv = *pool_shape, .arg = {0}, .count = 1});
}
/* so that what is behind has a curvature of its own, and the map is read in another way too */
static void b_pool_exp(Tape *t) {
    b_pool(t);
    int e = tape_unary(t, PW_EXP, LAST(t));
    int s = tape_add(t, (Step){.kind = T_SUM, .axes = 15, .arg = {0}, .count = 1});
    tape_binary(t, PW_MUL, e, s);
}

static void check_pool(void) {
    static const ConvShape shapes[] = {
        {1, 2, 3, 0, {7}, {3}, {3}, {2}, {0}, {0}, 0},
        {1, 1, 2, 0, {6}, {3}, {2}, {2}, {0}, {0}, 0},
        {2, 2, 2, 0, {5, 4}, {5, 4}, {3, 3}, {1, 1}, {1, 1}, {0}, 0},
        {2, 1, 70, 0, {3, 3}, {2, 2}, {2, 2}, {2, 2}, {1, 1}, {0}, 0},
        {2, 2, 2, 0, {5, 3}, {3, 2}, {2, 2}, {2, 2}, {0, 0}, {0}, 0},
        {3, 1, 2, 0, {3, 4, 5}, {3, 2, 2}, {3, 2, 3}, {1, 2, 3}, {1, 0, 1}, {0}, 0},
    };
    char name[80];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const ConvShape *c = pool_shape = &shapes[i];
        Shape x = conv_side(c, c->in, c->n, c->cin, 0);
        snprintf(name, sizeof name, "maxpool in %d dimensions, %zu", c->dims, i);
        check_case(&(Case){name, b_pool, 1, {x}, false});
    }
    pool_shape = &shapes[2];
    check_case(&(Case){"maxpool and behind it", b_pool_exp, 1, {SH(4, 2, 5, 4, 2)}, false});
}

/* ---- together ---- */

/* a layer, a normalisation over the minibatch, a gradient penalty's norm */
static void b_network(Tape *t) {
    tape_add(t, (Step){.kind = T_MATMUL, .turned = {false, true}, .arg = {0, 1}, .count = 2});
    int y = LAST(t);
    int m = tape_add(t, (Step){.kind = T_MEAN, .axes = 1, .arg = {y}, .count = 1});
    int centred = tape_binary(t, PW_SUB, y, m);
    int v = tape_add(
        t,
        (Step){.kind = T_MEAN, .axes = 1, .arg = {tape_unary(t, PW_SQUARE, centred)}, .count = 1});
    int r = tape_unary(t, PW_RSQRT, tape_binary(t, PW_ADD, v, constant(t, 0.1)));
    int h = tape_binary(t, PW_LRELU, tape_binary(t, PW_MUL, centred, r), constant(t, 0.2));
    int s = tape_add(
        t, (Step){.kind = T_SUM, .axes = 2, .arg = {tape_unary(t, PW_SQUARE, h)}, .count = 1});
    tape_unary(t, PW_SQRT, tape_binary(t, PW_ADD, s, tape_unary(t, PW_SQUARE, 2)));
}

/* log softmax */
static void b_softmax(Tape *t) {
    int m = tape_add(t, (Step){.kind = T_MAX, .axes = 2, .arg = {0}, .count = 1});
    int s = tape_binary(t, PW_SUB, 0, m);
    int l = tape_add(
        t, (Step){.kind = T_SUM, .axes = 2, .arg = {tape_unary(t, PW_EXP, s)}, .count = 1});
    tape_binary(t, PW_SUB, s, tape_unary(t, PW_LOG, l));
}

static const Case cases[] = {
    {"products with numbers", b_twice_scaled, 1, {SH(2, 3, 2)}, false},
    {"x times x", b_times_itself, 1, {SH(2, 3, 2)}, false},
    {"minus minus x", b_minus_twice, 1, {SH(1, 4)}, false},
    {"constants", b_constants, 1, {SH(2, 3, 2)}, false},
    {"select by a constant", b_select_constant, 2, {SH(1, 3), SH(2, 2, 1)}, false},
    {"broadcasts of one shape", b_small_source, 2, {SH(2, 3, 1), SH(2, 3, 1)}, false},
    {"iota", b_iota, 1, {SH(2, 3, 4)}, false},
    {"stop", b_stop, 1, {SH(2, 3, 4)}, false},
    {"broadcast twice", b_broadcast_twice, 1, {SH(2, 3, 1)}, false},
    {"broadcast of a number", b_broadcast_middle, 1, {SH(0, 1)}, false},
    {"broadcast in the middle", b_broadcast_middle, 1, {SH(4, 2, 1, 2, 3)}, false},
    {"broadcast of a row", b_broadcast_middle, 1, {SH(2, 1, 3)}, false},
    {"reductions of a broadcast", b_broadcast_sums, 1, {SH(4, 2, 1, 2, 3)}, false},
    {"reshape", b_reshape, 1, {SH(2, 3, 4)}, false},
    {"permute", b_permute, 1, {SH(4, 2, 3, 4, 2)}, false},
    {"permute around ones", b_permute_ones, 1, {SH(4, 1, 3, 1, 4)}, false},
    {"permute of ones across", b_permute_ones, 1, {SH(4, 2, 1, 3, 1)}, false},
    {"permute of rows", b_permute_last, 1, {SH(3, 3, 2, 4)}, false},
    {"standardise, minibatch and pixels", b_standardise_batch, 1, {SH(4, 2, 3, 2, 3)}, false},
    {"standardise, one axis", b_standardise_row, 1, {SH(3, 3, 5, 2)}, false},
    {"standardise twice", b_standardise_relu, 2, {SH(2, 5, 4), SH(1, 4)}, false},
    {"filter", b_filter, 1, {SH(3, 3, 5, 4)}, false},
    {"filter, up", b_filter_up, 1, {SH(2, 4, 19)}, false},
    {"filter, down", b_filter_down, 1, {SH(3, 2, 7, 3)}, false},
    {"filter, up and down", b_filter_both, 1, {SH(3, 2, 5, 3)}, false},
    {"filter, last axis", b_filter_squared, 1, {SH(3, 2, 2, 5)}, false},
    {"slice", b_slice, 1, {SH(3, 3, 3, 6)}, false},
    {"overlapping slices", b_slice_overlap, 1, {SH(2, 3, 5)}, false},
    {"place", b_place, 1, {SH(2, 2, 3)}, false},
    {"concat", b_concat, 3, {SH(3, 2, 3, 2), SH(3, 2, 1, 2), SH(3, 2, 2, 2)}, false},
    {"concat along the first axis", b_concat_first, 2, {SH(2, 2, 3), SH(2, 1, 3)}, false},
    {"concat along the last axis", b_concat_last, 2, {SH(3, 2, 2, 1), SH(3, 2, 2, 3)}, false},
    {"a normalised layer and its norm",
     b_network,
     3,
     {SH(2, 5, 3), SH(2, 4, 3), SH(2, 5, 1)},
     false},
    {"log softmax", b_softmax, 1, {SH(2, 3, 5)}, false},
};

int main(void) {
    cpu_start(1);
    check_pointwise();
    check_simple();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(&cases[i]);
    check_reductions();
    check_matmul();
    check_conv();
    check_pool();
    return done();
}
