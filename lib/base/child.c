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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

typedef struct {
    int in, out[2], said[2]; /* descriptors, -1: closed */
    pid_t pid;
    size_t capacity; /* of child->out */
    size_t said_n;
} Run;

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* A file without a name: unlike a pipe it is written at once, and can be sought in. */
static int make_input(Run *r, const void *bytes, size_t n, Error *err) {
    r->in = memfd_create("input", MFD_CLOEXEC);
    if (r->in >= 0 && !write_fully(r->in, bytes, n) && !lseek(r->in, 0, SEEK_SET)) return 0;
    return fail(err, "cannot hand the file on: %s", strerror(errno));
}

static int start(Run *r, const char *const *argv, Error *err) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    if (pipe2(r->out, O_CLOEXEC) || pipe2(r->said, O_CLOEXEC))
        return fail(err, "cannot start %s: %s", argv[0], strerror(errno));
    sigemptyset(&none);
    int why = posix_spawn_file_actions_init(&files);
    if (!why && (why = posix_spawnattr_init(&attributes))) posix_spawn_file_actions_destroy(&files);
    if (!why) {
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        why = posix_spawn_file_actions_adddup2(&files, r->in, STDIN_FILENO);
        if (!why) why = posix_spawn_file_actions_adddup2(&files, r->out[1], STDOUT_FILENO);
        if (!why) why = posix_spawn_file_actions_adddup2(&files, r->said[1], STDERR_FILENO);
        char *const *words; /* posix_spawn leaves them alone, but does not say so */
        memcpy(&words, &argv, sizeof words);
        if (!why) why = posix_spawnp(&r->pid, argv[0], &files, &attributes, words, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
    }
    close_fd(&r->in);
    close_fd(&r->out[1]);
    close_fd(&r->said[1]);
    if (!why) return 0;
    r->pid = 0;
    if (why == ENOENT) return fail(err, "there is no program %s here", argv[0]);
    return fail(err, "cannot start %s: %s", argv[0], strerror(why));
}

/* What has come on standard output. */
static int take_out(Run *r, Child *c, size_t most, Error *err) {
    enum { BLOCK = 1 << 16 };
    if (array_room(&c->out, &r->capacity, c->n + BLOCK, 1, "bytes", err)) return -1;
    ssize_t k = read(r->out[0], c->out + c->n, r->capacity - c->n);
    if (k < 0 && errno != EINTR) return fail(err, "cannot read: %s", strerror(errno));
    if (!k) close_fd(&r->out[0]);
    if (k > 0) c->n += (size_t)k;
    return c->n > most ? fail(err, "gives more than %zu bytes", most) : 0;
}

/* What it says beyond the room for it is read and forgotten, lest it wait. */
static void take_said(Run *r, Child *c) {
    char block[512];
    ssize_t k = read(r->said[0], block, sizeof block);
    if (k < 0 && errno == EINTR) return;
    if (k <= 0) {
        close_fd(&r->said[0]);
        return;
    }
    size_t room = sizeof c->said - 1 - r->said_n, n = (size_t)k < room ? (size_t)k : room;
    memcpy(c->said + r->said_n, block, n);
    r->said_n += n;
    c->said[r->said_n] = 0;
}

/* After its last byte it should end; one that does not is killed like one that never wrote it. */
static int await(Run *r, Child *c, double end, double seconds, Error *err) {
    const struct timespec moment = {.tv_nsec = 1000000};
    pid_t got;
    while (!(got = waitpid(r->pid, &c->status, WNOHANG)) || (got < 0 && errno == EINTR)) {
        if (now_seconds() > end) return fail(err, "is not done after %g seconds", seconds);
        nanosleep(&moment, NULL);
    }
    r->pid = 0;
    return 0;
}

static int converse(Run *r, Child *c, size_t most, double seconds, Error *err) {
    double end = now_seconds() + seconds;
    while (r->out[0] >= 0 || r->said[0] >= 0) {
        struct pollfd p[2] = {{.fd = r->out[0], .events = POLLIN},
                              {.fd = r->said[0], .events = POLLIN}};
        double left = end - now_seconds();
        int ready = left > 0 ? poll(p, 2, left < 1000 ? (int)(1000 * left) + 1 : 1000000) : 0;
        if (ready < 0 && errno != EINTR) return fail(err, "cannot wait: %s", strerror(errno));
        if (!ready) return fail(err, "is not done after %g seconds", seconds);
        if (ready < 0) continue;
        if (p[0].revents && take_out(r, c, most, err)) return -1;
        if (p[1].revents) take_said(r, c);
    }
    return await(r, c, end, seconds, err);
}

int child_run(const char *const *argv, const void *in, size_t n, size_t most, double seconds,
              Child *child, Error *err) {
    Run r = {.in = -1, .out = {-1, -1}, .said = {-1, -1}};
    *child = (Child){0};
    int bad = make_input(&r, in, n, err) || start(&r, argv, err);
    if (!bad && converse(&r, child, most, seconds, err)) {
        bad = fail_in(err, "%s", argv[0]);
        kill(r.pid, SIGKILL);
    }
    close_fd(&r.in);
    for (int i = 0; i < 2; i++) close_fd(&r.out[i]), close_fd(&r.said[i]);
    while (r.pid > 0 && waitpid(r.pid, &child->status, 0) < 0 && errno == EINTR) continue;
    if (!bad) return 0;
    free(child->out);
    child->out = NULL;
    return -1;
}
