/* foreign.c: formats that others decode, through the program ffmpeg. */
#define _GNU_SOURCE /* memmem */
#include "base/child.h"
#include "media/picture/codec.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { SECONDS_MAX = 120 }; /* a picture; it takes less than one */

/* What FFmpeg says of notes beside the picture is no reason to do without it. */
static bool harmless(const char *line, size_t n) {
    static const char *const notes[] = {"Exif", "EXIF", "ICC"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (memmem(line, n, notes[i], strlen(notes[i]))) return true;
    return false;
}

/* The first line it said that matters, without the part's name and address in front of it; NULL:
 * none. */
static const char *complaint(char *said) {
    for (char *line = said; *line;) {
        size_t n = strcspn(line, "\n");
        char *next = line + n + (line[n] != 0);
        line[n] = 0;
        if (n && !harmless(line, n)) {
            char *end = *line == '[' ? strstr(line, "] ") : NULL;
            return end ? end + 2 : line;
        }
        line = next;
    }
    return NULL;
}

static int judge(const Codec *c, Child *child, Error *err) {
    const char *why = complaint(child->said);
    if (why) return fail(err, "%s: ffmpeg: %.300s", c->name, why);
    if (WIFSIGNALED(child->status))
        return fail(err, "%s: ffmpeg was ended by signal %d", c->name, WTERMSIG(child->status));
    if (WEXITSTATUS(child->status) || !child->n)
        return fail(err, "%s: ffmpeg gives no picture (exit status %d)", c->name,
                    WEXITSTATUS(child->status));
    return 0;
}

int foreign_decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
                   Picture *out, Error *err) {
    enum { HEADER = 256, SAMPLE = 8 }; /* bytes at most, of a pixel: four channels of 16 bits */
    char pixels[24];
    snprintf(pixels, sizeof pixels, "%d", PICTURE_PIXELS_MAX);
    const char *const argv[] = {
        "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-threads", "1",
        "-noautorotate", /* newer ones turn some formats themselves */
        "-protocol_whitelist", "file", "-max_pixels", pixels, "-f", c->demuxer, "-i",
        "file:/dev/stdin", "-frames:v", "1",
        /* colours of half resolution are filtered up, as other decoders do */
        "-sws_flags", "accurate_rnd+full_chroma_int", "-c:v", "pam", "-f", "image2pipe", "pipe:1",
        NULL};
    Child child;
    if (child_run(argv, bytes, n, (size_t)SAMPLE * PICTURE_PIXELS_MAX + HEADER, SECONDS_MAX, &child,
                  err))
        return fail_in(err, "%s", c->name);
    int bad = judge(c, &child, err);
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
