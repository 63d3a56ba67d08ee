/* escape.c: foreign text made fit for a terminal and for one line. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

/* The bytes of the character at s when it is well-formed UTF-8, else 0. */
static size_t character(const unsigned char *s) {
    if (s[0] < 0x80) return 1;
    size_t n = s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    /* overlong forms, surrogates, and what is over U+10FFFF */
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0)) return 0;
    if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)) return 0;
    return n;
}

/* U+0080 to U+009F steer terminals as well; U+2028, U+2029 end lines; U+202A to U+202E and U+2066
 * to U+2069 turn the order of what follows. */
static bool steers(const unsigned char *s) {
    if (s[0] < 0x20 || s[0] == 0x7f) return true;
    if (s[0] == 0xc2) return s[1] < 0xa0;
    if (s[0] != 0xe2) return false;
    return (s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae) ||
           (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
}

/* What stands for one byte. */
static size_t escaped(unsigned char c, char out[5]) {
    static const char letters[] = "\nn\tt\rr";
    for (const char *l = letters; *l; l += 2)
        if (c == (unsigned char)*l) return (size_t)snprintf(out, 5, "\\%c", l[1]);
    return (size_t)snprintf(out, 5, "\\x%02x", c);
}

size_t text_escape(char *out, size_t size, const char *text) {
    static const char more[] = "...";
    const unsigned char *s = (const unsigned char *)text;
    size_t n = 0, room = size - sizeof more, cut = 0; /* cut: where `more` would stand */
    while (*s) {
        char piece[20];
        size_t bytes = character(s), length = 0;
        bool plain = bytes && !steers(s);
        if (!bytes) bytes = 1;
        if (plain) memcpy(piece, s, length = bytes);
        for (size_t i = 0; !plain && i < bytes; i++) length += escaped(s[i], piece + length);
        if (n + length >= size) {
            memcpy(out + cut, more, sizeof more);
            return cut + strlen(more);
        }
        memcpy(out + n, piece, length);
        n += length;
        s += bytes;
        if (n <= room) cut = n;
    }
    out[n] = 0;
    return n;
}
