/* child.h: another program as a function from bytes to bytes. */
#ifndef GAN_CHILD_H
#define GAN_CHILD_H

#include "base/base.h"

typedef struct {
    unsigned char *out; /* what it wrote to standard output, to be freed */
    size_t n;
    char said[2048]; /* how its words on standard error begin, as they are */
    int status;      /* as of wait(2) */
} Child;

/* Runs argv[0], found in PATH, without a shell. Its standard input is a file that holds n bytes at
 * `in`, so that /dev/stdin can be opened anew and sought in. Several threads may run children at
 * once. An error, in words that do not name what it was run for: there is no such program; it
 * writes more than `most` bytes; it is not done within `seconds`, in both of which cases it is
 * killed. Whatever status it ends with is none. */
MUST_CHECK int child_run(const char *const *argv, const void *in, size_t n, size_t most,
                         double seconds, Child *child, Error *err);

#endif
