#include "game/program.h"

#include <stdlib.h>
#include <string.h>

#include "game/feed.h"
#include "page/eval/update.h"

struct Program {
    Build build; /* of the compilation; a run uses its inputs only */
    Plan *plan;
    ProgramOutput *output;
    int output_count;
    bool *reads;  /* a data each */
    float **room; /* the same */
    float step, weight;
};

/* ---- compiling ---- */

static void start(Program *p, Arena *arena, const Model *m, size_t batch, bool training,
                  Trap *trap) {
    Build *b = &p->build;
    build_start(b, &m->page, &m->settings, m->store, graph_new(arena, trap), batch, training);
    b->step.data = &p->step;
    b->statistics.data = &p->weight;
}

/* A parameter, its moments and its average are updated in one pass. */
static int group_of(const State *s) {
    const Entry *e = (const Entry *)s;
    if (e->of) return e->of->index;
    return e->kind == ENTRY_OPTIMIZER ? -1 : e->index;
}

static void make_plan(Program *p, Node *const *output) {
    Build *b = &p->build;
    const World *w = b->world;
    size_t data = (size_t)b->data_count;
    Assign *assign = arena_new_array(b->arena, Assign, (size_t)w->pending_count + 1);
    for (int i = 0; i < w->pending_count; i++)
        assign[i] =
            (Assign){w->pending[i].state, w->pending[i].value, group_of(w->pending[i].state)};
    p->plan = plan_new(b->g, p->output_count, output, w->pending_count, assign);
    p->reads = arena_new_array(b->arena, bool, data + 1);
    p->room = arena_new_array(b->arena, float *, data + 1);
    for (size_t i = 0; i < data; i++) p->reads[i] = plan_reads(p->plan, &b->data[i].input);
}

static Node *log_node(Build *b, Scope *scope, const Define *d) {
    Value v = build_eval(b, scope, d->expr);
    Node *n = as_node(b, d->expr, &v, d->names[0]);
    if (n->count != 1) build_fail(b, d->expr, "%s must be one number", d->names[0]);
    /* a copy: a state itself would be read after its actions */
    return n_stop(b->g, n_reshape(b->g, n, 0, NULL));
}

static void compile_player(Program *p, const Statement *player) {
    Build *b = &p->build;
    int n = p->output_count = player->log.count + 1;
    Scope *scope = build_where(b, &player->let);
    Node **output = arena_new_array(b->arena, Node *, (size_t)n);
    p->output = arena_new_array(b->arena, ProgramOutput, (size_t)n);
    output[0] = update_cost(b, scope, player);
    p->output[0] = (ProgramOutput){player->name, output[0], false};
    for (int i = 1; i < n; i++) {
        const Define *d = &player->log.list[i - 1];
        output[i] = log_node(b, scope, d);
        p->output[i] = (ProgramOutput){d->names[0], output[i], false};
    }
    update_assign(b, scope, player, output[0], NULL);
    make_plan(p, output);
}

Program *program_player(Arena *arena, const Model *m, const Statement *player, size_t batch,
                        Error *err) {
    Trap trap = {.err = err};
    size_t entries = m->store->count;
    Program *p = arena_alloc(arena, sizeof *p);
    if (!setjmp(trap.env)) {
        start(p, arena, m, batch, true, &trap);
        p->build.playing = true;
        const char *trace = getenv("GAN_TRACE");
        p->build.g->traced = trace && !strcmp(trace, "nan");
        compile_player(p, player);
        if (!store_fill(m->store, err)) return p;
    }
    store_forget(m->store, entries);
    return NULL;
}

static void compile_sample(Program *p, int count, const char *const *names, Expr *const *exprs,
                           const SampleMode *mode) {
    Build *b = &p->build;
    b->collecting = mode->collecting;
    b->guided = mode->guided;
    b->drops = mode->drops;
    b->drop_count = mode->drop_count;
    for (int i = 0; i < mode->bind_count; i++)
        build_bind(b, mode->bind[i].name, value_tensor(n_input(b->g, &mode->bind[i]), true));
    Node **output = arena_new_array(b->arena, Node *, (size_t)count);
    p->output = arena_new_array(b->arena, ProgramOutput, (size_t)count);
    p->output_count = count;
    for (int i = 0; i < count; i++) {
        Value v = build_eval(b, NULL, exprs[i]);
        if (v.kind == V_NUMBER) v = value_tensor(n_number(b->g, (float)v.number), false);
        output[i] = as_node(b, exprs[i], &v, "result");
        p->output[i] = (ProgramOutput){names[i], v.node, v.batched};
    }
    if (!mode->collecting) b->world->pending_count = 0; /* sampling changes nothing */
    make_plan(p, output);
}

Program *program_sample(Arena *arena, const Model *m, int count, const char *const *names,
                        Expr *const *exprs, size_t batch, const SampleMode *mode, Error *err) {
    Trap trap = {.err = err};
    size_t entries = m->store->count;
    Program *p = arena_alloc(arena, sizeof *p);
    if (!setjmp(trap.env)) {
        start(p, arena, m, batch, mode->training, &trap);
        compile_sample(p, count, names, exprs, mode);
        if (!store_fill(m->store, err)) return p;
    }
    store_forget(m->store, entries);
    return NULL;
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
PlanCost program_cost(const Program *p) { return plan_cost(p->plan); }
void program_dump(const Program *p, PlanView view, bool dot, const char *title, Str *out) {
    plan_dump(p->plan, view, dot, title, out);
}
void program_profile_start(Program *p) { plan_profile_start(p->plan); }
void program_profile_print(const Program *p, const char *title, Str *out) {
    plan_profile_print(p->plan, title, out);
}

/* ---- memory ---- */

size_t program_bytes(const Program *p) { return plan_bytes(p->plan); }

size_t program_data_bytes(const Program *p) {
    size_t n = 0;
    for (int i = 0; i < p->build.data_count; i++) n += p->build.data[i].input.count;
    return n * sizeof(float);
}

void program_bind(Program *p, void *block, float *data) {
    for (int i = 0; i < p->build.data_count; i++) {
        Input *in = &p->build.data[i].input;
        in->data = p->room[i] = data;
        data += in->count;
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
    return feed_batch(p->build.data, p->build.data_count, f, n, err);
}

int program_check(const Program *p, const Frame *f, Error *err) {
    for (int i = 0; i < p->build.data_count; i++) {
        const DataInput *d = &p->build.data[i];
        if (p->reads[i] && (feed_check(d, f, err) || feed_finite(d, f, err))) return -1;
    }
    return 0;
}

void program_feed(Program *p, const Frame *f) {
    for (int i = 0; i < p->build.data_count; i++)
        if (p->reads[i]) feed_fill(&p->build.data[i], f, p->room[i]);
}

float *program_room(Program *p, int i) { return p->room[i]; }

void program_run(Program *p, const ProgramRun *run) {
    p->step = (float)run->step;
    p->weight = run->weight;
    plan_run(p->plan, &run->context);
}

const char *program_trace(const Program *p) { return plan_trace(p->plan); }
const float *program_value(const Program *p, int i) { return plan_output(p->plan, i); }
