/* Exact properties of graphs: ties, stopped gradients, shared nodes, errors of construction, random
 * numbers. */
#include <omp.h>

#include "base/rng.h"
#include "graph/ops.h"
#include "isas.h"
#include "plan/plan.h"

typedef struct {
    Arena *arena;
    Error err;
    Trap trap;
    Graph *g;
} Bench;

static void bench_start(Bench *b) {
    b->arena = arena_new(NULL);
    b->trap.err = &b->err;
    b->g = graph_new(b->arena, &b->trap);
}

/* Values of a node of a graph whose only leaf is x. */
static float *evaluate(Graph *g, Node *n, const RunContext *rc) {
    Plan *p = plan_new(g, NULL, 1, &n, 0, NULL);
    void *block = isas_blank(plan_bytes(p));
    plan_bind(p, block);
    plan_run(p, rc);
    float *v = malloc((n->count + 1) * sizeof *v);
    if (!v) abort();
    memcpy(v, plan_output(p, 0), n->count * sizeof *v);
    free(block);
    return v;
}

static void check_ties(void) {
    Bench b;
    bench_start(&b);
    const float values[] = {1, 3, 3, 2, 5, -1, 5, 5};
    Input x = {.name = "x", .rank = 2, .shape = {2, 4}, .count = 8, .data = values};
    Node *n = n_input(b.g, &x), *d;
    if (setjmp(b.trap.env)) {
        ok(0, "%s", b.err.text);
        return;
    }
    graph_gradients(b.g, n_reduce(b.g, REDUCE_MAX, n, 2), 1, &n, &d);
    float *v = evaluate(b.g, d, &(RunContext){0});
    const float want[] = {0, 0.5f, 0.5f, 0, 1 / 3.0f, 0, 1 / 3.0f, 1 / 3.0f};
    ok(max_rel(v, want, 8) < 1e-6, "largest elements that tie share the gradient");
    free(v);
    Node *one = n_const(b.g, 3, 0, NULL), *both[2];
    /* maximum(x, x), each x stopped in turn: what passes on both sides adds up to one gradient */
    graph_gradients(b.g, n_binary(b.g, PW_MAX, n, n_stop(b.g, n)), 1, &n, &d);
    v = evaluate(b.g, d, &(RunContext){0});
    graph_gradients(b.g, n_binary(b.g, PW_MAX, n_stop(b.g, n), n), 1, &n, &d);
    float *right = evaluate(b.g, d, &(RunContext){0});
    int whole = 0;
    for (int i = 0; i < 8; i++) whole += v[i] + right[i] == 1;
    ok(whole == 8, "the two sides of a tie share one gradient");
    free(v), free(right);
    /* maximum(x, 3) at x = 3 */
    graph_gradients(b.g, n_binary(b.g, PW_MAX, n, one), 1, &n, both);
    v = evaluate(b.g, both[0], &(RunContext){0});
    ok(v[0] == 0 && v[4] == 1 && (v[1] == 0 || v[1] == 1), "the gradient of maximum(x, number)");
    free(v);
    arena_free(b.arena);
}

static void check_stopped(void) {
    Bench b;
    bench_start(&b);
    const float values[] = {1, 2, 3};
    Input x = {.name = "x", .rank = 1, .shape = {3}, .count = 3, .data = values};
    Node *n = n_input(b.g, &x), *d, *e;
    if (setjmp(b.trap.env)) {
        ok(0, "%s", b.err.text);
        return;
    }
    graph_gradients(b.g, n_mul(b.g, n_stop(b.g, n_unary(b.g, PW_SQUARE, n)), n), 1, &n, &d);
    float *v = evaluate(b.g, d, &(RunContext){0});
    ok(v[0] == 1 && v[1] == 4 && v[2] == 9, "no gradient passes a stop");
    free(v);
    /* in the middle of a chain, and of what does not depend on it */
    Node *square = n_unary(b.g, PW_SQUARE, n);
    graph_gradients(b.g, n_unary(b.g, PW_SQUARE, square), 1, &square, &e);
    v = evaluate(b.g, e, &(RunContext){0});
    ok(v[0] == 2 && v[1] == 8 && v[2] == 18, "the gradient in a node that is no leaf");
    free(v);
    graph_gradients(b.g, n_unary(b.g, PW_EXP, square), 1, (Node *[]){n_iota(b.g, 3)}, &e);
    float zero = 1;
    ok(n_is_const(e, &zero) && zero == 0 && e->count == 3, "nothing depends: zeros");
    arena_free(b.arena);
}

