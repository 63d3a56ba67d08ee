#include "measure/protocol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/picture/resize.h"

/* Ends with a NULL name. */
static const Protocol protocols[] = {
    {"page", RESAMPLE_NONE, 0, 0, 0, 0, 0,
     "the network's own size, bytes to the range of its data, floats as they are"},
    {"tf", RESAMPLE_CORNER, 0, 0, 1.0 / 128, -1, 0,
     "TensorFlow 1's bilinear resizing, (v-128)/128: TTUR, torch-fidelity, StyleGAN"},
    {"torch", RESAMPLE_CENTRE, 0, 0, 2.0 / 255, -1, 0,
     "PyTorch's bilinear resizing, 2v/255-1: pytorch-fid"},
    {"clean", RESAMPLE_BICUBIC, 0, 0, 1.0 / 128, -1, 0,
     "Pillow's bicubic resizing with antialiasing, unrounded, (v-128)/128: clean-fid"},
    {"fvd", RESAMPLE_CENTRE, 0, 0, 2.0 / 255, -1, 1,
     "videos: the first frames, PyTorch's bilinear resizing, 2v/255-1: StyleGAN-V"},
    {"fvd-s8", RESAMPLE_CENTRE, 0, 0, 2.0 / 255, -1, 8, "the same of every eighth frame"},
    {"c3d", RESAMPLE_BICUBIC, 128, 128, 1, 0, 1,
     "videos: the first frames, bicubic to 128x128, the centre cut out, bytes as they are: TGAN"},
    {0},
};

const Protocol *protocol_find(const char *name) {
    for (const Protocol *p = protocols; p->name; p++)
        if (!strcmp(p->name, name)) return p;
    return NULL;
}

/* ---- one axis ---- */

/* Two neighbours of a place between pixels; the last pixel has none. */
static void between(Sampling *s, size_t i, float place) {
    size_t low = (size_t)place;
    if (low > s->in - 1) low = s->in - 1;
    double part = low == s->in - 1 ? 0 : (double)(place - (float)low);
    if (s->taps == 2 && low == s->in - 1) low--, part = 1;
    s->first[i] = low;
    s->weight[i * s->taps] = 1 - part;
    if (s->taps == 2) s->weight[i * s->taps + 1] = part;
}

static void cubic(Sampling *s, size_t i, double scale) {
    double shrink = scale > 1 ? scale : 1, centre = ((double)i + 0.5) * scale, sum = 0;
    double support = filter_support(FILTER_BICUBIC) * shrink;
    double low = floor(centre - support + 0.5), high = floor(centre + support + 0.5);
    size_t from = low > 0 ? (size_t)low : 0, to = high < (double)s->in ? (size_t)high : s->in;
    if (from + s->taps > s->in) from = s->in - s->taps;
    if (to > from + s->taps) to = from + s->taps;
    double *w = s->weight + i * s->taps;
    s->first[i] = from;
    for (size_t k = from; k < to; k++)
        sum += w[k - from] = filter_at(FILTER_BICUBIC, ((double)k + 0.5 - centre) / shrink);
    for (size_t k = from; k < to; k++) w[k - from] /= sum;
}

static void sampling_free(Sampling *s) {
    free(s->first);
    free(s->weight);
    *s = (Sampling){0};
}

static int sampling_make(Sampling *s, Resample how, size_t in, size_t out, Error *err) {
    double scale = (double)in / (double)out;
    size_t taps = how == RESAMPLE_NONE ? 1 : 2, count;
    if (how == RESAMPLE_BICUBIC) taps = (size_t)ceil(4 * (scale > 1 ? scale : 1)) + 1;
    if (taps > in) taps = in;
    sampling_free(s);
    *s = (Sampling){.in = in, .out = out, .taps = taps};
    if (!size_mul(out, taps, &count)) return fail(err, "resizing %zu to %zu is too much", in, out);
    s->first = calloc(out, sizeof *s->first);
    s->weight = calloc(count, sizeof *s->weight);
    if (!s->first || !s->weight) {
        sampling_free(s);
        return fail(err, "out of memory resizing %zu to %zu", in, out);
    }
    for (size_t i = 0; i < out; i++) {
        float step = (float)in / (float)out; /* places are float32 in both originals */
        if (how == RESAMPLE_NONE) between(s, i, (float)i);
        if (how == RESAMPLE_CORNER) between(s, i, (float)i * step);
        if (how == RESAMPLE_CENTRE) between(s, i, fmaxf(step * ((float)i + 0.5F) - 0.5F, 0));
        if (how == RESAMPLE_BICUBIC) cubic(s, i, scale);
    }
    return 0;
}

