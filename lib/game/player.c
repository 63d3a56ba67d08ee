#include "game/player.h"

#include <stdlib.h>
#include <string.h>

#include "game/feed.h"
#include "page/optimizers.h"

static void start(Program *p, Arena *arena, const Model *m, size_t batch, bool training,
                  Trap *trap) {
    Graph *g = graph_new(arena, trap);
    build_start(&p->build, &m->page, &m->settings, m->store, g, batch, training);
}

/* Errors of building name a place in the page; a file that cannot be read has nothing to do with it. */
static int built_badly(const Model *m, Error *err) {
    return m->store->unread ? fail(err, "%s", m->store->unread) : -1;
}

/* ---- a player's update ---- */

static bool trains(const Statement *player, const Entry *e) {
    for (int i = 0; i < player->param_count; i++)
        if (e->kind == ENTRY_PARAM && entry_belongs(e, player->params[i])) return true;
    return false;
}

static Node *cost_node(Build *b, Scope *scope, const Statement *player) {
    Value v = build_eval(b, scope, player->expr);
    Node *cost = as_node(b, player->expr, &v, "cost");
    char s[200];
    if (cost->count != 1)
        build_fail(b, player->expr, "the cost must be one number, this is %s; take its mean",
                   node_shape_text(cost, s, sizeof s));
    return n_reshape(b->g, cost, 0, NULL);
}

/* New values of all parameters the player trains. */
static void apply_gradients(Build *b, const Statement *player, Node *cost) {
    size_t n = 0, count = b->store->count;
    Entry **entry = arena_new_array(b->arena, Entry *, count + 1);
    Node **x = arena_new_array(b->arena, Node *, count + 1);
    Node **d = arena_new_array(b->arena, Node *, count + 1);
    for (size_t i = 0; i < count; i++) {
        Entry *e = b->store->entries[i];
        if (!trains(player, e)) continue;
        entry[n] = e;
        x[n++] = state_value(b, &e->state);
    }
    if (player->maximizes) cost = n_unary(b->g, PW_NEG, cost);
    graph_gradients(b->g, cost, (int)n, x, d);
    Value optimizer = build_eval(b, NULL, player->optimizer);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        float v;
        if (n_is_const(d[i], &v) && v == 0) continue; /* the cost does not depend on it */
        optimizer_update(b, player->optimizer, &optimizer, player->name, entry[i], d[i]);
        any = true;
    }
    if (!any)
        build_fail(b, player->expr, "player %s has nothing to train: its cost does not depend on %s",
                   player->name, player->params[0]);
}

/* clip(NET, low, high) or clip(NET, c) for [-c, c]: Arjovsky et al. 2017, algorithm 1 */
static void action_clip(Build *b, Scope *scope, const Expr *e) {
    if (e->count < 2 || e->count > 3 || e->items[0]->kind != E_NAME)
        build_fail(b, e, "clip(NET, c) or clip(NET, low, high)");
    Value low = build_eval(b, scope, e->items[1]), high = low;
    if (e->count == 3) high = build_eval(b, scope, e->items[2]);
    else low = value_number(-as_number(b, e->items[1], &high, "clip"));
    bool any = false;
    for (size_t i = 0; i < b->store->count; i++) {
        Entry *s = b->store->entries[i];
        if (s->kind != ENTRY_PARAM || !entry_belongs(s, e->items[0]->text)) continue;
        Node *v = state_value(b, &s->state);
        v = n_binary(b->g, PW_MAX, v, as_node(b, e, &low, "clip"));
        state_assign(b, &s->state, n_binary(b->g, PW_MIN, v, as_node(b, e, &high, "clip")), NULL);
        any = true;
    }
    if (!any) build_fail(b, e, "clip: no parameters under %s", e->items[0]->text);
}

static const struct {
    const char *name;
    void (*run)(Build *, Scope *, const Expr *);
} action_table[] = {{"clip", action_clip}};

/* The state an action gives a value, made if no cost has used it yet. Its name is bound to the old
 * value now, so that all actions see the values of before. */
static Entry *state_of(Build *b, Scope *scope, const Define *d) {
    Expr *name = arena_alloc(b->arena, sizeof *name);
    *name = (Expr){.kind = E_NAME, .file = b->page->file, .text = d->names[0],
                   .line = d->line, .column = d->column};
    build_eval(b, scope, name);
    return store_find(b->store, d->names[0]);
}

static void run_action(Build *b, Scope *scope, const Define *d) {
    if (d->name_count) {
        Entry *e = state_of(b, scope, d);
        Value v = build_eval(b, scope, d->expr);
        Node *n = as_node(b, d->expr, &v, "new value");
        if (!e || e->kind != ENTRY_STATE) build_fail(b, d->expr, "%s is not a state", d->names[0]);
        n = n_broadcast(b->g, n_stop(b->g, n), e->state.rank, e->state.shape);
        state_assign(b, &e->state, n, NULL);
        return;
    }
    for (size_t i = 0; i < sizeof action_table / sizeof *action_table; i++)
        if (!strcmp(action_table[i].name, d->expr->text)) {
            action_table[i].run(b, scope, d->expr);
            return;
        }
    build_fail(b, d->expr, "unknown action %s", d->expr->text);
}

