/* edges.h: a graph from files of text: its links, what its nodes have, and their classes. */
#ifndef GAN_MEDIA_EDGES_H
#define GAN_MEDIA_EDGES_H

#include "base/base.h"

#include <stdio.h>

/* Nodes, and features of a node, that a graph may have. */
enum { GRAPH_NODES_MAX = 1 << 24 };
/* Metadata: the number of nodes. */
#define NODES_KEY "gan.nodes"

/* Files of lines, plain or gzip, with blanks or tabs between numbers from 0 on, or words. */
typedef struct {
    const char *edges;    /* two nodes a line; the direction is of no matter */
    const char *features; /* a node and the numbers of the features it has, each 1 unless it is
                           * written number:value; NULL: none */
    const char *labels;   /* a node and its class, -1 for none; NULL: none */
    uint64_t nodes;       /* at least so many */
    bool both;            /* each link in both directions */
    FILE *names;          /* nodes and classes are words, numbered as they come, and this receives
                           * the nodes', a line each; NULL: they are numbers */
    const char *names_name;
} EdgesWant;

/* What was left out of the links. */
typedef struct {
    uint64_t loops, repeated; /* links that were left out */
    uint64_t alone;           /* nodes with features or a class that no link has */
} EdgesReport;

/* Writes a frame: links I64 [L,2], the smaller node first, in ascending order, each once, or with
 * `both` [2L,2], from each node to all its neighbours; features F32 [N,K]; label I64 [N], -1 where
 * the file has no line of the node; and in its metadata the number of nodes and the names of
 * classes. */
MUST_CHECK int edges_read(const EdgesWant *want, FILE *out, const char *name, EdgesReport *report,
                          Error *err);

#endif
