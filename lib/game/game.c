#include "game/game.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/origin.h"
#include "game/share.h"
#include "game/turn.h"

enum { SETS_MAX = 4 };

/* All turns compiled for one minibatch size. */
typedef struct {
    size_t batch;
    Arena *arena;
    Program **programs; /* a part of a turn each */
    float *data;        /* the minibatch, all data of the page one after another */
} Set;

struct Game {
    Model *m;
    Turn *turns;
    int *updates;               /* of each turn, in the step being played */
    int turn_count, part_count; /* of all turns */
    Schedule *stop;             /* the page's condition; NULL: none */
    Set sets[SETS_MAX];
    int set_count;
    void *block; /* values and scratch, shared by all plans */
    size_t block_bytes;
    Frame *frames; /* of the step being played */
    size_t frame_capacity;
    const char **figure_names;
    float *figures;
    int figure_count;
    double *seconds; /* that each part has run for; NULL: nobody asks */
    size_t batch;
    bool profile;
    bool new_data, source_known;
    Error note, told; /* what gan-step is to say: to be fetched, fetched */
};

/* ---- compiled sets ---- */

static int compile(Game *g, Set *s, size_t batch, Error *err) {
    *s = (Set){.batch = batch, .arena = arena_new(NULL)};
    s->programs = arena_new_array(s->arena, Program *, (size_t)g->part_count);
    for (int i = 0, n = 0; i < g->turn_count; i++)
        for (int k = 0; k < g->turns[i].part_count; k++, n++) {
            const PlayPart *part = &g->turns[i].parts[k].part;
            Program *p = s->programs[n] = program_part(s->arena, g->m, part, batch, err);
            if (!p) return -1;
            int had = s == g->sets ? 0 : program_output_count(g->sets[0].programs[n]);
            if (s != g->sets && program_output_count(p) != had)
                return fail(err, "player %s: %d costs and logs with minibatches of %zu, %d of %zu",
                            part->player->name, had, g->sets[0].batch, program_output_count(p),
                            batch);
        }
    return 0;
}

/* Bytes that playing takes besides the largest plan's values and scratch. */
static GameMemory memory_besides(const Game *g, const Set *s) {
    enum { PROCESS = 38 << 20 /* the tool, its libraries, and what is not counted */ };
    GameMemory m = {.process = PROCESS};
    size_t largest = 0;
    for (size_t i = 0; i < g->m->store->count; i++) {
        size_t bytes = g->m->store->entries[i]->state.count * sizeof(float);
        m.states += bytes;
        if (bytes > largest) largest = bytes;
    }
    m.process += largest; /* which is saved in another order */
    for (int i = 0; i < g->set_count; i++) m.process += arena_bytes(g->sets[i].arena);
    m.data = program_data_bytes(s->programs[0]) * 2;
    m.all = m.states + m.data + m.process;
    return m;
}

/* Bytes of the largest plan. */
static size_t largest_plan(const Game *g, const Set *s) {
    size_t most = 0;
    for (int i = 0; i < g->part_count; i++) {
        size_t bytes = program_bytes(s->programs[i]);
        if (bytes > most) most = bytes;
    }
    return most;
}

/* Has plans keep what is left for them of the memory that the game may take. */
static int fit(Game *g, Set *s, Error *err) {
    enum { GROWTH = 4 << 20 /* of plans with more kernels */ };
    size_t limit = g->m->memory, besides = memory_besides(g, s).all;
    if (!limit || largest_plan(g, s) + besides <= limit) return 0;
    size_t rest = limit > besides + GROWTH ? limit - besides - GROWTH : 0;
    for (int i = 0; i < g->part_count; i++)
        if (program_fit(s->programs[i], rest, err)) return -1;
    size_t need = largest_plan(g, s) + memory_besides(g, s).all;
    if (need <= limit) return 0;
    return fail(err, "--memory: a minibatch of %zu needs about %.0f MiB, found %.4g MiB", s->batch,
                ceil((double)need / 1048576), (double)limit / 1048576);
}

