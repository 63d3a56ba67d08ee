/* The evaluator: names, operators, pipes, calls. */
#include "page/eval/scope.h"
#include "page/eval/update.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_DEPTH = 200, ARGS_MAX = 24, LIST_MAX = 100000 };

static Value eval(Build *b, Scope *s, const Expr *e);

Value eval_under(Build *b, Scope *s, const Expr *e, const char *prefix) {
    Path path = {.prefix = prefix}, *old = b->path;
    b->path = &path;
    Value v = eval(b, s, e);
    b->path = old;
    return v;
}

static Value call_builtin(Build *b, Scope *s, const Expr *e, const Builtin *f, const Value *first,
                          Place *place);

static Value eval_name(Build *b, Scope *s, const Expr *e) {
    Value v;
    if (scope_value(b, s, e, e->text, &v)) return v;
    if (!strcmp(e->text, "step")) return value_tensor(n_input(b->g, &b->step), false);
    if (!strcmp(e->text, "training")) return value_number(b->training);
    const Builtin *f = builtin_find(e->text);
    if (f) return call_builtin(b, s, e, f, NULL, &(Place){.index = -1, .at = e});
    const RuleRun *r = b->noted ? b->noted->running : NULL;
    if (r && r->rule->together && !strcmp(r->rule->loop, e->text))
        build_fail(b, e, "%s has no value in a rule that is taken together, but as an index: v[%s]",
                   e->text, e->text);
    build_fail(b, e, "unknown name %s", e->text);
}

/* ---- calls ---- */

/* The parameters of a net or block, bound in a scope of its own. */
static Scope *bind_arguments(Build *b, Scope *s, const Expr *e, const Value *f, const Value *first,
                             Place *place) {
    const Statement *def = f->net;
    Value args[ARGS_MAX];
    bool given[ARGS_MAX] = {false};
    int position = 0;
    if (first) {
        if (!def->param_count) build_fail(b, e, "%s takes no arguments", def->name);
        args[0] = *first;
        given[position++] = true;
    }
    for (int i = 0; i < e->count; i++) {
        int k = position;
        if (e->names[i])
            for (k = 0; k < def->param_count && strcmp(def->params[k], e->names[i]);) k++;
        else
            position++;
        if (k == def->param_count && e->names[i] && !strcmp(e->names[i], "name")) {
            if (f->root)
                build_fail(b, e->items[i],
                           "%s is a net: its layers are named after it, not after its uses",
                           def->name);
            Value name = eval(b, s, e->items[i]);
            place->name = place_name(b, e->items[i], &name);
            continue;
        }
        if (k >= def->param_count)
            build_fail(b, e->items[i],
                       e->names[i] ? "%s has no parameter %s" : "%s takes fewer arguments",
                       def->name, e->names[i] ? e->names[i] : "");
        if (given[k]) build_fail(b, e->items[i], "%s is given twice", def->params[k]);
        args[k] = eval(b, s, e->items[i]);
        given[k] = true;
    }
    b->world = f->world; /* its parameters have that world's values */
    Scope *inner = scope_of_call(b);
    for (int k = 0; k < def->param_count; k++) {
        if (!given[k] && !def->defaults[k])
            build_fail(b, e, "%s needs its argument %s", def->name, def->params[k]);
        scope_bind(b, inner, def->params[k], given[k] ? args[k] : eval(b, inner, def->defaults[k]));
    }
    return inner;
}

/* Under the path of the block's use, or, when that is named "", as if it stood there itself: then
 * its stages are numbered on, and the one it is has no number. */
static Value eval_block(Build *b, Scope *inner, const Statement *def, Place *place) {
    bool open = place->name && !*place->name;
    if (open && place->index >= 0 && place->index == b->path->next - 1) b->path->next--;
    const char *prefix = open ? b->path->prefix : place_path(b, place);
    for (int i = 0; i < def->let.count; i++) scope_bind_later(b, inner, &def->let.list[i], prefix);
    Value v = open ? eval(b, inner, def->expr) : eval_under(b, inner, def->expr, prefix);
    net_actions(b, inner, def, prefix);
    return v;
}

