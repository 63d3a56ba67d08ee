/* Running a plan. */
#include "plan/plan_internal.h"

static float *place_of(const Plan *p, const Node *n) {
    const State *s = leaf_state(n);
    if (s) return s->data;
    const Buffer *b = &p->buffer[p->buffer_of[n->id]];
    return b->state ? b->state->data : (float *)(p->block + b->offset);
}

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

void plan_run(Plan *p, const RunContext *rc) {
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = p->order[i];
        if (!p->profile) {
            run_kernel(p, k, rc);
            continue;
        }
        double start = now_seconds();
        run_kernel(p, k, rc);
        k->seconds += now_seconds() - start;
        k->calls++;
    }
    p->device->sync();
}

const float *plan_output(const Plan *p, int i) {
    const Node *n = storage(p->output[i]);
    const Input *in = leaf_input(n);
    return in ? in->data : p->device->get(place_of(p, n), n->count);
}
