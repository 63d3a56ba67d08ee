/* variables.h: which variables a graph has, and by which rules they are drawn. */
#ifndef GAN_VARIABLES_H
#define GAN_VARIABLES_H

#include "page/eval/build.h"
#include "page/graphs/dag.h"

enum { NODES_MAX = 4095 }; /* of a graph */

typedef enum { UNKNOWN, RUNNING, KNOWN } Knowledge;

typedef struct {
    const char *name;
    bool indexed, observed;
    bool given;             /* by the page, in this sample */
    int first, count;       /* its nodes */
    const GraphRule **rule; /* of each, or NULL */
    Value *element;         /* of each that is known */
    Knowledge *known;
    Value whole; /* of kind V_TENSOR once it is known */
} Variable;

/* What is being evaluated: a node, or, by a rule that is taken together, all nodes of it. */
typedef struct RuleRun {
    const Variable *variable;
    const GraphRule *rule;
    int index;
    struct RuleRun *up;
} RuleRun;

struct Joint {
    const Statement *graph, *model;
    World *world;
    Scope *scope; /* of rules */
    Variable *variable;
    int count, nodes;
    RuleRun *running;
    bool given;          /* some variable is, so that minibatches may be others */
    struct Notes *notes; /* what is read is noted here, or NULL */
};

typedef struct Joint Joint;

/* The graph of which another is one of recognition, or itself. */
const Statement *graph_modelled(const Build *b, const Statement *graph);
/* A sample of a graph with its variables, none of which has a value. An error of the page where one
 * has no rule, or two. */
Joint *joint_layout(Build *b, const Statement *graph);
/* The number of the variable of that name, or -1. */
int joint_variable(const Joint *j, const char *name);
/* "h", or "v[3]" */
const char *element_name(Build *b, const Variable *v, int index);

#endif
