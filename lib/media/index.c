#include "media/index.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
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

static int check_sum(const Index *x, uint64_t at, Error *err) {
    enum { BLOCK = 1 << 16 };
    const char *expected = frame_meta(&x->header, "gan.crc32");
    if (!expected) return 0;
    unsigned char block[BLOCK];
    uLong sum = crc32(0, NULL, 0);
    for (size_t left = x->header.bytes; left;) {
        size_t n = left < BLOCK ? left : BLOCK;
        if (read_stretch(x->fd, x->name, block, n, at + (x->header.bytes - left), err)) return -1;
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

static void hash_text(Index *x, const char *text) {
    SHA256Update(&x->hash, (const uint8_t *)text, strlen(text) + 1);
}

/* Tensors without a checksum are known by their shape alone. */
static void hash_frame(Index *x) {
    char text[200];
    const char *sum = frame_meta(&x->header, "gan.crc32");
    for (size_t i = 0; i < x->header.tensor_count; i++) {
        const Tensor *t = &x->header.tensors[i];
        hash_text(x, t->name);
        hash_text(x, dtype_name(t->dtype));
        hash_text(x, shape_text(t->rank, t->shape, text, sizeof text));
    }
    hash_text(x, sum ? sum : "");
}

static int add_frame(Index *x, uint64_t data_at, Error *err) {
    size_t samples = 0;
    if ((!x->layout.count && layout_take(&x->layout, &x->header, err)) ||
        layout_match(&x->layout, &x->header, &samples, err))
        return fail_in(err, "%s: frame %zu", x->name, x->frames + 1);
    size_t columns = x->layout.count, row = columns * sizeof *x->offset;
    if (array_room(&x->first, &x->first_room, x->frames + 2, sizeof *x->first, "frames", err) ||
        array_room(&x->offset, &x->offset_room, x->frames + 1, row, "frames", err))
        return -1;
    for (size_t i = 0; i < columns; i++)
        x->offset[x->frames * columns + i] =
            data_at + frame_find(&x->header, x->layout.columns[i].name)->offset;
    if (!x->frames) x->first[0] = 0;
    x->first[x->frames + 1] = x->first[x->frames] + samples;
    x->frames++;
    hash_frame(x);
    return 0;
}

static int index_build(Index *x, bool trust, Error *err) {
    int copy = dup(x->fd);
    Reader *r = copy < 0 ? NULL : reader_fd(copy, x->name, err);
    if (copy < 0) fail(err, "%s: %s", x->name, strerror(errno));
    int more = 1;
    uint64_t at;
    SHA256Init(&x->hash);
    while (more > 0 && (more = reader_next_header(r, &x->header, &at, err)) > 0)
        if (x->header.tensor_count && ((!trust && check_sum(x, at, err)) || add_frame(x, at, err)))
            more = -1;
    reader_close(r);
    if (more < 0) return -1;
    uint64_t n = x->frames ? x->first[x->frames] : 0;
    if (!n) return fail(err, "%s: the stream holds no samples", x->name);
    if (n > UINT32_MAX)
        return fail(err, "%s: %" PRIu64 " samples, at most %u are supported", x->name, n,
                    UINT32_MAX);
    char digits[SHA256_DIGEST_STRING_LENGTH];
    SHA256End(&x->hash, digits);
    snprintf(x->fingerprint, sizeof x->fingerprint, "%.16s", digits);
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

/* Neighbours in the file are read together. */
int index_column(const Index *x, size_t column, const uint32_t *samples, size_t n, void *to,
                 Error *err) {
    size_t bytes = x->layout.columns[column].bytes;
    unsigned char *p = to;
    for (size_t i = 0, run; bytes && i < n; i += run, p += run * bytes) {
        size_t f = frame_of(x, samples[i]);
        for (run = 1; i + run < n && samples[i + run] == samples[i] + run &&
                      samples[i + run] < x->first[f + 1];)
            run++;
        uint64_t at = x->offset[f * x->layout.count + column] + (samples[i] - x->first[f]) * bytes;
        if (read_stretch(x->fd, x->name, p, run * bytes, at, err)) return -1;
    }
    return 0;
}

uint64_t index_samples(const Index *x) { return x->frames ? x->first[x->frames] : 0; }

int index_open(Index *x, const char *path, bool trust, Error *err) {
    *x = (Index){.name = input_name(path)};
    x->fd = seekable_fd(path, err);
    return x->fd < 0 ? -1 : index_build(x, trust, err);
}

int index_frame(const Index *x, const uint32_t *samples, size_t n, Frame *f, Error *err) {
    if (layout_frame(&x->layout, n, f, err)) return -1;
    for (size_t c = 0; c < x->layout.count; c++) {
        Tensor *t = frame_find(f, x->layout.columns[c].name);
        if (index_column(x, c, samples, n, t->data, err)) return -1;
    }
    return 0;
}

int index_write(const Index *x, const uint32_t *samples, size_t n, uint64_t repeat,
                size_t per_frame, FILE *out, const char *name, Error *err) {
    size_t all;
    if (!size_mul(n, (size_t)repeat, &all)) return fail(err, "too many samples");
    size_t most = frame_samples(x->layout.sample_bytes, per_frame, all);
    uint32_t *part = data_alloc(most * sizeof *part, err);
    Frame f = {0};
    int bad = part ? 0 : -1;
    for (size_t at = 0; !bad && at < all;) {
        size_t count = all - at < most ? all - at : most;
        for (size_t i = 0; i < count; i++) part[i] = samples[(at + i) / (size_t)repeat];
        bad = index_frame(x, part, count, &f, err) || frame_write(&f, out, name, err);
        at += count;
    }
    free(part);
    frame_free(&f);
    return bad ? -1 : 0;
}

static const Column *label_column(const Index *x, const char *name, Error *err) {
    char text[200];
    const Column *c = layout_column(&x->layout, name);
    if (!c) {
        fail(err, "%s: no tensor %s", x->name, name);
        return NULL;
    }
    if (!dtype_is_real(c->dtype) && (c->rank == 1 || (c->rank == 2 && c->shape[1] == 1))) return c;
    size_t shape[TENSOR_RANK_MAX];
    memcpy(shape, c->shape, sizeof shape);
    shape[0] = (size_t)index_samples(x);
    fail(err, "%s: tensor %s is %s %s, expected a whole number for each sample", x->name, name,
         dtype_name(c->dtype), shape_text(c->rank, shape, text, sizeof text));
    return NULL;
}

int64_t *index_labels(const Index *x, const char *name, Error *err) {
    size_t n = (size_t)index_samples(x);
    const Column *c = label_column(x, name, err);
    int64_t *labels = c ? data_alloc(n * sizeof *labels, err) : NULL;
    unsigned char *raw = labels ? data_alloc(n * c->bytes, err) : NULL;
    int bad = raw ? 0 : -1;
    for (size_t f = 0; !bad && f < x->frames; f++)
        bad = read_stretch(x->fd, x->name, raw + x->first[f] * c->bytes,
                           (size_t)(x->first[f + 1] - x->first[f]) * c->bytes,
                           x->offset[f * x->layout.count + (size_t)(c - x->layout.columns)], err);
    Tensor t = {.dtype = c ? c->dtype : DT_U8, .rank = 1, .shape = {n}, .count = n, .data = raw};
    for (size_t i = 0; !bad && i < n; i++) {
        double v = tensor_get(&t, i);
        if (fabs(v) > 0x1p53)
            bad =
                fail(err, "%s: %s of sample %zu is %g, too large for a class", x->name, name, i, v);
        else
            labels[i] = (int64_t)v;
    }
    free(raw);
    if (!bad) return labels;
    free(labels);
    return NULL;
}
