/* The order of kernels and the layout of memory. */
#include "plan/plan.h"
#include "plan/plan_internal.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

/* ---- order ---- */

/* Which kernels must run before which: readers after writers, and writers of a state in place
 * after the readers of its old value. */
typedef struct {
    int *next, *to, edge_count, edge_capacity;
    int *first, *degree;
    Arena *arena;
} Edges;

static void edge(Edges *e, int from, int to) {
    if (from == to) return;
    if (e->edge_count == e->edge_capacity) {
        int capacity = e->edge_capacity ? 2 * e->edge_capacity : 1024;
        int *next = arena_new_array(e->arena, int, (size_t)capacity);
        int *dest = arena_new_array(e->arena, int, (size_t)capacity);
        if (e->edge_count) {
            memcpy(next, e->next, (size_t)e->edge_count * sizeof *next);
            memcpy(dest, e->to, (size_t)e->edge_count * sizeof *dest);
        }
        e->next = next;
        e->to = dest;
        e->edge_capacity = capacity;
    }
    e->to[e->edge_count] = to;
    e->next[e->edge_count] = e->first[from];
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
        for (int x = e->first[at]; x >= 0; x = e->next[x])
            if (!seen[e->to[x]]) {
                seen[e->to[x]] = true;
                stack[n++] = e->to[x];
            }
    }
}

static bool reads_in_place(const Kernel *k, const Node *old) {
    if (!k->fused || k->node->op->class == CLASS_REDUCE) return false;
    for (int i = 0; i < k->read_count; i++)
        if (k->read[i] == old && k->program.load[i].kind != LOAD_FULL) return false;
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
        if (n->op == &op_state && n->attr.ref == s && p->needed[i]) return n;
    }
    return NULL;
}

static int buffer_new(Plan *p, size_t bytes, State *s) {
    p->buffer[p->buffer_count] = (Buffer){
        .bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1), .state = s, .first = -1, .last = -1};
    return p->buffer_count++;
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
    Kernel *k = &p->kernel[p->kernel_count++];
    *k = (Kernel){.node = as->value, .fused = true, .copy = true, .target = as->state};
    k->program = (PwProgram){.count = as->value->count,
                             .load_count = 1,
                             .store_count = 1,
                             .load = arena_new_array(a, PwLoad, 1),
                             .store = arena_new_array(a, PwArg, 1)};
    k->program.load[0] = pw_load(1, &as->value->count, &as->value->count);
    k->program.store[0] = (PwArg){PW_LOAD, 0};
    pw_prepare(&k->program);
    k->read = arena_new_array(a, Node *, 1);
    k->read[0] = storage(as->value);
    k->read_count = 1;
}

/* Kernels in an order that respects the edges; among those ready, the one made first by the page,
 * but a kernel that updates a state at once, since it frees the gradient it reads. */
static void sort_kernels(Plan *p, const Edges *e, int count) {
    Arena *a = p->g->arena;
    p->order = arena_new_array(a, Kernel *, (size_t)p->kernel_capacity);
    int *degree = arena_new_array(a, int, (size_t)count),
        *heap = arena_new_array(a, int, (size_t)count + 1);
    long *rank = arena_new_array(a, long, (size_t)count);
    memcpy(degree, e->degree, (size_t)count * sizeof *degree);
    for (int i = 0; i < count; i++) {
        const Node *last = p->kernel[i].store[p->kernel[i].store_count - 1];
        int b = p->buffer_of[last->id];
        rank[i] = b >= 0 && p->buffer[b].state ? -1 - (long)last->id : last->id;
    }
    int n = 0, done = 0;
#define LESS(x, y) (rank[x] < rank[y])
    for (int i = -1; done < count;) {
        /* push what became ready, then pop the least */
        for (int j = 0; i < 0 && j < count; j++) {
            if (degree[j]) continue;
            int c = n++;
            for (; c && LESS(j, heap[(c - 1) / 2]); c = (c - 1) / 2) heap[c] = heap[(c - 1) / 2];
            heap[c] = j;
        }
        if (!n) graph_fail(p->g, "internal error: the kernels cannot be ordered");
        i = heap[0];
        int moved = heap[--n], c = 0;
        for (int k; (k = 2 * c + 1) < n; c = k) {
            if (k + 1 < n && LESS(heap[k + 1], heap[k])) k++;
            if (!LESS(heap[k], moved)) break;
            heap[c] = heap[k];
        }
        heap[c] = moved;
        p->kernel[i].position = done;
        p->order[done++] = &p->kernel[i];
        for (int x = e->first[i]; x >= 0; x = e->next[x]) {
            int j = e->to[x];
            if (--degree[j]) continue;
            int d = n++;
            for (; d && LESS(j, heap[(d - 1) / 2]); d = (d - 1) / 2) heap[d] = heap[(d - 1) / 2];
            heap[d] = j;
        }
    }
#undef LESS
}