/* Simplifications that would leave out a node that has a name. */
typedef Node *Through(Graph *g, Node *v);
static Node *t_reshape(Graph *g, Node *v) { return n_reshape(g, v, 1, (size_t[]){6}); }
static Node *t_scale(Graph *g, Node *v) { return n_scale(g, v, 3); }
static Node *t_negate(Graph *g, Node *v) { return n_unary(g, PW_NEG, v); }
static Node *t_sum(Graph *g, Node *v) { return n_sum(g, v, 1); }
static Node *t_square(Graph *g, Node *v) { return n_unary(g, PW_SQUARE, v); }
static Node *t_spread(Graph *g, Node *v) { return n_broadcast(g, v, 3, (size_t[]){2, 2, 3}); }

static void check_named(void) {
    static const struct {
        const char *name;
        Through *use;
        float want[3]; /* with v = reshape, 2x, -x, broadcast of x = 1, 2, .. */
    } uses[] = {{"reshape", t_reshape, {1, 1, 1}},  {"scale", t_scale, {3, 3, 3}},
                {"negate", t_negate, {-1, -1, -1}}, {"sum", t_sum, {1, 1, 1}},
                {"square", t_square, {2, 4, 6}},    {"spread", t_spread, {2, 2, 2}}};
    static const float factor[] = {1, 2, -1, 1}; /* of v in x */
    Bench b;
    bench_start(&b);
    const float values[] = {1, 2, 3, 4, 5, 6};
    Input x = {.name = "x", .rank = 2, .shape = {2, 3}, .count = 6, .data = values};
    Input row = {.name = "row", .rank = 1, .shape = {3}, .count = 3, .data = values};
    if (setjmp(b.trap.env)) {
        ok(0, "%s", b.err.text);
        return;
    }
    Node *n = n_input(b.g, &x), *d;
    Node *v[] = {n_reshape(b.g, n_reshape(b.g, n, 1, (size_t[]){6}), 3, (size_t[]){2, 1, 3}),
                 n_scale(b.g, n, 2), n_unary(b.g, PW_NEG, n),
                 n_broadcast(b.g, n_input(b.g, &row), 2, x.shape)};
    for (size_t k = 0; k < sizeof v / sizeof *v; k++) v[k]->named = true;
    for (size_t k = 0; k < sizeof v / sizeof *v; k++)
        for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
            if (k == 0 && uses[i].use == t_spread) continue; /* other shape */
            graph_gradients(b.g, uses[i].use(b.g, v[k]), 1, &v[k], &d);
            float *g = evaluate(b.g, d, &(RunContext){0}), far = 0;
            for (int j = 0; j < 3; j++) {
                bool square = uses[i].use == t_square;
                far += fabsf(g[j] - uses[i].want[j] * (square ? factor[k] : 1));
            }
            ok(far < 1e-6F, "the gradient in named value %zu of its %s", k, uses[i].name);
            free(g);
        }
    arena_free(b.arena);
}

