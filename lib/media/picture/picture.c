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

/* ---- what magic numbers leave open ---- */

static bool webp_is(const unsigned char *bytes, size_t n) {
    return n > 11 && !memcmp(bytes + 8, "WEBP", 4);
}
static bool bmp_is(const unsigned char *bytes, size_t n) {
    return n > 18 && !bytes[15] && !bytes[16] && !bytes[17]; /* a short second header */
}
static bool pbm_is(const unsigned char *bytes, size_t n) {
    return n > 2 && (bytes[1] == '1' || bytes[1] == '4') && memchr(" \t\n\r#", bytes[2], 5);
}
static bool sgi_is(const unsigned char *bytes, size_t n) {
    return n > 3 && bytes[2] <= 1 && (bytes[3] == 1 || bytes[3] == 2);
}

/* ---- the codecs ---- */

static const Codec codecs[] = {
    {"PNG", 0, "\x89PNG\r\n\x1a\n", 8, NULL, true, png_decode, NULL, NULL},
    {"JPEG", 0, "\xff\xd8\xff", 3, NULL, false, jpeg_decode, NULL, NULL},
    {"PNM", 0, "P", 1, pnm_is, true, pnm_decode, NULL, NULL},
    {"PBM", 0, "P", 1, pbm_is, false, foreign_decode, "pbm_pipe", NULL},
    {"WebP", 0, "RIFF", 4, webp_is, false, foreign_decode, "webp_pipe", webp_orientation},
    {"TIFF", 0, "II*\0", 4, NULL, false, foreign_decode, "tiff_pipe", tiff_orientation},
    {"TIFF", 0, "MM\0*", 4, NULL, false, foreign_decode, "tiff_pipe", tiff_orientation},
    {"GIF", 0, "GIF8", 4, NULL, false, foreign_decode, "gif", NULL},
    {"BMP", 0, "BM", 2, bmp_is, false, foreign_decode, "bmp_pipe", NULL},
    {"AVIF or HEIF", 4, "ftyp", 4, kind_is_heif, false, foreign_decode, "mov", heif_orientation},
    {"JPEG XL", 0, "\xff\x0a", 2, NULL, false, foreign_decode, "jpegxl_pipe", NULL},
    {"JPEG XL", 0, "\0\0\0\x0cJXL \r\n\x87\n", 12, NULL, false, foreign_decode, "jpegxl_pipe",
     NULL},
    {"JPEG 2000", 0, "\0\0\0\x0cjP  \r\n\x87\n", 12, NULL, false, foreign_decode, "j2k_pipe", NULL},
    {"JPEG 2000", 0, "\xff\x4f\xff\x51", 4, NULL, false, foreign_decode, "j2k_pipe", NULL},
    {"PSD", 0, "8BPS", 4, NULL, false, foreign_decode, "psd_pipe", NULL},
    {"DDS", 0, "DDS ", 4, NULL, false, foreign_decode, "dds_pipe", NULL},
    {"QOI", 0, "qoif", 4, NULL, false, qoi_decode, "qoi_pipe", NULL},
    {"SGI", 0, "\x01\xda", 2, sgi_is, false, foreign_decode, "sgi_pipe", NULL},
};
enum { CODEC_COUNT = sizeof codecs / sizeof *codecs };

/* The codec of a file, or NULL. */
const Codec *codec_of(const unsigned char *bytes, size_t n) {
    for (const Codec *c = codecs; c < codecs + CODEC_COUNT; c++)
        if (n >= c->at + c->length && !memcmp(bytes + c->at, c->magic, c->length) &&
            (!c->is || c->is(bytes, n)))
            return c;
    return NULL;
}

int picture_expect(const unsigned char *bytes, size_t n, Error *err) {
    static const char wanted[] = "a picture";
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
