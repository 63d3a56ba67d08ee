/* Random graphs: fused, planned, run again and again with states updated in place, against plain
 * loops that know nothing of fusion; no allocation in a run; the same bits with other threads. */
#include <omp.h>

#include "naive.h"
#include "plan/plan_internal.h"
#include "tensor/cpu.h"

/* ---- allocations are counted; not under sanitizers, which have their own ---- */

static long allocations;
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
enum { COUNTED = 1 };
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);
void *malloc(size_t n) { return allocations++, __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return allocations++, __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return allocations++, __libc_realloc(p, n); }
void *aligned_alloc(size_t align, size_t n) { return allocations++, __libc_memalign(align, n); }
int posix_memalign(void **p, size_t align, size_t n) {
    *p = __libc_memalign(align, n);
    return allocations++, *p ? 0 : 12;
}
#else
enum { COUNTED = 0 };
#endif

/* ---- random tapes ---- */

enum { INPUTS = 3, STATES = 5, LEAVES = INPUTS + STATES, OUTPUTS = 5 };

typedef struct {
    unsigned seed;
    Tape tape;
    Array value[TAPE_MAX]; /* at the leaves' present values; shapes hold always */
    Input input[INPUTS];
    State state[STATES];
    int output[OUTPUTS], output_count;
    int assign[STATES]; /* step that a state receives, or -1 */
    int group[STATES];
    size_t large; /* elements a value may have */
} World;

static unsigned pick(World *w, unsigned below) { return isas_random(&w->seed, below); }

static double largest(const Array *a) {
    double m = 0;
    for (size_t i = 0; i < a->n; i++) m = fmax(m, fabs(a->v[i]));
    return m;
}

/* Adds a step and evaluates it. */
static int put(World *w, Step s) {
    int i = tape_add(&w->tape, s);
    w->value[i] = step_value(&s, w->value);
    return i;
}
static int put_unary(World *w, PwCode c, int a) {
    return put(w, (Step){.kind = T_UNARY, .code = c, .arg = {a}, .count = 1});
}
static int put_binary(World *w, PwCode c, int a, int b) {
    return put(w, (Step){.kind = T_BINARY, .code = c, .arg = {a, b}, .count = 2});
}
static int put_const(World *w, double v) { return put(w, (Step){.kind = T_CONST, .value = v}); }

/* Any step so far, late ones more often. */
static int any(World *w) {
    int n = w->tape.count, back = (int)pick(w, (unsigned)(pick(w, 2) ? n : n < 8 ? n : 8));
    return n - 1 - back;
}

static bool spreads(const Array *a, const Array *b, size_t large) {
    size_t n = 1;
    int rank = a->rank > b->rank ? a->rank : b->rank;
    for (int d = 0; d < rank; d++) {
        int i = d - (rank - a->rank), k = d - (rank - b->rank);
        size_t x = i < 0 ? 1 : a->shape[i], y = k < 0 ? 1 : b->shape[k];
        if (x != y && x != 1 && y != 1) return false;
        n *= x == 1 ? y : x;
    }
    return n <= large;
}

/* A step that goes together with a; a itself when none is found. */
static int mate(World *w, int a) {
    for (int tries = 0; tries < 12; tries++) {
        int b = any(w);
        if (spreads(&w->value[a], &w->value[b], w->large)) return b;
    }
    return a;
}

/* Comparisons jump, so only exact values are compared: leaves. */
static int compare(World *w, int *with) {
    static const PwCode codes[] = {PW_LT, PW_LE, PW_EQ};
    int a = (int)pick(w, LEAVES), b = a;
    for (int tries = 0; tries < 12 && b == a; tries++) {
        int c = (int)pick(w, LEAVES);
        if (spreads(&w->value[a], &w->value[c], w->large)) b = c;
    }
    *with = a;
    return put_binary(w, codes[pick(w, 3)], a, b);
}

