/* picture.h: still pictures in memory, and the files they come in, told apart by content.
 *
 * Decoders take whole files from memory, trust nothing in them, and end with an error (never a
 * crash or an exit) on bad ones. Messages hold the reason only; callers add the file's name. */
#ifndef GAN_PICTURE_H
#define GAN_PICTURE_H

#include "base/base.h"

#include <stdio.h>

enum {
    PICTURE_PIXELS_MAX = 1 << 28, /* larger claims are refused */
    PICTURE_SIDE_MAX = 1 << 20,
};

typedef struct {
    size_t height, width;
    int channels;          /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA */
    int orientation;       /* 0 or 1: upright; 2 to 8 as EXIF counts, see picture_turn */
    unsigned char *pixels; /* [height, width, channels] */
    size_t capacity;       /* bytes allocated: a picture may be decoded into again and again */
} Picture;

/* What a decoder may do to save work, and what it must; zero-initialised nothing of either. */
typedef struct {
    size_t least_height, least_width; /* it may shrink, but not below; 0: full size */
    bool grey;                        /* it may drop colour */
    int index; /* the numbers that the file holds: indices of a palette, grey without scaling;
                * refused where there are none. 0: a picture; 8: one channel; 16: two, numbers of
                * two bytes, the smaller first */
} DecodeHint;

void picture_free(Picture *p);
/* Sets the shape and makes room; the pixels are undefined, and upright. Refuses sides of 0 and
 * sizes above PICTURE_PIXELS_MAX. */
MUST_CHECK int picture_shape(Picture *p, size_t height, size_t width, int channels, Error *err);

/* Fails, and says what it is instead, when a file that begins so is no picture; n is at least
 * PICTURE_HEAD, unless the file is shorter. */
enum { PICTURE_HEAD = 4096 };
MUST_CHECK int picture_expect(const unsigned char *head, size_t n, Error *err);
/* A picture of any kind that there is a codec for (codec.h), upright. hint may be NULL. */
MUST_CHECK int picture_decode(const unsigned char *bytes, size_t n, const DecodeHint *hint,
                              Picture *out, Error *err);

/* Writes p as PNG; out stays open. name is for messages. */
MUST_CHECK int png_encode(const Picture *p, FILE *out, const char *name, Error *err);

typedef enum { ALPHA_DROP, ALPHA_KEEP, ALPHA_WHITE } Alpha;
/* Converts in place to grey (with alpha, if kept and present or not: opaque then) or colour.
 * ALPHA_WHITE lays the picture over white. Grey is 0.299 R + 0.587 G + 0.114 B. */
MUST_CHECK int picture_convert(Picture *p, bool grey, Alpha alpha, Error *err);
/* Puts upright what lies as its orientation says: mirrored (2, 4), upside down (3), or on a side
 * (5 to 8), whereby height and width change places. */
MUST_CHECK int picture_turn(Picture *p, Error *err);

#endif
