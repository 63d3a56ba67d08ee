#include "page/graphs/recognition.h"

#include <string.h>

#include "page/eval/scope.h"

/* The graph that recognition is to have by its word: NULL where it is as its rules have it. */
const Dag *graph_derived(Build *b, const Statement *graph) {
    if (!graph->expr) return NULL;
    Value by = statement_eval(b, graph->expr);
    const char *word = as_text(b, graph->expr, &by, "by");
    bool inverse = !strcmp(word, "inverse");
    if (!inverse && strcmp(word, "mean field"))
        build_fail(b, graph->expr, "by: expected \"inverse\" or \"mean field\", found \"%s\"",
                   word);
    const Structure *p = graph_structure(b, graph->expr, graph_modelled(b, graph));
    Dag *d = &p->derived[inverse];
    if (!d->count)
        *d = inverse ? dag_inverse(b->arena, &p->dag) : dag_mean_field(b->arena, &p->dag);
    return d;
}

/* ---- what they are ---- */

/* "h | k x[0]", and "h" of a node without parents */
static const char *node_text(Build *b, const Structure *s, const Dag *d, int node) {
    Str text = {0};
    const char *between = " | ";
    str_printf(&text, "%s", structure_node(b, s, node));
    for (int k = 0; k < d->count; k++) {
        if (!dag_parent(d, node, k)) continue;
        str_printf(&text, "%s%s", between, structure_node(b, s, k));
        between = " ";
    }
    const char *copy = arena_strdup(b->arena, text.text);
    str_free(&text);
    return copy;
}

static void describe(Build *b, const Structure *s, const Dag *d, const char *title, bool latent,
                     Str *out) {
    for (int i = 0; i < d->count; i++)
        if (!latent || !d->observed[i]) str_printf(out, "%s: %s\n", title, node_text(b, s, d, i));
}

static void picture(Build *b, const Structure *s, Str *out) {
    const char *graph = s->graph->name;
    str_printf(out, "subgraph cluster_%s {\nlabel=\"%s\";\n", graph, graph);
    for (int i = 0; i < s->dag.count; i++) {
        str_printf(out, "\"%s.%s\" [label=\"%s\"%s];\n", graph, structure_node(b, s, i),
                   structure_node(b, s, i),
                   s->dag.observed[i] ? ", style=filled, fillcolor=lightgrey" : "");
        for (int k = 0; k < s->dag.count; k++)
            if (dag_parent(&s->dag, i, k))
                str_printf(out, "\"%s.%s\" -> \"%s.%s\";\n", graph, structure_node(b, s, k), graph,
                           structure_node(b, s, i));
    }
    str_printf(out, "}\n");
}

void graph_describe(Build *b, const Statement *graph, bool dot, Str *out) {
    const Structure *s = graph_structure(b, graph->rules[0].expr, graph);
    if (dot) {
        picture(b, s, out);
        return;
    }
    describe(b, s, &s->dag, graph->name, graph->param_count, out);
    if (graph->param_count) return;
    Dag field = dag_mean_field(b->arena, &s->dag), inverse = dag_inverse(b->arena, &s->dag);
    describe(b, s, &field, arena_printf(b->arena, "mean field of %s", graph->name), true, out);
    describe(b, s, &inverse, arena_printf(b->arena, "inverse of %s", graph->name), true, out);
}

/* ---- whether they are what they say ---- */

static void check_shapes(Build *b, Joint *p, Joint *q) {
    char s[200], t[200];
    for (int i = 0; i < p->count; i++) {
        const Expr *at = q->graph->rules[0].expr;
        const char *name = p->variable[i].name;
        const Node *x = joint_whole(b, at, p, &p->variable[i]).node;
        const Node *y = joint_whole(b, at, q, &q->variable[i]).node;
        if (!joint_alike(x, y, 0))
            build_fail(b, at, "%s: %s is %s, but %s in %s", q->graph->name, name,
                       node_shape_text(y, s, sizeof s), node_shape_text(x, t, sizeof t),
                       p->graph->name);
    }
}

/* The parents of each latent node are those that were derived. */
static void check_derived(Build *b, const Structure *q, const Dag *derived) {
    for (int i = 0; i < derived->count; i++) {
        if (derived->observed[i]) continue;
        for (int k = 0; k < derived->count; k++)
            if (dag_parent(derived, i, k) != dag_parent(&q->dag, i, k))
                build_fail(b, q->rule[i]->expr, "%s: expected %s, but the rule reads %s",
                           q->graph->name, node_text(b, q, derived, i),
                           node_text(b, q, &q->dag, i));
    }
}

void graph_check(Build *b, const Statement *graph) {
    const Structure *s = graph_structure(b, graph->rules[0].expr, graph);
    if (!graph->param_count) return;
    check_shapes(b, joint_new(b, graph_modelled(b, graph)), joint_new(b, graph));
    const Dag *derived = graph_derived(b, graph);
    if (derived) check_derived(b, s, derived);
}