static void grow_pointwise(World *w) {
    static const PwCode smooth[] = {PW_NEG,     PW_ABS,      PW_SQUARE, PW_TANH,
                                    PW_SIGMOID, PW_SOFTPLUS, PW_SIN,    PW_COS};
    static const PwCode domain[] = {PW_RECIP, PW_SQRT, PW_RSQRT, PW_LOG};
    static const PwCode two[] = {PW_ADD, PW_SUB, PW_MUL, PW_MAX, PW_MIN, PW_ADD, PW_MUL};
    int a = any(w), b, c;
    switch (pick(w, 8)) {
    case 0:
    case 1: put_unary(w, smooth[pick(w, 8)], a); break;
    case 2: /* of x^2 + 0.5 */
        b = put_binary(w, PW_ADD, put_unary(w, PW_SQUARE, a), put_const(w, 0.5));
        if (pick(w, 2))
            put_unary(w, domain[pick(w, 4)], b);
        else
            put_binary(w, PW_DIV, mate(w, b), b);
        break;
    case 3:
        c = compare(w, &b);
        b = pick(w, 2) ? b : mate(w, c);
        put(w, (Step){.kind = T_SELECT,
                      .arg = {c, b,
                              spreads(&w->value[b], &w->value[a], w->large) &&
                                      spreads(&w->value[c], &w->value[a], w->large)
                                  ? a
                                  : b},
                      .count = 3});
        break;
    case 4: put_binary(w, PW_LRELU, a, put_const(w, 0.25 * pick(w, 4))); break;
    case 5: put_binary(w, two[pick(w, 7)], put_const(w, 0.5 * pick(w, 4) - 0.5), a); break;
    default: put_binary(w, two[pick(w, 7)], a, mate(w, a));
    }
}

static void random_order(World *w, int rank, int *order) {
    for (int i = 0; i < rank; i++) order[i] = i;
    for (int i = rank; i > 1; i--) {
        int k = (int)pick(w, (unsigned)i), o = order[k];
        order[k] = order[i - 1];
        order[i - 1] = o;
    }
}

static void grow_window(World *w, int a) {
    const Array *x = &w->value[a];
    Step s = {.kind = pick(w, 2) ? T_SLICE : T_PLACE, .arg = {a}, .count = 1};
    size_t n = 1;
    for (int d = 0; d < x->rank; d++) {
        size_t e = x->shape[d];
        s.step[d] = 1 + pick(w, 2);
        s.begin[d] = pick(w, s.kind == T_SLICE ? (unsigned)e : 3);
        if (s.kind == T_SLICE)
            s.shape[d] = 1 + pick(w, (unsigned)((e - 1 - s.begin[d]) / s.step[d] + 1));
        else
            s.shape[d] = s.begin[d] + (e - 1) * s.step[d] + 1 + pick(w, 2);
        n *= s.shape[d];
    }
    if (n <= w->large) put(w, s);
}

static void grow_concat(World *w, int a) {
    Step s = {.kind = T_CONCAT, .arg = {a}, .count = 1};
    const Array *x = &w->value[a];
    s.axis = (int)pick(w, (unsigned)x->rank);
    for (int tries = 0; tries < 12 && s.count < 3; tries++) {
        int b = any(w);
        bool fits = w->value[b].rank == x->rank;
        for (int d = 0; fits && d < x->rank; d++)
            fits = d == s.axis || w->value[b].shape[d] == x->shape[d];
        if (fits && x->n * 3 + w->value[b].n <= w->large) s.arg[s.count++] = b;
    }
    put(w, s);
}

static void grow_matmul(World *w, int a) {
    const Array *x = &w->value[a];
    if (x->rank != 2) return;
    Step s = {.kind = T_MATMUL, .arg = {a, a}, .count = 2, .turned = {pick(w, 2), false}};
    s.turned[1] = !s.turned[0]; /* x @ x' or x' @ x */
    for (int tries = 0; tries < 12; tries++) {
        int b = any(w);
        const Array *y = &w->value[b];
        bool t = pick(w, 2);
        if (y->rank != 2 || x->shape[s.turned[0] ? 0 : 1] != y->shape[t ? 1 : 0]) continue;
        s.arg[1] = b, s.turned[1] = t;
        break;
    }
    const Array *y = &w->value[s.arg[1]];
    size_t k = x->shape[s.turned[0] ? 0 : 1];
    if (x->n / k * (y->n / k) > w->large || x->n * y->n / k > 3000000) return;
    int p = put(w, s);
    put(w, (Step){.kind = T_SCALE, .value = 1 / (double)k, .arg = {p}, .count = 1});
}

