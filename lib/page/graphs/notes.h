/* notes.h: what the rules of a graph read, while they are evaluated for its structure. */
#ifndef GAN_NOTES_H
#define GAN_NOTES_H

#include "page/graphs/variables.h"

typedef struct Notes {
    Dag *dag;          /* of the sample's nodes, with an edge for what is read by name */
    const Node **data; /* of each variable that is data, what a let or a net would read */
    int *from; /* of each node of the game's graph: 1 + the variable whose data it comes of */
    int looked, room; /* of those */
} Notes;

/* Notes of a sample, whose evaluation is to add edges to the dag. */
Notes *notes_new(Build *b, const Joint *j, Dag *dag);
/* The variable's data as rules are to read them: another node than notes.data. */
Value notes_observed(Build *b, const Value *data);
/* The variable whose data are in a value otherwise than by its name, or -1. */
int notes_past(Build *b, Notes *notes, const Joint *j, const Node *value);

#endif
