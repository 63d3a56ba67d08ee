#include "plan/tree.h"

/* Whether a and b behind it are the two sides of a node. */
static bool are_sides(const Tree *t, TreePart a, TreePart b) {
    size_t width = a.end - a.first, end = a.first + 2 * width;
    bool left = !(width & (width - 1)) && a.first % (2 * width) == 0;
    return left && b.first == a.end && b.end == (end < t->shards ? end : t->shards);
}

int tree_add(Tree *t, TreePart p) {
    int joined = 0;
    for (; t->count && are_sides(t, t->part[t->count - 1], p); joined++)
        p.first = t->part[--t->count].first;
    t->part[t->count++] = p;
    return joined;
}
