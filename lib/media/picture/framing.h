/* framing.h: what becomes of a picture on its way into a tensor: cut, resized, converted. */
#ifndef GAN_FRAMING_H
#define GAN_FRAMING_H

#include "media/picture/resize.h"

typedef struct {
    size_t height, width;           /* of what is made; 0: all are of one size and keep it */
    size_t crop_height, crop_width; /* cut this centre out first; 0: no */
    bool stretch;                   /* to the size, instead of cutting to its aspect ratio */
    bool pad;                       /* with zeros to its aspect ratio, instead of cutting */
    size_t then_height, then_width; /* cut this centre out last; 0: no */
    bool grey;
    Alpha alpha;
    ResizeFilter filter;
} Framing;

/* Channels of what is made. */
size_t framing_channels(const Framing *f);
/* What is made of `frame`, a part of a picture itself. An error when there is less than what is to
 * be cut out. */
MUST_CHECK int framing_cut(const Framing *f, Box frame, Scaling *out, Error *err);
/* The size of that with what is put around it. */
void framing_size(const Framing *f, const Scaling *s, size_t *height, size_t *width);
/* So many pixels of p->channels bytes each at out. */
MUST_CHECK int framing_resize(const Framing *f, Resizer *r, const Picture *p, const Scaling *s,
                              unsigned char *out, Error *err);

#endif