int game_fit(Game *g, Error *err) { return fit(g, g->sets, err); }

/* Memory for the minibatch and for the largest plan so far; binds every plan to it. */
static int bind_set(Game *g, Set *s, Error *err) {
    size_t need = largest_plan(g, s);
    s->data = data_alloc(program_data_bytes(s->programs[0]), err);
    if (!s->data) return -1;
    if (need > g->block_bytes) {
        plan_block_free(g->block);
        g->block = plan_block_new(need, err);
        g->block_bytes = g->block ? need : 0;
        if (!g->block) return -1;
    }
    for (int k = 0; k < g->set_count; k++)
        for (int i = 0; i < g->part_count; i++)
            if (g->sets[k].data) program_bind(g->sets[k].programs[i], g->block, g->sets[k].data);
    if (g->profile)
        for (int i = 0; i < g->part_count; i++) plan_profile_start(program_plan(s->programs[i]));
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
    return fit(g, s, err) || bind_set(g, s, err) ? NULL : s;
}

static const char *part_name(const Game *g, int i) {
    const Turn *t = g->turns;
    while (i >= t->first + t->part_count) t++;
    return t->parts[i - t->first].part.name;
}

/* Names and values of all figures; there is room for the parts' times, too. */
static void start_figures(Game *g) {
    Program *const *p = g->sets[0].programs;
    for (int i = 0; i < g->part_count; i++) g->figure_count += program_output_count(p[i]);
    size_t room = (size_t)g->figure_count + (size_t)g->part_count;
    g->figure_names = arena_new_array(g->m->arena, const char *, room);
    g->figures = arena_new_array(g->m->arena, float, room);
    for (int i = 0, n = 0; i < g->part_count; i++)
        for (int k = 0; k < program_output_count(p[i]); k++, n++) {
            g->figures[n] = NAN; /* until the part is run first */
            g->figure_names[n] = arena_strdup(g->m->arena, program_output(p[i], k)->name);
        }
}

/* The condition on which the game stops. */
static int start_stop(Game *g, Error *err) {
    const Page *page = &g->m->page;
    const Statement *stop = NULL;
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind != ST_STOP) continue;
        if (stop)
            return fail(err, "%s:%d:%d: the game is stopped in line %d already; join both by or",
                        s->file, s->line, s->column, stop->line);
        stop = s;
    }
    if (stop && !(g->stop = schedule_new(g->m, stop->expr, err))) return -1;
    return 0;
}

Game *game_new(Model *m, Error *err) {
    Game *g = arena_alloc(m->arena, sizeof *g);
    g->m = m;
    g->batch = m->batch;
    int bad = turns_new(m, &g->turns, &g->turn_count, err);
    g->updates = arena_new_array(m->arena, int, (size_t)g->turn_count + 1);
    for (int i = 0; i < g->turn_count; i++) g->part_count += g->turns[i].part_count;
    if (!bad) bad = compile(g, &g->sets[g->set_count++], m->batch, err);
    /* before the first frame no one knows the size of minibatches */
    if (!bad && (m->step || !game_reads_data(g))) bad = game_fit(g, err);
    if (!bad) bad = start_stop(g, err);
    if (bad) {
        game_free(g);
        return NULL;
    }
    start_figures(g);
    return g;
}

void game_new_data(Game *g) { g->new_data = true; }

void game_times(Game *g) {
    g->seconds = arena_new_array(g->m->arena, double, (size_t)g->part_count);
    for (int i = 0; i < g->part_count; i++) {
        g->figures[g->figure_count] = NAN;
        g->figure_names[g->figure_count++] = arena_printf(g->m->arena, "time_%s", part_name(g, i));
    }
}

const char *game_note(Game *g) {
    g->told = g->note;
    g->note.text[0] = 0;
    return *g->told.text ? g->told.text : NULL;
}

