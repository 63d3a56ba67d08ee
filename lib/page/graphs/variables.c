#include "page/graphs/variables.h"

#include <string.h>

#include "page/eval/scope.h"

int joint_variable(const Joint *j, const char *name) {
    for (int i = 0; i < j->count; i++)
        if (!strcmp(j->variable[i].name, name)) return i;
    return -1;
}

static const Statement *data_named(Build *b, const char *name) {
    const Statement *s = statement_named(b, name);
    return s && s->kind == ST_DATA ? s : NULL;
}

const Statement *graph_modelled(const Build *b, const Statement *graph) {
    return graph->param_count ? page_statement(b->page, graph->params[0]) : graph;
}

/* A rule's indices, from *first on so many; of a variable without one, 1. */
static int rule_indices(Build *b, const GraphRule *r, int *first) {
    *first = 0;
    if (r->index) {
        Value v = statement_eval(b, r->index);
        *first = (int)as_size(b, r->index, &v, "index");
        return 1;
    }
    if (!r->loop) return 1;
    if (r->range->kind != E_RANGE || r->range->c)
        build_fail(b, r->range, "expected a range such as 1..4");
    Value low = statement_eval(b, r->range->a), high = statement_eval(b, r->range->b);
    *first = (int)as_size(b, r->range->a, &low, "range");
    double last = as_number(b, r->range->b, &high, "range");
    if (last >= NODES_MAX) build_fail(b, r->range, "a graph of more than %d nodes", NODES_MAX);
    return last < *first ? 0 : (int)last - *first + 1;
}

/* The variable of a rule of the model, made with its first. */
static Variable *variable_of(Build *b, Joint *j, const GraphRule *r, const Expr *at) {
    int i = joint_variable(j, r->name);
    Variable *v = i < 0 ? &j->variable[j->count++] : &j->variable[i];
    bool indexed = r->index || r->loop;
    if (i < 0)
        *v = (Variable){
            .name = r->name, .indexed = indexed, .observed = data_named(b, r->name) != NULL};
    else if (v->indexed != indexed)
        build_fail(b, at, "%s: %s has an index in one rule and none in another", j->graph->name,
                   r->name);
    return v;
}

static void give_nodes(Build *b, Joint *j) {
    for (int i = 0; i < j->count; i++) {
        Variable *v = &j->variable[i];
        v->first = j->nodes;
        j->nodes += v->count;
        size_t n = (size_t)v->count + 1;
        v->rule = arena_new_array(b->arena, const GraphRule *, n);
        v->element = arena_new_array(b->arena, Value, n);
        v->known = arena_new_array(b->arena, Knowledge, n);
    }
}

static void give_rule(Build *b, Joint *j, const GraphRule *r) {
    const char *graph = j->graph->name;
    int first, i = joint_variable(j, r->name), count = rule_indices(b, r, &first);
    if (i < 0)
        build_fail(b, r->expr, "%s: %s is no variable of %s", graph, r->name, j->model->name);
    Variable *v = &j->variable[i];
    if (j->graph != j->model && v->observed)
        build_fail(b, r->expr, "%s: %s is data, which needs no rule", graph, v->name);
    if (v->indexed != (r->index || r->loop))
        build_fail(b, r->expr, "%s: %s has %s index in %s", graph, v->name,
                   v->indexed ? "an" : "no", j->model->name);
    for (int k = first; k < first + count; k++) {
        if (k >= v->count)
            build_fail(b, r->expr, "%s: %s[%d] is no variable of %s", graph, v->name, k,
                       j->model->name);
        if (v->rule[k])
            build_fail(b, r->expr, "%s: %s%s has two rules", graph, v->name,
                       v->indexed ? arena_printf(b->arena, "[%d]", k) : "");
        v->rule[k] = r;
    }
}

const char *element_name(Build *b, const Variable *v, int index) {
    return v->indexed ? arena_printf(b->arena, "%s[%d]", v->name, index) : v->name;
}

/* Each node has a rule, or is data. */
static void check_rules(Build *b, const Joint *j) {
    const GraphRule *any = &j->graph->rules[0];
    for (int i = 0; i < j->count; i++) {
        const Variable *v = &j->variable[i];
        bool given = j->graph != j->model && v->observed;
        for (int k = 0; k < v->count && !given; k++)
            if (!v->rule[k])
                build_fail(b, any->expr, "%s: %s has no rule", j->graph->name,
                           element_name(b, v, k));
    }
}

Joint *joint_layout(Build *b, const Statement *graph) {
    Joint *j = arena_alloc(b->arena, sizeof *j);
    const Statement *model = graph_modelled(b, graph);
    *j = (Joint){.graph = graph, .model = model, .world = b->world};
    j->variable = arena_new_array(b->arena, Variable, (size_t)model->rule_count + 1);
    for (int i = 0; i < model->rule_count; i++) {
        const GraphRule *r = &model->rules[i];
        int first, count = rule_indices(b, r, &first);
        Variable *v = variable_of(b, j, r, r->expr);
        if (v->count < first + count) v->count = first + count;
        if (v->count > NODES_MAX)
            build_fail(b, r->expr, "a graph of more than %d nodes", NODES_MAX);
    }
    for (int i = 0; i < model->rule_count; i++) {
        const GraphRule *r = &model->rules[i];
        if (!j->variable[joint_variable(j, r->name)].count)
            build_fail(b, r->expr, "%s: %s has no elements", model->name, r->name);
    }
    give_nodes(b, j);
    if (j->nodes > NODES_MAX)
        build_fail(b, model->rules[0].expr, "a graph of more than %d nodes", NODES_MAX);
    build_spend(b, NULL, (size_t)j->nodes);
    for (int i = 0; i < graph->rule_count; i++) give_rule(b, j, &graph->rules[i]);
    check_rules(b, j);
    return j;
}
