/* tree.h: in which order the values of shards are put together. They are the leaves of a binary
 * tree: a node over more than one of them has the largest power of two below their number on its
 * left. The order is that of the tree, whoever holds which shards: a process puts together the
 * nodes that are wholly its own. */
#ifndef GAN_TREE_H
#define GAN_TREE_H

#include "base/base.h"

/* Shards first to end - 1, a node of the tree. */
typedef struct {
    size_t first, end;
} TreePart;

/* What is put together so far: the nodes that wait for others, in the order of their shards. Of
 * 2^32 shards there are fewer than TREE_DEPTH. */
enum { TREE_DEPTH = 64 };
typedef struct {
    size_t shards; /* of the whole tree */
    int count;
    TreePart part[TREE_DEPTH];
} Tree;

/* Adds a node behind the last. Returned is how many of those that waited, the last first, it is put
 * together with, each time as the right one of the two. */
int tree_add(Tree *t, TreePart p);

#endif
