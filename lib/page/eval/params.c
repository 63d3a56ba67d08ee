/* Parameters of layers: their paths and their initial values. */
#include "page/eval/build.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- paths ---- */

enum { NAME_MAX_LENGTH = 200 };

const char *place_name(Build *b, const Expr *at, const Value *v) {
    const char *name = as_text(b, at, v, "name");
    if (strlen(name) > NAME_MAX_LENGTH)
        build_fail(b, at, "name: longer than %d characters", NAME_MAX_LENGTH);
    for (const char *p = name; *p; p++) {
        bool dot = *p == '.', alone = p == name || !p[1] || p[1] == '.';
        if (dot ? alone : !isalnum((unsigned char)*p) && *p != '_' && *p != '-')
            build_fail(b, at,
                       "name: expected letters, digits, _ and - with single dots between them, "
                       "found \"%s\"",
                       name);
    }
    return name;
}

static size_t chain_of(const Claims *c, const char *path) {
    size_t h = 5381;
    for (; *path; path++) h = h * 33 + (unsigned char)*path;
    return h % c->chains;
}

static void put_claim(Claims *c, Claim *claim) {
    Claim **chain = &c->chain[chain_of(c, claim->path)];
    claim->next = *chain;
    *chain = claim;
}

static void grow_claims(Build *b) {
    Claims *c = &b->claims, old = *c;
    c->chains = old.chains ? 4 * old.chains : 32;
    c->chain = arena_new_array(b->arena, Claim *, c->chains);
    for (size_t i = 0; i < old.chains; i++)
        for (Claim *p = old.chain[i], *next; p; p = next) {
            next = p->next;
            put_claim(c, p);
        }
}

/* The same call may come by again, as a cell does at each step of time; any other shares nothing.
 */
static void claim(Build *b, const char *path, const Place *p) {
    if (b->claims.count == b->claims.chains) grow_claims(b);
    for (const Claim *c = b->claims.chain[chain_of(&b->claims, path)]; c; c = c->next) {
        if (strcmp(c->path, path)) continue;
        if (c->by.at == p->at || (!c->by.name && !p->name)) return;
        build_fail(b, p->at, "the name %s is already taken in line %d, column %d", path,
                   c->by.at->line, c->by.at->column);
    }
    Claim *c = arena_alloc(b->arena, sizeof *c);
    *c = (Claim){path, *p, NULL};
    put_claim(&b->claims, c);
    b->claims.count++;
}

const char *place_path(Build *b, Place *p) {
    const char *prefix = b->path->prefix, *path = prefix;
    if (!p->name) {
        if (p->index < 0) p->index = b->path->next++;
        path = arena_printf(b->arena, "%s.%d", prefix, p->index);
    } else if (*p->name) {
        path = arena_printf(b->arena, "%s.%s", prefix, p->name);
    }
    claim(b, path, p);
    return path;
}

const char *layer_path(Build *b) { return place_path(b, b->place); }

/* ---- initial values ---- */

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
    case DIST_TRUNCATED: return (Init){INIT_TRUNCATED, p, q};
    case DIST_ORTHOGONAL: return (Init){INIT_ORTHOGONAL, p, 0};
    default: build_fail(b, at, "this distribution cannot initialise parameters");
    }
}

/* The page's last `init` for a role, or NULL. */
static const Statement *init_rule(Build *b, const char *role) {
    build_spend(b, NULL, (size_t)b->page->count);
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

/* ---- parameters ---- */

Entry *build_entry(Build *b, const Expr *at, const char *name, EntryKind kind, EntryLayout layout,
                   int rank, const size_t *shape, Init init) {
    Error err;
    char place[256];
    if (!at) at = b->at;
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
    build_spend(b, NULL, (size_t)b->page->count);
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        size_t n = s->kind == ST_AVERAGE ? strlen(s->name) : 0;
        if (n && !strncmp(path, s->name, n) && path[n] == '.') return s;
    }
    return NULL;
}

/* What a layer keeps; used under the name of an average it is that of the average. */
static Entry *layer_entry(Build *b, const Expr *at, const char *layer, const char *suffix,
                          EntryKind kind, EntryLayout layout, int rank, const size_t *shape,
                          Init init) {
    const Statement *average = average_of(b, layer);
    const char *name = arena_printf(b->arena, "%s.%s", layer, suffix);
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
    Entry *e = layer_entry(b, at, layer, suffix, ENTRY_PARAM, layout, rank, shape, in);
    return state_value(b, &e->state);
}

State *layer_buffer(Build *b, const Expr *at, const char *layer, const char *suffix, int rank,
                    const size_t *shape, double initial) {
    Init in = {INIT_CONSTANT, initial, 0};
    return &layer_entry(b, at, layer, suffix, ENTRY_BUFFER, LAYOUT_PLAIN, rank, shape, in)->state;
}

bool entry_belongs(const Entry *e, const char *name) {
    size_t n = strlen(name);
    return !strncmp(e->state.name, name, n) && (e->state.name[n] == 0 || e->state.name[n] == '.');
}