static void grow_shape(World *w) {
    int a = any(w);
    const Array *x = &w->value[a];
    Step s = {.arg = {a}, .count = 1};
    switch (pick(w, 9)) {
    case 0: /* flat, or rows and columns exchanged */
        s.kind = T_RESHAPE;
        s.rank = x->rank == 2 && pick(w, 2) ? 2 : 1;
        if (s.rank == 2)
            s.shape[0] = x->shape[1], s.shape[1] = x->shape[0];
        else
            s.shape[0] = x->n;
        put(w, s);
        break;
    case 1:
        s.kind = T_PERMUTE;
        random_order(w, x->rank, s.order);
        put(w, s);
        break;
    case 2:
        if (x->rank) grow_window(w, a);
        break;
    case 3:
        if (x->rank) grow_concat(w, a);
        break;
    case 4:
        s.kind = T_BROADCAST;
        s.rank = x->rank + 1;
        s.shape[0] = 1 + pick(w, 4);
        memcpy(s.shape + 1, x->shape, sizeof(size_t) * (size_t)x->rank);
        for (int d = 0; d < x->rank; d++)
            if (x->shape[d] == 1) s.shape[d + 1] = 1 + pick(w, 5);
        if (s.rank <= 4 && x->n * 24 <= w->large) put(w, s);
        break;
    case 5:
    case 6:
        s.kind = pick(w, 3) ? T_MEAN : T_MAX;
        s.axes = pick(w, 1u << x->rank);
        put(w, s);
        break;
    case 7:
        s.kind = T_STOP;
        put(w, s);
        break;
    default: grow_matmul(w, a);
    }
}

/* A leaf's shape: rows, columns, numbers, and what has as many elements as they. */
static void random_shape(World *w, size_t rows, size_t columns, int *rank, size_t *shape) {
    switch (pick(w, 8)) {
    case 0: *rank = 1, shape[0] = columns; break;
    case 1: *rank = 2, shape[0] = rows, shape[1] = 1; break;
    case 2: *rank = 0; break;
    case 3: *rank = 1, shape[0] = rows * columns; break;
    case 4: *rank = 2, shape[0] = columns, shape[1] = rows; break;
    default: *rank = 2, shape[0] = rows, shape[1] = columns;
    }
}

static void set_leaf(World *w, int i, float *data) {
    for (size_t k = 0; k < w->value[i].n; k++) w->value[i].v[k] = data[k];
}

static void fresh_values(World *w, int i, float *data) {
    for (size_t k = 0; k < w->value[i].n; k++) data[k] = 0.25f * (float)((int)pick(w, 17) - 8);
    set_leaf(w, i, data);
}

static float *leaf_data(const World *w, int i) {
    return i < INPUTS ? (float *)(uintptr_t)w->input[i].data : w->state[i - INPUTS].data;
}

static void make_leaves(World *w, size_t rows, size_t columns) {
    for (int i = 0; i < LEAVES; i++) {
        int rank;
        size_t shape[RANK_MAX] = {0};
        random_shape(w, rows, columns, &rank, shape);
        tape_add(&w->tape, (Step){.kind = T_LEAF});
        w->value[i] = array_new(rank, shape);
        float *data = isas_blank(w->value[i].n * sizeof *data);
        if (i < INPUTS) {
            w->input[i] =
                (Input){.name = "input", .rank = rank, .count = w->value[i].n, .data = data};
            memcpy(w->input[i].shape, shape, sizeof shape);
        } else {
            State *s = &w->state[i - INPUTS];
            *s = (State){.name = "state", .rank = rank, .count = w->value[i].n, .data = data};
            memcpy(s->shape, shape, sizeof shape);
        }
        fresh_values(w, i, data);
    }
}

