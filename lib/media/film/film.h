/* film.h: the frames of a film, one after the other. Whatever FFmpeg decodes is a film, with its
 * rotation and the shape of its pixels applied; and so is a picture that is a strip of square
 * frames, side by side or one below the other. Memory is that of a frame, or of the strip. */
#ifndef GAN_FILM_H
#define GAN_FILM_H

#include "base/child.h"
#include "media/picture/framing.h"
#include "media/sources/loader.h"

typedef struct {
    const Framing *framing; /* grey, alpha */
    double fps;             /* frames a second, of what FFmpeg decodes; 0: those that it holds */
} FilmWant;

/* Zero-initialise; release with film_free. One after the other may be opened. */
typedef struct {
    const FilmWant *want;
    Loader loader;
    Picture picture; /* the frame, or the strip */
    Process ffmpeg;
    bool running;
    size_t seen;        /* frames so far */
    size_t side, count; /* of a strip; count 0: it is none */
} Film;

/* Opens a file of the list. Messages of these functions do not name it. */
MUST_CHECK int film_open(Film *f, const FilePath *path, const FilmWant *want, Error *err);
/* 1: `frame` is the part of f->picture that the next frame is; 0: there is none; -1: an error, as
 * where the film is damaged. */
MUST_CHECK int film_next(Film *f, Box *frame, Error *err);
void film_close(Film *f);
void film_free(Film *f);

/* Starts FFmpeg on the file, with these filters behind those that every frame goes through: for
 * what else may be made of a film that film_open would read. A strip: 0, and nothing runs. */
MUST_CHECK int film_filter(Film *f, const FilePath *path, const FilmWant *want, const char *filters,
                           Error *err);

/* Parses the header of a picture as film_open has FFmpeg make them: height, width and channels. */
bool film_header(const char *text, size_t n, size_t shape[3]);

#endif
