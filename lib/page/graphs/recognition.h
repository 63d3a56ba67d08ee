/* recognition.h: graphs that say how the variables of another are recognised, and what both are. */
#ifndef GAN_RECOGNITION_H
#define GAN_RECOGNITION_H

#include "page/graphs/structure.h"

/* The graph that one of recognition is to have by what it says, NULL where it says nothing: the
 * inverse of the one that it is of, or its mean field. */
const Dag *graph_derived(Build *b, const Statement *graph);

/* That a graph is what it says: its variables' shapes are those of the graph that it is of, and its
 * parents those of graph_derived. An error of the page where not. */
void graph_check(Build *b, const Statement *graph);
/* Adds a line "p: h | k" for each node; then, where nothing else says so, the lines of its mean
 * field and its inverse. As dot, nodes and edges of a picture. */
void graph_describe(Build *b, const Statement *graph, bool dot, Str *out);

#endif
