/* Fusion: decides which values are stored, and which kernel computes what.
 *
 * Going from results to inputs, every pointwise node learns which kernels want it. One kernel: it
 * becomes part of that kernel. Several: it is stored, unless computing it again costs no more than
 * loading it. Whatever an operation that is not pointwise reads must be stored. */
#include "plan/plan_internal.h"

#include <stdlib.h>

enum { PROGRAM_LIMIT = 48, WANTED_LIMIT = 8, ROOTS = PW_REDUCE_STORES };

typedef struct {
    int kernel[WANTED_LIMIT];
    int count;
    bool stored; /* some reader needs it in memory */
} Wanted;

typedef struct {
    Plan *p;
    Wanted *wanted;                 /* by node */
    int *members;                   /* values each kernel stores so far */
    const Node **root;              /* the first ROOTS of them, by kernel */
    int *last_member, *next_member; /* all of them, latest first: by kernel, by node; or -1 */
    int *first_user, *user;         /* the nodes that read node i: user[first_user[i]] and on */
    int *assigned;                  /* by node: 1 + the last assignment of its value, or 0 */
    int *peer, *first_peer;       /* assignments by group; by assignment: where its group begins */
    int round;                    /* of a search, from 1 on; what it has met bears its number */
    int *inside, *before, *early; /* by node, by node, by kernel: see may_join */
    int *stack, *met;             /* of a search */
    int *terms;                   /* by node: that a sum has had added one by one, see pauses */
} Fusion;

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

