/* pyramid.h: Laplacian pyramids (Burt and Adelson 1983): what each halving of a picture loses. */
#ifndef GAN_PYRAMID_H
#define GAN_PYRAMID_H

#include "base/base.h"

enum { PYRAMID_LEVELS_MAX = 32 };

typedef struct {
    size_t height, width, channels;
    double *x; /* [height,width,channels] */
} Plane;

/* Pictures of one shape. */
typedef struct {
    int levels;
    Plane level[PYRAMID_LEVELS_MAX]; /* each half the one before; odd sides are rounded up */
    double *scratch;
} Pyramid;

/* As many levels as have sides of at least `least`, of which the picture must have one. */
MUST_CHECK int pyramid_new(Pyramid *p, size_t height, size_t width, size_t channels, size_t least,
                           Error *err);
void pyramid_free(Pyramid *p);
/* Fills the levels from a picture: each the picture at that size less the next size enlarged, the
 * last the picture itself. Both change the size by the 5x5 binomial filter, pictures being mirrored
 * about their outermost pixels (Karras et al. 2018, section 5). */
void pyramid_fill(Pyramid *p, const double *picture);

#endif