static void check_sharing(void) {
    Bench b;
    bench_start(&b);
    Input x = {.name = "x", .rank = 1, .shape = {3}, .count = 3};
    Node *n = n_input(b.g, &x);
    if (setjmp(b.trap.env)) {
        ok(0, "%s", b.err.text);
        return;
    }
    ok(n_unary(b.g, PW_EXP, n) == n_unary(b.g, PW_EXP, n), "the same node twice is one node");
    ok(n_scale(b.g, n, 2) == n_mul(b.g, n_number(b.g, 2), n), "2*x and x*2 are one node");
    ok(n_add(b.g, n, n_number(b.g, -0.0f)) == n, "x + -0 is x");
    ok(n_random(b.g, RANDOM_NORMAL, 1, true, 1, x.shape) !=
           n_random(b.g, RANDOM_NORMAL, 2, true, 1, x.shape),
       "two draws are two nodes");
    for (int i = 0; i < 5000; i++) n_add(b.g, n, n_number(b.g, (float)i + 1));
    Node *late = n_add(b.g, n, n_number(b.g, 4000));
    int count = b.g->count;
    ok(n_add(b.g, n, n_number(b.g, 4000)) == late && b.g->count == count, "in a large graph, too");
    arena_free(b.arena);
}

/* ---- a layer that is met twice ---- */

/* The values come back, too, to be freed. */
static float *fill_input(Input *in, int rank, const size_t *shape, unsigned seed) {
    *in = (Input){.name = "x", .rank = rank, .count = 1};
    for (int i = 0; i < rank; i++) in->shape[i] = shape[i], in->count *= shape[i];
    float *values = isas_values(in->count, seed);
    in->data = values;
    return values;
}

static Node *squares(Graph *g, Node *n) { return n_sum_all(g, n_unary(g, PW_SQUARE, n)); }

/* Costs of n and 2n pictures of one layer, their gradients in its weight, apart and together, and
 * how far these are from each other, relative to the largest, as the gradients of their squares in
 * the first pictures are. */
static void check_together(size_t side, bool together) {
    Bench b;
    bench_start(&b);
    Input x1, x2, w;
    float *values[] = {fill_input(&x1, 4, (size_t[]){1, side, side, 3}, 1),
                       fill_input(&x2, 4, (size_t[]){2, side, side, 3}, 2),
                       fill_input(&w, 4, (size_t[]){3, 3, 3, 8}, 3)};
    if (setjmp(b.trap.env)) {
        ok(0, "%s", b.err.text);
        return;
    }
    Node *x = n_input(b.g, &x1), *by = n_input(b.g, &w), *one, *other, *both, *first[2];
    ConvShape c = {2, 1, 3, 8, {side, side}, {side, side}, {3, 3}, {1, 1}, {1, 1}, {0}, 0};
    Node *cost = squares(b.g, n_conv(b.g, CONV_FORWARD, &c, x, by));
    c.n = 2;
    Node *more = squares(b.g, n_conv(b.g, CONV_FORWARD, &c, n_input(b.g, &x2), by));
    graph_gradients(b.g, cost, 1, &by, &one);
    graph_gradients(b.g, more, 1, &by, &other);
    graph_gradients(b.g, n_add(b.g, cost, more), 1, &by, &both);
    ok((both->op == &op_conv[CONV_WEIGHT]) == together, "%zu pixels: %s", side * side,
       together ? "both gradients by one operation" : "each by its own");
    graph_gradients(b.g, squares(b.g, both), 1, &x, &first[0]);
    graph_gradients(b.g, squares(b.g, n_add(b.g, one, other)), 1, &x, &first[1]);
    float *v = evaluate(b.g, both, &(RunContext){0});
    float *want = evaluate(b.g, n_add(b.g, one, other), &(RunContext){0});
    ok(max_rel(v, want, w.count) < 1e-6, "%zu pixels: the sum of both", side * side);
    free(v), free(want);
    v = evaluate(b.g, first[0], &(RunContext){0});
    want = evaluate(b.g, first[1], &(RunContext){0});
    ok(max_rel(v, want, x1.count) < 1e-6, "%zu pixels: with the same gradients", side * side);
    free(v), free(want);
    for (int i = 0; i < 3; i++) free(values[i]);
    arena_free(b.arena);
}

/* ---- errors ---- */

typedef void (*Wrong)(Graph *g, Node *x);