/* ---- memory ---- */

static void extend(Buffer *b, int position) {
    if (b->first < 0) b->first = position;
    if (position > b->last) b->last = position;
}

/* A fused kernel may write over an input that nobody needs afterwards. */
static int overwritable(const Plan *p, const Kernel *k, const Node *value) {
    if (!k->fused || k->copy || k->store_count != 1 || k->node->op->class == CLASS_REDUCE)
        return -1;
    for (int i = 0; i < k->read_count; i++) {
        int b = p->buffer_of[k->read[i]->id];
        if (b < 0 || p->buffer[b].state || p->buffer[b].last != k->position) continue;
        if (k->program.load[i].kind != LOAD_FULL || k->read[i]->count != value->count) continue;
        bool other = false; /* read in another way too, or several values share the place */
        for (int j = 0; j < k->read_count; j++)
            other |= j != i && p->buffer_of[k->read[j]->id] == b;
        if (!other) return b;
    }
    return -1;
}

static void find_lifetimes(Plan *p, int *last_use) {
    for (int i = 0; i < p->g->count; i++) last_use[i] = -1;
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = p->order[i];
        for (int j = 0; j < k->read_count; j++) last_use[k->read[j]->id] = i;
    }
    for (int i = 0; i < p->output_count; i++) last_use[storage(p->output[i])->id] = p->kernel_count;
}

static void make_buffers(Plan *p) {
    int *last_use = arena_new_array(p->g->arena, int, (size_t)p->g->count + 1);
    find_lifetimes(p, last_use);
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = p->order[i];
        for (int s = 0; s < k->store_count; s++) {
            Node *v = k->store[s];
            if (p->buffer_of[v->id] < 0) {
                int b = overwritable(p, k, v);
                p->buffer_of[v->id] = b >= 0 ? b : buffer_new(p, v->count * sizeof(float), NULL);
            }
            Buffer *b = &p->buffer[p->buffer_of[v->id]];
            extend(b, i);
            if (last_use[v->id] > b->last) b->last = last_use[v->id];
        }
    }
}

static int by_size(const void *x, const void *y) {
    const Buffer *a = *(Buffer *const *)x, *b = *(Buffer *const *)y;
    if (a->bytes != b->bytes) return a->bytes < b->bytes ? 1 : -1;
    return (a > b) - (a < b);
}

