/* structure.h: the graph that rules make, seen by what they read. */
#ifndef GAN_STRUCTURE_H
#define GAN_STRUCTURE_H

#include "page/graphs/joint.h"

/* A graph as its rules have it: variables in their order, their nodes one behind the other. */
typedef struct Structure {
    const Statement *graph;
    Dag dag;
    int variables;
    const char **name;  /* of each variable, and where its nodes begin */
    int *first;         /* [variables + 1] */
    const Node **value; /* of each, as the rules give it */
    bool *indexed;
    Dag *derived;           /* [2]: its mean field and its inverse, once they have been asked for */
    const GraphRule **rule; /* of each node; NULL: observed, in a graph of recognition */
    struct Structure *next;
} Structure;

/* Evaluates all rules of a graph, aside from the game, and sees what they read. An error of the
 * page where a variable has no rule or is its own ancestor, or where a latent one of a graph that
 * is not of recognition has an observed parent. Found once a build. */
const Structure *graph_structure(Build *b, const Expr *at, const Statement *graph);
/* "h", or "v[3]". */
const char *structure_node(Build *b, const Structure *s, int node);
/* Which of the structure's variables has that name; -1: none. */
int structure_variable(const Structure *s, const char *name);
/* Which of its variables a node is of. */
int structure_owner(const Structure *s, int node);

#endif
