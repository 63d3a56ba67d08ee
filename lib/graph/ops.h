/* ops.h: the operations, for the layers that must recognise one (differentiation, planning). */
#ifndef GAN_OPS_H
#define GAN_OPS_H

#include "base/rng.h"
#include "graph/graph.h"

extern const OpDef op_const, op_input, op_state, op_random, op_iota;
extern const OpDef op_broadcast, op_reshape, op_permute, op_slice, op_place, op_concat;
extern const OpDef op_spread, op_collect, op_own_rows;
extern const OpDef op_stop, op_matmul, op_pool, op_standardise, op_resample;
extern const OpDef op_pointwise[PW_COUNT]; /* by PwCode */
extern const OpDef op_reduce[];            /* by PwReduce */
extern const OpDef op_conv[];              /* by ConvKind */

/* Steps between neighbours along each axis. */
void shape_strides(int rank, const size_t *shape, size_t *stride);
bool node_has_shape(const Node *n, int rank, const size_t *shape);
/* Where elements lie in a tensor: count[i] of them, stride[i] apart, along each of rank >= 2 axes,
 * the last being the innermost, from `first` on. */
typedef struct {
    int rank;
    size_t first, count[RANK_MAX], stride[RANK_MAX];
} Strided;
/* Copies them from there to a row of their own, or from such a row to there (back). */
void strided_copy(const Strided *w, const float *from, float *to, bool back);

/* Whether n is this operation and a simplification may put its inputs in its place. */
static inline bool is_plain(const Node *n, const OpDef *op) { return n->op == op && !n->named; }

/* The input or state that a leaf stands for; NULL when the node is another. */
const Input *leaf_input(const Node *n);
const State *leaf_state(const Node *n);
/* 1 - the cosine of the angle between a draw from the von Mises-Fisher distribution in m dimensions
 * and its mean, by the random numbers from `first` on, and how many trials it took. */
double depth_draw(RngKey key, uint64_t first, double m, double kappa, int *trials);
/* Whether n is its input with the last two axes exchanged, and a product may read that instead. */
bool permute_turns(const Node *n);
/* Which reduction a node of op_reduce is. */
static inline PwReduce reduce_kind(const Node *n) { return (PwReduce)(n->op - op_reduce); }
/* A reduction sees its input as [a, r, b] and reduces r. */
void reduce_extents(const Node *n, size_t *a, size_t *r, size_t *b);
/* How a broadcast node reads its input: the input's shape with ones in front, of the node's rank.
 */
void broadcast_source(const Node *n, size_t *aligned);

#endif
