/* batch.h: a stream as minibatches: shuffled, in epochs, in shards, from any point on. */
#ifndef GAN_BATCH_H
#define GAN_BATCH_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    size_t size; /* samples a frame */
    bool shuffle;
    uint64_t seed;
    uint64_t epochs; /* UINT64_MAX: endless */
    bool drop_last;  /* leave out an epoch's last frame when it is smaller */
    size_t together; /* so many of one label become one sample; 0: as they are */
    uint64_t shard, shards;
    uint64_t start; /* frames of the whole sequence already consumed */
    bool trust;     /* do not verify the stream's checksums first */
} BatchWant;

/* Epoch e visits every sample once, in the order random_permutation(seed, e) when shuffled; shard i
 * of n takes the positions i, i + n, ... of that order. With `together` an epoch has groups of so
 * many samples of one label, none twice, each of which is one sample from then on, and leaves out
 * what makes no group. The sequence of frames is a function of the
 * stream and *want alone, so starting at frame `start` writes exactly what a whole run would have
 * written from there. Samples are fetched from the file as they are needed; memory holds one frame,
 * four bytes a sample and a few words a frame of the file. A pipe is copied to a temporary file,
 * unless its samples are only regrouped. Each frame has its place in the sequence (FRAME_KEY) and
 * says how the sequence was made and of what (BATCHES_KEY): "size=64 shuffle=yes seed=3 shard=0/1
 * data=FINGERPRINT". When all have been consumed, one frame without tensors says so. */
MUST_CHECK int batch_write(const char *path, const BatchWant *want, FILE *out, const char *name,
                           Error *err);

/* The number of frames a run has consumed: metadata `gan.frames` of its checkpoint. */
MUST_CHECK int batch_consumed(const char *checkpoint, uint64_t *frames, Error *err);

#endif
