/* The programs of fused kernels, and what each kernel reads. */
#include "plan/plan_internal.h"

#include <string.h>

typedef struct {
    Plan *p;
    int kernel;
    PwProgram *program;
    Node **load_node;
    Node **load_as; /* the node through which it is read */
    int *arg_of;    /* node -> 1 + instruction that computes it here */
    int *touched, touched_count;
} Writer;

static PwArg write_load(Writer *w, Node *as) {
    PwProgram *pr = w->program;
    for (int i = 0; i < pr->load_count; i++)
        if (w->load_as[i] == as) return (PwArg){PW_LOAD, i};
    Node *from = as->op->class == CLASS_BROADCAST ? as->input[0] : as;
    size_t aligned[RANK_MAX];
    if (from == as)
        memcpy(aligned, as->shape, sizeof aligned);
    else
        broadcast_source(as, aligned);
    pr->load[pr->load_count] = pw_load(as->rank, as->shape, aligned);
    w->load_node[pr->load_count] = storage(from);
    w->load_as[pr->load_count] = as;
    return (PwArg){PW_LOAD, pr->load_count++};
}

static PwArg write_const(Writer *w, float v) {
    PwProgram *pr = w->program;
    for (int i = 0; i < pr->const_count; i++)
        if (!memcmp(&pr->constant[i], &v, sizeof v)) return (PwArg){PW_CONST, i};
    pr->constant[pr->const_count] = v;
    return (PwArg){PW_CONST, pr->const_count++};
}

static PwArg write_value(Writer *w, Node *n) {
    float v;
    if (n_is_const(n, &v)) return write_const(w, v);
    int home = w->p->kernel_of[n->id];
    bool here = n->op->class == CLASS_POINTWISE && (home < 0 || home == w->kernel);
    if (!here) return write_load(w, n);
    if (w->arg_of[n->id]) return (PwArg){PW_REG, w->arg_of[n->id] - 1};
    PwInstr in = {.code = n->op->code};
    for (int i = 0; i < reads(n); i++) in.arg[i] = write_value(w, n->input[i]);
    if (in.code == PW_COPY) return in.arg[0];
    PwProgram *pr = w->program;
    in.dst = pr->instr_count; /* one register an instruction until registers are shared */
    w->arg_of[n->id] = pr->instr_count + 1;
    w->touched[w->touched_count++] = n->id;
    pr->instr[pr->instr_count] = in;
    return (PwArg){PW_REG, pr->instr_count++};
}

/* Takes a loaded value into a register, before another store can write over its memory. */
static void write_copy(PwProgram *pr, PwArg *value) {
    int i = pr->instr_count++;
    pr->instr[i] = (PwInstr){.code = PW_COPY, .dst = i, .arg = {*value}};
    *value = (PwArg){PW_REG, i};
}

/* Gives instructions as few registers as their lifetimes allow. */
static void share_registers(Arena *a, PwProgram *pr) {
    int n = pr->instr_count;
    int *last = arena_new_array(a, int, (size_t)n + 1),
        *reg = arena_new_array(a, int, (size_t)n + 1);
    bool *used = arena_new_array(a, bool, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < pw_arity(pr->instr[i].code); k++)
            if (pr->instr[i].arg[k].from == PW_REG) last[pr->instr[i].arg[k].index] = i;
    for (int s = 0; s < pr->store_count; s++)
        if (pr->store[s].from == PW_REG) last[pr->store[s].index] = n;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < pw_arity(pr->instr[i].code); k++) {
            PwArg *arg = &pr->instr[i].arg[k];
            if (arg->from != PW_REG) continue;
            if (last[arg->index] == i) used[reg[arg->index]] = false;
            arg->index = reg[arg->index];
        }
        int r = 0;
        while (used[r]) r++;
        used[r] = true;
        reg[i] = pr->instr[i].dst = r;
        if (r >= pr->register_count) pr->register_count = r + 1;
    }
    for (int s = 0; s < pr->store_count; s++)
        if (pr->store[s].from == PW_REG) pr->store[s].index = reg[pr->store[s].index];
}

