/* resize.h: cutting and resizing pictures with antialiasing. When a picture shrinks, the filter
 * widens with the factor, so that every source pixel counts (as Pillow does, and torchvision with
 * antialias). */
#ifndef GAN_RESIZE_H
#define GAN_RESIZE_H

#include "media/picture/picture.h"

/* FILTER_NEAREST takes one source pixel, as maps of class numbers need it. */
typedef enum {
    FILTER_NEAREST,
    FILTER_BOX,
    FILTER_TRIANGLE,
    FILTER_BICUBIC,
    FILTER_LANCZOS,
    FILTER_COUNT
} ResizeFilter;
/* "box", "triangle", ...; false for an unknown name. */
bool filter_named(const char *name, ResizeFilter *out);
/* The filter at x source pixels from its centre, and how far it reaches. Not of FILTER_NEAREST. */
double filter_at(ResizeFilter f, double x);
double filter_support(ResizeFilter f);

typedef struct {
    size_t y, x, height, width;
} Box;
/* The largest centred box of the aspect ratio height:width inside p. */
Box box_of_aspect(const Picture *p, size_t height, size_t width);
/* The centred box of that size, or as much of it as p holds. */
Box box_of_size(const Picture *p, size_t height, size_t width);

/* Weights of one axis: output i is the sum over k of weight[i*taps + k] * input[first[i] + k]. */
typedef struct {
    size_t in, out, taps;
    ResizeFilter filter;
    size_t *first; /* [out] */
    float *weight; /* [out, taps] */
} Axis;

/* Keeps the weights of the last sizes and a line of scratch. Zero-initialise; one a thread. */
typedef struct {
    Axis rows, columns;
    float *line;
    size_t line_size;
} Resizer;
void resizer_free(Resizer *r);

/* A part of a picture, the size that it is brought to, and the part of that which is kept. */
typedef struct {
    Box box;
    size_t height, width;
    Box kept;
} Scaling;
/* All of the box, of another size. */
Scaling scaling_of(Box box, size_t height, size_t width);
/* kept.height x kept.width x p->channels bytes at out. */
MUST_CHECK int picture_resize(Resizer *r, const Picture *p, const Scaling *s, ResizeFilter filter,
                              unsigned char *out, Error *err);

#endif
