/* plan_internal.h: the plan's data, shared by fusion (fuse.c), layout (plan.c) and running (run.c).
 */
#ifndef GAN_PLAN_INTERNAL_H
#define GAN_PLAN_INTERNAL_H

#include "graph/ops.h"
#include "plan/plan.h"

/* A place for a value: a stretch of the block, or a state's own memory. */
typedef struct {
    size_t bytes, offset;
    int first, last; /* positions in the order of kernels between which it is needed */
    State *state;    /* not NULL: lives there */
    bool placed;
} Buffer;

typedef struct {
    Node *node;   /* the operation, or the (first) value a fused kernel stores */
    Node **store; /* values written */
    int store_count;
    Node **read; /* storage nodes read, in the order the kernel wants them */
    int read_count;
    bool fused;
    bool copy; /* writes store[0]'s value to target */
    State *target;
    PwProgram program;
    PwReduce reduce_op;
    size_t reduce[3]; /* a, r, b when the node is a reduction */
    int position;     /* in the order of running */
    const float **in; /* pointers, bound */
    float **out;
    double seconds, calls;
} Kernel;

struct Plan {
    Graph *g;
    int output_count, assign_count;
    Node **output;
    Assign *assign;
    bool *needed;
    int *kernel_of; /* node -> kernel that stores it, or -1 */
    Kernel *kernel; /* in order of creation */
    int kernel_count, kernel_capacity;
    Kernel **order;
    Buffer *buffer;
    int buffer_count;
    int *buffer_of; /* node -> buffer, or -1 */
    size_t value_bytes, scratch_bytes;
    char *block;
    bool profile;
};

/* The node whose memory holds n's value: views are looked through. */
static inline Node *storage(Node *n) {
    while (n->op->class == CLASS_VIEW) n = n->input[0];
    return n;
}

/* fuse.c: fills needed, kernel, kernel_of. */
void plan_fuse(Plan *p);

#endif
