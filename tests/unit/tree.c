/* The order in which shards are put together: that of the tree, however they are shared. */
#include "plan/tree.h"

#include <stdio.h>

#include "ranks/ranks.h"
#include "tap.h"

enum { MOST = 40, TEXT = 1000 };

/* The tree over shards first to end - 1 as a text: "((0 1)2)". */
static void whole_tree(size_t first, size_t end, Str *to) {
    if (end - first == 1) {
        str_printf(to, "%zu ", first);
        return;
    }
    size_t half = 1;
    while (2 * half < end - first) half *= 2;
    str_printf(to, "(");
    whole_tree(first, first + half, to);
    whole_tree(first + half, end, to);
    str_printf(to, ")");
}

/* What tree_add makes of it, with texts in the place of sums. */
typedef struct {
    Tree tree;
    char waits[TREE_DEPTH][TEXT];
} Sums;

static void add(Sums *s, TreePart p, const char *text) {
    char sum[TEXT], both[2 * TEXT + 4];
    int waiting = s->tree.count, joins = tree_add(&s->tree, p);
    snprintf(sum, sizeof sum, "%s", text);
    for (int j = 1; j <= joins; j++) {
        snprintf(both, sizeof both, "(%s%s)", s->waits[waiting - j], sum);
        snprintf(sum, sizeof sum, "%.*s", TEXT - 1, both);
    }
    memcpy(s->waits[waiting - joins], sum, sizeof sum);
}

/* Ranks put their own together, and all of them what they have. */
static bool shared(size_t shards, int size, const char *want) {
    static Sums own, all;
    size_t next = 0;
    all.tree = (Tree){.shards = shards};
    for (int r = 0; r < size; r++) {
        own.tree = (Tree){.shards = shards};
        size_t first = shards * (size_t)r / (size_t)size,
               end = shards * (size_t)(r + 1) / (size_t)size;
        if (first != next) return false;
        for (next = first; next < end; next++) {
            char text[32];
            snprintf(text, sizeof text, "%zu ", next);
            add(&own, (TreePart){next, next + 1}, text);
        }
        for (int i = 0; i < own.tree.count; i++) add(&all, own.tree.part[i], own.waits[i]);
    }
    return all.tree.count == 1 && !strcmp(all.waits[0], want);
}

int main(void) {
    int bad = 0;
    for (size_t shards = 1; shards <= MOST; shards++) {
        Str want = {0};
        whole_tree(0, shards, &want);
        for (int size = 1; size <= (int)shards; size++) bad += !shared(shards, size, want.text);
        str_free(&want);
    }
    ok(!bad, "one tree for 1 to %d shards on any number of ranks (%d others)", MOST, bad);
    size_t first;
    ok(ranks_share(ranks_size(NULL), 0, 7, &first) == 7 && first == 0,
       "alone a process has all shards");
    return done();
}
