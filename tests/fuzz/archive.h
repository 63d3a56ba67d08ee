/* archive.h: zip archives of members that are not compressed, whose checksums are right, so that
 * what is behind them is reached. */
#ifndef FUZZ_ARCHIVE_H
#define FUZZ_ARCHIVE_H

#include "base/base.h"

#include <string.h>
#include <zlib.h>

enum { MEMBERS_MAX = 4 };

typedef struct {
    const char *name;
    const uint8_t *bytes;
    unsigned size;
} Member;

static void put(Str *s, unsigned value, int size) {
    for (int i = 0; i < size; i++) str_append(s, &(char){(char)(value >> 8 * i)}, 1);
}

/* What local headers and the directory say alike. */
static void put_member(Str *s, const Member *m) {
    put(s, 20, 2), put(s, 0, 2), put(s, 0, 2), put(s, 0, 2), put(s, 33, 2);
    put(s, (unsigned)crc32(0, m->bytes, m->size), 4), put(s, m->size, 4), put(s, m->size, 4);
    put(s, (unsigned)strlen(m->name), 2), put(s, 0, 2);
}

static void make_archive(Str *s, const Member *m, unsigned count) {
    size_t at[MEMBERS_MAX];
    for (unsigned i = 0; i < count; i++) {
        at[i] = s->length;
        put(s, 0x04034b50, 4);
        put_member(s, &m[i]);
        str_append(s, m[i].name, strlen(m[i].name));
        str_append(s, (const char *)m[i].bytes, m[i].size);
    }
    size_t directory = s->length;
    for (unsigned i = 0; i < count; i++) {
        put(s, 0x02014b50, 4), put(s, 20, 2);
        put_member(s, &m[i]);
        put(s, 0, 2), put(s, 0, 2), put(s, 0, 2), put(s, 0, 4), put(s, (unsigned)at[i], 4);
        str_append(s, m[i].name, strlen(m[i].name));
    }
    unsigned length = (unsigned)(s->length - directory);
    put(s, 0x06054b50, 4), put(s, 0, 4), put(s, count, 2), put(s, count, 2);
    put(s, length, 4), put(s, (unsigned)directory, 4), put(s, 0, 2);
}

#endif