static int kernel_new(Fusion *f, Node *node, WorkKind kind) {
    Plan *p = f->p;
    p->kernel[p->kernel_count] = (Kernel){.node = node, .work = {.kind = kind, .node = node}};
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

/* ---- whether a kernel can store another value ---- */

/* A search for what must have been computed when a kernel starts. */
typedef struct {
    Fusion *f;
    int kernel, least; /* nodes below `least` have not been decided */
    int count;         /* on the stack */
} Search;

/* Notes that a node is computed within the kernel, or, `marks` being f->before, earlier. */
static void note(Search *s, int *marks, int node) {
    if (node < s->least || marks[node] == s->f->round) return;
    marks[node] = s->f->round;
    s->f->stack[s->count++] = node;
}

/* A kernel runs before: so all it stores is there. */
static void note_early(Search *s, int k) {
    Fusion *f = s->f;
    if (k < 0 || k == s->kernel || f->early[k] == f->round) return;
    f->early[k] = f->round;
    for (int m = f->last_member[k]; m >= 0; m = f->next_member[m]) note(s, f->before, m);
}

static void note_inputs(Search *s, int node) {
    Fusion *f = s->f;
    const Node *x = f->p->g->nodes[node];
    int k = f->p->kernel_of[node];
    bool other = k >= 0 && k != s->kernel;
    if (f->before[node] == f->round || other) {
        f->before[node] = f->round;
        note_early(s, k);
    }
    bool own = f->before[node] != f->round && x->op->class == CLASS_POINTWISE;
    for (int i = 0; i < reads(x); i++) note(s, own ? f->inside : f->before, x->input[i]->id);
}

/* Whether a kernel can store n too: not when it must wait for something that waits for n. */
static bool may_join(Fusion *f, int kernel, const Node *n) {
    Search s = {.f = f, .kernel = kernel, .least = n->id};
    f->round++;
    for (int m = f->last_member[kernel]; m >= 0; m = f->next_member[m]) note(&s, f->inside, m);
    while (s.count && f->before[n->id] != f->round) {
        int node = f->stack[--s.count];
        if (node > n->id) note_inputs(&s, node);
    }
    return f->before[n->id] != f->round;
}

/* ---- which kernel could store it ---- */

/* The kernel in which an assigned value is computed together with others of its group. */
static int group_kernel(Fusion *f, const Node *n) {
    Plan *p = f->p;
    int as = f->assigned[n->id] - 1;
    if (as < 0 || p->assign[as].group < 0) return -1;
    int group = p->assign[as].group;
    for (int i = f->first_peer[as]; i < p->assign_count && p->assign[f->peer[i]].group == group;
         i++) {
        const Node *m = p->assign[f->peer[i]].value;
        if (m == n || p->kernel_of[m->id] < 0) continue;
        const Kernel *k = &p->kernel[p->kernel_of[m->id]];
        if (k->work.kind == WORK_POINTWISE && m->op->class == CLASS_POINTWISE &&
            m->count == n->count && k->size < PROGRAM_LIMIT && may_join(f, p->kernel_of[m->id], n))
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

/* The kernels of reductions that pointwise operations lead to from the sources of n, each once, in
 * f->met. It goes up in rounds, an operation each, as far as add_sources comes down. */
static int kernels_above(Fusion *f, const Node *n) {
    const Plan *p = f->p;
    Sources own = {.whole = true};
    int found = 0, count = 0;
    add_sources(f, n->input[0], NULL, &own);
    f->round++;
    for (int i = 0; i < own.count; i++) f->stack[count++] = own.node[i]->id;
    for (int at = 0, depth = 0; at < count && depth <= TREE_LIMIT; depth++)
        for (int end = count; at < end; at++)
            for (int i = f->first_user[f->stack[at]]; i < f->first_user[f->stack[at] + 1]; i++) {
                int u = f->user[i], k = p->kernel_of[u];
                OpClass c = p->g->nodes[u]->op->class;
                if (c == CLASS_REDUCE && k >= 0 && f->early[k] != f->round) {
                    f->early[k] = f->round;
                    f->met[found++] = k;
                }
                if (c != CLASS_POINTWISE || f->wanted[u].stored || f->inside[u] == f->round)
                    continue;
                f->inside[u] = f->round;
                f->stack[count++] = u;
            }
    return found;
}

/* Whether kernel k sums over the same axes something computed from the same values. */
static bool sums_alike(const Fusion *f, int k, const Node *n) {
    const Kernel *kernel = &f->p->kernel[k];
    const Node *m = kernel->node;
    return m->op == n->op && m->split == n->split && node_has_shape(m, n->rank, n->shape) &&
           node_has_shape(m->input[0], n->rank, n->input[0]->shape) && f->members[k] < ROOTS &&
           kernel->size < PROGRAM_LIMIT && share_source(f, m->input[0], n->input[0]);
}

static int by_number(const void *x, const void *y) {
    int a = *(const int *)x, b = *(const int *)y;
    return (a > b) - (a < b);
}

/* The first such kernel: one pass over memory serves both sums. */
static int sum_kernel(Fusion *f, const Node *n) {
    if (n->op != &op_reduce[REDUCE_SUM]) return -1;
    int found = kernels_above(f, n), alike = 0;
    for (int i = 0; i < found; i++)
        if (sums_alike(f, f->met[i], n)) f->met[alike++] = f->met[i];
    qsort(f->met, (size_t)alike, sizeof *f->met, by_number);
    for (int i = 0; i < alike; i++)
        if (may_join(f, f->met[i], n)) return f->met[i];
    return -1;
}

/* n is computed by kernel k and stored. */
static void add_member(Fusion *f, int k, Node *n) {
    f->p->kernel_of[n->id] = k;
    f->next_member[n->id] = f->last_member[k];
    f->last_member[k] = n->id;
    if (f->members[k] < ROOTS) f->root[k * ROOTS + f->members[k]] = n;
    f->members[k]++;
}

/* ---- sums of many gradients ---- */

/* Whether n adds one more gradient to a sum, as those of a weight that is used often are summed. */
static bool adds_term(const Node *n) {
    if (n->op != &op_pointwise[PW_ADD] || !n->order) return false;
    OpClass c = storage(n->input[1])->op->class;
    return c == CLASS_KERNEL || c == CLASS_REDUCE;
}

static void count_terms(Fusion *f) {
    const Plan *p = f->p;
    f->terms = arena_new_array(p->g->arena, int, (size_t)p->g->count);
    for (int i = 0; i < p->g->count; i++) {
        const Node *n = p->g->nodes[i];
        if (p->needed[i] && adds_term(n)) f->terms[i] = 1 + f->terms[n->input[0]->id];
    }
}

/* Whether the sum so far is stored before more is added, so that the gradients in it need not be
 * kept until the last one is there. */
static bool pauses(const Fusion *f, const Node *n) {
    enum { TERMS = 4 };
    bool more = false;
    if (!f->terms[n->id] || f->terms[n->id] % TERMS) return false;
    for (int i = f->first_user[n->id]; i < f->first_user[n->id + 1]; i++)
        more |= f->terms[f->user[i]] > f->terms[n->id];
    return more;
}

/* Whether the kernels that want n may compute it for themselves. */
static bool may_fuse(const Fusion *f, const Node *n, const Wanted *w) {
    if (f->p->g->traced || pauses(f, n)) return false;
    if (w->count > 1) return worth_repeating(f, n);
    return w->count == 1 && f->p->kernel[w->kernel[0]].size < PROGRAM_LIMIT;
}

/* Decides for one node, all of whose readers have been decided. */
static void decide(Fusion *f, Node *n) {
    Plan *p = f->p;
    Wanted *w = &f->wanted[n->id];
    OpClass c = n->op->class;
    if (c == CLASS_LEAF || c == CLASS_CONST) {
        /* a constant in memory: a kernel that fills it */
        if (c == CLASS_CONST && w->stored) p->kernel_of[n->id] = kernel_new(f, n, WORK_POINTWISE);
        return;
    }
    if (c == CLASS_VIEW) {
        want_stored(f, n);
        return;
    }
    if (c == CLASS_KERNEL || c == CLASS_REDUCE || c == CLASS_COLLECT) {
        int k = c == CLASS_REDUCE ? sum_kernel(f, n) : -1;
        if (k < 0) k = kernel_new(f, n, c == CLASS_REDUCE ? WORK_REDUCE : WORK_KERNEL);
        add_member(f, k, n);
        for (int i = 0; i < n->input_count; i++)
            if (c == CLASS_REDUCE)
                want(f, n->input[i], k);
            else
                want_stored(f, n->input[i]);
        return;
    }
    bool inside = !w->stored && (c == CLASS_BROADCAST || may_fuse(f, n, w));
    if (!inside) {
        int k = group_kernel(f, n);
        if (k < 0) k = kernel_new(f, n, WORK_POINTWISE);
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
    for (int k = 0; k < w->count; k++) p->kernel[w->kernel[k]].size++;
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

static void find_users(Fusion *f) {
    const Plan *p = f->p;
    Arena *a = p->g->arena;
    int n = p->g->count;
    int *end = f->first_user = arena_new_array(a, int, (size_t)n + 1);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < n; i++)
            for (int k = 0; p->needed[i] && k < reads(p->g->nodes[i]); k++) {
                int in = p->g->nodes[i]->input[k]->id;
                if (pass)
                    f->user[--end[in]] = i;
                else
                    end[in]++;
            }
        for (int i = 0; !pass && i < n; i++) end[i + 1] += end[i];
        if (!pass) f->user = arena_new_array(a, int, (size_t)end[n]);
    }
}

static int by_group(const void *x, const void *y) {
    const Assign *a = *(const Assign *const *)x, *b = *(const Assign *const *)y;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    return (a > b) - (a < b);
}

static void find_peers(Fusion *f) {
    Plan *p = f->p;
    Arena *a = p->g->arena;
    size_t count = (size_t)p->assign_count;
    const Assign **list = arena_new_array(a, const Assign *, count + 1);
    f->assigned = arena_new_array(a, int, (size_t)p->g->count);
    f->peer = arena_new_array(a, int, count + 1);
    f->first_peer = arena_new_array(a, int, count + 1);
    for (int i = 0; i < p->assign_count; i++) {
        list[i] = &p->assign[i];
        f->assigned[p->assign[i].value->id] = i + 1;
    }
    qsort(list, count, sizeof *list, by_group);
    for (int i = 0, first = 0; i < p->assign_count; i++) {
        if (list[i]->group != list[first]->group) first = i;
        f->peer[i] = (int)(list[i] - p->assign);
        f->first_peer[f->peer[i]] = first;
    }
}

static void fusion_start(Fusion *f) {
    Arena *a = f->p->g->arena;
    size_t n = (size_t)f->p->g->count, kernels = (size_t)f->p->kernel_capacity;
    f->wanted = arena_new_array(a, Wanted, n);
    f->root = arena_new_array(a, const Node *, kernels *ROOTS);
    f->members = arena_new_array(a, int, kernels);
    f->last_member = arena_new_array(a, int, kernels);
    f->next_member = arena_new_array(a, int, n);
    f->inside = arena_new_array(a, int, n);
    f->before = arena_new_array(a, int, n);
    f->early = arena_new_array(a, int, kernels);
    f->stack = arena_new_array(a, int, 2 * n + SOURCES);
    f->met = arena_new_array(a, int, kernels);
    for (size_t i = 0; i < kernels; i++) f->last_member[i] = -1;
    find_users(f);
    find_peers(f);
    count_terms(f);
}

void plan_fuse(Plan *p) {
    Arena *a = p->g->arena;
    size_t n = (size_t)p->g->count;
    mark_needed(p);
    p->kernel_capacity = (int)n + p->assign_count;
    p->kernel = arena_new_array(a, Kernel, (size_t)p->kernel_capacity);
    p->kernel_of = arena_new_array(a, int, n);
    for (size_t i = 0; i < n; i++) p->kernel_of[i] = -1;
    Fusion f = {.p = p};
    fusion_start(&f);
    for (int i = 0; i < p->output_count; i++) want_stored(&f, p->output[i]);
    for (int i = 0; i < p->assign_count; i++) want_stored(&f, p->assign[i].value);
    for (size_t i = n; i-- > 0;)
        if (p->needed[i]) decide(&f, p->g->nodes[i]);
    collect_stores(p);
}