static Value eval_net(Build *b, Scope *inner, const Value *f) {
    Claims outside = b->claims;
    bool training = b->training, playing = b->playing;
    if (net_frozen(b, f->root)) b->training = b->playing = false;
    b->claims = (Claims){0};
    for (int i = 0; i < f->net->let.count; i++)
        scope_bind_later(b, inner, &f->net->let.list[i], f->root);
    Value v = eval_under(b, inner, f->net->expr, f->root);
    net_actions(b, inner, f->net, f->root);
    b->claims = outside;
    b->training = training;
    b->playing = playing;
    return v;
}

static Value call_net(Build *b, Scope *s, const Expr *e, const Value *f, const Value *first,
                      Place *place) {
    World *here = b->world;
    Scope *inner = bind_arguments(b, s, e, f, first, place);
    if (++b->depth > CALL_DEPTH) build_fail(b, e, "%s calls itself without end", f->net->name);
    NodeCall *call = arena_alloc(b->arena, sizeof *call);
    *call = (NodeCall){f->net->name, {e->file, e->line, e->column}, b->g->call};
    b->g->call = call;
    Value v = f->root ? eval_net(b, inner, f) : eval_block(b, inner, f->net, place);
    b->g->call = call->up;
    b->depth--;
    b->world = here;
    build_at(b, e);
    return v;
}

Value net_apply(Build *b, const Expr *at, const Value *f, int count, const Value *arg,
                const char *path) {
    Expr named[ARGS_MAX], *items[ARGS_MAX];
    const char *names[ARGS_MAX] = {NULL};
    Expr e = {.kind = E_CALL,
              .file = at->file,
              .line = at->line,
              .column = at->column,
              .text = f->net->name,
              .items = items,
              .names = names,
              .count = count - 1};
    Path within = {.prefix = path, .next = 1}, *outside = b->path;
    Scope *given = scope_new(b, b->world->root);
    for (int i = 0; i + 1 < count; i++) {
        named[i] = e;
        named[i].kind = E_NAME;
        named[i].text = arena_printf(b->arena, "argument %d", i + 2);
        scope_bind(b, given, named[i].text, arg[i + 1]);
        items[i] = &named[i];
    }
    b->path = &within;
    Value v = call_net(b, given, &e, f, arg, &(Place){.index = 0, .name = "", .at = at});
    b->path = outside;
    return v;
}

/* Splits "x, channels, stride=1, padding?, ..." into names. */
typedef struct {
    char names[ARGS_MAX][24];
    bool optional[ARGS_MAX];
    const char *otherwise[ARGS_MAX]; /* the number that is its default, or NULL */
    int count;
    bool rest;  /* the last takes all remaining arguments as a list, */
    bool named; /* which have any names */
} Signature;

static Signature signature(const char *text) {
    Signature sig = {0};
    while (*text && sig.count < ARGS_MAX) {
        size_t n = strcspn(text, ","), len = strcspn(text, ",=");
        if (!strcmp(text + len, "=..."))
            sig.rest = sig.named = sig.optional[sig.count] = true;
        else if (text[len] == '=')
            sig.otherwise[sig.count] = text + len + 1;
        if (len > 3 && !strncmp(text + len - 3, "...", 3)) sig.rest = true, len -= 3;
        if (len && text[len - 1] == '?') sig.optional[sig.count] = true, len--;
        snprintf(sig.names[sig.count++], sizeof sig.names[0], "%.*s", (int)len, text);
        text += n;
        while (*text == ',' || *text == ' ') text++;
    }
    return sig;
}

static int keyword(const Signature *sig, const char *name) {
    for (int k = 0; k < sig->count; k++)
        if (!strcmp(sig->names[k], name)) return k;
    return -1;
}

