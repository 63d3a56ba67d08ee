/* Parameters of layers, states, and their initial values. */
#include "page/build.h"

#include <math.h>
#include <string.h>

const char *layer_path(Build *b, const Value *name) {
    if (name) return arena_printf(b->arena, "%s.%s", b->path->prefix, as_text(b, b->at, name, "name"));
    if (b->index < 0) b->index = b->path->next++;
    return arena_printf(b->arena, "%s.%d", b->path->prefix, b->index);
}

Init init_from(Build *b, const Expr *at, const Value *v, size_t fan_in, size_t fan_out) {
    if (v->kind == V_NUMBER) return (Init){INIT_CONSTANT, v->number, 0};
    if (v->kind != V_DIST)
        build_fail(b, at, "expected a number or a distribution to initialise with");
    double p = v->count > 0 ? as_number(b, at, &v->items[0], "initialiser") : 0;
    double q = v->count > 1 ? as_number(b, at, &v->items[1], "initialiser") : 0;
    double in = (double)fan_in, sum = (double)fan_in + (double)fan_out, s;
    switch (v->dist) {
    case DIST_NORMAL: return (Init){INIT_NORMAL, p, q};
    case DIST_UNIFORM: return (Init){INIT_UNIFORM, p, q};
    case DIST_GLOROT_UNIFORM: s = p * sqrt(6 / sum); return (Init){INIT_UNIFORM, -s, s};
    case DIST_GLOROT_NORMAL: return (Init){INIT_NORMAL, 0, p * sqrt(2 / sum)};
    case DIST_HE_UNIFORM: s = p * sqrt(3 / in); return (Init){INIT_UNIFORM, -s, s};
    case DIST_HE_NORMAL: return (Init){INIT_NORMAL, 0, p / sqrt(in)};
    default: build_fail(b, at, "this distribution cannot initialise parameters");
    }
}

/* The page's last `init` for a role, or NULL. */
static const Statement *init_rule(const Build *b, const char *role) {
    const Statement *rule = NULL;
    for (int i = 0; i < b->page->count; i++)
        if (b->page->statements[i].kind == ST_INIT && !strcmp(b->page->statements[i].name, role))
            rule = &b->page->statements[i];
    return rule;
}

/* An argument of the layer, else the page's rule, else PyTorch's default: uniform within
 * 1/sqrt(fan_in) for weights and for biases (whose default is 0 once a rule for weights stands), 1
 * for gains, 0 for shifts. */
static Init choose_init(Build *b, const Expr *at, const char *role, const Value *arg, size_t fan_in,
                        size_t fan_out) {
    if (arg) return init_from(b, at, arg, fan_in, fan_out);
    const Statement *rule = init_rule(b, role);
    if (rule) {
        Value v = build_eval(b, NULL, rule->expr);
        return init_from(b, rule->expr, &v, fan_in, fan_out);
    }
    if (!strcmp(role, "gain")) return (Init){INIT_CONSTANT, 1, 0};
    bool zero = !strcmp(role, "shift") || (!strcmp(role, "bias") && init_rule(b, "weight"));
    if (zero) return (Init){INIT_CONSTANT, 0, 0};
    double s = 1 / sqrt((double)(fan_in ? fan_in : 1));
    return (Init){INIT_UNIFORM, -s, s};
}

Node *layer_param(Build *b, const Expr *at, const char *layer, const char *suffix, Layout layout,
                  int rank, const size_t *shape, const char *role, const Value *init,
                  size_t fan_in, size_t fan_out) {
    const char *name = arena_printf(b->arena, "%s.%s", layer, suffix);
    Init in = choose_init(b, at, role, init, fan_in, fan_out);
    Error err;
    Entry *e = store_get(b->store, name, ENTRY_PARAM, layout, rank, shape, in, &err);
    if (!e) build_fail(b, at, "%s", err.text);
    return state_value(b, &e->state);
}

State *layer_buffer(Build *b, const Expr *at, const char *layer, const char *suffix, int rank,
                    const size_t *shape, double initial) {
    Error err;
    const char *name = arena_printf(b->arena, "%s.%s", layer, suffix);
    Entry *e = store_get(b->store, name, ENTRY_BUFFER, LAYOUT_PLAIN, rank, shape,
                         (Init){INIT_CONSTANT, initial, 0}, &err);
    if (!e) build_fail(b, at, "%s", err.text);
    return &e->state;
}

bool entry_belongs(const Entry *e, const char *name) {
    size_t n = strlen(name);
    return !strncmp(e->state.name, name, n) && (e->state.name[n] == 0 || e->state.name[n] == '.');
}
