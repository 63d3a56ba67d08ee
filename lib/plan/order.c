/* The order of kernels: readers after writers, and a state's new value after the readers of its old
 * one, so that it can be written in place. */
#include "plan/plan_internal.h"

#include <string.h>

/* Which kernels must run before which: readers after writers, and writers of a state in place
 * after the readers of its old value. */
typedef struct {
    int to, next;
} Edge;
typedef struct {
    Edge *edge;
    int edge_count, edge_capacity;
    int *first, *degree; /* degree: how many are before a kernel */
    Arena *arena;
} Edges;

static void edge(Edges *e, int from, int to) {
    if (from == to) return;
    if (e->edge_count == e->edge_capacity) {
        int capacity = e->edge_capacity ? 2 * e->edge_capacity : 1024;
        Edge *more = arena_new_array(e->arena, Edge, (size_t)capacity);
        if (e->edge_count) memcpy(more, e->edge, (size_t)e->edge_count * sizeof *more);
        e->edge = more;
        e->edge_capacity = capacity;
    }
    e->edge[e->edge_count] = (Edge){to, e->first[from]};
    e->first[from] = e->edge_count++;
    e->degree[to]++;
}

static Edges data_edges(Plan *p) {
    Arena *a = p->g->arena;
    size_t capacity = (size_t)p->kernel_capacity;
    Edges e = {.arena = a,
               .first = arena_new_array(a, int, capacity),
               .degree = arena_new_array(a, int, capacity)};
    for (size_t i = 0; i < capacity; i++) e.first[i] = -1;
    for (int i = 0; i < p->kernel_count; i++)
        for (int j = 0; j < p->kernel[i].read_count; j++) {
            int from = p->kernel_of[p->kernel[i].read[j]->id];
            if (from >= 0) edge(&e, from, i);
        }
    return e;
}

/* Marks what depends on kernel k. */
static void mark_after(const Edges *e, int k, bool *seen, int *stack) {
    int n = 0;
    stack[n++] = k;
    seen[k] = true;
    while (n) {
        int at = stack[--n];
        for (int x = e->first[at]; x >= 0; x = e->edge[x].next) {
            int to = e->edge[x].to;
            if (!seen[to]) stack[n++] = to;
            seen[to] = true;
        }
    }
}

static bool reads_in_place(const Kernel *k, const Node *old) {
    if (k->work.kind != WORK_POINTWISE) return false;
    for (int i = 0; i < k->read_count; i++)
        if (k->read[i] == old && k->work.program.load[i].kind != LOAD_FULL) return false;
    return true;
}

static bool kernel_reads(const Kernel *k, const Node *n) {
    for (int i = 0; i < k->read_count; i++)
        if (k->read[i] == n) return true;
    return false;
}

/* The leaf node through which kernels read a state's old value, or NULL. */
static Node *state_leaf(const Plan *p, const State *s) {
    for (int i = 0; i < p->g->count; i++) {
        Node *n = p->g->nodes[i];
        if (p->needed[i] && leaf_state(n) == s) return n;
    }
    return NULL;
}

/* Writes the value straight into the state's memory if that is safe: then adds the edges that make
 * old readers run first. */
static bool assign_in_place(Plan *p, Edges *e, const Assign *as, bool *seen, int *stack) {
    Node *v = storage(as->value), *old = state_leaf(p, as->state);
    int k = p->kernel_of[v->id];
    if (k < 0 || v->count != as->state->count || p->buffer_of[v->id] >= 0) return false;
    if (old) {
        if (kernel_reads(&p->kernel[k], old) && !reads_in_place(&p->kernel[k], old)) return false;
        memset(seen, 0, (size_t)p->kernel_count);
        mark_after(e, k, seen, stack);
        for (int i = 0; i < p->kernel_count; i++)
            if (i != k && seen[i] && kernel_reads(&p->kernel[i], old)) return false;
        for (int i = 0; i < p->kernel_count; i++)
            if (i != k && kernel_reads(&p->kernel[i], old)) edge(e, i, k);
    }
    p->buffer_of[v->id] = buffer_new(p, 0, as->state);
    return true;
}

