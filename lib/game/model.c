#include "game/model.h"

#include "page/find.h"
#include "page/graphs/recognition.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a page is called in messages. */
static const char *page_name(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return arena_strdup(arena, slash ? slash + 1 : path);
}

void model_start(Model *m, uint64_t seed) {
    *m = (Model){.arena = arena_new(NULL), .seed = seed, .batch = 64, .shards = 1};
    m->store = store_new(m->arena, seed);
}

/* A page's file; path becomes that of the file itself, without links. */
static int read_page(Arena *arena, const char *path, const char *name, PageFile *file, Error *err) {
    char *text, *real;
    size_t length;
    if (read_file(path, PAGE_MAX, "a page", &text, &length, err)) return -1;
    real = realpath(path, NULL);
    *file = (PageFile){arena_strdup(arena, real ? real : path), name, arena_strdup(arena, text)};
    free(text);
    free(real);
    return 0;
}

static int use_page(Arena *arena, const char *name, const PageFile *from, PageFile *used,
                    Error *err) {
    const char *path = find_used(arena, name, from->path);
    if (path) return read_page(arena, path, name, used, err);
    return fail(err, "%s: no such file beside the page, nor among the families of pages", name);
}

int model_read_page(Model *m, const char *path, Error *err) {
    PageFile file;
    m->page_name = page_name(m->arena, path);
    if (read_page(m->arena, path, m->page_name, &file, err)) return -1;
    return page_parse_file(m->arena, &file, use_page, &m->page, err);
}

int model_from_page(Model *m, const char *path, const Settings *settings, uint64_t seed,
                    Error *err) {
    model_start(m, seed);
    m->settings = *settings;
    return model_read_page(m, path, err);
}

void model_set(Model *m, const char *name, const char *value) {
    Settings *s = &m->settings;
    size_t n = (size_t)s->count;
    int at = 0;
    while (at < s->count && strcmp(s->names[at], name)) at++;
    if (at == s->count) {
        const char **names = arena_new_array(m->arena, const char *, n + 1);
        const char **values = arena_new_array(m->arena, const char *, n + 1);
        if (n) memcpy(names, s->names, n * sizeof *names);
        if (n) memcpy(values, s->values, n * sizeof *values);
        s->names = names, s->values = values, s->count = at + 1;
        names[at] = arena_strdup(m->arena, name);
    }
    s->values[at] = arena_strdup(m->arena, value);
}

int model_define(Model *m, const char *const *define, size_t count, Error *err) {
    for (size_t i = 0; i < count; i++) {
        const char *text = define[i], *eq = strchr(text, '=');
        if (!eq || eq == text) return fail(err, "-D %s: expected NAME=VALUE", text);
        /* checkpoints hold a setting a line */
        for (const char *p = text; *p; p++)
            if (iscntrl((unsigned char)*p))
                return fail(err, "-D %.*s: a control character, byte 0x%02x", (int)(p - text), text,
                            (unsigned char)*p);
        model_set(m, arena_strndup(m->arena, text, (size_t)(eq - text)), eq + 1);
    }
    return 0;
}

static bool has_option(const Page *p, const char *name) {
    for (int i = 0; i < p->count; i++)
        if (p->statements[i].kind == ST_OPTION && !strcmp(p->statements[i].name, name)) return true;
    return false;
}

void model_unset_strange(Model *m, void (*say)(const char *name, const char *value)) {
    Settings *s = &m->settings;
    int kept = 0;
    for (int i = 0; i < s->count; i++) {
        if (has_option(&m->page, s->names[i])) {
            s->names[kept] = s->names[i];
            s->values[kept++] = s->values[i];
        } else {
            say(s->names[i], s->values[i]);
        }
    }
    s->count = kept;
}

/* "name=value" lines */
static int parse_settings(Model *m, const char *text, Error *err) {
    int lines = 1;
    for (const char *p = text; *p; p++) lines += *p == '\n';
    m->settings.names = arena_new_array(m->arena, const char *, (size_t)lines);
    m->settings.values = arena_new_array(m->arena, const char *, (size_t)lines);
    while (*text) {
        size_t n = strcspn(text, "\n"), e = strcspn(text, "=");
        if (e >= n) return fail(err, "metadata gan.settings: expected name=value lines");
        m->settings.names[m->settings.count] = arena_strndup(m->arena, text, e);
        m->settings.values[m->settings.count++] = arena_strndup(m->arena, text + e + 1, n - e - 1);
        text += n + (text[n] == '\n');
    }
    return 0;
}

