/* pages.h: small pages for tests: a text becomes a model, its expressions become numbers. */
#ifndef PAGES_H
#define PAGES_H

#include "game/program.h"
#include "isas.h"
#include "tensor/cpu.h"

/* The model of a text; on error err says why and false is returned. */
static inline bool page_model(Model *m, const char *text, size_t batch, const Settings *settings,
                              Error *err) {
    model_start(m, 1);
    m->page_name = "page.gan";
    m->batch = batch;
    if (settings) m->settings = *settings;
    return page_parse(m->arena, "page.gan", text, &m->page, err) == 0;
}

/* Data made up for tests: element i of data number k. */
static inline float page_datum(int k, size_t i) {
    unsigned seed = (unsigned)(1000 * k) + (unsigned)i * 7919u + 17;
    return (float)(int)isas_random(&seed, 4097) / 1024 - 2;
}

/* An expression's value and what kind it is. */
typedef struct {
    int rank;
    size_t shape[RANK_MAX], count;
    bool batched;
    float *v; /* NULL: err says why not */
    Error err;
} Result;

/* Evaluates an expression of the model's page; data are page_datum, labels class i % K. */
static inline Result page_value(Model *m, const char *expr, const SampleMode *mode, unsigned draw) {
    Result r = {0};
    Arena *arena = arena_new(NULL);
    Program *p = NULL;
    Expr *e;
    void *block = NULL;
    SampleMode plain = {0};
    const char *name = "value";
    if (!page_parse_expr(m->arena, "EXPR", expr, &e, &r.err) &&
        (p = program_sample(arena, m, 1, &name, &e, m->batch, mode ? mode : &plain, &r.err)) &&
        !program_bind_own(p, &block, &r.err)) {
        for (int k = 0; k < program_data_count(p); k++) {
            float *to = program_room(p, k);
            size_t classes = program_data(p, k)->classes;
            for (size_t i = 0; i < program_data(p, k)->input.count; i++)
                to[i] = classes ? (float)(i % classes == i / classes % classes) : page_datum(k, i);
        }
        RunContext context = {.seed = m->seed, .draw = draw};
        program_run(p, &(ProgramRun){.context = context, .step = m->step});
        const Node *n = program_output(p, 0)->node;
        r.rank = n->rank, r.count = n->count, r.batched = program_output(p, 0)->batched;
        memcpy(r.shape, n->shape, sizeof r.shape);
        r.v = malloc((n->count + 1) * sizeof *r.v);
        if (!r.v) abort();
        memcpy(r.v, program_value(p, 0), n->count * sizeof *r.v);
    }
    free(block);
    arena_free(arena);
    return r;
}

/* "[2,3]", with N in front where the value has a minibatch axis: "N[2,3]". */
static inline const char *result_shape(const Result *r, char *buf, size_t size) {
    char text[200];
    snprintf(buf, size, "%s%s", r->batched ? "N" : "",
             shape_text(r->rank, r->shape, text, sizeof text));
    return buf;
}

#endif