static void w_add(Graph *g, Node *x) { n_add(g, x, n_const(g, 1, 2, (size_t[]){3, 2})); }
static void w_reshape(Graph *g, Node *x) { n_reshape(g, x, 1, (size_t[]){7}); }
static void w_broadcast(Graph *g, Node *x) { n_broadcast(g, x, 3, (size_t[]){5, 2, 4}); }
static void w_broadcast_same_count(Graph *g, Node *x) { n_broadcast(g, x, 2, (size_t[]){3, 2}); }
static void w_broadcast_down(Graph *g, Node *x) { n_broadcast(g, x, 1, (size_t[]){3}); }
static void w_slice(Graph *g, Node *x) {
    n_slice(g, x, (size_t[]){0, 1}, (size_t[]){2, 2}, (size_t[]){1, 2});
}
static void w_place(Graph *g, Node *x) {
    n_place(g, x, (size_t[]){1, 0}, (size_t[]){2, 9}, (size_t[]){1, 1});
}
static void w_concat(Graph *g, Node *x) {
    n_concat(g, 0, 2, (Node *[]){x, n_const(g, 0, 2, (size_t[]){1, 4})});
}
static void w_matmul(Graph *g, Node *x) { n_matmul(g, x, x, false, false); }
static void w_batched(Graph *g, Node *x) {
    Node *a = n_broadcast(g, x, 3, (size_t[]){2, 2, 3});
    n_matmul(g, a, n_broadcast(g, x, 3, (size_t[]){4, 2, 3}), true, false);
}
static void w_large(Graph *g, Node *x) {
    (void)x;
    n_number(g, 1);
    n_const(g, 1, 3, (size_t[]){(size_t)1 << 40, (size_t)1 << 20, 1 << 8});
}
static void w_empty(Graph *g, Node *x) {
    (void)x;
    n_const(g, 1, 2, (size_t[]){4, 0});
}

static void check_error(Wrong run, const char *text) {
    Bench b;
    bench_start(&b);
    b.g->at = (NodeOrigin){"here", 2, 3};
    b.err.text[0] = 0;
    Input x = {.name = "x", .rank = 2, .shape = {2, 3}, .count = 6};
    if (!setjmp(b.trap.env)) run(b.g, n_input(b.g, &x));
    ok(!strcmp(b.err.text, text), "error: %s", text);
    if (strcmp(b.err.text, text)) diag("%s", b.err.text);
    arena_free(b.arena);
}

