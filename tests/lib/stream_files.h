/* stream_files.h: what the tests of streams share: bytes, a frame of all sorts, a folder. */
#ifndef TESTS_STREAM_FILES_H
#define TESTS_STREAM_FILES_H

#include "stream/stream.h"
#include "tap.h"

#include <string.h>

static char folder[] = "/tmp/gan-stream-XXXXXX";

static inline const char *in_folder(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

typedef struct {
    unsigned char *bytes;
    size_t n;
} Bytes;

static inline void append(Bytes *b, const void *bytes, size_t n) {
    if (!n) return;
    b->bytes = realloc(b->bytes, b->n + n);
    if (!b->bytes) abort();
    memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
}
static inline Bytes written(Frame *f) {
    Bytes b = {0};
    char *text = NULL;
    Error err;
    FILE *out = open_memstream(&text, &b.n);
    if (frame_write(f, out, "memory", &err)) {
        diag("%s", err.text);
        b.n = 0;
    }
    size_t n = b.n;
    fclose(out);
    b.bytes = (unsigned char *)text;
    b.n = n;
    return b;
}

static inline bool same_bytes(Bytes a, Bytes b) {
    return a.n == b.n && !memcmp(a.bytes, b.bytes, a.n);
}

/* What the tests and the foreign reader look at: all sorts of types and shapes. */
static inline void build(Frame *f, int seed) {
    static const struct {
        const char *name;
        DType type;
        int rank;
        size_t shape[4];
    } parts[] = {
        {"image", DT_U8, 4, {2, 3, 3, 1}}, {"label", DT_I64, 1, {2}},
        {"b.half", DT_F16, 1, {5}},        {"a.weight", DT_F32, 2, {2, 3}},
        {"b.weight", DT_F32, 2, {3, 1}},   {"nothing", DT_F32, 2, {0, 7}},
        {"scalar", DT_F64, 0, {0}},        {"flag", DT_BOOL, 1, {3}},
        {"brain", DT_BF16, 1, {3}},        {"\xc3\xa9\"\\", DT_I32, 1, {1}},
    };
    Error err;
    frame_clear(f);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (frame_add(f, parts[i].name, parts[i].type, parts[i].rank, parts[i].shape, &err) < 0)
            diag("%s", err.text);
    if (frame_allocate(f, &err)) diag("%s", err.text);
    for (size_t i = 0; i < f->bytes; i++) f->data[i] = (unsigned char)(i * 7 + (size_t)seed);
    frame_set_meta(f, "page", "net G(z) = z\n\t| tanh  # \"quoted\" \\ \xc3\xa9\n");
    frame_set_metaf(f, "gan.steps", "%d", seed);
}
static inline bool put_file(const char *path, Bytes b) {
    FILE *f = fopen(path, "wb");
    return f && fwrite(b.bytes, 1, b.n, f) == b.n && !fclose(f);
}

static inline Bytes get_file(const char *path) {
    Bytes b = {0};
    Error err = {""};
    char *text = NULL;
    if (read_file(path, 1 << 30, NULL, &text, &b.n, &err)) diag("%s", err.text);
    b.bytes = (unsigned char *)text;
    return b;
}
#endif
