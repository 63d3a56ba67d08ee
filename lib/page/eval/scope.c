#include "page/eval/scope.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    NAMED_USE = 1,
    DRAWS_MAX = 64 /* of one noise that another follows */
};

/* ---- scopes ---- */

Scope *scope_new(Build *b, Scope *up) {
    Scope *s = arena_alloc(b->arena, sizeof *s);
    s->up = up;
    return s;
}

static bool within(const Scope *s, const Scope *outer) {
    while (s && s != outer) s = s->up;
    return s == outer;
}

Scope *scope_of_call(Build *b) {
    Scope *root = b->world->root;
    return scope_new(b, b->renewed && b->renewed->up == root ? b->renewed : root);
}

Binding *scope_bind(Build *b, Scope *s, const char *name, Value v) {
    Binding *n = arena_alloc(b->arena, sizeof *n);
    n->name = name;
    n->value = v;
    n->next = s->first;
    s->first = n;
    return n;
}

void scope_bind_later(Build *b, Scope *s, const Define *d, const char *prefix) {
    for (int i = 0; i < d->name_count; i++) {
        Binding *n = scope_bind(b, s, d->names[i], (Value){0});
        n->expr = d->expr;
        n->scope = s;
        n->prefix = prefix ? arena_printf(b->arena, "%s.%s", prefix, d->names[0]) : d->names[0];
        n->define = d;
        n->call = b->g->call;
    }
}

void scope_bind_variable(Build *b, Scope *s, const char *name, Joint *j, int variable) {
    Binding *n = scope_bind(b, s, name, (Value){0});
    n->joint = j;
    n->variable = variable;
}

Scope *scope_again(Build *b, const Scope *root) {
    Scope *s = scope_new(b, NULL);
    Binding **end = &s->first;
    for (const Binding *n = root->first; n; n = n->next) {
        build_spend(b, NULL, 0);
        if (!n->fixed && !n->define) continue; /* of a statement: bound when it is asked for */
        Binding *m = arena_alloc(b->arena, sizeof *m);
        *m = *n;
        m->next = NULL;
        if (!n->fixed) {
            m->expr = n->define->expr;
            m->scope = s;
            m->running = m->kept = false;
        }
        *end = m;
        end = &m->next;
    }
    return s;
}

static Binding *lookup(Build *b, const Expr *at, const Scope *s, const char *name) {
    size_t looked = 0;
    Binding *n = NULL;
    for (; s && !n; s = s->up)
        for (n = s->first; n && strcmp(n->name, name); n = n->next) looked++;
    build_spend(b, at, looked);
    return n;
}

static int extents(Build *b, Scope *s, Expr *const *dims, int count, size_t *shape) {
    if (count > RANK_MAX - 1) build_fail(b, dims[0], "more than %d axes", RANK_MAX - 1);
    for (int i = 0; i < count; i++) {
        Value v = eval_under(b, s, dims[i], "page");
        shape[i] = as_size(b, dims[i], &v, "extent");
        if (!shape[i]) build_fail(b, dims[i], "an extent must be at least 1");
    }
    return count;
}

/* A param or state of that name, declared with its shape and initial value. */
static Entry *declare(Build *b, Scope *s, const char *name, EntryKind kind, Expr *const *dims,
                      int dim_count, const Expr *initial) {
    size_t shape[RANK_MAX];
    int rank = extents(b, s, dims, dim_count, shape);
    Value v = eval_under(b, s, initial, "page");
    Init init = init_from(b, initial, &v, rank ? shape[rank - 1] : 1, rank ? shape[0] : 1);
    return own_entry(b, initial, name, kind, LAYOUT_PLAIN, rank, shape, init);
}

/* A state's value is that of before the update, wherever it is asked for. */
static Value declared(Build *b, Binding *n) {
    const Define *d = n->define;
    bool state = d->kind == DEFINE_STATE;
    n->entry = declare(b, n->scope, n->prefix, state ? ENTRY_BUFFER : ENTRY_PARAM, d->dims,
                       d->dim_count, d->expr);
    const State *s = &n->entry->state;
    return value_tensor(state ? state_before(b, s) : state_value(b, s), false);
}

static Value force(Build *b, const Expr *at, Binding *n) {
    if (n->joint) return joint_read(b, at, n->joint, n->variable);
    if (!n->expr) return n->value;
    if (n->running) build_fail(b, at, "%s is defined by itself", n->name);
    n->running = true;
    const Define *d = n->define;
    const NodeCall *here = b->g->call;
    size_t batch = b->batch;
    Scope *renewed = b->renewed;
    if (renewed && !within(n->scope, renewed)) b->renewed = NULL; /* as it would be at any time */
    b->g->call = n->call;
    if (n->scope == b->world->root) b->batch = b->minibatch;
    Value v =
        d && d->kind != DEFINE_VALUE ? declared(b, n) : eval_under(b, n->scope, n->expr, n->prefix);
    if (d && d->name_count > 1) {
        if (v.kind != V_LIST || v.count != d->name_count)
            build_fail(b, d->expr, "%d names take a list of %d apart, found %s of %d",
                       d->name_count, d->name_count, value_kind(&v), v.count);
        for (Binding *m = n->scope->first; m; m = m->next, build_spend(b, at, 0))
            for (int i = 0; i < d->name_count; i++)
                if (m->define == d && !strcmp(m->name, d->names[i])) {
                    m->value = v.items[i];
                    m->expr = NULL;
                }
    } else {
        n->value = v;
        n->expr = NULL;
    }
    b->g->call = here;
    b->batch = batch;
    b->renewed = renewed;
    n->running = false;
    return n->value;
}