static int by_offset(const void *x, const void *y) {
    const Buffer *a = *(Buffer *const *)x, *b = *(Buffer *const *)y;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Largest first, each at the lowest offset free during its whole life. */
static void place_buffers(Plan *p) {
    Arena *a = p->g->arena;
    size_t n = 0;
    Buffer **list = arena_new_array(a, Buffer *, (size_t)p->buffer_count + 1);
    Buffer **live = arena_new_array(a, Buffer *, (size_t)p->buffer_count + 1);
    for (int i = 0; i < p->buffer_count; i++)
        if (!p->buffer[i].state) list[n++] = &p->buffer[i];
    qsort(list, n, sizeof *list, by_size);
    for (size_t i = 0; i < n; i++) {
        size_t m = 0, at = 0;
        for (size_t j = 0; j < i; j++)
            if (list[j]->first <= list[i]->last && list[i]->first <= list[j]->last)
                live[m++] = list[j];
        qsort(live, m, sizeof *live, by_offset);
        for (size_t j = 0; j < m && live[j]->offset < at + list[i]->bytes; j++)
            if (live[j]->offset + live[j]->bytes > at) at = live[j]->offset + live[j]->bytes;
        list[i]->offset = at;
        if (!size_add(at, list[i]->bytes, &at)) graph_fail(p->g, "the plan needs too much memory");
        if (at > p->value_bytes) p->value_bytes = at;
    }
}

static size_t kernel_scratch(const Kernel *k) {
    if (!k->fused) return k->node->op->scratch ? k->node->op->scratch(k->node) : 0;
    if (!k->copy && k->node->op->class == CLASS_REDUCE)
        return pw_reduce_scratch(&k->program, k->reduce[0], k->reduce[1], k->reduce[2]);
    return pw_scratch(&k->program);
}

/* Whether a run gives the state behind this leaf a new value. */
static bool assigns(const Plan *p, const Node *n) {
    for (int i = 0; i < p->assign_count; i++)
        if (n->op == &op_state && n->attr.ref == p->assign[i].state) return true;
    return false;
}

Plan *plan_new(Graph *g, int output_count, Node *const *output, int assign_count,
               const Assign *assign) {
    Arena *a = g->arena;
    Plan *p = arena_alloc(a, sizeof *p);
    p->g = g;
    p->output_count = output_count;
    p->assign_count = assign_count;
    p->output = arena_new_array(a, Node *, (size_t)output_count + 1);
    p->assign = arena_new_array(a, Assign, (size_t)assign_count + 1);
    if (output_count) memcpy(p->output, output, (size_t)output_count * sizeof *output);
    if (assign_count) memcpy(p->assign, assign, (size_t)assign_count * sizeof *assign);
    /* a state that takes another's old value goes through a kernel, which the order can respect; so
     * does an output that shows the old value of a state */
    for (int i = 0; i < assign_count; i++)
        if (storage(p->assign[i].value)->op->class == CLASS_LEAF)
            p->assign[i].value = n_stop(g, p->assign[i].value);
    for (int i = 0; i < output_count; i++)
        if (assigns(p, storage(p->output[i]))) p->output[i] = n_stop(g, p->output[i]);
    plan_fuse(p);
    p->buffer = arena_new_array(a, Buffer, (size_t)g->count + (size_t)assign_count);
    p->buffer_of = arena_new_array(a, int, (size_t)g->count);
    for (int i = 0; i < g->count; i++) p->buffer_of[i] = -1;
    Edges e = data_edges(p);
    bool *seen = arena_new_array(a, bool, (size_t)p->kernel_capacity);
    int *stack = arena_new_array(a, int, (size_t)p->kernel_capacity);
    int sorted = p->kernel_count;
    bool *copied = arena_new_array(a, bool, (size_t)assign_count + 1);
    for (int i = 0; i < assign_count; i++)
        copied[i] = !assign_in_place(p, &e, &p->assign[i], seen, stack);
    sort_kernels(p, &e, sorted);
    for (int i = 0; i < assign_count; i++)
        if (copied[i]) {
            p->order[p->kernel_count] = &p->kernel[p->kernel_count];
            p->kernel[p->kernel_count].position = p->kernel_count;
            assign_by_copy(p, &p->assign[i]);
            p->order[p->kernel_count - 1]->position = p->kernel_count - 1;
        }
    make_buffers(p);
    place_buffers(p);
    for (int i = 0; i < p->kernel_count; i++) {
        size_t s = kernel_scratch(&p->kernel[i]);
        if (s > p->scratch_bytes) p->scratch_bytes = s;
    }
    return p;
}

size_t plan_bytes(const Plan *p) { return p->value_bytes + p->scratch_bytes + ALIGN; }

bool plan_reads(const Plan *p, const Input *in) {
    for (int i = 0; i < p->g->count; i++)
        if (p->needed[i] && p->g->nodes[i]->op == &op_input && p->g->nodes[i]->attr.ref == in)
            return true;
    return false;
}

PlanCost plan_cost(const Plan *p) {
    PlanCost c = {.kernels = p->kernel_count,
                  .value_bytes = p->value_bytes,
                  .scratch_bytes = p->scratch_bytes};
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = &p->kernel[i];
        for (int j = 0; j < k->read_count; j++)
            c.traffic += sizeof(float) * (double)k->read[j]->count;
        for (int j = 0; j < k->store_count; j++)
            c.traffic += sizeof(float) * (double)k->store[j]->count;
        if (k->fused)
            c.flops += (double)k->program.count * k->program.instr_count;
        else if (k->node->op->flops)
            c.flops += k->node->op->flops(k->node);
    }
    return c;
}
