/* A plan that keeps a limit of memory, by running kernels again (rematerialisation). */
#include <math.h>
#include <string.h>

#include "plan/reorder.h"

enum { WAYS = 4 /* none, LATE, APART, both */ };

/* The new order becomes the plan's, and values get their places. */
static void take_order(Plan *p, const Rerun *w) {
    const Plan *was = w->was;
    Arena *a = w->keep;
    size_t nodes = (size_t)(was->node_count + w->nodes);
    p->node_count = (int)nodes;
    p->kernel = arena_new_array(a, Kernel, (size_t)w->count);
    memcpy(p->kernel, w->kernel, (size_t)w->count * sizeof *w->kernel);
    p->kernel_count = p->kernel_capacity = w->count;
    p->order = arena_new_array(a, Kernel *, (size_t)w->count);
    p->kernel_of = arena_new_array(a, int, nodes);
    for (size_t i = 0; i < nodes; i++) p->kernel_of[i] = -1;
    for (int i = 0; i < w->count; i++) {
        Kernel *k = p->order[i] = &p->kernel[i];
        k->position = i;
        for (int s = 0; s < k->store_count; s++) p->kernel_of[k->store[s]->id] = i;
    }
    buffers_start(p);
    for (int i = 0; i < was->node_count; i++) {
        State *s = was->buffer_of[i] < 0 ? NULL : was->buffer[was->buffer_of[i]].state;
        if (s) p->buffer_of[i] = buffer_new(p, 0, s);
    }
    plan_lay(p);
}

/* A try: with what budget, in which ways; what came of it. */
typedef struct {
    double budget, work;
    int ways;
    size_t bytes; /* of values; 0: it cannot be */
} Try;

static void try_out(Plan *p, const Plan *was, Arena *arena, Try *t) {
    ArenaMark mark = arena_mark(arena);
    Rerun w = {.was = was, .arena = arena, .keep = was->g->arena, .budget = t->budget};
    t->bytes = 0;
    t->work = 0;
    reorder(&w, t->ways);
    if (rerun(&w)) {
        take_order(p, &w);
        t->bytes = p->value_bytes;
        for (int i = 0; i < p->kernel_count; i++) t->work += work_of(&p->kernel[i]);
    }
    arena_rewind(arena, mark);
}

/* Whether one is better: it fits; both do, and it is less work; neither does, and it is nearer. */
static bool is_better(const Try *t, const Try *than, size_t most) {
    bool fits = t->bytes && t->bytes <= most, fitted = than->bytes && than->bytes <= most;
    if (fits != fitted) return fits;
    if (fits) return t->work < than->work;
    return t->bytes && (!than->bytes || t->bytes < than->bytes);
}

/* What is alive is less than what it needs once it has its places, so one budget after the other is
 * tried in each way, until it fits. They do not depend on what is wanted: what has been found for
 * little memory is found for more. */
void plan_recompute(Plan *p, size_t most, Arena *arena) {
    static const double STEP = .96, LEAST = .1;
    const Plan was = *p;
    Arena *own = p->g->arena;
    Try best = {.bytes = was.value_bytes};
    p->g->arena = arena;
    for (int ways = 0; ways < WAYS; ways++)
        for (double share = 1; share > LEAST; share *= STEP) {
            Try t = {.ways = ways, .budget = share * (double)was.value_bytes};
            if (t.budget > (double)most && share * STEP > LEAST) continue;
            try_out(p, &was, arena, &t);
            *p = was;
            if (is_better(&t, &best, most)) best = t;
            if (t.bytes && t.bytes <= most) break;
        }
    p->g->arena = own;
    if (best.budget > 0) try_out(p, &was, arena, &best);
}