static void check_errors(void) {
    static const struct {
        Wrong run;
        const char *text;
    } wrong[] = {
        {w_add, "here:2:3: shapes [2,3] and [3,2] do not fit together"},
        {w_reshape, "here:2:3: [2,3] has 6 elements, the new shape 7"},
        {w_broadcast, "here:2:3: [2,3] cannot be spread over [5,2,4]"},
        {w_broadcast_same_count, "here:2:3: [2,3] cannot be spread over [3,2]"},
        {w_broadcast_down, "here:2:3: [2,3] cannot be spread over [3]"},
        {w_slice, "here:2:3: slice of 2 from 1 in steps of 2 leaves an axis of 3"},
        {w_place, "here:2:3: slice of 2 from 1 in steps of 1 leaves an axis of 2"},
        {w_concat, "here:2:3: cannot join [2,3] and [1,4] along axis 0"},
        {w_matmul, "here:2:3: matrix product of [2,3] and [2,3] does not fit"},
        {w_batched, "here:2:3: matrix product of [2,2,3] and [4,2,3] does not fit"},
        {w_large, "here:2:3: a tensor of this shape is too large"},
        {w_empty, "here:2:3: a tensor [4,0] is empty"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_error(wrong[i].run, wrong[i].text);
}

/* ---- random numbers ---- */

static float *draws(RandomKind kind, unsigned use, bool batched, size_t rows, size_t columns,
                    const RunContext *rc) {
    Bench b;
    bench_start(&b);
    if (setjmp(b.trap.env)) abort();
    float *v = evaluate(b.g, n_random(b.g, kind, use, batched, 2, (size_t[]){rows, columns}), rc);
    arena_free(b.arena);
    return v;
}

static void check_random(void) {
    enum { ROWS = 1000, COLUMNS = 201, N = ROWS * COLUMNS };
    RunContext rc = {.seed = 5, .draw = 3}, later = {.seed = 5, .draw = 3, .sample = 7};
    float *u = draws(RANDOM_UNIFORM, 1, true, ROWS, COLUMNS, &rc);
    float *n = draws(RANDOM_NORMAL, 1, true, ROWS, COLUMNS, &rc);
    double mean = 0, square = 0, m4 = 0, um = 0, us = 0, pair = 0, low = 1, high = 0;
    for (int i = 0; i < N; i++) {
        mean += n[i], square += (double)n[i] * n[i], m4 += pow(n[i], 4);
        um += u[i], us += (double)u[i] * u[i];
        low = fmin(low, u[i]), high = fmax(high, u[i]);
        pair += i ? (double)n[i] * n[i - 1] : 0;
    }
    ok(fabs(mean / N) < 0.01 && fabs(square / N - 1) < 0.015 && fabs(m4 / N - 3) < 0.1 &&
           fabs(pair / N) < 0.01,
       "normal: moments");
    ok(fabs(um / N - 0.5) < 0.003 && fabs(us / N - 1 / 3.0) < 0.003 && low > 0 && high < 1,
       "uniform: moments");
    float *v = draws(RANDOM_NORMAL, 1, true, ROWS - 7, COLUMNS, &later);
    ok(!memcmp(v, n + 7 * COLUMNS, (ROWS - 7) * COLUMNS * sizeof *v),
       "a sample's draw depends on its number only");
    free(v);
    v = draws(RANDOM_NORMAL, 1, false, ROWS, COLUMNS, &later);
    ok(!memcmp(v, n, N * sizeof *v), "a draw without a minibatch does not depend on the sample");
    free(v);
    omp_set_num_threads(2);
    v = draws(RANDOM_NORMAL, 1, true, ROWS, COLUMNS, &rc);
    ok(!memcmp(v, n, N * sizeof *v), "the same draw with 2 threads");
    omp_set_num_threads(1);
    free(v);
    static const struct {
        RunContext rc;
        unsigned use;
    } other[] = {
        {{.seed = 6, .draw = 3}, 1}, {{.seed = 5, .draw = 4}, 1}, {{.seed = 5, .draw = 3}, 2}};
    int same = 0;
    for (int k = 0; k < 3; k++) {
        v = draws(RANDOM_NORMAL, other[k].use, true, ROWS, COLUMNS, &other[k].rc);
        for (int i = 0; i < N; i++) same += v[i] == n[i];
        free(v);
    }
    ok(same < 20, "another seed, update or use is another draw");
    free(u), free(n);
}

/* The largest and smallest words there are must not give 1 or 0, whose logarithm is infinite:
 * looked for among draws until words near both ends have come. */
static void check_open(void) {
    enum { BLOCK = 1 << 16 };
    RngKey key = {.seed = 9};
    static float v[BLOCK];
    int high = 0, low = 0, bad = 0;
    for (uint64_t first = 0; first < (1u << 26) && !(high > 1 && low > 1); first += BLOCK) {
        rng_uniform(key, first, BLOCK, v);
        for (int i = 0; i < BLOCK; i++) {
            bad += !(v[i] > 0 && v[i] < 1);
            high += v[i] > 0.9999998f;
            low += v[i] < 0.0000002f;
        }
    }
    ok(high > 1 && low > 1 && !bad, "uniform never gives 0 or 1");
}

int main(void) {
    cpu_start(1);
    check_ties();
    check_stopped();
    check_named();
    check_sharing();
    check_together(2, true);
    check_together(9, false);
    check_errors();
    check_random();
    check_open();
    return done();
}
