/* Values in memory: which share a buffer, and where in the block each buffer lies. */
#include "plan/plan_internal.h"

#include <math.h>
#include <stdlib.h>

#include "plan/room.h"

void buffers_start(Plan *p) {
    Arena *a = p->g->arena;
    size_t nodes = (size_t)p->node_count;
    p->buffer_count = 0;
    p->value_bytes = 0;
    p->buffer = arena_new_array(a, Buffer, 2 * nodes + (size_t)p->assign_count);
    p->buffer_of = arena_new_array(a, int, nodes);
    for (size_t i = 0; i < nodes; i++) p->buffer_of[i] = -1;
}

int buffer_new(Plan *p, size_t bytes, State *state) {
    p->buffer[p->buffer_count] =
        (Buffer){.bytes = (bytes + PLAN_ALIGN - 1) & ~(size_t)(PLAN_ALIGN - 1),
                 .state = state,
                 .first = -1,
                 .last = -1};
    return p->buffer_count++;
}

static void extend(Buffer *b, int position) {
    if (b->first < 0) b->first = position;
    if (position > b->last) b->last = position;
}

/* Whether a value is a shard's own that is forgotten before the next shard. */
static bool is_inner(const Plan *p, const Node *v) { return v->split && !p->crosses[v->id]; }

/* A fused kernel may write over an input that nobody needs afterwards. */
static int overwritable(const Plan *p, const Kernel *k, const Node *value) {
    if (k->work.kind != WORK_POINTWISE || k->target || k->store_count != 1) return -1;
    if (value->split && !is_inner(p, value)) return -1;
    for (int i = 0; i < k->read_count; i++) {
        int b = p->buffer_of[k->read[i]->id];
        if (b < 0 || p->buffer[b].state || p->buffer[b].last != k->position) continue;
        if (k->work.program.load[i].kind != LOAD_FULL || k->read[i]->count != value->count)
            continue;
        if (k->read[i]->split != value->split || (value->split && !is_inner(p, k->read[i])))
            continue;
        bool other = false; /* read in another way too, or several values share the place */
        for (int j = 0; j < k->read_count; j++)
            other |= j != i && p->buffer_of[k->read[j]->id] == b;
        if (!other) return b;
    }
    return -1;
}

static void find_lifetimes(Plan *p, int *last_use) {
    for (int i = 0; i < p->node_count; i++) last_use[i] = -1;
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = p->order[i];
        const Segment *s = &p->segment[k->segment];
        for (int j = 0; j < k->read_count; j++) {
            bool again = in_shards(k) && !is_inner(p, k->read[j]); /* by the next shard */
            last_use[k->read[j]->id] = again ? s->end - 1 : i;
        }
    }
    for (int i = 0; i < p->output_count; i++) last_use[storage(p->output[i])->id] = p->kernel_count;
}

/* A buffer for what a kernel stores: of all shards, where later segments need them. */
static int buffer_for(Plan *p, const Node *v) {
    int b = buffer_new(p, v->count * sizeof(float), NULL);
    if (v->split && p->crosses[v->id]) {
        p->buffer[b].each = p->buffer[b].bytes;
        if (!size_mul(p->buffer[b].each, p->own_shards, &p->buffer[b].bytes))
            graph_fail(p->g, "the plan needs too much memory");
    }
    return b;
}

/* Where sums wait while a segment runs, the first of them where the result is to be. */
static void make_parts(Plan *p, Kernel *k) {
    const Segment *s = &p->segment[k->segment];
    size_t waiting = collect_kind(k->node) == COLLECT_ROWS ? 1 : (size_t)p->most_waiting;
    k->parts_buffer = buffer_new(p, k->read[0]->count * sizeof(float), NULL);
    Buffer *b = &p->buffer[k->parts_buffer];
    if (!size_mul(b->bytes, waiting - 1, &b->bytes))
        graph_fail(p->g, "the plan needs too much memory");
    extend(b, s->shards);
    extend(b, s->end - 1);
}

static void make_buffers(Plan *p) {
    int *last_use = arena_new_array(p->g->arena, int, (size_t)p->node_count + 1);
    find_lifetimes(p, last_use);
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = p->order[i];
        const Segment *g = &p->segment[k->segment];
        if (collects(k)) make_parts(p, k);
        for (int s = 0; s < k->store_count; s++) {
            Node *v = k->store[s];
            if (p->buffer_of[v->id] < 0) {
                int b = overwritable(p, k, v);
                p->buffer_of[v->id] = b >= 0 ? b : buffer_for(p, v);
            }
            Buffer *b = &p->buffer[p->buffer_of[v->id]];
            bool whole = in_shards(k) && !is_inner(p, v); /* written by one shard after the other */
            extend(b, whole ? g->shards : i);
            if (whole) extend(b, g->end - 1);
            if (last_use[v->id] > b->last) b->last = last_use[v->id];
        }
    }
}

/* Sizes that differ by a few per cent are taken as the same; a buffer may be empty. */
static int size_class(const Buffer *b) { return (int)(8 * log2(1 + (double)b->bytes) + .5); }

static int by_size(const void *x, const void *y) {
    const Buffer *a = *(Buffer *const *)x, *b = *(Buffer *const *)y;
    int class = size_class(b) - size_class(a);
    if (class) return class;
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    return (a > b) - (a < b);
}

/* Largest first, each at the lowest offset free during its whole life. */
static void find_places(Plan *p) {
    Arena *a = p->g->arena;
    ArenaMark mark = arena_mark(a);
    size_t n = 0;
    Buffer **list = arena_new_array(a, Buffer *, (size_t)p->buffer_count + 1);
    Room *room = room_new(a, p->kernel_count + 1);
    for (int i = 0; i < p->buffer_count; i++)
        if (!p->buffer[i].state) list[n++] = &p->buffer[i];
    qsort(list, n, sizeof *list, by_size);
    for (size_t i = 0; i < n; i++) {
        Buffer *b = list[i];
        size_t end;
        b->offset = room_find(room, b->first, b->last, b->bytes);
        if (!size_add(b->offset, b->bytes, &end))
            graph_fail(p->g, "the plan needs too much memory");
        room_take(room, b->first, b->last, b->offset, b->bytes);
        if (end > p->value_bytes) p->value_bytes = end;
    }
    arena_rewind(a, mark);
}

void plan_place(Plan *p) {
    make_buffers(p);
    find_places(p);
}
