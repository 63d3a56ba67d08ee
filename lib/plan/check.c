/* What must hold of every plan. */
#include "plan/plan_internal.h"

#include <stdio.h>

/* Node numbers are a topological order. */
static bool graph_is_ordered(const Graph *g, int *bad) {
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < g->nodes[i]->input_count; k++)
            if (g->nodes[i]->id != i || g->nodes[i]->input[k]->id >= i) return *bad = i, false;
    return true;
}

/* A kernel runs after those that store what it reads. */
static bool kernels_are_ordered(const Plan *p, int *bad) {
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = p->order[i];
        if (k->position != i) return *bad = i, false;
        for (int j = 0; j < k->read_count; j++) {
            int from = p->kernel_of[k->read[j]->id];
            if (from >= 0 && p->kernel[from].position >= i) return *bad = i, false;
        }
    }
    return true;
}

/* Buffers that live at the same time do not overlap. */
static bool buffers_are_disjoint(const Plan *p, int *bad) {
    for (int i = 0; i < p->buffer_count; i++) {
        const Buffer *a = &p->buffer[i];
        if (a->state) continue;
        if (a->offset + a->bytes > p->value_bytes) return *bad = i, false;
        for (int j = 0; j < i; j++) {
            const Buffer *b = &p->buffer[j];
            bool together = !b->state && a->first <= b->last && b->first <= a->last;
            bool apart = a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset;
            if (together && !apart) return *bad = i, false;
        }
    }
    return true;
}

static bool arg_is_there(const PwProgram *p, PwArg a, const bool *written) {
    switch (a.from) {
    case PW_REG: return a.index >= 0 && a.index < p->register_count && written[a.index];
    case PW_LOAD: return a.index >= 0 && a.index < p->load_count;
    case PW_CONST: return a.index >= 0 && a.index < p->const_count;
    }
    return false;
}

/* Programs read registers that were written, loads and constants that they have. */
static bool program_is_sound(const Plan *p, const PwProgram *w) {
    bool *written = arena_new_array(p->g->arena, bool, (size_t)w->register_count + 1);
    for (int i = 0; i < w->instr_count; i++) {
        const PwInstr *in = &w->instr[i];
        for (int k = 0; k < pw_arity(in->code); k++)
            if (!arg_is_there(w, in->arg[k], written)) return false;
        if (in->dst < 0 || in->dst >= w->register_count) return false;
        written[in->dst] = true;
    }
    for (int s = 0; s < w->store_count; s++)
        if (!arg_is_there(w, w->store[s], written)) return false;
    return true;
}

const char *plan_check(const Plan *p, char *text, size_t size) {
    int bad = 0;
    const char *what = NULL;
    if (!graph_is_ordered(p->g, &bad))
        what = "node %d comes before one of its inputs";
    else if (!kernels_are_ordered(p, &bad))
        what = "kernel %d runs before one that it waits for";
    else if (!buffers_are_disjoint(p, &bad))
        what = "buffer %d shares memory with another that lives as long";
    for (int i = 0; i < p->kernel_count && !what; i++)
        if (is_fused(p->order[i]) && !program_is_sound(p, &p->order[i]->work.program))
            what = "the program of kernel %d reads what is not there", bad = i;
    if (!what) return NULL;
    snprintf(text, size, what, bad);
    return text;
}
