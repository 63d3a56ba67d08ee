/* choose.h: some samples of a stream: by number, by class, at random, the first; or all but those
 * whose code was seen before. */
#ifndef GAN_CHOOSE_H
#define GAN_CHOOSE_H

#include "base/base.h"

#include <stdio.h>

/* Which samples: those of `rows`, or those of some classes and equally many of each. */
typedef struct {
    const char *rows;   /* numbers and ranges A-B, with commas; or the file that lists them, also
                         * with white space between ("-": standard input) */
    const char *labels; /* classes with commas between: names of gan.classes, numbers, ranges A-B */
    const char *tensor; /* of the labels */
    bool balance;       /* equally many of each class */
    uint64_t each;      /* so many of each; 0: as many as the smallest class has */
    uint64_t seed;      /* which of them */
    uint64_t repeat;    /* each sample so many times */
    size_t per_frame;
} PickWant;

/* What became of it. */
typedef struct {
    uint64_t samples, classes, each; /* chosen, less repeats; among so many classes; --balance */
    char absent[200]; /* names of classes that no sample has, with commas; --balance */
} PickReport;

/* The samples of the stream at path: in the order of the list, which may name one several times;
 * those of classes in the order of the stream. Memory is that of a frame and 16 bytes a sample of
 * the stream. */
MUST_CHECK int pick_write(const char *path, const PickWant *want, FILE *out, const char *name,
                          PickReport *report, Error *err);

typedef struct {
    uint64_t count;
    bool shuffle;     /* drawn from the whole stream, instead of its first ones */
    uint64_t seed;    /* of the draw */
    size_t per_frame; /* of what is drawn; the first ones stay in their frames */
} HeadWant;

/* What the labels of the first samples say of the rest. */
typedef struct {
    uint64_t samples;
    size_t found,
        classes; /* the labels that these samples hold, of so many; 0, 0: nothing to say */
} HeadReport;

/* `count` samples, or as many as there are. Shuffled they are drawn without replacement, every one
 * as likely as any other, in the order of the draw: that of the first epoch of batch_write with
 * this seed. A pipe is then copied to a temporary file first.
 *
 * Otherwise the first ones, and the report tells when labels come one after the other, as in a
 * stream that is sorted by class, and there are more of them: what the stream holds where it is a
 * file that can be read on, what gan.classes names where it is a pipe. */
MUST_CHECK int head_write(const char *path, const HeadWant *want, FILE *out, const char *name,
                          HeadReport *report, Error *err);

typedef struct {
    const char *codes;  /* stream with a row of numbers a sample, in the order of the samples */
    const char *tensor; /* of the codes */
    size_t per_frame;
} DedupWant;

/* Passes the samples of the stream at path whose code's signs (above 0 or not, all of them) are not
 * those of a sample before it. Time is linear; memory is that of the different codes, a bit a
 * number. */
MUST_CHECK int dedup_write(const char *path, const DedupWant *want, FILE *out, const char *name,
                           uint64_t *samples, uint64_t *dropped, Error *err);

#endif
