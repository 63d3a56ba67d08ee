/* Fusion: decides which values are stored, and writes the program of each fused kernel.
 *
 * Going from results to inputs, every pointwise node learns which kernels want it. One kernel: it
 * becomes part of that kernel. Several: it is stored, unless computing it again costs no more than
 * loading it. Whatever an operation that is not pointwise reads must be stored. */
#include "plan/plan_internal.h"

#include <string.h>

enum { PROGRAM_LIMIT = 48, WANTED_LIMIT = 8, ROOTS = PW_REDUCE_STORES };

typedef struct {
    int kernel[WANTED_LIMIT];
    int count;
    bool stored; /* some reader needs it in memory */
} Wanted;

typedef struct {
    Plan *p;
    Wanted *wanted;                /* by node */
    int *size;                     /* instructions in each kernel so far */
    int *members;                  /* values each kernel stores so far */
    const Node **root;             /* the first ROOTS of them, by kernel */
    bool *inside, *before, *early; /* by node, by node, by kernel: see may_join */
} Fusion;

/* How many of its inputs a node reads; others only say how to differentiate it. */
static int reads(const Node *n) {
    return n->op->class == CLASS_POINTWISE ? pw_arity(n->op->code) : n->input_count;
}

static void mark_needed(Plan *p) {
    int n = p->g->count;
    p->needed = arena_new_array(p->g->arena, bool, (size_t)n);
    for (int i = 0; i < p->output_count; i++) p->needed[p->output[i]->id] = true;
    for (int i = 0; i < p->assign_count; i++) p->needed[p->assign[i].value->id] = true;
    for (int i = n - 1; i >= 0; i--)
        if (p->needed[i])
            for (int k = 0; k < reads(p->g->nodes[i]); k++)
                p->needed[p->g->nodes[i]->input[k]->id] = true;
}

static int kernel_new(Fusion *f, Node *node, bool fused) {
    Plan *p = f->p;
    p->kernel[p->kernel_count] = (Kernel){.node = node, .fused = fused};
    return p->kernel_count++;
}

static void want(Fusion *f, Node *n, int kernel) {
    Wanted *w = &f->wanted[n->id];
    for (int i = 0; i < w->count; i++)
        if (w->kernel[i] == kernel) return;
    if (w->count == WANTED_LIMIT)
        w->stored = true;
    else
        w->kernel[w->count++] = kernel;
}

static void want_stored(Fusion *f, Node *n) { f->wanted[storage(n)->id].stored = true; }

/* Large values from which something is computed by pointwise operations, and how many of those. */
enum { SOURCES = 8, TREE_LIMIT = 24 };
typedef struct {
    const Node *node[SOURCES];
    int count, instructions;
    bool whole; /* neither limit was met */
} Sources;

/* Goes down from n, but not through `stop`. */
static void add_sources(const Fusion *f, const Node *n, const Node *stop, Sources *s) {
    OpClass c = n->op->class;
    if (c == CLASS_CONST || c == CLASS_BROADCAST || n == stop) return;
    if (c == CLASS_POINTWISE && !f->wanted[n->id].stored) {
        s->instructions += pw_cost(n->op->code) ? 5 : 1;
        if (s->instructions > TREE_LIMIT) s->whole = false;
        for (int i = 0; i < reads(n) && s->whole; i++) add_sources(f, n->input[i], stop, s);
        return;
    }
    for (int i = 0; i < s->count; i++)
        if (s->node[i] == n) return;
    if (s->count == SOURCES)
        s->whole = false;
    else
        s->node[s->count++] = n;
}

/* What kernel k reads besides what it reads for n. */
static Sources kernel_sources(const Fusion *f, int k, const Node *n) {
    Sources s = {.whole = true};
    for (int i = 0; i < f->members[k] && i < ROOTS; i++) {
        const Node *root = f->root[k * ROOTS + i];
        if (root->op->class == CLASS_REDUCE) root = root->input[0];
        bool inside = root->op->class == CLASS_POINTWISE && root != n;
        for (int j = 0; inside && j < reads(root); j++) add_sources(f, root->input[j], n, &s);
    }
    return s;
}

/* Whether each kernel that wants n should compute it itself. A pass over memory takes as long as
 * PASS instructions; stored, n costs reading what it is made of, writing it, and reading it in each
 * kernel; not stored, reading in each kernel what that does not read anyway, and computing. */
static bool worth_repeating(const Fusion *f, const Node *n) {
    enum { PASS = 5 };
    const Wanted *w = &f->wanted[n->id];
    if (n->op->class != CLASS_POINTWISE) return false;
    Sources own = {.whole = true};
    own.instructions = pw_cost(n->op->code) ? 5 : 1;
    for (int i = 0; i < reads(n); i++) add_sources(f, n->input[i], NULL, &own);
    if (!own.whole) return false;
    int stored = PASS * (own.count + 1 + w->count) + own.instructions;
    int repeated = own.instructions * w->count;
    for (int k = 0; k < w->count; k++) {
        Sources other = kernel_sources(f, w->kernel[k], n);
        for (int i = 0; i < own.count; i++) {
            bool read = false;
            for (int j = 0; j < other.count; j++) read |= other.node[j] == own.node[i];
            repeated += read ? 0 : PASS;
        }
    }
    return repeated < stored;
}

