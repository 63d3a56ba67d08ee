/* keep.h: when a run saves its model, and where. */
#ifndef GAN_KEEP_H
#define GAN_KEEP_H

#include "game/model.h"

typedef struct {
    const char *path;
    uint64_t steps; /* save when the number of steps is a multiple of this; 0: by the clock */
    double seconds; /* between saves; INFINITY: none on the way */
    bool patient;   /* and at least twenty times as long as a save takes */
    uint64_t step;  /* that is saved */
    bool saved;     /* all that was played is saved */
    double time;    /* of the last save */
    double took;    /* the last save */
    double again;   /* when to try again after one that failed; 0: none has */
    double wait;    /* between such tries */
    int hold;       /* descriptor whose lock keeps others off the file, or -1 */
} Keep;

/* "100" steps, "30s", "10m", "2h", "never"; NULL: the default, five minutes. */
bool keep_parse(const char *text, Keep *k);
/* "30s", "10m", "2h", "1d": seconds, above 0. */
bool keep_parse_time(const char *text, double *seconds);
/* Takes the file at k->path for this process alone, when it is there; an error names who has it. It
 * must be held before it is read. */
MUST_CHECK int keep_hold(Keep *k, Error *err);
/* The clock starts; m is what is saved already. */
void keep_start(Keep *k, const Model *m);
/* After a step: whether it is time to save, or to try again. */
bool keep_due(const Keep *k, const Model *m);
/* Saves. The lock goes over to the file that is new. Whether the model is finite is for the caller
 * to ask first. On failure the file is as it was, and keep_due says when to try again. */
MUST_CHECK int keep_save(Keep *k, const Model *m, Error *err);
void keep_end(Keep *k);

#endif
