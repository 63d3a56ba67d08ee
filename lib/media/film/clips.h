/* clips.h: films, or parts of them that a table lists, as a stream of clips: tensor `video` U8
 * [N,T,H,W,C], and `label` I64 [N] with the class names in metadata `gan.classes`, or the table's
 * tensors. */
#ifndef GAN_CLIPS_H
#define GAN_CLIPS_H

#include "media/film/film.h"
#include "media/sources/images.h"

typedef struct {
    Framing framing;
    double fps;            /* as of FilmWant */
    size_t length, stride; /* frames of a clip, each so many behind the one before */
    uint64_t step;         /* from the beginning of a clip to that of the next; 0: to its end */
    uint64_t count;        /* clips a film; 0: all there are, `step` apart */
    bool uniform;          /* those of `count` are spread evenly; otherwise drawn */
    double flip;           /* of so many, left and right change places: 0 to 1 */
    bool lengths;    /* tensor `length` I64 [N]: frames of a clip before the last comes again */
    bool drop_short; /* films shorter than a clip; otherwise their last frame is repeated */
    bool stabilise;  /* see steady.h; clips with a motion that is unsure are left out */
    uint64_t seed;
    uint64_t first;         /* number of the first file, on which its draws depend */
    const Classes *classes; /* label files by the folders that these are, or NULL */
    const Companion *table; /* whose rows, of parts of films, the files have been matched with: each
                             * is as a film of its own; or NULL */
    bool seconds;           /* parts are told in seconds, and there is fps; otherwise in frames */
    size_t per_frame;
} ClipsWant;

typedef struct {
    size_t skipped;  /* files that are no good */
    size_t rows;     /* of the table, that begin behind the end of their film */
    uint64_t clips;  /* written */
    uint64_t brief;  /* films left out because they are shorter than a clip */
    uint64_t unsure; /* clips left out, or that might have been drawn, for their motion */
} ClipsCount;

/* Cuts the films into clips and writes the stream, film by film, the clips of each in order. What
 * is no good is reported and passed over: of a film that turns out to be damaged no clip is
 * written, but where it has more than per_frame of them, those before the damage stay. No clip at
 * all is an error. Memory is that of two frames of the stream, and 64 MiB. */
MUST_CHECK int clips_write(const Paths *paths, const ClipsWant *want, const ImagesReport *report,
                           FILE *out, const char *name, ClipsCount *count, Error *err);

#endif
