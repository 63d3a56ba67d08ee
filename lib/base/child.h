/* child.h: other programs, run without a shell: as functions from bytes to bytes, or while they are
 * written to and read from. What is said of them names the program and not what it was run for. */
#ifndef GAN_CHILD_H
#define GAN_CHILD_H

#include "base/base.h"

#include <sys/types.h>

enum { SAID_MAX = 2048 };

/* A program that is running. */
typedef struct {
    const char *name;    /* argv[0] */
    int in, out, err;    /* our ends of its standard files; -1: closed, or a file of the caller's */
    pid_t pid;           /* 0: it has ended */
    double patience;     /* seconds within which something must come, or be taken */
    char said[SAID_MAX]; /* how its words on standard error begin, as they are */
    size_t said_n;
    int status; /* once it has ended, as of wait(2) */
} Process;

/* Starts argv[0], found in PATH. Its standard input and output are `in` and `out`, descriptors that
 * stay the caller's, or where those are -1 what process_write and process_read are for. Several
 * threads may start programs at once. After 0 process_stop must follow. */
MUST_CHECK int process_start(Process *p, const char *const *argv, int in, int out, double patience,
                             Error *err);
/* Reads n bytes of its output, fewer at the end only; -1: an error. */
MUST_CHECK ptrdiff_t process_read(Process *p, void *to, size_t n, Error *err);
/* Writes n bytes to its input. That it reads no more is an error, of which said may tell why. */
MUST_CHECK int process_write(Process *p, const void *bytes, size_t n, Error *err);
/* Closes its files after hearing it out, and waits until it has ended, in whatever way. */
MUST_CHECK int process_end(Process *p, Error *err);
/* Ends it by force, unless it has ended. */
void process_stop(Process *p);

typedef struct {
    unsigned char *out; /* what it wrote to standard output, to be freed */
    size_t n;
    char said[SAID_MAX]; /* as of Process */
    int status;
} Child;

/* Runs argv[0] to its end. Its standard input is a file that holds n bytes at `in`, so that
 * /dev/stdin can be opened anew and sought in. An error: there is no such program; it writes more
 * than `most` bytes; it is not done within `seconds`, in both of which cases it is killed. Whatever
 * status it ends with is none. */
MUST_CHECK int child_run(const char *const *argv, const void *in, size_t n, size_t most,
                         double seconds, Child *child, Error *err);

/* A file without a name that holds these bytes, to be read from its beginning; unlike a pipe it can
 * be sought in. -1 on failure. */
MUST_CHECK int memory_file(const void *bytes, size_t n, Error *err);

#endif
