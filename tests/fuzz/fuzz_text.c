/* Any bytes as a text, plain or gzip, and again with an alphabet of their own; rows of it are in
 * the alphabet. */
#define _GNU_SOURCE
#include "media/sources/text.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stream/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int memory(const char *name, const void *bytes, size_t n, char *path, size_t size) {
    int fd = memfd_create(name, 0);
    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) __builtin_trap();
    snprintf(path, size, "/proc/self/fd/%d", fd);
    return fd;
}

static int convert(const char *path, const TextWant *want, char **made, size_t *size) {
    Error err = {""};
    FILE *out = open_memstream(made, size);
    if (!out) __builtin_trap();
    int bad = text_read(path, want, out, "memory", &err);
    if (bad && !err.text[0]) __builtin_trap();
    fclose(out);
    return bad;
}

static void check(const char *stream) {
    Frame f = {0};
    Error err;
    FILE *out = fopen("/dev/null", "wb");
    Reader *r = reader_open(stream, &err);
    if (!r || !out || text_write(stream, NULL, NULL, out, "null", &err)) __builtin_trap();
    while (reader_next(r, &f, &err) > 0) {
        const Tensor *t = frame_find(&f, "text");
        const char *symbols = frame_meta(&f, "gan.symbols");
        if (!t || !symbols) __builtin_trap();
        for (size_t i = 0; i < t->count; i++)
            if (((const uint8_t *)t->data)[i] >= atoi(symbols)) __builtin_trap();
    }
    reader_close(r);
    frame_free(&f);
    fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32], stream[32], *made = NULL, *again = NULL;
    size_t size = 0, more = 0;
    TextWant want = {.length = 1 + n % 40, .symbols = 3 + n % 254, .take.per_frame = 3};
    int fd = memory("text", bytes, n, path, sizeof path);
    if (!convert(path, &want, &made, &size)) {
        int rows = memory("rows", made, size, stream, sizeof stream);
        check(stream);
        want.alphabet = stream;
        if (convert(path, &want, &again, &more)) __builtin_trap();
        close(rows);
    }
    close(fd);
    free(made);
    free(again);
    return 0;
}