static int counter(const Frame *f, const char *key, uint64_t *out, Error *err) {
    const char *text = frame_meta(f, key);
    if (!text) return fail(err, "no metadata %s", key);
    if (!parse_u64(text, out))
        return fail(err, "metadata %s: expected a number, found '%s'", key, text);
    return 0;
}

static int read_meta(Model *m, Error *err) {
    const Frame *f = &m->frame;
    const char *kind = frame_meta(f, "gan.kind"), *text = frame_meta(f, "gan.page");
    const char *name = frame_meta(f, "gan.page.name"), *settings = frame_meta(f, "gan.settings");
    if (!kind)
        return fail(err, "not a checkpoint, but a tensor stream without a page; gan-init makes a "
                         "checkpoint of one");
    if (strcmp(kind, "checkpoint") || !text)
        return fail(err, "not a checkpoint: metadata gan.kind is %s", kind);
    if (settings && parse_settings(m, settings, err)) return -1;
    if (counter(f, "gan.seed", &m->seed, err) || counter(f, "gan.step", &m->step, err) ||
        counter(f, "gan.frames", &m->frames, err) || counter(f, "gan.updates", &m->updates, err) ||
        counter(f, "gan.batch", &m->batch, err))
        return -1;
    if (m->batch == 0 || m->batch > 1u << 24)
        return fail(err, "metadata gan.batch is out of range");
    if (frame_meta(f, "gan.shards") && counter(f, "gan.shards", &m->shards, err)) return -1;
    if (m->shards == 0 || m->shards > SHARDS_MAX)
        return fail(err, "metadata gan.shards is out of range");
    const char *source = frame_meta(f, "gan.source");
    if (source) m->source = arena_strdup(m->arena, source);
    const char *frozen = frame_meta(f, "gan.frozen");
    if (frozen) m->frozen = arena_strdup(m->arena, frozen);
    m->page_name = page_name(m->arena, name ? name : "page");
    return page_parse(m->arena, m->page_name, arena_strdup(m->arena, text), &m->page, err);
}

int model_load(Model *m, const char *path, Error *err) {
    model_start(m, 0);
    m->file = frame_open(path, &m->frame, err);
    if (!m->file) return -1;
    const char *slash = strrchr(path, '/');
    if (slash) m->folder = arena_strndup(m->arena, path, (size_t)(slash - path));
    if (read_meta(m, err)) return fail_in(err, "%s", path);
    m->store->seed = m->seed;
    m->store->source = &m->frame;
    m->store->file = m->file;
    m->store->fixed = true;
    return 0;
}

static void forget_file(Model *m) {
    frame_close(m->file);
    m->file = NULL;
    frame_free(&m->frame);
}

int model_settle(Model *m, Error *err) {
    int r = store_settle(m->store, err);
    forget_file(m);
    return r;
}

int model_evaluate(const Model *m, Error *err) {
    Trap trap = {.err = err};
    Arena *arena = arena_new(NULL);
    bool named = false;
    size_t entries = m->store->count;
    if (setjmp(trap.env)) {
        store_forget(m->store, entries);
        arena_free(arena);
        return -1;
    }
    Build b;
    build_start(&b, &m->page, &m->settings, m->store, graph_new(arena, &trap), m->batch, false);
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        if (s->kind == ST_SAMPLE) build_eval(&b, NULL, s->expr);
        for (int k = 0; s->kind == ST_LET && k < s->let.count; k++) {
            const Define *d = &s->let.list[k];
            Expr name = {.kind = E_NAME,
                         .file = d->file,
                         .line = d->line,
                         .column = d->column,
                         .text = d->names[0]};
            build_eval(&b, NULL, &name);
        }
        named |= s->kind == ST_SAMPLE || s->kind == ST_LET;
    }
    arena_free(arena);
    if (store_fill(m->store, err)) {
        store_forget(m->store, entries);
        return -1;
    }
    return named ? 0 : fail(err, "%s: the page has no player, and no sample or let", m->page_name);
}

