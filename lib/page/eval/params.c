#include "page/eval/scope.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- initial values ---- */

Init init_from(Build *b, const Expr *at, const Value *v, size_t fan_in, size_t fan_out) {
    if (v->kind == V_NUMBER) return (Init){.kind = INIT_CONSTANT, .a = v->number};
    if (v->kind != V_DIST)
        build_fail(b, at, "expected a number or a distribution to initialise with");
    if (v->dist == DIST_ALIKE) {
        Init in = init_from(b, at, &v->items[0], fan_in, fan_out);
        in.repeat = as_size(b, at, &v->items[1], "count");
        if (!in.repeat) build_fail(b, at, "alike: the count must be at least 1");
        return in;
    }
    double p = v->count > 0 ? as_number(b, at, &v->items[0], "initialiser") : 0;
    double q = v->count > 1 ? as_number(b, at, &v->items[1], "initialiser") : 0;
    double in = (double)fan_in, sum = (double)fan_in + (double)fan_out, s;
    switch (v->dist) {
    case DIST_NORMAL: return (Init){INIT_NORMAL, p, q, 0};
    case DIST_UNIFORM: return (Init){INIT_UNIFORM, p, q, 0};
    case DIST_GLOROT_UNIFORM: s = p * sqrt(6 / sum); return (Init){INIT_UNIFORM, -s, s, 0};
    case DIST_GLOROT_NORMAL: return (Init){INIT_NORMAL, 0, p * sqrt(2 / sum), 0};
    case DIST_HE_UNIFORM: s = p * sqrt(3 / in); return (Init){INIT_UNIFORM, -s, s, 0};
    case DIST_HE_NORMAL: return (Init){INIT_NORMAL, 0, p / sqrt(in), 0};
    case DIST_TRUNCATED: return (Init){INIT_TRUNCATED, p, q, 0};
    case DIST_ORTHOGONAL: return (Init){INIT_ORTHOGONAL, p, 0, 0};
    default: build_fail(b, at, "this distribution cannot initialise parameters");
    }
}

/* The page's `init` for a role, or NULL. */
static InitRule *init_rule(Build *b, const char *role) {
    for (int i = 0; i < b->rule_count; i++)
        if (!strcmp(b->rules[i].statement->name, role)) return &b->rules[i];
    return NULL;
}

static Init init_by_rule(Build *b, InitRule *rule, size_t fan_in, size_t fan_out) {
    const Expr *e = rule->statement->expr;
    if (!rule->known) rule->value = build_eval(b, NULL, e);
    rule->known = true;
    return init_from(b, e, &rule->value, fan_in, fan_out);
}

/* An argument of the layer, else the page's rule, else PyTorch's default: uniform within
 * 1/sqrt(fan_in) for weights and for biases (whose default is 0 once a rule for weights stands), 1
 * for gains, 0 for shifts. */
static Init choose_init(Build *b, const Expr *at, const char *role, const Value *arg, size_t fan_in,
                        size_t fan_out) {
    if (arg) return init_from(b, at, arg, fan_in, fan_out);
    InitRule *rule = init_rule(b, role);
    if (rule) return init_by_rule(b, rule, fan_in, fan_out);
    if (!strcmp(role, "gain")) return (Init){INIT_CONSTANT, 1, 0, 0};
    bool zero = !strcmp(role, "shift") || (!strcmp(role, "bias") && init_rule(b, "weight"));
    if (zero) return (Init){INIT_CONSTANT, 0, 0, 0};
    double s = 1 / sqrt((double)(fan_in ? fan_in : 1));
    return (Init){INIT_UNIFORM, -s, s, 0};
}

/* ---- parameters ---- */

Entry *build_entry(Build *b, const Expr *at, const char *name, EntryKind kind, EntryLayout layout,
                   int rank, const size_t *shape, Init init) {
    Error err;
    char place[256];
    if (!at) at = b->watch.at;
    snprintf(place, sizeof place, "%s:%d:%d", at->file, at->line, at->column);
    Entry *e = store_get(b->store, name, kind, layout, rank, shape, init, place, &err);
    if (!e) build_fail(b, at, "%s", err.text);
    return e;
}

Entry *average_entry(Build *b, const Expr *at, const char *name, Entry *source) {
    const State *s = &source->state;
    Entry *e =
        build_entry(b, at, name, ENTRY_AVERAGE, source->layout, s->rank, s->shape, (Init){0});
    store_belongs(e, source);
    return e;
}

/* The average whose layers a path is of, or NULL. */
static const Statement *average_of(Build *b, const char *path) {
    const char *dot = strchr(path, '.');
    if (!dot) return NULL;
    const Statement *s = statement_named(b, arena_strndup(b->arena, path, (size_t)(dot - path)));
    return s && s->kind == ST_AVERAGE ? s : NULL;
}

Entry *own_entry(Build *b, const Expr *at, const char *name, EntryKind kind, EntryLayout layout,
                 int rank, const size_t *shape, Init init) {
    const Statement *average = average_of(b, name);
    if (!average) return build_entry(b, at, name, kind, layout, rank, shape, init);
    Entry *e = build_entry(b, at, name, ENTRY_AVERAGE, layout, rank, shape, init);
    Entry *of = store_find(
        b->store, arena_printf(b->arena, "%s%s", average->params[0], name + strlen(average->name)));
    if (of) store_belongs(e, of);
    return e;
}

Node *layer_param(Build *b, const Expr *at, const char *layer, const char *suffix,
                  EntryLayout layout, int rank, const size_t *shape, const char *role,
                  const Value *init, size_t fan_in, size_t fan_out) {
    Init in = choose_init(b, at, role, init, fan_in, fan_out);
    const char *name = arena_printf(b->arena, "%s.%s", layer, suffix);
    layer_claim(b, name);
    Entry *e = own_entry(b, at, name, ENTRY_PARAM, layout, rank, shape, in);
    return state_value(b, &e->state);
}

State *layer_buffer(Build *b, const Expr *at, const char *layer, const char *suffix, int rank,
                    const size_t *shape, double initial) {
    Init in = {.kind = INIT_CONSTANT, .a = initial};
    const char *name = arena_printf(b->arena, "%s.%s", layer, suffix);
    layer_claim(b, name);
    return &own_entry(b, at, name, ENTRY_BUFFER, LAYOUT_PLAIN, rank, shape, in)->state;
}

bool name_belongs(const char *tensor, const char *name) {
    size_t n = strlen(name);
    return !strncmp(tensor, name, n) && (!tensor[n] || tensor[n] == '.');
}

bool net_frozen(const Build *b, const char *net) {
    const Outside *o = &b->store->outside;
    return o->net && o->net(o->context, net);
}

bool entry_belongs(const Entry *e, const char *name) { return name_belongs(e->state.name, name); }
