/* The names of a page: scopes, statements that have values, and the start of a build. */
#include "page/eval/scope.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    NAMED_USE = 1,
    DRAWS_MAX = 64, /* of one noise */
    FREE_USE = 1u << 16
};

/* ---- scopes ---- */

Scope *scope_new(Build *b, Scope *up) {
    Scope *s = arena_alloc(b->arena, sizeof *s);
    s->up = up;
    return s;
}

Binding *scope_bind(Build *b, Scope *s, const char *name, Value v) {
    Binding *n = arena_alloc(b->arena, sizeof *n);
    n->name = name;
    n->value = v;
    n->next = s->first;
    s->first = n;
    return n;
}

void build_bind(Build *b, const char *name, Value v) {
    scope_bind(b, b->world->root, name, v)->fixed = true;
}

void scope_bind_later(Build *b, Scope *s, const Define *d, const char *prefix) {
    for (int i = 0; i < d->name_count; i++) {
        Binding *n = scope_bind(b, s, d->names[i], (Value){0});
        n->expr = d->expr;
        n->scope = s;
        n->prefix = prefix ? arena_printf(b->arena, "%s.%s", prefix, d->names[0]) : d->names[0];
        n->define = d;
    }
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

static Value force(Build *b, const Expr *at, Binding *n) {
    if (!n->expr) return n->value;
    if (n->running) build_fail(b, at, "%s is defined by itself", n->name);
    n->running = true;
    Value v = eval_under(b, n->scope, n->expr, n->prefix);
    const Define *d = n->define;
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
    n->running = false;
    return n->value;
}

static const Statement *find_statement(Build *b, const char *name) {
    build_spend(b, NULL, (size_t)b->page->count);
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        if (s->name && !strcmp(s->name, name) && s->kind != ST_PLAYER && s->kind != ST_SAMPLE &&
            s->kind != ST_INIT && s->kind != ST_LET)
            return s;
    }
    return NULL;
}

/* The net whose layers an average repeats. */
static const Statement *net_of(Build *b, const Statement *s) {
    if (s->kind != ST_AVERAGE) return s;
    const Statement *net = find_statement(b, s->params[0]);
    if (!net || net->kind != ST_NET)
        build_fail(b, s->expr, "%s is not a net that could be averaged", s->params[0]);
    return net;
}

static Value page_eval(Build *b, const Expr *e) { return eval_under(b, b->world->root, e, "page"); }

static int statement_dims(Build *b, const Statement *s, size_t *shape) {
    if (s->dim_count > RANK_MAX - 1) build_fail(b, s->dims[0], "more than %d axes", RANK_MAX - 1);
    for (int i = 0; i < s->dim_count; i++) {
        Value v = page_eval(b, s->dims[i]);
        shape[i] = as_size(b, s->dims[i], &v, "extent");
        if (!shape[i]) build_fail(b, s->dims[i], "an extent must be at least 1");
    }
    return s->dim_count;
}

static Value param_value(Build *b, const Statement *s) {
    size_t shape[RANK_MAX], fan = 1;
    int rank = statement_dims(b, s, shape);
    Value v = page_eval(b, s->expr);
    if (rank) fan = shape[rank - 1];
    Init init = init_from(b, s->expr, &v, fan, rank ? shape[0] : 1);
    Entry *e = build_entry(b, s->expr, s->name, s->kind == ST_STATE ? ENTRY_STATE : ENTRY_PARAM,
                           LAYOUT_PLAIN, rank, shape, init);
    return value_tensor(state_value(b, &e->state), false);
}

/* The expression is DIST[dims] or DIST; its draws get this noise's numbers. An update that is
 * looked ahead at has noise of its own, numbered like any other draw. */
static Value noise_value(Build *b, const Statement *s) {
    unsigned next = b->next_use, use = NAMED_USE;
    for (int i = 0; &b->page->statements[i] != s; i++)
        if (b->page->statements[i].kind == ST_NOISE) use += DRAWS_MAX;
    if (!b->world->own_noise) b->next_use = use;
    Value v = page_eval(b, s->expr);
    if (v.kind == V_DIST) v = draw(b, s->expr, &v, 0, NULL, true, b->next_use++);
    if (!b->world->own_noise) b->next_use = next;
    return v;
}

/* What a name means that no scope binds: a statement of the page. */
static bool page_value(Build *b, const Expr *at, const char *name, Value *v) {
    const Statement *s = find_statement(b, name);
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
    case ST_DATA:
        for (int i = 0; i < b->data_count; i++)
            if (!strcmp(b->data[i].name, name))
                *v = value_tensor(n_input(b->g, &b->data[i].input), true);
        break;
    default: build_fail(b, at, "%s cannot be used here", name);
    }
    scope_bind(b, b->world->root, s->name, *v); /* the same value at each use */
    return true;
}