int model_graphs(const Model *m, bool dot, Str *out, Error *err) {
    Trap trap = {.err = err};
    Arena *arena = arena_new(NULL);
    size_t entries = m->store->count;
    int bad = setjmp(trap.env);
    if (!bad) {
        Build b;
        build_start(&b, &m->page, &m->settings, m->store, graph_new(arena, &trap), m->batch, false);
        for (int i = 0; i < m->page.count; i++) {
            const Statement *s = &m->page.statements[i];
            if (s->kind != ST_GRAPH) continue;
            graph_check(&b, s);
            if (out) graph_describe(&b, s, dot, out);
        }
    }
    store_forget(m->store, entries);
    arena_free(arena);
    return bad ? -1 : 0;
}

void model_describe(const Model *m, Str *out) {
    size_t total = 0;
    str_printf(out, "%-32s %-20s %12s\n", "parameter", "shape", "count");
    for (int i = 0; i < m->page.count; i++) {
        const Statement *st = &m->page.statements[i];
        if (st->kind != ST_NET && st->kind != ST_PARAM) continue;
        size_t sum = 0;
        for (size_t k = 0; k < m->store->count; k++) {
            const Entry *e = m->store->entries[k];
            if (e->kind != ENTRY_PARAM || !entry_belongs(e, st->name)) continue;
            size_t shape[RANK_MAX];
            char text[200];
            entry_file_shape(e, shape);
            str_printf(out, "%-32s %-20s %12zu\n", e->state.name,
                       shape_text(e->state.rank, shape, text, sizeof text), e->state.count);
            sum += e->state.count;
        }
        if (st->kind == ST_NET) str_printf(out, "%-32s %-20s %12zu\n", st->name, "total", sum);
        total += sum;
    }
    str_printf(out, "%-32s %-20s %12zu\n\n", "all", "total", total);
}

int model_finite(const Model *m, Error *err) {
    for (size_t i = 0; i < m->store->count; i++) {
        const State *s = &m->store->entries[i]->state;
        for (size_t k = 0; k < s->count; k++)
            if (!isfinite(s->data[k]))
                return fail(err, "%s is no longer finite at step %" PRIu64, s->name, m->step);
    }
    return 0;
}

static void write_meta(const Model *m, Frame *f) {
    Str settings = {0};
    for (int i = 0; i < m->settings.count; i++)
        str_printf(&settings, "%s%s=%s", i ? "\n" : "", m->settings.names[i],
                   m->settings.values[i]);
    frame_set_meta(f, "gan.kind", "checkpoint");
    frame_set_meta(f, "gan.page", m->page.text);
    frame_set_meta(f, "gan.page.name", m->page_name);
    frame_set_meta(f, "gan.settings", settings.text ? settings.text : "");
    frame_set_metaf(f, "gan.seed", "%" PRIu64, m->seed);
    frame_set_metaf(f, "gan.step", "%" PRIu64, m->step);
    frame_set_metaf(f, "gan.frames", "%" PRIu64, m->frames);
    frame_set_metaf(f, "gan.updates", "%" PRIu64, m->updates);
    frame_set_metaf(f, "gan.batch", "%" PRIu64, m->batch);
    if (m->shards > 1) frame_set_metaf(f, "gan.shards", "%" PRIu64, m->shards);
    if (m->source) frame_set_meta(f, "gan.source", m->source);
    if (m->frozen) frame_set_meta(f, "gan.frozen", m->frozen);
    str_free(&settings);
}

int model_save(const Model *m, const char *path, int *hold, Error *err) {
    Frame f = {0};
    write_meta(m, &f);
    int r = store_declare(m->store, &f, err);
    if (!r) r = frame_arrange(&f, err);
    f.give = store_give;
    f.give_context = m->store;
    if (!r) r = frame_save_held(&f, path, hold, err);
    frame_free(&f);
    return r;
}

void model_free(Model *m) {
    store_free(m->store);
    forget_file(m);
    arena_free(m->arena);
    *m = (Model){0};
}
