#include "game/weights.h"

#include <ctype.h>
#include <string.h>

/* ---- the report ---- */

/* Of one kind: a line with all kinds is no longer than an Error. */
enum { NAMES_LENGTH = 180 };

/* One kind of tensor: how many, and the names of the first. */
typedef struct {
    size_t count, named;
    Str names;
} Kind;
enum { MISSHAPEN, MISSING, ANEW, LEFT, KINDS };
static const char *const kinds[KINDS] = {"of another shape", "missing", "begin anew", "left"};

__attribute__((format(printf, 2, 3))) static void name_one(Kind *k, const char *format, ...) {
    char text[700];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    k->count++;
    if (k->named + 1 < k->count || k->names.length + (size_t)n > NAMES_LENGTH) return;
    str_printf(&k->names, "%s%s", k->named ? ", " : "", text);
    k->named++;
}

/* ", 12 missing (G.0.weight [4,6], G.0.bias [4], and 10 more)" */
static void write_kind(Str *s, Kind *k, const char *what) {
    if (k->count) str_printf(s, ", %zu %s", k->count, what);
    if (k->named) str_printf(s, " (%s", k->names.text);
    if (k->named && k->named < k->count) str_printf(s, ", and %zu more", k->count - k->named);
    if (k->named) str_append(s, ")", 1);
    str_free(&k->names);
}

void weights_free(Weights *w) { str_free(&w->text); }

/* ---- comparing a page with a file ---- */

/* Which of a model's tensors are meant, and what a file has for them. */
typedef struct {
    const Model *m;
    Frame *f;
    const char *to;        /* only what belongs to it, or NULL */
    const char **original; /* the file's own names of its tensors */
    bool run;              /* the file is the run that the model goes on with ... */
    bool more;             /* ... and other files follow */
} Source;

static bool any_entry(const Store *s, const char *to) {
    for (size_t i = 0; i < s->count; i++)
        if (entry_belongs(s->entries[i], to)) return true;
    return false;
}

/* Moments and averages follow from the rest: they can begin anew. */
static bool follows(const Entry *e) {
    return e->kind == ENTRY_OPTIMIZER || e->kind == ENTRY_AVERAGE;
}

static void compare_entry(const Source *s, const Entry *e, Kind kind[KINDS]) {
    size_t shape[RANK_MAX];
    char here[200], there[200];
    const Tensor *t = frame_find(s->f, e->state.name);
    entry_file_shape(e, shape);
    shape_text(e->state.rank, shape, here, sizeof here);
    if (t && !entry_fits(e, t))
        name_one(&kind[MISSHAPEN], "%s %s here, %s there", e->state.name, here,
                 shape_text(t->rank, t->shape, there, sizeof there));
    if (t || (!s->to && !s->run && !e->fresh)) return; /* another file had it */
    if (!follows(e))
        name_one(&kind[MISSING], "%s %s", e->state.name, here);
    else if (s->run)
        name_one(&kind[ANEW], "%s", e->state.name);
}

static bool ends_with(const char *name, const char *end) {
    size_t n = strlen(name), k = strlen(end);
    return n >= k && !strcmp(name + n - k, end);
}

static void compare_tensor(const Source *s, size_t i, Kind *left) {
    char there[200];
    const Tensor *t = &s->f->tensors[i];
    if (!*t->name || store_find(s->m->store, t->name) || ends_with(t->name, ".num_batches_tracked"))
        return;
    name_one(left, "%s %s", s->original[i], shape_text(t->rank, t->shape, there, sizeof there));
}

/* Counts what does not fit; the lists are written behind what `text` has. Whether all that is meant
 * is there: of the page's tensors in general no more than the file may have. */
static bool compare(const Source *s, Weights *w) {
    Kind kind[KINDS] = {0};
    for (size_t i = 0; i < s->m->store->count; i++) {
        const Entry *e = s->m->store->entries[i];
        if (!s->to || entry_belongs(e, s->to)) compare_entry(s, e, kind);
    }
    for (size_t i = 0; i < s->f->tensor_count; i++) compare_tensor(s, i, &kind[LEFT]);
    for (int i = 0; i < KINDS; i++) write_kind(&w->text, &kind[i], kinds[i]);
    w->left = kind[LEFT].count;
    return !kind[MISSHAPEN].count && !((s->to || (s->run && !s->more)) && kind[MISSING].count);
}

