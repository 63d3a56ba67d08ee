/* movers.h: made-up clips of one shape that moves, a square or a disc, in a direction that is its
 * class: right, down, left or up. Kinds of made.h. */
#ifndef GAN_MOVERS_H
#define GAN_MOVERS_H

#include "base/base.h"

typedef enum {
    MOVER_WHITE, /* white on black; the class is the shape and the direction */
    MOVER_HUE,   /* of a random hue on black */
    MOVER_SCENE, /* small, on a gradient between two colours that stays for the clip */
    MOVER_CURVE, /* of random size and colour on black, along a Bezier curve */
} MoverStyle;

typedef struct {
    MoverStyle style;
    uint64_t seed;
    size_t size, frames; /* side of a frame, and how many of them there are */
    size_t directions;   /* the first so many of the four */
} MoverWant;

enum { MOVER_FACTORS = 5 };

/* 1 or 3. */
size_t mover_channels(MoverStyle style);
/* The names of the classes, in the order of their numbers, as a JSON array in `text` of `size`
 * bytes, 256 at least. */
const char *mover_classes(const MoverWant *w, char *text, size_t size);
/* Makes clip i of the seed: bytes [frames,size,size,channels], the middles of the shape in pixels,
 * x and y, [frames,2], and what it is: 0 square or 1 disc, its radius in pixels (a square is as
 * large as the disc), red, green and blue of 0..255. It is in full view in all frames. Returns its
 * class. */
int64_t mover_make(const MoverWant *w, uint64_t i, unsigned char *video, float *path,
                   float factor[MOVER_FACTORS]);

#endif
