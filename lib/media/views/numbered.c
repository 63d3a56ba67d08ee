#include "media/views/numbered.h"

#include "base/output.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    Numbered what;
    bool remove;
    size_t count;
    Str first, path;
    Error *err;
} Visit;

static const struct {
    const char *called;
    const char *endings[6];
} kinds[] = {
    [NUMBERED_PICTURES] = {"pictures of an earlier export", {"png"}},
    [NUMBERED_FILMS] = {"films or frames of an earlier run", {"png", "mp4", "webm", "gif", "apng"}},
    [NUMBERED_MESHES] = {"meshes of an earlier run", {"off"}},
};

static bool is_numbered(const char *name, Numbered what) {
    static const char digits[] = "0123456789";
    size_t n = strspn(name, digits);
    if (n < 6) return false;
    if (name[n] == '-') {
        size_t part = strspn(name + n + 1, digits);
        if (part < 3) return false;
        n += 1 + part;
    }
    if (name[n++] != '.') return false;
    for (const char *const *e = kinds[what].endings; *e; e++)
        if (!strcmp(name + n, *e)) return true;
    return false;
}

static bool is_folder(const char *path) {
    struct stat st;
    return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

static int visit_file(Visit *v) {
    const char *path = v->path.text;
    if (!v->count++) str_printf(&v->first, "%s", path);
    if (!v->remove || !unlink(path)) return 0;
    return fail(v->err, "%s: cannot remove: %s", path, strerror(errno));
}

/* The folder v->path, which is as it was afterwards. */
static int visit_folder(Visit *v, bool inner) {
    size_t length = v->path.length, before = v->count;
    DIR *d = opendir(v->path.text);
    if (!d && errno == ENOENT) return 0;
    if (!d) return fail(v->err, "%s: cannot open: %s", v->path.text, strerror(errno));
    int bad = 0;
    for (struct dirent *e; !bad && (e = readdir(d));) {
        if (*e->d_name == '.') continue;
        str_printf(&v->path, "/%s", e->d_name);
        if (is_numbered(e->d_name, v->what))
            bad = visit_file(v);
        else if (!inner && v->what == NUMBERED_PICTURES && is_folder(v->path.text))
            bad = visit_folder(v, true);
        v->path.length = length;
        v->path.text[length] = 0;
    }
    closedir(d);
    if (!bad && inner && v->remove && v->count > before) rmdir(v->path.text); /* if it is empty */
    return bad;
}

int numbered_folder(const char *path, Error *err) {
    if (mkdir(path, 0777) && errno != EEXIST)
        return fail(err, "%s: cannot make the folder: %s", path, strerror(errno));
    return 0;
}

int numbered_save(const Picture *p, const char *path, Error *err) {
    FILE *out = fopen(path, "wbx");
    if (!out) return fail(err, "%s: cannot create: %s", path, strerror(errno));
    int bad = png_encode(p, out, path, err);
    if (bad)
        fclose(out);
    else
        bad = stream_finish(out, path, err);
    if (bad) unlink(path);
    return bad;
}

/* Among an earlier run's files one could not tell which are new. */
int numbered_clear(const char *dir, Numbered what, bool force, Error *err) {
    Visit v = {.what = what, .remove = force, .err = err};
    str_printf(&v.path, "%s", dir);
    int bad = visit_folder(&v, false);
    if (!bad && v.count && !force)
        bad = fail(err, "%s: %zu %s are there, such as %s (--force replaces them)", dir, v.count,
                   kinds[what].called, v.first.text);
    str_free(&v.path);
    str_free(&v.first);
    return bad;
}
