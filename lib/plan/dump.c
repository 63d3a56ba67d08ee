/* A plan as text, or as a picture for Graphviz. */
#include "plan/plan_internal.h"

#include <string.h>

/* ---- what both say ---- */

static void print_origin(Str *out, const Node *n) {
    if (n->origin.file)
        str_printf(out, "  %s:%d:%d", n->origin.file, n->origin.line, n->origin.column);
    for (int i = 0; i < n->order; i++) str_printf(out, "%s", i ? "'" : "  gradient");
}

static const char *leaf_name(const Node *n) {
    const Input *in = leaf_input(n);
    const State *s = leaf_state(n);
    return in ? in->name : s ? s->name : NULL;
}

/* "mul", "input image", "const 0.5" */
static void print_operation(Str *out, const Node *n) {
    float v;
    str_printf(out, "%s", n->op->name);
    if (n_is_const(n, &v)) str_printf(out, " %.9g", (double)v);
    if (leaf_name(n)) str_printf(out, " %s", leaf_name(n));
}

static const char *shape_of(const Node *n) {
    static _Thread_local char text[200];
    return node_shape_text(n, text, sizeof text);
}

/* By node: the state that its value becomes, or NULL. */
static const State **becomes(const Plan *p) {
    const State **state = arena_new_array(p->g->arena, const State *, (size_t)p->g->count);
    for (int i = p->assign_count; i-- > 0;) state[p->assign[i].value->id] = p->assign[i].state;
    return state;
}

/* ---- text ---- */

static void text_graph(const Plan *p, Str *out) {
    const State **state = becomes(p);
    for (int i = 0; i < p->g->count; i++) {
        const Node *n = p->g->nodes[i];
        if (!p->needed[i]) continue;
        str_printf(out, "%%%d = ", i);
        print_operation(out, n);
        for (int k = 0; k < reads(n); k++) str_printf(out, " %%%d", n->input[k]->id);
        str_printf(out, "  %s", shape_of(n));
        print_origin(out, n);
        if (state[i]) str_printf(out, "  -> %s", state[i]->name);
        str_printf(out, "\n");
    }
}

static void print_arg(Str *out, const PwProgram *w, PwArg a) {
    if (a.from == PW_CONST)
        str_printf(out, " %.9g", (double)w->constant[a.index]);
    else
        str_printf(out, a.from == PW_REG ? " r%d" : " x%d", a.index);
}

static void print_program(Str *out, const Kernel *k) {
    static const char *const kinds[] = {"", " [0]", " periodic", " outer", " strided"};
    const PwProgram *w = &k->work.program;
    for (int i = 0; i < k->read_count; i++)
        str_printf(out, "    x%d = %%%d%s\n", i, k->read[i]->id, kinds[w->load[i].kind]);
    for (int i = 0; i < w->instr_count; i++) {
        str_printf(out, "    r%d = %s", w->instr[i].dst, pw_name(w->instr[i].code));
        for (int j = 0; j < pw_arity(w->instr[i].code); j++) print_arg(out, w, w->instr[i].arg[j]);
        str_printf(out, "\n");
    }
    for (int s = 0; s < k->store_count; s++) {
        bool reduce = k->work.kind == WORK_REDUCE;
        str_printf(out, "    %%%d =%s", k->store[s]->id, reduce ? " " : "");
        if (reduce) str_printf(out, "%s of", k->store[s]->op->name);
        print_arg(out, w, w->store[s]);
        str_printf(out, "  %s", shape_of(k->store[s]));
        print_origin(out, k->store[s]);
        str_printf(out, "\n");
    }
}

static void text_fused(const Plan *p, Str *out) {
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = &p->kernel[i];
        str_printf(out, "kernel %d: %s", i, kernel_kind(k));
        if (!is_fused(k)) {
            str_printf(out, " %%%d =", k->node->id);
            for (int j = 0; j < k->read_count; j++) str_printf(out, " %%%d", k->read[j]->id);
            str_printf(out, "  %s", shape_of(k->node));
            print_origin(out, k->node);
        }
        str_printf(out, "\n");
        if (is_fused(k)) print_program(out, k);
    }
}