static void place_argument(Build *b, const Expr *e, const Expr *item, const char *name,
                           const Signature *sig, const Builtin *f, int *position, Value v,
                           Value **args) {
    int k = *position;
    bool among_rest = sig->named ? name && keyword(sig, name) < 0 : !name && k >= sig->count - 1;
    if (sig->named && !name && k >= sig->count - 1)
        build_fail(b, item, "%s(%s): this argument needs a name", f->name, f->signature);
    if (sig->rest && among_rest) {
        Value *list = args[sig->count - 1];
        if (!list) {
            list = arena_alloc(b->arena, sizeof *list);
            *list = value_list(arena_new_array(b->arena, Value, (size_t)e->count + 1), 0);
            args[sig->count - 1] = list;
        }
        v.name = name;
        list->items[list->count++] = v;
        ++*position;
        return;
    }
    if (name) {
        k = keyword(sig, name);
        if (k < 0) build_fail(b, item, "%s has no parameter %s", f->name, name);
    } else if (k >= sig->count) {
        build_fail(b, item, "%s takes at most %d arguments: %s", f->name, sig->count, f->signature);
    } else {
        ++*position;
    }
    if (args[k]) build_fail(b, item, "%s: %s is given twice", f->name, sig->names[k]);
    args[k] = arena_alloc(b->arena, sizeof **args);
    *args[k] = v;
}

static Value call_builtin(Build *b, Scope *s, const Expr *e, const Builtin *f, const Value *first,
                          Place *place) {
    Signature sig = signature(f->signature);
    Value *args[ARGS_MAX] = {0};
    int position = 0;
    if (first) place_argument(b, e, e, NULL, &sig, f, &position, *first, args);
    for (int i = 0; i < e->count; i++) {
        Value v = eval(b, s, e->items[i]);
        bool own = e->names[i] && !strcmp(e->names[i], "name") && keyword(&sig, "name") < 0;
        if (own)
            place->name = place_name(b, e->items[i], &v);
        else
            place_argument(b, e, e->items[i], e->names[i], &sig, f, &position, v, args);
    }
    for (int k = 0; k < sig.count; k++) {
        if (args[k] || sig.optional[k]) continue;
        if (!sig.otherwise[k])
            build_fail(b, e, "%s needs its argument %s: %s(%s)", f->name, sig.names[k], f->name,
                       f->signature);
        args[k] = arena_alloc(b->arena, sizeof *args[k]);
        *args[k] = value_number(strtod(sig.otherwise[k], NULL));
    }
    Place *outside = b->place;
    b->place = place;
    build_at(b, e);
    Value v = f->run(b, e, args);
    build_at(b, e);
    b->place = outside;
    return v;
}

/* graph(variable=value, ..) */
static Value call_graph(Build *b, Scope *s, const Expr *e, const Joint *j) {
    Value *given = arena_new_array(b->arena, Value, (size_t)e->count + 1);
    for (int i = 0; i < e->count; i++) given[i] = eval(b, s, e->items[i]);
    return (Value){.kind = V_GRAPH, .joint = joint_given(b, e, j, e->count, e->names, given)};
}

/* f(args) or, with `first`, x | f(args); f may be a name alone. */
static Value call(Build *b, Scope *s, const Expr *e, const Value *first, Place *place) {
    Value f;
    if (e->a)
        f = eval(b, s, e->a);
    else if (!scope_value(b, s, e, e->text, &f)) {
        const Builtin *builtin = builtin_find(e->text);
        if (!builtin) build_fail(b, e, "unknown layer or function %s", e->text);
        return call_builtin(b, s, e, builtin, first, place);
    }
    if (f.kind == V_GRAPH) return call_graph(b, s, e, f.joint);
    if (f.kind != V_NET)
        build_fail(b, e, "%s is %s, not a net", e->a ? "what is called" : e->text, value_kind(&f));
    return call_net(b, s, e, &f, first, place);
}

/* ---- expressions ---- */

static Value run_stages(Build *b, Scope *s, Expr *const *stage, int count, Value v);

/* low, low + step, .. up to high */
typedef struct {
    double low, high, step;
} Range;