/* What a state receives: another state, a step of its size, or its old value mixed with one. */
static int new_value(World *w, int s) {
    const Array *own = &w->value[INPUTS + s];
    unsigned way = pick(w, 6);
    for (int tries = 0; way < 4 && tries < 40; tries++) {
        int k = way == 0 ? INPUTS + (int)pick(w, STATES) : (int)pick(w, (unsigned)w->tape.count);
        if (w->value[k].n == own->n && k != INPUTS + s) return k;
    }
    int old = put(w, (Step){.kind = T_SCALE, .value = 0.75, .arg = {INPUTS + s}, .count = 1});
    int x = old;
    for (int tries = 0; tries < 20 && x == old; tries++) {
        int k = (int)pick(w, (unsigned)w->tape.count);
        if (spreads(own, &w->value[k], own->n) && w->value[k].rank <= own->rank) x = k;
    }
    return put_binary(w, PW_ADD, old, put_unary(w, PW_SIN, x));
}

static World *world_new(unsigned seed, size_t rows, size_t columns, size_t large, int steps) {
    World *w = calloc(1, sizeof *w);
    if (!w) abort();
    w->seed = seed;
    w->large = large;
    make_leaves(w, rows, columns);
    while (w->tape.count < steps + LEAVES) {
        if (pick(w, 3))
            grow_pointwise(w);
        else
            grow_shape(w);
        if (largest(&w->value[w->tape.count - 1]) > 3)
            put_unary(w, pick(w, 2) ? PW_TANH : PW_SIN, w->tape.count - 1);
    }
    for (int s = 0; s < STATES; s++) {
        w->assign[s] = pick(w, 5) ? new_value(w, s) : -1;
        w->group[s] = (int)pick(w, 4) - 2;
        if (w->group[s] < 0) w->group[s] = -1;
    }
    w->output_count = 1 + (int)pick(w, OUTPUTS);
    for (int i = 0; i < w->output_count; i++)
        w->output[i] = pick(w, 4) ? any(w) : (int)pick(w, (unsigned)w->tape.count);
    return w;
}

static void world_free(World *w) {
    for (int i = 0; i < LEAVES; i++) free(leaf_data(w, i));
    for (int i = 0; i < w->tape.count; i++) free(w->value[i].v);
    free(w);
}

/* ---- planning and running ---- */

static Plan *world_plan(World *w, Arena *arena, Trap *trap) {
    Graph *g = graph_new(arena, trap);
    Node *node[TAPE_MAX], *out[OUTPUTS];
    Assign assign[STATES];
    int n = 0;
    for (int i = 0; i < w->tape.count; i++)
        node[i] = i < INPUTS   ? n_input(g, &w->input[i])
                  : i < LEAVES ? n_state(g, &w->state[i - INPUTS])
                               : step_node(g, &w->tape.step[i], node);
    for (int i = 0; i < w->output_count; i++) out[i] = node[w->output[i]];
    for (int s = 0; s < STATES; s++)
        if (w->assign[s] >= 0)
            assign[n++] = (Assign){&w->state[s], node[w->assign[s]], w->group[s]};
    return plan_new(g, NULL, w->output_count, out, n, assign);
}

static void evaluate(World *w) {
    for (int i = LEAVES; i < w->tape.count; i++) {
        free(w->value[i].v);
        w->value[i] = step_value(&w->tape.step[i], w->value);
    }
}

static double distance(const float *got, const Array *want) {
    double far = 0, size = 1;
    for (size_t i = 0; i < want->n; i++) {
        size = fmax(size, fabs(want->v[i]));
        far = fmax(far, isfinite(got[i]) ? fabs(got[i] - want->v[i]) : INFINITY);
    }
    return far / size;
}

typedef struct {
    double far; /* largest distance from the plain loops */
    long allocated;
    int touched; /* inputs changed, or memory past the block */
} Found;

