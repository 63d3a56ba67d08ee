/* output.h: where a tool's result goes: standard output, or a file that is replaced as a whole. */
#ifndef GAN_OUTPUT_H
#define GAN_OUTPUT_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    FILE *file;
    const char *name;     /* for messages */
    char temporary[4096]; /* beside the named file, which it becomes at the end; or empty */
} Output;

/* path NULL or "-" is standard output. A regular file keeps what it holds until the run has
 * succeeded, so it may also be the run's input; devices, pipes and links are written directly. */
int output_open(Output *o, const char *path, Error *err);
/* Closes: a full disk is an error here at the latest. After a failed run (bad) a file is left as it
 * was, and err as it is. Returns bad, or -1 when closing fails. */
int output_close(Output *o, int bad, Error *err);

#endif
