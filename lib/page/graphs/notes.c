#include "page/graphs/notes.h"

#include <string.h>

Notes *notes_new(Build *b, const Joint *j, Dag *dag) {
    Notes *notes = arena_alloc(b->arena, sizeof *notes);
    *notes = (Notes){.dag = dag};
    notes->data = arena_new_array(b->arena, const Node *, (size_t)j->count + 1);
    for (int i = 0; i < j->count; i++)
        for (int k = 0; k < b->data_count && j->variable[i].observed; k++)
            if (!strcmp(b->data[k].name, j->variable[i].name))
                notes->data[i] = n_input(b->g, &b->data[k].input);
    return notes;
}

Value notes_observed(Build *b, const Value *data) {
    const Node *n = data->node;
    Input *own = arena_alloc(b->arena, sizeof *own);
    *own = (Input){.rank = n->rank, .count = n->count, .split = n->split};
    memcpy(own->shape, n->shape, sizeof own->shape);
    return value_tensor(n_input(b->g, own), data->batched);
}

/* Inputs of a node come before it in the graph, so that one pass over it finds all that come of
 * data. */
static void look(Build *b, Notes *notes, const Joint *j) {
    const Graph *g = b->g;
    if (g->count > notes->room) {
        int room = 2 * g->count, *more = arena_new_array(b->arena, int, (size_t)room);
        if (notes->looked) memcpy(more, notes->from, (size_t)notes->looked * sizeof *more);
        notes->from = more, notes->room = room;
    }
    for (; notes->looked < g->count; notes->looked++) {
        const Node *n = g->nodes[notes->looked];
        int *from = &notes->from[notes->looked];
        for (int i = 0; i < j->count; i++)
            if (n == notes->data[i]) *from = i + 1;
        for (int i = 0; i < n->input_count && !*from; i++) *from = notes->from[n->input[i]->id];
    }
}

int notes_past(Build *b, Notes *notes, const Joint *j, const Node *value) {
    look(b, notes, j);
    return notes->from[value->id] - 1;
}
