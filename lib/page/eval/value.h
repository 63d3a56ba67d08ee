/* value.h: what expressions of a page evaluate to. */
#ifndef GAN_VALUE_H
#define GAN_VALUE_H

#include "graph/graph.h"
#include "page/syntax/page.h"

typedef enum { V_NUMBER, V_TEXT, V_TENSOR, V_LIST, V_DIST, V_NET } ValueKind;

typedef enum {
    DIST_NORMAL,
    DIST_UNIFORM,
    DIST_BERNOULLI,
    DIST_CATEGORICAL,
    DIST_GUMBEL,
    DIST_EXPONENTIAL,
    DIST_TRUNCATED,
    DIST_GLOROT_UNIFORM, /* initialisers: need fans */
    DIST_GLOROT_NORMAL,
    DIST_HE_UNIFORM,
    DIST_HE_NORMAL,
    DIST_ORTHOGONAL,
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
};

#endif
