#include "media/views/numbered.h"

#include "base/output.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    bool remove;
    size_t count;
    Str first, path;
    Error *err;
} Visit;

static bool is_numbered(const char *name) {
    static const char digits[] = "0123456789";
    size_t n = strspn(name, digits);
    if (n < 6) return false;
    if (name[n] == '-') {
        size_t part = strspn(name + n + 1, digits);
        if (part < 3) return false;
        n += 1 + part;
    }
    return !strcmp(name + n, ".png");
}

static bool is_folder(const char *path) {
    struct stat st;
    return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

static int visit_picture(Visit *v) {
    const char *path = v->path.text;
    if (!v->count++) str_printf(&v->first, "%s", path);
    if (!v->remove || !unlink(path)) return 0;
    return fail(v->err, "%s: cannot remove: %s", path, strerror(errno));
}

/* The folder v->path, which is as it was afterwards; depth 0 does not look into folders. */
static int visit_folder(Visit *v, int depth) {
    size_t length = v->path.length, before = v->count;
    DIR *d = opendir(v->path.text);
    if (!d && errno == ENOENT) return 0;
    if (!d) return fail(v->err, "%s: cannot open: %s", v->path.text, strerror(errno));
    int bad = 0;
    for (struct dirent *e; !bad && (e = readdir(d));) {
        if (*e->d_name == '.') continue;
        str_printf(&v->path, "/%s", e->d_name);
        if (is_numbered(e->d_name))
            bad = visit_picture(v);
        else if (depth && is_folder(v->path.text))
            bad = visit_folder(v, depth - 1);
        v->path.length = length;
        v->path.text[length] = 0;
    }
    closedir(d);
    if (!bad && !depth && v->remove && v->count > before) rmdir(v->path.text); /* if it is empty */
    return bad;
}

int numbered_find(const char *dir, bool remove, size_t *count, Str *first, Error *err) {
    Visit v = {.remove = remove, .err = err};
    str_printf(&v.path, "%s", dir);
    int bad = visit_folder(&v, 1);
    str_free(&v.path);
    *count = v.count;
    *first = v.first;
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

/* Among an earlier export's pictures one could not tell which are new. */
int numbered_clear(const char *dir, bool force, Error *err) {
    size_t count;
    Str first = {0};
    int bad = numbered_find(dir, force, &count, &first, err);
    if (!bad && count && !force)
        bad = fail(err,
                   "%s: %zu pictures of an earlier export are there, such as %s (--force "
                   "replaces them)",
                   dir, count, first.text);
    str_free(&first);
    return bad;
}
