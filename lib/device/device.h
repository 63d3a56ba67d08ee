/* device.h: what runs a plan's kernels, and whose memory their values are in. A plan knows kernels
 * only as pieces of work, and a device nothing of plans. Today there is the processor. */
#ifndef GAN_DEVICE_H
#define GAN_DEVICE_H

#include "graph/graph.h"

typedef enum {
    WORK_KERNEL,    /* an operation with a kernel of its own */
    WORK_POINTWISE, /* a program of fused pointwise operations */
    WORK_REDUCE     /* the same, whose values are reduced instead of stored */
} WorkKind;

typedef struct {
    WorkKind kind;
    const Node *node;     /* WORK_KERNEL: the operation */
    const void *prepared; /* what the device has made of it before the first run */
    PwProgram program;    /* the others */
    PwReduce reduce;      /* WORK_REDUCE: how, and the extents of the space, [a, r, b], */
    size_t extents[3];    /* of which r is reduced */
} Work;

typedef struct {
    const char *name;
    bool (*supports)(const Work *w);
    /* A block for values and scratch, aligned to 64 bytes; NULL and err when there is none. */
    void *(*alloc)(size_t bytes, Error *err);
    void (*free)(void *block);
    /* Where kernels find what lies at `host`, and where the host finds a kernel's value, `count`
     * floats: the same place for a device that shares the host's memory. */
    const float *(*put)(const float *host, size_t count);
    const float *(*get)(const float *value, size_t count);
    /* Decides what can be decided once for all runs, in the arena. */
    void (*prepare)(Work *w, Arena *arena);
    /* Instead, for so many results at once, see OpDef.plan_many: whether it can. */
    bool (*prepare_many)(Work *w, size_t times, Arena *arena);
    /* Bytes of scratch a run needs. */
    size_t (*scratch)(const Work *w);
    /* in: what the operation's inputs or the program's loads read; out: the result, or a value for
     * each store. Runs come one after another, as they are given. */
    void (*run)(const Work *w, const float *const *in, float *const *out, void *scratch,
                const RunContext *context);
    /* Returns when all that was run is done. */
    void (*sync)(void);
} Device;

extern const Device device_cpu;

#endif