/* Where a value is: in a state, in an input, or at bytes of the block. */
static void print_place(Str *out, const Plan *p, const Node *n) {
    int b = p->buffer_of[n->id];
    str_printf(out, " %%%d@", n->id);
    if (b >= 0 && !p->buffer[b].state)
        str_printf(out, "%zu", p->buffer[b].offset);
    else
        str_printf(out, "%s", b >= 0 ? p->buffer[b].state->name : leaf_name(n));
}

static void text_plan(const Plan *p, Str *out) {
    str_printf(out, "%zu bytes of values, %zu of scratch\n", p->value_bytes, p->scratch_bytes);
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = p->order[i];
        str_printf(out, "%d: %s", i, kernel_kind(k));
        for (int j = 0; j < k->read_count; j++) print_place(out, p, k->read[j]);
        str_printf(out, " ->");
        for (int s = 0; s < k->store_count; s++) print_place(out, p, k->store[s]);
        if (k->target) str_printf(out, " %s", k->target->name);
        str_printf(out, "  %s", shape_of(k->node));
        if (k->at_once) str_printf(out, " of all shards");
        print_origin(out, k->node);
        str_printf(out, "\n");
    }
}

/* ---- pictures; names carry the cluster's number, since a file may hold several ---- */

static void dot_label(Str *out, const char *text) {
    for (; *text; text++) str_printf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void dot_graph(const Plan *p, unsigned key, Str *out) {
    for (int i = 0; i < p->g->count; i++) {
        const Node *n = p->g->nodes[i];
        if (!p->needed[i]) continue;
        Str label = {0};
        print_operation(&label, n);
        str_printf(out, "n%u_%d [label=\"", key, i);
        dot_label(out, label.text);
        str_printf(out, "\\n%s\"%s];\n", shape_of(n),
                   n->op->class == CLASS_LEAF ? " shape=box"
                   : n->order                 ? " style=dashed"
                                              : "");
        str_free(&label);
        for (int k = 0; k < reads(n); k++)
            str_printf(out, "n%u_%d -> n%u_%d;\n", key, n->input[k]->id, key, i);
    }
}

/* Kernels and the values between them; order: numbers are those of running. */
static void dot_kernels(const Plan *p, bool order, unsigned key, Str *out) {
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = &p->kernel[i];
        str_printf(out, "k%u_%d [label=\"%d: %s\\n%s\"];\n", key, i, order ? k->position : i,
                   kernel_kind(k), shape_of(k->node));
        for (int j = 0; j < k->read_count; j++) {
            const Node *n = k->read[j];
            int from = p->kernel_of[n->id];
            if (from >= 0) {
                str_printf(out, "k%u_%d -> k%u_%d;\n", key, from, key, i);
                continue;
            }
            str_printf(out, "n%u_%d [shape=box label=\"", key, n->id);
            dot_label(out, leaf_name(n));
            str_printf(out, "\"];\nn%u_%d -> k%u_%d;\n", key, n->id, key, i);
        }
    }
}

void plan_dump(const Plan *p, PlanView view, bool dot, const char *title, Str *out) {
    static void (*const text[])(const Plan *, Str *) = {text_graph, text_fused, text_plan,
                                                        plan_layers};
    if (!dot) {
        int needed = 0;
        for (int i = 0; i < p->g->count; i++) needed += p->needed[i];
        str_printf(out, "%s: %d operations, %d kernels\n", title, needed, p->kernel_count);
        text[view](p, out);
        str_printf(out, "\n");
        return;
    }
    unsigned key = (unsigned)out->length;
    str_printf(out, "subgraph cluster_%u {\nlabel=\"", key);
    dot_label(out, title);
    str_printf(out, "\";\n");
    if (view == VIEW_GRAPH)
        dot_graph(p, key, out);
    else
        dot_kernels(p, view == VIEW_PLAN, key, out);
    str_printf(out, "}\n");
}
