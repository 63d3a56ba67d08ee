/* factors.c: what nets give of the factors of a graph, each a variable with its parents. */
#include "page/builtins/builtins.h"
#include "page/graphs/structure.h"

#include <string.h>

/* Nodes of a variable that have one rule, each with its parents. */
typedef struct {
    int count;   /* of nodes */
    int members; /* of each factor */
    int *node;   /* [members][count] */
} Group;

static int parents(const Structure *s, int node) {
    int n = 0;
    for (int k = 0; k < s->dag.count; k++) n += dag_parent(&s->dag, node, k);
    return n;
}

/* The factors of the nodes from `first` on that share its rule. */
static Group group_at(Build *b, const Expr *at, const Structure *s, int first) {
    int end = first + 1, variable = structure_owner(s, first);
    while (end < s->first[variable + 1] && s->rule[end] == s->rule[first]) end++;
    Group g = {end - first, 1 + parents(s, first), NULL};
    g.node = arena_new_array(b->arena, int, (size_t)g.count *(size_t)g.members);
    for (int i = 0; i < g.count; i++) {
        int m = 0, node = first + i;
        bool alike = parents(s, node) == g.members - 1;
        g.node[m++ * g.count + i] = node;
        for (int k = 0; k < s->dag.count && alike; k++) {
            if (!dag_parent(&s->dag, node, k)) continue;
            if (i) alike = structure_owner(s, k) == structure_owner(s, g.node[m * g.count]);
            g.node[m++ * g.count + i] = k;
        }
        if (!alike)
            build_fail(b, at, "factors: %s and %s have one rule, but parents that differ",
                       structure_node(b, s, first), structure_node(b, s, node));
    }
    return g;
}

/* What the net gives of a group's factors: [N,count]. */
static Value judge(Build *b, const Expr *at, Joint *j, const Structure *s, const Group *g,
                   const Value *net) {
    Value *arg = arena_new_array(b->arena, Value, (size_t)g->members);
    int *index = arena_new_array(b->arena, int, (size_t)g->count);
    for (int m = 0; m < g->members; m++) {
        const int *node = g->node + m * g->count;
        int owner = structure_owner(s, node[0]);
        for (int i = 0; i < g->count; i++) index[i] = node[i] - s->first[owner];
        Value x = joint_collect(b, at, j, &j->variable[owner], g->count, index);
        Node *n = x.node;
        size_t shape[RANK_MAX] = {n->shape[0] * n->shape[1]};
        for (int i = 2; i < n->rank; i++) shape[i - 1] = n->shape[i];
        arg[m] = value_tensor(n_reshape(b->g, n, n->rank - 1, shape), true);
    }
    size_t batch = b->batch, count = (size_t)g->count;
    b->batch *= count;
    Value v = net_apply(b, at, net, g->members, arg, net->root);
    b->batch = batch;
    Node *n = as_node(b, at, &v, net->net->name);
    char text[200];
    if (!v.batched || n->count != batch * count)
        build_fail(b, at, "factors: %s gives %s, expected a number for each of %zu samples",
                   net->net->name, node_shape_text(n, text, sizeof text), batch * count);
    return value_tensor(n_reshape(b->g, n, 2, (size_t[]){batch, count}), true);
}

/* Whether a net takes so many arguments. */
static bool takes(const Value *net, int count) {
    int needed = 0;
    for (int i = 0; i < net->net->param_count; i++) needed += !net->net->defaults[i];
    return needed <= count && count <= net->net->param_count;
}

/* Of each factor of a variable that has as many members as the net takes. Those that have a net are
 * marked at their first node. */
static int judge_variable(Build *b, const Expr *at, Joint *j, const Structure *s, const Value *net,
                          bool *judged, Node **parts) {
    int v = structure_variable(s, net->name), n = 0;
    if (v < 0) build_fail(b, at, "factors: %s has no variable %s", s->graph->name, net->name);
    if (net->kind != V_NET || !net->root)
        build_fail(b, at, "factors: %s: expected a net, found %s", net->name,
                   net->kind == V_NET ? "a block" : value_kind(net));
    for (int node = s->first[v]; node < s->first[v + 1];) {
        Group g = group_at(b, at, s, node);
        if (takes(net, g.members)) {
            if (judged[node])
                build_fail(b, at, "factors: two nets for the factor of %s",
                           structure_node(b, s, node));
            judged[node] = true;
            parts[n++] = judge(b, at, j, s, &g, net).node;
        }
        node += g.count;
    }
    if (!n)
        build_fail(b, at, "factors: %s takes %d arguments, but %s has %d parents", net->net->name,
                   net->net->param_count, structure_node(b, s, s->first[v + 1] - 1),
                   parents(s, s->first[v + 1] - 1));
    return n;
}

static Value g_factors(Build *b, const Expr *at, Value **arg) {
    if (arg[0]->kind != V_GRAPH)
        build_fail(b, at, "factors: expected a graph, found %s", value_kind(arg[0]));
    if (!arg[1]) build_fail(b, at, "factors: no net; expected factors(graph, variable=net, ..)");
    Joint *j = arg[0]->joint;
    const Structure *s = graph_structure(b, at, j->model);
    Node **parts = arena_new_array(b->arena, Node *, (size_t)s->dag.count * (size_t)arg[1]->count);
    bool *judged = arena_new_array(b->arena, bool, (size_t)s->dag.count + 1);
    int n = 0;
    for (int i = 0; i < arg[1]->count; i++)
        n += judge_variable(b, at, j, s, &arg[1]->items[i], judged, parts + n);
    return value_tensor(n_concat(b->g, 1, n, parts), true);
}

const Builtin builtin_graphs[] = {
    {"factors", "graph, nets=...", g_factors,
     "variable=net, ..: of each factor of these variables, a variable with its parents, what the "
     "net gives: [N,F]"},
    {0}};