/* How many tensors of the file the page has in the same shape. */
static size_t fitting(const Source *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->m->store->count; i++) {
        const Entry *e = s->m->store->entries[i];
        const Tensor *t = frame_find(s->f, e->state.name);
        n += t && entry_fits(e, t);
    }
    return n;
}

/* Whether there is something to take, and nothing that must not be. */
static int check(const Source *s, unsigned how, Weights *w, Error *err) {
    size_t n = fitting(s);
    str_printf(&w->text, "%zu tensor%s", n, n == 1 ? "" : "s");
    size_t verb = w->text.length;
    bool whole = compare(s, w);
    if (!(how & WEIGHTS_PARTIAL) && !whole)
        return fail(err, "%s%s%.*s fit%s%s; --partial takes what fits", s->to ? s->to : "",
                    s->to ? ": " : "", (int)verb, w->text.text, n == 1 ? "s" : "",
                    w->text.text + verb);
    if (!n) return fail(err, "has no tensor that the page wants");
    Str line = {0};
    str_printf(&line, "%.*s taken%s", (int)verb, w->text.text, w->text.text + verb);
    str_free(&w->text);
    w->text = line;
    return 0;
}

static const char **names_of(const Model *m, const Frame *f) {
    const char **names = arena_new_array(m->arena, const char *, f->tensor_count + 1);
    for (size_t i = 0; i < f->tensor_count; i++) names[i] = f->tensors[i].name;
    return names;
}

/* ---- a file's names as the page's ---- */

static bool all_begin(const Frame *f, const char *prefix) {
    for (size_t i = 0; i < f->tensor_count; i++)
        if (strncmp(f->tensors[i].name, prefix, strlen(prefix))) return false;
    return f->tensor_count > 0;
}

static bool any_tensor(const Frame *f, const char *within) {
    for (size_t i = 0; i < f->tensor_count; i++)
        if (name_belongs(f->tensors[i].name, within)) return true;
    return false;
}

/* Wrappers of PyTorch's modules leave their attribute's name in front of all others. */
static void drop_wrappers(const Model *m, const char *to, Frame *f) {
    static const char *const wrappers[] = {"module", "model"};
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers;) {
        char prefix[16], own[1100];
        snprintf(prefix, sizeof prefix, "%s.", wrappers[i]);
        snprintf(own, sizeof own, "%s.%s", to, wrappers[i]);
        if (!all_begin(f, prefix) || any_entry(m->store, own)) {
            i++;
            continue;
        }
        for (size_t k = 0; k < f->tensor_count; k++) f->tensors[k].name += strlen(prefix);
        i = 0;
    }
}

/* Names what the file has for `to` as the page does, and all else "". */
static void rename_tensors(const Model *m, const char *to, const char *within, Frame *f) {
    for (size_t i = 0; i < f->tensor_count; i++) {
        char **name = &f->tensors[i].name;
        if (!within)
            *name = arena_printf(m->arena, "%s.%s", to, *name);
        else if (name_belongs(*name, within))
            *name = arena_printf(m->arena, "%s%s", to, *name + strlen(within));
        else
            *name = arena_strdup(m->arena, "");
    }
}

int weights_name(const Model *m, const char *to, const char *within, Frame *f, Error *err) {
    char own[1100];
    if (!any_entry(m->store, to)) return fail(err, "the page has no parameters of %s", to);
    if (!within) drop_wrappers(m, to, f);
    snprintf(own, sizeof own, "%s.%s", to, to);
    if (!within && any_tensor(f, to) && !any_entry(m->store, own)) within = to;
    if (within && !any_tensor(f, within)) return fail(err, "has no tensors of %s", within);
    rename_tensors(m, to, within, f);
    return 0;
}

/* ---- files ---- */