void value_keep_name(Build *b, const Value *v) {
    if (v->kind == V_TENSOR) v->node->named = true;
    if (v->kind != V_LIST) return;
    build_enter(b, NULL);
    for (int i = 0; i < v->count; i++) value_keep_name(b, &v->items[i]);
    b->nesting--;
}

bool scope_value(Build *b, Scope *s, const Expr *at, const char *name, Value *v) {
    Binding *n = lookup(b, at, s, name);
    if (!n && !page_value(b, at, name, v)) return false;
    if (n) *v = force(b, at, n);
    if (!n || !n->kept) value_keep_name(b, v);
    if (n) n->kept = true;
    return true;
}

Scope *build_where(Build *b, const Defines *where) {
    Scope *s = scope_new(b, b->world->root);
    for (int i = 0; i < where->count; i++) scope_bind_later(b, s, &where->list[i], NULL);
    return s;
}

/* ---- the start ---- */

static void start_option(Build *b, const Statement *s) {
    Value v = page_eval(b, s->expr);
    for (int i = 0; i < b->settings.count; i++) {
        if (strcmp(b->settings.names[i], s->name)) continue;
        const char *text = b->settings.values[i];
        double x;
        if (parse_double(text, &x) && isfinite(x))
            v = value_number(x);
        else if (v.kind == V_TEXT)
            v = (Value){.kind = V_TEXT, .text = text};
        else
            build_fail(b, s->expr, "option %s: expected a number, found '%s'", s->name, text);
    }
    if (s->low) {
        Value choices = page_eval(b, s->low);
        bool found = choices.kind != V_LIST;
        Str list = {0};
        for (int i = 0; choices.kind == V_LIST && i < choices.count; i++) {
            const Value *c = &choices.items[i];
            found |= c->kind == v.kind &&
                     (v.kind == V_TEXT ? !strcmp(c->text, v.text) : c->number == v.number);
            if (c->kind == V_TEXT)
                str_printf(&list, "%s%s", i ? ", " : "", c->text);
            else
                str_printf(&list, "%s%g", i ? ", " : "", c->number);
        }
        const char *text = arena_printf(b->arena, "%s", list.text ? list.text : "");
        str_free(&list);
        if (!found) build_fail(b, s->expr, "option %s must be one of: %s", s->name, text);
    }
    build_bind(b, s->name, v);
}

static void start_data(Build *b, const Statement *s) {
    DataInput *d = &b->data[b->data_count++];
    size_t dims[RANK_MAX];
    int rank = statement_dims(b, s, dims);
    *d = (DataInput){.name = s->name, .tensor = s->params[0], .low = -1, .high = 1};
    d->input.name = s->name;
    if (s->low) {
        Value l = page_eval(b, s->low), h = page_eval(b, s->high);
        d->low = as_number(b, s->low, &l, "range");
        d->high = as_number(b, s->high, &h, "range");
    }
    if (!strcmp(d->tensor, "label") && rank == 1) d->classes = dims[0];
    d->input.rank = rank + 1;
    d->input.shape[0] = b->batch;
    if (rank) memcpy(d->input.shape + 1, dims, (size_t)rank * sizeof *dims);
    if (!size_product(d->input.shape, rank + 1, &d->input.count))
        build_fail(b, s->dims[0], "the shape is too large");
}

static void check_settings(Build *b) {
    for (int i = 0; i < b->settings.count; i++) {
        const Statement *s = find_statement(b, b->settings.names[i]);
        if (!s || s->kind != ST_OPTION)
            trap_fail(b->trap, "%s: the page has no option %s", b->page->file,
                      b->settings.names[i]);
    }
}

void build_start(Build *b, const Page *page, const Settings *settings, Store *store, Graph *g,
                 size_t batch, bool training) {
    *b = (Build){.page = page,
                 .store = store,
                 .g = g,
                 .arena = g->arena,
                 .trap = g->trap,
                 .batch = batch,
                 .training = training,
                 .next_use = FREE_USE};
    if (settings) b->settings = *settings;
    build_limit(b);
    b->step = (Input){.name = "step", .count = 1};
    b->statistics = (Input){.name = "statistics", .count = 1};
    b->world = arena_alloc(b->arena, sizeof *b->world);
    b->world->root = scope_new(b, NULL);
    b->data = arena_new_array(b->arena, DataInput, (size_t)page->count + 1);
    b->path = arena_alloc(b->arena, sizeof *b->path);
    b->path->prefix = "page";
    check_settings(b);
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == ST_OPTION) start_option(b, &page->statements[i]);
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind == ST_DATA) start_data(b, s);
        for (int k = 0; s->kind == ST_LET && k < s->let.count; k++)
            scope_bind_later(b, b->world->root, &s->let.list[k], NULL);
    }
}
