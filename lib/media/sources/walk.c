/* walk.c: what is below a folder, at any depth.
 *
 * Folders wait in a list, not on the stack, and are opened by their whole path one after the other,
 * so that neither depth nor the length of a path nor the number of descriptors is a limit. A folder
 * that is one of those it lies in (by device and inode) is a link that leads back. */
#define _GNU_SOURCE /* O_PATH, asprintf */
#include "media/sources/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *path; /* ends with a slash; NULL once it has been read */
    size_t up;  /* the number of the folder it lies in; its own for the first */
    dev_t device;
    ino_t inode;
} Folder;

typedef struct {
    Paths *paths;
    size_t root; /* bytes of the operand, with its slash */
    Folder *folders;
    size_t count, capacity;
} FolderWalk;

int path_open(const char *path, int flags) {
    char part[PATH_MAX];
    int at = AT_FDCWD;
    while (strlen(path) >= PATH_MAX) {
        size_t n = PATH_MAX - 1;
        while (n && path[n] != '/') n--;
        memcpy(part, path, n);
        part[n] = 0;
        int next = openat(at, part, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (at != AT_FDCWD) close(at);
        if (next < 0) return -1;
        at = next;
        for (path += n; *path == '/';) path++;
    }
    int fd = openat(at, *path ? path : ".", flags | O_CLOEXEC);
    int why = errno;
    if (at != AT_FDCWD) close(at);
    errno = why;
    return fd;
}

static int push(FolderWalk *w, const char *path, const char *name, size_t up, const struct stat *st,
                Error *err) {
    if (array_room(&w->folders, &w->capacity, w->count + 1, sizeof *w->folders, "folders", err))
        return -1;
    const char *slash = *name || path[strlen(path) - 1] != '/' ? "/" : "";
    char *copy;
    if (asprintf(&copy, "%s%s%s", path, name, slash) < 0)
        return fail(err, "out of memory for the path of a folder");
    w->folders[w->count++] = (Folder){copy, up, st->st_dev, st->st_ino};
    return 0;
}

static int append(FolderWalk *w, const char *path, const char *reason, Error *err) {
    return paths_append(w->paths,
                        &(FilePath){.path = path, .below = path + w->root, .reason = reason}, err);
}

/* Why what stat does not find is not there. */
static const char *missing(FolderWalk *w, int dir, const char *name) {
    char to[512];
    int why = errno;
    ssize_t n = readlinkat(dir, name, to, sizeof to - 1);
    if (n > 0 && why == ENOENT)
        return arena_printf(w->paths->arena, "a link to nothing: %.*s", (int)n, to);
    if (n > 0 && why == ELOOP) return "a link that leads back to itself";
    return arena_printf(w->paths->arena, "cannot open: %s", strerror(why));
}

static const char *special(mode_t mode) {
    if (S_ISFIFO(mode)) return "a named pipe, not a file";
    if (S_ISSOCK(mode)) return "a socket, not a file";
    return "a device, not a file";
}

/* Whether the folder `up`, or one that it lies in, is the same as st. */
static bool leads_back(const FolderWalk *w, size_t up, const struct stat *st) {
    for (size_t i = up;; i = w->folders[i].up) {
        if (w->folders[i].device == st->st_dev && w->folders[i].inode == st->st_ino) return true;
        if (w->folders[i].up == i) return false;
    }
}

static int entry(FolderWalk *w, size_t up, int dir, const char *name, Error *err) {
    struct stat st;
    const char *folder = w->folders[up].path;
    bool gone = fstatat(dir, name, &st, 0) != 0;
    const char *reason = gone ? missing(w, dir, name) : NULL;
    bool is_folder = !gone && S_ISDIR(st.st_mode);
    if (is_folder && !leads_back(w, up, &st)) return push(w, folder, name, up, &st, err);
    if (is_folder) reason = "a link that leads back to a folder it lies in";
    if (!gone && !is_folder && !S_ISREG(st.st_mode)) reason = special(st.st_mode);
    return append(w, arena_printf(w->paths->arena, "%s%s", folder, name), reason, err);
}

/* Reads folder i. Only the first must open. */
static int read_folder(FolderWalk *w, size_t i, Error *err) {
    const char *path = w->folders[i].path;
    int fd = path_open(path, O_RDONLY | O_DIRECTORY), bad = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir) {
        struct dirent *e;
        while (!bad && (errno = 0, e = readdir(dir)))
            if (e->d_name[0] != '.') bad = entry(w, i, fd, e->d_name, err);
        if (bad || !errno) {
            closedir(dir);
            return bad;
        }
    }
    const char *reason = arena_printf(w->paths->arena, "cannot open: %s", strerror(errno));
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    if (!i) return fail(err, "%s: %s", path, reason);
    return append(w, arena_strdup(w->paths->arena, path), reason, err);
}

int folder_add(Paths *p, const char *path, Error *err) {
    FolderWalk w = {.paths = p};
    struct stat st;
    if (stat(path, &st)) return fail(err, "%s: cannot open: %s", path, strerror(errno));
    int bad = push(&w, path, "", 0, &st, err);
    if (!bad) w.root = strlen(w.folders[0].path);
    for (size_t i = 0; !bad && i < w.count; i++) {
        bad = read_folder(&w, i, err);
        free(w.folders[i].path);
        w.folders[i].path = NULL;
    }
    for (size_t i = 0; i < w.count; i++) free(w.folders[i].path);
    free(w.folders);
    return bad;
}
