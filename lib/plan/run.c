/* Running a plan. */
#include "plan/plan_internal.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <time.h>

static float *place_of(const Plan *p, const Node *n) {
    const State *s = leaf_state(n);
    if (s) return s->data;
    const Buffer *b = &p->buffer[p->buffer_of[n->id]];
    return b->state ? b->state->data : (float *)(p->block + b->offset);
}

void *plan_block_new(size_t bytes, Error *err) { return device_cpu.alloc(bytes, err); }

void plan_block_free(void *block) { device_cpu.free(block); }

void plan_bind(Plan *p, void *block) {
    p->block = block;
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = &p->kernel[i];
        if (!k->in) {
            k->in = arena_new_array(p->g->arena, const float *, (size_t)k->read_count + 1);
            k->out = arena_new_array(p->g->arena, float *, (size_t)k->store_count + 1);
        }
        for (int j = 0; j < k->read_count; j++)
            if (k->read[j]->op != &op_input) k->in[j] = place_of(p, k->read[j]);
        for (int j = 0; j < k->store_count; j++) k->out[j] = place_of(p, k->store[j]);
        if (k->target) k->out[0] = k->target->data;
    }
}

static void run_kernel(const Plan *p, Kernel *k, const RunContext *rc) {
    for (int j = 0; j < k->read_count; j++) {
        const Input *in = leaf_input(k->read[j]);
        if (in) k->in[j] = p->device->put(in->data, in->count);
    }
    p->device->run(&k->work, k->in, k->out, p->block + p->value_bytes, rc);
}

/* Looks at what a kernel has stored. */
static bool found_fault(Plan *p, const Kernel *k) {
    for (int s = 0; s < k->store_count; s++) {
        const Node *n = k->store[s];
        const float *v = p->device->get(k->out[s], n->count);
        size_t i = 0;
        while (i < n->count && isfinite(v[i])) i++;
        if (i == n->count) continue;
        char shape[200], place[300] = "";
        if (n->origin.file)
            snprintf(place, sizeof place, "%s:%d:%d: ", n->origin.file, n->origin.line,
                     n->origin.column);
        snprintf(p->fault, FAULT_TEXT, "%s%s%s gives %g in element %zu of %s", place,
                 n->order ? "gradient: " : "", n->op->name, (double)v[i], i,
                 node_shape_text(n, shape, sizeof shape));
        return true;
    }
    return false;
}

const char *plan_trace(const Plan *p) { return p->fault && *p->fault ? p->fault : NULL; }

static void run_kernels(Plan *p, const RunContext *rc) {
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = p->order[i];
        double start = p->profile ? now_seconds() : 0;
        run_kernel(p, k, rc);
        if (p->profile) k->seconds += now_seconds() - start, k->calls++;
        if (p->fault && found_fault(p, k)) break;
    }
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
    return in ? in->data : p->device->get(place_of(p, n), n->count);
}