/* Whether a kernel can store n too: not when it must wait for something that waits for n. `inside`
 * marks what the kernel computes itself, `before` what must have been computed when it starts, and
 * `early` the kernels that do so, with all they store. */
static bool may_join(Fusion *f, int kernel, const Node *n) {
    Plan *p = f->p;
    size_t count = (size_t)p->g->count;
    memset(f->inside, 0, count * sizeof *f->inside);
    memset(f->before, 0, count * sizeof *f->before);
    memset(f->early, 0, (size_t)p->kernel_count * sizeof *f->early);
    for (bool again = true; again;) {
        again = false;
        for (int i = p->g->count - 1; i > n->id; i--) {
            int k = p->kernel_of[i];
            const Node *x = p->g->nodes[i];
            f->inside[i] |= k == kernel;
            f->before[i] |= k >= 0 && k != kernel && (f->inside[i] || f->early[k]);
            if (!f->inside[i] && !f->before[i]) continue;
            if (f->before[i] && k >= 0 && !f->early[k]) again |= f->members[k] > 1;
            if (f->before[i] && k >= 0) f->early[k] = true;
            bool own = !f->before[i] && x->op->class == CLASS_POINTWISE;
            for (int j = 0; j < reads(x); j++)
                (own ? f->inside : f->before)[x->input[j]->id] = true;
        }
    }
    return !f->before[n->id];
}

/* The kernel in which an assigned value is computed together with others of its group. */
static int group_kernel(Fusion *f, const Node *n, int *group) {
    Plan *p = f->p;
    *group = -1;
    for (int i = 0; i < p->assign_count; i++)
        if (p->assign[i].value == n) *group = p->assign[i].group;
    if (*group < 0) return -1;
    for (int i = 0; i < p->assign_count; i++) {
        const Node *m = p->assign[i].value;
        if (p->assign[i].group != *group || m == n || p->kernel_of[m->id] < 0) continue;
        const Kernel *k = &p->kernel[p->kernel_of[m->id]];
        if (k->fused && m->op->class == CLASS_POINTWISE && m->count == n->count &&
            f->size[p->kernel_of[m->id]] < PROGRAM_LIMIT && may_join(f, p->kernel_of[m->id], n))
            return p->kernel_of[m->id];
    }
    return -1;
}

static bool share_source(const Fusion *f, const Node *x, const Node *y) {
    Sources a = {.whole = true}, b = {.whole = true};
    add_sources(f, x, NULL, &a), add_sources(f, y, NULL, &b);
    for (int i = 0; i < a.count; i++)
        for (int j = 0; j < b.count; j++)
            if (a.node[i] == b.node[j]) return true;
    return false;
}

/* A kernel that sums over the same axes something computed from the same values: then one pass over
 * memory serves both. */
static int sum_kernel(Fusion *f, const Node *n) {
    Plan *p = f->p;
    if (n->attr.kind != REDUCE_SUM) return -1;
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = &p->kernel[i];
        const Node *m = k->node;
        if (!k->fused || m->op != &op_reduce || m->attr.kind != REDUCE_SUM || m->rank != n->rank ||
            memcmp(m->shape, n->shape, (size_t)n->rank * sizeof *n->shape) ||
            memcmp(m->input[0]->shape, n->input[0]->shape, (size_t)n->rank * sizeof *n->shape))
            continue;
        if (f->members[i] < ROOTS && f->size[i] < PROGRAM_LIMIT &&
            share_source(f, m->input[0], n->input[0]) && may_join(f, i, n))
            return i;
    }
    return -1;
}

/* n is computed by kernel k and stored. */
static void add_member(Fusion *f, int k, Node *n) {
    f->p->kernel_of[n->id] = k;
    if (f->members[k] < ROOTS) f->root[k * ROOTS + f->members[k]] = n;
    f->members[k]++;
}

