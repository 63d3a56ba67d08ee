/* carve.h: the volumes of a stream made solid: what is full decided by a threshold, loose pieces
 * left out, in a cube of another side. */
#ifndef GAN_CARVE_H
#define GAN_CARVE_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    const char *tensor;
    double threshold;    /* full is what is above it, bytes being divided by 255 */
    double radius;       /* keep the largest part (volume_component); 0: all */
    size_t side, margin; /* of the cube made (volume_fit); side 0: as they are */
    bool drop_empty;     /* samples whose volume is empty are left out */
} CarveWant;

/* Writes the stream at path with the tensor as U8 [N,D,H,W,1] of 0 and 255; other tensors stay. No
 * samples at all, or none left, are an error. */
MUST_CHECK int carve_write(const char *path, const CarveWant *want, FILE *out, const char *name,
                           Error *err);

#endif
