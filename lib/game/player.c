#include "game/player.h"

#include <stdlib.h>
#include <string.h>

#include "game/feed.h"
#include "page/eval/update.h"

static void start(Program *p, Arena *arena, const Model *m, size_t batch, bool training,
                  Trap *trap) {
    Graph *g = graph_new(arena, trap);
    build_start(&p->build, &m->page, &m->settings, m->store, g, batch, training);
}

/* What a build that failed has declared is forgotten. */
static int failed(const Model *m, size_t entries) {
    store_forget(m->store, entries);
    return -1;
}

/* ---- a player's update ---- */

/* A parameter, its moments and its average are updated in one pass. */
static int group_of(const State *s) {
    const Entry *e = (const Entry *)s;
    if (e->of) return e->of->index;
    return e->kind == ENTRY_OPTIMIZER ? -1 : e->index;
}

static Plan *make_plan(Program *p, int output_count, Node *const *output) {
    Build *b = &p->build;
    const World *w = b->world;
    Assign *assign = arena_new_array(b->arena, Assign, (size_t)w->pending_count + 1);
    for (int i = 0; i < w->pending_count; i++)
        assign[i] =
            (Assign){w->pending[i].state, w->pending[i].value, group_of(w->pending[i].state)};
    Plan *plan = plan_new(b->g, output_count, output, w->pending_count, assign);
    for (int i = 0; i < b->data_count; i++) p->reads_data |= plan_reads(plan, &b->data[i].input);
    return plan;
}

static Node *log_node(Build *b, Scope *scope, const Define *d) {
    Value v = build_eval(b, scope, d->expr);
    Node *n = as_node(b, d->expr, &v, d->names[0]);
    if (n->count != 1) build_fail(b, d->expr, "%s must be one number", d->names[0]);
    /* a copy: a state itself would be read after its actions */
    return n_stop(b->g, n_reshape(b->g, n, 0, NULL));
}

int program_player(Program *p, Arena *arena, const Model *m, const Statement *player, size_t batch,
                   Error *err) {
    Trap trap = {.err = err};
    size_t entries = m->store->count;
    *p = (Program){.statement = player};
    if (setjmp(trap.env)) return failed(m, entries);
    start(p, arena, m, batch, true, &trap);
    Build *b = &p->build;
    b->playing = true;
    Scope *scope = build_where(b, &player->let);
    int n = player->log.count + 1;
    Node **output = arena_new_array(arena, Node *, (size_t)n);
    p->names = arena_new_array(arena, const char *, (size_t)n);
    p->output_count = n;
    output[0] = update_cost(b, scope, player);
    p->names[0] = player->name;
    for (int i = 1; i < n; i++) {
        output[i] = log_node(b, scope, &player->log.list[i - 1]);
        p->names[i] = player->log.list[i - 1].names[0];
    }
    update_assign(b, scope, player, output[0], NULL);
    p->plan = make_plan(p, n, output);
    return store_fill(m->store, err) ? failed(m, entries) : 0;
}

/* ---- expressions ---- */

int program_sample(Program *p, Arena *arena, const Model *m, int count, const char *const *names,
                   Expr *const *exprs, size_t batch, const SampleMode *mode, Error *err) {
    Trap trap = {.err = err};
    size_t entries = m->store->count;
    *p = (Program){0};
    if (setjmp(trap.env)) return failed(m, entries);
    start(p, arena, m, batch, mode->training, &trap);
    Build *b = &p->build;
    b->collecting = mode->collecting;
    b->guided = mode->guided;
    b->drops = mode->drops;
    b->drop_count = mode->drop_count;
    for (int i = 0; i < mode->bind_count; i++)
        build_bind(b, mode->bind[i].name, value_tensor(n_input(b->g, &mode->bind[i]), true));
    Node **output = arena_new_array(arena, Node *, (size_t)count);
    p->values = arena_new_array(arena, Value, (size_t)count);
    p->names = arena_new_array(arena, const char *, (size_t)count);
    p->output_count = count;
    for (int i = 0; i < count; i++) {
        Value v = build_eval(b, NULL, exprs[i]);
        if (v.kind == V_NUMBER) v = value_tensor(n_number(b->g, (float)v.number), false);
        output[i] = as_node(b, exprs[i], &v, "result");
        p->values[i] = v;
        p->names[i] = names[i];
    }
    if (!mode->collecting) b->world->pending_count = 0; /* sampling changes nothing */
    p->plan = make_plan(p, count, output);
    return store_fill(m->store, err) ? failed(m, entries) : 0;
}

int program_bind(Program *p, void **block, Error *err) {
    size_t bytes = (plan_bytes(p->plan) + 63) & ~(size_t)63, floats = 0;
    for (int i = 0; i < p->build.data_count; i++) floats += p->build.data[i].input.count;
    free(*block);
    *block = data_alloc(bytes + floats * sizeof(float), err);
    if (!*block) return -1;
    float *at = (float *)((char *)*block + bytes);
    for (int i = 0; i < p->build.data_count; i++) {
        p->build.data[i].input.data = at;
        at += p->build.data[i].input.count;
    }
    plan_bind(p->plan, *block);
    return 0;
}

static bool reads(const Program *p, int i) { return plan_reads(p->plan, &p->build.data[i].input); }

int program_check(const Program *p, const Frame *f, Error *err) {
    for (int i = 0; i < p->build.data_count; i++) {
        const DataInput *d = &p->build.data[i];
        if (reads(p, i) && (feed_check(d, f, err) || feed_finite(d, f, err))) return -1;
    }
    return 0;
}

void program_feed(Program *p, const Frame *f) {
    for (int i = 0; i < p->build.data_count; i++) {
        const DataInput *d = &p->build.data[i];
        if (reads(p, i)) feed_fill(d, f, (float *)(uintptr_t)d->input.data);
    }
}

int schedule_number(const Model *m, const Expr *e, uint64_t step, double *out, Error *err) {
    Program p = {0};
    Trap trap = {.err = err};
    Arena *arena = arena_new(NULL);
    size_t entries = m->store->count;
    if (setjmp(trap.env)) {
        arena_free(arena);
        return failed(m, entries);
    }
    start(&p, arena, m, 1, false, &trap);
    build_bind(&p.build, "step", value_number((double)step));
    Value v = build_eval(&p.build, NULL, e);
    *out = as_number(&p.build, e, &v, "schedule");
    store_forget(m->store, entries); /* nothing has been filled */
    arena_free(arena);
    return 0;
}
