/* value.h: what expressions of a page evaluate to, and how values are taken as what a layer or
 * function wants. Errors are the page's, at the expression `at`. */
#ifndef GAN_VALUE_H
#define GAN_VALUE_H

#include "graph/shards.h"
#include "page/eval/limits.h"

typedef enum { V_NUMBER, V_TEXT, V_TENSOR, V_LIST, V_DIST, V_NET, V_GRAPH } ValueKind;

typedef enum {
    DIST_NORMAL,
    DIST_UNIFORM,
    DIST_BERNOULLI,
    DIST_CATEGORICAL,
    DIST_GUMBEL,
    DIST_EXPONENTIAL,
    DIST_TRUNCATED,
    DIST_GAMMA,
    DIST_BETA,
    DIST_DIRICHLET,
    DIST_VON_MISES_FISHER,
    DIST_SPHERE,
    DIST_GLOROT_UNIFORM, /* initialisers: need fans */
    DIST_GLOROT_NORMAL,
    DIST_HE_UNIFORM,
    DIST_HE_NORMAL,
    DIST_ORTHOGONAL,
    DIST_ALIKE,
} DistKind;

typedef struct Value Value;
struct Value {
    ValueKind kind;
    double number;
    const char *text;
    Node *node;
    bool batched; /* V_TENSOR: the first axis is the minibatch */
    Value *items; /* V_LIST; the parameters of V_DIST */
    int count;
    DistKind dist;
    const Statement *net; /* V_NET: net or block */
    const char *root;     /* V_NET: name under which its parameters live; NULL for blocks */
    struct World *world;  /* V_NET: where its parameters have their values, see build.h */
    struct Joint *joint;  /* V_GRAPH: a sample of it, see graphs/joint.h */
    const char *name;     /* of an argument whose name the function leaves free, or NULL */
};

Value value_number(double x);
Value value_tensor(Node *n, bool batched);
Value value_list(Value *items, int count);
const char *value_kind(const Value *v); /* "a number", "a tensor", ... */
/* The value as a tensor; numbers become constants. */
Node *as_node(Build *b, const Expr *at, const Value *v, const char *what);
Value as_tensor(Build *b, const Expr *at, const Value *v, const char *what);
/* That, with a minibatch axis. */
Value as_batch(Build *b, const Expr *at, const Value *v, const char *what);
double as_number(Build *b, const Expr *at, const Value *v, const char *what);
size_t as_size(Build *b, const Expr *at, const Value *v, const char *what);
/* Which axis of the tensor an argument `axis` names: axes of a sample count from 0, or from -1
 * backwards. */
int as_axis(Build *b, const Expr *at, const Value *tensor, const Value *axis);
bool as_bool(Build *b, const Expr *at, const Value *v, const char *what);
const char *as_text(Build *b, const Expr *at, const Value *v, const char *what);
/* Whether its minibatch is cut in shards, of which the node is one. */
bool value_is_cut(const Build *b, const Value *v);
/* Of what looks at many samples, whether it is at all of the minibatch: over="minibatch", which is
 * the default, or "shard". */
bool over_minibatch(Build *b, const Expr *at, const Value *over, const char *who);
/* An error where each shard has a value of its own of what must be one for all. */
void build_whole(Build *b, const Expr *at, const Node *n, const char *what);
/* Aligns the axes of two tensors by the rules of gan-page(5): minibatch with minibatch, the rest at
 * the right; returns whether the result has a minibatch axis. */
bool align(Build *b, Value *x, Value *y);
/* Whether a tensor, aligned with another, makes that no larger; and x repeated to its shape, unless
 * spread is NULL. */
bool fits_in(Build *b, Value x, Value whole, Node **spread);
Value value_binary(Build *b, const Expr *at, int op, Value x, Value y);
Value value_pointwise(Build *b, PwCode c, Value x, Value y);
/* The elements of x at positions i along an axis of its node. Positions of a minibatch are those of
 * each sample of x, or, where x has no minibatch, pick along its first axis; others are the same
 * for all samples. The axis gives way to those of the positions. */
Value value_pick(Build *b, const Expr *at, const Value *x, int axis, const Value *i);
/* A draw of shape [N, dims..] or, unbatched, [dims..]; dims NULL: those of the parameters. */
Value draw(Build *b, const Expr *at, const Value *dist, int rank, const size_t *dims, bool batched,
           unsigned use);

#endif
