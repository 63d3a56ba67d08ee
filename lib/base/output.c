/* output.c: files replaced as a whole, see output.h. */
#include "base/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hold.h"

/* ---- the temporary files of this process, for output_discard ---- */

enum { OPEN_ROOM = 16 };
/* A signal handler has no argument to find them by, so this is the one place with a global. A name
 * is taken out by exchange: whoever gets it removes the file. */
static char *_Atomic open_names[OPEN_ROOM];

static void remember(char *name) {
    for (size_t i = 0; i < OPEN_ROOM; i++) {
        char *none = NULL;
        if (atomic_compare_exchange_strong(&open_names[i], &none, name)) return;
    }
}

/* The name may be freed afterwards, unless a handler has it. */
static bool forget(char *name) {
    for (size_t i = 0; i < OPEN_ROOM; i++) {
        char *mine = name;
        if (atomic_compare_exchange_strong(&open_names[i], &mine, NULL)) return true;
    }
    return false;
}

void output_discard(void) {
    int before = errno;
    for (size_t i = 0; i < OPEN_ROOM; i++) {
        char *name = atomic_exchange(&open_names[i], NULL);
        if (name) unlink(name);
    }
    errno = before;
}

/* ---- names ---- */

enum { LINKS_MAX = 40, BASE_MAX = 200 };
#define MARK ".tmp-"
enum { RANDOM_DIGITS = 16 };

static int cannot(Error *err, const char *path, const char *what) {
    return fail(err, "%.400s: cannot %s: %s", path, what, strerror(errno ? errno : EIO));
}

/* Bytes of path that name its folder, the slash included. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The folder of path: "." or what stands before the last slash. NULL without memory. */
static char *folder_of(const char *path) {
    size_t n = folder_length(path);
    return n > 1 ? strndup(path, n - 1) : strdup(n ? "/" : ".");
}

/* What the link at path leads to when it says `to`. */
static char *follow(const char *path, const char *to) {
    size_t n = *to == '/' ? 0 : folder_length(path), bytes = n + strlen(to) + 1;
    char *next = malloc(bytes);
    if (next) snprintf(next, bytes, "%.*s%s", (int)n, path, to);
    return next;
}

/* Through symbolic links, also one that leads to nothing yet. */
static char *final_target(const char *path, Error *err) {
    char to[PATH_MAX], *at = strdup(path);
    for (int i = 0; at && i < LINKS_MAX; i++) {
        ssize_t n = readlink(at, to, sizeof to - 1);
        if (n < 0) return at;
        to[n] = 0;
        char *next = follow(at, to);
        free(at);
        at = next;
    }
    if (at)
        fail(err, "%.400s: cannot open: %s", path, strerror(ELOOP));
    else
        fail(err, "%.400s: out of memory", path);
    free(at);
    return NULL;
}

/* The descriptor that a path of the system means, or -1. Opening such a path anew would empty a
 * file that others have written to. */
static int descriptor_of(const char *path) {
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    uint64_t n;
    if (!strcmp(path, "/dev/stdout")) return STDOUT_FILENO;
    if (!strcmp(path, "/dev/stderr")) return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (!strncmp(path, folders[i], strlen(folders[i])) &&
            parse_u64(path + strlen(folders[i]), &n) && n <= INT_MAX)
            return (int)n;
    return -1;
}

/* ---- what is left of others ---- */

/* base, cut, then .tmp-PID-RANDOM */
static bool is_temporary(const char *name, const char *base) {
    size_t n = strlen(base);
    if (n > BASE_MAX) n = BASE_MAX;
    if (strncmp(name, base, n) || strncmp(name + n, MARK, strlen(MARK))) return false;
    name += n + strlen(MARK);
    n = strspn(name, "0123456789");
    if (!n || name[n] != '-') return false;
    return strspn(name + n + 1, "0123456789abcdef") == RANDOM_DIGITS &&
           !name[n + 1 + RANDOM_DIGITS];
}

/* Removes a temporary file that no process holds. */
static void remove_unheld(int folder, const char *name) {
    struct stat st;
    int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !flock(fd, LOCK_EX | LOCK_NB))
        unlinkat(folder, name, 0);
    close(fd);
}