/* Runs with new inputs each time; states go on from what they have become. */
static void run_world(World *w, Plan *p, int runs, Found *f) {
    size_t bytes = plan_bytes(p);
    void *block = isas_blank(bytes);
    plan_bind(p, block);
    for (int run = 0; run < runs; run++) {
        for (int i = 0; i < INPUTS; i++) fresh_values(w, i, leaf_data(w, i));
        for (int i = INPUTS; i < LEAVES; i++) {
            set_leaf(w, i, leaf_data(w, i));
            if (largest(&w->value[i]) > 3)
                fresh_values(w, i, leaf_data(w, i)); /* grown too large */
        }
        evaluate(w);
        memset(block, 0xFF, bytes); /* nothing is kept from run to run */
        long before = allocations;
        plan_run(p, &(RunContext){0});
        if (run) f->allocated += allocations - before;
        for (int i = 0; i < w->output_count; i++)
            f->far = fmax(f->far, distance(plan_output(p, i), &w->value[w->output[i]]));
        for (int s = 0; s < STATES; s++) {
            const Array *want = &w->value[w->assign[s] < 0 ? INPUTS + s : w->assign[s]];
            f->far = fmax(f->far, distance(w->state[s].data, want));
        }
        for (int i = 0; i < INPUTS; i++)
            for (size_t k = 0; k < w->value[i].n; k++)
                f->touched += (float)w->value[i].v[k] != leaf_data(w, i)[k];
    }
    f->touched += !isas_intact(block, bytes);
    free(block);
}

static int check_world(unsigned seed, size_t rows, size_t columns, size_t large, int steps,
                       Found *sum) {
    World *w = world_new(seed, rows, columns, large, steps);
    Arena *arena = arena_new(NULL);
    Error err;
    Trap trap = {.err = &err};
    Found f = {0};
    volatile bool made = false;
    if (!setjmp(trap.env)) {
        Plan *p = world_plan(w, arena, &trap);
        char text[200];
        made = !plan_check(p, text, sizeof text);
        if (!made)
            fail(&err, "%s", text);
        else
            run_world(w, p, 3, &f);
    }
    int bad = !made || !(f.far < 1e-3) || f.touched;
    if (!made)
        diag("seed %u: %s", seed, err.text);
    else if (bad)
        diag("seed %u: %zux%zu, %d steps: distance %g, %d touched", seed, rows, columns, steps,
             f.far, f.touched);
    sum->allocated += f.allocated;
    arena_free(arena);
    world_free(w);
    return bad;
}

static void check_random_graphs(void) {
    static const size_t extents[] = {1, 2, 3, 5, 7, 16, 40, 90};
    static const struct {
        int steps, count;
    } kinds[] = {{6, 1500}, {15, 1500}, {40, 1500}, {110, 200}};
    Found all = {0};
    unsigned seed = 0, shapes = 1;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int bad = 0;
        for (int i = 0; i < kinds[k].count && bad < 5; i++) {
            size_t rows = extents[isas_random(&shapes, 8)],
                   columns = extents[isas_random(&shapes, 8)];
            bad += check_world(++seed, rows, columns, 9000, kinds[k].steps, &all);
        }
        ok(!bad, "%d random graphs of %d operations", kinds[k].count, kinds[k].steps);
    }
    if (COUNTED) ok(!all.allocated, "a run allocates nothing");
    if (all.allocated) diag("%ld allocations", all.allocated);
}

/* ---- threads ---- */

/* All outputs and states after two runs, one after another, the second one with a single thread if
 * need be; NULL when planning failed. */
static float *results(unsigned seed, int threads, bool alone, size_t *count) {
    World *w = world_new(seed, 300, 130, 80000, 30);
    Arena *arena = arena_new(NULL);
    Error err;
    Trap trap = {.err = &err};
    float *volatile all = NULL;
    omp_set_num_threads(threads);
    if (!setjmp(trap.env)) {
        Plan *p = world_plan(w, arena, &trap);
        void *block = isas_blank(plan_bytes(p));
        size_t n = 0;
        plan_bind(p, block);
        plan_run(p, &(RunContext){0});
        p->pace.alone = alone;
        plan_run(p, &(RunContext){0});
        for (int i = 0; i < w->output_count; i++) n += w->value[w->output[i]].n;
        for (int s = 0; s < STATES; s++) n += w->state[s].count;
        float *to = all = malloc(n * sizeof *to);
        if (!to) abort();
        for (int i = 0; i < w->output_count; i++) {
            memcpy(to, plan_output(p, i), w->value[w->output[i]].n * sizeof *to);
            to += w->value[w->output[i]].n;
        }
        for (int s = 0; s < STATES; s++) {
            memcpy(to, w->state[s].data, w->state[s].count * sizeof *to);
            to += w->state[s].count;
        }
        *count = n;
        free(block);
    }
    omp_set_num_threads(1);
    arena_free(arena);
    world_free(w);
    return all;
}

