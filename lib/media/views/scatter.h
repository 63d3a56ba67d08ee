/* scatter.h: points of a plane, coloured by their labels. */
#ifndef GAN_SCATTER_H
#define GAN_SCATTER_H

#include "media/views/gnuplot.h"

typedef struct {
    const char *name;  /* of the tensor [N,2] or [N,D], of which the first two numbers are drawn */
    const char *label; /* integers [N] or [N,1], or [N,C] with the label at the largest */
    double dot;        /* diameter of a point, in pixels */
    GraphLook look;
} ScatterWant;

/* Appends to `script` what gnuplot draws of the points of the stream at path ("-": standard input):
 * both axes to one scale, and on the right a legend of the labels (by the names in metadata
 * gan.classes where they are there); without labels all points are of one colour. Memory holds the
 * points. */
MUST_CHECK int scatter_script(const char *path, const ScatterWant *want, Str *script, Error *err);

#endif
