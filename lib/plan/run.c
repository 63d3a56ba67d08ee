/* Running a plan. */
#include "plan/plan_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *place_of(const Plan *p, const Node *n) {
    if (n->op == &op_state) return ((const State *)n->attr.ref)->data;
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
        if (k->copy) k->out[0] = k->target->data;
    }
}

static void run_kernel(const Plan *p, Kernel *k, const RunContext *rc) {
    void *scratch = p->block + p->value_bytes;
    for (int j = 0; j < k->read_count; j++)
        if (k->read[j]->op == &op_input) k->in[j] = ((const Input *)k->read[j]->attr.ref)->data;
    if (!k->fused)
        k->node->op->run(k->node, k->in, k->out[0], scratch, rc);
    else if (!k->copy && k->node->op->class == CLASS_REDUCE)
        pw_reduce(&k->program, k->reduce_op, k->reduce[0], k->reduce[1], k->reduce[2], k->in,
                  k->out, scratch);
    else
        pw_run(&k->program, k->in, k->out, scratch);
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
}

const float *plan_output(const Plan *p, int i) {
    Node *n = storage(p->output[i]);
    if (n->op == &op_input) return ((const Input *)n->attr.ref)->data;
    return place_of(p, n);
}

void plan_profile_start(Plan *p) { p->profile = true; }

static int by_seconds(const void *x, const void *y) {
    double a = (*(Kernel *const *)x)->seconds, b = (*(Kernel *const *)y)->seconds;
    return (a < b) - (a > b);
}

static const char *kind_of(const Kernel *k) {
    static const char *const conv[] = {"conv", "conv data", "conv weight"};
    if (k->copy) return "copy";
    if (k->fused) return k->node->op->class == CLASS_REDUCE ? "reduce" : "fused";
    return k->node->op == &op_conv ? conv[k->node->attr.kind] : k->node->op->name;
}

static double kernel_flops(const Kernel *k) {
    if (k->fused) return (double)k->program.count * k->program.instr_count;
    return k->node->op->flops ? k->node->op->flops(k->node) : 0;
}

/* One line: share, milliseconds, GFLOP/s. */
static void print_share(Str *out, double seconds, double total, double per, double flops) {
    str_printf(out, "%6.2f%%  %9.3f ms  %8.1f GFLOP/s  ", 100 * seconds / (total > 0 ? total : 1),
               1e3 * seconds / (per > 0 ? per : 1), flops / (seconds > 0 ? seconds : 1) * 1e-9);
}

/* Kernels are sorted: the kinds come in the order of their slowest. */
static void print_kinds(const Plan *p, Kernel *const *k, double total, Str *out) {
    for (int i = 0; i < p->kernel_count; i++) {
        double seconds = 0, flops = 0;
        int same = 0, before = 0;
        for (int j = 0; j < p->kernel_count; j++) {
            if (strcmp(kind_of(k[j]), kind_of(k[i]))) continue;
            before += j < i;
            seconds += k[j]->seconds;
            flops += kernel_flops(k[j]) * k[j]->calls;
            same++;
        }
        if (before) continue;
        print_share(out, seconds, total, k[i]->calls, flops);
        str_printf(out, "%d x %s\n", same, kind_of(k[i]));
    }
}

void plan_profile_print(const Plan *p, const char *title, Str *out) {
    enum { ROWS = 30 };
    Kernel **k = calloc((size_t)p->kernel_count, sizeof *k);
    if (!k) return;
    double total = 0;
    for (int i = 0; i < p->kernel_count; i++) {
        k[i] = p->order[i];
        total += k[i]->seconds;
    }
    qsort(k, (size_t)p->kernel_count, sizeof *k, by_seconds);
    str_printf(out, "%s: %d kernels, %.3f s; by kind\n", title, p->kernel_count, total);
    print_kinds(p, k, total, out);
    str_printf(out, "%s: the slowest kernels\n", title);
    for (int i = 0; i < p->kernel_count && i < ROWS; i++) {
        char name[64], shape[200];
        print_share(out, k[i]->seconds, total, k[i]->calls, kernel_flops(k[i]) * k[i]->calls);
        snprintf(name, sizeof name, k[i]->fused ? "%s %d" : "%s", kind_of(k[i]),
                 k[i]->program.instr_count);
        str_printf(out, "%-14s %s\n", name, node_shape_text(k[i]->node, shape, sizeof shape));
    }
    free(k);
}
