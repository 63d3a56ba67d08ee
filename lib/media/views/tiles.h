/* tiles.h: the images of a stream, or the frames of its clips, as bytes. */
#ifndef GAN_TILES_H
#define GAN_TILES_H

#include "media/picture/picture.h"
#include "stream/stream.h"

/* How values become 0..255. U8 stays, other types are taken as -1..1; with `stretch` each tile's
 * own least and largest value become 0 and 255. NaN becomes 0, the infinite what the largest and
 * least do. */
typedef struct {
    const char *name; /* of the tensor; NULL: `image`, `video`, or the first that could be images */
    bool clips;       /* `video` comes before `image` there */
    bool stretch;
    size_t count;   /* at most so many tiles */
    size_t columns; /* 0: a video's frames, or the least that makes the sheet at least as wide as
                     * high */
    size_t gap;     /* pixels between tiles and around them */
    size_t scale;   /* each value becomes a square of so many pixels */
} SheetWant;

/* All of one shape. */
typedef struct {
    const SheetWant *want;
    size_t height, width, channels; /* of a sample */
    int tile_channels;
    size_t tiles_each; /* tiles a sample: 1, or one for each channel */
    size_t length;     /* frames of a video, when samples are such; else 0 */
    char name[1025];
    float *values; /* one sample */
    const char *path;
    Reader *reader;
    Frame frame;   /* the one being read */
    Tensor images; /* its images */
} Tiles;

/* path "-" is standard input. tiles_close must follow, also after a failure. */
MUST_CHECK int tiles_open(Tiles *s, const char *path, const SheetWant *want, Error *err);
void tiles_close(Tiles *s);
/* 1: *t are the next frame's images [N,H,W,C], those of clips one after the other; 0: there are no
 * more. */
MUST_CHECK int tiles_next(Tiles *s, const Tensor **t, Error *err);
/* Draws tile `part` of image i as bytes [height,width,tile_channels], without scaling. */
void tiles_draw(const Tiles *s, const Tensor *t, size_t i, size_t part, unsigned char *to);
/* Fails when a picture of tiles would be too large to be read again. */
MUST_CHECK int tiles_fit(size_t height, size_t width, Error *err);
/* Paints such bytes, magnified, into a picture with their corner at (top, left). */
void tiles_paint(const Tiles *s, const unsigned char *tile, Picture *out, size_t top, size_t left);

#endif
