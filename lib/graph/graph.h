/* graph.h: a graph of tensor operations that is differentiated, simplified, planned and run.
 *
 * Nodes are made once and never change; making the same node twice gives the same node (common
 * subexpressions are shared from the start). Node numbers are a topological order. Tensors are
 * float32, row-major, of rank at most 8. Errors of construction (shapes that do not fit) go through
 * the graph's trap with the place set in `at`. */
#ifndef GAN_GRAPH_H
#define GAN_GRAPH_H

#include "base/base.h"
#include "maths/special.h"
#include "tensor/conv/conv.h"
#include "tensor/pointwise/pointwise.h"
#include "tensor/resample.h"

enum { RANK_MAX = PW_RANK };

typedef struct Graph Graph;
typedef struct Node Node;
typedef struct OpDef OpDef;

/* Storage that outlives a run: parameters, moments, averages, states. Owned by whoever made it. */
typedef struct State {
    const char *name;
    int rank;
    size_t shape[RANK_MAX], count;
    float *data;
} State;

/* A value supplied at each run. */
typedef struct Input {
    const char *name;
    int rank;
    size_t shape[RANK_MAX], count;
    bool split;        /* each shard has one: they lie one after another */
    const float *data; /* of the first shard that is played here */
} Input;

typedef enum { RANDOM_UNIFORM, RANDOM_NORMAL } RandomKind;

/* A place in a page; no file: none. */
typedef struct {
    const char *file;
    int line, column;
} NodeOrigin;

/* A call of a net that is being evaluated, for messages. */
typedef struct NodeCall {
    const char *net;
    NodeOrigin at;
    const struct NodeCall *up;
} NodeCall;

struct Node {
    const OpDef *op;
    int id;      /* its place in the graph: inputs have smaller ones */
    bool named;  /* gradients may be asked for in it: simplifications must not look through it */
    bool split;  /* each shard of the minibatch has a value of its own */
    bool steady; /* what is computed for a sample has the same bits in a minibatch of any size */
    int rank;
    size_t shape[RANK_MAX], count;
    int input_count;
    Node **input;
    NodeOrigin origin;  /* what of the page it was made for first */
    int order;          /* how many differentiations it took: 0 for the page's own */
    const void *params; /* what the operation needs besides: OpDef.params bytes */
};

/* What a run supplies to kernels. */
typedef struct {
    uint64_t seed, draw;
    uint64_t sample; /* number of the batch's first sample, for draws that belong to samples */
    uint64_t shard;  /* the one that is computed, from 0 */
} RunContext;

typedef enum {
    CLASS_LEAF,      /* input, state: no kernel */
    CLASS_CONST,     /* a number spread over a shape */
    CLASS_POINTWISE, /* fused */
    CLASS_BROADCAST, /* a way to read */
    CLASS_VIEW,      /* same memory, other shape */
    CLASS_REDUCE,    /* fused with what it reduces */
    CLASS_COLLECT,   /* of all shards' values */
    CLASS_KERNEL     /* has run() */
} OpClass;

/* One run of an operation's kernel. */
typedef struct {
    const Node *node;
    const void *plan; /* what OpDef.plan has made */
    const float *const *in;
    float *out;
    void *scratch;
    const RunContext *context;
} OpRun;

/* One operation: everything about it in one place, its file. */
struct OpDef {
    const char *name;
    OpClass class;
    PwCode code;   /* CLASS_POINTWISE */
    size_t params; /* bytes of its parameters */
    /* The gradient of the cost in input `which`, given dy, the gradient in self; NULL if none. */
    Node *(*grad)(Graph *g, Node *self, Node *dy, int which);
    /* The sum of two of its results by one operation; NULL: two are better. Itself NULL: always. */
    Node *(*sum)(Graph *g, const Node *a, const Node *b);
    /* CLASS_KERNEL, on the processor (device/device_cpu.c), `run` alone being needed: what can be
     * decided once for all runs, in the arena; bytes of scratch; the kernel; its work. */
    const void *(*plan)(const Node *self, Arena *arena);
    /* The same for so many of its results at once, which lie one after another, as the first
     * inputs do; the others they share. They have the bits that they have one by one. NULL: it
     * cannot be had. */
    const void *(*plan_many)(const Node *self, size_t times, Arena *arena);
    size_t (*scratch)(const void *plan);
    void (*run)(const OpRun *r);
    double (*flops)(const Node *self);
    bool cuts;  /* makes what each shard has of its own out of what is common */
    bool picks; /* of its first input it reads no more elements than it makes */
};

struct Graph {
    Arena *arena;
    Trap *trap;
    NodeOrigin at;        /* what is being evaluated: for messages, and of new nodes */
    const NodeCall *call; /* in which net, or NULL */
    const Node *of;       /* not NULL: its gradient is being made, which is due to the same place */
    bool traced;          /* to be planned so that each value can be looked at, see plan_trace */
    bool steady;          /* so are all nodes that are made now */
    bool sparing;         /* its plan is to be fit into a limit of memory, see plan_fit */
    size_t shards;        /* of the minibatch, see graph/shards.h; 0: it is whole */
    Node **nodes;
    int count, capacity;
    size_t limit; /* of nodes; 0: none */
    int *table;   /* hash of nodes */
    int table_size;
};

