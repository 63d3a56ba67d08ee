#include "page/graphs/dag.h"

#include <string.h>

Dag dag_new(Arena *arena, int count) {
    size_t n = (size_t)count;
    return (Dag){count, arena_new_array(arena, bool, n *n + 1),
                 arena_new_array(arena, bool, n + 1)};
}

static size_t at(const Dag *d, int child, int parent) {
    return (size_t)child * (size_t)d->count + (size_t)parent;
}

void dag_connect(Dag *d, int child, int parent) { d->edge[at(d, child, parent)] = true; }

bool dag_parent(const Dag *d, int child, int parent) { return d->edge[at(d, child, parent)]; }

/* ---- order ---- */

enum { PLACED = -1 }; /* in place of the number of parents that a node waits for */

/* Whoever waits waits for another that does: going from one to the next comes round. */
static int find_circle(Arena *arena, const Dag *d, const int *waiting, int *circle) {
    int *when = arena_new_array(arena, int, (size_t)d->count + 1); /* met, from 1 on */
    int node = 0, n = 0;
    while (waiting[node] == PLACED) node++;
    while (!when[node]) {
        circle[n++] = node;
        when[node] = n;
        int parent = 0;
        while (waiting[parent] == PLACED || !dag_parent(d, node, parent)) parent++;
        node = parent;
    }
    int before = when[node] - 1;
    memmove(circle, circle + before, (size_t)(n - before) * sizeof *circle);
    return n - before;
}

int dag_order(Arena *arena, const Dag *d, int *order) {
    int *waiting = arena_new_array(arena, int, (size_t)d->count + 1);
    for (int i = 0; i < d->count; i++)
        for (int k = 0; k < d->count; k++) waiting[i] += dag_parent(d, i, k);
    for (int n = 0; n < d->count; n++) {
        int next = 0;
        while (next < d->count && waiting[next]) next++;
        if (next == d->count) return find_circle(arena, d, waiting, order);
        order[n] = next;
        waiting[next] = PLACED;
        for (int i = 0; i < d->count; i++) waiting[i] -= dag_parent(d, i, next);
    }
    return d->count;
}

/* ---- recognition ---- */

static Dag recognition_of(Arena *arena, const Dag *p) {
    Dag q = dag_new(arena, p->count);
    memcpy(q.observed, p->observed, (size_t)p->count * sizeof *q.observed);
    return q;
}

Dag dag_mean_field(Arena *arena, const Dag *p) {
    Dag q = recognition_of(arena, p);
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < p->count && !p->observed[i]; k++)
            if (p->observed[k]) dag_connect(&q, i, k);
    return q;
}

/* Parents, children, and the children's other parents. */
static void find_blanket(const Dag *d, int node, bool *blanket) {
    memset(blanket, 0, (size_t)d->count * sizeof *blanket);
    for (int i = 0; i < d->count; i++) {
        bool child = dag_parent(d, i, node);
        blanket[i] |= child || dag_parent(d, node, i);
        for (int k = 0; k < d->count && child; k++) blanket[k] |= dag_parent(d, i, k);
    }
    blanket[node] = false;
}

Dag dag_inverse(Arena *arena, const Dag *p) {
    Dag q = recognition_of(arena, p);
    size_t n = (size_t)p->count + 1;
    int *order = arena_new_array(arena, int, n);
    bool *blanket = arena_new_array(arena, bool, n), *there = arena_new_array(arena, bool, n);
    memcpy(there, p->observed, (size_t)p->count * sizeof *there);
    for (int i = dag_order(arena, p, order); i-- > 0;) {
        int node = order[i];
        if (p->observed[node]) continue;
        find_blanket(p, node, blanket);
        for (int k = 0; k < p->count; k++)
            if (blanket[k] && there[k]) dag_connect(&q, node, k);
        there[node] = true;
    }
    return q;
}
