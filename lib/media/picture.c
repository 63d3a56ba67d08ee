#include "media/picture.h"

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
    return 0;
}

int picture_decode(const unsigned char *bytes, size_t n, const DecodeHint *hint, Picture *out,
                   Error *err) {
    static const unsigned char png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const struct {
        const char *magic, *what;
    } known[] = {
        {"GIF8", "a GIF"},       {"BM", "a BMP"},           {"II*", "a TIFF"},
        {"MM", "a TIFF"},        {"%PDF", "a PDF"},         {"<?xml", "XML text"},
        {"<svg", "an SVG"},      {"<html", "an HTML page"}, {"<!DOC", "an HTML page"},
        {"PK\003\004", "a ZIP"}, {"\037\213", "gzip data"},
    };
    if (!n) return fail(err, "the file is empty");
    if (n >= 8 && !memcmp(bytes, png, 8)) return png_decode(bytes, n, out, err);
    if (n >= 3 && !memcmp(bytes, "\xff\xd8\xff", 3)) return jpeg_decode(bytes, n, hint, out, err);
    if (n >= 3 && bytes[0] == 'P' && strchr("2356", bytes[1] ? bytes[1] : 'x') &&
        strchr(" \t\r\n#", bytes[2] ? bytes[2] : 'x'))
        return pnm_decode(bytes, n, out, err);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n >= strlen(known[i].magic) && !memcmp(bytes, known[i].magic, strlen(known[i].magic)))
            return fail(err, "this is %s, expected PNG, JPEG or PNM", known[i].what);
    return fail(err, "unknown content (starts %02x %02x), expected PNG, JPEG or PNM", bytes[0],
                n > 1 ? bytes[1] : 0);
}

static unsigned char luma(const unsigned char *p) {
    return (unsigned char)((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 0x8000u) >> 16);
}

static unsigned char over_white(unsigned v, unsigned a) {
    return (unsigned char)((v * a + 255 * (255 - a) + 127) / 255);
}

int picture_convert(Picture *p, bool grey, Alpha alpha, Error *err) {
    int colours = grey ? 1 : 3, to = colours + (alpha == ALPHA_KEEP), from = p->channels;
    bool had_alpha = from == 2 || from == 4, had_grey = from <= 2;
    if (from == to) return 0;
    Picture out = {0};
    bool grows = to > from; /* a picture that shrinks is converted in place, front to back */
    if (grows && picture_shape(&out, p->height, p->width, to, err)) return -1;
    const unsigned char *s = p->pixels;
    unsigned char *d = grows ? out.pixels : p->pixels;
    for (size_t i = 0, n = p->height * p->width; i < n; i++, s += from, d += to) {
        unsigned char rgb[3] = {s[0], had_grey ? s[0] : s[1], had_grey ? s[0] : s[2]};
        unsigned char a = had_alpha ? s[from - 1] : 255;
        if (alpha == ALPHA_WHITE && a < 255)
            for (int c = 0; c < 3; c++) rgb[c] = over_white(rgb[c], a);
        if (grey)
            d[0] = had_grey ? rgb[0] : luma(rgb);
        else
            memcpy(d, rgb, 3);
        if (alpha == ALPHA_KEEP) d[colours] = a;
    }
    if (grows) {
        picture_free(p);
        *p = out;
    }
    p->channels = to;
    return 0;
}
