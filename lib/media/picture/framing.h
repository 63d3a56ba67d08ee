/* framing.h: what becomes of a picture on its way into a tensor: cut, resized, converted. */
#ifndef GAN_FRAMING_H
#define GAN_FRAMING_H

#include "media/picture/resize.h"

typedef struct {
    size_t height, width;           /* of what is made; 0: all are of one size and keep it */
    size_t crop_height, crop_width; /* cut this centre out first; 0: no */
    bool stretch;                   /* to the size, instead of cutting to its aspect ratio */
    bool pad;                       /* with zeros to its aspect ratio, instead of cutting */
    bool grey;
    Alpha alpha;
    ResizeFilter filter;
} Framing;

/* Channels of what is made. */
size_t framing_channels(const Framing *f);
/* The part of `frame`, a part of a picture itself, that is resized to the size wanted. An error
 * when it is smaller than what is to be cut out. */
MUST_CHECK int framing_cut(const Framing *f, Box frame, Box *out, Error *err);
/* That part in the size wanted, height x width x p->channels bytes at out. */
MUST_CHECK int framing_resize(const Framing *f, Resizer *r, const Picture *p, Box box,
                              size_t height, size_t width, unsigned char *out, Error *err);

#endif
