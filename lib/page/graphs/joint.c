/* Values of the variables of joint samples. */
#include "page/eval/scope.h"
#include "page/graphs/notes.h"
#include "page/graphs/recognition.h"

#include <string.h>

/* Draws of rules have numbers of their own, so that they do not depend on what else is drawn: for
 * each rule of the page, for each index, so many. */
enum {
    RULE_USE = 1 << 30,
    RULES_MAX = 63,
    DRAWS_MAX = 4096 /* of a node */
};

static void open_scope(Build *b, Joint *j) {
    j->scope = scope_new(b, j->world->root);
    for (int i = 0; i < j->count; i++) scope_bind_variable(b, j->scope, j->variable[i].name, j, i);
}

Joint *joint_new(Build *b, const Statement *graph) {
    Joint *j = joint_layout(b, graph);
    open_scope(b, j);
    return j;
}

/* ---- values ---- */

/* Calls a function of the language. */
static Value function(Build *b, const Expr *at, const char *name, const Value *x, const Value *y) {
    Value *arg[4] = {arena_alloc(b->arena, sizeof *x), arena_alloc(b->arena, sizeof *y)};
    *arg[0] = *x, *arg[1] = *y;
    return builtin_find(name)->run(b, at, arg);
}

static Value stack(Build *b, const Expr *at, Value *items, int count) {
    Value list = value_list(items, count), axis = value_number(0);
    return function(b, at, "stack", &list, &axis);
}

