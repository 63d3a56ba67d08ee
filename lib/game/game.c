#include "game/game.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/origin.h"
#include "game/schedule.h"

enum { SETS_MAX = 4, REPEAT_MAX = 100000 };

/* All players compiled for one minibatch size. */
typedef struct {
    size_t batch;
    Arena *arena;
    Program **programs; /* a player each */
    float *data;        /* the minibatch, all data of the page one after another */
} Set;

/* When a player updates, and how often; NULL: as without the clause. */
enum { EVERY, WHEN, REPEAT, CLAUSES };
typedef struct {
    Schedule *clause[CLAUSES];
} Turns;

struct Game {
    Model *m;
    const Statement **players;
    Turns *turns; /* of each player */
    int *turn;    /* the same: updates in the step being played */
    int player_count;
    Set sets[SETS_MAX];
    int set_count;
    void *block; /* values and scratch, shared by all plans */
    size_t block_bytes;
    Frame *frames; /* of the step being played */
    size_t frame_capacity;
    const char **figure_names;
    float *figures;
    int figure_count;
    size_t batch;
    bool profile;
    bool new_data, source_known;
    Error note, told; /* what gan-step is to say: to be fetched, fetched */
};

/* ---- compiled sets ---- */

static int compile(Game *g, Set *s, size_t batch, Error *err) {
    *s = (Set){.batch = batch, .arena = arena_new(NULL)};
    s->programs = arena_new_array(s->arena, Program *, (size_t)g->player_count + 1);
    for (int i = 0; i < g->player_count; i++)
        if (!(s->programs[i] = program_player(s->arena, g->m, g->players[i], batch, err)))
            return -1;
    return 0;
}

/* Memory for the minibatch and for the largest plan so far; binds every plan to it. */
static int bind_set(Game *g, Set *s, Error *err) {
    size_t need = g->block_bytes;
    s->data = data_alloc(program_data_bytes(s->programs[0]), err);
    if (!s->data) return -1;
    for (int i = 0; i < g->player_count; i++) {
        size_t bytes = program_bytes(s->programs[i]);
        if (bytes > need) need = bytes;
    }
    if (need > g->block_bytes) {
        plan_block_free(g->block);
        g->block = plan_block_new(need, err);
        g->block_bytes = g->block ? need : 0;
        if (!g->block) return -1;
    }
    for (int k = 0; k < g->set_count; k++)
        for (int i = 0; i < g->player_count; i++)
            if (g->sets[k].data) program_bind(g->sets[k].programs[i], g->block, g->sets[k].data);
    if (g->profile)
        for (int i = 0; i < g->player_count; i++) plan_profile_start(program_plan(s->programs[i]));
    return 0;
}

static void set_free(Set *s) {
    free(s->data);
    arena_free(s->arena);
    *s = (Set){0};
}

static Set *find_set(Game *g, size_t batch, Error *err) {
    Set *s = NULL;
    for (int i = 0; i < g->set_count; i++)
        if (g->sets[i].batch == batch) s = &g->sets[i];
    if (s && s->data) return s;
    if (!s) {
        if (g->set_count == SETS_MAX) { /* the oldest makes room */
            set_free(&g->sets[0]);
            memmove(g->sets, g->sets + 1, (SETS_MAX - 1) * sizeof *g->sets);
            g->set_count--;
        }
        s = &g->sets[g->set_count];
        if (compile(g, s, batch, err)) {
            set_free(s);
            return NULL;
        }
        g->set_count++;
    }
    return bind_set(g, s, err) ? NULL : s;
}

static int start_schedules(Game *g, Error *err) {
    g->turns = arena_new_array(g->m->arena, Turns, (size_t)g->player_count);
    g->turn = arena_new_array(g->m->arena, int, (size_t)g->player_count);
    for (int i = 0; i < g->player_count; i++) {
        const Statement *p = g->players[i];
        const Expr *e[CLAUSES] = {[EVERY] = p->every, [WHEN] = p->when, [REPEAT] = p->repeat};
        for (int k = 0; k < CLAUSES; k++)
            if (e[k] && !(g->turns[i].clause[k] = schedule_new(g->m, e[k], err))) return -1;
    }
    return 0;
}

