#include "media/paths.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 64 }; /* links may form a circle */

static int append(Paths *p, const char *path, size_t root, Error *err) {
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 256;
        Path *items = realloc(p->items, capacity * sizeof *items);
        if (!items) return fail(err, "out of memory for %zu paths", capacity);
        p->items = items;
        p->capacity = capacity;
    }
    char *copy = arena_strdup(p->arena, path);
    p->items[p->count++] = (Path){copy, copy + root};
    return 0;
}

static int walk(Paths *p, Str *path, size_t root, int depth, Error *err) {
    struct stat st;
    if (stat(path->text, &st)) return fail(err, "%s: cannot open: %s", path->text, strerror(errno));
    if (S_ISREG(st.st_mode)) return append(p, path->text, depth ? root : 0, err);
    if (!S_ISDIR(st.st_mode)) /* sockets and the like among the images are nobody's mistake */
        return depth ? 0 : fail(err, "%s: neither a folder nor a regular file", path->text);
    if (depth >= DEPTH_MAX)
        return fail(err, "%s: more than %d folders deep", path->text, DEPTH_MAX);
    DIR *dir = opendir(path->text);
    if (!dir) return fail(err, "%s: cannot open: %s", path->text, strerror(errno));
    if (path->text[path->length - 1] != '/') str_append(path, "/", 1);
    size_t length = path->length;
    if (!depth) root = length;
    int bad = 0;
    for (struct dirent *e; !bad && (e = readdir(dir));) {
        if (e->d_name[0] == '.') continue;
        str_append(path, e->d_name, strlen(e->d_name));
        bad = walk(p, path, root, depth + 1, err);
        path->length = length;
        path->text[length] = 0;
    }
    closedir(dir);
    return bad;
}

int paths_add(Paths *p, const char *path, Error *err) {
    Str text = {0};
    if (!*path) return fail(err, "the name of a folder is empty");
    if (!p->arena) p->arena = arena_new(NULL);
    str_append(&text, path, strlen(path));
    int bad = walk(p, &text, 0, 0, err);
    str_free(&text);
    return bad;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const Path *)a)->path, ((const Path *)b)->path);
}

void paths_sort(Paths *p) {
    if (p->count) qsort(p->items, p->count, sizeof *p->items, by_path);
}

void paths_limit(Paths *p, uint64_t skip, uint64_t first) {
    if (skip > p->count) skip = p->count;
    p->count -= skip;
    if (p->count) memmove(p->items, p->items + skip, p->count * sizeof *p->items);
    if (first && first < p->count) p->count = first;
}

void paths_free(Paths *p) {
    free(p->items);
    arena_free(p->arena);
    *p = (Paths){0};
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files are sorted by path, so neighbours mostly share their folder. */
int classes_take(Classes *c, Paths *p, Error *err) {
    size_t n = 0;
    const char **names = arena_new_array(p->arena, const char *, p->count);
    for (size_t i = 0; i < p->count; i++) {
        const char *below = p->items[i].below, *slash = strchr(below, '/');
        if (!slash || slash == below) continue;
        size_t length = (size_t)(slash - below);
        if (n && !strncmp(names[n - 1], below, length) && !names[n - 1][length]) continue;
        names[n++] = arena_strndup(p->arena, below, length);
    }
    if (!n) return fail(err, "no sub-folders to take labels from");
    qsort(names, n, sizeof *names, by_name);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (strcmp(names[i], names[kept - 1])) names[kept++] = names[i];
    *c = (Classes){names, kept};
    return 0;
}

int64_t class_of(const Classes *c, const Path *p) {
    const char *slash = strchr(p->below, '/');
    if (!slash) return -1;
    size_t length = (size_t)(slash - p->below), low = 0, high = c->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strncmp(c->names[mid], p->below, length);
        if (!order && c->names[mid][length]) order = 1;
        if (!order) return (int64_t)mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

char *classes_json(const Classes *c, Error *err) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->count; i++) {
        if (json_array_append_new(list, json_string(c->names[i])) == 0) continue;
        fail(err, "the folder name '%s' is not UTF-8", c->names[i]);
        json_decref(list);
        return NULL;
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text) fail(err, "out of memory for class names");
    return text;
}

int classes_parse(Classes *c, const char *json, Arena *arena, Error *err) {
    json_t *list = json_loads(json, 0, NULL);
    size_t n = json_array_size(list);
    const char **names = arena_new_array(arena, const char *, n ? n : 1);
    bool good = json_is_array(list);
    for (size_t i = 0; good && i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        good = name != NULL;
        if (good) names[i] = arena_strdup(arena, name);
    }
    json_decref(list);
    if (!good) return fail(err, "metadata gan.classes is not a JSON array of strings");
    *c = (Classes){names, n};
    return 0;
}
