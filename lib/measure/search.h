/* search.h: rows of a stream on disk, and the nearest of them to given rows. */
#ifndef GAN_SEARCH_H
#define GAN_SEARCH_H

#include "media/index.h"

/* A stream seen as rows of numbers: those of one of its tensors. */
typedef struct {
    Index index;
    const Column *column;
    size_t at;        /* its number */
    size_t n, d;      /* rows, and the numbers of one */
    ValueRange range; /* of floats that is mapped to [0,1]; {0}: as they are */
    unsigned char *raw;
    size_t room; /* rows of raw */
} RowFile;

/* Release with rowfile_free, also after an error. A pipe is copied to a temporary file. */
MUST_CHECK int rowfile_open(RowFile *f, const char *path, const char *tensor,
                            const ValueRange *range, Error *err);
void rowfile_free(RowFile *f);
/* The rows of these numbers as x [n,d]: bytes divided by 255, all finite. */
MUST_CHECK int rowfile_read(RowFile *f, const uint32_t *row, size_t n, double *x, Error *err);
/* How many rows one reads at a time: of 32 MiB of numbers, at most 1024. */
size_t rowfile_block(const RowFile *f);

/* The k rows of the stream that are nearest to each of x [n,d], ascending by distance, then by
 * number: row [n,k] and distance [n,k]. own, unless it is NULL, holds for each x a row that is none
 * of its neighbours. The stream must have k rows, or one more when there is own. */
MUST_CHECK int search_nearest(RowFile *f, const double *x, size_t n, size_t k, const uint32_t *own,
                              uint32_t *row, double *distance, Error *err);

#endif
