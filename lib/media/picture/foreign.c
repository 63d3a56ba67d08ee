/* foreign.c: formats that others decode, through the program ffmpeg. */
#include "base/child.h"
#include "media/ffmpeg.h"
#include "media/picture/codec.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS_MAX = 120 }; /* a picture; it takes less than one */

int foreign_decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
                   Picture *out, Error *err) {
    enum { HEADER = 256, SAMPLE = 8 }; /* bytes at most, of a pixel: four channels of 16 bits */
    char pixels[24];
    snprintf(pixels, sizeof pixels, "%d", PICTURE_PIXELS_MAX);
    const char *const argv[] = {
        "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-threads", "1",
        "-noautorotate", /* newer ones turn some formats themselves */
        "-protocol_whitelist", "file", "-max_pixels", pixels, "-f", c->demuxer, "-i", FFMPEG_STDIN,
        "-frames:v", "1",
        /* colours of half resolution are filtered up, as other decoders do */
        "-sws_flags", "accurate_rnd+full_chroma_int", "-c:v", "pam", "-f", "image2pipe", "pipe:1",
        NULL};
    Child child;
    if (child_run(argv, bytes, n, (size_t)SAMPLE * PICTURE_PIXELS_MAX + HEADER, SECONDS_MAX, &child,
                  err))
        return fail_in(err, "%s", c->name);
    int bad = ffmpeg_judge(child.said, child.status, !child.n, "picture", err);
    if (bad) fail_in(err, "%s", c->name);
    if (!bad && !pnm_is(child.out, child.n))
        bad = fail(err, "%s: ffmpeg gives no picture", c->name);
    if (!bad && pnm_decode(c, child.out, child.n, hint, out, err))
        bad = fail_in(err, "%s: from ffmpeg", c->name);
    free(child.out);
    if (!bad && c->orientation) out->orientation = c->orientation(bytes, n);
    return bad;
}

int qoi_decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
               Picture *out, Error *err) {
    static const unsigned char end[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    if (n < sizeof end || memcmp(bytes + n - sizeof end, end, sizeof end))
        return fail(err, "QOI: cut short after %zu bytes", n);
    return foreign_decode(c, bytes, n, hint, out, err);
}
