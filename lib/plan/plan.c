/* A plan from a graph, stage by stage; see plan_internal.h. */
#include "plan/plan_internal.h"

#include <string.h>

/* Whether a run gives the state behind this leaf a new value. */
static bool assigns(const Plan *p, const Node *n) {
    for (int i = 0; i < p->assign_count; i++)
        if (p->assign[i].state == leaf_state(n)) return true;
    return false;
}

/* Has the device look at all work, and finds the scratch it needs. */
static void prepare(Plan *p) {
    for (int i = 0; i < p->kernel_count; i++) {
        Work *w = &p->kernel[i].work;
        if (collects(&p->kernel[i])) continue;
        if (!p->device->supports(w))
            graph_fail(p->g, "%s is nothing %s can do", w->node->op->name, p->device->name);
        if (!p->kernel[i].at_once) p->device->prepare(w, p->g->arena);
        size_t bytes = p->device->scratch(w);
        if (bytes > p->scratch_bytes) p->scratch_bytes = bytes;
    }
    size_t bytes = exchange_scratch(p);
    if (bytes > p->scratch_bytes) p->scratch_bytes = bytes;
}

void plan_lay(Plan *p) {
    plan_cut(p);
    plan_place(p);
}

static void check(const Plan *p) {
    char text[200];
    if (DEBUG_BUILD && plan_check(p, text, sizeof text))
        graph_fail(p->g, "internal error: %s", text);
}

Plan *plan_new(Graph *g, Ranks *ranks, int output_count, Node *const *output, int assign_count,
               const Assign *assign) {
    Arena *a = g->arena;
    Plan *p = arena_alloc(a, sizeof *p);
    p->g = g;
    p->device = &device_cpu;
    p->output_count = output_count;
    p->assign_count = assign_count;
    p->output = arena_new_array(a, Node *, (size_t)output_count + 1);
    p->assign = arena_new_array(a, Assign, (size_t)assign_count + 1);
    if (output_count) memcpy(p->output, output, (size_t)output_count * sizeof *output);
    if (assign_count) memcpy(p->assign, assign, (size_t)assign_count * sizeof *assign);
    /* a state that takes another's old value goes through a kernel, which the order can respect; so
     * does an output that shows the old value of a state */
    for (int i = 0; i < assign_count; i++)
        if (storage(p->assign[i].value)->op->class == CLASS_LEAF)
            p->assign[i].value = n_copy(g, p->assign[i].value);
    for (int i = 0; i < output_count; i++)
        if (output[i]->split) graph_fail(g, "internal error: a result of each shard");
    for (int i = 0; i < output_count; i++)
        if (assigns(p, storage(p->output[i]))) p->output[i] = n_copy(g, p->output[i]);
    p->ranks = ranks;
    p->own_shards =
        ranks_share(ranks_size(ranks), ranks_own(ranks), graph_shards(g), &p->first_shard);
    p->node_count = g->count;
    buffers_start(p);
    plan_fuse(p);
    plan_write(p);
    plan_order(p);
    plan_lay(p);
    exchange_start(p);
    prepare(p);
    if (g->traced) p->fault = arena_alloc(a, FAULT_TEXT);
    check(p);
    return p;
}

int plan_fit(Plan *p, size_t bytes, Error *err) {
    Trap trap = {.err = err};
    size_t rest = p->scratch_bytes + PLAN_ALIGN;
    if (plan_bytes(p) <= bytes) return 0;
    Arena *own = p->g->arena, *work = arena_new(NULL);
    p->g->trap = &trap;
    int bad = setjmp(trap.env) ? -1 : 0;
    if (!bad) {
        plan_recompute(p, bytes > rest ? bytes - rest : 0, work);
        check(p);
    }
    p->g->arena = own; /* where the work was broken off it is the other */
    arena_free(work);
    return bad;
}

size_t plan_bytes(const Plan *p) { return p->value_bytes + p->scratch_bytes + PLAN_ALIGN; }

bool plan_reads(const Plan *p, const Input *in) {
    for (int i = 0; i < p->g->count; i++)
        if (p->needed[i] && leaf_input(p->g->nodes[i]) == in) return true;
    return false;
}

double kernel_flops(const Kernel *k) {
    if (is_fused(k)) return (double)k->work.program.count * k->work.program.instr_count;
    return k->node->op->flops ? k->node->op->flops(k->node) : 0;
}

/* Elements that a kernel reads of the value `which` of those it reads. */
static double elements_read(const Kernel *k, int which) {
    size_t all = k->read[which]->count, made = k->node->count;
    bool picks = !is_fused(k) && !which && k->node->op->picks;
    return (double)(picks && made < all ? made : all);
}

PlanCost plan_cost(const Plan *p) {
    PlanCost c = {.kernels = p->kernel_count,
                  .value_bytes = p->value_bytes,
                  .scratch_bytes = p->scratch_bytes};
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = &p->kernel[i];
        double times = (double)(in_shards(k) ? p->own_shards : makes(p, k));
        for (int j = 0; j < k->read_count; j++)
            c.traffic += (k->at_once && !k->read[j]->split ? 1 : times) * sizeof(float) *
                         elements_read(k, j);
        for (int j = 0; j < k->store_count; j++)
            c.traffic += times * sizeof(float) * (double)k->store[j]->count;
        c.flops += times * kernel_flops(k);
    }
    return c;
}
