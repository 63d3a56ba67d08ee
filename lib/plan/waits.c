#include "plan/waits.h"

#include <string.h>

void edge_add(Edges *e, int from, int to) {
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

Edges edges_of_data(Plan *p) {
    Arena *a = p->g->arena;
    size_t capacity = (size_t)p->kernel_capacity;
    Edges e = {.arena = a,
               .first = arena_new_array(a, int, capacity),
               .degree = arena_new_array(a, int, capacity)};
    for (size_t i = 0; i < capacity; i++) e.first[i] = -1;
    for (int i = 0; i < p->kernel_count; i++)
        for (int j = 0; j < p->kernel[i].read_count; j++) {
            int from = p->kernel_of[p->kernel[i].read[j]->id];
            if (from >= 0) edge_add(&e, from, i);
        }
    return e;
}