static int range_count(const Range *r) {
    return r->high < r->low ? 0 : (int)((r->high - r->low) / r->step) + 1;
}

static Range range(Build *b, Scope *s, const Expr *e) {
    if (e->kind != E_RANGE) build_fail(b, e, "expected a range such as 1..4");
    Value l = eval(b, s, e->a), h = eval(b, s, e->b);
    Range r = {as_number(b, e->a, &l, "range"), as_number(b, e->b, &h, "range"), 1};
    if (e->c) {
        Value c = eval(b, s, e->c);
        r.step = (double)as_size(b, e->c, &c, "step");
        if (r.step < 1) build_fail(b, e->c, "step: expected a number from 1 on, found 0");
    }
    bool whole = fabs(r.low) <= 1e9 && fabs(r.high) <= 1e9 && r.low == floor(r.low) &&
                 r.high == floor(r.high);
    if (!whole) build_fail(b, e, "a range runs between whole numbers");
    return r;
}

/* What a loop runs over: numbers, or the elements of a list. */
static Value elements(Build *b, Scope *s, const Expr *e) {
    if (e->kind != E_RANGE) {
        Value v = eval(b, s, e);
        if (v.kind != V_LIST)
            build_fail(b, e, "expected a range such as 1..4 or a list, found %s", value_kind(&v));
        return v;
    }
    Range r = range(b, s, e);
    int count = range_count(&r);
    if (count > LIST_MAX + 1) build_fail(b, e, "a loop of more than %d numbers", LIST_MAX + 1);
    Value *items = arena_new_array(b->arena, Value, (size_t)count + 1);
    for (int i = 0; i < count; i++) items[i] = value_number(r.low + i * r.step);
    return value_list(items, count);
}

/* Every stage's result can be asked for by its path, and feature maps of it can be dropped. */
static Value record_tap(Build *b, Place *place, Value v) {
    const char *path = place_path(b, place);
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
    value_keep_name(b, &v);
    *t = (Tap){.path = path, .value = v, .next = b->taps};
    b->taps = t;
    return v;
}

static Value run_stage(Build *b, Scope *s, const Expr *e, Value v) {
    build_spend(b, e, 0);
    if (e->kind == S_FOR) {
        Value over = elements(b, s, e->a);
        for (int i = 0; i < over.count; i++) {
            Scope *inner = scope_new(b, s);
            scope_bind(b, inner, e->text, over.items[i]);
            v = run_stages(b, inner, e->items, e->count, v);
        }
        return v;
    }
    if (e->kind == S_IF) {
        Value c = eval(b, s, e->a);
        if (as_bool(b, e->a, &c, "condition")) return run_stages(b, s, e->items, e->count, v);
        return run_stages(b, s, e->more, e->more_count, v);
    }
    Place place = {.index = b->path->next++, .at = e};
    v = call(b, s, e, &v, &place);
    bool open = place.name && !*place.name; /* its last stage has been recorded */
    return v.kind == V_TENSOR && !open ? record_tap(b, &place, v) : v;
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
    Value over = elements(b, s, e->b);
    Value *items = arena_new_array(b->arena, Value, (size_t)over.count + 1);
    bool scan = e->kind == E_SCAN;
    Value h = scan ? eval(b, s, e->a) : (Value){0};
    for (int i = 0; i < over.count; i++) {
        Scope *inner = scope_new(b, s);
        scope_bind(b, inner, scan ? e->names[0] : e->text, over.items[i]);
        if (scan) scope_bind(b, inner, e->text, h);
        items[i] = h = eval(b, inner, scan ? e->c : e->a);
    }
    return value_list(items, over.count);
}

/* Which of so many items i or i..j are; those below 0 count from the end. */
typedef struct {
    Range range;
    bool many;   /* not a single i */
    Value drawn; /* V_TENSOR: positions known only while playing, in place of them */
} Position;

