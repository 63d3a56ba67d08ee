/* escape.c: foreign text made fit for a terminal and for one line. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

size_t utf8_next(const char *text, size_t n, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* of so many bytes */
    const unsigned char *s = (const unsigned char *)text;
    *code = s[0];
    if (s[0] < 0x80) return 1;
    size_t k = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc0 || s[0] >= 0xf8 || k > n) return 0;
    *code &= 0x7fu >> k;
    for (size_t i = 1; i < k; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | (s[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < least[k] || *code > 0x10ffff || surrogate ? 0 : k;
}

/* U+0080 to U+009F steer terminals as well; U+2028, U+2029 end lines; U+202A to U+202E and U+2066
 * to U+2069 turn the order of what follows. */
static bool steers(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
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
    size_t n = 0, room = size - sizeof more, cut = 0; /* cut: where `more` would stand */
    while (*text) {
        char piece[20];
        uint32_t code;
        size_t bytes = utf8_next(text, SIZE_MAX, &code), length = 0; /* stops at the end */
        bool plain = bytes && !steers(code);
        if (!bytes) bytes = 1;
        if (plain) memcpy(piece, text, length = bytes);
        for (size_t i = 0; !plain && i < bytes; i++)
            length += escaped((unsigned char)text[i], piece + length);
        if (n + length >= size) {
            memcpy(out + cut, more, sizeof more);
            return cut + strlen(more);
        }
        memcpy(out + n, piece, length);
        n += length;
        text += bytes;
        if (n <= room) cut = n;
    }
    out[n] = 0;
    return n;
}
