/* The evaluator: scopes, names, operators, pipes, calls. */
#include "page/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    CALL_DEPTH = 200,
    ARGS_MAX = 24,
    LIST_MAX = 100000,
    NESTING_MAX = 1500, /* expressions inside one another, through names and nets */
    NAMED_USE = 1,
    DRAWS_MAX = 64, /* of one noise */
    FREE_USE = 1u << 16
};

typedef struct Binding {
    const char *name;
    Value value;
    const Expr *expr; /* not yet evaluated when not NULL */
    Scope *scope;
    const char *prefix; /* of layers inside expr */
    const Define *define;
    bool running;
    struct Binding *next;
} Binding;

struct Scope {
    Scope *up;
    Binding *first;
};

/* ---- errors ---- */

void build_at(Build *b, const Expr *at) {
    if (!at) return;
    b->at = at;
    snprintf(b->where, sizeof b->where, "%s:%d:%d: ", at->file, at->line, at->column);
    b->g->where = b->where;
}

void build_fail(Build *b, const Expr *at, const char *format, ...) {
    char text[700];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    build_at(b, at ? at : b->at);
    trap_fail(b->trap, "%s%s", b->where, text);
}

/* ---- scopes ---- */

static Scope *scope_new(Build *b, Scope *up) {
    Scope *s = arena_alloc(b->arena, sizeof *s);
    s->up = up;
    return s;
}

static Binding *bind(Build *b, Scope *s, const char *name, Value v) {
    Binding *n = arena_alloc(b->arena, sizeof *n);
    n->name = name;
    n->value = v;
    n->next = s->first;
    s->first = n;
    return n;
}

void build_bind(Build *b, const char *name, Value v) { bind(b, b->root, name, v); }

/* A name of a where-clause or let: evaluated when first asked for. */
static void bind_later(Build *b, Scope *s, const Define *d, const char *prefix) {
    for (int i = 0; i < d->name_count; i++) {
        Binding *n = bind(b, s, d->names[i], (Value){0});
        n->expr = d->expr;
        n->scope = s;
        n->prefix = prefix ? arena_printf(b->arena, "%s.%s", prefix, d->names[0]) : d->names[0];
        n->define = d;
    }
}

static Value eval(Build *b, Scope *s, const Expr *e);

static Binding *lookup(Scope *s, const char *name) {
    for (; s; s = s->up)
        for (Binding *n = s->first; n; n = n->next)
            if (!strcmp(n->name, name)) return n;
    return NULL;
}

/* Evaluates with layers under a fresh path. */
static Value eval_under(Build *b, Scope *s, const Expr *e, const char *prefix) {
    Path path = {.prefix = prefix}, *old = b->path;
    int index = b->index;
    b->path = &path;
    b->index = -1;
    Value v = eval(b, s, e);
    b->path = old;
    b->index = index;
    return v;
}

