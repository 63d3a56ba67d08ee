/* record.h: the log of a run, a table of tab-separated values with a header line.
 *
 * A row that cannot be written is kept and tried again with the next one, so that a disk that is
 * full for a while makes no hole; a reader that has gone away is written to no more. Neither is a
 * reason to end a game. */
#ifndef GAN_RECORD_H
#define GAN_RECORD_H

#include "game/game.h"

typedef struct {
    const char *path;
    int fd;
    bool file;    /* a regular file: its end is known and can be cut */
    bool gone;    /* nobody reads any more */
    uint64_t end; /* of a file: bytes of whole rows */
    Str pending;  /* rows that are not written yet */
    double start;
} Record;

/* Opens the log for appending, "-" is standard output; a regular file is locked. Rows of steps
 * after `step` (played, but lost with a run that was killed before it saved) are cut off, as are
 * rows from the first damaged one on; note then says so in a line, and is empty otherwise. A header
 * line that was cut short is written anew. An error, and a file as it was: a log with other
 * columns, one that cannot be read, or one that another process writes. */
MUST_CHECK int record_open(Record *r, const char *path, const Game *g, uint64_t step, Error *note,
                           Error *err);
/* One row: step, seconds since the run began, samples a second, figures with 9 digits. -1: it, and
 * perhaps others, are not written yet (or, when r->gone, will not be). */
MUST_CHECK int record_row(Record *r, const Game *g, uint64_t step, double samples_per_second,
                          Error *err);
/* Tries again to write what is pending, and brings a file to the disk. */
MUST_CHECK int record_sync(Record *r, Error *err);
/* The same, and closes; an error when not all of it could be written, but for a reader that went.
 */
MUST_CHECK int record_close(Record *r, Error *err);

#endif
