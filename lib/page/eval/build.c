#include "page/eval/build.h"

#include <math.h>
#include <string.h>

#include "page/eval/scope.h"

enum { FREE_USE = 1u << 16 };

void build_bind(Build *b, const char *name, Value v) {
    scope_bind(b, b->world->root, name, v)->fixed = true;
}

Scope *build_where(Build *b, const Defines *where) {
    Scope *s = scope_new(b, b->world->root);
    for (int i = 0; i < where->count; i++) scope_bind_later(b, s, &where->list[i], NULL);
    return s;
}

/* ---- the start ---- */

static void check_choice(Build *b, const Statement *s, Value v) {
    Value choices = statement_eval(b, s->choices);
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

static void check_range(Build *b, const Statement *s, Value v) {
    Value l = statement_eval(b, s->low), h = value_number(INFINITY);
    if (s->high) h = statement_eval(b, s->high);
    double low = as_number(b, s->low, &l, "low"), high = as_number(b, s->low, &h, "high");
    double x = as_number(b, s->expr, &v, s->name);
    if (!(low <= high))
        build_fail(b, s->low, "option %s: from %g to %g is no range", s->name, low, high);
    if (x <= high && (s->above ? x > low : x >= low)) return;
    const char *to = s->above || s->high ? "" : " on";
    if (s->high) to = arena_printf(b->arena, s->above ? " and at most %.9g" : " to %.9g", high);
    build_fail(b, s->expr, "option %s must be %s %.9g%s, found %.9g", s->name,
               s->above ? "above" : "from", low, to, x);
}

/* Of low, low + step, low + 2 step.. */
static void check_step(Build *b, const Statement *s, Value v) {
    Value l = statement_eval(b, s->low), a = statement_eval(b, s->by);
    double low = as_number(b, s->low, &l, "low"), step = as_number(b, s->by, &a, "by");
    if (!(step > 0))
        build_fail(b, s->by, "option %s: expected steps above 0, found %g", s->name, step);
    if (fmod(v.number - low, step) != 0)
        build_fail(b, s->expr, "option %s must be one of %.9g, %.9g, %.9g.., found %.9g", s->name,
                   low, low + step, low + 2 * step, v.number);
}

static void start_option(Build *b, const Statement *s) {
    Value v = statement_eval(b, s->expr);
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
    float constant;
    if (v.kind == V_TENSOR && !v.node->rank && n_is_const(v.node, &constant))
        v = value_number((double)constant);
    if (v.kind != V_NUMBER && v.kind != V_TEXT && v.kind != V_LIST)
        build_fail(b, s->expr, "option %s: expected a number or a text, found %s", s->name,
                   value_kind(&v));
    if (s->choices) check_choice(b, s, v);
    if (s->low) check_range(b, s, v);
    if (s->by) check_step(b, s, v);
    build_bind(b, s->name, v);
}

static void start_data(Build *b, const Statement *s) {
    DataInput *d = &b->data[b->data_count++];
    size_t dims[RANK_MAX];
    int rank = statement_shape(b, s, dims);
    *d = (DataInput){.name = s->name, .tensor = s->params[0], .low = -1, .high = 1};
    d->input.name = s->name;
    if (s->low && !s->high) {
        Value k = statement_eval(b, s->low);
        d->labels = as_size(b, s->low, &k, "of");
        if (!d->labels) build_fail(b, s->low, "of: expected at least one label");
        d->low = 0;
        d->high = 255;
    } else if (s->low) {
        Value l = statement_eval(b, s->low), h = statement_eval(b, s->high);
        d->low = as_number(b, s->low, &l, "range");
        d->high = as_number(b, s->high, &h, "range");
    }
    if (!strcmp(d->tensor, "label") && rank == 1 && !s->whole) d->classes = dims[0];
    if (d->classes && d->labels)
        build_fail(b, s->low, "of: those of label[%zu] are from 0 to %zu as it is", d->classes,
                   d->classes - 1);
    d->whole = s->whole;
    int first = !d->whole;
    d->input.rank = rank + first;
    d->input.shape[0] = b->batch;
    d->parts = first ? graph_shards(b->g) : 1;
    d->input.split = d->parts > 1;
    if (rank) memcpy(d->input.shape + first, dims, (size_t)rank * sizeof *dims);
    if (!size_product(d->input.shape, rank + first, &d->input.count))
        build_fail(b, s->dims[0], "the shape is too large");
}

/* It takes the place of an earlier one for the same role. */
static void start_rule(Build *b, const Statement *s) {
    int i = 0;
    while (i < b->rule_count && strcmp(b->rules[i].statement->name, s->name)) i++;
    b->rules[i] = (InitRule){.statement = s};
    if (i == b->rule_count) b->rule_count++;
}

static void check_settings(Build *b) {
    for (int i = 0; i < b->settings.count; i++) {
        const Statement *s = statement_named(b, b->settings.names[i]);
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
                 .minibatch = batch,
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
    b->rules = arena_new_array(b->arena, InitRule, (size_t)page->count + 1);
    check_settings(b);
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == ST_OPTION) start_option(b, &page->statements[i]);
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind == ST_DATA) start_data(b, s);
        if (s->kind == ST_INIT) start_rule(b, s);
        for (int k = 0; s->kind == ST_LET && k < s->let.count; k++)
            scope_bind_later(b, b->world->root, &s->let.list[k], NULL);
    }
}
