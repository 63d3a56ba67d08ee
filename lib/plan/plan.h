/* plan.h: from a graph to a list of kernels in one block of memory, run again and again without
 * allocating.
 *
 * Pointwise chains are fused into the kernels that store their results; a value needed by several
 * kernels is stored, or computed again where that is as cheap as reading it. Values live in one
 * block, laid out by the time each is needed. New values of states are written in place where every
 * reader of the old value has run, else copied at the end. */
#ifndef GAN_PLAN_H
#define GAN_PLAN_H

#include "graph/graph.h"
#include "ranks/ranks.h"

typedef struct {
    State *state;
    Node *value;
    int group; /* assignments of one group and shape are done in one pass over memory */
} Assign;

typedef struct Plan Plan;

/* The plan lives in the graph's arena; errors go through the graph's trap. Of the graph's shards it
 * runs those that are this rank's; ranks, which are not owned: NULL runs all. */
Plan *plan_new(Graph *g, Ranks *ranks, int output_count, Node *const *output, int assign_count,
               const Assign *assign);
/* Bytes of the block plan_bind needs: values, then scratch. */
size_t plan_bytes(const Plan *p);
/* Of a graph that is sparing, before it is bound: has it need no more than so many bytes, if it
 * can, by kernels that run again rather than have their values kept; else it needs as little more
 * as was found. The bits of a run are the same. */
MUST_CHECK int plan_fit(Plan *p, size_t bytes, Error *err);
/* A block, of the memory of the device that plans run on; NULL and err when there is none. */
MUST_CHECK void *plan_block_new(size_t bytes, Error *err);
void plan_block_free(void *block);
/* Tells the plan where its block is (64-byte aligned) and that all states have their data. */
void plan_bind(Plan *p, void *block);
/* Runs all kernels; the inputs' data must be set. */
void plan_run(Plan *p, const RunContext *rc);
/* Value of output i after a run, in the block or in a state. */
const float *plan_output(const Plan *p, int i);

/* Of a graph that is traced, which no kernel fuses: NULL, or the first value of the last run that
 * was not finite, in words, with its place in the page; that run went no further. The bits of a run
 * are the same, traced or not. */
const char *plan_trace(const Plan *p);

/* Whether a run reads this input. */
bool plan_reads(const Plan *p, const Input *in);

/* What a plan is made of, as text or as a cluster for Graphviz: operations before they are fused,
 * kernels in the order they were made with their programs, kernels in the order they run with the
 * places of their values; or, as text alone, what layers cost, gradients left out. */
typedef enum { VIEW_GRAPH, VIEW_FUSED, VIEW_PLAN, VIEW_LAYERS } PlanView;
void plan_dump(const Plan *p, PlanView view, bool dot, const char *title, Str *out);

/* Floating-point operations of one run, bytes its kernels read and write, kernels, memory. */
typedef struct {
    double flops, traffic;
    int kernels;
    size_t value_bytes, scratch_bytes;
} PlanCost;
PlanCost plan_cost(const Plan *p);
/* What the first of so many ranks gets from the others in a run, and by how many collective
 * operations: of fewer ranks than shards others may get somewhat more or less. */
typedef struct {
    double bytes;
    int collectives;
} PlanExchange;
PlanExchange plan_exchange(const Plan *p, int ranks);
/* Turns timing on, and writes a table of the kernels by time: name, shape, calls, seconds, GFLOP/s.
 */
void plan_profile_start(Plan *p);
void plan_profile_print(const Plan *p, const char *title, Str *out);

#endif
