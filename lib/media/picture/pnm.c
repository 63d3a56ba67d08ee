/* pnm.c: the Netpbm formats of grey and colour pictures, plain and raw, and PAM. */
#include "media/picture/codec.h"

#include <string.h>

typedef struct {
    const unsigned char *bytes;
    size_t n, at;
} Text;

static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(int c) { return c >= '0' && c <= '9'; }

/* White space, and comments from # to the end of the line. */
static void skip_space(Text *t) {
    for (bool comment = false; t->at < t->n; t->at++) {
        unsigned char c = t->bytes[t->at];
        if (comment)
            comment = c != '\n';
        else if (c == '#')
            comment = true;
        else if (!is_space(c))
            return;
    }
}

/* A decimal number up to max; -1 and a message otherwise. */
static long number(Text *t, long max, const char *what, Error *err) {
    skip_space(t);
    if (t->at >= t->n) return fail(err, "PNM: byte %zu: ends before %s", t->at, what);
    if (!is_digit(t->bytes[t->at]))
        return fail(err, "PNM: byte %zu: found 0x%02x, expected %s", t->at, t->bytes[t->at], what);
    long v = 0;
    for (; t->at < t->n && is_digit(t->bytes[t->at]); t->at++) {
        v = v * 10 + (t->bytes[t->at] - '0');
        if (v > max) return fail(err, "PNM: byte %zu: %s is larger than %ld", t->at, what, max);
    }
    return v;
}

/* Sample i of 0..max becomes one of 0..255; an index stays what it is, in one byte or two. */
static void store(Picture *out, size_t i, unsigned long v, unsigned long max, int index) {
    if (index == 16) {
        out->pixels[2 * i] = (unsigned char)(v & 255);
        out->pixels[2 * i + 1] = (unsigned char)(v >> 8);
    } else {
        out->pixels[i] = (unsigned char)(index || max == 255 ? v : (v * 255 + max / 2) / max);
    }
}

static int plain_samples(Text *t, Picture *out, size_t count, long max, int index, Error *err) {
    for (size_t i = 0; i < count; i++) {
        long v = number(t, max, "a sample", err);
        if (v < 0) return -1;
        store(out, i, (unsigned long)v, (unsigned long)max, index);
    }
    return 0;
}

static int raw_samples(const Text *t, Picture *out, size_t count, unsigned max, int index,
                       Error *err) {
    const unsigned char *p = t->bytes + t->at;
    for (size_t i = 0; i < count; i++) {
        unsigned v = max > 255 ? (unsigned)p[2 * i] << 8 | p[2 * i + 1] : p[i];
        if (v > max) return fail(err, "PNM: sample %zu is %u, maxval is %u", i, v, max);
        store(out, i, v, max, index);
    }
    return 0;
}

bool pnm_is(const unsigned char *bytes, size_t n) {
    return n > 2 && bytes[0] == 'P' && memchr("23567", bytes[1], 5) &&
           (is_space(bytes[2]) || bytes[2] == '#');
}

typedef struct {
    bool plain;
    long width, height, max;
    long channels;
} Header;

static bool word(Text *t, const char *w) {
    size_t n = strlen(w);
    if (t->n - t->at < n || memcmp(t->bytes + t->at, w, n)) return false;
    t->at += n;
    return true;
}

static int netpbm_header(Text *t, Header *h, Error *err) {
    h->plain = t->bytes[1] == '2' || t->bytes[1] == '3';
    h->channels = t->bytes[1] == '3' || t->bytes[1] == '6' ? 3 : 1;
    h->width = number(t, PICTURE_SIDE_MAX, "the width", err);
    h->height = h->width < 0 ? -1 : number(t, PICTURE_SIDE_MAX, "the height", err);
    h->max = h->height < 0 ? -1 : number(t, 65535, "maxval", err);
    return h->max < 0 ? -1 : 0;
}

/* Lines of a word and a number; the text that names the tuple's type follows from the depth. */
static int pam_header(Text *t, Header *h, Error *err) {
    const struct {
        const char *word;
        long *to, max;
    } lines[] = {{"WIDTH", &h->width, PICTURE_SIDE_MAX},
                 {"HEIGHT", &h->height, PICTURE_SIDE_MAX},
                 {"DEPTH", &h->channels, 4},
                 {"MAXVAL", &h->max, 65535}};
    enum { LINES = sizeof lines / sizeof *lines };
    for (;;) {
        size_t i = 0;
        skip_space(t);
        if (word(t, "ENDHDR")) break;
        while (i < LINES && !word(t, lines[i].word)) i++;
        if (i < LINES) {
            *lines[i].to = number(t, lines[i].max, lines[i].word, err);
            if (*lines[i].to < 0) return -1;
        } else if (word(t, "TUPLTYPE")) {
            while (t->at < t->n && t->bytes[t->at] != '\n') t->at++;
        } else {
            return fail(err, "PAM: byte %zu: expected WIDTH, HEIGHT, DEPTH, MAXVAL or ENDHDR",
                        t->at);
        }
    }
    return h->channels ? 0 : fail(err, "PAM: byte %zu: the depth is 0, or not told", t->at);
}

int pnm_decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
               Picture *out, Error *err) {
    (void)c;
    Text t = {bytes, n, 2};
    Header h = {0};
    bool pam = bytes[1] == '7';
    if (pam ? pam_header(&t, &h, err) : netpbm_header(&t, &h, err)) return -1;
    if (h.max == 0) return fail(err, "PNM: maxval is 0, expected 1 to 65535");
    if (t.at >= n || !is_space(bytes[t.at]))
        return fail(err, "PNM: byte %zu: expected white space after the header", t.at);
    if (hint->index && (h.channels > 1 || (h.max > 255 && hint->index == 8)))
        return fail(err, "PNM: %s, expected indices: grey of at most %s",
                    h.channels > 1 ? "colours" : "16-bit grey",
                    hint->index == 16 ? "16 bits" : "8 bits (or --index16)");
    t.at++;
    size_t count = (size_t)h.width * (size_t)h.height * (size_t)h.channels; /* below 2^43 */
    /* a plain sample is at least a digit and a space, but for the last */
    size_t need = h.plain ? (count ? 2 * count - 1 : 0) : count * (h.max > 255 ? 2 : 1);
    if (need > n - t.at)
        return fail(err, "PNM: %ldx%ld pixels need %zu bytes after the header, %zu found", h.width,
                    h.height, need, n - t.at);
    int channels = hint->index == 16 ? 2 : (int)h.channels;
    if (picture_shape(out, (size_t)h.height, (size_t)h.width, channels, err)) return -1;
    return h.plain ? plain_samples(&t, out, count, h.max, hint->index, err)
                   : raw_samples(&t, out, count, (unsigned)h.max, hint->index, err);
}
