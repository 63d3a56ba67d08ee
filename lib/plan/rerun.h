/* rerun.h: through a plan's kernels in the order in which they run, towards an order in which some
 * of them run again, see recompute.c. */
#ifndef GAN_RERUN_H
#define GAN_RERUN_H

#include "plan/plan_internal.h"

/* A value on the way through the order. */
typedef struct {
    Node *now; /* in which it is at present: itself, or the last copy made again */
    bool alive;
    double bytes;          /* that it has taken */
    int pinned;            /* kernels under way that read it */
    int wanted;            /* kernels that are to run again which read it */
    int *use, uses, next;  /* positions of what reads it, and the first that is still to come */
    int source;            /* until when what was given up is made of it; -1: nothing is */
    int until;             /* the last position at which it can be made again; -1: none */
    int made, shards_read; /* segments: in which it was made, and last read by all shards; or -1 */
    int seen;              /* by a search */
} Held;

/* The order as it was, and as it becomes. */
typedef struct {
    const Plan *was;
    Arena *arena, *keep;  /* for the walk; for the plan */
    Kernel *old, **order; /* as they were, but for updates that come later and sums apart */
    int old_count, *kernel_of;
    Held *held; /* by node */
    int *alive, alive_count;
    double bytes, budget;
    int position, segment; /* in the old order */
    int search;            /* its number: what it has met bears it */
    int *again;            /* by kernel: the search that wants it run again */
    int *met, met_count;   /* values that are wanted */
    Kernel *kernel;        /* the new order */
    int count, capacity, nodes;
} Rerun;

/* Through its kernels with the budget; false: there would be too many. */
bool rerun(Rerun *w);

static inline bool is_cut(const Rerun *w) { return graph_shards(w->was->g) > 1; }

static inline const Kernel *maker(const Rerun *w, const Node *v) {
    int k = w->kernel_of[v->id];
    return k < 0 ? NULL : &w->old[k];
}

/* Whether a value takes memory of the block. */
static inline bool is_held(const Rerun *w, const Node *v) {
    int b = w->was->buffer_of[v->id];
    return maker(w, v) && (b < 0 || !w->was->buffer[b].state);
}

/* What a kernel costs, in operations. */
double work_of(const Kernel *k);

#endif
