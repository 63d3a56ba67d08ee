/* record.h: the log of a run, a table of tab-separated values with a header line. */
#ifndef GAN_RECORD_H
#define GAN_RECORD_H

#include "game/game.h"

#include <stdio.h>

typedef struct {
    FILE *file;
    const char *path;
    double start;
} Record;

/* Opens the log for appending. Rows of steps after `step` (played, but lost with a run that was
 * killed before it saved) are cut off; a log with other columns is an error. "-" is standard
 * output. */
int record_open(Record *r, const char *path, const Game *g, uint64_t step, Error *err);
/* One row: step, seconds since the run began, samples a second, figures. */
int record_row(Record *r, const Game *g, uint64_t step, double samples_per_second, Error *err);
/* An error when not all of it could be written. */
int record_close(Record *r, Error *err);

#endif
