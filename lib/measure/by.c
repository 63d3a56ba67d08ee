#include "measure/by.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/doubts.h"
#include "measure/subset.h"
#include "media/sources/paths.h"

typedef struct {
    const Metric *m;
    const char *label;
    Operand in[METRIC_INPUTS_MAX]; /* those that are there: */
    int count;
    Division *part[METRIC_INPUTS_MAX];
    ClassCounts all; /* the labels of any stream */
    Arena *arena;
    Classes names; /* of metadata gan.classes; none: count is 0 */
    Str missing;   /* labels that are left out, with commas between */
    Str told;      /* the same in words */
    size_t done;   /* classes that were not */
} Task;

/* ---- the streams ---- */

/* Every stream has labels, or the first of a pair has them for both. */
static int divide(Task *t, Error *err) {
    bool pairs = t->m->compares == COMPARES_PAIRS && t->count == 2;
    for (int i = 0; i < t->count; i++)
        if (!(t->part[i] = division_open(t->in[i].path, t->label, pairs, err))) return -1;
    if (!pairs) return 0;
    int has = division_classes(t->part[0])->n ? 0 : 1;
    if (!division_classes(t->part[has])->n)
        return fail(err, "%s: no label tensor '%s'", t->in[0].path, t->label);
    return division_follow(t->part[1 - has], t->part[has], err);
}

/* Names that contradict each other are of other classes. */
static int take_names(Task *t, Error *err) {
    for (int i = 0; i < t->count; i++) {
        Classes own = {0};
        const char *json = division_meta(t->part[i], "gan.classes");
        if (!json) continue;
        if (classes_parse(&own, json, t->arena, err)) return fail_in(err, "%s", t->in[i].path);
        for (size_t k = 0; k < own.count && k < t->names.count; k++)
            if (strcmp(own.names[k], t->names.names[k]))
                return fail(err, "class %zu is '%s' in %s, and '%s' in %s", k, t->names.names[k],
                            t->in[0].path, own.names[k], t->in[i].path);
        if (own.count > t->names.count) t->names = own;
    }
    return 0;
}

static const char *name_of(const Task *t, int64_t label) {
    return label >= 0 && (uint64_t)label < t->names.count ? t->names.names[label] : NULL;
}

/* ---- the classes ---- */

/* Notes a class that a stream lacks. */
static void leave_out(Task *t, int64_t label, const char *path) {
    const char *name = name_of(t, label);
    str_printf(&t->missing, "%s%" PRId64, t->missing.length ? "," : "", label);
    str_printf(&t->told, "%s%" PRId64 "%s%s%s, not in %s", t->told.length ? "; " : "", label,
               name ? " (" : "", name ? name : "", name ? ")" : "", path);
}

static int run_class(Task *t, const void *options, int64_t label, Results *out, Error *err) {
    for (int i = 0; i < t->count; i++) {
        t->in[i].only = division_part(t->part[i], label);
        if (!t->in[i].only) return leave_out(t, label, t->in[i].path), 0;
    }
    result_class(out, label, name_of(t, label));
    t->done++;
    if (metric_figures(t->m, options, t->in, out, err) < 0)
        return fail_in(err, "class %" PRId64, label);
    doubts_tell(t->m, t->in, out);
    return 0;
}

static int run_classes(Task *t, const void *options, Results *out, Error *err) {
    int bad = 0;
    for (int i = 0; i < t->count && !bad; i++) {
        const ClassCounts *c = division_classes(t->part[i]);
        bad = classes_add(&t->all, c->id, c->n, err);
    }
    for (size_t c = 0; c < t->all.n && !bad; c++)
        bad = run_class(t, options, t->all.id[c], out, err);
    if (bad) return -1;
    if (!t->done) return fail(err, "no class is in all streams: %s", t->told.text);
    result_means(out, t->missing.length ? t->missing.text : "");
    if (t->told.length) result_warn(out, "classes are left out: %s", t->told.text);
    return 0;
}

int by_class(const Metric *m, const void *options, const char *label, const Operand *inputs,
             Results *out, Error *err) {
    Task t = {.m = m, .label = label, .arena = arena_new(NULL)};
    for (int i = 0; i < m->inputs; i++) t.in[i] = inputs[i];
    while (t.count < m->inputs && t.in[t.count].path) t.count++;
    int bad = divide(&t, err) || take_names(&t, err) ? -1 : run_classes(&t, options, out, err);
    for (int i = 0; i < t.count; i++) division_close(t.part[i]);
    classes_free(&t.all);
    str_free(&t.missing);
    str_free(&t.told);
    arena_free(t.arena);
    return bad;
}
