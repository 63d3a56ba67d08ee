/* fuzz_eval.c: libFuzzer target for the evaluator: a page, settings of its options, and
 * expressions.
 *
 * The input is a page, and behind a line "%" a line each for settings (-D name=value) and
 * expressions. Everything is evaluated, differentiated and planned for a minibatch of two under
 * small limits, and played when that is little work. Whatever happens, an error is a line of text,
 * and no tensor is left without its data. */
#include "game/player.h"
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
    float step = 3, weight = 0.5f;
    PlanCost c = plan_cost(p->plan);
    size_t bytes = plan_bytes(p->plan);
    for (int i = 0; i < p->build.data_count; i++) {
        bytes += p->build.data[i].input.count * sizeof(float);
        if (bytes > MOST_BYTES) return;
    }
    if (!(c.flops + c.traffic < MOST_FLOPS) || bytes > MOST_BYTES) return;
    if (program_bind(p, &block, &err)) return;
    p->build.step.data = &step;
    p->build.statistics.data = &weight;
    for (int k = 0; k < p->build.data_count; k++) {
        float *to = (float *)(uintptr_t)p->build.data[k].input.data;
        for (size_t i = 0; i < p->build.data[k].input.count; i++) to[i] = (float)(i % 3) * 0.5f;
    }
    plan_run(p->plan, &(RunContext){.seed = 1, .draw = draw});
    for (int i = 0; i < p->output_count; i++) {
        volatile float first = *plan_output(p->plan, i);
        (void)first;
    }
    free(block);
}

static void players(Model *m) {
    Error err;
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        if (s->kind != ST_PLAYER) continue;
        Program p;
        Arena *arena = arena_new(NULL);
        double turns;
        int bad = program_player(&p, arena, m, s, BATCH, &err);
        if (bad) check_error(&err);
        check_store(m->store);
        if (!bad) play(&p, (uint64_t)i);
        if (!bad && s->repeat && schedule_number(m, s->repeat, 3, &turns, &err)) check_error(&err);
        check_store(m->store);
        arena_free(arena);
        if (bad) return;
    }
}

static void expression(Model *m, Expr *e, bool training) {
    Program p;
    Error err;
    const char *name = "value";
    Arena *arena = arena_new(NULL);
    SampleMode mode = {.training = training, .collecting = training, .guided = training};
    int bad = program_sample(&p, arena, m, 1, &name, &e, BATCH, &mode, &err);
    if (bad) check_error(&err);
    check_store(m->store);
    if (!bad) play(&p, 7);
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
    Model m = {.arena = arena_new(NULL), .page_name = "page.gan", .seed = 1, .batch = BATCH};
    m.store = store_new(m.arena, m.seed);
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
