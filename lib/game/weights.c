#include "game/weights.h"

#include <ctype.h>
#include <string.h>

enum { LISTED = 20 };

/* ---- the report ---- */

__attribute__((format(printf, 3, 4))) static void list(Weights *w, size_t *count,
                                                       const char *format, ...) {
    char text[1200];
    if (++*count > LISTED) return;
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    str_printf(&w->lines, "%s\n", text);
}

static void list_rest(Weights *w, size_t count, const char *what) {
    if (count > LISTED) str_printf(&w->lines, "and %zu more %s\n", count - LISTED, what);
}

void weights_free(Weights *w) { str_free(&w->lines); }

/* ---- a file's names as the page's ---- */

static bool ends_with(const char *name, const char *end) {
    size_t n = strlen(name), k = strlen(end);
    return n >= k && !strcmp(name + n - k, end);
}

static bool all_begin(const Frame *f, const char *prefix) {
    for (size_t i = 0; i < f->tensor_count; i++)
        if (strncmp(f->tensors[i].name, prefix, strlen(prefix))) return false;
    return f->tensor_count > 0;
}

static bool any_entry(const Store *s, const char *net) {
    for (size_t i = 0; i < s->count; i++)
        if (entry_belongs(s->entries[i], net)) return true;
    return false;
}

/* Wrappers of PyTorch's modules leave their attribute's name in front of all others. */
static void drop_wrappers(const Model *m, const char *net, Frame *f) {
    static const char *const wrappers[] = {"module", "model"};
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers;) {
        char prefix[16], own[1100];
        snprintf(prefix, sizeof prefix, "%s.", wrappers[i]);
        snprintf(own, sizeof own, "%s.%s", net, wrappers[i]);
        if (!all_begin(f, prefix) || any_entry(m->store, own)) {
            i++;
            continue;
        }
        for (size_t k = 0; k < f->tensor_count; k++) f->tensors[k].name += strlen(prefix);
        i = 0;
    }
}

/* ---- a net ---- */

static bool same_shape(const Tensor *t, int rank, const size_t *shape) {
    return t->rank == rank && (!rank || !memcmp(t->shape, shape, (size_t)rank * sizeof *shape));
}

/* What the file lacks, or has in another shape. */
static void compare_entries(const Model *m, const char *net, const Frame *f, bool missing,
                            Weights *w) {
    size_t skip = strlen(net) + 1, shape[RANK_MAX];
    char have[200], want[200];
    for (size_t i = 0; i < m->store->count; i++) {
        const Entry *e = m->store->entries[i];
        if (!entry_belongs(e, net)) continue;
        const Tensor *t = frame_find(f, e->state.name);
        entry_file_shape(e, shape);
        shape_text(e->state.rank, shape, want, sizeof want);
        if (missing && !t) list(w, &w->missing, "missing: %s %s", e->state.name + skip, want);
        if (!missing && t && !same_shape(t, e->state.rank, shape))
            list(w, &w->misshapen, "%s has shape %s, the page wants %s", e->state.name + skip,
                 shape_text(t->rank, t->shape, have, sizeof have), want);
    }
    if (missing)
        list_rest(w, w->missing, "missing");
    else
        list_rest(w, w->misshapen, "of another shape");
}

static void compare_tensors(const Model *m, const char *net, const Frame *f, Weights *w) {
    char have[200];
    for (size_t i = 0; i < f->tensor_count; i++) {
        const Tensor *t = &f->tensors[i];
        if (store_find(m->store, t->name) || ends_with(t->name, ".num_batches_tracked")) continue;
        list(w, &w->extra, "not of the page: %s %s", t->name + strlen(net) + 1,
             shape_text(t->rank, t->shape, have, sizeof have));
    }
    list_rest(w, w->extra, "not of the page");
}

static int take_net(Model *m, const char *net, Frame *f, bool partial, Weights *w, Error *err) {
    if (!any_entry(m->store, net)) return fail(err, "the page has no parameters of %s", net);
    drop_wrappers(m, net, f);
    for (size_t i = 0; i < f->tensor_count; i++)
        f->tensors[i].name = arena_printf(m->arena, "%s.%s", net, f->tensors[i].name);
    compare_entries(m, net, f, true, w);
    compare_entries(m, net, f, false, w);
    compare_tensors(m, net, f, w);
    if ((w->missing || w->misshapen) && !partial)
        return fail(
            err,
            "%zu tensors of %s are missing and %zu have another shape; --partial takes the others",
            w->missing, net, w->misshapen);
    return store_take(m->store, f, true, &w->taken, err);
}

/* ---- files ---- */

/* "NET" of "NET=FILE", or NULL; *file is the rest, or all. */
static const char *net_of(Model *m, const char *from, const char **file) {
    const char *p = from;
    while (isalnum((unsigned char)*p) || *p == '_') p++;
    *file = from;
    if (p == from || *p != '=') return NULL;
    *file = p + 1;
    return arena_strndup(m->arena, from, (size_t)(p - from));
}

int weights_take(Model *m, const char *from, bool partial, Weights *w, Error *err) {
    Frame f = {0};
    const char *file, *net = net_of(m, from, &file);
    *w = (Weights){0};
    if (frame_load(file, &f, err)) return -1;
    int r = net ? take_net(m, net, &f, partial, w, err)
                : store_take(m->store, &f, false, &w->taken, err);
    if (!r && !w->taken) r = fail(err, "has no tensor that the page wants");
    if (r) fail_in(err, "%s", file);
    frame_free(&f);
    return r;
}

void weights_initial(const Model *m, void (*say)(const char *net)) {
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        if (s->kind != ST_NET || !any_entry(m->store, s->name)) continue;
        bool drawn = true;
        for (size_t k = 0; k < m->store->count; k++)
            if (entry_belongs(m->store->entries[k], s->name)) drawn &= m->store->entries[k]->fresh;
        if (drawn) say(s->name);
    }
}
