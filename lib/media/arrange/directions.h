/* directions.h: directions of a space of latents, as gan-eval boundary finds them: their parts that
 * are orthogonal to others, and walks of latents along them (Shen, Gu, Tang and Zhou 2020). */
#ifndef GAN_DIRECTIONS_H
#define GAN_DIRECTIONS_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    const char *of; /* name in metadata gan.scores, or number, of a row of tensor `direction` */
    const char *on; /* of the conditions, with commas between */
} ProjectWant;

typedef struct {
    size_t conditions, rank; /* given; independent ones among them */
    double kept;             /* length of what is left of the unit direction */
} ProjectReport;

/* Writes one direction, of length 1, without its projection on the span of the conditions. None is
 * left, and names that are not there, are errors. */
MUST_CHECK int project_write(const char *path, const ProjectWant *want, FILE *out, const char *name,
                             ProjectReport *report, Error *err);

typedef struct {
    const char *directions,
        *along;         /* a stream of one frame; which of it, as above: NULL: the only one */
    const char *tensor; /* the latents: [N,d], or [N,L,d] of layers */
    double from, to;
    size_t steps;
    bool relative;  /* from where a latent is; else distances from the boundary's plane through 0 */
    bool normalise; /* latents are brought to length sqrt(d) */
    size_t first, last; /* layers that move */
} WalkWant;

/* Each sample becomes `steps` ones, whose latents lie `from` to `to` along the direction; a tensor
 * `distance` F32 [N] says where. Other tensors are repeated. */
MUST_CHECK int walk_write(const char *path, const WalkWant *want, FILE *out, const char *name,
                          Error *err);

#endif