Graph *graph_new(Arena *arena, Trap *trap);
_Noreturn void graph_fail(Graph *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The node with these properties, made if need be. The parameters, NULL when the operation has
 * none, are copied; they are compared byte by byte, so a struct with holes must be cleared first.
 */
Node *graph_node(Graph *g, const OpDef *op, int rank, const size_t *shape, int input_count,
                 Node *const *input, const void *params);

/* ---- leaves ---- */
Node *n_const(Graph *g, float value, int rank, const size_t *shape);
Node *n_number(Graph *g, float value);
bool n_is_const(const Node *n, float *value);
bool n_is_number(const Node *n, float value); /* a constant of this value */
Node *n_input(Graph *g, const Input *in);
Node *n_state(Graph *g, const State *s);
/* batched: element i of sample s is number s*K+i of the stream, K being the elements a sample. */
Node *n_random(Graph *g, RandomKind kind, unsigned use, bool batched, int rank,
               const size_t *shape);
/* The same of a seed of its own, if not NULL, in place of the run's. */
Node *n_random_of(Graph *g, const uint64_t *seed, RandomKind kind, unsigned use, bool batched,
                  int rank, const size_t *shape);
Node *n_iota(Graph *g, size_t n); /* [0, 1, .., n-1] */

/* ---- pointwise, with broadcasting of shapes aligned at the right ---- */
Node *n_unary(Graph *g, PwCode c, Node *a);
Node *n_binary(Graph *g, PwCode c, Node *a, Node *b);
Node *n_select(Graph *g, Node *condition, Node *a, Node *b);
Node *n_add(Graph *g, Node *a, Node *b);
Node *n_sub(Graph *g, Node *a, Node *b);
Node *n_mul(Graph *g, Node *a, Node *b);
Node *n_div(Graph *g, Node *a, Node *b);
Node *n_scale(Graph *g, Node *a, double s);
/* A running average on its way: old + rate (now - old). */
Node *n_toward(Graph *g, Node *old, Node *now, Node *rate);
Node *n_stop(Graph *g, Node *a); /* the value, without a gradient */
Node *n_copy(Graph *g, Node *a); /* the same in memory of its own */

/* ---- shape ---- */
Node *n_broadcast(Graph *g, Node *a, int rank, const size_t *shape);
Node *n_reshape(Graph *g, Node *a, int rank, const size_t *shape);
Node *n_permute(Graph *g, Node *a, const int *order);
/* out[i] = a[begin + i*step], per axis; no step: 1 */
Node *n_slice(Graph *g, Node *a, const size_t *begin, const size_t *shape, const size_t *step);
/* The adjoint of n_slice: zeros of the given shape with a at begin + i*step. */
Node *n_place(Graph *g, Node *a, const size_t *begin, const size_t *shape, const size_t *step);
/* x along an axis at positions, numbers that are rounded down and kept within it; the axis gives
 * way to theirs. own: the first axis of `at` is that of x, each of whose rows has positions of its
 * own. */
Node *n_gather(Graph *g, Node *x, int axis, Node *at, bool own);
/* The sums of the first extents of x by position, [count, ..]: the adjoint of gathering along the
 * first axis. */
Node *n_scatter(Graph *g, Node *x, Node *at, size_t count);
/* x with the first extents at these positions replaced by those of y, the last where some are the
 * same; without a gradient. */
Node *n_put(Graph *g, Node *x, Node *at, Node *y);
Node *n_concat(Graph *g, int axis, int n, Node *const *parts);

/* ---- reductions; axes is a bit mask; reduced axes keep extent 1 ---- */
Node *n_reduce(Graph *g, PwReduce op, Node *a, unsigned axes);
Node *n_sum(Graph *g, Node *a, unsigned axes);
Node *n_mean(Graph *g, Node *a, unsigned axes);
Node *n_sum_all(Graph *g, Node *a); /* rank 0 */
/* (x - mean) / sqrt(var + eps) with the moments over axes, `whole` over all shards, var divided by
 * their number; both are returned, with reduced axes of extent 1 (Ioffe & Szegedy 2015,
 * Algorithm 1). */
Node *n_standardise(Graph *g, Node *x, unsigned axes, bool whole, double eps, Node **mean,
                    Node **var);

/* ---- products ---- */
/* [..,m,k] x [k,n], or [b,m,k] x [b,k,n]; ta, tb: the operand is stored transposed */
Node *n_matmul(Graph *g, Node *a, Node *b, bool ta, bool tb);
Node *n_conv(Graph *g, ConvKind kind, const ConvShape *s, Node *a, Node *b);

/* The largest value of each window, see tensor/pool.h. Pixels that share it share its gradient. */
Node *n_maxpool(Graph *g, const ConvShape *s, Node *x);

/* Linear maps along neighbouring axes that read a few elements, see tensor/resample.h; `in`, or of
 * an adjoint `out`, are a's extents. */
Node *n_resample(Graph *g, Node *a, const Resampling *r);

/* ---- special functions, and draws whose parameters have gradients ---- */
/* The derivative of that order of the digamma function; order -1: log gamma. */
Node *n_polygamma(Graph *g, Node *x, int order);
/* See maths/special.h. */
Node *n_bessel(Graph *g, BesselKind kind, double nu, Node *x);
/* Logs of gamma variables, one of each shape. Numbered as those of n_random are. */
Node *n_log_gamma_draw(Graph *g, unsigned use, bool batched, Node *shape);
/* 1 - the cosine of the angle between a draw from the von Mises-Fisher distribution in m dimensions
 * and its mean, for each kappa. Its gradient is that of the path: the accepted trial is held fixed.
 */
Node *n_depth_draw(Graph *g, unsigned use, bool batched, size_t m, Node *kappa);
/* 4 kappa^2 + (m-1)^2, whose root is in both parts of that distribution's gradient. */
Node *n_vmf_square(Graph *g, Node *kappa, double m);

/* ---- differentiation ---- */
/* d[i] = gradient of the sum of y in x[i], of x[i]'s shape; zeros where y does not depend on it. */
void graph_gradients(Graph *g, Node *y, int n, Node *const *x, Node **d);

char *node_shape_text(const Node *n, char *buf, size_t size);

#endif