const Statement *statement_named(Build *b, const char *name) {
    build_spend(b, NULL, 0);
    return page_statement(b->page, name);
}

/* The net whose layers an average repeats. */
static const Statement *net_of(Build *b, const Statement *s) {
    if (s->kind != ST_AVERAGE) return s;
    const Statement *net = statement_named(b, s->params[0]);
    if (!net || net->kind != ST_NET)
        build_fail(b, s->expr, "%s is not a net that could be averaged", s->params[0]);
    return net;
}

Value statement_eval(Build *b, const Expr *e) { return eval_under(b, b->world->root, e, "page"); }

int statement_shape(Build *b, const Statement *s, size_t *shape) {
    return extents(b, b->world->root, s->dims, s->dim_count, shape);
}

static Value param_value(Build *b, const Statement *s) {
    Entry *e = declare(b, b->world->root, s->name, s->kind == ST_STATE ? ENTRY_STATE : ENTRY_PARAM,
                       s->dims, s->dim_count, s->expr);
    return value_tensor(state_value(b, &e->state), false);
}

static bool others_follow(const Page *page, const Statement *noise) {
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == ST_NOISE && page->statements[i].number > noise->number)
            return true;
    return false;
}

/* The expression is DIST[dims] or DIST, or has draws within; they get this noise's numbers. An
 * update that is looked ahead at has noise of its own, numbered like any other draw. */
static Value noise_value(Build *b, const Statement *s) {
    unsigned next = b->next_use, use = NAMED_USE + DRAWS_MAX * (unsigned)s->number;
    size_t batch = b->batch;
    if (!b->world->own_noise) b->next_use = use;
    b->batch = b->minibatch;
    Value v = statement_eval(b, s->expr);
    if (v.kind == V_DIST) v = draw(b, s->expr, &v, 0, NULL, true, b->next_use++);
    if (!b->world->own_noise) {
        if (b->next_use - use > DRAWS_MAX && others_follow(b->page, s))
            build_fail(b, s->expr, "a noise of %u draws, more than %d, must be the page's last",
                       b->next_use - use, DRAWS_MAX);
        b->next_use = next;
    }
    b->batch = batch;
    return v;
}

/* What a name means that no scope binds: a statement of the page. */
static bool page_value(Build *b, const Expr *at, const char *name, Value *v) {
    const Statement *s = statement_named(b, name);
    if (!s) return false;
    switch (s->kind) {
    case ST_NET:
    case ST_BLOCK:
    case ST_AVERAGE:
        *v = (Value){.kind = V_NET,
                     .net = net_of(b, s),
                     .world = b->world,
                     .root = s->kind == ST_BLOCK ? NULL : s->name};
        return true;
    case ST_PARAM:
    case ST_STATE: *v = param_value(b, s); break;
    case ST_NOISE: *v = noise_value(b, s); break;
    case ST_GRAPH: *v = (Value){.kind = V_GRAPH, .joint = joint_new(b, s)}; break;
    case ST_DATA:
        if (s->number >= b->data_count) build_fail(b, at, "%s cannot be used here", name);
        *v = value_tensor(n_input(b->g, &b->data[s->number].input), !b->data[s->number].whole);
        break;
    default: build_fail(b, at, "%s cannot be used here", name);
    }
    scope_bind(b, b->world->root, s->name, *v); /* the same value at each use */
    return true;
}

bool scope_variable(Build *b, Scope *s, const Expr *name, Joint **j, int *variable) {
    if (name->kind != E_NAME) return false;
    const Binding *n = lookup(b, name, s, name->text);
    if (!n || !n->joint) return false;
    *j = n->joint;
    *variable = n->variable;
    return true;
}

Entry *scope_state(Build *b, Scope *s, const Expr *at, const char *name) {
    Binding *n = lookup(b, at, s, name);
    if (n) force(b, at, n);
    return n && n->entry && n->define->kind == DEFINE_STATE ? n->entry : NULL;
}

void value_keep_name(Build *b, const Value *v) {
    if (v->kind == V_TENSOR) v->node->named = true;
    if (v->kind != V_LIST) return;
    build_enter(b, NULL);
    for (int i = 0; i < v->count; i++) value_keep_name(b, &v->items[i]);
    b->watch.nesting--;
}

/* Where elements of a graph's variables are one minibatch: what has a minibatch, once for each. */
static Value for_each_element(Build *b, const Expr *at, Value v) {
    if (v.kind == V_TENSOR && v.batched && v.node->shape[0] == b->minibatch)
        return joint_each(b, at, v, (int)(b->batch / b->minibatch));
    if (v.kind != V_LIST && v.kind != V_DIST) return v;
    Value *items = arena_new_array(b->arena, Value, (size_t)v.count + 1);
    build_enter(b, NULL);
    for (int i = 0; i < v.count; i++) items[i] = for_each_element(b, at, v.items[i]);
    b->watch.nesting--;
    v.items = items;
    return v;
}

/* Whether a binding, or none, is one of the page. */
static bool of_page(Build *b, const Expr *at, const Binding *n, const char *name) {
    return !n || (!n->joint && n == lookup(b, at, b->world->root, name));
}

bool scope_value(Build *b, Scope *s, const Expr *at, const char *name, Value *v) {
    Binding *n = lookup(b, at, s, name);
    if (!n && !page_value(b, at, name, v)) return false;
    if (n) *v = force(b, at, n);
    if (!n || !n->kept) value_keep_name(b, v);
    if (n && !n->joint) n->kept = true;
    if (b->batch != b->minibatch && of_page(b, at, n, name)) *v = for_each_element(b, at, *v);
    return true;
}