/* What cannot be read or removed stays: it is no reason not to save. */
static void remove_stale(const char *target) {
    const char *base = target + folder_length(target);
    char *path = folder_of(target);
    DIR *folder = path ? opendir(path) : NULL;
    for (struct dirent *e; folder && (e = readdir(folder));)
        if (is_temporary(e->d_name, base)) remove_unheld(dirfd(folder), e->d_name);
    if (folder) closedir(folder);
    free(path);
}

/* ---- replacing a file ---- */

/* A name beside target that nobody has. */
static void name_temporary(char *name, size_t size, const char *target) {
    size_t folder = folder_length(target), base = strlen(target + folder);
    uint64_t random;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = (uint64_t)(now_seconds() * 1e9);
    snprintf(name, size, "%.*s" MARK "%ld-%0*" PRIx64,
             (int)(folder + (base < BASE_MAX ? base : BASE_MAX)), target, (long)getpid(),
             RANDOM_DIGITS, random);
}

/* Another process may have taken the file for one that is left over, before it was locked. */
static bool hold(int fd) {
    struct stat st;
    if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) return false;
    return fstat(fd, &st) || st.st_nlink > 0;
}

/* A file system without permissions or owners is no reason not to save. */
static void take_after(int fd, const struct stat *old) {
    struct stat st;
    if (fstat(fd, &st)) return;
    if ((st.st_uid != old->st_uid || st.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid))
        errno = 0;
    if (fchmod(fd, old->st_mode & 0777)) errno = 0;
}

/* Creates o->temporary, in which there is room for a name; old may be NULL. */
static int create(Output *o, size_t room, const struct stat *old) {
    for (int i = 0; i < 1000; i++) {
        name_temporary(o->temporary, room, o->target);
        remember(o->temporary);
        int fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                      old ? old->st_mode & 0600 : 0666);
        if (fd >= 0 && hold(fd)) {
            if (old) take_after(fd, old);
            return fd;
        }
        forget(o->temporary);
        if (fd >= 0)
            close(fd);
        else if (errno != EEXIST)
            break;
    }
    return -1;
}

static int open_beside(Output *o, const struct stat *old, Error *err) {
    size_t room = strlen(o->target) + 64;
    o->temporary = malloc(room);
    if (!o->temporary) return fail(err, "%.400s: out of memory", o->name);
    remove_stale(o->target);
    o->lock = create(o, room, old);
    if (o->lock < 0) return cannot(err, o->name, "create");
    /* the lock belongs to both descriptors, and is held while the file gets its final name */
    int fd = fcntl(o->lock, F_DUPFD_CLOEXEC, 0);
    if (fd >= 0) o->file = fdopen(fd, "wb");
    if (o->file) return 0;
    cannot(err, o->name, "open");
    if (fd >= 0) close(fd);
    unlink(o->temporary);
    forget(o->temporary);
    return -1;
}

/* After a rename the folder must reach the disk too. */
static int sync_folder(const Output *o, Error *err) {
    char *folder = folder_of(o->target);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, rc = 0;
    /* a folder one may write but not read cannot be synced, and some file systems cannot either */
    if (fd >= 0 && fsync(fd) && errno != EINVAL && errno != EROFS)
        rc = fail(err, "%.400s: saved, but its folder cannot be synced: %s", o->name,
                  strerror(errno));
    if (fd >= 0) close(fd);
    free(folder);
    return rc;
}

/* Nobody's file is replaced under their hands: not that of a game that is being played. */
static int check_held(const Output *o, const int *hold, Error *err) {
    return hold && *hold >= 0 ? 0 : hold_check(o->target, err);
}

static int replace(Output *o, const int *hold, Error *err) {
    errno = 0;
    if (fflush(o->file) || fsync(o->lock)) {
        cannot(err, o->name, "write");
        fclose(o->file);
        return -1;
    }
    if (stream_finish(o->file, o->name, err) || check_held(o, hold, err)) return -1;
    if (rename(o->temporary, o->target)) return cannot(err, o->name, "replace");
    return 0;
}

