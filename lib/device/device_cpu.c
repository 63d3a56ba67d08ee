/* The processor: kernels are functions, and its memory is the host's. */
#include <stdlib.h>

#include "device/device.h"
#include "stream/stream.h"

static bool cpu_supports(const Work *w) { return w->kind != WORK_KERNEL || w->node->op->run; }

static const float *cpu_same(const float *at, size_t count) {
    (void)count;
    return at;
}

static void cpu_prepare(Work *w, Arena *arena) {
    if (w->kind != WORK_KERNEL)
        pw_prepare(&w->program);
    else if (w->node->op->plan)
        w->prepared = w->node->op->plan(w->node, arena);
}

static bool cpu_prepare_many(Work *w, size_t times, Arena *arena) {
    if (w->kind != WORK_KERNEL || !w->node->op->plan_many) return false;
    w->prepared = w->node->op->plan_many(w->node, times, arena);
    return w->prepared != NULL;
}

static size_t cpu_scratch(const Work *w) {
    const size_t *e = w->extents;
    switch (w->kind) {
    case WORK_KERNEL: return w->node->op->scratch ? w->node->op->scratch(w->prepared) : 0;
    case WORK_POINTWISE: return pw_scratch(&w->program);
    case WORK_REDUCE: return pw_reduce_scratch(&w->program, e[0], e[1], e[2]);
    }
    return 0;
}

static void cpu_run(const Work *w, const float *const *in, float *const *out, void *scratch,
                    const RunContext *context) {
    const size_t *e = w->extents;
    switch (w->kind) {
    case WORK_KERNEL:
        w->node->op->run(&(OpRun){w->node, w->prepared, in, out[0], scratch, context});
        break;
    case WORK_POINTWISE: pw_run(&w->program, in, out, scratch); break;
    case WORK_REDUCE: pw_reduce(&w->program, w->reduce, e[0], e[1], e[2], in, out, scratch); break;
    }
}

/* Each run is done when it returns. */
static void cpu_sync(void) {}

const Device device_cpu = {.name = "cpu",
                           .supports = cpu_supports,
                           .alloc = data_alloc,
                           .free = free,
                           .put = cpu_same,
                           .get = cpu_same,
                           .prepare = cpu_prepare,
                           .prepare_many = cpu_prepare_many,
                           .scratch = cpu_scratch,
                           .run = cpu_run,
                           .sync = cpu_sync};
