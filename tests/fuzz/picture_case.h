/* What every codec's target does with its bytes: decode them in each way, and see that a picture
 * comes out, or a message of one line. */
#ifndef PICTURE_CASE_H
#define PICTURE_CASE_H

#include "media/picture/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static inline void check(bool good) {
    if (!good) abort();
}

/* Every sample is read, so that a sanitizer sees what was not written, or is not there. */
static inline unsigned touch(const Picture *p) {
    unsigned sum = 0;
    for (size_t i = 0; i < p->height * p->width * (size_t)p->channels; i++) sum += p->pixels[i];
    return sum;
}

static inline void decode_all(const uint8_t *bytes, size_t n) {
    static const DecodeHint hints[] = {
        {0}, {2, 3, false, 0}, {1, 1, true, 0}, {0, 0, false, 8}, {0, 0, false, 16}};
    static unsigned volatile sum;
    const Codec *c = codec_of(bytes, n);
    if (c && c->demuxer) return; /* another program's matter */
    Picture p = {0};
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        Error err = {""};
        if (picture_decode(bytes, n, &hints[i], &p, &err)) {
            check(err.text[0] && !strchr(err.text, '\n'));
            continue;
        }
        check(p.height && p.width && p.channels >= 1 && p.channels <= 4);
        check(!hints[i].index || p.channels == hints[i].index / 8);
        sum += touch(&p);
        check(!picture_convert(&p, i & 1, (Alpha)(n % 3), &err));
        sum += touch(&p);
    }
    picture_free(&p);
}

#endif
