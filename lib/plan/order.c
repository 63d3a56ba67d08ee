/* The order of kernels: readers after writers, and a state's new value after the readers of its old
 * one, so that it can be written in place. */
#include "base/address.h"
#include "plan/waits.h"

/* What assigning in place looks at. */
typedef struct {
    Plan *p;
    Edges edges;
    AddressTable leaf; /* states -> the nodes through which kernels read their old values */
    int *first_reader; /* by node: of a list of readers */
    struct Reader {
        int kernel, next;
    } * reader;
    int *seen; /* by kernel: the assignment, from 1 on, that it was last met for */
    int *stack;
} Order;

static Order order_of(Plan *p) {
    Arena *a = p->g->arena;
    size_t nodes = (size_t)p->g->count, capacity = (size_t)p->kernel_capacity, count = 0;
    Order o = {.p = p,
               .edges = edges_of_data(p),
               .leaf = {.arena = a},
               .first_reader = arena_new_array(a, int, nodes),
               .seen = arena_new_array(a, int, capacity),
               .stack = arena_new_array(a, int, capacity)};
    for (size_t i = 0; i < nodes; i++) {
        const State *s = leaf_state(p->g->nodes[i]);
        if (s && p->needed[i]) address_give(&o.leaf, s, (int)i);
        o.first_reader[i] = -1;
    }
    for (int i = 0; i < p->kernel_count; i++) count += (size_t)p->kernel[i].read_count;
    o.reader = arena_new_array(a, struct Reader, count);
    for (int i = 0, n = 0; i < p->kernel_count; i++)
        for (int j = 0; j < p->kernel[i].read_count; j++) {
            int *first = &o.first_reader[p->kernel[i].read[j]->id];
            if (*first >= 0 && o.reader[*first].kernel == i) continue;
            o.reader[n] = (struct Reader){i, *first};
            *first = n++;
        }
    return o;
}

/* Marks what depends on kernel k. */
static void mark_after(Order *o, int k, int mark) {
    const Edges *e = &o->edges;
    int n = 0;
    o->stack[n++] = k;
    o->seen[k] = mark;
    while (n) {
        int at = o->stack[--n];
        for (int x = e->first[at]; x >= 0; x = e->edge[x].next) {
            int to = e->edge[x].to;
            if (o->seen[to] != mark) o->stack[n++] = to;
            o->seen[to] = mark;
        }
    }
}

static bool reads_otherwise(const Kernel *k, const Node *old) {
    for (int i = 0; i < k->read_count; i++)
        if (k->read[i] == old &&
            (k->work.kind != WORK_POINTWISE || k->work.program.load[i].kind != LOAD_FULL))
            return true;
    return false;
}

/* Whether kernel k may write over a state's old value: what reads that can run first. Then edges
 * see to it. */
static bool after_readers(Order *o, int old, int k, int mark) {
    if (reads_otherwise(&o->p->kernel[k], o->p->g->nodes[old])) return false;
    mark_after(o, k, mark);
    for (int r = o->first_reader[old]; r >= 0; r = o->reader[r].next)
        if (o->reader[r].kernel != k && o->seen[o->reader[r].kernel] == mark) return false;
    for (int r = o->first_reader[old]; r >= 0; r = o->reader[r].next)
        edge_add(&o->edges, o->reader[r].kernel, k);
    return true;
}

/* Writes assignment i straight into the state's memory if that is safe. */
static bool assign_in_place(Order *o, int i) {
    Plan *p = o->p;
    const Assign *as = &p->assign[i];
    Node *v = storage(as->value);
    int k = p->kernel_of[v->id], old = address_number(&o->leaf, as->state);
    if (k < 0 || collects(&p->kernel[k]) || v->count != as->state->count ||
        p->buffer_of[v->id] >= 0)
        return false;
    if (old >= 0 && !after_readers(o, old, k, i + 1)) return false;
    p->buffer_of[v->id] = buffer_new(p, 0, as->state);
    return true;
}

/* A kernel at the end that copies a value into a state. */
static void assign_by_copy(Plan *p, const Assign *as) {
    Arena *a = p->g->arena;
    int at = p->kernel_count++;
    const Kernel *last = at ? p->order[at - 1] : NULL;
    Kernel *k = p->order[at] = &p->kernel[at];
    *k = (Kernel){.node = as->value,
                  .work = {.kind = WORK_POINTWISE},
                  .target = as->state,
                  .read = arena_new_array(a, Node *, 1),
                  .read_count = 1,
                  .segment = last ? last->segment + in_shards(last) : 0,
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

/* Where a kernel stands among those that are ready: by segment, what is common first; there, the
 * one made first by the page, but one that updates a state or collects at once, since it frees the
 * gradient it reads, and one that makes a number, as updates wait for such. */
static long rank_of(const Plan *p, const Kernel *k) {
    const Node *last = k->store[k->store_count - 1];
    int b = p->buffer_of[last->id];
    bool at_once = collects(k) || (b >= 0 && p->buffer[b].state) || last->count == 1;
    long part = 2 * (long)k->segment + in_shards(k);
    return (part << 34) + (1L << 33) + (at_once ? -1 - (long)last->id : last->id);
}

/* Kernels in an order that respects the edges. */
static void sort_kernels(Plan *p, const Edges *e) {
    Arena *a = p->g->arena;
    size_t count = (size_t)p->kernel_count;
    long *rank = arena_new_array(a, long, count + 1);
    Heap ready = {.kernel = arena_new_array(a, int, count + 1), .rank = rank};
    for (size_t i = 0; i < count; i++) rank[i] = rank_of(p, &p->kernel[i]);
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
    Order o = order_of(p);
    bool *in_place = arena_new_array(a, bool, (size_t)p->assign_count + 1);
    p->order = arena_new_array(a, Kernel *, (size_t)p->kernel_capacity);
    for (int i = 0; i < p->assign_count; i++) in_place[i] = assign_in_place(&o, i);
    if (p->g->shards > 1) plan_segment(p, &o.edges);
    sort_kernels(p, &o.edges);
    for (int i = 0; i < p->assign_count; i++)
        if (!in_place[i]) assign_by_copy(p, &p->assign[i]);
}
