#include "page/graphs/structure.h"

#include <string.h>

int structure_owner(const Structure *s, int node) {
    int i = 0;
    while (s->first[i + 1] <= node) i++;
    return i;
}

const char *structure_node(Build *b, const Structure *s, int node) {
    int i = structure_owner(s, node);
    return s->indexed[i] ? arena_printf(b->arena, "%s[%d]", s->name[i], node - s->first[i])
                         : s->name[i];
}

int structure_variable(const Structure *s, const char *name) {
    for (int i = 0; i < s->variables; i++)
        if (!strcmp(s->name[i], name)) return i;
    return -1;
}

static Structure *new_structure(Build *b, const Joint *j) {
    Structure *s = arena_alloc(b->arena, sizeof *s);
    size_t n = (size_t)j->count + 1;
    *s = (Structure){.graph = j->graph, .dag = dag_new(b->arena, j->nodes), .variables = j->count};
    s->name = arena_new_array(b->arena, const char *, n);
    s->first = arena_new_array(b->arena, int, n);
    s->value = arena_new_array(b->arena, const Node *, n);
    s->indexed = arena_new_array(b->arena, bool, n);
    s->derived = arena_new_array(b->arena, Dag, 2);
    s->rule = arena_new_array(b->arena, const GraphRule *, (size_t)j->nodes + 1);
    for (int i = 0; i < j->count; i++) {
        const Variable *v = &j->variable[i];
        s->name[i] = v->name;
        s->first[i] = v->first;
        s->indexed[i] = v->indexed;
        for (int k = 0; k < v->count; k++) {
            s->rule[v->first + k] = v->rule[k];
            s->dag.observed[v->first + k] = v->observed;
        }
    }
    s->first[j->count] = j->nodes;
    return s;
}

const Structure *graph_structure(Build *b, const Expr *at, const Statement *graph) {
    for (const Structure *s = b->structures; s; s = s->next)
        if (s->graph == graph) return s;
    World *here = b->world;
    Tap *taps = b->taps;
    Joint *noted = b->noted;
    /* not as states are after an update that is looked ahead at, or within one: that came of data
     */
    World *plain = arena_alloc(b->arena, sizeof *plain);
    plain->root = here->root;
    b->world = world_above(b, plain); /* what nets assign there is forgotten */
    Joint *j = joint_new(b, graph);
    Structure *s = new_structure(b, j);
    build_spend(b, at, (size_t)j->nodes * (size_t)j->nodes);
    joint_note(b, j, &s->dag);
    b->noted = j;
    for (int i = 0; i < j->count; i++) s->value[i] = joint_whole(b, at, j, &j->variable[i]).node;
    b->noted = noted;
    b->world = here;
    b->taps = taps;
    s->next = b->structures;
    b->structures = s;
    return s;
}