static void release(Output *o) {
    if (o->lock >= 0) close(o->lock);
    free(o->target);
    free(o->temporary);
    o->target = o->temporary = NULL;
    o->lock = -1;
}

/* ---- outputs ---- */

int stream_finish(FILE *out, const char *name, Error *err) {
    errno = 0;
    bool bad = ferror(out) || fflush(out);
    int first = errno;
    if (fclose(out)) bad = true;
    if (first) errno = first;
    return bad ? cannot(err, name, "write") : 0;
}

static int check_folder(const char *path, const char *target, Error *err) {
    char *folder = folder_of(target);
    struct stat st;
    int rc = 0;
    if (!folder)
        rc = fail(err, "%.400s: out of memory", path);
    else if (!target[folder_length(target)])
        rc = fail(err, "%.400s: cannot create: %s", path, strerror(EISDIR));
    else if (!stat(folder, &st) && !S_ISDIR(st.st_mode))
        rc = fail(err, "%.400s: cannot create: %.400s is not a folder", path, folder);
    else if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS))
        rc = fail(err, "%.400s: cannot create in the folder %.400s: %s", path, folder,
                  strerror(errno));
    free(folder);
    return rc;
}

static bool is_standard(const char *path) { return !path || !strcmp(path, "-"); }

int output_check(const char *path, Error *err) {
    struct stat st;
    if (is_standard(path)) return 0;
    int fd = descriptor_of(path);
    if (fd >= 0) return fcntl(fd, F_GETFL) < 0 ? cannot(err, path, "open") : 0;
    bool there = !stat(path, &st);
    errno = EISDIR;
    if (there && (S_ISDIR(st.st_mode) || faccessat(AT_FDCWD, path, W_OK, AT_EACCESS)))
        return cannot(err, path, "write");
    if (there && !S_ISREG(st.st_mode)) return 0;
    char *target = final_target(path, err);
    int rc = target ? check_folder(path, target, err) : -1;
    free(target);
    return rc;
}

int output_open(Output *o, const char *path, Error *err) {
    *o = (Output){.file = stdout, .name = "standard output", .lock = -1};
    if (is_standard(path)) return 0;
    struct stat st;
    o->name = path;
    o->file = NULL;
    if (output_check(path, err)) return -1;
    int fd = descriptor_of(path);
    bool there = !stat(path, &st);
    if (fd >= 0 || (there && !S_ISREG(st.st_mode))) {
        fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0)
                     : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd >= 0) o->file = fdopen(fd, "wb");
        if (!o->file) cannot(err, path, "open");
        if (!o->file && fd >= 0) close(fd);
    } else {
        o->target = final_target(path, err);
        if (o->target) open_beside(o, there ? &st : NULL, err);
    }
    if (o->file) return 0;
    release(o);
    return -1;
}

int output_close(Output *o, int bad, Error *err) { return output_close_held(o, bad, NULL, err); }

int output_close_held(Output *o, int bad, int *hold, Error *err) {
    if (bad)
        fclose(o->file);
    else
        bad = o->temporary ? replace(o, hold, err) : stream_finish(o->file, o->name, err);
    o->file = NULL;
    if (!o->temporary) return bad;
    if (bad) unlink(o->temporary);
    if (!forget(o->temporary)) o->temporary = NULL; /* a handler may still read the name */
    if (!bad && hold) { /* before the folder is synced: the file is replaced already */
        if (*hold >= 0) close(*hold);
        *hold = o->lock;
        o->lock = -1;
    }
    if (!bad) bad = sync_folder(o, err);
    release(o);
    return bad;
}

/* ---- one file twice ---- */

static bool one_file(const struct stat *a, const struct stat *b) {
    return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool same_file(const char *a, const char *b) {
    struct stat x, y;
    if (!strcmp(a, "-") || !strcmp(b, "-")) return false;
    return !strcmp(a, b) || (!stat(a, &x) && !stat(b, &y) && one_file(&x, &y));
}

int output_is_input(int fd, const char *name, Error *err) {
    struct stat in, out;
    if (fstat(fd, &in) || fstat(STDOUT_FILENO, &out) || !one_file(&in, &out)) return 0;
    return fail(err, "%.400s: is what standard output writes; -o can replace it", name);
}
