/* paths.c: the lists of files, and the classes their folders make. */
#include "media/sources/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int paths_append(Paths *p, const FilePath *item, Error *err) {
    if (array_room(&p->items, &p->capacity, p->count + 1, sizeof *item, "paths", err)) return -1;
    p->items[p->count++] = *item;
    return 0;
}

/* A folder in an archive has a path that goes on behind a file. */
static int add_inside(Paths *p, const char *path, Error *err) {
    for (size_t n = strlen(path); n--;) {
        struct stat st;
        if (path[n] != '/') continue;
        const char *front = arena_strndup(p->arena, path, n);
        if (stat(front, &st)) continue;
        if (S_ISREG(st.st_mode) && archive_is(front))
            return archive_add(p, front, path + n + 1, err);
        break;
    }
    return fail(err, "%s: cannot open: %s", path, strerror(ENOTDIR));
}

int paths_add(Paths *p, const char *path, Error *err) {
    struct stat st;
    if (!*path) return fail(err, "the name of a folder is empty");
    if (!p->arena) p->arena = arena_new(NULL);
    if (!p->operand) p->operand = arena_strdup(p->arena, path);
    if (stat(path, &st)) {
        if (errno == ENOTDIR) return add_inside(p, path, err);
        return fail(err, "%s: cannot open: %s", path, strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) return folder_add(p, path, err);
    if (!S_ISREG(st.st_mode)) return fail(err, "%s: neither a folder nor a regular file", path);
    if (archive_is_plain(path)) return archive_add(p, path, "", err);
    const char *copy = arena_strdup(p->arena, path);
    return paths_append(p, &(FilePath){.path = copy, .below = copy}, err);
}

int paths_some(const Paths *p, Error *err) {
    return p->count ? 0 : fail(err, "%s: no files found, or all left out", p->operand);
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const FilePath *)a)->path, ((const FilePath *)b)->path);
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

int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t names_distinct(const char **names, size_t n) {
    size_t kept = 0;
    if (n) qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(names[i], names[kept - 1])) names[kept++] = names[i];
    return kept;
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
    *c = (Classes){names, names_distinct(names, n)};
    return 0;
}

typedef struct {
    const char *text;
    size_t n;
} Slice;

static int by_slice(const void *key, const void *item) {
    const Slice *slice = key;
    const char *name = *(const char *const *)item;
    int order = strncmp(slice->text, name, slice->n);
    return order ? order : -(name[slice->n] != 0);
}

const void *name_find(const char *text, size_t n, const void *items, size_t count, size_t size) {
    return bsearch(&(Slice){text, n}, items, count, size, by_slice);
}

int64_t class_of(const Classes *c, const FilePath *p) {
    const char *slash = strchr(p->below, '/');
    if (!slash) return -1;
    size_t n = (size_t)(slash - p->below);
    const char *const *found = name_find(p->below, n, c->names, c->count, sizeof *c->names);
    return found ? found - c->names : -1;
}

bool classes_doubt(const Classes *c, const Paths *p, char *text, size_t size) {
    const char *deep = NULL; /* the part of a path that ends with a folder below a class's */
    int length = 0, class = 0;
    for (size_t i = 0; i < p->count && !deep; i++) {
        const char *first = strchr(p->items[i].below, '/'), *last = first;
        while (last && strchr(last + 1, '/')) last = strchr(last + 1, '/');
        if (first == last) continue;
        deep = p->items[i].path;
        class = (int)(first - deep);
        length = (int)(strchr(first + 1, '/') - deep);
    }
    if (c->count != 1 && !deep) return false;
    int n = c->count == 1
                ? snprintf(text, size, "all files are of one class, '%.200s'", c->names[0])
                : snprintf(text, size, "a label is the first folder of a path");
    if (deep && n > 0 && (size_t)n < size)
        snprintf(
            text + n, size - (size_t)n,
            "; folders below it, such as %.*s, make no classes of their own (give %.*s for that)",
            length, deep, class, deep);
    return true;
}

size_t classes_held(const Classes *c, const Paths *p) {
    size_t held = 0;
    bool *seen = arena_new_array(p->arena, bool, c->count);
    for (size_t i = 0; i < p->count; i++) {
        int64_t class = class_of(c, &p->items[i]);
        if (class >= 0 && !seen[class]) held++;
        if (class >= 0) seen[class] = true;
    }
    return held;
}

char *classes_json(const Classes *c, const char *what, Error *err) {
    json_t *list = json_array();
    int bad = 0;
    for (size_t i = 0; !bad && i < c->count; i++)
        if (json_array_append_new(list, json_string(c->names[i])))
            bad = fail(err, "the %s '%s' is not UTF-8", what, c->names[i]);
    char *text = bad ? NULL : json_dumps(list, JSON_COMPACT); /* memory that ends: json_memory.h */
    json_decref(list);
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

Classes classes_known(const char *json, Arena *arena) {
    Classes c = {0};
    Error ignored;
    return json && !classes_parse(&c, json, arena, &ignored) ? c : (Classes){0};
}

const char *class_name(const Classes *c, int64_t class) {
    return class >= 0 && (uint64_t) class < c->count ? c->names[class] : NULL;
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

size_t labels_distinct(int64_t *labels, size_t n) {
    size_t kept = 0;
    if (n) qsort(labels, n, sizeof *labels, by_number);
    for (size_t i = 0; i < n; i++)
        if (!kept || labels[i] != labels[kept - 1]) labels[kept++] = labels[i];
    return kept;
}

size_t label_place(const int64_t *labels, size_t n, int64_t label) {
    const int64_t *at = bsearch(&label, labels, n, sizeof label, by_number);
    return at ? (size_t)(at - labels) : SIZE_MAX;
}
