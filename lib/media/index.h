/* index.h: where the samples of a stream lie in its file, to fetch them in any order. */
#ifndef GAN_INDEX_H
#define GAN_INDEX_H

#include "media/regroup.h"

#include <sha2.h>

/* Release with index_free, also when index_open has failed. */
typedef struct {
    int fd;
    const char *name;
    Layout layout;
    uint64_t *first;  /* [frames + 1]: number of the first sample of each frame */
    uint64_t *offset; /* [frames, columns]: byte of the file where each tensor starts */
    size_t frames, first_room, offset_room;
    Frame header;
    SHA2_CTX hash;        /* while the index is built */
    char fingerprint[17]; /* of the stream: see index_open */
} Index;

/* path "-" is standard input; a pipe is copied to a temporary file. Verifies every frame's checksum
 * unless `trust`. A stream without samples is an error. The fingerprint is the first 16 digits of
 * the SHA-256 of what the frames hold: tensors' names, types, shapes and checksums. */
MUST_CHECK int index_open(Index *x, const char *path, bool trust, Error *err);
void index_free(Index *x);
/* Samples in the stream. */
uint64_t index_samples(const Index *x);
/* Makes f of the n samples with these numbers. */
MUST_CHECK int index_frame(const Index *x, const uint32_t *samples, size_t n, Frame *f, Error *err);
/* Reads their rows of one tensor, the one of that column of the layout. */
MUST_CHECK int index_column(const Index *x, size_t column, const uint32_t *samples, size_t n,
                            void *to, Error *err);
/* Writes the samples with these numbers, each `repeat` times, in frames of at most per_frame
 * samples and, unless one is larger than that, 64 MiB. */
MUST_CHECK int index_write(const Index *x, const uint32_t *samples, size_t n, uint64_t repeat,
                           size_t per_frame, FILE *out, const char *name, Error *err);
/* The labels of all samples, tensor `name` of whole numbers [N] or [N,1], in a block to be freed;
 * NULL and a message when there are none. */
MUST_CHECK int64_t *index_labels(const Index *x, const char *name, Error *err);

#endif
