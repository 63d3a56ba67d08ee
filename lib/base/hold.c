#include "base/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 5 };

/* The process that has a lock on the file, by Linux's table of locks; 0 when it does not say. */
static long holder_of(int fd) {
    struct stat st;
    char line[256];
    long found = 0;
    FILE *f = fopen("/proc/locks", "r");
    while (f && !fstat(fd, &st) && !found && fgets(line, sizeof line, f)) {
        unsigned major, minor;
        long pid;
        uint64_t inode;
        if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %x:%x:%" SCNu64, &pid, &major, &minor, &inode) ==
                4 &&
            inode == st.st_ino)
            found = pid;
    }
    if (f) fclose(f);
    return found;
}

/* "gan-step run.st": the words of its command line with blanks between. */
static void command_of(long pid, char *buf, size_t size) {
    char path[64];
    size_t n = 0;
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    FILE *f = fopen(path, "r");
    if (f) n = fread(buf, 1, size - 1, f);
    if (f) fclose(f);
    while (n && !buf[n - 1]) n--;
    for (size_t i = 0; i < n; i++)
        if (!buf[i]) buf[i] = ' ';
    buf[n] = 0;
}

int hold_fd(int fd, const char *path, Error *err) {
    char command[160];
    long pid = 0;
    /* a lock whose owner is not found may have been let go of since */
    for (int i = 0; i < TRIES && pid <= 0; i++) {
        if (!flock(fd, LOCK_EX | LOCK_NB)) return 0;
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return 0;
        pid = holder_of(fd);
    }
    if (pid <= 0) return fail(err, "%.400s: in use by another process", path);
    command_of(pid, command, sizeof command);
    return fail(err, "%.400s: in use by process %ld%s%s%s", path, pid, *command ? " (" : "",
                command, *command ? ")" : "");
}

/* Writable where that is allowed: network file systems lock only such. */
static int open_any(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 ? fd : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int hold_path(const char *path, Error *err) {
    for (;;) {
        struct stat mine, there;
        int fd = open_any(path);
        if (fd < 0) return fail(err, "%.400s: cannot open: %s", path, strerror(errno));
        if (hold_fd(fd, path, err)) {
            close(fd);
            return -1;
        }
        /* replaced between opening and locking: that one is of no use to anybody */
        if (fstat(fd, &mine) || stat(path, &there) ||
            (mine.st_dev == there.st_dev && mine.st_ino == there.st_ino))
            return fd;
        close(fd);
    }
}

int hold_check(const char *path, Error *err) {
    int fd = open_any(path);
    if (fd < 0) return 0;
    int held = hold_fd(fd, path, err);
    close(fd);
    return held;
}