Game *game_new(Model *m, Error *err) {
    Game *g = arena_alloc(m->arena, sizeof *g);
    g->m = m;
    g->players = arena_new_array(m->arena, const Statement *, (size_t)m->page.count + 1);
    for (int i = 0; i < m->page.count; i++)
        if (m->page.statements[i].kind == ST_PLAYER)
            g->players[g->player_count++] = &m->page.statements[i];
    if (!g->player_count) {
        fail(err, "%s: the page has no player", m->page_name);
        return NULL;
    }
    g->batch = m->batch;
    if (compile(g, &g->sets[g->set_count++], m->batch, err) || start_schedules(g, err)) {
        game_free(g);
        return NULL;
    }
    Program *const *p = g->sets[0].programs;
    for (int i = 0; i < g->player_count; i++) g->figure_count += program_output_count(p[i]);
    g->figure_names = arena_new_array(m->arena, const char *, (size_t)g->figure_count);
    g->figures = arena_new_array(m->arena, float, (size_t)g->figure_count);
    for (int i = 0, n = 0; i < g->player_count; i++)
        for (int k = 0; k < program_output_count(p[i]); k++, n++) {
            g->figures[n] = NAN; /* until the player's first turn */
            g->figure_names[n] = arena_strdup(m->arena, program_output(p[i], k)->name);
        }
    return g;
}

void game_new_data(Game *g) { g->new_data = true; }

const char *game_note(Game *g) {
    g->told = g->note;
    g->note.text[0] = 0;
    return *g->told.text ? g->told.text : NULL;
}

void game_free(Game *g) {
    if (!g) return;
    for (int i = 0; i < g->set_count; i++) set_free(&g->sets[i]);
    for (int i = 0; i < g->player_count && g->turns; i++)
        for (int k = 0; k < CLAUSES; k++) schedule_free(g->turns[i].clause[k]);
    for (size_t i = 0; i < g->frame_capacity; i++) frame_free(&g->frames[i]);
    free(g->frames);
    plan_block_free(g->block);
}

/* ---- a step ---- */

/* Updates the player makes in the coming step; -1 on error. */
static int turns(const Game *g, int player, Error *err) {
    double v[CLAUSES] = {1, 1, 1}, every, repeat;
    for (int k = 0; k < CLAUSES; k++) {
        Schedule *s = g->turns[player].clause[k];
        if (s && schedule_number(s, g->m->step, &v[k], err)) return -1;
    }
    every = v[EVERY], repeat = v[REPEAT];
    if (!(every >= 1 && every < 1e15) || !(repeat >= 0 && repeat <= REPEAT_MAX))
        return fail(err, "player %s: every %g, repeat %g make no schedule",
                    g->players[player]->name, every, repeat);
    if (!v[WHEN] || g->m->step % (uint64_t)every) return 0;
    return (int)repeat;
}

/* Reads the frames a whole step needs, so that a step is played entirely or not at all. */
static PlayResult read_frames(Game *g, Reader *data, size_t count, Error *err) {
    if (!count) return PLAY_DONE;
    size_t had = g->frame_capacity;
    if (array_room(&g->frames, &g->frame_capacity, count, sizeof *g->frames, "frames", err))
        return PLAY_BAD_DATA;
    memset(g->frames + had, 0, (g->frame_capacity - had) * sizeof *g->frames);
    for (size_t i = 0; i < count; i++) {
        int got = data ? reader_next(data, &g->frames[i], err) : 0;
        if (got > 0 && !g->source_known) {
            g->source_known = true;
            if (origin_accept(g->m, &g->frames[i], g->new_data, &g->note, err)) got = -1;
        }
        if (got < 0) return PLAY_BAD_DATA;
        if (got > 0 && !g->frames[i].tensor_count) got = 0; /* says that all have been consumed */
        if (got == 0) {
            fail(err, "a step needs %zu minibatch%s, %zu came", count, count == 1 ? "" : "es", i);
            return PLAY_NO_DATA;
        }
    }
    return PLAY_DONE;
}

/* Looks at all that a step will need, so that nothing is found wrong in the middle of it. */
static PlayResult prepare(Game *g, const Reader *data, size_t frames, Error *err) {
    size_t next = 0, batch = g->batch;
    for (int i = 0; i < g->player_count; i++)
        for (int k = 0; k < g->turn[i]; k++) {
            const Program *first = g->sets[0].programs[i];
            const Frame *f = program_reads_any(first) ? &g->frames[next++] : NULL;
            int bad = f ? program_batch(first, f, &batch, err) : 0;
            const Set *s = bad ? NULL : find_set(g, batch, err);
            if (!bad && s && f) bad = program_check(s->programs[i], f, err);
            if (!bad && s) continue;
            if (f)
                fail_in(err, "standard input: frame %" PRIu64, reader_frames(data) - frames + next);
            return PLAY_BAD_DATA;
        }
    return PLAY_DONE;
}

