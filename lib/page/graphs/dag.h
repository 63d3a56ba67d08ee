/* dag.h: directed acyclic graphs of random variables, and what follows from their structure. Nodes
 * are numbers from 0 on. */
#ifndef GAN_DAG_H
#define GAN_DAG_H

#include "base/base.h"

typedef struct {
    int count;
    bool *edge;     /* [count][count]: whether the column's node is a parent of the row's */
    bool *observed; /* [count] */
} Dag;

/* A graph without edges, all of whose nodes are latent. */
Dag dag_new(Arena *arena, int count);
void dag_connect(Dag *d, int child, int parent);
bool dag_parent(const Dag *d, int child, int parent);

/* The nodes, each behind its parents, and otherwise in the order of their numbers; returns their
 * number. Where a circle leaves no such order, what is returned is below count, and that many nodes
 * are the circle, each a parent of the one before it, and the first of the last. `order` has room
 * for count. */
int dag_order(Arena *arena, const Dag *d, int *order);

/* Graphs of a recognition model of p, a graph without circles: latent nodes given the observed. */

/* The parents of each latent node are all observed ones. */
Dag dag_mean_field(Arena *arena, const Dag *p);
/* Latent nodes in the reverse of dag_order, each with those nodes of its Markov blanket in p as
 * parents that are observed or came before it (Li et al. 2018, appendix, algorithm 1). */
Dag dag_inverse(Arena *arena, const Dag *p);

#endif
