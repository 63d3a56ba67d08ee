/* Graphs of random variables: orders, circles, mean fields, and inverses beside those worked out by
 * hand from the algorithm. */
#include "page/graphs/dag.h"

#include <string.h>

#include "tap.h"

enum { NODES = 6 };

/* Letters, a node each, in their order; "b<ac" says that b's parents are a and c, "b!" that b is
 * observed. */
static Dag parse(Arena *arena, int count, const char *text) {
    Dag d = dag_new(arena, count);
    for (const char *p = text; *p; p++) {
        if (*p == ' ') continue;
        int node = *p++ - 'a';
        if (*p == '!') d.observed[node] = true, p++;
        if (*p == '<')
            for (p++; *p && *p != ' '; p++) dag_connect(&d, node, *p - 'a');
        if (!*p) break;
    }
    return d;
}

static const char *text_of(Arena *arena, const Dag *d) {
    const char *text = "";
    for (int i = 0; i < d->count; i++) {
        if (d->observed[i]) continue;
        text = arena_printf(arena, "%s%s%c<", text, *text ? " " : "", 'a' + i);
        for (int k = 0; k < d->count; k++)
            if (dag_parent(d, i, k)) text = arena_printf(arena, "%s%c", text, 'a' + k);
    }
    return text;
}

static const struct {
    const char *name;
    int nodes;
    const char *graph, *field, *inverse;
} cases[] = {
    {"one latent, one observed", 2, "a b!<a", "a<b", "a<b"},
    {"a chain: k, h, x", 3, "a b<a c!<b", "a<c b<c", "a<b b<c"},
    {"a longer chain", 5, "a b<a c<b d<c e!<d", "a<e b<e c<e d<e", "a<b b<c c<d d<e"},
    {"a chain that is written backwards", 3, "c b<c a!<b", "b<a c<a", "b<a c<b"},
    /* the leaf met first has its other side as a parent, whose child it is with x */
    {"a v with two roots", 3, "a b c!<ab", "a<c b<c", "a<bc b<c"},
    {"a v whose child is latent", 4, "a b c<ab d!<c", "a<d b<d c<d", "a<bc b<c c<d"},
    /* of the leaves e, f: d and c are seen from their own data, b and a from what follows */
    {"a tree with two observed leaves", 5, "a b<a c<a d!<b e!<c", "a<de b<de c<de", "a<bc b<d c<e"},
    {"a tree with three leaves under one node", 5, "a b<a c!<b d!<b e!<a", "a<cde b<cde",
     "a<be b<cd"},
    /* d is last: its blanket b, c, e holds e alone; c: a, b by their child d, d */
    {"a diamond", 5, "a b<a c<a d<bc e!<d", "a<e b<e c<e d<e", "a<bc b<cd c<d d<e"},
    {"a diamond whose foot is observed", 4, "a b<a c<a d!<bc", "a<d b<d c<d", "a<bc b<cd c<d"},
    {"what stands for itself", 2, "a b!", "a<b", "a<"},
    /* h, v1, v2, x1, x2 */
    {"a state space of two steps", 5, "a b c<b d!<ab e!<ac", "a<de b<de c<de", "a<bcde b<cd c<e"},
    {"the same, what stays being named last", 5, "e a b<a c!<ea d!<eb", "a<cd b<cd e<cd",
     "a<bce b<de e<cd"},
    {"nothing is latent", 2, "a! b!<a", "", ""},
};
enum { CASES = sizeof cases / sizeof *cases };

static void same(const char *found, const char *expected, const char *what, const char *name) {
    ok(!strcmp(found, expected), "%s: %s: %s", name, what, found);
}

static void test_recognition(Arena *arena) {
    for (int i = 0; i < CASES; i++) {
        Dag p = parse(arena, cases[i].nodes, cases[i].graph);
        Dag field = dag_mean_field(arena, &p), inverse = dag_inverse(arena, &p);
        same(text_of(arena, &field), cases[i].field, "mean field", cases[i].name);
        same(text_of(arena, &inverse), cases[i].inverse, "inverse", cases[i].name);
        int order[NODES];
        ok(dag_order(arena, &inverse, order) == cases[i].nodes, "%s: it has no circle",
           cases[i].name);
    }
}

static const char *order_of(Arena *arena, const char *graph, int nodes) {
    int order[NODES];
    Dag d = parse(arena, nodes, graph);
    int n = dag_order(arena, &d, order);
    const char *text = "";
    for (int i = 0; i < n; i++) text = arena_printf(arena, "%s%c", text, 'a' + order[i]);
    return text;
}

static void test_order(Arena *arena) {
    same(order_of(arena, "a b c", 3), "abc", "order", "nodes without parents keep their order");
    same(order_of(arena, "a<c b c<b", 3), "bca", "order", "parents come first");
    same(order_of(arena, "a<b b<a c", 3), "ab", "order", "a circle of two");
    same(order_of(arena, "a b<ac c<d d<b e<b", 5), "bcd", "order", "one that others hang on");
    same(order_of(arena, "a<a", 1), "a", "order", "one of itself");
    same(order_of(arena, "a b<a c<d d<c e<d", 5), "cd", "order", "one behind what has an order");
}

int main(void) {
    Arena *arena = arena_new(NULL);
    test_recognition(arena);
    test_order(arena);
    arena_free(arena);
    return done();
}