void game_free(Game *g) {
    if (!g) return;
    for (int i = 0; i < g->set_count; i++) set_free(&g->sets[i]);
    turns_free(g->turns, g->turn_count);
    schedule_free(g->stop);
    for (size_t i = 0; i < g->frame_capacity; i++) frame_free(&g->frames[i]);
    free(g->frames);
    plan_block_free(g->block);
}

/* ---- a step ---- */

/* The first part of a turn that reads data, if there is one: then each of its updates takes a
 * frame. */
static const Program *reader_of(const Game *g, const Turn *t) {
    for (int k = 0; k < t->part_count; k++)
        if (program_reads_any(g->sets[0].programs[t->first + k]))
            return g->sets[0].programs[t->first + k];
    return NULL;
}

/* Reads the frames a whole step needs, so that a step is played entirely or not at all. */
static PlayResult read_frames(Game *g, Reader *data, size_t count, Error *err) {
    if (!count) return PLAY_DONE;
    size_t had = g->frame_capacity;
    if (array_room(&g->frames, &g->frame_capacity, count, sizeof *g->frames, "frames", err))
        return PLAY_BAD_DATA;
    memset(g->frames + had, 0, (g->frame_capacity - had) * sizeof *g->frames);
    for (size_t i = 0; i < count; i++) {
        int got = share_next(g->m->ranks, data, &g->frames[i], err);
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

/* The set for an update and its frame, if it takes one, which may change the minibatch size. */
static Set *set_for(Game *g, const Turn *t, const Frame *f, size_t *batch, Error *err) {
    if (f && program_batch(reader_of(g, t), f, batch, err)) return NULL;
    return find_set(g, *batch, err);
}

/* Whether an update can be made with its frame. */
static int check_update(Game *g, const Turn *t, const Frame *f, size_t *batch, Error *err) {
    const Set *s = set_for(g, t, f, batch, err);
    int bad = s ? 0 : -1;
    for (int k = 0; !bad && f && k < t->part_count; k++)
        bad = program_check(s->programs[t->first + k], f, err);
    return bad;
}

/* The first step's updates that take no frame have the size of its first frame: there was no
 * latest minibatch. A frame that is no good is told of by prepare. */
static void first_batch(Game *g) {
    Error ignored;
    for (int i = 0; i < g->turn_count; i++) {
        const Program *reader = g->updates[i] ? reader_of(g, &g->turns[i]) : NULL;
        if (!reader) continue;
        size_t size = g->batch; /* of data without a minibatch there is none */
        if (!program_batch(reader, &g->frames[0], &size, &ignored)) g->batch = size;
        return;
    }
}

/* Looks at all that a step will need, so that nothing is found wrong in the middle of it. */
static PlayResult prepare(Game *g, const Reader *data, size_t frames, Error *err) {
    size_t next = 0, batch = g->batch;
    for (int i = 0; i < g->turn_count; i++)
        for (int k = 0; k < g->updates[i]; k++) {
            const Frame *f = reader_of(g, &g->turns[i]) ? &g->frames[next++] : NULL;
            if (!check_update(g, &g->turns[i], f, &batch, err)) continue;
            if (f)
                fail_in(err, "standard input: frame %" PRIu64, reader_frames(data) - frames + next);
            return PLAY_BAD_DATA;
        }
    return PLAY_DONE;
}

/* A part of a turn that is to be run. */
typedef struct {
    Program *program;
    const PlayPart *part;
    const Frame *frame; /* NULL: it reads none */
    int number;         /* among the parts of all turns */
    uint64_t draw;
} Due;

/* Runs a part of a turn; figures are those of its outputs. */
static PlayResult run_part(Game *g, const Due *due, float *figures, Error *err) {
    Program *p = due->program;
    RunContext context = {.seed = g->m->seed, .draw = due->draw};
    double before = g->seconds ? now_seconds() : 0;
    if (due->frame) program_feed(p, due->frame);
    program_run(p, &(ProgramRun){.context = context, .step = g->m->step});
    if (g->seconds) g->seconds[due->number] += now_seconds() - before;
    const char *trace = plan_trace(program_plan(p));
    if (trace) {
        fail(err, "step %" PRIu64 ", player %s: %s", g->m->step + 1, due->part->name, trace);
        return PLAY_DIVERGED;
    }
    for (int k = 0; k < program_output_count(p); k++) {
        figures[k] = *program_value(p, k);
        if (!program_output(p, k)->cost || isfinite(figures[k])) continue;
        fail(err, "the cost of player %s is %g at step %" PRIu64, program_output(p, k)->name,
             (double)figures[k], g->m->step + 1);
        return PLAY_DIVERGED;
    }
    return PLAY_DONE;
}

/* One update: the parts of the turn that are due. */
static PlayResult update(Game *g, const Turn *t, const Frame *f, float *figures, Error *err) {
    PlayResult r = PLAY_DONE;
    const Set *s = set_for(g, t, f, &g->batch, err);
    if (!s) return PLAY_FAILED;
    uint64_t first = g->m->updates;
    for (int k = 0; k < t->part_count && r == PLAY_DONE; k++) {
        int due = turn_due(&t->parts[k], g->m->step, err);
        if (due < 0) return PLAY_FAILED;
        const PlayPart *part = &t->parts[k].part;
        Program *p = s->programs[t->first + k];
        /* what is looked at does not shift what is drawn behind it */
        uint64_t draw = part->kind == PART_LOG ? first : due ? g->m->updates++ : 0;
        if (due) r = run_part(g, &(Due){p, part, f, t->first + k, draw}, figures, err);
        figures += program_output_count(p);
    }
    return r;
}

static int turn_figures(const Game *g, const Turn *t) {
    int n = 0;
    for (int k = 0; k < t->part_count; k++)
        n += program_output_count(g->sets[0].programs[t->first + k]);
    return n;
}

static PlayResult play(Game *g, Error *err) {
    size_t next = 0;
    for (int i = 0, figure = 0; i < g->turn_count; i++) {
        const Turn *t = &g->turns[i];
        bool reads = reader_of(g, t) != NULL;
        for (int k = 0; k < g->updates[i]; k++) {
            PlayResult r =
                update(g, t, reads ? &g->frames[next++] : NULL, g->figures + figure, err);
            if (r != PLAY_DONE) return r;
        }
        figure += turn_figures(g, t);
    }
    return PLAY_DONE;
}

/* Whether the page's condition on which the game stops holds after the step. */
static PlayResult stopped(const Game *g, Error *err) {
    double holds = 0;
    if (g->stop && schedule_number(g->stop, g->m->step, &holds, err)) return PLAY_FAILED;
    if (holds == 0) return PLAY_DONE;
    fail(err, "the page stops the game after step %" PRIu64, g->m->step);
    return PLAY_STOPPED;
}

/* The last figures: each part's share of the time. */
static void share_times(Game *g) {
    float *share = g->figures + g->figure_count - g->part_count;
    double all = 0;
    for (int i = 0; i < g->part_count; i++) all += g->seconds[i];
    for (int i = 0; i < g->part_count; i++) share[i] = (float)(g->seconds[i] / all);
}

PlayResult game_step(Game *g, Reader *data, Error *err) {
    size_t frames = 0;
    ranks_at(g->m->ranks, g->m->step + 1, "values of all shards");
    for (int i = 0; i < g->turn_count; i++) {
        g->updates[i] = turn_updates(&g->turns[i], g->m->step, err);
        if (g->updates[i] < 0) return PLAY_BAD_DATA;
        if (reader_of(g, &g->turns[i])) frames += (size_t)g->updates[i];
    }
    PlayResult r = read_frames(g, data, frames, err);
    if (r == PLAY_DONE && frames && !g->m->step) first_batch(g);
    if (r == PLAY_DONE) r = prepare(g, data, frames, err);
    if (r == PLAY_DONE) r = play(g, err);
    if (r != PLAY_DONE) return r;
    if (g->seconds) share_times(g);
    g->m->step++;
    g->m->frames += frames;
    g->m->batch = g->batch;
    return stopped(g, err);
}

/* ---- reports ---- */

int game_figures(const Game *g) { return g->figure_count; }
const char *game_figure_name(const Game *g, int i) { return g->figure_names[i]; }
float game_figure(const Game *g, int i) { return g->figures[i]; }
size_t game_batch(const Game *g) { return g->batch; }

bool game_reads_data(const Game *g) {
    for (int i = 0; i < g->part_count; i++)
        if (program_reads_any(g->sets[0].programs[i])) return true;
    return false;
}

/* What processes would receive of each other that share the shards, by their number. */
static void describe_exchange(const Game *g, Str *out) {
    int shards = (int)g->m->shards;
    if (shards == 1) return;
    str_printf(out, "\n%-16s %12s %16s\n", "processes", "collectives", "bytes received");
    for (int size = 2; size / 2 < shards; size *= 2) {
        int n = size < shards ? size : shards;
        PlanExchange all = {0};
        for (int i = 0; i < g->part_count; i++) {
            PlanExchange e = plan_exchange(program_plan(g->sets[0].programs[i]), n);
            all.bytes += e.bytes;
            all.collectives += e.collectives;
        }
        str_printf(out, "%-16d %12d %16.0f\n", n, all.collectives, all.bytes);
    }
}

GameMemory game_memory(const Game *g) {
    const Set *s = g->sets;
    GameMemory m = memory_besides(g, s);
    for (int i = 0; i < g->part_count; i++) {
        PlanCost c = plan_cost(program_plan(s->programs[i]));
        if (c.value_bytes > m.values) m.values = c.value_bytes;
        if (c.scratch_bytes > m.scratch) m.scratch = c.scratch_bytes;
    }
    m.all += m.values + m.scratch;
    return m;
}

void game_describe(const Game *g, Str *out) {
    const Set *s = &g->sets[0];
    GameMemory m = game_memory(g);
    double flops = 0, traffic = 0;
    model_describe(g->m, out);
    str_printf(out, "%-16s %8s %10s %12s %14s\n", "player", "kernels", "GFLOP", "traffic, MiB",
               "values, MiB");
    for (int i = 0; i < g->part_count; i++) {
        PlanCost c = plan_cost(program_plan(s->programs[i]));
        str_printf(out, "%-16s %8d %10.3f %12.1f %14.1f\n", part_name(g, i), c.kernels,
                   c.flops * 1e-9, c.traffic / 1048576, (double)c.value_bytes / 1048576);
        flops += c.flops;
        traffic += c.traffic;
    }
    str_printf(out,
               "\nminibatch %zu: one update of every player is %.3f GFLOP and moves %.1f MiB\n"
               "memory: parameters and moments %.1f MiB, values %.1f MiB, scratch %.1f MiB, data "
               "%.1f MiB, process %.1f MiB; peak about %.1f MiB\n",
               s->batch, flops * 1e-9, traffic / 1048576, (double)m.states / 1048576,
               (double)m.values / 1048576, (double)m.scratch / 1048576, (double)m.data / 1048576,
               (double)m.process / 1048576, (double)m.all / 1048576);
    describe_exchange(g, out);
}

void game_dump(const Game *g, PlanView view, bool dot, Str *out) {
    for (int i = 0; i < g->part_count; i++)
        plan_dump(program_plan(g->sets[0].programs[i]), view, dot, part_name(g, i), out);
}

void game_profile_start(Game *g) { g->profile = true; }

void game_profile_print(const Game *g, Str *out) {
    for (int k = 0; k < g->set_count; k++)
        for (int i = 0; i < g->part_count && g->sets[k].data; i++)
            plan_profile_print(program_plan(g->sets[k].programs[i]), part_name(g, i), out);
}
