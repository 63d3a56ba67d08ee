/* Running a plan. */
#include "plan/plan_internal.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <time.h>

/* Of a shard, if each has a place of its own. */
static float *place_of(const Plan *p, const Node *n, size_t shard) {
    const State *s = leaf_state(n);
    if (s) return s->data;
    const Buffer *b = &p->buffer[p->buffer_of[n->id]];
    return b->state ? b->state->data : (float *)(p->block + b->offset + shard * b->each);
}

void *plan_block_new(size_t bytes, Error *err) { return device_cpu.alloc(bytes, err); }

void plan_block_free(void *block) { device_cpu.free(block); }

/* What a kernel reads and stores for a shard. */
static void bind_shard(const Plan *p, Kernel *k, size_t shard) {
    const float **in = k->in + shard * (size_t)k->read_count;
    float **out = k->out + shard * (size_t)k->store_count;
    for (int j = 0; j < k->read_count; j++)
        if (k->read[j]->op != &op_input) in[j] = place_of(p, k->read[j], shard);
    for (int j = 0; j < k->store_count; j++) out[j] = place_of(p, k->store[j], shard);
    if (k->target) out[0] = k->target->data;
}

void plan_bind(Plan *p, void *block) {
    p->block = block;
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = &p->kernel[i];
        size_t times = in_shards(k) ? p->own_shards : 1;
        if (!k->in) {
            k->in = arena_new_array(p->g->arena, const float *, times *(size_t)k->read_count + 1);
            k->out = arena_new_array(p->g->arena, float *, times *(size_t)k->store_count + 1);
        }
        for (size_t s = 0; s < times; s++) bind_shard(p, k, s);
        if (collects(k)) k->parts = (float *)(p->block + p->buffer[k->parts_buffer].offset);
    }
}

static void run_kernel(const Plan *p, Kernel *k, size_t shard, const RunContext *rc) {
    const float **in = k->in + shard * (size_t)k->read_count;
    for (int j = 0; j < k->read_count; j++) {
        const Input *i = leaf_input(k->read[j]);
        size_t own = i && i->split ? shard : 0;
        if (i) in[j] = p->device->put(i->data + own * i->count, i->count);
    }
    if (collects(k))
        collect_shard(p, k, shard);
    else
        p->device->run(&k->work, in, k->out + shard * (size_t)k->store_count,
                       p->block + p->value_bytes, rc);
}

/* Looks at what a kernel has stored. */
static bool found_fault(Plan *p, const Kernel *k, size_t shard) {
    for (int s = 0; s < k->store_count; s++) {
        const Node *n = k->store[s];
        float *const *out = k->out + shard * (size_t)k->store_count;
        size_t i = 0, count = makes(p, k) * n->count;
        const float *v = p->device->get(out[s], count);
        while (i < count && isfinite(v[i])) i++;
        if (i == count) continue;
        char shape[200], place[300] = "";
        if (n->origin.file)
            snprintf(place, sizeof place, "%s:%d:%d: ", n->origin.file, n->origin.line,
                     n->origin.column);
        snprintf(p->fault, FAULT_TEXT, "%s%s%s gives %g in element %zu of %s", place,
                 n->order ? "gradient: " : "", n->op->name, (double)v[i], i % n->count,
                 node_shape_text(n, shape, sizeof shape));
        return true;
    }
    return false;
}

const char *plan_trace(const Plan *p) { return p->fault && *p->fault ? p->fault : NULL; }

/* Kernels first to end - 1 of the order, for a shard; whether all went well. */
static bool run_range(Plan *p, int first, int end, size_t shard, const RunContext *rc) {
    for (int i = first; i < end; i++) {
        Kernel *k = p->order[i];
        double start = p->profile ? now_seconds() : 0;
        run_kernel(p, k, shard, rc);
        if (p->profile) k->seconds += now_seconds() - start, k->calls++;
        if (p->fault && !collects(k) && found_fault(p, k, shard)) return false;
    }
    return true;
}

static bool run_segment(Plan *p, const Segment *s, RunContext rc) {
    bool well = run_range(p, s->first, s->shards, 0, &rc);
    for (size_t i = 0; i < p->own_shards && well && s->shards < s->end; i++) {
        rc.shard = p->first_shard + i;
        well = run_range(p, s->shards, s->end, i, &rc);
    }
    if (well) exchange(p, s, p->block + p->value_bytes);
    return well;
}

static void run_kernels(Plan *p, const RunContext *rc) {
    for (int i = 0; i < p->segment_count; i++)
        if (!run_segment(p, &p->segment[i], *rc)) break;
    p->device->sync();
}

/* Seconds of which this thread has had a processor. */
static double own_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void plan_run(Plan *p, const RunContext *rc) {
    int all = omp_get_max_threads();
    if (p->fault) *p->fault = 0;
    if (all == 1) {
        run_kernels(p, rc);
        return;
    }
    if (!p->pace.busy) pace_start(&p->pace, pace_busy);
    double wall = now_seconds(), own = own_seconds();
    omp_set_num_threads(pace_threads(&p->pace, all));
    run_kernels(p, rc);
    omp_set_num_threads(all);
    pace_note(&p->pace, now_seconds() - wall, own_seconds() - own);
}

const float *plan_output(const Plan *p, int i) {
    const Node *n = storage(p->output[i]);
    const Input *in = leaf_input(n);
    return in ? in->data : p->device->get(place_of(p, n, 0), n->count);
}
