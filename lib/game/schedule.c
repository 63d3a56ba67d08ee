#include "game/schedule.h"

#include <string.h>

#include "page/eval/scope.h"

struct Schedule {
    const Expr *expr;
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

Schedule *schedule_new(const Model *m, const Expr *e, Error *err) {
    Arena *arena = arena_new(NULL);
    Schedule *s = arena_alloc(arena, sizeof *s);
    s->expr = e;
    s->arena = arena;
    s->trap.err = err;
    if (!start(s, m)) return s;
    schedule_free(s);
    return NULL;
}

void schedule_free(Schedule *s) {
    if (s) arena_free(s->arena);
}

/* In a graph and a scope of its own, which the page's options alone have come to. */
static int evaluate(Schedule *s, uint64_t step) {
    if (setjmp(s->trap.env)) return -1;
    Build b = s->start;
    World *world = arena_alloc(s->arena, sizeof *world);
    b.g = graph_new(s->arena, &s->trap);
    b.g->limit = s->start.g->limit;
    *world = *s->start.world;
    world->root = scope_again(&b, s->start.world->root);
    b.world = world;
    b.rules = arena_new_array(s->arena, InitRule, (size_t)b.rule_count + 1);
    if (b.rule_count) memcpy(b.rules, s->start.rules, (size_t)b.rule_count * sizeof *b.rules);
    build_bind(&b, "step", value_number((double)step));
    const Binding *bound = world->root->first;
    Value v = build_eval(&b, NULL, s->expr);
    s->value = as_number(&b, s->expr, &v, "schedule");
    s->constant = !bound->kept; /* it has not been asked for */
    return 0;
}

int schedule_number(Schedule *s, uint64_t step, double *out, Error *err) {
    if (!s->constant) {
        Store *store = s->start.store;
        size_t entries = store->count;
        s->trap.err = err;
        int bad = evaluate(s, step);
        store_forget(store, entries); /* nothing has been filled */
        arena_rewind(s->arena, s->mark);
        if (bad) return -1;
    }
    *out = s->value;
    return 0;
}
