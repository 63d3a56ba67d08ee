/* protocol.h: how a picture or a video becomes the input of a feature network. Figures of different
 * protocols are different figures, so each has a name, and a result carries it. */
#ifndef GAN_PROTOCOL_H
#define GAN_PROTOCOL_H

#include "base/base.h"

typedef enum {
    RESAMPLE_NONE,    /* sizes must agree */
    RESAMPLE_CORNER,  /* bilinear without a shift by half a pixel, as TensorFlow 1 does */
    RESAMPLE_CENTRE,  /* bilinear between centres of pixels, no antialiasing, as PyTorch does */
    RESAMPLE_BICUBIC, /* bicubic (a = -1/2) with antialiasing, as Pillow does, unrounded */
} Resample;

typedef struct {
    const char *name;
    Resample resample;
    size_t height, width; /* resized to, then the centre is cut out; 0: to the network's own size */
    double scale, shift; /* of bytes: v * scale + shift; scale 0: to the range of the page's data */
    size_t stride;       /* of a video the first frames, so far apart; 0: it must be as long as the
                          * network's */
    const char *help;
} Protocol;

/* NULL when there is none of that name. */
const Protocol *protocol_find(const char *name);

/* The weights of one axis: output i is the sum over k of weight[i*taps + k] * in[first[i] + k]. */
typedef struct {
    size_t in, out, taps;
    size_t *first;  /* [out] */
    double *weight; /* [out,taps] */
} Sampling;

typedef struct {
    size_t height, width, channels;
} PictureShape;

/* A protocol for pictures of one shape. Zero-initialise. */
typedef struct {
    const Protocol *protocol;
    PictureShape in, out;
    double scale, shift;
    Sampling rows, columns;
    size_t top, left; /* of the cut, in the resized picture */
} Scaler;
/* low, high: the range of the page's data. Pictures of one channel become as many equal ones as
 * the network takes. Does nothing when it is prepared for these shapes already. */
MUST_CHECK int scaler_prepare(Scaler *s, const Protocol *p, PictureShape in, PictureShape out,
                              double low, double high, Error *err);
void scaler_free(Scaler *s);
/* Numbers of scratch that scaler_run wants. */
size_t scaler_scratch(const Scaler *s);
/* from: bytes of s->in; to: floats of s->out. Sums are float64, results between the two passes and
 * after them float32. */
void scaler_run(const Scaler *s, const unsigned char *from, float *to, float *scratch);

#endif