/* ---- pictures ---- */

static bool same_shape(PictureShape a, PictureShape b) {
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

static int check_shapes(const Scaler *s, Error *err) {
    PictureShape in = s->in, out = s->out;
    const char *name = s->protocol->name;
    bool page = s->protocol->resample == RESAMPLE_NONE;
    if (!in.height || !in.width) return fail(err, "the pictures are empty");
    if (page && !same_shape(in, out))
        return fail(err,
                    "pictures are %zux%zux%zu, the network wants %zux%zux%zu: name a protocol "
                    "that resizes, such as :tf",
                    in.height, in.width, in.channels, out.height, out.width, out.channels);
    if (in.channels != out.channels && in.channels != 1)
        return fail(err, "pictures have %zu channels, the network wants %zu", in.channels,
                    out.channels);
    if (s->protocol->height && (s->protocol->height < out.height || s->protocol->width < out.width))
        return fail(err, "protocol %s resizes to %zux%zu, less than the network's %zux%zu", name,
                    s->protocol->height, s->protocol->width, out.height, out.width);
    return 0;
}

int scaler_prepare(Scaler *s, const Protocol *p, PictureShape in, PictureShape out, double low,
                   double high, Error *err) {
    if (s->protocol == p && same_shape(s->in, in) && same_shape(s->out, out)) return 0;
    s->protocol = NULL; /* until all is well */
    Scaler next = {.protocol = p, .in = in, .out = out, .scale = p->scale, .shift = p->shift};
    size_t height = p->height ? p->height : out.height, width = p->width ? p->width : out.width;
    if (check_shapes(&next, err)) return -1;
    if (p->scale == 0) next.scale = (high - low) / 255, next.shift = low;
    next.top = (height - out.height) / 2, next.left = (width - out.width) / 2;
    next.rows = s->rows, next.columns = s->columns;
    *s = next;
    s->protocol = NULL;
    if (sampling_make(&s->rows, p->resample, in.height, height, err) ||
        sampling_make(&s->columns, p->resample, in.width, width, err))
        return -1;
    s->protocol = p;
    return 0;
}

void scaler_free(Scaler *s) {
    sampling_free(&s->rows);
    sampling_free(&s->columns);
    *s = (Scaler){0};
}

size_t scaler_scratch(const Scaler *s) { return s->in.height * s->out.width * s->in.channels; }

/* Along rows first, as Pillow does. */
static void across(const Scaler *s, const unsigned char *from, float *to) {
    size_t c = s->in.channels, taps = s->columns.taps;
    for (size_t y = 0; y < s->in.height; y++, from += s->in.width * c)
        for (size_t x = 0; x < s->out.width; x++) {
            const unsigned char *p = from + s->columns.first[x + s->left] * c;
            const double *w = s->columns.weight + (x + s->left) * taps;
            for (size_t k = 0; k < c; k++) {
                double sum = 0;
                for (size_t t = 0; t < taps; t++) sum += w[t] * p[t * c + k];
                *to++ = (float)sum;
            }
        }
}

void scaler_run(const Scaler *s, const unsigned char *from, float *to, float *scratch) {
    size_t c = s->in.channels, line = s->out.width * c, taps = s->rows.taps;
    size_t copies = s->out.channels / c;
    across(s, from, scratch);
    for (size_t y = 0; y < s->out.height; y++) {
        const float *p = scratch + s->rows.first[y + s->top] * line;
        const double *w = s->rows.weight + (y + s->top) * taps;
        for (size_t x = 0; x < line; x++) {
            double sum = 0;
            for (size_t t = 0; t < taps; t++) sum += w[t] * (double)p[t * line + x];
            for (size_t k = 0; k < copies; k++) *to++ = (float)(sum * s->scale + s->shift);
        }
    }
}
