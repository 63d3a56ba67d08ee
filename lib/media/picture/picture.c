/* picture.c: the table of codecs. */
#include "media/picture/codec.h"

#include "base/kind.h"

#include <stdlib.h>
#include <string.h>

void picture_free(Picture *p) {
    free(p->pixels);
    *p = (Picture){0};
}

int picture_shape(Picture *p, size_t height, size_t width, int channels, Error *err) {
    if (!height || !width) return fail(err, "the picture is empty: %zux%zu", width, height);
    if (height > PICTURE_SIDE_MAX || width > PICTURE_SIDE_MAX ||
        height * width > PICTURE_PIXELS_MAX)
        return fail(err, "claims %zux%zu pixels, at most %d are accepted", width, height,
                    PICTURE_PIXELS_MAX);
    size_t bytes = height * width * (size_t)channels;
    if (bytes > p->capacity) {
        unsigned char *pixels = data_alloc(bytes, err);
        if (!pixels) return -1;
        free(p->pixels);
        p->pixels = pixels;
        p->capacity = bytes;
    }
    p->height = height;
    p->width = width;
    p->channels = channels;
    p->orientation = 1;
    return 0;
}

static const Codec codecs[] = {
    {"PNG", 0, "\x89PNG\r\n\x1a\n", 8, NULL, true, png_decode},
    {"JPEG", 0, "\xff\xd8\xff", 3, NULL, false, jpeg_decode},
    {"PNM", 0, "P", 1, pnm_is, true, pnm_decode},
};
enum { CODEC_COUNT = sizeof codecs / sizeof *codecs };

const Codec *codec_of(const unsigned char *bytes, size_t n) {
    for (const Codec *c = codecs; c < codecs + CODEC_COUNT; c++)
        if (n >= c->at + c->length && !memcmp(bytes + c->at, c->magic, c->length) &&
            (!c->is || c->is(bytes, n)))
            return c;
    return NULL;
}

int picture_expect(const unsigned char *bytes, size_t n, Error *err) {
    static const char wanted[] = "PNG, JPEG or PNM";
    if (codec_of(bytes, n)) return 0;
    if (kind_refuse(bytes, n, KIND_NO_TEXT, NULL, wanted, err)) return -1;
    return fail(err, "unknown content (starts %02x %02x), expected %s", bytes[0],
                n > 1 ? bytes[1] : 0, wanted);
}

int picture_decode(const unsigned char *bytes, size_t n, const DecodeHint *hint, Picture *out,
                   Error *err) {
    static const DecodeHint none;
    const Codec *c = codec_of(bytes, n);
    if (!hint) hint = &none;
    if (!c) return picture_expect(bytes, n, err);
    if (hint->index && !c->index)
        return fail(err, "%s does not keep indices, expected PNG or PNM", c->name);
    return c->decode(c, bytes, n, hint, out, err) ? -1 : picture_turn(out, err);
}
