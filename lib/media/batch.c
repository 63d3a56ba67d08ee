#include "media/batch.h"

#include "media/random.h"
#include "media/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Where each frame's samples lie in the file. */
typedef struct {
    int fd;
    const char *name;
    Layout layout;
    uint64_t *first;  /* [frames + 1]: number of the first sample of each frame */
    uint64_t *offset; /* [frames, columns]: byte of the file where each tensor starts */
    size_t frames, capacity;
    Frame header;
} Index;

static void index_free(Index *x) {
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

typedef struct {
    Index index;
    const BatchWant *want;
    uint32_t *order; /* [samples]: the epoch's permutation */
    uint32_t *picks; /* [size] */
    uint64_t taken;  /* samples a epoch of this shard */
    Frame frame;
    FILE *out;
    const char *name;
} Run;

static int write_batch(Run *r, uint64_t number, Error *err) {
    const BatchWant *w = r->want;
    uint64_t from = number * w->size, n = r->taken - from;
    if (n > w->size) n = w->size;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t position = w->shard + (from + i) * w->shards;
        r->picks[i] = w->shuffle ? r->order[position] : (uint32_t)position;
    }
    if (layout_frame(&r->index.layout, n, &r->frame, err)) return -1;
    for (size_t c = 0; c < r->index.layout.count; c++) {
        Tensor *t = frame_find(&r->frame, r->index.layout.columns[c].name);
        if (fetch(&r->index, c, r->picks, n, t->data, err)) return -1;
    }
    return frame_write(&r->frame, r->out, r->name, err);
}

static int write_epochs(Run *r, Error *err) {
    const BatchWant *w = r->want;
    uint64_t samples = r->index.first[r->index.frames];
    if (w->shard < samples) r->taken = (samples - w->shard + w->shards - 1) / w->shards;
    uint64_t frames = r->taken / w->size;
    if (!w->drop_last && r->taken % w->size) frames++;
    if (!frames)
        return fail(err, "%s: %" PRIu64 " samples make no frame of %zu", r->index.name, r->taken,
                    w->size);
    r->picks = calloc(w->size < r->taken ? w->size : r->taken, sizeof *r->picks);
    r->order = w->shuffle ? malloc(samples * sizeof *r->order) : NULL;
    if (!r->picks || (w->shuffle && !r->order))
        return fail(err, "out of memory for %" PRIu64 " samples", samples);
    uint64_t epoch = w->start / frames, number = w->start % frames;
    for (; epoch < w->epochs; epoch++, number = 0) {
        if (w->shuffle) random_permutation(w->seed, epoch, r->order, (uint32_t)samples);
        for (; number < frames; number++)
            if (write_batch(r, number, err)) return -1;
    }
    return 0;
}

/* One epoch in the stream's own order needs no file. */
static int write_regrouped(const char *path, const BatchWant *w, FILE *out, const char *name,
                           Error *err) {
    Regroup g;
    uint64_t all = UINT64_MAX;
    regroup_start(&g, w->size, out, name);
    g.drop_last = w->drop_last;
    int bad = regroup_stream(path, &g, &all, err);
    bad = regroup_end(&g, bad, err);
    if (!bad && !g.samples)
        bad = fail(err, "%s: too few samples to make a frame of %zu", path, w->size);
    return bad;
}

int batch_write(const char *path, const BatchWant *want, FILE *out, const char *name, Error *err) {
    /* (a huge frame is better built from the copy: regrouping allocates it before it is full) */
    bool plain = want->size <= 4096 && !want->shuffle && want->epochs == 1 && want->shards == 1 &&
                 !want->start;
    if (plain && !is_seekable(path)) return write_regrouped(path, want, out, name, err);
    Run r = {.want = want, .out = out, .name = name};
    r.index.name = strcmp(path, "-") ? path : "standard input";
    r.index.fd = seekable_fd(path, err);
    int bad = r.index.fd < 0 || index_build(&r.index, want->trust, err) || write_epochs(&r, err);
    index_free(&r.index);
    free(r.order);
    free(r.picks);
    frame_free(&r.frame);
    return bad ? -1 : 0;
}

int batch_consumed(const char *checkpoint, uint64_t *frames, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(checkpoint, err);
    int got = r ? reader_next_header(r, &f, NULL, err) : -1;
    if (got == 0) fail(err, "%s: the file is empty, expected a checkpoint", checkpoint);
    const char *text = got > 0 ? frame_meta(&f, "gan.frames") : NULL;
    int bad = got > 0 ? 0 : -1;
    if (!bad && !text)
        bad = fail(err, "%s: no metadata gan.frames, is this a checkpoint?", checkpoint);
    if (!bad && !parse_u64(text, frames))
        bad =
            fail(err, "%s: metadata gan.frames is '%s', expected a whole number", checkpoint, text);
    if (r) reader_close(r);
    frame_free(&f);
    return bad;
}
