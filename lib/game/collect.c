#include "game/collect.h"

#include <inttypes.h>
#include <stdlib.h>

/* The program for one minibatch size. */
typedef struct {
    Arena *arena;
    Program *p;
    void *block;
    size_t batch;
} Collector;

static int prepare(Collector *c, Model *m, Expr *e, size_t batch, Error *err) {
    const char *name = "statistics";
    SampleMode mode = {.training = true, .collecting = true};
    arena_free(c->arena);
    c->arena = arena_new(NULL);
    c->batch = batch;
    c->p = program_sample(c->arena, m, 1, &name, &e, batch, &mode, err);
    if (!c->p) return -1;
    if (!program_changes(c->p))
        return fail(err, "the expression passes no layer with running statistics");
    return program_bind_own(c->p, &c->block, err);
}

static int collect_frame(Collector *c, Model *m, Expr *e, const Frame *f, uint64_t number,
                         Error *err) {
    size_t n = c->batch; /* of an expression of noise alone a frame says only that there is one */
    if (program_reads_any(c->p) && program_batch(c->p, f, &n, err)) return -1;
    if (n != c->batch && prepare(c, m, e, n, err)) return -1;
    if (program_check(c->p, f, err)) return fail_in(err, "standard input: frame %" PRIu64, number);
    program_feed(c->p, f);
    /* the mean over minibatches, updated: s += (x - s) / number */
    RunContext context = {.seed = m->seed, .draw = number};
    program_run(c->p, &(ProgramRun){context, m->step, 1.0f / (float)number});
    return 0;
}

int collect_statistics(Model *m, const char *expression, uint64_t *frames, Error *err) {
    Expr *e;
    if (page_parse_expr(m->arena, "EXPR", expression, &e, err)) return -1;
    Reader *in = reader_open("-", err);
    if (!in) return -1;
    Collector c = {0};
    Frame f = {0};
    *frames = 0;
    int r = prepare(&c, m, e, m->batch, err), got;
    while (!r && (got = reader_next(in, &f, err)) != 0)
        r = got < 0 ? -1 : collect_frame(&c, m, e, &f, ++*frames, err);
    if (!r && !*frames) r = fail(err, "standard input: no frames");
    if (!r) r = model_settle(m, err);
    frame_free(&f);
    reader_close(in);
    arena_free(c.arena);
    plan_block_free(c.block);
    return r;
}