static PlayResult update(Game *g, Set *s, int player, float *figures, Error *err) {
    Program *p = s->programs[player];
    RunContext context = {.seed = g->m->seed, .draw = g->m->updates++};
    program_run(p, &(ProgramRun){.context = context, .step = g->m->step});
    const char *trace = plan_trace(program_plan(p));
    if (trace) {
        fail(err, "step %" PRIu64 ", player %s: %s", g->m->step + 1, program_output(p, 0)->name,
             trace);
        return PLAY_DIVERGED;
    }
    for (int k = 0; k < program_output_count(p); k++) figures[k] = *program_value(p, k);
    if (isfinite(figures[0])) return PLAY_DONE;
    fail(err, "the cost of player %s is %g at step %" PRIu64, program_output(p, 0)->name,
         (double)figures[0], g->m->step + 1);
    return PLAY_DIVERGED;
}

static PlayResult play(Game *g, Error *err) {
    size_t next = 0;
    Program *const *first = g->sets[0].programs;
    for (int i = 0, figure = 0; i < g->player_count; i++) {
        bool reads = program_reads_any(first[i]);
        for (int k = 0; k < g->turn[i]; k++) {
            const Frame *f = reads ? &g->frames[next++] : NULL;
            if (f && program_batch(first[i], f, &g->batch, err)) return PLAY_FAILED;
            Set *s = find_set(g, g->batch, err);
            if (!s) return PLAY_FAILED;
            first = g->sets[0].programs; /* sets may have moved */
            if (f) program_feed(s->programs[i], f);
            PlayResult r = update(g, s, i, g->figures + figure, err);
            if (r != PLAY_DONE) return r;
        }
        figure += program_output_count(first[i]);
    }
    return PLAY_DONE;
}

PlayResult game_step(Game *g, Reader *data, Error *err) {
    size_t frames = 0;
    for (int i = 0; i < g->player_count; i++) {
        g->turn[i] = turns(g, i, err);
        if (g->turn[i] < 0) return PLAY_BAD_DATA;
        if (program_reads_any(g->sets[0].programs[i])) frames += (size_t)g->turn[i];
    }
    PlayResult r = read_frames(g, data, frames, err);
    if (r == PLAY_DONE) r = prepare(g, data, frames, err);
    if (r == PLAY_DONE) r = play(g, err);
    if (r != PLAY_DONE) return r;
    g->m->step++;
    g->m->frames += frames;
    g->m->batch = g->batch;
    return PLAY_DONE;
}

/* ---- reports ---- */

int game_figures(const Game *g) { return g->figure_count; }
const char *game_figure_name(const Game *g, int i) { return g->figure_names[i]; }
float game_figure(const Game *g, int i) { return g->figures[i]; }
size_t game_batch(const Game *g) { return g->batch; }

bool game_reads_data(const Game *g) {
    for (int i = 0; i < g->player_count; i++)
        if (program_reads_any(g->sets[0].programs[i])) return true;
    return false;
}

void game_describe(const Game *g, Str *out) {
    const Set *s = &g->sets[0];
    size_t values = 0, scratch = 0, states = 0;
    double flops = 0, traffic = 0;
    model_describe(g->m, out);
    str_printf(out, "%-16s %8s %10s %12s %14s\n", "player", "kernels", "GFLOP", "traffic, MiB",
               "values, MiB");
    for (int i = 0; i < g->player_count; i++) {
        PlanCost c = plan_cost(program_plan(s->programs[i]));
        str_printf(out, "%-16s %8d %10.3f %12.1f %14.1f\n", g->players[i]->name, c.kernels,
                   c.flops * 1e-9, c.traffic / 1048576, (double)c.value_bytes / 1048576);
        flops += c.flops;
        traffic += c.traffic;
        if (c.value_bytes > values) values = c.value_bytes;
        if (c.scratch_bytes > scratch) scratch = c.scratch_bytes;
    }
    for (size_t i = 0; i < g->m->store->count; i++)
        states += g->m->store->entries[i]->state.count * sizeof(float);
    size_t data = program_data_bytes(s->programs[0]);
    str_printf(out,
               "\nminibatch %zu: one update of every player is %.3f GFLOP and moves %.1f MiB\n"
               "memory: parameters and moments %.1f MiB, values %.1f MiB, scratch %.1f MiB, data "
               "%.1f MiB; peak about %.1f MiB\n",
               s->batch, flops * 1e-9, traffic / 1048576, (double)states / 1048576,
               (double)values / 1048576, (double)scratch / 1048576, (double)data / 1048576,
               (double)(states + values + scratch + data) / 1048576);
}

void game_dump(const Game *g, PlanView view, bool dot, Str *out) {
    for (int i = 0; i < g->player_count; i++)
        plan_dump(program_plan(g->sets[0].programs[i]), view, dot, g->players[i]->name, out);
}

void game_profile_start(Game *g) { g->profile = true; }

void game_profile_print(const Game *g, Str *out) {
    for (int k = 0; k < g->set_count; k++)
        for (int i = 0; i < g->player_count && g->sets[k].data; i++)
            plan_profile_print(program_plan(g->sets[k].programs[i]), g->players[i]->name, out);
}
