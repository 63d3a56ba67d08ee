/* lying.c: where the formats that FFmpeg decodes note how the picture lies. */
#include "media/picture/codec.h"

#include <stdlib.h>
#include <string.h>

static uint32_t little32(const unsigned char *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static uint32_t big32(const unsigned char *p) {
    return p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

/* A chunk of its own; some writers put JPEG's mark in front of the block. */
int webp_orientation(const unsigned char *bytes, size_t n) {
    for (size_t at = 12; at <= n && n - at >= 8;) {
        size_t size = little32(bytes + at + 4), left = n - at - 8;
        const unsigned char *data = bytes + at + 8;
        if (size > left) return 0;
        if (!memcmp(bytes + at, "EXIF", 4))
            return size > 4 && !memcmp(data, "Exif", 4) ? exif_marked(data, size)
                                                        : exif_orientation(data, size);
        size += size & 1;
        if (size > left) return 0;
        at += 8 + size;
    }
    return 0;
}

/* The file is itself what EXIF is made of, but may be long: its header and first directory, moved
 * together, are enough. */
int tiff_orientation(const unsigned char *bytes, size_t n) {
    enum { HEADER = 8, ENTRY = 12, ENTRIES_MAX = 4096 };
    if (n < HEADER) return 0;
    bool big = *bytes == 'M';
    size_t at = big ? big32(bytes + 4) : little32(bytes + 4);
    if (at > n || n - at < 2) return 0;
    size_t count =
        big ? bytes[at + 1] | (size_t)bytes[at] << 8 : bytes[at] | (size_t)bytes[at + 1] << 8;
    size_t length = 2 + count * ENTRY;
    if (count > ENTRIES_MAX || n - at < length) return 0;
    unsigned char *block = calloc(1, HEADER + length + 4);
    if (!block) return 0;
    memcpy(block, bytes, 4);
    block[big ? 7 : 4] = HEADER;
    memcpy(block + HEADER, bytes + at, length);
    int orientation = exif_orientation(block, HEADER + length + 4);
    free(block);
    return orientation;
}

/* ---- HEIF, and AVIF with it: boxes in boxes ---- */

typedef struct {
    const unsigned char *at, *end;
} Boxes;

/* The next box's data become *inside; false at the end, or where the sizes are nonsense. */
static bool next_box(Boxes *b, const unsigned char **type, Boxes *inside) {
    size_t left = (size_t)(b->end - b->at);
    if (left < 8) return false;
    size_t size = big32(b->at);
    if (!size) size = left;
    if (size < 8 || size > left) return false;
    *type = b->at + 4;
    *inside = (Boxes){b->at + 8, b->at + size};
    b->at += size;
    return true;
}

static bool find_box(Boxes in, const char *name, size_t skip, Boxes *out) {
    const unsigned char *type;
    while (next_box(&in, &type, out)) {
        if (memcmp(type, name, 4)) continue;
        if ((size_t)(out->end - out->at) < skip) return false;
        out->at += skip;
        return true;
    }
    return false;
}

/* Quarter turns against the clock, then a mirror: 0 top and bottom change places, 1 left and right.
 * EXIF in such a file is for information only. */
int heif_orientation(const unsigned char *bytes, size_t n) {
    static const unsigned char as_exif[4][3] = {{1, 4, 2}, {8, 5, 7}, {3, 2, 4}, {6, 7, 5}};
    enum { FULL = 4 }; /* bytes of version and flags */
    Boxes file = {bytes, bytes + n}, meta, properties, list, box;
    if (!find_box(file, "meta", FULL, &meta) || !find_box(meta, "iprp", 0, &properties) ||
        !find_box(properties, "ipco", 0, &list))
        return 0;
    size_t turns = find_box(list, "irot", 0, &box) && box.at < box.end ? *box.at & 3 : 0;
    size_t mirror = find_box(list, "imir", 0, &box) && box.at < box.end ? 1 + (*box.at & 1) : 0;
    return as_exif[turns][mirror];
}
