/* output.h: where a tool's result goes: standard output, or a file that is replaced as a whole.
 *
 * A regular file is written beside its final place, under the name FILE.tmp-PID-RANDOM, brought to
 * the disk and renamed: until then, and after any failure, the file is what it was, so it may also
 * be the run's input. Links stay, and what they lead to is replaced. Permissions (and the owner,
 * where the system allows it) of the old file are kept. Devices, pipes and /dev/fd/N are written
 * directly. The writer holds a lock (flock) on its temporary file: those that no one holds are left
 * from a process that was killed, and the next output to the same file removes them. */
#ifndef GAN_OUTPUT_H
#define GAN_OUTPUT_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    FILE *file;       /* to be written by the caller */
    const char *name; /* for messages: the path as it was given, which must outlive the output */
    char *target;     /* what is replaced at the end; NULL when written directly */
    char *temporary;  /* beside target */
    int lock;         /* descriptor that holds the lock on temporary, or -1 */
} Output;

/* Whether an output to path can be begun: its folder is there and may be written, path is no folder
 * and no write-protected file. Creates nothing, so it can be asked before an hour of work. path
 * NULL or "-" is standard output. 0, or -1 and a message that names path. */
MUST_CHECK int output_check(const char *path, Error *err);
/* path NULL or "-" is standard output. Fails as output_check does. After 0 output_close must
 * follow. */
MUST_CHECK int output_open(Output *o, const char *path, Error *err);
/* Ends an output: after a good run (bad == 0) the file is replaced; a full disk is an error here at
 * the latest. After a failed run, or when that fails, the file is what it was. Standard output is
 * flushed and closed. Returns bad (err is left as it is), or -1 when closing fails. */
MUST_CHECK int output_close(Output *o, int bad, Error *err);
/* The same for a file that this process keeps for itself alone (base/hold.h). *hold is the
 * descriptor that holds it so far, or -1; once the file has been replaced, that is closed and *hold
 * holds the new one, without a moment between in which nobody does. NULL is output_close: that
 * fails when another process holds the file. */
MUST_CHECK int output_close_held(Output *o, int bad, int *hold, Error *err);
/* Removes the temporary files of all outputs that are open; the outputs are of no use afterwards.
 * Async-signal-safe: for a signal handler, or before the process ends in a hurry. */
void output_discard(void);

/* Ends a stream that is written: flushes and closes, so that a full disk is an error. */
MUST_CHECK int stream_finish(FILE *out, const char *name, Error *err);

/* Whether two paths name one file that is there, or are the same text; "-" names none. */
bool same_file(const char *a, const char *b);
/* -1 and a message when the open file fd, called name, is the one that standard output writes:
 * what is appended to it would be read again, without end. */
MUST_CHECK int output_is_input(int fd, const char *name, Error *err);

#endif