/* One tensor of an average: follows its source's new value; buffers are copied. */
static void follow(Build *b, const Statement *average, Entry *source, Node *rate) {
    const char *suffix = source->state.name + strlen(average->params[0]);
    const char *name = arena_printf(b->arena, "%s%s", average->name, suffix);
    Error err;
    Entry *e = store_get(b->store, name, ENTRY_AVERAGE, source->layout, source->state.rank,
                         source->state.shape, (Init){0}, &err);
    if (!e) build_fail(b, average->expr, "%s", err.text);
    if (e->fresh && e->average_of != source)
        memcpy(e->state.data, source->state.data, source->state.count * sizeof(float));
    e->kind = ENTRY_AVERAGE;
    e->average_of = source;
    Node *now = state_value(b, &source->state), *old = n_state(b->g, &e->state);
    if (source->kind == ENTRY_PARAM)
        now = n_add(b->g, old, n_mul(b->g, rate, n_sub(b->g, now, old)));
    state_assign(b, &e->state, now, NULL);
}

static void update_averages(Build *b, const Statement *player) {
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        bool mine = false;
        for (int k = 0; k < player->param_count && s->kind == ST_AVERAGE; k++)
            mine |= !strcmp(s->params[0], player->params[k]);
        if (!mine) continue;
        Value decay = build_eval(b, NULL, s->expr);
        Node *rate = n_sub(b->g, n_number(b->g, 1), as_node(b, s->expr, &decay, "decay"));
        for (size_t k = 0, n = b->store->count; k < n; k++) {
            Entry *e = b->store->entries[k];
            bool kept = e->kind == ENTRY_PARAM || e->kind == ENTRY_BUFFER;
            if (kept && entry_belongs(e, s->params[0])) follow(b, s, e, rate);
        }
    }
}

/* A parameter, its moments and its average are updated in one pass: they are named alike. */
static int group_of(const Store *store, const State *s) {
    const Entry *e = (const Entry *)s;
    if (e->kind == ENTRY_AVERAGE) return group_of(store, &e->average_of->state);
    const char *name = s->name;
    if (e->kind == ENTRY_OPTIMIZER)
        for (int dots = 0; *name && dots < 3; name++) dots += *name == '.';
    for (size_t i = 0; i < store->count; i++)
        if (!strcmp(store->entries[i]->state.name, name)) return (int)i;
    return -1;
}

static Plan *make_plan(Program *p, int output_count, Node *const *output) {
    Build *b = &p->build;
    Assign *assign = arena_new_array(b->arena, Assign, (size_t)b->pending_count + 1);
    for (int i = 0; i < b->pending_count; i++)
        assign[i] = (Assign){b->pending[i].state, b->pending[i].value,
                             group_of(b->store, b->pending[i].state)};
    Plan *plan = plan_new(b->g, output_count, output, b->pending_count, assign);
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
    *p = (Program){.statement = player};
    if (setjmp(trap.env)) return built_badly(m, err);
    start(p, arena, m, batch, true, &trap);
    Build *b = &p->build;
    Scope *scope = build_where(b, &player->let);
    int n = player->log.count + 1;
    Node **output = arena_new_array(arena, Node *, (size_t)n);
    p->names = arena_new_array(arena, const char *, (size_t)n);
    p->output_count = n;
    output[0] = cost_node(b, scope, player);
    p->names[0] = player->name;
    for (int i = 1; i < n; i++) {
        output[i] = log_node(b, scope, &player->log.list[i - 1]);
        p->names[i] = player->log.list[i - 1].names[0];
    }
    apply_gradients(b, player, output[0]);
    for (int i = 0; i < player->then.count; i++) run_action(b, scope, &player->then.list[i]);
    update_averages(b, player);
    p->plan = make_plan(p, n, output);
    return 0;
}

/* ---- expressions ---- */

int program_sample(Program *p, Arena *arena, const Model *m, int count, const char *const *names,
                   Expr *const *exprs, size_t batch, const SampleMode *mode, Error *err) {
    Trap trap = {.err = err};
    *p = (Program){0};
    if (setjmp(trap.env)) return built_badly(m, err);
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
    if (!mode->collecting) b->pending_count = 0; /* sampling changes nothing */
    p->plan = make_plan(p, count, output);
    return 0;
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

int program_feed(Program *p, const Frame *f, const char *source, Error *err) {
    for (int i = 0; i < p->build.data_count; i++) {
        const DataInput *d = &p->build.data[i];
        if (plan_reads(p->plan, &d->input) &&
            feed(d, f, source, (float *)(uintptr_t)d->input.data, err))
            return -1;
    }
    return 0;
}

int schedule_number(const Model *m, const Expr *e, uint64_t step, double *out, Error *err) {
    Program p = {0};
    Trap trap = {.err = err};
    Arena *arena = arena_new(NULL);
    if (setjmp(trap.env)) {
        arena_free(arena);
        return -1;
    }
    start(&p, arena, m, 1, false, &trap);
    build_bind(&p.build, "step", value_number((double)step));
    Value v = build_eval(&p.build, NULL, e);
    *out = as_number(&p.build, e, &v, "schedule");
    arena_free(arena);
    return 0;
}