/* Decides for one node, all of whose readers have been decided. */
static void decide(Fusion *f, Node *n) {
    Plan *p = f->p;
    Wanted *w = &f->wanted[n->id];
    OpClass c = n->op->class;
    if (c == CLASS_LEAF || c == CLASS_CONST) {
        /* a constant in memory: a kernel that fills it */
        if (c == CLASS_CONST && w->stored) p->kernel_of[n->id] = kernel_new(f, n, true);
        return;
    }
    if (c == CLASS_VIEW) {
        want_stored(f, n);
        return;
    }
    if (c == CLASS_KERNEL || c == CLASS_REDUCE) {
        int k = c == CLASS_REDUCE ? sum_kernel(f, n) : -1;
        if (k < 0) k = kernel_new(f, n, c == CLASS_REDUCE);
        add_member(f, k, n);
        for (int i = 0; i < n->input_count; i++)
            if (c == CLASS_REDUCE)
                want(f, n->input[i], k);
            else
                want_stored(f, n->input[i]);
        return;
    }
    int shared = w->count == 1 ? w->kernel[0] : -1;
    bool inside = !w->stored && (c == CLASS_BROADCAST || (w->count > 1 && worth_repeating(f, n)) ||
                                 (shared >= 0 && f->size[shared] < PROGRAM_LIMIT));
    if (!inside) {
        int group;
        int k = group_kernel(f, n, &group);
        if (k < 0) k = kernel_new(f, n, true);
        add_member(f, k, n);
        *w = (Wanted){.kernel = {k}, .count = 1, .stored = true};
    }
    for (int i = 0; i < reads(n); i++) {
        Node *in = n->input[i];
        if (c == CLASS_BROADCAST) {
            want_stored(f, in);
            continue;
        }
        for (int k = 0; k < w->count; k++) want(f, in, w->kernel[k]);
    }
    for (int k = 0; k < w->count; k++) f->size[w->kernel[k]]++;
}

/* ---- programs ---- */

typedef struct {
    Plan *p;
    int kernel;
    PwProgram *program;
    Node **load_node;
    bool *load_spread; /* load i is a broadcast */
    Node **load_as;    /* the node through which it is read */
    int *arg_of;       /* node -> 1 + instruction that computes it here */
    int *touched, touched_count;
    int capacity;
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

static void write_program(Writer *w, int kernel, int limit) {
    Arena *a = w->p->g->arena;
    Kernel *k = &w->p->kernel[kernel];
    PwProgram *pr = &k->program;
    w->kernel = kernel;
    w->program = pr;
    pr->instr = arena_new_array(a, PwInstr, (size_t)limit);
    pr->load = arena_new_array(a, PwLoad, (size_t)limit);
    pr->constant = arena_new_array(a, float, (size_t)limit);
    w->load_node = arena_new_array(a, Node *, (size_t)limit);
    w->load_as = arena_new_array(a, Node *, (size_t)limit);
    bool reduce = k->node->op->class == CLASS_REDUCE;
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
        k->reduce_op = (PwReduce)k->node->attr.kind;
        reduce_extents(k->node, &k->reduce[0], &k->reduce[1], &k->reduce[2]);
    }
    share_registers(a, pr);
    pw_prepare(pr);
    k->read = w->load_node;
    k->read_count = pr->load_count;
    while (w->touched_count) w->arg_of[w->touched[--w->touched_count]] = 0;
}

/* Stores of each kernel, in node order, so that values read by others of the kernel come first. */
static void collect_stores(Plan *p) {
    Arena *a = p->g->arena;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < p->g->count; i++) {
            if (p->kernel_of[i] < 0) continue;
            Kernel *k = &p->kernel[p->kernel_of[i]];
            if (pass) k->store[k->store_count] = p->g->nodes[i];
            k->store_count++;
        }
        for (int i = 0; !pass && i < p->kernel_count; i++) {
            p->kernel[i].store = arena_new_array(a, Node *, (size_t)p->kernel[i].store_count);
            p->kernel[i].store_count = 0;
        }
    }
}

void plan_fuse(Plan *p) {
    Arena *a = p->g->arena;
    size_t n = (size_t)p->g->count;
    mark_needed(p);
    p->kernel_capacity = (int)n + p->assign_count;
    p->kernel = arena_new_array(a, Kernel, (size_t)p->kernel_capacity);
    p->kernel_of = arena_new_array(a, int, n);
    for (size_t i = 0; i < n; i++) p->kernel_of[i] = -1;
    Fusion f = {.p = p,
                .wanted = arena_new_array(a, Wanted, n),
                .size = arena_new_array(a, int, (size_t)p->kernel_capacity),
                .root = arena_new_array(a, const Node *, (size_t)p->kernel_capacity *ROOTS),
                .members = arena_new_array(a, int, (size_t)p->kernel_capacity),
                .inside = arena_new_array(a, bool, n),
                .before = arena_new_array(a, bool, n),
                .early = arena_new_array(a, bool, (size_t)p->kernel_capacity)};
    for (int i = 0; i < p->output_count; i++) want_stored(&f, p->output[i]);
    for (int i = 0; i < p->assign_count; i++) want_stored(&f, p->assign[i].value);
    for (size_t i = n; i-- > 0;)
        if (p->needed[i]) decide(&f, p->g->nodes[i]);
    collect_stores(p);
    Writer w = {
        .p = p, .arg_of = arena_new_array(a, int, n), .touched = arena_new_array(a, int, n)};
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = &p->kernel[i];
        if (k->fused) {
            int limit = 4 * (f.size[i] + k->store_count) + 8;
            write_program(&w, i, limit);
        } else {
            k->read_count = k->node->input_count;
            k->read = arena_new_array(a, Node *, (size_t)k->read_count + 1);
            for (int j = 0; j < k->read_count; j++) k->read[j] = storage(k->node->input[j]);
        }
    }
}
