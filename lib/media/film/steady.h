/* steady.h: how a camera moved, to hold it still afterwards. FFmpeg's vidstabdetect finds where
 * fields of a frame were in the one before; the turn, zoom and shift that most of them agree on is
 * the camera's. */
#ifndef GAN_STEADY_H
#define GAN_STEADY_H

#include "media/film/film.h"

/* From a place z = x + iy of a frame, in pixels, to where that was before: turn * z + shift. */
typedef struct {
    double turn[2], shift[2];
    bool unsure; /* too few fields agree: a cut, say, or nothing to hold on to */
} Motion;

/* Zero-initialise; release with steady_free. */
typedef struct {
    Motion *frames; /* to the frame before each; the first's is none */
    size_t count, room;
    Str line; /* what has come of the next */
} Steady;
void steady_free(Steady *s);

/* What vidstabdetect writes, in pieces as they come. */
MUST_CHECK int steady_take(Steady *s, const char *bytes, size_t n, Error *err);
/* Watches the whole film; of strips nothing is known, and count is 0. */
MUST_CHECK int steady_watch(Steady *s, Film *film, const FilmWant *want, const FilePath *path,
                            Error *err);
/* Whether all motions between frame `first` and `last` are sure. */
bool steady_sure(const Steady *s, size_t first, size_t last);

/* How places of pictures that are shown belong to those of the film. */
typedef struct {
    Scaling scaling;
    size_t channels;
} View;
/* Draws frame `at`, of which `picture` is the view, as if it had been seen from where the camera
 * was in frame `first`. What it did not see there is as in `before`, the picture drawn last. */
void steady_draw(const Steady *s, size_t first, size_t at, const View *view,
                 const unsigned char *picture, const unsigned char *before, unsigned char *out);

#endif
