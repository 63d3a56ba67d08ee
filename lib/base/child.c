#define _GNU_SOURCE /* memfd_create, pipe2 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

int memory_file(const void *bytes, size_t n, Error *err) {
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd >= 0 && !write_fully(fd, bytes, n) && !lseek(fd, 0, SEEK_SET)) return fd;
    fail(err, "cannot hand the file on: %s", strerror(errno));
    close_fd(&fd);
    return -1;
}

/* Runs argv with these descriptors as its standard files: 0, or an errno. */
static int spawn(Process *p, const char *const *argv, const int files[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    int why = posix_spawn_file_actions_init(&actions);
    if (why) return why;
    if ((why = posix_spawnattr_init(&attributes))) {
        posix_spawn_file_actions_destroy(&actions);
        return why;
    }
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    for (int i = 0; !why && i < 3; i++)
        why = posix_spawn_file_actions_adddup2(&actions, files[i], i);
    char *const *words; /* posix_spawn leaves them alone, but does not say so */
    memcpy(&words, &argv, sizeof words);
    if (!why) why = posix_spawnp(&p->pid, argv[0], &actions, &attributes, words, environ);
    if (why) p->pid = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return why;
}

/* One end is ours, the other the program's. */
typedef struct {
    int ours, theirs;
} Ends;

/* A socket, unlike a pipe, can be written to without a signal when nobody reads. */
static int make_ends(Ends *e, bool writes) {
    int pair[2];
    if (writes ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) : pipe2(pair, O_CLOEXEC))
        return -1;
    *e = (Ends){pair[0], pair[1]};
    return 0;
}

int process_start(Process *p, const char *const *argv, int in, int out, double patience,
                  Error *err) {
    Ends ends[3] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int given[3] = {in, out, -1}, files[3], why = 0;
    *p = (Process){.name = argv[0], .patience = patience};
    for (int i = 0; !why && i < 3; i++) {
        if (given[i] < 0 && make_ends(&ends[i], i == 0)) why = errno;
        files[i] = given[i] < 0 ? ends[i].theirs : given[i];
    }
    if (!why) why = spawn(p, argv, files);
    for (int i = 0; i < 3; i++) {
        close_fd(&ends[i].theirs);
        if (why) close_fd(&ends[i].ours);
    }
    p->in = ends[0].ours, p->out = ends[1].ours, p->err = ends[2].ours;
    if (why == ENOENT) return fail(err, "there is no program %s here", argv[0]);
    return why ? fail(err, "cannot start %s: %s", argv[0], strerror(why)) : 0;
}

/* What it says beyond the room for it is read and forgotten, lest it wait. */
static void hear(Process *p) {
    char block[512];
    ssize_t k = read(p->err, block, sizeof block);
    if (k < 0 && errno == EINTR) return;
    if (k <= 0) {
        close_fd(&p->err);
        return;
    }
    size_t room = sizeof p->said - 1 - p->said_n, n = (size_t)k < room ? (size_t)k : room;
    memcpy(p->said + p->said_n, block, n);
    p->said_n += n;
    p->said[p->said_n] = 0;
}

/* Waits until fd is ready, hearing what is said meanwhile; fd -1: until something has been heard.
 * 1: it is; 0: not until `end`; -1: an error. */
static int await_file(Process *p, int fd, short events, double end, Error *err) {
    for (;;) {
        struct pollfd f[2] = {{.fd = fd, .events = events}, {.fd = p->err, .events = POLLIN}};
        double left = end - now_seconds();
        int ready = left > 0 ? poll(f, 2, left < 1000 ? (int)(1000 * left) + 1 : 1000000) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return fail(err, "cannot wait for %s: %s", p->name, strerror(errno));
        if (!ready && now_seconds() >= end) return 0;
        if (f[1].revents) hear(p);
        if (f[0].revents || fd < 0) return 1;
    }
}

static int stalled(const Process *p, Error *err) {
    return fail(err, "%s has not stirred for %g seconds", p->name, p->patience);
}

