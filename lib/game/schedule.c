#include "game/schedule.h"

#include <string.h>

#include "graph/ops.h"
#include "page/eval/scope.h"

struct Schedule {
    Expr *expr;
    Program *program; /* of one that depends on states; NULL: a number of the page alone */
    Arena *program_arena;
    void *block;
    Arena *arena;
    ArenaMark mark; /* behind what is kept from step to step */
    Trap trap;
    Build start; /* nothing of the page but its options is evaluated */
    bool constant;
    double value;
};

static int start(Schedule *s, const Model *m) {
    if (setjmp(s->trap.env)) return -1;
    Graph *g = graph_new(s->arena, &s->trap);
    build_start(&s->start, &m->page, &m->settings, m->store, g, 1, false);
    s->mark = arena_mark(s->arena);
    return 0;
}

/* One that depends on states is compiled, as an expression of the page. */
static int compile(Schedule *s, const Model *m, Error *err) {
    const Expr *e = s->expr;
    s->program_arena = arena_new(NULL);
    s->program = program_sample(s->program_arena, m, 1, &(const char *){"schedule"}, &s->expr, 1,
                                &(SampleMode){0}, err);
    if (!s->program) return -1;
    if (program_reads_any(s->program) || program_output(s->program, 0)->node->count != 1)
        return fail(err, "%s:%d:%d: a schedule is one number, of states, params and the step alone",
                    e->file, e->line, e->column);
    return program_bind_own(s->program, &s->block, err);
}

/* A graph and a scope of its own, which the page's options alone have come to. */
static Build again(Schedule *s) {
    Build b = s->start;
    World *world = arena_alloc(s->arena, sizeof *world);
    b.g = graph_new(s->arena, &s->trap);
    b.g->limit = s->start.g->limit;
    *world = *s->start.world;
    world->root = scope_again(&b, s->start.world->root);
    b.world = world;
    b.rules = arena_new_array(s->arena, InitRule, (size_t)b.rule_count + 1);
    if (b.rule_count) memcpy(b.rules, s->start.rules, (size_t)b.rule_count * sizeof *b.rules);
    return b;
}

/* *varies: the value depends on states, and is not known before the game is played. */
static int evaluate(Schedule *s, uint64_t step, bool *varies) {
    if (setjmp(s->trap.env)) return -1;
    Build b = again(s);
    build_bind(&b, "step", value_number((double)step));
    const Binding *bound = b.world->root->first;
    Value v = build_eval(&b, NULL, s->expr);
    float number;
    *varies = v.kind == V_TENSOR && !n_is_const(v.node, &number);
    if (*varies) return 0;
    s->value = as_number(&b, s->expr, &v, "schedule");
    s->constant = !bound->kept; /* it has not been asked for */
    return 0;
}

/* Whether it depends on states where the step is a tensor: the number of one step may hide them, as
 * that of `step > 1 and w > 2` does at first. One that needs the step as a number does not. */
static bool hides_states(Schedule *s) {
    if (setjmp(s->trap.env)) return false;
    Build b = again(s);
    (void)build_eval(&b, NULL, s->expr);
    for (int i = 0; i < b.g->count; i++)
        if (leaf_state(b.g->nodes[i])) return true;
    return false;
}

/* Looks at the expression once, so that what is wrong with it is found before the game. */
static int look(Schedule *s, const Model *m, Error *err) {
    bool varies = false;
    size_t entries = m->store->count;
    int bad = evaluate(s, m->step, &varies);
    if (!bad && !varies && !s->constant) {
        Error unused;
        s->trap.err = &unused;
        varies = hides_states(s);
        s->trap.err = err;
    }
    store_forget(m->store, entries);
    arena_rewind(s->arena, s->mark);
    return bad || !varies ? bad : compile(s, m, err);
}

Schedule *schedule_new(const Model *m, Expr *e, Error *err) {
    Arena *arena = arena_new(NULL);
    Schedule *s = arena_alloc(arena, sizeof *s);
    s->expr = e;
    s->arena = arena;
    s->trap.err = err;
    if (!start(s, m) && !look(s, m, err)) return s;
    schedule_free(s);
    return NULL;
}

void schedule_free(Schedule *s) {
    if (!s) return;
    plan_block_free(s->block);
    arena_free(s->program_arena);
    arena_free(s->arena);
}

bool schedule_is_constant(const Schedule *s) { return !s->program && s->constant; }

int schedule_number(Schedule *s, uint64_t step, double *out, Error *err) {
    if (s->program) {
        program_run(s->program, &(ProgramRun){.step = step});
        *out = (double)*program_value(s->program, 0);
        return 0;
    }
    if (!s->constant) {
        bool varies;
        Store *store = s->start.store;
        size_t entries = store->count;
        s->trap.err = err;
        int bad = evaluate(s, step, &varies);
        store_forget(store, entries); /* nothing has been filled */
        arena_rewind(s->arena, s->mark);
        if (bad) return -1;
        if (varies)
            return fail(err,
                        "%s:%d:%d: a schedule that depends on states in some steps only; "
                        "choose by select, not by if",
                        s->expr->file, s->expr->line, s->expr->column);
    }
    *out = s->value;
    return 0;
}
