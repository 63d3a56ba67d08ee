/* convert.c: from what a file holds to what is wanted: colours, transparency, upright. */
#include "media/picture/picture.h"

#include <stdlib.h>
#include <string.h>

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

/* Where the pixels of an upright picture lie: for each orientation, whether its rows are columns of
 * what is stored, counted from the bottom, and from the right. */
static const struct {
    bool across, bottom, right;
} lies[9] = {
    [2] = {false, false, true}, [3] = {false, true, true}, [4] = {false, true, false},
    [5] = {true, false, false}, [6] = {true, true, false}, [7] = {true, true, true},
    [8] = {true, false, true},
};

int picture_turn(Picture *p, Error *err) {
    if (p->orientation <= 1 || p->orientation > 8) return 0;
    bool across = lies[p->orientation].across, bottom = lies[p->orientation].bottom,
         right = lies[p->orientation].right;
    size_t channels = (size_t)p->channels, line = p->width * channels;
    Picture out = {0};
    if (picture_shape(&out, across ? p->width : p->height, across ? p->height : p->width,
                      p->channels, err))
        return -1;
    const unsigned char *start =
        p->pixels + (bottom ? (p->height - 1) * line : 0) + (right ? line - channels : 0);
    ptrdiff_t down = bottom ? -(ptrdiff_t)line : (ptrdiff_t)line;
    ptrdiff_t aside = right ? -(ptrdiff_t)channels : (ptrdiff_t)channels;
    ptrdiff_t step_y = across ? aside : down, step_x = across ? down : aside;
    unsigned char *to = out.pixels;
    for (size_t y = 0; y < out.height; y++)
        for (size_t x = 0; x < out.width; x++, to += channels)
            memcpy(to, start + (ptrdiff_t)y * step_y + (ptrdiff_t)x * step_x, channels);
    picture_free(p);
    *p = out;
    return 0;
}
