/* fuzz_eval.c: libFuzzer target for the evaluator: a page, settings of its options, and
 * expressions.
 *
 * The input is a page, and behind a line "%" a line each for settings (-D name=value) and
 * expressions. Everything is evaluated, differentiated and planned for a minibatch of two under
 * small limits, and played when that is little work. Whatever happens, an error is a line of text,
 * and no tensor is left without its data. */
#include "game/program.h"
#include "game/schedule.h"
#include "tensor/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 2, MOST_BYTES = 1 << 24, MOST_FLOPS = 20000000, LINES_MAX = 16 };

static void check(bool good) {
    if (!good) abort();
}

static void check_error(const Error *err) {
    check(*err->text && memchr(err->text, 0, sizeof err->text));
}

static void check_store(const Store *s) {
    for (size_t i = 0; i < s->count; i++) {
        const Entry *e = s->entries[i];
        check(e->state.data && e->place && e->index == (int)i);
        check(store_find(s, e->state.name) == e);
    }
}

/* One run, when it is little work. */
static void play(Program *p, uint64_t draw) {
    void *block = NULL;
    Error err;
    PlanCost c = plan_cost(program_plan(p));
    size_t bytes = program_bytes(p) + program_data_bytes(p);
    if (!(c.flops + c.traffic < MOST_FLOPS) || bytes > MOST_BYTES) return;
    if (program_bind_own(p, &block, &err)) return;
    for (int k = 0; k < program_data_count(p); k++) {
        float *to = program_room(p, k);
        for (size_t i = 0; i < program_data(p, k)->input.count; i++) to[i] = (float)(i % 3) * 0.5f;
    }
    program_run(p, &(ProgramRun){{.seed = 1, .draw = draw}, 3, 0.5f});
    for (int i = 0; i < program_output_count(p); i++) {
        volatile float first = *program_value(p, i);
        (void)first;
    }
    free(block);
}

static void clause(Model *m, Expr *e) {
    Error err;
    double turns;
    Schedule *s = schedule_new(m, e, &err);
    for (uint64_t step = 3; s && step < 5; step++)
        if (schedule_number(s, step, &turns, &err)) check_error(&err);
    if (!s) check_error(&err);
    schedule_free(s);
}

static void players(Model *m) {
    Error err;
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        if (s->kind != ST_PLAYER) continue;
        Arena *arena = arena_new(NULL);
        Program *p = program_part(arena, m, &(PlayPart){PART_UPDATE, s, NULL, NULL}, BATCH, &err);
        if (!p) check_error(&err);
        check_store(m->store);
        if (p) play(p, (uint64_t)i);
        if (p && s->repeat) clause(m, s->repeat);
        check_store(m->store);
        arena_free(arena);
        if (!p) return;
    }
}

static void expression(Model *m, Expr *e, bool training) {
    Error err;
    const char *name = "value";
    Arena *arena = arena_new(NULL);
    SampleMode mode = {.training = training, .collecting = training, .guided = training};
    Program *p = program_sample(arena, m, 1, &name, &e, BATCH, &mode, &err);
    if (!p) check_error(&err);
    check_store(m->store);
    if (p) play(p, 7);
    arena_free(arena);
}

static void expressions(Model *m, char *const *line, int count) {
    Error err;
    for (int i = 0; i < m->page.count; i++)
        if (m->page.statements[i].kind == ST_SAMPLE)
            expression(m, m->page.statements[i].expr, false);
    for (int i = 0; i < count; i++) {
        Expr *e;
        if (!page_parse_expr(m->arena, "EXPR", line[i], &e, &err))
            expression(m, e, i % 2);
        else
            check_error(&err);
    }
}

/* Cuts the lines behind the page off: settings are set, expressions listed. */
static int take_lines(Model *m, char *text, char **expr) {
    int count = 0;
    for (char *next; *text && count < LINES_MAX; text = next) {
        next = text + strcspn(text, "\n");
        if (*next) *next++ = 0;
        char *value = strchr(text, '=');
        if (strncmp(text, "-D ", 3)) {
            expr[count++] = text;
        } else if (value) {
            *value = 0;
            model_set(m, text + 3, value + 1);
        }
    }
    return count;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("GAN_ISA", "portable", 1);
    cpu_start(1);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char *text = malloc(n + 1), *line[LINES_MAX], *behind;
    Error err;
    check(text != NULL);
    memcpy(text, bytes, n);
    text[n] = 0;
    Model m;
    model_start(&m, 1);
    m.page_name = "page.gan";
    m.batch = BATCH;
    m.store->most_bytes = MOST_BYTES;
    m.settings.limits = (Limits){.steps = 20000, .nodes = 3000, .bytes = 1 << 25};
    if ((behind = strstr(text, "\n%\n"))) behind[1] = 0;
    int count = behind ? take_lines(&m, behind + 3, line) : 0;
    if (page_parse(m.arena, "page.gan", text, &m.page, &err)) {
        check_error(&err);
    } else {
        players(&m);
        if (model_evaluate(&m, &err)) check_error(&err);
        check_store(m.store);
        expressions(&m, line, count);
    }
    model_free(&m);
    free(text);
    return 0;
}