static void write_program(Writer *w, int kernel) {
    Arena *a = w->p->g->arena;
    Kernel *k = &w->p->kernel[kernel];
    int limit = 4 * (k->size + k->store_count) + 8;
    PwProgram *pr = &k->work.program;
    w->kernel = kernel;
    w->program = pr;
    pr->instr = arena_new_array(a, PwInstr, (size_t)limit);
    pr->load = arena_new_array(a, PwLoad, (size_t)limit);
    pr->constant = arena_new_array(a, float, (size_t)limit);
    w->load_node = arena_new_array(a, Node *, (size_t)limit);
    w->load_as = arena_new_array(a, Node *, (size_t)limit);
    bool reduce = k->work.kind == WORK_REDUCE;
    pr->count = reduce ? k->node->input[0]->count : k->node->count;
    pr->store_count = k->store_count;
    pr->store = arena_new_array(a, PwArg, (size_t)k->store_count);
    for (int i = 0; i < k->store_count; i++) {
        Node *n = reduce ? k->store[i]->input[0] : k->store[i];
        /* a broadcast or constant that must be in memory is what it stores */
        pr->store[i] = write_value(w, n);
        if (k->store_count > 1 && pr->store[i].from == PW_LOAD) write_copy(pr, &pr->store[i]);
    }
    if (reduce) {
        k->work.reduce = reduce_kind(k->node);
        reduce_extents(k->node, &k->work.extents[0], &k->work.extents[1], &k->work.extents[2]);
    }
    share_registers(a, pr);
    k->read = w->load_node;
    k->read_count = pr->load_count;
    while (w->touched_count) w->arg_of[w->touched[--w->touched_count]] = 0;
}

void plan_write(Plan *p) {
    Arena *a = p->g->arena;
    size_t n = (size_t)p->g->count;
    Writer w = {
        .p = p, .arg_of = arena_new_array(a, int, n), .touched = arena_new_array(a, int, n)};
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = &p->kernel[i];
        if (is_fused(k)) {
            write_program(&w, i);
            continue;
        }
        k->read_count = k->node->input_count;
        k->read = arena_new_array(a, Node *, (size_t)k->read_count + 1);
        for (int j = 0; j < k->read_count; j++) k->read[j] = storage(k->node->input[j]);
    }
}

/* Marks what an instruction or store takes. */
static void take_arg(PwArg a, bool *reg, int *load) {
    if (a.from == PW_REG) reg[a.index] = true;
    if (a.from == PW_LOAD) load[a.index] = 1;
}

static void renumber(PwArg *a, const int *load) {
    if (a->from == PW_LOAD) a->index = load[a->index];
}

void kernel_keep(Kernel *k, int store, Arena *arena) {
    const PwProgram was = k->work.program;
    PwProgram *now = &k->work.program;
    bool *reg = arena_new_array(arena, bool, (size_t)was.register_count + 1);
    bool *keep = arena_new_array(arena, bool, (size_t)was.instr_count + 1);
    int *load = arena_new_array(arena, int, (size_t)was.load_count + 1);
    Node **read = arena_new_array(arena, Node *, (size_t)was.load_count + 1);
    now->store = arena_new_array(arena, PwArg, 1);
    now->instr = arena_new_array(arena, PwInstr, (size_t)was.instr_count + 1);
    now->load = arena_new_array(arena, PwLoad, (size_t)was.load_count + 1);
    *now->store = was.store[store];
    now->store_count = k->store_count = 1;
    now->instr_count = now->load_count = 0;
    take_arg(*now->store, reg, load);
    for (int i = was.instr_count; i-- > 0;) {
        const PwInstr *in = &was.instr[i];
        if (!reg[in->dst]) continue;
        keep[i] = true;
        reg[in->dst] = false;
        for (int j = 0; j < pw_arity(in->code); j++) take_arg(in->arg[j], reg, load);
    }
    for (int i = 0; i < was.load_count; i++) {
        if (!load[i]) continue;
        load[i] = now->load_count;
        read[now->load_count] = k->read[i];
        now->load[now->load_count++] = was.load[i];
    }
    renumber(now->store, load);
    for (int i = 0; i < was.instr_count; i++) {
        if (!keep[i]) continue;
        PwInstr *in = &now->instr[now->instr_count++];
        *in = was.instr[i];
        for (int j = 0; j < pw_arity(in->code); j++) renumber(&in->arg[j], load);
    }
    k->read = read;
    k->read_count = now->load_count;
    k->store = &k->store[store];
    k->node = k->store[0];
}