static void check_threads(void) {
    int bad = 0;
    for (unsigned seed = 1; seed <= 12; seed++) {
        size_t n = 0, m = 0;
        int threads = 1 + (int)seed % 2 + 1;
        float *one = results(seed, 1, false, &n), *other = results(seed, threads, seed % 3, &m);
        bool same = one && other && n == m && !memcmp(one, other, n * sizeof *one);
        if (!same) diag("seed %u", seed);
        bad += !same;
        free(one), free(other);
    }
    ok(!bad, "large random graphs have the same bits with 1, 2 and 3 threads, and from 3 to 1");
}

/* ---- plan_check sees what is broken ---- */

typedef void (*Break)(Plan *p);

static void break_node(Plan *p) { p->g->nodes[p->g->count - 1]->id = 0; }
static void break_order(Plan *p) {
    Kernel *first = p->order[0];
    int last = p->kernel_count - 1;
    p->order[0] = p->order[last], p->order[0]->position = 0;
    p->order[last] = first, first->position = last;
}
/* all buffers at the beginning of the block */
static void break_places(Plan *p) {
    for (int i = 0; i < p->buffer_count; i++) p->buffer[i].offset = 0;
}
static PwProgram *program_of(Plan *p) {
    for (int i = 0; i < p->kernel_count; i++)
        if (p->kernel[i].work.program.instr_count) return &p->kernel[i].work.program;
    abort();
}
static void break_register(Plan *p) { program_of(p)->instr[0].dst = 1000; }
static void break_load(Plan *p) { program_of(p)->store[0] = (PwArg){PW_LOAD, 1000}; }
static void break_argument(Plan *p) { program_of(p)->instr[0].arg[0] = (PwArg){PW_REG, 0}; }
static void break_nothing(Plan *p) { (void)p; }

typedef struct {
    Break harm;
    const char *said;
} BreakCase;

static void check_check(const BreakCase *c) {
    World *w = world_new(3, 16, 7, 9000, 40);
    Arena *arena = arena_new(NULL);
    Error err;
    Trap trap = {.err = &err};
    char text[200] = "";
    if (setjmp(trap.env)) abort();
    Plan *p = world_plan(w, arena, &trap);
    c->harm(p);
    const char *found = plan_check(p, text, sizeof text);
    ok(c->said ? found && strstr(found, c->said) : !found, "plan_check: %s",
       found ? found : "nothing");
    arena_free(arena);
    world_free(w);
}

static void check_checks(void) {
    static const BreakCase cases[] = {{break_nothing, NULL},       {break_node, "node"},
                                      {break_order, "kernel"},     {break_places, "buffer"},
                                      {break_register, "program"}, {break_load, "program"},
                                      {break_argument, "program"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_check(&cases[i]);
}

/* ---- what a plan costs ---- */

/* Of 1000 rows of 8, three are added up after they were cut out. */
static void check_traffic(void) {
    Error err;
    Trap trap = {.err = &err};
    Arena *arena = arena_new(NULL);
    if (!setjmp(trap.env)) {
        Input in = {.name = "x", .rank = 2, .shape = {1000, 8}, .count = 8000};
        Graph *g = graph_new(arena, &trap);
        Node *part = n_slice(g, n_input(g, &in), (size_t[]){500, 0}, (size_t[]){3, 8}, NULL);
        Node *sum = n_sum_all(g, part);
        PlanCost c = plan_cost(plan_new(g, NULL, 1, &sum, 0, NULL));
        double elements = c.traffic / sizeof(float);
        ok(elements == 24 + 24 + 24 + 1, "a slice counts for what it reads: %g elements", elements);
    }
    arena_free(arena);
}

int main(void) {
    cpu_start(1);
    check_traffic();
    check_checks();
    check_random_graphs();
    check_threads();
    return done();
}