/* Moments that are not wanted have no name. */
static void forget_moments(const Model *m, Frame *f) {
    for (size_t i = 0; i < f->tensor_count; i++)
        if (name_belongs(f->tensors[i].name, "optimizer"))
            f->tensors[i].name = arena_strdup(m->arena, "");
}

/* The name in front of a '=' at *text, which moves behind it; or NULL. */
static const char *leading_name(Model *m, const char **text) {
    const char *begin = *text, *p = begin;
    while (isalnum((unsigned char)*p) || *p == '_' || (*p == '.' && p > begin)) p++;
    if (p == begin || *p != '=') return NULL;
    *text = p + 1;
    return arena_strndup(m->arena, begin, (size_t)(p - begin));
}

int weights_take(Model *m, const char *from, unsigned how, Weights *w, Error *err) {
    Frame f = {0};
    const char *file = from, *to = leading_name(m, &file);
    const char *within = to ? leading_name(m, &file) : NULL;
    *w = (Weights){0};
    if (frame_load(file, &f, err)) return -1;
    if (how & WEIGHTS_ALONE) forget_moments(m, &f);
    Source s = {.m = m, .f = &f, .to = to, .original = names_of(m, &f)};
    int r = to ? weights_name(m, to, within, &f, err) : 0;
    if (!r) r = check(&s, how, w, err);
    if (r) fail_in(err, "%s", file);
    if (!r) r = store_take(m->store, &f, err);
    frame_free(&f);
    return r;
}

int weights_go_on(Model *m, const char *path, unsigned how, Weights *w, Error *err) {
    Source s = {.m = m, .f = &m->frame, .original = names_of(m, &m->frame), .run = true};
    s.more = how & WEIGHTS_MORE;
    *w = (Weights){0};
    if (how & WEIGHTS_ALONE) forget_moments(m, s.f);
    if (check(&s, how, w, err)) return fail_in(err, "%s", path);
    return store_take(m->store, s.f, err);
}

int weights_found(const Model *m, Error *err) {
    Kind missing = {0};
    for (size_t i = 0; i < m->store->count; i++) {
        const Entry *e = m->store->entries[i];
        if (e->fresh && !follows(e)) name_one(&missing, "%s", e->state.name);
    }
    Str text = {0};
    write_kind(&text, &missing, "missing");
    int r = text.length
                ? fail(err, "neither the run nor --from has all%s; --partial takes what fits",
                       text.text)
                : 0;
    str_free(&text);
    return r;
}

/* Whether e is of the player's optimizer: one number for all its weights, or a weight's moment. */
static bool is_of_player(const Entry *e, const char *player) {
    size_t n = strlen("optimizer.");
    return e->kind == ENTRY_OPTIMIZER && name_belongs(e->state.name + n, player);
}

void weights_moments(const Model *m, void (*say)(const char *player)) {
    Store *s = m->store;
    for (int i = 0; i < m->page.count && !s->undrawn; i++) {
        const Statement *p = &m->page.statements[i];
        bool counted = false, fresh = false;
        for (size_t k = 0; p->kind == ST_PLAYER && k < s->count; k++) {
            const Entry *e = s->entries[k];
            if (!is_of_player(e, p->name)) continue;
            counted |= !e->of && !e->fresh;
            fresh |= e->of && e->fresh;
        }
        if (!counted || !fresh) continue;
        for (size_t k = 0; k < s->count; k++)
            if (is_of_player(s->entries[k], p->name)) store_renew(s->entries[k]);
        say(p->name);
    }
}

static bool is_trained(const Model *m, const char *net) {
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        for (int k = 0; s->kind == ST_PLAYER && k < s->param_count; k++)
            if (!strcmp(s->params[k], net)) return true;
    }
    return false;
}

void weights_initial(const Model *m, void (*say)(const char *net)) {
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        if (s->kind != ST_NET || !any_entry(m->store, s->name) || is_trained(m, s->name)) continue;
        bool drawn = true, weights = false;
        for (size_t k = 0; k < m->store->count; k++) {
            const Entry *e = m->store->entries[k];
            if (!entry_belongs(e, s->name)) continue;
            drawn &= e->fresh;
            weights |= e->kind == ENTRY_PARAM;
        }
        if (drawn && weights) say(s->name);
    }
}
