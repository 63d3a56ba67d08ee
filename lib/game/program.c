#include "game/program.h"

#include <stdlib.h>
#include <string.h>

#include "game/feed.h"
#include "page/eval/update.h"

struct Program {
    Build build; /* of the compilation; a run uses its inputs only */
    Plan *plan;
    ProgramOutput *output;
    Node **result; /* of the outputs */
    int output_count, room_count;
    Ranks *ranks;
    size_t first_shard, own_shards; /* that are played here */
    bool *reads;                    /* a data each */
    float **room;                   /* the same */
    float step, weight;
};

/* ---- compiling ---- */

/* A parameter, its moments and its average are updated in one pass. */
static int group_of(const State *s) {
    const Entry *e = (const Entry *)s;
    if (e->of) return e->of->index;
    return e->kind == ENTRY_OPTIMIZER ? -1 : e->index;
}

static void make_plan(Program *p) {
    Build *b = &p->build;
    const World *w = b->world;
    size_t data = (size_t)b->data_count;
    Assign *assign = arena_new_array(b->arena, Assign, (size_t)w->pending_count + 1);
    for (int i = 0; i < w->pending_count; i++)
        assign[i] =
            (Assign){w->pending[i].state, w->pending[i].value, group_of(w->pending[i].state)};
    p->plan = plan_new(b->g, p->ranks, p->output_count, p->result, w->pending_count, assign);
    p->reads = arena_new_array(b->arena, bool, data + 1);
    p->room = arena_new_array(b->arena, float *, data + 1);
    for (size_t i = 0; i < data; i++) p->reads[i] = plan_reads(p->plan, &b->data[i].input);
}

static void add_output(Program *p, const char *name, bool cost, const Value *v) {
    Arena *arena = p->build.arena;
    int n = p->output_count++;
    if (n == p->room_count) {
        p->room_count = n ? 2 * n : 8;
        ProgramOutput *output = arena_new_array(arena, ProgramOutput, (size_t)p->room_count);
        Node **result = arena_new_array(arena, Node *, (size_t)p->room_count);
        for (int i = 0; i < n; i++) output[i] = p->output[i], result[i] = p->result[i];
        p->output = output;
        p->result = result;
    }
    p->result[n] = v->node;
    p->output[n] = (ProgramOutput){name, cost, v->node, v->batched};
}

/* A number, or those of a list under its name with 1, 2, ... */
static void add_log(Program *p, Scope *scope, const Define *d) {
    Build *b = &p->build;
    const char *name = d->names[0];
    Value v = build_eval(b, scope, d->expr);
    bool list = v.kind == V_LIST;
    for (int i = 0; i < (list ? v.count : 1); i++) {
        Node *n = as_node(b, d->expr, list ? &v.items[i] : &v, name);
        if (n->count != 1) build_fail(b, d->expr, "%s must be one number", name);
        /* a copy: a state itself would be read after its actions */
        Value copy = value_tensor(n_stop(b->g, n_reshape(b->g, n, 0, NULL)), false);
        add_output(p, list ? arena_printf(b->arena, "%s%d", name, i + 1) : name, false, &copy);
    }
}

/* The players of an update: the first, and those that play with it. */
static int players_of(Build *b, const Statement *first, const Statement **to) {
    int n = 0;
    to[n++] = first;
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        if (s != first && player_joins(s, first)) to[n++] = s;
    }
    return n;
}

/* All costs and their gradients are made before anything is assigned: they are those of one pass.
 */