/* 0 at the end. */
static ptrdiff_t read_some(Process *p, void *to, size_t n, Error *err) {
    for (;;) {
        ssize_t k = read(p->out, to, n);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return fail(err, "cannot read from %s: %s", p->name, strerror(errno));
        if (!k) close_fd(&p->out);
        return k;
    }
}

ptrdiff_t process_read(Process *p, void *to, size_t n, Error *err) {
    size_t got = 0;
    while (got < n && p->out >= 0) {
        int ready = await_file(p, p->out, POLLIN, now_seconds() + p->patience, err);
        if (!ready) return stalled(p, err);
        ptrdiff_t k = ready < 0 ? -1 : read_some(p, (char *)to + got, n - got, err);
        if (k < 0) return -1;
        got += (size_t)k;
    }
    return (ptrdiff_t)got;
}

int process_write(Process *p, const void *bytes, size_t n, Error *err) {
    const char *from = bytes;
    while (n) {
        int ready = await_file(p, p->in, POLLOUT, now_seconds() + p->patience, err);
        if (!ready) return stalled(p, err);
        if (ready < 0) return -1;
        ssize_t k = send(p->in, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (k < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (k < 0) return fail(err, "%s reads no more: %s", p->name, strerror(errno));
        from += k;
        n -= (size_t)k;
    }
    return 0;
}

/* After its last byte it should end. 1: it has; 0: not until `end`. */
static int await_end(Process *p, double end) {
    const struct timespec moment = {.tv_nsec = 1000000};
    pid_t got;
    while (!(got = waitpid(p->pid, &p->status, WNOHANG)) || (got < 0 && errno == EINTR)) {
        if (now_seconds() > end) return 0;
        nanosleep(&moment, NULL);
    }
    p->pid = 0;
    return 1;
}

int process_end(Process *p, Error *err) {
    char block[4096];
    close_fd(&p->in);
    for (ptrdiff_t k = 1; k > 0 && p->out >= 0;)
        if ((k = process_read(p, block, sizeof block, err)) < 0) return -1;
    while (p->err >= 0) {
        int ready = await_file(p, -1, 0, now_seconds() + p->patience, err);
        if (ready <= 0) return ready ? -1 : stalled(p, err);
    }
    return await_end(p, now_seconds() + p->patience) ? 0 : stalled(p, err);
}

void process_stop(Process *p) {
    close_fd(&p->in);
    close_fd(&p->out);
    close_fd(&p->err);
    if (p->pid > 0) kill(p->pid, SIGKILL);
    while (p->pid > 0 && waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR) continue;
    p->pid = 0;
}

/* What comes on standard output, until it ends. */
static int take_all(Process *p, Child *c, size_t most, double end, double seconds, Error *err) {
    enum { BLOCK = 1 << 16 };
    size_t capacity = 0;
    while (p->out >= 0 || p->err >= 0) {
        int ready = await_file(p, p->out, POLLIN, end, err);
        if (!ready) return fail(err, "is not done after %g seconds", seconds);
        if (ready < 0) return -1;
        if (p->out < 0) continue;
        if (array_room(&c->out, &capacity, c->n + BLOCK, 1, "bytes", err)) return -1;
        ptrdiff_t k = read_some(p, c->out + c->n, capacity - c->n, err);
        if (k < 0) return -1;
        c->n += (size_t)k;
        if (c->n > most) return fail(err, "gives more than %zu bytes", most);
    }
    return await_end(p, end) ? 0 : fail(err, "is not done after %g seconds", seconds);
}

int child_run(const char *const *argv, const void *in, size_t n, size_t most, double seconds,
              Child *child, Error *err) {
    Process p;
    *child = (Child){0};
    double end = now_seconds() + seconds;
    int fd = memory_file(in, n, err);
    if (fd < 0) return -1;
    int bad = process_start(&p, argv, fd, -1, seconds, err);
    close_fd(&fd);
    if (bad) return -1;
    if (take_all(&p, child, most, end, seconds, err)) bad = fail_in(err, "%s", argv[0]);
    process_stop(&p);
    memcpy(child->said, p.said, sizeof child->said);
    child->status = p.status;
    if (!bad) return 0;
    free(child->out);
    child->out = NULL;
    return -1;
}
