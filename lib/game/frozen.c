#include "game/frozen.h"

#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "game/weights.h"

/* One net. */
typedef struct Frozen {
    const char *net;
    const Statement *statement;
    char sha[65]; /* of the file, once it is open; before, of the one the checkpoint knows, or "" */
    bool open;
    const char *path; /* of the open file */
    Frame frame;      /* under the page's names */
    FrameFile *file;
    struct Frozen *next;
} Frozen;

/* Those of a model. */
typedef struct {
    Model *m;
    Frozen *first;
} FrozenNets;

/* ---- what the page and the checkpoint say ---- */

/* The file's name: a text, or an option's. */
static const char *path_of(const Model *m, const Expr *e) {
    if (e->kind == E_TEXT) return e->text;
    for (int i = 0; i < m->settings.count; i++)
        if (!strcmp(m->settings.names[i], e->text)) return m->settings.values[i];
    for (int i = 0; i < m->page.count; i++) {
        const Statement *s = &m->page.statements[i];
        if (s->kind == ST_OPTION && !strcmp(s->name, e->text) && s->expr->kind == E_TEXT)
            return s->expr->text;
    }
    return NULL;
}

/* What the checkpoint says of a net: its hash to sha. */
static void known_sha(const char *text, const char *net, char sha[65]) {
    size_t n = strlen(net);
    for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
        if (!strncmp(p, net, n) && p[n] == ' ' && strcspn(p + n + 1, " \n") == 64)
            memcpy(sha, p + n + 1, 64);
}

/* A line each: NET SHA-256 FILE. */
static void tell(const FrozenNets *nets) {
    Model *m = nets->m;
    Str text = {0};
    for (const Frozen *f = nets->first; f; f = f->next)
        if (*f->sha)
            str_printf(&text, "%s%s %s %s", text.length ? "\n" : "", f->net, f->sha,
                       path_of(m, f->statement->expr));
    if (text.length) m->frozen = arena_strdup(m->arena, text.text);
    str_free(&text);
}

/* ---- the files ---- */

/* Where the file is: as it is named, or beside the checkpoint. */
static const char *place_of(const Model *m, const char *path) {
    if (*path == '/' || !access(path, R_OK) || !m->folder) return path;
    const char *beside = arena_printf(m->arena, "%s/%s", m->folder, path);
    return access(beside, R_OK) ? path : beside;
}

static int open_file(const FrozenNets *nets, Frozen *f, Error *err) {
    const Model *m = nets->m;
    const Expr *e = f->statement->expr;
    const char *path = path_of(m, e);
    char sha[65];
    if (!path)
        return fail(err, "%s:%d:%d: %s is no option that names a file", e->file, e->line, e->column,
                    e->text);
    path = place_of(m, path);
    f->file = frame_open(path, &f->frame, err);
    if (!f->file) return fail_in(err, "frozen %s", f->net);
    if (!SHA256File(path, sha)) return fail(err, "%s: cannot be read for its SHA-256", path);
    if (*f->sha && strcmp(f->sha, sha))
        return fail(err,
                    "frozen %s: %s is not the file that the checkpoint was made with: its SHA-256 "
                    "is %.12s.., expected %.12s..",
                    f->net, path, sha, f->sha);
    memcpy(f->sha, sha, sizeof sha);
    if (weights_name(m, f->net, NULL, &f->frame, err)) return fail_in(err, "%s", path);
    f->open = true;
    f->path = path;
    tell(nets);
    return 0;
}

/* ---- what the store asks for ---- */

static Frozen *find(const FrozenNets *nets, const char *name) {
    Frozen *f = nets->first;
    while (f && !name_belongs(name, f->net)) f = f->next;
    return f;
}

static const char *net_of(void *context, const char *name) {
    const Frozen *f = find(context, name);
    return f ? f->net : NULL;
}

static const Tensor *tensor_of(void *context, const char *net, const char *name,
                               const FrameFile **file, const char **path, Error *err) {
    Frozen *f = find(context, net);
    if (!f->open && open_file(context, f, err)) return NULL;
    const Tensor *t = frame_find(&f->frame, name);
    *file = f->file, *path = f->path;
    if (!t) fail(err, "%s: no tensor %s, which frozen %s has", f->path, name, net);
    return t;
}

static void close_files(void *context) {
    for (Frozen *f = ((FrozenNets *)context)->first; f; f = f->next) {
        frame_close(f->file);
        frame_free(&f->frame);
    }
}

void frozen_start(Model *m) {
    FrozenNets *nets = arena_alloc(m->arena, sizeof *nets);
    nets->m = m;
    for (int i = m->page.count - 1; i >= 0; i--) {
        const Statement *s = &m->page.statements[i];
        if (s->kind != ST_FROZEN) continue;
        Frozen *f = arena_alloc(m->arena, sizeof *f);
        *f = (Frozen){.net = s->params[0], .statement = s, .next = nets->first};
        known_sha(m->frozen, f->net, f->sha);
        nets->first = f;
    }
    if (nets->first) m->store->outside = (Outside){net_of, tensor_of, close_files, nets};
}
