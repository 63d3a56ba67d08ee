/* waits.h: which kernels must run before which. */
#ifndef GAN_WAITS_H
#define GAN_WAITS_H

#include "plan/plan_internal.h"

typedef struct {
    int to, next;
} Edge;
struct Edges {
    Edge *edge;
    int edge_count, edge_capacity;
    int *first, *degree; /* by kernel; degree: how many are before it */
    Arena *arena;
};

void edge_add(Edges *e, int from, int to);
/* From the writers of values to their readers. */
Edges edges_of_data(Plan *p);

#endif
