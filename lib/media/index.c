#include "media/index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

void index_free(Index *x) {
    layout_free(&x->layout);
    frame_free(&x->header);
    free(x->first);
    free(x->offset);
    if (x->fd >= 0) close(x->fd);
}

static int read_at(const Index *x, void *to, size_t n, uint64_t at, Error *err) {
    for (unsigned char *p = to; n;) {
        ssize_t got = pread(x->fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(err, "%s: byte %" PRIu64 ": cannot read: %s", x->name, at, strerror(errno));
        if (!got)
            return fail(err, "%s: byte %" PRIu64 ": the file has become shorter", x->name, at);
        p += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

static int check_sum(const Index *x, uint64_t at, Error *err) {
    enum { BLOCK = 1 << 16 };
    const char *expected = frame_meta(&x->header, "gan.crc32");
    if (!expected) return 0;
    unsigned char block[BLOCK];
    uLong sum = crc32(0, NULL, 0);
    for (size_t left = x->header.bytes; left;) {
        size_t n = left < BLOCK ? left : BLOCK;
        if (read_at(x, block, n, at + (x->header.bytes - left), err)) return -1;
        sum = crc32(sum, block, (uInt)n);
        left -= n;
    }
    char found[16];
    snprintf(found, sizeof found, "%08lx", sum);
    if (strcmp(found, expected))
        return fail(err, "%s: frame %zu: checksum is %s, expected %s", x->name, x->frames + 1,
                    found, expected);
    return 0;
}

static int grow(Index *x, Error *err) {
    if (x->frames < x->capacity) return 0;
    size_t capacity = x->capacity ? 2 * x->capacity : 64;
    uint64_t *first = realloc(x->first, (capacity + 1) * sizeof *first);
    if (first) x->first = first;
    uint64_t *offset = realloc(x->offset, capacity * x->layout.count * sizeof *offset);
    if (offset) x->offset = offset;
    if (!first || !offset) return fail(err, "out of memory for %zu frames", capacity);
    x->capacity = capacity;
    return 0;
}

static int add_frame(Index *x, uint64_t data_at, Error *err) {
    size_t samples = 0;
    if (!x->layout.count && layout_take(&x->layout, &x->header, err))
        return fail_in(err, "%s: frame %zu", x->name, x->frames + 1);
    if (layout_match(&x->layout, &x->header, &samples, err))
        return fail_in(err, "%s: frame %zu", x->name, x->frames + 1);
    if (grow(x, err)) return -1;
    for (size_t i = 0; i < x->layout.count; i++)
        x->offset[x->frames * x->layout.count + i] =
            data_at + frame_find(&x->header, x->layout.columns[i].name)->offset;
    if (!x->frames) x->first[0] = 0;
    x->first[x->frames + 1] = x->first[x->frames] + samples;
    x->frames++;
    return 0;
}

static int index_build(Index *x, bool trust, Error *err) {
    int copy = dup(x->fd);
    Reader *r = copy < 0 ? NULL : reader_fd(copy, x->name, err);
    if (copy < 0) fail(err, "%s: %s", x->name, strerror(errno));
    int more = r ? 1 : -1;
    while (more > 0) {
        uint64_t at;
        more = reader_next_header(r, &x->header, &at, err);
        if (more <= 0 || !x->header.tensor_count) continue;
        if ((!trust && check_sum(x, at, err)) || add_frame(x, at, err)) more = -1;
    }
    if (r) reader_close(r);
    if (more < 0) return -1;
    uint64_t n = x->frames ? x->first[x->frames] : 0;
    if (!n) return fail(err, "%s: the stream holds no samples", x->name);
    if (n > UINT32_MAX)
        return fail(err, "%s: %" PRIu64 " samples, at most %u are supported", x->name, n,
                    UINT32_MAX);
    return 0;
}

static size_t frame_of(const Index *x, uint64_t sample) {
    size_t low = 0, high = x->frames;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (x->first[mid] <= sample)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* Fetches one tensor's rows; neighbours in the file are read together. */
static int fetch(const Index *x, size_t column, const uint32_t *samples, size_t n, void *to,
                 Error *err) {
    size_t bytes = x->layout.columns[column].bytes;
    unsigned char *p = to;
    for (size_t i = 0, run; bytes && i < n; i += run, p += run * bytes) {
        size_t f = frame_of(x, samples[i]);
        for (run = 1; i + run < n && samples[i + run] == samples[i] + run &&
                      samples[i + run] < x->first[f + 1];)
            run++;
        uint64_t at = x->offset[f * x->layout.count + column] + (samples[i] - x->first[f]) * bytes;
        if (read_at(x, p, run * bytes, at, err)) return -1;
    }
    return 0;
}

uint64_t index_samples(const Index *x) { return x->frames ? x->first[x->frames] : 0; }

int index_open(Index *x, const char *path, bool trust, Error *err) {
    *x = (Index){.name = strcmp(path, "-") ? path : "standard input"};
    x->fd = seekable_fd(path, err);
    return x->fd < 0 ? -1 : index_build(x, trust, err);
}

int index_frame(const Index *x, const uint32_t *samples, size_t n, Frame *f, Error *err) {
    if (layout_frame(&x->layout, n, f, err)) return -1;
    for (size_t c = 0; c < x->layout.count; c++) {
        Tensor *t = frame_find(f, x->layout.columns[c].name);
        if (fetch(x, c, samples, n, t->data, err)) return -1;
    }
    return 0;
}
