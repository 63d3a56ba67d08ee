#include "media/views/tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const Tensor *choose(const Frame *f, const SheetWant *want, Error *err) {
    static const char *const names[2][2] = {{"image", "video"}, {"video", "image"}};
    if (want->name) {
        const Tensor *t = frame_find(f, want->name);
        if (!t) fail(err, "no tensor %s", want->name);
        return t;
    }
    for (int k = 0; k < 2; k++) {
        const Tensor *t = frame_find(f, names[want->clips][k]);
        if (t) return t;
    }
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < f->tensor_count; i++)
            if (f->tensors[i].rank == (want->clips ? 5 - k : 4 + k)) return &f->tensors[i];
    fail(err, "no tensor image, and none other of shape [N,H,W,C]");
    return NULL;
}

static int tiles_start(Tiles *s, const Tensor *t, Error *err) {
    char text[200];
    if ((t->rank != 3 && t->rank != 4) || !t->shape[1] || !t->shape[2])
        return fail(err, "tensor %s is %s, expected [N,H,W,C] or [N,T,H,W,C]", t->name,
                    shape_text(t->rank, t->shape, text, sizeof text));
    s->height = t->shape[1];
    s->width = t->shape[2];
    s->channels = t->rank == 4 ? t->shape[3] : 1;
    bool whole = s->channels == 1 || s->channels == 3 || s->channels == 4;
    if (!s->channels || (!whole && !s->want->stretch))
        return fail(err, "tensor %s is %s, expected 1, 3 or 4 channels%s", t->name,
                    shape_text(t->rank, t->shape, text, sizeof text),
                    s->want->clips ? "" : " (--normalise shows others one by one)");
    s->tile_channels = whole ? (int)s->channels : 1;
    s->tiles_each = whole ? 1 : s->channels;
    snprintf(s->name, sizeof s->name, "%s", t->name);
    size_t shape[] = {s->height, s->width, s->channels, sizeof *s->values}, bytes;
    if (s->height > PICTURE_SIDE_MAX || s->width > PICTURE_SIDE_MAX ||
        !size_product(shape, 4, &bytes) || bytes > (size_t)1 << 32)
        return fail(err, "tensor %s: images of %zux%zu are too large", t->name, s->width,
                    s->height);
    s->values = data_alloc(bytes, err);
    return s->values ? 0 : -1;
}

static int tiles_check(const Tiles *s, const Tensor *t, Error *err) {
    char text[200];
    if (!t || (t->rank != 3 && t->rank != 4) || t->shape[1] != s->height ||
        t->shape[2] != s->width || (t->rank == 4 ? t->shape[3] : 1) != s->channels)
        return fail(err, "tensor %s is %s, expected [N,%zu,%zu,%zu] as before", s->name,
                    t ? shape_text(t->rank, t->shape, text, sizeof text) : "missing", s->height,
                    s->width, s->channels);
    return 0;
}

static unsigned char byte_of(float v, float low, float high) {
    float x = (v - low) / (high - low) * 255 + 0.5f;
    return (unsigned char)(x >= 255 ? 255 : x > 0 ? x : 0); /* NaN fails both */
}

void tiles_draw(const Tiles *s, const Tensor *t, size_t i, size_t part, unsigned char *to) {
    size_t n = s->height * s->width, c = s->channels, count = n * c;
    if (t->dtype == DT_U8 && !s->want->stretch) {
        memcpy(to, (const unsigned char *)t->data + i * count, count);
        return;
    }
    if (!part) tensor_to_float(t, i * count, count, s->values);
    size_t step = s->tiles_each > 1 ? c : 1, last = s->tiles_each > 1 ? n : count;
    const float *v = s->values + (s->tiles_each > 1 ? part : 0);
    float low = -1, high = 1;
    if (s->want->stretch) {
        low = INFINITY;
        high = -INFINITY;
        for (size_t k = 0; k < last; k++) {
            if (!isfinite(v[k * step])) continue;
            low = fminf(low, v[k * step]);
            high = fmaxf(high, v[k * step]);
        }
        if (!(high > low)) high = low + 1; /* a flat tile is black */
    }
    for (size_t k = 0; k < last; k++) to[k] = byte_of(v[k * step], low, high);
}

int tiles_fit(size_t height, size_t width, Error *err) {
    if (height <= PICTURE_SIDE_MAX && width <= PICTURE_SIDE_MAX &&
        height * width <= PICTURE_PIXELS_MAX)
        return 0;
    return fail(err,
                "a picture of %zux%zu pixels is too large, at most %d are made (--scale, --gap or "
                "--count make it smaller)",
                width, height, PICTURE_PIXELS_MAX);
}

void tiles_paint(const Tiles *s, const unsigned char *tile, Picture *out, size_t top, size_t left) {
    size_t scale = s->want->scale, c = (size_t)s->tile_channels;
    for (size_t y = 0; y < s->height * scale; y++) {
        unsigned char *to = out->pixels + ((top + y) * out->width + left) * c;
        const unsigned char *from = tile + y / scale * s->width * c;
        for (size_t x = 0; x < s->width * scale; x++, to += c) memcpy(to, from + x / scale * c, c);
    }
}

/* The frames of videos [N,T,H,W,C] one after the other, as images. */
static const Tensor *images_of(Tiles *s, const Tensor *t) {
    if (!t || t->rank != 5) return t;
    s->images = *t;
    s->images.rank = 4;
    s->images.shape[0] *= s->images.shape[1];
    memmove(s->images.shape + 1, s->images.shape + 2, 3 * sizeof *s->images.shape);
    return &s->images;
}

/* Of a clip; 0 where tensors are single images. */
static size_t frames_of(const Tensor *t) { return t && t->rank == 5 ? t->shape[1] : 0; }

static int check_length(const Tiles *s, const Tensor *t, Error *err) {
    char text[200];
    size_t length = frames_of(t);
    if (!t || length == s->length) return 0;
    if (!s->length)
        return fail(err, "tensor %s is %s, expected single images as before", s->name,
                    shape_text(t->rank, t->shape, text, sizeof text));
    return fail(err, "tensor %s is %s, expected clips of %zu frames as before", s->name,
                shape_text(t->rank, t->shape, text, sizeof text), s->length);
}

int tiles_next(Tiles *s, const Tensor **t, Error *err) {
    Frame *f = &s->frame;
    int more;
    do more = reader_next(s->reader, f, err);
    while (more > 0 && !f->tensor_count);
    if (more <= 0) return more;
    if (s->values) {
        const Tensor *next = frame_find(f, s->name);
        *t = images_of(s, next);
        return check_length(s, next, err) || tiles_check(s, *t, err)
                   ? reader_fail_in(s->reader, err)
                   : 1;
    }
    *t = choose(f, s->want, err);
    if (*t && (*t)->rank == 5 && !(*t)->shape[1]) {
        fail(err, "clips of tensor %s have no frames", (*t)->name);
        return reader_fail_in(s->reader, err);
    }
    s->length = frames_of(*t);
    *t = images_of(s, *t);
    return *t && !tiles_start(s, *t, err) ? 1 : reader_fail_in(s->reader, err);
}

int tiles_open(Tiles *s, const char *path, const SheetWant *want, Error *err) {
    *s = (Tiles){.want = want, .path = input_name(path)};
    s->reader = reader_open(path, err);
    return s->reader ? 0 : -1;
}

void tiles_close(Tiles *s) {
    reader_close(s->reader);
    frame_free(&s->frame);
    free(s->values);
}