static void compile_update(Program *p, const Statement *first) {
    Build *b = &p->build;
    const Statement **player = arena_new_array(b->arena, const Statement *, (size_t)b->page->count);
    int n = players_of(b, first, player);
    Scope **scope = arena_new_array(b->arena, Scope *, (size_t)n);
    Node **cost = arena_new_array(b->arena, Node *, (size_t)n);
    Descent **d = arena_new_array(b->arena, Descent *, (size_t)n);
    for (int i = 0; i < n; i++) {
        scope[i] = build_where(b, &player[i]->let);
        cost[i] = update_cost(b, scope[i], player[i]->expr);
        Value v = value_tensor(cost[i], false);
        add_output(p, player[i]->name, true, &v);
        for (int k = 0; k < player[i]->log.count; k++)
            if (!player[i]->log.list[k].every) add_log(p, scope[i], &player[i]->log.list[k]);
    }
    for (int i = 0; i < n; i++)
        d[i] = update_gradients(b, player[i], cost[i], player[i]->maximizes);
    for (int i = 0; i < n; i++) update_assign(b, scope[i], player[i], d[i], NULL);
}

/* A term's cost counts as often as there are steps between two of its kind. */
static void compile_term(Program *p, const PlayPart *part) {
    Build *b = &p->build;
    Scope *scope = build_where(b, &part->player->let);
    Node *cost = update_cost(b, scope, part->what->expr);
    Value v = value_tensor(cost, false);
    add_output(p, part->name, true, &v);
    cost = n_scale(b->g, cost, update_interval(b, part->what));
    update_descend(b, update_gradients(b, part->player, cost, false), NULL);
}

/* Nets that it looks at have running statistics, which it does not move. */
static void compile_log(Program *p, const PlayPart *part) {
    Build *b = &p->build;
    add_log(p, build_where(b, &part->player->let), part->what);
    b->world->pending_count = 0;
}

static void compile_part(Program *p, const PlayPart *part) {
    Build *b = &p->build;
    const char *trace = getenv("GAN_TRACE");
    b->playing = true;
    b->g->traced = trace && !strcmp(trace, "nan");
    switch (part->kind) {
    case PART_UPDATE: compile_update(p, part->player); break;
    case PART_TERM: compile_term(p, part); break;
    case PART_LOG: compile_log(p, part); break;
    case PART_ACTION: update_action(b, build_where(b, &part->player->let), part->what); break;
    case PART_AVERAGES: update_averages(b, part->player); break;
    }
    make_plan(p);
}

/* What is to be compiled: a part of a turn, or expressions with their names and mode. */
typedef struct {
    const PlayPart *part;
    int count;
    const char *const *names;
    Expr *const *exprs;
    const SampleMode *mode;
} Wanted;

static void compile_sample(Program *p, const Wanted *want) {
    Build *b = &p->build;
    const SampleMode *mode = want->mode;
    b->collecting = mode->collecting;
    b->guided = mode->guided;
    b->drops = mode->drops;
    b->drop_count = mode->drop_count;
    for (int i = 0; i < mode->bind_count; i++)
        build_bind(b, mode->bind[i].name, value_tensor(n_input(b->g, &mode->bind[i]), true));
    for (int i = 0; i < want->count; i++) {
        Value v = build_eval(b, NULL, want->exprs[i]);
        v = as_tensor(b, want->exprs[i], &v, "result");
        add_output(p, want->names[i], false, &v);
    }
    if (!mode->collecting) b->world->pending_count = 0; /* sampling changes nothing */
    make_plan(p);
}

static Program *compile(Arena *arena, const Model *m, const Wanted *want, size_t batch,
                        Error *err) {
    Trap trap = {.err = err};
    size_t entries = m->store->count;
    Program *p = arena_alloc(arena, sizeof *p);
    size_t shards = want->part ? m->shards : 1;
    if (shards > 1) p->ranks = m->ranks;
    p->own_shards = ranks_share(ranks_size(p->ranks), ranks_own(p->ranks), shards, &p->first_shard);
    if (shards > 1 && (batch % shards || batch / shards < SHARD_LEAST))
        return fail(err, "a minibatch of %zu does not make %zu shards of %d samples or more each",
                    batch, shards, SHARD_LEAST),
               NULL;
    if (!setjmp(trap.env)) {
        bool training = want->part || want->mode->training;
        Graph *g = graph_new(arena, &trap);
        g->shards = shards;
        g->sparing = m->memory != 0;
        g->steady = !want->part;
        build_start(&p->build, &m->page, &m->settings, m->store, g, batch / shards, training);
        p->build.step.data = &p->step;
        p->build.statistics.data = &p->weight;
        if (want->part)
            compile_part(p, want->part);
        else
            compile_sample(p, want);
        if (!store_fill(m->store, err)) return p;
    }
    store_forget(m->store, entries);
    return NULL;
}

