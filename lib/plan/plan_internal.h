/* plan_internal.h: the plan's data, and its stages in their order: what is stored (fuse.c),
 * programs of fused kernels (write.c), the order of kernels (order.c), places in memory (memory.c).
 */
#ifndef GAN_PLAN_INTERNAL_H
#define GAN_PLAN_INTERNAL_H

#include "device/device.h"
#include "graph/ops.h"
#include "graph/shards.h"
#include "plan/pace.h"
#include "plan/plan.h"
#include "plan/tree.h"

enum { PLAN_ALIGN = 64 /* of places in the block */, FAULT_TEXT = 400 };

/* A place for a value: a stretch of the block, or a state's own memory. */
typedef struct {
    size_t bytes, offset;
    size_t each;     /* not 0: a place for each shard, so many bytes apart */
    int first, last; /* positions in the order of kernels between which it is needed */
    State *state;    /* not NULL: lives there */
} Buffer;

typedef struct {
    Node *node; /* the operation, or the (first) value a fused kernel stores */
    Work work;
    Node **store; /* values written */
    int store_count;
    Node **read; /* storage nodes read, in the order the work wants them */
    int read_count;
    State *target; /* not NULL: a copy of the value read to there, in place of a store */
    int size;      /* instructions that fusion expects */
    int segment;   /* see Segment */
    bool at_once;  /* of split values: those of all shards, which lie one after another */
    int turn;      /* for an order: those of small numbers first */
    int position;  /* in the order of running */
    float *parts;  /* of what collects: where sums that wait are, but the first of them */
    int parts_buffer;
    const float **in; /* pointers, bound: of a shard after the other */
    float **out;
    double seconds, calls;
} Kernel;

/* Kernels are cut into segments, in each of which those of common values run first and then, for a
 * shard after the other, those that are split: so a value that only one segment knows has one place
 * for all shards. A segment begins where something needs what all shards together have collected,
 * or where values of all are taken at once. A minibatch that is whole has one segment, in which all
 * is common. */
typedef struct {
    int first, shards, end; /* positions: of what is common; of the shards' kernels; behind */
} Segment;

typedef struct Exchange Exchange; /* see exchange_start */

struct Plan {
    Graph *g;
    Ranks *ranks;
    Exchange *exchange;             /* NULL: alone */
    size_t first_shard, own_shards; /* those played here */
    int *joins;                     /* by shard played here: what tree_add gave, */
    int *waiting;                   /* and how many sums waited before */
    int most_waiting;
    Segment *segment;
    int segment_count;
    bool *crosses; /* node -> it is split, and has a place for each shard: a segment needs what an
                    * earlier one has stored, or all are stored at once */
    const Device *device;
    int output_count, assign_count;
    Node **output;
    Assign *assign;
    bool *needed;
    int node_count; /* of the graph, and of values that are made again */
    int *kernel_of; /* node -> kernel that stores it, or -1 */
    Kernel *kernel; /* in order of creation */
    int kernel_count, kernel_capacity;
    Kernel **order;
    Buffer *buffer;
    int buffer_count;
    int *buffer_of; /* node -> buffer, or -1 */
    size_t value_bytes, scratch_bytes;
    char *block;
    Pace pace;
    bool profile;
    char *fault; /* traced: what run has found, "" for nothing */
};

/* The node whose memory holds n's value: views are looked through. */
static inline Node *storage(Node *n) {
    while (n->op->class == CLASS_VIEW) n = n->input[0];
    return n;
}

/* How many of its inputs a node reads; others only say how to differentiate it. */
static inline int reads(const Node *n) {
    return n->op->class == CLASS_POINTWISE ? pw_arity(n->op->code) : n->input_count;
}

static inline bool is_fused(const Kernel *k) { return k->work.kind != WORK_KERNEL; }
/* Whether it puts the shards' values together. */
static inline bool collects(const Kernel *k) {
    return !is_fused(k) && k->node->op->class == CLASS_COLLECT;
}
/* Whether it runs for each shard. */
static inline bool in_shards(const Kernel *k) {
    return (k->node->split && !k->at_once) || collects(k);
}
/* Shards whose values it makes in a run. */
static inline size_t makes(const Plan *p, const Kernel *k) {
    return k->at_once ? p->own_shards : 1;
}

typedef struct Edges Edges; /* see waits.h */

/* Fills needed, kernel, kernel_of. */
void plan_fuse(Plan *p);
/* Fills the work and the reads of each kernel. */
void plan_write(Plan *p);
/* Lets a fused kernel store one of its values only, and read what that takes. */
void kernel_keep(Kernel *k, int store, Arena *arena);
/* Fills order, with copies to states at its end; values that can be written straight to their state
 * get a buffer there. */
void plan_order(Plan *p);
/* Into which segment each kernel comes: the first that it can, or a later one where the values that
 * wait for it take less room. */
void plan_segment(Plan *p, const Edges *e);
/* Of kernels in their order: where segments begin and end, and which values cross them. */
void plan_cut(Plan *p);
/* Gives the other values their buffers, and buffers their places; fills value_bytes. */
void plan_place(Plan *p);
/* The last two, of kernels that have an order. */
void plan_lay(Plan *p);
/* Of a plan that has been laid: gives its kernels an order in which some run again, so that values
 * need no more than `most` bytes; if that cannot be, as few as it finds. The arena is for its work.
 */
void plan_recompute(Plan *p, size_t most, Arena *arena);
/* No value has a buffer yet. */
void buffers_start(Plan *p);
/* A buffer of its own for a value; state: it lives there. */
int buffer_new(Plan *p, size_t bytes, State *state);

/* A row for each layer: what it makes, its parameters, multiplications, and bytes that it makes;
 * and for each net. */
void plan_layers(const Plan *p, Str *out);

double kernel_flops(const Kernel *k);
/* Puts what a shard has of what is collected, `which` of those played here, together with what came
 * before. */
void collect_shard(const Plan *p, const Kernel *k, size_t which);

/* Where the n-th of the sums that wait is. */
float *collect_waiting(const Kernel *k, int n);
/* left, of shards before those of right, becomes what both are together. */
void collect_join(CollectKind kind, float *left, const float *right, size_t count);

/* Between ranks: what a plan needs, bytes of scratch, and what has been collected in a segment
 * brought together. */
void exchange_start(Plan *p);
size_t exchange_scratch(const Plan *p);
void exchange(const Plan *p, const Segment *s, void *scratch);
/* Seconds that it has taken in the runs that were timed, with waiting for others, and in how many.
 */
double exchange_seconds(const Plan *p, double *runs);

/* "fused", "reduce", "copy" or the operation's name */
const char *kernel_kind(const Kernel *k);

/* What is wrong with a plan, in one line, or NULL: a node before its inputs, a kernel before what
 * it reads, two values in one place, a register or load that is none. Looked at in a debug build.
 */
const char *plan_check(const Plan *p, char *text, size_t size);

#endif
