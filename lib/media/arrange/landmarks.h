/* landmarks.h: points of faces drawn as pictures: lines of one colour for each part of a face. */
#ifndef GAN_LANDMARKS_H
#define GAN_LANDMARKS_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    const char *tensor;   /* of the points */
    size_t height, width; /* of the drawings */
    size_t of_height,
        of_width; /* of the pictures that the points are of, of which the largest
                   * centred part of the drawings' ratio was taken; 0: the drawings' */
    double line;  /* how wide lines are, in pixels of the drawings */
} LandmarksWant;

/* Writes the stream at path with the tensor, numbers [N,68,2] or [N,136], x before y in pixels, in
 * the order of the 68 points of iBUG's 300-W, and as `landmarks` U8 [N,H,W,3] what they look like:
 * lines on black between the points of each part, soft at their edges by one pixel. The bytes are
 * the same on every machine. */
MUST_CHECK int landmarks_write(const char *path, const LandmarksWant *want, FILE *out,
                               const char *name, Error *err);

#endif
