/* made.h: data made up on the spot: toy distributions of points, coloured shapes, digits, solids,
 * shapes of known factors, clips of one that moves, tags with features. Sample i of a seed is the
 * same whatever is made beside it, however it is split into frames. */
#ifndef GAN_MADE_H
#define GAN_MADE_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    uint64_t count, seed;
    size_t size; /* side of the images and volumes; numbers of a word vector */
    size_t per_frame;
    size_t palettes; /* shapes: parts of the hues, each with classes of its own */
    size_t modes;    /* ring: Gaussians on it; grid: Gaussians a side */
    double radius;   /* ring */
    double spacing;  /* grid: between neighbours */
    double sigma;    /* deviation of each Gaussian, of the features about their topic's centre,
                      * of the noise on digits (1 is white) */
    double rotate;   /* digits: at most, radians */
    double zoom;     /* digits: size 1 +- zoom */
    double move;     /* digits: at most, 28ths of the side, along each axis */
    size_t words, topics, tags; /* tags: in the vocabulary, topics, tags a topic */
    size_t features;            /* numbers of a feature vector */
    size_t frames, directions;  /* clips: of each; into which shapes move, 1 to 4 */
} MadeWant;

typedef struct MadeKind {
    const char *name;
    const char *help;
    MadeWant usual; /* defaults; what is 0 means nothing, */
    bool noise;     /* but sigma, here */
} MadeKind;
/* All kinds; ends with a NULL name. */
extern const MadeKind made_kinds[];

/* Whether numbers are in range; the message does not name the kind. */
MUST_CHECK int made_check(const MadeKind *kind, const MadeWant *want, Error *err);
/* `ring` and `grid`: `point` F32 [N,2]; `shapes`: `image` U8 [N,S,S,3]; `digits`: `image` U8
 * [N,S,S,1]; `solids`: `voxels` U8 [N,S,S,S,1]; `sprites`: `image` U8 [N,S,S,1] and `factor` I64
 * [N,5], whose values count from 0: shape (3), scale (6), orientation (40), x and y (32);
 * `movers` (of one channel), `hues`, `scenes` and `curves`: `video` U8 [N,T,S,S,C], `path` F32
 * [N,T,2] and `factor` F32 [N,5], see movers.h; `tags`:
 * `word` F32 [N,size] and `feature` F32 [N,features]; each with `label` I64 [N]. `vocabulary` is
 * one frame: all words of the same seed's tags, `word` F32 [words,size] with names in the metadata
 * `gan.words`, and `truth` I64 [topics,tags], each topic's words. */
MUST_CHECK int made_write(const MadeKind *kind, const MadeWant *want, FILE *out, const char *name,
                          Error *err);

#endif
