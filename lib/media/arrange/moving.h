/* moving.h: clips of the pictures of a stream that fly about in a larger frame and bounce off its
 * walls, such as Moving MNIST (Srivastava et al. 2015). */
#ifndef GAN_MOVING_H
#define GAN_MOVING_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    uint64_t count;     /* clips to make */
    uint64_t skip;      /* clips left out in front of them */
    uint64_t seed;      /* clip i of a seed is the same, however many are made */
    uint64_t frames;    /* of a clip; 1: pictures, without an axis of time */
    uint64_t size;      /* side of a frame */
    uint64_t pictures;  /* that move in a clip */
    uint64_t shrink;    /* blocks of so many pixels a side become one, their mean, before that */
    double step;        /* what a picture moves in a frame, of the way between the walls */
    double step_to;     /* above step: each has its own, as likely as any other up to that */
    const char *tensor; /* of the clips */
    size_t per_frame;
} MovingWant;

/* `image` U8 [N,H,W,C] of the stream at path becomes `tensor` U8 [clips,frames,size,size,C], black
 * but for pictures drawn at random, the largest value where several lie over each other; `path` F32
 * [clips,frames,pictures,2] has their middles in pixels, x and y, and `label` I64 [clips,pictures]
 * their labels if there are any, both without the axis of pictures when it is one. A picture begins
 * anywhere, each place and each direction as likely as any other, and lies on whole pixels. */
MUST_CHECK int moving_write(const char *path, const MovingWant *want, FILE *out, const char *name,
                            Error *err);

#endif