static Position index_of(Build *b, Scope *s, const Expr *at, const Expr *e, const char *among,
                         double count) {
    Position i = {.many = e->kind == E_RANGE};
    Range *r = &i.range;
    if (i.many) {
        *r = range(b, s, e);
    } else {
        float number;
        Value v = eval(b, s, e);
        if (v.kind == V_TENSOR && !n_is_const(v.node, &number)) return (Position){.drawn = v};
        *r = (Range){as_number(b, e, &v, "index"), v.number, 1};
        r->high = r->low;
        if (r->low != floor(r->low))
            build_fail(b, e, "index: expected a whole number, found %g", r->low);
    }
    if (r->low < 0) r->low += count;
    if (r->high < 0) r->high += count;
    if (r->low >= 0 && r->high < count && r->low > r->high)
        build_fail(b, at, "the range %g..%g is empty", r->low, r->high);
    if (!(r->low >= 0 && r->high < count))
        build_fail(b, at, "index %g..%g %s %g", r->low, r->high, among, count);
    return i;
}

static Value index_list(Build *b, Scope *s, const Expr *e, const Value *v) {
    Position i = index_of(b, s, e, e->items[0], "of a list of", v->count);
    if (i.drawn.kind == V_TENSOR)
        build_fail(b, e->items[0], "an element of a list is chosen by a number");
    if (!i.many) return v->items[(int)i.range.low];
    int count = range_count(&i.range);
    Value *items = arena_new_array(b->arena, Value, (size_t)count);
    for (int k = 0; k < count; k++) items[k] = v->items[(int)(i.range.low + k * i.range.step)];
    return value_list(items, count);
}

/* x[i] or x[i..j] along the first axis that is not the minibatch, x[i, j..k] along more; one of the
 * positions may be a tensor. */
