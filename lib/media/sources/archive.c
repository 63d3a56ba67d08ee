/* archive.c: the members of a zip file as if they were the files of a folder. */
#include "media/sources/archive.h"
#include "base/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

static size_t read_head(const char *path, char head[KIND_HEAD]) {
    int fd = path_open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) return 0;
    ssize_t n = read(fd, head, KIND_HEAD);
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

bool archive_is(const char *path) {
    char head[KIND_HEAD];
    return read_head(path, head) > 4 && (!memcmp(head, "PK\3\4", 4) || !memcmp(head, "PK\5\6", 4));
}

bool archive_is_plain(const char *path) {
    char head[KIND_HEAD];
    return kind_is_zip(head, read_head(path, head));
}

/* As in folders: no part of a name may begin with a dot. */
static bool hidden(const char *name) { return name[0] == '.' || strstr(name, "/."); }

/* The part of name behind the folder; NULL when it lies elsewhere. */
static const char *behind(const char *name, const char *folder, size_t n) {
    if (!n) return name;
    return !strncmp(name, folder, n) && name[n] == '/' ? name + n + 1 : NULL;
}

static int add_members(Paths *p, zip_t *zip, const char *path, const char *inner, Error *err) {
    size_t before = p->count, n = strlen(inner);
    while (n && inner[n - 1] == '/') n--;
    for (zip_int64_t i = 0, all = zip_get_num_entries(zip, 0); i < all; i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, ZIP_FL_ENC_GUESS);
        if (!name)
            return fail(err, "%s: cannot be read: %s", path, archive_problem(zip_get_error(zip)));
        const char *rest = behind(name, inner, n);
        if (!rest || !*rest || name[strlen(name) - 1] == '/' || hidden(rest)) continue;
        char *shown = arena_printf(p->arena, "%s/%s", path, name);
        FilePath item = {.path = shown,
                         .below = shown + strlen(shown) - strlen(rest),
                         .archive = path,
                         .member = (uint64_t)i};
        if (paths_append(p, &item, err)) return -1;
    }
    if (p->count == before && n) return fail(err, "%s: no file in a folder %s", path, inner);
    return 0;
}

const char *archive_problem(zip_error_t *e) {
    int code = zip_error_code_zip(e);
    if (code == ZIP_ER_MEMORY || (code == ZIP_ER_ZLIB && zip_error_code_system(e) == Z_MEM_ERROR))
        return "out of memory";
    return zip_error_strerror(e);
}

zip_t *archive_open(const char *path, Error *err) {
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
    if (zip) return zip;
    zip_error_t why;
    zip_error_init_with_code(&why, code);
    fail(err, "%s: cannot be read as a zip archive: %s", path, archive_problem(&why));
    zip_error_fini(&why);
    return NULL;
}

int archive_add(Paths *p, const char *path, const char *inner, Error *err) {
    zip_t *zip = archive_open(path, err);
    if (!zip) return -1;
    int bad = add_members(p, zip, arena_strdup(p->arena, path), inner, err);
    zip_discard(zip);
    return bad;
}
