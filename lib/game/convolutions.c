#include "game/convolutions.h"

#include "graph/ops.h"
#include "page/eval/update.h"

/* The weight that a convolution's operand is made of, or NULL: as it is, or what becomes of it
 * element by element, as when it is divided by its norm. */
static const Entry *weight_of(const Node *n) {
    const Entry *e = (const Entry *)leaf_state(n);
    if (e) return e->kind == ENTRY_PARAM && e->layout == LAYOUT_CONV ? e : NULL;
    bool through = n->op->class == CLASS_POINTWISE || n->op->class == CLASS_VIEW;
    for (int i = 0; i < n->input_count && through && !e; i++)
        if (n->input[i]->count == n->count) e = weight_of(n->input[i]);
    return e;
}

static bool is_listed(const LayerUse *list, size_t count, const Entry *e) {
    for (size_t i = 0; i < count; i++)
        if (list[i].weight == e) return true;
    return false;
}

/* All that players and samplers evaluate; the graph then has the layers. */
static void evaluate_all(Build *b, const Page *page) {
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind == ST_SAMPLE) build_eval(b, NULL, s->expr);
        if (s->kind == ST_PLAYER) update_cost(b, build_where(b, &s->let), s->expr);
    }
}

int model_convolutions(const Model *m, Arena *arena, LayerUse **list, size_t *count, Error *err) {
    Trap trap = {.err = err};
    size_t entries = m->store->count;
    *count = 0;
    if (setjmp(trap.env)) {
        store_forget(m->store, entries);
        return -1;
    }
    Build b;
    Graph *g = graph_new(arena, &trap);
    build_start(&b, &m->page, &m->settings, m->store, g, m->batch, true);
    evaluate_all(&b, &m->page);
    *list = arena_new_array(arena, LayerUse, (size_t)g->count + 1);
    for (int i = 0; i < g->count; i++) {
        const Node *n = g->nodes[i];
        if (n->op != &op_conv[CONV_FORWARD] && n->op != &op_conv[CONV_DATA]) continue;
        const Entry *e = weight_of(n->input[1]);
        if (!e || is_listed(*list, *count, e)) continue;
        LayerUse *use = &(*list)[(*count)++];
        *use = (LayerUse){e, *(const ConvShape *)n->params, n->op == &op_conv[CONV_DATA]};
        use->shape.n = 1;
    }
    return store_fill(m->store, err);
}
