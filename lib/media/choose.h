/* choose.h: some samples of a stream: by number, or all but those whose code was seen before. */
#ifndef GAN_CHOOSE_H
#define GAN_CHOOSE_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    const char *rows; /* numbers and ranges A-B, with commas; or the file that lists them, also with
                       * white space between ("-": standard input) */
    uint64_t repeat;  /* each sample so many times */
    size_t per_frame;
} PickWant;

/* The samples of the stream at path in the order of the list, which may name one several times. */
int pick_write(const char *path, const PickWant *want, FILE *out, const char *name, Error *err);

typedef struct {
    const char *codes;  /* stream with a row of numbers a sample, in the order of the samples */
    const char *tensor; /* of the codes */
    size_t per_frame;
} DedupWant;

/* Passes the samples of the stream at path whose code's signs (above 0 or not, all of them) are not
 * those of a sample before it. Time is linear; memory is that of the different codes, a bit a
 * number. */
int dedup_write(const char *path, const DedupWant *want, FILE *out, const char *name,
                uint64_t *samples, uint64_t *dropped, Error *err);

#endif
