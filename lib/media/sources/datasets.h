/* datasets.h: the IDX and CIFAR binary formats as streams. Both readers are front to back, from
 * plain or gzip files, and hold one frame in memory. */
#ifndef GAN_DATASETS_H
#define GAN_DATASETS_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    uint64_t skip, first; /* leave out so many samples, then take at most so many; 0: all */
    size_t per_frame;
} Take;

/* An IDX header: 2 zero bytes, a type, a rank, big-endian extents. */
enum { IDX_RANK_MAX = 8, IDX_U8 = 8 };
typedef struct {
    int type, rank;
    size_t shape[IDX_RANK_MAX];
} Idx;
/* Parses a header of which n bytes are at hand. Returns its length in bytes, or -1; *need is the
 * number of bytes to have when n is not enough (the length is then 0). */
MUST_CHECK int idx_parse(const unsigned char *bytes, size_t n, Idx *out, size_t *need, Error *err);

/* Images U8 [N,H,W] (or [N,H,W,C]) as `image` U8 [N,H,W,1], and from the second file, when not
 * NULL, `label` I64 [N]. The counts must agree and nothing may follow the data. */
MUST_CHECK int idx_write(const char *images, const char *labels, const Take *take, FILE *out,
                         const char *name, Error *err);

/* CIFAR records: `labels` label bytes (1 for CIFAR-10, 2, coarse and fine, for CIFAR-100), then
 * 32x32 planes R, G, B; as `image` U8 [N,32,32,3], `label` I64 [N] (fine when there are two) and
 * then `coarse` I64 [N]. The files are read one after the other. */
MUST_CHECK int cifar_write(char *const *files, size_t count, int labels, const Take *take,
                           FILE *out, const char *name, Error *err);

#endif