static Value force(Build *b, const Expr *at, Binding *n) {
    if (!n->expr) return n->value;
    if (n->running) build_fail(b, at, "%s is defined by itself", n->name);
    n->running = true;
    Value v = eval_under(b, n->scope, n->expr, n->prefix);
    const Define *d = n->define;
    if (d && d->name_count > 1) {
        if (v.kind != V_LIST || v.count != d->name_count)
            build_fail(b, d->expr, "%d names take a list of %d apart, found %s of %d", d->name_count,
                       d->name_count, value_kind(&v), v.count);
        for (Binding *m = n->scope->first; m; m = m->next)
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

static const Statement *find_statement(const Build *b, const char *name) {
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

static int statement_dims(Build *b, const Statement *s, size_t *shape) {
    if (s->dim_count > RANK_MAX - 1) build_fail(b, s->dims[0], "more than %d axes", RANK_MAX - 1);
    for (int i = 0; i < s->dim_count; i++) {
        Value v = eval(b, b->root, s->dims[i]);
        shape[i] = as_size(b, s->dims[i], &v, "extent");
        if (!shape[i]) build_fail(b, s->dims[i], "an extent must be at least 1");
    }
    return s->dim_count;
}

static Value param_value(Build *b, const Statement *s) {
    size_t shape[RANK_MAX], fan = 1;
    int rank = statement_dims(b, s, shape);
    Value v = eval(b, b->root, s->expr);
    if (rank) fan = shape[rank - 1];
    Init init = init_from(b, s->expr, &v, fan, rank ? shape[0] : 1);
    Error err;
    Entry *e = store_get(b->store, s->name, s->kind == ST_STATE ? ENTRY_STATE : ENTRY_PARAM,
                         LAYOUT_PLAIN, rank, shape, init, &err);
    if (!e) build_fail(b, s->expr, "%s", err.text);
    return value_tensor(state_value(b, &e->state), false);
}

static Value noise_value(Build *b, const Statement *s) {
    unsigned use = NAMED_USE;
    for (int i = 0; &b->page->statements[i] != s; i++)
        if (b->page->statements[i].kind == ST_NOISE) use += DRAWS_MAX;
    /* the expression is DIST[dims] or DIST; its draws get this noise's numbers */
    unsigned next = b->next_use;
    b->next_use = use;
    Value v = eval(b, b->root, s->expr);
    b->next_use = next;
    if (v.kind == V_DIST) v = draw(b, s->expr, &v, 0, NULL, true, use);
    return v;
}

/* What a name means that no scope binds: a statement of the page, or NULL. */
static bool page_value(Build *b, const Expr *at, const char *name, Value *v) {
    const Statement *s = find_statement(b, name);
    if (!s) return false;
    switch (s->kind) {
    case ST_NET:
    case ST_BLOCK:
    case ST_AVERAGE:
        *v = (Value){.kind = V_NET,
                     .net = net_of(b, s),
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
    bind(b, b->root, s->name, *v); /* the same value at each use */
    return true;
}

static Value call_builtin(Build *b, Scope *s, const Expr *e, const Builtin *f, const Value *first);

static Value eval_name(Build *b, Scope *s, const Expr *e) {
    Binding *n = lookup(s, e->text);
    if (n) return force(b, e, n);
    Value v;
    if (page_value(b, e, e->text, &v)) return v;
    if (!strcmp(e->text, "step")) return value_tensor(n_input(b->g, &b->step), false);
    const Builtin *f = builtin_find(e->text);
    if (f) return call_builtin(b, s, e, f, NULL);
    build_fail(b, e, "unknown name %s", e->text);
}

/* ---- calls ---- */

static int next_index(Build *b) { return b->path->next++; }

static Value call_net(Build *b, Scope *s, const Expr *e, const Value *f, const Value *first) {
    const Statement *def = f->net;
    Value args[ARGS_MAX];
    bool given[ARGS_MAX] = {false};
    int position = 0;
    if (first) {
        if (!def->param_count) build_fail(b, e, "%s takes no arguments", def->name);
        args[0] = *first;
        given[position++] = true;
    }
    int index = b->index;
    b->index = -1;
    for (int i = 0; i < e->count; i++) {
        int k = position;
        if (e->names[i])
            for (k = 0; k < def->param_count && strcmp(def->params[k], e->names[i]);) k++;
        else position++;
        if (k >= def->param_count)
            build_fail(b, e->items[i], e->names[i] ? "%s has no parameter %s" : "%s takes fewer arguments",
                       def->name, e->names[i] ? e->names[i] : "");
        if (given[k]) build_fail(b, e->items[i], "%s is given twice", def->params[k]);
        args[k] = eval(b, s, e->items[i]);
        given[k] = true;
    }
    b->index = index;
    Scope *inner = scope_new(b, b->root);
    for (int k = 0; k < def->param_count; k++) {
        if (!given[k] && !def->defaults[k])
            build_fail(b, e, "%s needs its argument %s", def->name, def->params[k]);
        bind(b, inner, def->params[k], given[k] ? args[k] : eval(b, inner, def->defaults[k]));
    }
    const char *prefix = f->root;
    if (!prefix) /* a block: at the stage's number, or outside a pipe at the next */
        prefix = arena_printf(b->arena, "%s.%d", b->path->prefix,
                              b->index < 0 ? next_index(b) : b->index);
    for (int i = 0; i < def->let.count; i++) bind_later(b, inner, &def->let.list[i], prefix);
    if (++b->depth > CALL_DEPTH) build_fail(b, e, "%s calls itself without end", def->name);
    Value v = eval_under(b, inner, def->expr, prefix);
    b->depth--;
    build_at(b, e);
    return v;
}

/* Splits "x, channels, stride?, ..." into names. */
typedef struct {
    char names[ARGS_MAX][24];
    bool optional[ARGS_MAX];
    int count;
    bool rest; /* the last takes all remaining arguments as a list */
} Signature;

static Signature signature(const char *text) {
    Signature sig = {0};
    while (*text && sig.count < ARGS_MAX) {
        size_t n = strcspn(text, ",");
        size_t len = n;
        if (len > 3 && !strncmp(text + len - 3, "...", 3)) sig.rest = true, len -= 3;
        if (len && text[len - 1] == '?') sig.optional[sig.count] = true, len--;
        snprintf(sig.names[sig.count++], sizeof sig.names[0], "%.*s", (int)len, text);
        text += n;
        while (*text == ',' || *text == ' ') text++;
    }
    return sig;
}

static void place_argument(Build *b, const Expr *e, const Expr *item, const char *keyword,
                           const Signature *sig, const Builtin *f, int *position, Value v,
                           Value **args) {
    int k = *position;
    if (keyword) {
        for (k = 0; k < sig->count && strcmp(sig->names[k], keyword);) k++;
        if (k == sig->count) build_fail(b, item, "%s has no parameter %s", f->name, keyword);
    } else if (sig->rest && k >= sig->count - 1) {
        Value *list = args[sig->count - 1];
        if (!list) {
            list = arena_alloc(b->arena, sizeof *list);
            *list = value_list(arena_new_array(b->arena, Value, (size_t)e->count + 1), 0);
            args[sig->count - 1] = list;
        }
        list->items[list->count++] = v;
        ++*position;
        return;
    } else if (k >= sig->count) {
        build_fail(b, item, "%s takes at most %d arguments: %s", f->name, sig->count, f->signature);
    } else {
        ++*position;
    }
    if (args[k]) build_fail(b, item, "%s: %s is given twice", f->name, sig->names[k]);
    args[k] = arena_alloc(b->arena, sizeof **args);
    *args[k] = v;
}

static Value call_builtin(Build *b, Scope *s, const Expr *e, const Builtin *f, const Value *first) {
    Signature sig = signature(f->signature);
    Value *args[ARGS_MAX] = {0};
    int position = 0, index = b->index;
    if (first) place_argument(b, e, e, NULL, &sig, f, &position, *first, args);
    b->index = -1;
    for (int i = 0; i < e->count; i++)
        place_argument(b, e, e->items[i], e->names[i], &sig, f, &position,
                       eval(b, s, e->items[i]), args);
    b->index = index;
    for (int k = 0; k < sig.count; k++)
        if (!args[k] && !sig.optional[k])
            build_fail(b, e, "%s needs its argument %s: %s(%s)", f->name, sig.names[k], f->name,
                       f->signature);
    build_at(b, e);
    Value v = f->run(b, e, args);
    b->index = index; /* a layer outside a pipe took the next number for itself alone */
    build_at(b, e);
    return v;
}

/* f(args) or, with `first`, x | f(args); f may be a name alone. */
static Value call(Build *b, Scope *s, const Expr *e, const Value *first) {
    Binding *n = lookup(s, e->text);
    Value f;
    if (n) f = force(b, e, n);
    else if (!page_value(b, e, e->text, &f)) {
        const Builtin *builtin = builtin_find(e->text);
        if (!builtin) build_fail(b, e, "unknown layer or function %s", e->text);
        return call_builtin(b, s, e, builtin, first);
    }
    if (f.kind != V_NET) build_fail(b, e, "%s is %s, not a net", e->text, value_kind(&f));
    return call_net(b, s, e, &f, first);
}

/* ---- expressions ---- */

static Value run_stages(Build *b, Scope *s, Expr *const *stage, int count, Value v);

static void range(Build *b, Scope *s, const Expr *e, double *low, double *high) {
    if (e->kind != E_RANGE) build_fail(b, e, "expected a range such as 1..4");
    Value l = eval(b, s, e->a), h = eval(b, s, e->b);
    *low = as_number(b, e->a, &l, "range");
    *high = as_number(b, e->b, &h, "range");
    bool whole = fabs(*low) <= 1e9 && *low == floor(*low) && *high == floor(*high);
    if (!whole || !(*high - *low <= LIST_MAX))
        build_fail(b, e, "a range runs between whole numbers");
}

/* Every stage's result can be asked for by its path, and feature maps of it can be dropped. */
static Value record_tap(Build *b, int index, Value v) {
    char path[256];
    snprintf(path, sizeof path, "%s.%d", b->path->prefix, index);
    for (int i = 0; i < b->drop_count; i++) {
        Drop *d = &b->drops[i];
        if (strcmp(d->path, path)) continue;
        size_t maps = v.node->rank ? v.node->shape[v.node->rank - 1] : 0;
        if (d->highest >= maps)
            build_fail(b, NULL, "%s has %zu feature maps, no map %zu", path, maps, d->highest);
        d->mask.shape[0] = d->mask.count = maps;
        v.node = n_mul(b->g, v.node, n_input(b->g, &d->mask));
        d->used = true;
    }
    Tap *t = arena_alloc(b->arena, sizeof *t);
    *t = (Tap){.path = arena_strdup(b->arena, path), .value = v, .next = b->taps};
    b->taps = t;
    return v;
}

static Value run_stage(Build *b, Scope *s, const Expr *e, Value v) {
    if (e->kind == S_FOR) {
        double low, high;
        range(b, s, e->a, &low, &high);
        for (double i = low; i <= high; i++) {
            Scope *inner = scope_new(b, s);
            bind(b, inner, e->text, value_number(i));
            v = run_stages(b, inner, e->items, e->count, v);
        }
        return v;
    }
    if (e->kind == S_IF) {
        Value c = eval(b, s, e->a);
        if (as_bool(b, e->a, &c, "condition")) return run_stages(b, s, e->items, e->count, v);
        return run_stages(b, s, e->more, e->more_count, v);
    }
    int old = b->index, index = b->index = next_index(b);
    v = call(b, s, e, &v);
    b->index = old;
    if (v.kind == V_TENSOR) v = record_tap(b, index, v);
    return v;
}

static Value run_stages(Build *b, Scope *s, Expr *const *stage, int count, Value v) {
    for (int i = 0; i < count; i++) v = run_stage(b, s, stage[i], v);
    return v;
}

static Value eval_list(Build *b, Scope *s, const Expr *e) {
    Value *items = arena_new_array(b->arena, Value, (size_t)e->count + 1);
    for (int i = 0; i < e->count; i++) items[i] = eval(b, s, e->items[i]);
    return value_list(items, e->count);
}

/* [expr for i in a..b] and scan h = h0 for i in a..b: expr */
static Value eval_loop(Build *b, Scope *s, const Expr *e) {
    double low, high;
    range(b, s, e->b, &low, &high);
    int count = high < low ? 0 : (int)(high - low) + 1;
    Value *items = arena_new_array(b->arena, Value, (size_t)count + 1);
    bool scan = e->kind == E_SCAN;
    Value h = scan ? eval(b, s, e->a) : (Value){0};
    for (int i = 0; i < count; i++) {
        Scope *inner = scope_new(b, s);
        bind(b, inner, scan ? e->names[0] : e->text, value_number(low + i));
        if (scan) bind(b, inner, e->text, h);
        items[i] = h = eval(b, inner, scan ? e->c : e->a);
    }
    return value_list(items, count);
}

static double whole_index(Build *b, const Expr *e, const Value *v) {
    double i = as_number(b, e, v, "index");
    if (i != floor(i)) build_fail(b, e, "index: expected a whole number, found %g", i);
    return i;
}

static Value index_list(Build *b, const Expr *e, const Value *v, double low, double high, bool many) {
    if (low < 0) low += v->count;
    if (high < 0) high += v->count;
    if (low < 0 || high >= v->count || high < low)
        build_fail(b, e, "index %g..%g of a list of %d", low, high, v->count);
    return many ? value_list(v->items + (int)low, (int)(high - low) + 1) : v->items[(int)low];
}

/* x[i] or x[i..j] along the first axis that is not the minibatch, x[i, j..k] along more */
static Value index_tensor(Build *b, Scope *s, const Expr *e, Value v) {
    Node *n = v.node;
    size_t begin[RANK_MAX] = {0}, shape[RANK_MAX], step[RANK_MAX], kept[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    memcpy(shape, n->shape, sizeof shape);
    for (int i = 0; i < RANK_MAX; i++) step[i] = 1;
    if (e->count + v.batched > n->rank) build_fail(b, e, "too many indices");
    for (int i = 0; i < e->count; i++) {
        int axis = i + v.batched;
        double low, high;
        if (e->items[i]->kind == E_RANGE) {
            range(b, s, e->items[i], &low, &high);
        } else {
            Value x = eval(b, s, e->items[i]);
            low = high = whole_index(b, e->items[i], &x);
            drop[axis] = true;
        }
        double size = (double)n->shape[axis];
        if (low < 0) low += size;
        if (high < 0) high += size;
        if (!(low >= 0 && high < size && low <= high))
            build_fail(b, e->items[i], "index %g..%g on an axis of %g", low, high, size);
        begin[axis] = (size_t)low;
        shape[axis] = (size_t)(high - low) + 1;
    }
    Node *r = n_slice(b->g, n, begin, shape, step);
    int rank = 0;
    for (int i = 0; i < n->rank; i++)
        if (!drop[i]) kept[rank++] = shape[i];
    return value_tensor(n_reshape(b->g, r, rank, kept), v.batched);
}

static Value eval_index(Build *b, Scope *s, const Expr *e) {
    Value v = eval(b, s, e->a);
    build_at(b, e);
    if (v.kind == V_TENSOR) return index_tensor(b, s, e, v);
    if (v.kind == V_LIST && e->count == 1) {
        double low, high;
        bool many = e->items[0]->kind == E_RANGE;
        if (many) range(b, s, e->items[0], &low, &high);
        else {
            Value x = eval(b, s, e->items[0]);
            low = high = whole_index(b, e->items[0], &x);
        }
        return index_list(b, e, &v, low, high, many);
    }
    if (v.kind != V_DIST) build_fail(b, e, "%s cannot be indexed", value_kind(&v));
    size_t dims[RANK_MAX];
    if (e->count > RANK_MAX - 1) build_fail(b, e, "more than %d axes", RANK_MAX - 1);
    for (int i = 0; i < e->count; i++) {
        Value d = eval(b, s, e->items[i]);
        dims[i] = as_size(b, e->items[i], &d, "extent");
    }
    return draw(b, e, &v, e->count, dims, true, b->next_use++);
}

static Value eval_if(Build *b, Scope *s, const Expr *e) {
    Value c = eval(b, s, e->a);
    return eval(b, s, as_bool(b, e->a, &c, "condition") ? e->b : e->c);
}

static Value eval_kind(Build *b, Scope *s, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER: return value_number(e->number);
    case E_TEXT: return (Value){.kind = V_TEXT, .text = e->text};
    case E_NAME: return eval_name(b, s, e);
    case E_CALL: return call(b, s, e, NULL);
    case E_INDEX: return eval_index(b, s, e);
    case E_LIST: return eval_list(b, s, e);
    case E_EACH:
    case E_SCAN: return eval_loop(b, s, e);
    case E_UNARY: {
        Value v = eval(b, s, e->a);
        if (v.kind == V_NUMBER) return value_number(-v.number);
        return value_tensor(n_unary(b->g, PW_NEG, as_node(b, e, &v, "operand of -")), v.batched);
    }
    case E_BINARY: {
        Value x = eval(b, s, e->a), y = eval(b, s, e->b);
        return value_binary(b, e, e->op, x, y);
    }
    case E_IF: return eval_if(b, s, e);
    case E_PIPE: {
        Value v = eval(b, s, e->a);
        return run_stages(b, s, e->items, e->count, v);
    }
    case E_RANGE: build_fail(b, e, "a range cannot stand here");
    case S_FOR:
    case S_IF: break;
    }
    build_fail(b, e, "this cannot stand here");
}

static Value eval(Build *b, Scope *s, const Expr *e) {
    if (++b->nesting > NESTING_MAX) build_fail(b, e, "nested too deeply");
    Value v = eval_kind(b, s, e);
    b->nesting--;
    return v;
}

Value build_eval(Build *b, Scope *scope, const Expr *e) {
    build_at(b, e);
    return eval_under(b, scope ? scope : b->root, e, "page");
}

Scope *build_where(Build *b, const Defines *where) {
    Scope *s = scope_new(b, b->root);
    for (int i = 0; i < where->count; i++) bind_later(b, s, &where->list[i], NULL);
    return s;
}

/* ---- the page's names ---- */

static void start_option(Build *b, const Statement *s) {
    Value v = eval_under(b, b->root, s->expr, "page");
    for (int i = 0; i < b->settings.count; i++) {
        if (strcmp(b->settings.names[i], s->name)) continue;
        const char *text = b->settings.values[i];
        double x;
        if (parse_double(text, &x)) v = value_number(x);
        else if (v.kind == V_TEXT) v = (Value){.kind = V_TEXT, .text = text};
        else build_fail(b, s->expr, "option %s: expected a number, found '%s'", s->name, text);
    }
    if (s->low) {
        Value choices = eval_under(b, b->root, s->low, "page");
        bool found = choices.kind != V_LIST;
        Str list = {0};
        for (int i = 0; choices.kind == V_LIST && i < choices.count; i++) {
            const Value *c = &choices.items[i];
            found |= c->kind == v.kind &&
                     (v.kind == V_TEXT ? !strcmp(c->text, v.text) : c->number == v.number);
            if (c->kind == V_TEXT) str_printf(&list, "%s%s", i ? ", " : "", c->text);
            else str_printf(&list, "%s%g", i ? ", " : "", c->number);
        }
        const char *text = arena_printf(b->arena, "%s", list.text ? list.text : "");
        str_free(&list);
        if (!found)
            build_fail(b, s->expr, "option %s must be one of: %s", s->name, text);
    }
    bind(b, b->root, s->name, v);
}

static void start_data(Build *b, const Statement *s) {
    DataInput *d = &b->data[b->data_count++];
    size_t dims[RANK_MAX];
    int rank = statement_dims(b, s, dims);
    *d = (DataInput){.name = s->name, .tensor = s->params[0], .low = -1, .high = 1};
    d->input.name = s->name;
    if (s->low) {
        Value l = eval_under(b, b->root, s->low, "page"), h = eval_under(b, b->root, s->high, "page");
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

static void start_let(Build *b, const Define *d) {
    for (int i = 0; i < d->name_count; i++)
        if (lookup(b->root, d->names[i]) || find_statement(b, d->names[i]))
            trap_fail(b->trap, "%s:%d:%d: %s is already defined", b->page->file, d->line, d->column,
                      d->names[i]);
    bind_later(b, b->root, d, NULL);
}

static void check_settings(Build *b) {
    for (int i = 0; i < b->settings.count; i++) {
        const Statement *s = find_statement(b, b->settings.names[i]);
        if (!s || s->kind != ST_OPTION)
            trap_fail(b->trap, "%s: the page has no option %s", b->page->file, b->settings.names[i]);
    }
}

static void check_duplicates(Build *b) {
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        if (s->kind == ST_INIT || s->kind == ST_PLAYER || s->kind == ST_SAMPLE || s->kind == ST_LET)
            continue;
        const Statement *first = find_statement(b, s->name);
        if (first != s)
            trap_fail(b->trap, "%s:%d:%d: %s is already defined in line %d", b->page->file, s->line,
                      s->column, s->name, first->line);
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
                 .index = -1,
                 .next_use = FREE_USE};
    if (settings) b->settings = *settings;
    b->step = (Input){.name = "step", .count = 1};
    b->statistics = (Input){.name = "statistics", .count = 1};
    b->root = scope_new(b, NULL);
    b->data = arena_new_array(b->arena, DataInput, (size_t)page->count + 1);
    b->path = arena_alloc(b->arena, sizeof *b->path);
    b->path->prefix = "page";
    check_settings(b);
    check_duplicates(b);
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == ST_OPTION) start_option(b, &page->statements[i]);
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind == ST_DATA) start_data(b, s);
        for (int k = 0; s->kind == ST_LET && k < s->let.count; k++)
            start_let(b, &s->let.list[k]);
    }
}

const Builtin *builtin_find(const char *name) {
    for (int t = 0; builtin_tables[t]; t++)
        for (const Builtin *f = builtin_tables[t]; f->name; f++)
            if (!strcmp(f->name, name)) return f;
    return NULL;
}

const Builtin *const builtin_tables[] = {builtin_layers, builtin_functions, builtin_shapes,
                                         builtin_random, builtin_optimizers, NULL};
