/* movie.h: clips as films: those of a stream as tiles of one, or a film of each. FFmpeg encodes
 * them; the same clips and options give the same bytes. */
#ifndef GAN_MOVIE_H
#define GAN_MOVIE_H

#include "media/views/tiles.h"

typedef enum {
    MOVIE_MP4,    /* H.264 */
    MOVIE_WEBM,   /* VP9 */
    MOVIE_GIF,    /* of 256 colours of its own */
    MOVIE_APNG,   /* without loss */
    MOVIE_FRAMES, /* a PNG for each frame, in a folder */
    MOVIE_SHEET,  /* one PNG, a line of frames for each clip */
    MOVIE_FORMATS
} MovieFormat;
/* A frame of a GIF lasts whole hundredths of a second, and viewers take 1 for 10. */
enum { MOVIE_GIF_FPS = 50, MOVIE_GIF_SECONDS = 655 };
/* By its name, or, if that is NULL, by the ending of a path; MOVIE_FORMATS: unknown. */
MovieFormat movie_format(const char *name, const char *path);

typedef struct {
    SheetWant tiles; /* count: clips; columns 0: about a square; gap: between tiles only */
    MovieFormat format;
    double fps;
    bool each;  /* a film for each clip, in a folder */
    bool force; /* replace the films and frames that are in it, of whatever format */
} MovieWant;

/* Reads clips [N,T,H,W,C], C of 1, 3 or 4, from the stream at path ("-": standard input); pictures
 * [N,H,W,C] are the frames of one film. Writes the film to output (NULL or "-": standard output),
 * or dir/000000.mp4 and so on; frames are dir/000000.png, or dir/000000-000.png of each clip.
 * *count is how many clips there are. Memory holds the clips of a film of tiles, otherwise a frame.
 */
MUST_CHECK int movie_write(const char *path, const MovieWant *want, const char *output,
                           size_t *count, Error *err);

#endif