static Value index_tensor(Build *b, Scope *s, const Expr *e, Value v) {
    Node *n = v.node;
    size_t begin[RANK_MAX] = {0}, shape[RANK_MAX], step[RANK_MAX], kept[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    int drawn = -1, rank = 0, axis = 0;
    Value where = {0};
    memcpy(shape, n->shape, sizeof shape);
    for (int i = 0; i < RANK_MAX; i++) step[i] = 1;
    if (e->count + v.batched > n->rank) build_fail(b, e, "too many indices");
    for (int i = 0; i < e->count; i++) {
        int k = i + v.batched;
        Position at =
            index_of(b, s, e->items[i], e->items[i], "on an axis of", (double)n->shape[k]);
        if (at.drawn.kind == V_TENSOR) {
            if (drawn >= 0) build_fail(b, e->items[i], "one position may be a tensor, not two");
            drawn = k;
            where = at.drawn;
            continue;
        }
        drop[k] = !at.many;
        begin[k] = (size_t)at.range.low;
        step[k] = (size_t)at.range.step;
        shape[k] = (size_t)range_count(&at.range);
    }
    Node *r = n_slice(b->g, n, begin, shape, step);
    for (int i = 0; i < n->rank; i++) {
        if (i == drawn) axis = rank;
        if (!drop[i]) kept[rank++] = shape[i];
    }
    Value x = value_tensor(n_reshape(b->g, r, rank, kept), v.batched);
    return drawn < 0 ? x : value_pick(b, e, &x, axis, &where);
}

/* v[i] in a rule of a graph, of a variable that has indices */
static Value index_variable(Build *b, Scope *s, const Expr *e, Joint *j, int variable) {
    const Expr *i = e->items[0];
    if (joint_together(j, i)) return joint_same(b, e, j, variable);
    if (i->kind == E_RANGE) {
        Range r = range(b, s, i);
        return joint_elements(b, e, j, variable, r.low, r.step, range_count(&r), true);
    }
    Value v = eval(b, s, i);
    double at = as_number(b, i, &v, "index");
    if (at != floor(at)) build_fail(b, i, "index: expected a whole number, found %g", at);
    return joint_elements(b, e, j, variable, at, 1, 1, false);
}

/* dist[extents], or dist[list] of them */
static Value draw_extents(Build *b, Scope *s, const Expr *e, const Value *dist) {
    size_t dims[RANK_MAX];
    Value list = eval_list(b, s, e);
    if (list.count == 1 && list.items[0].kind == V_LIST) list = list.items[0];
    if (list.count > RANK_MAX - 1) build_fail(b, e, "more than %d axes", RANK_MAX - 1);
    for (int i = 0; i < list.count; i++)
        dims[i] = as_size(b, e->count == list.count ? e->items[i] : e, &list.items[i], "extent");
    return draw(b, e, dist, list.count, dims, true, b->next_use++);
}

static Value eval_index(Build *b, Scope *s, const Expr *e) {
    Joint *j;
    int variable;
    Expr rest = *e;
    Value v;
    if (e->count && scope_variable(b, s, e->a, &j, &variable) && joint_indexed(j, variable)) {
        v = index_variable(b, s, e, j, variable);
        if (e->count == 1) return v;
        rest.items++;
        rest.count--;
        return index_tensor(b, s, &rest, v);
    }
    v = eval(b, s, e->a);
    build_at(b, e);
    if (v.kind == V_TENSOR) return index_tensor(b, s, e, v);
    if (v.kind == V_LIST && e->count == 1) return index_list(b, s, e, &v);
    if (v.kind != V_DIST) build_fail(b, e, "%s cannot be indexed", value_kind(&v));
    return draw_extents(b, s, e, &v);
}

static Value eval_kind(Build *b, Scope *s, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER: return value_number(e->number);
    case E_TEXT: return (Value){.kind = V_TEXT, .text = e->text};
    case E_NAME: return eval_name(b, s, e);
    case E_CALL: return call(b, s, e, NULL, &(Place){.index = -1, .at = e});
    case E_INDEX: return eval_index(b, s, e);
    case E_FIELD: {
        Value v = eval(b, s, e->a);
        if (v.kind != V_GRAPH)
            build_fail(b, e, ".%s: expected a graph, found %s", e->text, value_kind(&v));
        return joint_value(b, e, v.joint, e->text);
    }
    case E_LIST: return eval_list(b, s, e);
    case E_EACH:
    case E_SCAN: return eval_loop(b, s, e);
    case E_UNARY: {
        Value v = eval(b, s, e->a);
        if (e->op == 'n') return value_binary(b, e, 'q', v, value_number(0));
        if (v.kind == V_NUMBER) return value_number(-v.number);
        return value_tensor(n_unary(b->g, PW_NEG, as_node(b, e, &v, "operand of -")), v.batched);
    }
    case E_BINARY: {
        Value x = eval(b, s, e->a);
        bool settled = x.kind == V_NUMBER && (e->op == '&' ? x.number == 0 : x.number != 0);
        if (settled && (e->op == '&' || e->op == '|')) return value_number(x.number != 0);
        Value y = eval(b, s, e->b);
        return value_binary(b, e, e->op, x, y);
    }
    case E_IF: {
        Value c = eval(b, s, e->a);
        return eval(b, s, as_bool(b, e->a, &c, "condition") ? e->b : e->c);
    }
    case E_PIPE: {
        Value v = eval(b, s, e->a);
        return run_stages(b, s, e->items, e->count, v);
    }
    case E_WHERE: {
        Scope *inner = scope_new(b, s ? s : b->world->root);
        for (int i = 0; i < e->let->count; i++) scope_bind_later(b, inner, &e->let->list[i], NULL);
        return eval(b, inner, e->a);
    }
    case E_RANGE: build_fail(b, e, "a range cannot stand here");
    case S_FOR:
    case S_IF: break;
    }
    build_fail(b, e, "this cannot stand here");
}

static Value eval(Build *b, Scope *s, const Expr *e) {
    build_enter(b, e);
    Value v = eval_kind(b, s, e);
    if (v.kind == V_TENSOR && !v.batched) build_whole(b, e, v.node, "this");
    b->watch.nesting--;
    return v;
}

Value build_eval(Build *b, Scope *scope, const Expr *e) {
    build_at(b, e);
    return eval_under(b, scope ? scope : b->world->root, e, "page");
}
