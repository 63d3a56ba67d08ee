/* picture.h: still pictures in memory and their codecs: PNG, JPEG and PNM, told apart by content.
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
    unsigned char *pixels; /* [height, width, channels] */
    size_t capacity;       /* bytes allocated: a picture may be decoded into again and again */
} Picture;

/* What a decoder may do to save work; zero-initialised it may do nothing. */
typedef struct {
    size_t least_height, least_width; /* it may shrink, but not below; 0: full size */
    bool grey;                        /* it may drop colour */
} DecodeHint;

void picture_free(Picture *p);
/* Sets the shape and makes room; the pixels are undefined. Refuses sides of 0 and sizes above
 * PICTURE_PIXELS_MAX. */
int picture_shape(Picture *p, size_t height, size_t width, int channels, Error *err);

/* Any of the kinds below. hint may be NULL. */
int picture_decode(const unsigned char *bytes, size_t n, const DecodeHint *hint, Picture *out,
                   Error *err);
/* 16-bit samples are scaled to 8, palettes expanded. */
int png_decode(const unsigned char *bytes, size_t n, Picture *out, Error *err);
/* CMYK becomes RGB. A file cut short, or with corrupt entropy data, is an error. */
int jpeg_decode(const unsigned char *bytes, size_t n, const DecodeHint *hint, Picture *out,
                Error *err);
/* P2, P3, P5 and P6, maxval 1 to 65535, comments anywhere in the header; the first picture of the
 * file. Samples are scaled to 0..255. */
int pnm_decode(const unsigned char *bytes, size_t n, Picture *out, Error *err);

/* Writes p as PNG; out stays open. name is for messages. */
int png_encode(const Picture *p, FILE *out, const char *name, Error *err);

typedef enum { ALPHA_DROP, ALPHA_KEEP, ALPHA_WHITE } Alpha;
/* Converts in place to grey (with alpha, if kept and present or not: opaque then) or colour.
 * ALPHA_WHITE lays the picture over white. Grey is 0.299 R + 0.587 G + 0.114 B. */
int picture_convert(Picture *p, bool grey, Alpha alpha, Error *err);

#endif
