/* maps.h: pictures that are maps of labels, as numbers or in the colours of a palette, made tensors
 * of labels with the palette's names, and drawn in colours again. */
#ifndef GAN_MAPS_H
#define GAN_MAPS_H

#include "base/base.h"

#include <stdio.h>

enum { MAPS_LABELS = 256, MAPS_NUMBERS = 65536 }; /* of a palette; of maps */

typedef struct {
    const char *tensor;  /* of the maps */
    const char *palette; /* a file with a line "R G B" or "R G B NAME" for each colour, or NULL */
    size_t labels;       /* they are below it; 0: as the palette has them, or any */
    bool other[MAPS_NUMBERS]; /* numbers that are no label: they become `labels` */
    bool draw;                /* from labels to colours */
} MapsWant;

/* Writes the stream at path with the tensor, U8 or U16 [N,H,W,1] of numbers or U8 [N,H,W,3] of
 * colours, as `segment` of its type [N,H,W]; or to draw, whole numbers [N,H,W] as `image` U8
 * [N,H,W,3], in which the number of labels is black. What is no label is an error that names its
 * place. Other tensors stay. */
MUST_CHECK int maps_write(const char *path, const MapsWant *want, FILE *out, const char *name,
                          Error *err);

#endif
