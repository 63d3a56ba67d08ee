/* Plans that compute values again to need less memory: less indeed, and with the same bits. */
#include "pages.h"
#include "tap.h"

enum { BATCH = 16, STEPS = 2 };

/* A model, the update of its first player, and where that runs. */
typedef struct {
    Model m;
    Arena *arena;
    Program *p;
    void *block;
} Game;

/* memory: not 0 for a game that is to be fit into a limit */
static bool game_start(Game *g, const char *text, size_t shards, uint64_t memory, Error *err) {
    *g = (Game){.arena = arena_new(NULL)};
    if (!page_model(&g->m, text, BATCH, NULL, err)) return false;
    const Statement *s = g->m.page.statements;
    g->m.shards = shards;
    g->m.memory = memory;
    while (s->kind != ST_PLAYER) s++;
    g->p = program_part(g->arena, &g->m, &(PlayPart){PART_UPDATE, s, NULL, NULL}, BATCH, err);
    return g->p != NULL;
}

/* Each update has data of its own. */
static bool game_play(Game *g, Error *err) {
    size_t shards = (size_t)g->m.shards;
    if (program_bind_own(g->p, &g->block, err)) return false;
    for (int step = 0; step < STEPS; step++) {
        for (int k = 0; k < program_data_count(g->p); k++) {
            const DataInput *d = program_data(g->p, k);
            size_t count = d->input.count * (d->parts > 1 ? shards : 1);
            for (size_t i = 0; i < count; i++)
                program_room(g->p, k)[i] = page_datum(10 * step + k, i) / 2;
        }
        RunContext context = {.seed = 1, .draw = (uint64_t)step};
        program_run(g->p, &(ProgramRun){.context = context, .step = (uint64_t)step});
    }
    return true;
}

static void game_end(Game *g) {
    plan_block_free(g->block);
    if (g->arena) arena_free(g->arena);
    model_free(&g->m);
}

/* Parameters, moments and states whose bits differ. */
static size_t different(const Game *a, const Game *b) {
    const Store *s = a->m.store, *t = b->m.store;
    size_t bad = s->count != t->count;
    for (size_t i = 0; !bad && i < s->count; i++) {
        const State *x = &s->entries[i]->state, *y = &t->entries[i]->state;
        bad += x->count != y->count || memcmp(x->data, y->data, x->count * sizeof(float)) != 0;
    }
    for (int i = 0; i < program_output_count(a->p); i++)
        bad += memcmp(program_value(a->p, i), program_value(b->p, i), sizeof(float)) != 0;
    return bad;
}

/* Plays with a share of the plan's memory what is played with all of it. */
static void check(const char *what, const char *text, size_t shards, double share) {
    Error err = {""};
    Game all = {0}, less = {0};
    bool good = game_start(&all, text, shards, 0, &err) && game_start(&less, text, shards, 1, &err);
    PlanCost c = good ? plan_cost(program_plan(all.p)) : (PlanCost){0};
    size_t limit = c.scratch_bytes + (size_t)(share * (double)c.value_bytes);
    good = good && !program_fit(less.p, limit, &err) && game_play(&all, &err) &&
           game_play(&less, &err);
    if (!good) diag("%s", err.text);
    size_t bytes = good ? plan_cost(program_plan(less.p)).value_bytes : 0;
    ok(good && program_bytes(less.p) <= limit, "%s, %zu shards: %zu bytes of values of %zu", what,
       shards, bytes, c.value_bytes);
    ok(good && !different(&all, &less), "%s, %zu shards: the same bits", what, shards);
    game_end(&all);
    game_end(&less);
}

#define DATA "data x: image[16, 16, 3]\n"
#define BLOCK " | conv(16, kernel=3) | batchnorm | lrelu(0.2)"
#define BLOCKS BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK
#define SMOOTH " | conv(16, kernel=3) | tanh"
#define END " | flatten | linear(1)\n"

static const char *const plain =
    DATA "net D(x) = x" BLOCKS END "player D: adam(2e-4, 0.5) minimizes mean(softplus(-D(x)))\n";
/* a gradient's gradient, which reads most values a second time */
static const char *const penalty =
    DATA "net D(x) = x" SMOOTH SMOOTH SMOOTH SMOOTH END
         "player D: adam(1e-3, 0.5, 0.9) minimizes mean(D(x)) + mean(sqnorm(grad(D(x), x)))\n";
/* noise is drawn again, too */
static const char *const noisy =
    DATA "noise e: normal[16, 16, 3]\nnet D(x) = x" BLOCKS " | dropout(0.3)" BLOCK BLOCK END
         "player D: sgd(0.01) minimizes mean(D(x + 0.1 * e)^2)\n";

int main(void) {
    cpu_start(2);
    check("convolutions", plain, 1, .5);
    check("convolutions", plain, 4, .6);
    check("a gradient's gradient", penalty, 1, .6);
    check("a gradient's gradient", penalty, 2, .7);
    check("noise", noisy, 1, .5);
    return done();
}
