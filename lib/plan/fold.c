/* Putting together what shards have. */
#include <string.h>

#include "plan/plan_internal.h"

enum { BLOCK = 4096 };

/* Where the sum is that waits as the n-th. */
float *collect_waiting(const Kernel *k, int n) {
    size_t count = k->read[0]->count;
    size_t padded = (count + PLAN_ALIGN / sizeof(float) - 1) & ~(PLAN_ALIGN / sizeof(float) - 1);
    return n ? k->parts + (size_t)(n - 1) * padded : k->out[0];
}

static void add(float *left, const float *right, size_t count) {
    for (size_t i = 0; i < count; i++) left[i] += right[i];
}

static void keep_larger(float *left, const float *right, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (right[i] > left[i]) left[i] = right[i];
}

void collect_join(CollectKind kind, float *left, const float *right, size_t count) {
    (kind == COLLECT_MAX ? keep_larger : add)(left, right, count);
}

void collect_shard(const Plan *p, const Kernel *k, size_t which) {
    CollectKind kind = collect_kind(k->node);
    size_t count = k->read[0]->count, blocks = (count + BLOCK - 1) / BLOCK;
    const float *own = k->in[which * (size_t)k->read_count];
    if (kind == COLLECT_ROWS) {
        memcpy(k->out[0] + (p->first_shard + which) * count, own, count * sizeof *own);
        return;
    }
    int joins = p->joins[which], waiting = p->waiting[which];
    if (!joins) memcpy(collect_waiting(k, waiting), own, count * sizeof *own);
#pragma omp parallel for schedule(static) if (count > 65536)
    for (size_t b = 0; b < blocks * (joins > 0); b++) {
        size_t first = b * BLOCK, n = count - first < BLOCK ? count - first : BLOCK;
        const float *right = own + first;
        for (int j = 1; j <= joins; j++) {
            float *left = collect_waiting(k, waiting - j) + first;
            collect_join(kind, left, right, n);
            right = left;
        }
    }
}