/* Of a value of a node, or of a whole variable: a tensor with a minibatch. */
static Value settle(Build *b, const Expr *at, const char *name, Value v) {
    if (v.kind == V_DIST) v = draw(b, at, &v, 0, NULL, true, b->next_use++);
    v = as_tensor(b, at, &v, name);
    if (v.batched) return v;
    size_t shape[RANK_MAX] = {b->batch};
    if (v.node->rank == RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    memcpy(shape + 1, v.node->shape, (size_t)v.node->rank * sizeof *shape);
    Node *own = n_spread(b->g, v.node);
    return value_tensor(n_broadcast(b->g, own, own->rank + 1, shape), true);
}

/* Elements first to first + count - 1 of a whole [N,T,..]. */
static Value slice(Build *b, const Value *whole, int first, int count) {
    const Node *n = whole->node;
    size_t begin[RANK_MAX] = {0, (size_t)first}, shape[RANK_MAX];
    if (!first && (size_t)count == n->shape[1]) return *whole;
    memcpy(shape, n->shape, sizeof shape);
    shape[1] = (size_t)count;
    return value_tensor(n_slice(b->g, whole->node, begin, shape, NULL), true);
}

static Value without_axis(Build *b, const Value *x) {
    size_t shape[RANK_MAX] = {x->node->shape[0]};
    for (int i = 2; i < x->node->rank; i++) shape[i - 1] = x->node->shape[i];
    return value_tensor(n_reshape(b->g, x->node, x->node->rank - 1, shape), true);
}

/* [N,..] as it is for each of `count` elements: [N,count,..] */
static Value repeat(Build *b, const Expr *at, const Value *x, int count) {
    const Node *n = x->node;
    size_t shape[RANK_MAX] = {n->shape[0], 1};
    if (n->rank == RANK_MAX) build_fail(b, at, "more than %d axes", RANK_MAX);
    for (int i = 1; i < n->rank; i++) shape[i + 1] = n->shape[i];
    Node *one = n_reshape(b->g, x->node, n->rank + 1, shape);
    shape[1] = (size_t)count;
    return value_tensor(n_broadcast(b->g, one, n->rank + 1, shape), true);
}

/* ---- notes of what is read ---- */

/* That the node or nodes being evaluated depend on this one; `same`: each on that of its index. */
static void note(Joint *j, const Variable *of, int index, bool same) {
    const RuleRun *r = j->running;
    if (!j->notes || !r) return;
    if (!r->rule->together) {
        dag_connect(j->notes->dag, r->variable->first + r->index, of->first + index);
        return;
    }
    for (int i = 0; i < r->variable->count; i++)
        if (r->variable->rule[i] == r->rule)
            dag_connect(j->notes->dag, r->variable->first + i, of->first + (same ? i : index));
}

void joint_note(Build *b, Joint *j, Dag *dag) { j->notes = notes_new(b, j, dag); }

static void note_all(Joint *j, const Variable *of) {
    for (int i = 0; i < of->count; i++) note(j, of, i, false);
}

/* A latent variable of the model does not depend on what is observed. */
static void check_parent(Build *b, const Expr *at, const Joint *j, const Variable *parent) {
    const RuleRun *r = j->running;
    if (r && j->graph == j->model && parent->observed && !r->variable->observed)
        build_fail(b, at, "%s: %s is latent and reads %s, which is data", j->graph->name,
                   r->variable->name, parent->name);
}

static _Noreturn void fail_past(Build *b, const Expr *at, const Joint *j, const char *text) {
    build_fail(b, at,
               "%s: the rule of %s reads %s past the graph; its parents are variables that it "
               "names itself",
               j->graph->name, j->running->variable->name, text);
}

/* That a rule does not read another sample of its model. */
static void check_own(Build *b, const Expr *at, const Joint *j, const char *name) {
    if (b->noted && b->noted->running && b->noted->model == j->model)
        fail_past(b, at, b->noted, arena_printf(b->arena, "%s.%s", j->graph->name, name));
}

/* ---- evaluation ---- */

static _Noreturn void fail_circle(Build *b, const Expr *at, const Joint *j, const Variable *v,
                                  int index) {
    const char *text = element_name(b, v, index);
    const RuleRun *r = j->running;
    bool met = false;
    for (; r && !met; r = r->up) {
        met = r->variable == v && (r->rule->together || r->index == index);
        text = arena_printf(b->arena, "%s <- %s", text,
                            r->rule->together ? r->variable->name
                                              : element_name(b, r->variable, r->index));
    }
    build_fail(b, at, "%s: %s is its own ancestor: %s", j->graph->name, element_name(b, v, index),
               text);
}

/* The number of the page's rules before those of a graph. */
static int rules_before(Build *b, const Statement *graph) {
    int n = 0;
    for (int i = 0; i < b->page->count && &b->page->statements[i] != graph; i++)
        if (b->page->statements[i].kind == ST_GRAPH) n += b->page->statements[i].rule_count;
    return n;
}

/* What a rule that is a net gives: of its parents in the graph that is derived, variable by
 * variable, the elements of one as one tensor. */
static Value run_derived(Build *b, Joint *j, const Variable *v, const GraphRule *r, int index,
                         const Value *net) {
    const Dag *d = graph_derived(b, j->graph);
    if (!d || r->together)
        build_fail(b, r->expr, "%s: %s is a net; call it with what %s is given", j->graph->name,
                   net->net->name, v->name);
    Value *arg = arena_new_array(b->arena, Value, (size_t)j->count + 1);
    int count = 0;
    for (int i = 0; i < j->count; i++) {
        Variable *of = &j->variable[i];
        int n = 0, *at = arena_new_array(b->arena, int, (size_t)of->count + 1);
        for (int k = 0; k < of->count; k++)
            if (dag_parent(d, v->first + index, of->first + k)) at[n++] = k;
        for (int k = 0; k < n; k++) note(j, of, at[k], false);
        if (n)
            arg[count++] = n > 1 ? joint_collect(b, r->expr, j, of, n, at)
                                 : joint_element(b, r->expr, j, of, at[0]);
    }
    if (!count) build_fail(b, r->expr, "%s: %s has no parents", j->graph->name, v->name);
    if (count > net->net->param_count)
        build_fail(b, r->expr, "%s: %s takes %d arguments, but %s is given %d", j->graph->name,
                   net->net->name, net->net->param_count, element_name(b, v, index), count);
    return net_apply(b, r->expr, net, count, arg, b->path->prefix);
}

/* What a rule gives, at an index or for all of `count` elements at once. */
static Value run_rule(Build *b, Joint *j, Variable *v, const GraphRule *r, int index, int count) {
    RuleRun now = {v, r, index, j->running};
    Scope *s = j->scope;
    World *here = b->world;
    const char *path = arena_printf(b->arena, "%s.%s", j->graph->name, v->name);
    if (r->index) path = arena_printf(b->arena, "%s_%d", path, index);
    Claims claims = b->claims;
    unsigned use = b->next_use;
    size_t batch = b->batch;
    int rule = rules_before(b, j->graph) + (int)(r - j->graph->rules);
    if (rule >= RULES_MAX) build_fail(b, r->expr, "graphs of more than %d rules", RULES_MAX);
    if (r->loop && !r->together) {
        s = scope_new(b, s);
        scope_bind(b, s, r->loop, value_number(index));
    }
    unsigned own = RULE_USE + ((unsigned)rule << 24) + ((unsigned)index * DRAWS_MAX);
    if (!j->world->own_noise) b->next_use = own;
    b->batch = b->minibatch * (size_t)count;
    b->world = j->world;
    b->claims = (Claims){0};
    j->running = &now;
    Value x = eval_under(b, s, r->expr, path);
    if (x.kind == V_NET) x = run_derived(b, j, v, r, index, &x);
    x = settle(b, r->expr, v->name, x);
    int past = j->notes ? notes_past(b, j->notes, j, x.node) : -1;
    if (past >= 0) fail_past(b, r->expr, j, j->variable[past].name);
    if (x.node->shape[0] != b->batch && (r->together || !j->given))
        build_fail(b, r->expr, "%s: %s: a minibatch of %zu, expected %zu", j->graph->name,
                   element_name(b, v, index), x.node->shape[0], b->batch);
    if (!j->world->own_noise && b->next_use - own > DRAWS_MAX)
        build_fail(b, r->expr, "a rule of more than %d draws", DRAWS_MAX);
    j->running = now.up;
    b->claims = claims;
    b->world = here;
    b->batch = batch;
    if (!j->world->own_noise) b->next_use = use;
    return x;
}

bool joint_alike(const Node *x, const Node *y, int first) {
    bool same = x->rank == y->rank;
    for (int i = first; same && i < x->rank; i++) same = x->shape[i] == y->shape[i];
    return same;
}

/* That an element has the shape of the others that are known. */
static void check_alike(Build *b, const Joint *j, const Variable *v, int index) {
    const Node *n = v->element[index].node, *other = NULL;
    int k = 0;
    const GraphRule *rule = v->rule[index];
    while (k < v->count &&
           (k == index || v->known[k] != KNOWN || (rule->together && v->rule[k] == rule)))
        k++;
    if (k < v->count) other = v->element[k].node;
    char s[200], t[200];
    if (other && !joint_alike(n, other, 0))
        build_fail(b, v->rule[index]->expr, "%s: %s is %s, but %s is %s", j->graph->name,
                   element_name(b, v, index), node_shape_text(n, s, sizeof s),
                   element_name(b, v, k), node_shape_text(other, t, sizeof t));
}

/* All elements of a rule that is taken together. */
static void run_together(Build *b, Joint *j, Variable *v, const GraphRule *r) {
    int first = 0, count = 0;
    while (v->rule[first] != r) first++;
    while (first + count < v->count && v->rule[first + count] == r)
        v->known[first + count++] = RUNNING;
    Value x = run_rule(b, j, v, r, first, count);
    Node *n = x.node;
    size_t shape[RANK_MAX] = {b->minibatch, (size_t)count};
    if (n->rank == RANK_MAX) build_fail(b, r->expr, "more than %d axes", RANK_MAX);
    for (int i = 1; i < n->rank; i++) shape[i + 1] = n->shape[i];
    x = value_tensor(n_reshape(b->g, n, n->rank + 1, shape), true);
    for (int i = 0; i < count; i++) {
        Value one = slice(b, &x, i, 1);
        v->element[first + i] = without_axis(b, &one);
        v->known[first + i] = KNOWN;
    }
    check_alike(b, j, v, first);
    if (count == v->count) v->whole = x;
}

/* Whether elements are recognised from later ones, as in the inverse of a chain: each is to be
 * there before the one that reads it, lest a long chain nest as deep. */
static bool from_the_end(Build *b, const Joint *j, const Variable *v) {
    const Dag *d = v->count > 1 ? graph_derived(b, j->graph) : NULL;
    return d && dag_parent(d, v->first, v->first + 1);
}

Value joint_whole(Build *b, const Expr *at, Joint *j, Variable *v) {
    if (v->whole.kind == V_TENSOR) return v->whole;
    bool back = from_the_end(b, j, v);
    for (int i = 0; i < v->count; i++) joint_element(b, at, j, v, back ? v->count - 1 - i : i);
    if (v->whole.kind != V_TENSOR)
        v->whole = v->indexed ? stack(b, at, v->element, v->count) : v->element[0];
    return v->whole;
}

/* The tensor of the page's data, which a graph of recognition sees. */
static void observe(Build *b, const Expr *at, Joint *j, Variable *v) {
    World *here = b->world;
    size_t batch = b->batch;
    Value x;
    b->world = j->world;
    b->batch = b->minibatch;
    if (!scope_value(b, j->world->root, at, v->name, &x) || x.kind != V_TENSOR)
        build_fail(b, at, "%s: %s has no data", j->graph->name, v->name);
    b->world = here;
    b->batch = batch;
    if (j->notes) x = notes_observed(b, &x);
    if (v->indexed && (x.node->rank < 2 || x.node->shape[1] != (size_t)v->count)) {
        char s[200];
        build_fail(b, at, "%s: the data %s is %s, expected %d elements as in %s", j->graph->name,
                   v->name, node_shape_text(x.node, s, sizeof s), v->count, j->model->name);
    }
    v->whole = x;
}

Value joint_element(Build *b, const Expr *at, Joint *j, Variable *v, int index) {
    if (v->whole.kind != V_TENSOR && j->graph != j->model && v->observed) observe(b, at, j, v);
    if (v->known[index] == KNOWN) return v->element[index];
    if (v->known[index] == RUNNING) fail_circle(b, at, j, v, index);
    if (v->whole.kind == V_TENSOR) {
        Value one = v->indexed ? slice(b, &v->whole, index, 1) : v->whole;
        v->element[index] = v->indexed ? without_axis(b, &one) : one;
    } else if (v->rule[index]->together) {
        run_together(b, j, v, v->rule[index]);
    } else {
        v->known[index] = RUNNING;
        v->element[index] = run_rule(b, j, v, v->rule[index], index, 1);
        check_alike(b, j, v, index);
    }
    v->known[index] = KNOWN;
    return v->element[index];
}

/* Elements of these indices as [N,n,..]. */
Value joint_collect(Build *b, const Expr *at, Joint *j, Variable *v, int n, const int *index) {
    bool run = true, same = true;
    for (int i = 1; i < n; i++) {
        run = run && index[i] == index[0] + i;
        same = same && index[i] == index[0];
    }
    Value *items = arena_new_array(b->arena, Value, (size_t)n);
    for (int i = 0; i < n; i++) items[i] = joint_element(b, at, j, v, index[i]);
    if (same && n > 1) return repeat(b, at, items, n);
    if (run && v->indexed && v->whole.kind == V_TENSOR) return slice(b, &v->whole, index[0], n);
    return stack(b, at, items, n);
}

/* [N,n,..] to N*n samples */
static Value fold(Build *b, const Expr *at, const Value *x) {
    Value none = {0};
    return function(b, at, "fold", x, &none);
}

Value joint_value(Build *b, const Expr *at, Joint *j, const char *name) {
    int i = joint_variable(j, name);
    if (i < 0) build_fail(b, at, "%s has no variable %s", j->graph->name, name);
    check_own(b, at, j, name);
    Value x = joint_whole(b, at, j, &j->variable[i]);
    return b->batch == b->minibatch ? x : joint_each(b, at, x, (int)(b->batch / b->minibatch));
}

static void give(Build *b, const Expr *at, Joint *j, const char *name, const Value *value) {
    const char *graph = j->graph->name;
    if (!name) build_fail(b, at, "%s(variable=value): variables are given by name", graph);
    int i = joint_variable(j, name);
    if (i < 0) build_fail(b, at, "%s has no variable %s", graph, name);
    check_own(b, at, j, name);
    Variable *v = &j->variable[i];
    v->whole = settle(b, at, name, *value);
    v->given = j->given = true;
    const Node *n = v->whole.node, *own = graph_structure(b, at, j->graph)->value[i];
    char s[200], t[200];
    if (!joint_alike(n, own, 1))
        build_fail(b, at, "%s: %s is given %s, expected %s", graph, name,
                   node_shape_text(n, s, sizeof s), node_shape_text(own, t, sizeof t));
}

Joint *joint_given(Build *b, const Expr *at, const Joint *from, int count, const char *const *names,
                   const Value *values) {
    Joint *j = joint_layout(b, from->graph);
    j->world = from->world;
    open_scope(b, j);
    for (int i = 0; i < from->count; i++) {
        j->variable[i].given = from->variable[i].given;
        if (j->variable[i].given) j->variable[i].whole = from->variable[i].whole;
    }
    j->given = from->given;
    for (int i = 0; i < count; i++) {
        for (int k = 0; names[i] && k < i; k++)
            if (!strcmp(names[i], names[k]))
                build_fail(b, at, "%s: %s is given twice", j->graph->name, names[i]);
        give(b, at, j, names[i], &values[i]);
    }
    return j;
}

/* ---- what rules read ---- */

/* The elements that are evaluated together; 0: one alone is. */
static int together(const Joint *j) {
    const RuleRun *r = j->running;
    int n = 0;
    for (int i = 0; r && r->rule->together && i < r->variable->count; i++)
        n += r->variable->rule[i] == r->rule;
    return n;
}

Value joint_each(Build *b, const Expr *at, Value x, int count) {
    x = repeat(b, at, &x, count);
    return fold(b, at, &x);
}

/* A value that all elements that are evaluated read alike. */
static Value for_each(Build *b, const Expr *at, const Joint *j, Value x) {
    int n = together(j);
    return n ? joint_each(b, at, x, n) : x;
}

Value joint_read(Build *b, const Expr *at, Joint *j, int variable) {
    Variable *v = &j->variable[variable];
    check_parent(b, at, j, v);
    note_all(j, v);
    return for_each(b, at, j, joint_whole(b, at, j, v));
}

static void check_index(Build *b, const Expr *at, const Variable *v, double index) {
    if (!(index >= 0 && index < v->count))
        build_fail(b, at, "%s[%g]: %s has elements 0 to %d", v->name, index, v->name, v->count - 1);
}

Value joint_elements(Build *b, const Expr *at, Joint *j, int variable, double first, double step,
                     int count, bool many) {
    Variable *v = &j->variable[variable];
    int *index = arena_new_array(b->arena, int, (size_t)count + 1);
    if (!count) build_fail(b, at, "no element of %s", v->name);
    check_parent(b, at, j, v);
    check_index(b, at, v, first);
    check_index(b, at, v, first + step * (count - 1));
    for (int i = 0; i < count; i++) {
        index[i] = (int)(first + step * i);
        note(j, v, index[i], false);
    }
    return for_each(b, at, j,
                    many ? joint_collect(b, at, j, v, count, index)
                         : joint_element(b, at, j, v, index[0]));
}

bool joint_indexed(const Joint *j, int variable) { return j->variable[variable].indexed; }

bool joint_together(const Joint *j, const Expr *index) {
    return together(j) && index->kind == E_NAME && !strcmp(index->text, j->running->rule->loop);
}

Value joint_same(Build *b, const Expr *at, Joint *j, int variable) {
    Variable *v = &j->variable[variable];
    const RuleRun *r = j->running;
    int *index = arena_new_array(b->arena, int, (size_t)r->variable->count), n = 0;
    check_parent(b, at, j, v);
    for (int i = 0; i < r->variable->count; i++) {
        if (r->variable->rule[i] != r->rule) continue;
        check_index(b, at, v, i);
        index[n++] = i;
    }
    note(j, v, 0, true);
    Value x = joint_collect(b, at, j, v, n, index);
    return fold(b, at, &x);
}