/* A kernel at the end that copies a value into a state. */
static void assign_by_copy(Plan *p, const Assign *as) {
    Arena *a = p->g->arena;
    int at = p->kernel_count++;
    Kernel *k = p->order[at] = &p->kernel[at];
    *k = (Kernel){.node = as->value,
                  .work = {.kind = WORK_POINTWISE},
                  .target = as->state,
                  .read = arena_new_array(a, Node *, 1),
                  .read_count = 1,
                  .position = at};
    k->read[0] = storage(as->value);
    k->work.program = (PwProgram){.count = as->value->count,
                                  .load_count = 1,
                                  .store_count = 1,
                                  .load = arena_new_array(a, PwLoad, 1),
                                  .store = arena_new_array(a, PwArg, 1)};
    k->work.program.load[0] = pw_load(1, &as->value->count, &as->value->count);
    k->work.program.store[0] = (PwArg){PW_LOAD, 0};
}

/* ---- kernels that are ready, least rank first ---- */

typedef struct {
    int *kernel, count;
    const long *rank; /* by kernel */
} Heap;

static void heap_push(Heap *h, int kernel) {
    int at = h->count++;
    for (; at && h->rank[kernel] < h->rank[h->kernel[(at - 1) / 2]]; at = (at - 1) / 2)
        h->kernel[at] = h->kernel[(at - 1) / 2];
    h->kernel[at] = kernel;
}

static int heap_pop(Heap *h) {
    int least = h->kernel[0], moved = h->kernel[--h->count], at = 0;
    for (int k; (k = 2 * at + 1) < h->count; at = k) {
        if (k + 1 < h->count && h->rank[h->kernel[k + 1]] < h->rank[h->kernel[k]]) k++;
        if (h->rank[h->kernel[k]] >= h->rank[moved]) break;
        h->kernel[at] = h->kernel[k];
    }
    h->kernel[at] = moved;
    return least;
}

/* Kernels in an order that respects the edges; among those ready, the one made first by the page,
 * but a kernel that updates a state at once, since it frees the gradient it reads. */
static void sort_kernels(Plan *p, const Edges *e) {
    Arena *a = p->g->arena;
    size_t count = (size_t)p->kernel_count;
    long *rank = arena_new_array(a, long, count + 1);
    Heap ready = {.kernel = arena_new_array(a, int, count + 1), .rank = rank};
    for (size_t i = 0; i < count; i++) {
        const Node *last = p->kernel[i].store[p->kernel[i].store_count - 1];
        int b = p->buffer_of[last->id];
        rank[i] = b >= 0 && p->buffer[b].state ? -1 - (long)last->id : last->id;
    }
    for (int i = 0; i < p->kernel_count; i++)
        if (!e->degree[i]) heap_push(&ready, i);
    for (int done = 0; done < p->kernel_count; done++) {
        if (!ready.count) graph_fail(p->g, "internal error: the kernels cannot be ordered");
        int i = heap_pop(&ready);
        p->kernel[i].position = done;
        p->order[done] = &p->kernel[i];
        for (int x = e->first[i]; x >= 0; x = e->edge[x].next)
            if (!--e->degree[e->edge[x].to]) heap_push(&ready, e->edge[x].to);
    }
}

void plan_order(Plan *p) {
    Arena *a = p->g->arena;
    size_t capacity = (size_t)p->kernel_capacity;
    Edges e = data_edges(p);
    bool *seen = arena_new_array(a, bool, capacity);
    int *stack = arena_new_array(a, int, capacity);
    bool *in_place = arena_new_array(a, bool, (size_t)p->assign_count + 1);
    p->order = arena_new_array(a, Kernel *, capacity);
    for (int i = 0; i < p->assign_count; i++)
        in_place[i] = assign_in_place(p, &e, &p->assign[i], seen, stack);
    sort_kernels(p, &e);
    for (int i = 0; i < p->assign_count; i++)
        if (!in_place[i]) assign_by_copy(p, &p->assign[i]);
}
