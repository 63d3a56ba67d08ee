/* copies.h: the nearest neighbours of samples in another stream, to see whether they are copies. */
#ifndef GAN_COPIES_H
#define GAN_COPIES_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    const char *tensor; /* that is compared, by Euclidean distance; bytes are divided by 255 */
    const char *show;   /* pictures that go along where both streams have them alike */
    ValueRange range;   /* of floats that is mapped to [0,1]; {0}: as they are */
    uint64_t k;         /* neighbours of each sample, > 0 */
    size_t per_frame;   /* rows of a frame, at most unless a sample and its neighbours are more */
    bool sort;          /* what is most like a copy comes first; else in the order of the samples */
    bool table;         /* lines of text instead of a stream */
} CopiesWant;

typedef struct {
    uint64_t samples, reference; /* rows */
    bool one;                    /* both streams are one file: no row is its own neighbour */
    uint64_t equal;              /* samples at distance 0 from a neighbour */
    uint64_t closer; /* samples that are nearer to their nearest neighbour than any other row of the
                      * reference is (their authenticity is 0: Alaa et al. 2022, section 4.3); not
                      * of `one` */
    char hidden[300]; /* why there are no pictures; empty when there are */
} Copies;

/* Writes a row for each sample and for each of its k neighbours, from the nearest on, of equally
 * near ones the earlier: `sample` I64, the sample's number; `rank` I64, 0 for the sample itself;
 * `index` I64, the row's number in its own stream; `distance` F64; `spacing` F64, of the nearest
 * neighbour the distance to the row of the reference nearest to it (else 0; none of `one`); the
 * pictures, and `label` where both streams have it. Or the same numbers as lines of text, without
 * those of rank 0.
 *
 * Pipes are copied to temporary files. Memory holds blocks of both streams, and 16 bytes for each
 * neighbour. Distances are sums of squared differences in float64, so nothing depends on the number
 * of threads. */
MUST_CHECK int copies_write(const char *samples, const char *reference, const CopiesWant *want,
                            FILE *out, const char *name, Copies *found, Error *err);

#endif