Program *program_part(Arena *arena, const Model *m, const PlayPart *part, size_t batch,
                      Error *err) {
    return compile(arena, m, &(Wanted){.part = part}, batch, err);
}

Program *program_sample(Arena *arena, const Model *m, int count, const char *const *names,
                        Expr *const *exprs, size_t batch, const SampleMode *mode, Error *err) {
    return compile(arena, m, &(Wanted){NULL, count, names, exprs, mode}, batch, err);
}

/* ---- what it is ---- */

int program_output_count(const Program *p) { return p->output_count; }
const ProgramOutput *program_output(const Program *p, int i) { return &p->output[i]; }
int program_data_count(const Program *p) { return p->build.data_count; }
const DataInput *program_data(const Program *p, int i) { return &p->build.data[i]; }
bool program_reads(const Program *p, int i) { return p->reads[i]; }

bool program_reads_any(const Program *p) {
    for (int i = 0; i < p->build.data_count; i++)
        if (p->reads[i]) return true;
    return false;
}

bool program_changes(const Program *p) { return p->build.world->pending_count != 0; }
Plan *program_plan(const Program *p) { return p->plan; }

/* ---- memory ---- */

size_t program_bytes(const Program *p) { return plan_bytes(p->plan); }
int program_fit(Program *p, size_t bytes, Error *err) { return plan_fit(p->plan, bytes, err); }

/* Floats of a data, of all shards that are played here. */
static size_t room_of(const Program *p, const DataInput *d) {
    return d->input.count * (d->parts > 1 ? p->own_shards : 1);
}

size_t program_data_bytes(const Program *p) {
    size_t n = 0;
    for (int i = 0; i < p->build.data_count; i++) n += room_of(p, &p->build.data[i]);
    return n * sizeof(float);
}

void program_bind(Program *p, void *block, float *data) {
    for (int i = 0; i < p->build.data_count; i++) {
        Input *in = &p->build.data[i].input;
        in->data = p->room[i] = data;
        data += room_of(p, &p->build.data[i]);
    }
    plan_bind(p->plan, block);
}

int program_bind_own(Program *p, void **block, Error *err) {
    size_t bytes = (program_bytes(p) + 63) & ~(size_t)63;
    plan_block_free(*block);
    *block = plan_block_new(bytes + program_data_bytes(p), err);
    if (!*block) return -1;
    program_bind(p, *block, (float *)((char *)*block + bytes));
    return 0;
}

/* ---- running ---- */

int program_batch(const Program *p, const Frame *f, size_t *n, Error *err) {
    return feed_batch(p->build.data, p->reads, p->build.data_count, f, n, err);
}

int program_check(const Program *p, const Frame *f, Error *err) {
    for (int i = 0; i < p->build.data_count; i++) {
        const DataInput *d = &p->build.data[i];
        if (p->reads[i] && (feed_check(d, f, err) || feed_finite(d, f, err))) return -1;
    }
    return 0;
}

void program_feed(Program *p, const Frame *f) {
    for (int i = 0; i < p->build.data_count; i++) {
        const DataInput *d = &p->build.data[i];
        bool cut = d->parts > 1;
        size_t first = cut ? p->first_shard : 0, count = cut ? p->own_shards : 1;
        if (p->reads[i]) feed_fill(d, f, first, count, p->room[i]);
    }
}

float *program_room(Program *p, int i) { return p->room[i]; }

void program_run(Program *p, const ProgramRun *run) {
    p->step = (float)run->step;
    p->weight = run->weight;
    plan_run(p->plan, &run->context);
}

const float *program_value(const Program *p, int i) { return plan_output(p->plan, i); }
