/* codec.h: what the codecs of this folder share. The table of all of them is in picture.c. */
#ifndef GAN_CODEC_H
#define GAN_CODEC_H

#include "media/picture/picture.h"

typedef struct Codec Codec;
typedef int Decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
                   Picture *out, Error *err);
struct Codec {
    const char *name; /* for messages */
    /* A file is of this kind when it holds `magic` at byte `at`, and `is`, if not NULL, agrees. */
    size_t at;
    const char *magic;
    size_t length;
    bool (*is)(const unsigned char *bytes, size_t n);
    bool index; /* can keep a file's numbers: DecodeHint.index */
    Decode *decode;
    /* of foreign_decode: */
    const char *demuxer;                                      /* FFmpeg's name for the format */
    int (*orientation)(const unsigned char *bytes, size_t n); /* told in the file, or NULL */
};

/* The codec of a file, by its first bytes; NULL: none knows it. */
const Codec *codec_of(const unsigned char *bytes, size_t n);

/* 16-bit samples are scaled to 8, palettes expanded. */
MUST_CHECK Decode png_decode;
/* CMYK becomes RGB. A file cut short, or with corrupt entropy data, is an error. */
MUST_CHECK Decode jpeg_decode;
/* P2, P3, P5 and P6, comments anywhere in the header, and P7 of one to four channels; maxval 1 to
 * 65535; the first picture of the file. Samples are scaled to 0..255. */
MUST_CHECK Decode pnm_decode;
bool pnm_is(const unsigned char *bytes, size_t n);

/* What FFmpeg makes of a file, its first picture if it holds several. The file's name never reaches
 * FFmpeg: its bytes do, and the demuxer's name. */
MUST_CHECK Decode foreign_decode;
/* FFmpeg takes QOI that is cut short. */
MUST_CHECK Decode qoi_decode;

/* As exif_orientation, of files that FFmpeg decodes. */
int webp_orientation(const unsigned char *bytes, size_t n);
int tiff_orientation(const unsigned char *bytes, size_t n);
int heif_orientation(const unsigned char *bytes, size_t n);

/* The orientation that a block of EXIF tells, 1 to 8, or 0: none, or a bad one. The block begins
 * with a TIFF header; exif_marked takes what JPEG has in front of that, too. */
int exif_orientation(const unsigned char *bytes, size_t n);
int exif_marked(const unsigned char *bytes, size_t n);

#endif
