/* Random numbers, a function of seed, stream, draw and place. */
#include "graph/ops.h"
#include "tensor/rng_bulk.h"

typedef struct {
    RandomKind kind;
    unsigned use;
    int batched; /* numbers belong to samples */
    int own;     /* of a seed of its own, not that of the game */
    uint64_t seed;
} RandomDraw;

static void random_run(const OpRun *r) {
    const RandomDraw *p = r->node->params;
    size_t count = r->node->count, per = r->node->rank ? count / r->node->shape[0] : 1;
    RngKey key = {p->own ? p->seed : r->context->seed, p->use, r->context->draw};
    uint64_t first = p->batched ? r->context->sample * per + r->context->shard * count : 0;
    (p->kind == RANDOM_NORMAL ? rng_bulk_normal : rng_bulk_uniform)(key, first, count, r->out);
}

const OpDef op_random = {
    .name = "random", .class = CLASS_KERNEL, .params = sizeof(RandomDraw), .run = random_run};

Node *n_random(Graph *g, RandomKind kind, unsigned use, bool batched, int rank,
               const size_t *shape) {
    return n_random_of(g, NULL, kind, use, batched, rank, shape);
}

Node *n_random_of(Graph *g, const uint64_t *seed, RandomKind kind, unsigned use, bool batched,
                  int rank, const size_t *shape) {
    RandomDraw p = {kind, use, batched, seed != NULL, seed ? *seed : 0};
    Node *n = graph_node(g, &op_random, rank, shape, 0, NULL, &p);
    n->split = batched && g->shards > 1;
    return n;
}
