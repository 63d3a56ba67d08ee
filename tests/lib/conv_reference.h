/* conv_reference.h: the definition of convolution, written as plainly as it can be: loops in double
 * precision that the fast kernels are tested against. */
#ifndef CONV_REFERENCE_H
#define CONV_REFERENCE_H

#include "tensor/conv/conv_patches.h"

/* Whether input i and output o meet at tap t, in dimension d: fills in the one that is missing. */
static bool meet(const ConvFull *f, int d, size_t o, size_t t, size_t *i) {
    t *= f->dilation[d];
    *i = o * f->stride[d] + t - f->pad[d];
    return o * f->stride[d] + t >= f->pad[d] && *i < f->in[d];
}

static bool meet_back(const ConvFull *f, int d, size_t i, size_t t, size_t *o) {
    t *= f->dilation[d];
    *o = (i + f->pad[d] - t) / f->stride[d];
    return i + f->pad[d] >= t && (i + f->pad[d] - t) % f->stride[d] == 0 && *o < f->out[d];
}

typedef bool Meet(const ConvFull *f, int d, size_t at, size_t t, size_t *other);

/* The same for whole pixels, numbered through all images. */
static bool pair(const ConvFull *f, Meet *dimension, const size_t from[3], const size_t to[3],
                 size_t p, size_t t, size_t *pixel) {
    size_t other[3];
    for (int d = 2; d >= 0; d--) {
        if (!dimension(f, d, p % from[d], t % f->kernel[d], &other[d])) return false;
        p /= from[d], t /= f->kernel[d];
    }
    *pixel = ((p * to[0] + other[0]) * to[1] + other[1]) * to[2] + other[2];
    return true;
}

static bool reads(const ConvFull *f, size_t output, size_t t, size_t *input) {
    return pair(f, meet, f->out, f->in, output, t, input);
}

static bool read_by(const ConvFull *f, size_t input, size_t t, size_t *output) {
    return pair(f, meet_back, f->in, f->out, input, t, output);
}

static size_t pixels(const ConvFull *f, const size_t extent[3]) {
    return f->n * extent[0] * extent[1] * extent[2];
}

static size_t groups_of(const ConvShape *s) { return s->groups ? s->groups : 1; }

/* Forward, from x to y, or back, from dy to dx. */
static void apply(const ConvShape *s, bool back, const float *from, const float *w, float *to) {
    const ConvFull full = conv_full(s), *f = &full;
    size_t groups = groups_of(s), in = f->cin / groups, out = f->cout / groups;
    size_t count = pixels(f, back ? f->in : f->out), q;
    size_t nc = back ? out : in, nk = back ? f->cin : f->cout, kk = back ? in : out;
    for (size_t p = 0; p < count; p++)
        for (size_t k = 0; k < nk; k++) {
            double sum = 0;
            for (size_t t = 0; t < f->taps; t++) {
                if (!(back ? read_by : reads)(f, p, t, &q)) continue;
                const float *tap = w + t * in * f->cout;
                const float *at = from + (q * groups + k / kk) * nc;
                for (size_t c = 0; c < nc; c++)
                    sum += (double)at[c] *
                           tap[back ? k % in * f->cout + k / in * out + c : c * f->cout + k];
            }
            to[p * nk + k] = (float)sum;
        }
}

static void conv_forward_reference(const ConvShape *s, const float *x, const float *w, float *y) {
    apply(s, false, x, w, y);
}

static void conv_data_reference(const ConvShape *s, const float *dy, const float *w, float *dx) {
    apply(s, true, dy, w, dx);
}

static void conv_weight_reference(const ConvShape *s, const float *x, const float *dy, float *dw) {
    ConvFull f = conv_full(s);
    size_t np = pixels(&f, f.out), in = f.cin / groups_of(s), out = f.cout / groups_of(s), i;
    for (size_t t = 0; t < f.taps; t++)
        for (size_t c = 0; c < in; c++)
            for (size_t k0 = 0; k0 < f.cout; k0 += 16) {
                double sum[16] = {0};
                size_t nk = f.cout - k0 < 16 ? f.cout - k0 : 16;
                for (size_t p = 0; p < np; p++) {
                    if (!reads(&f, p, t, &i)) continue;
                    for (size_t k = 0; k < nk; k++)
                        sum[k] += (double)x[i * f.cin + (k0 + k) / out * in + c] *
                                  dy[p * f.cout + k0 + k];
                }
                for (size_t k = 0; k < nk; k++) dw[(t * in + c) * f.cout + k0 + k] = (float)sum[k];
            }
}

#endif
