/* file.c: a file of one frame whose tensors are read one by one, when they are wanted.
 *
 * Sampling needs a fifth of a checkpoint: neither the moments nor the other player. Tensors are
 * read in pieces that stay in a core's cache while they are summed and handed on, by all threads.
 * The file is read and not mapped: one that shrinks meanwhile is an error then and no signal. */
#include "stream/stream_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

struct FrameFile {
    Reader *reader;
    const Frame *frame;
    Sums sums;
    char *name;
    int fd;
    uint64_t data_at;
};

/* A stretch of the file that is read in pieces of equal size, but for the last. */
typedef struct {
    const FrameFile *file;
    uint64_t at;
    size_t bytes, piece;
    const Tensor *tensor; /* NULL: no one takes the data */
    TensorTake *take;
    void *context;
} Stretch;

/* Of a piece, where a unit is not larger: part of a core's own cache. */
enum { PIECE_BYTES = 1 << 18 };

/* 0, an errno, or -1 where the file ends. */
static int read_at(int fd, unsigned char *to, size_t n, uint64_t at) {
    while (n) {
        ssize_t got = pread(fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (!got) return -1;
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

static int do_piece(const Stretch *s, size_t i, unsigned char *room, unsigned long *crc) {
    size_t from = i * s->piece, n = s->bytes - from < s->piece ? s->bytes - from : s->piece;
    int trouble = read_at(s->file->fd, room, n, s->at + from);
    if (trouble) return trouble;
    crc[i] = crc32_z(0, room, n);
    if (!s->tensor) return 0;
    size_t size = dtype_size(s->tensor->dtype);
    Tensor piece = *s->tensor;
    piece.data = room;
    piece.count = n / size;
    s->take(s->context, &piece, from / size);
    return 0;
}

/* Reads the pieces, each by some thread, and joins their checksums. */
static int do_stretch(const Stretch *s, unsigned long *crc, Error *err) {
    size_t count = s->bytes / s->piece + (s->bytes % s->piece != 0);
    unsigned long *crcs = calloc(count + 1, sizeof *crcs);
    int trouble = crcs ? 0 : ENOMEM;
#pragma omp parallel if (count > 1)
    {
        unsigned char *room = crcs ? malloc(count > 1 ? s->piece : s->bytes + 1) : NULL;
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < count; i++) {
            int t = room ? do_piece(s, i, room, crcs) : ENOMEM;
#pragma omp critical
            if (t) trouble = t;
        }
        free(room);
    }
    *crc = 0;
    for (size_t i = 0; i < count && !trouble; i++)
        *crc = crc32_combine(*crc, crcs[i],
                             (z_off_t)(i + 1 < count ? s->piece : s->bytes - i * s->piece));
    free(crcs);
    if (!trouble) return 0;
    return fail(err, "%.200s: frame 1, byte %" PRIu64 ": %s", s->file->name, s->at,
                trouble < 0 ? "the file has become shorter" : strerror(trouble));
}

/* As a reader says it. */
static int damaged(const FrameFile *f, uint64_t at, const Error *why, Error *err) {
    return fail(err, "%.200s: frame 1, byte %" PRIu64 ": %s", f->name, at, why->text);
}

/* A frame from before tensors had checksums of their own. */
static int check_whole(const FrameFile *f, Error *err) {
    Stretch s = {.file = f, .at = f->data_at, .bytes = f->frame->bytes, .piece = PIECE_BYTES};
    unsigned long crc;
    Error why;
    if (do_stretch(&s, &crc, err)) return -1;
    if (!sums_check_frame(&f->sums, crc, &why)) return 0;
    return damaged(f, f->data_at, &why, err);
}

static int open_frame(FrameFile *f, const char *path, Frame *frame, Error *err) {
    Error why;
    f->reader = reader_open(path, err);
    if (!f->reader) return -1;
    f->fd = reader_file(f->reader);
    if (f->fd < 0) return reader_only_frame(f->reader, frame, NULL, err);
    if (reader_only_frame(f->reader, frame, &f->data_at, err)) return -1;
    if (sums_read(&f->sums, frame, &why)) return damaged(f, f->data_at, &why, err);
    return f->sums.frame && !f->sums.tensors ? check_whole(f, err) : 0;
}

FrameFile *frame_open(const char *path, Frame *frame, Error *err) {
    FrameFile *f = calloc(1, sizeof *f);
    if (f) f->name = strdup(strcmp(path, "-") ? path : "standard input");
    if (!f || !f->name) {
        fail(err, "%.200s: out of memory", path);
    } else {
        f->frame = frame;
        if (!open_frame(f, path, frame, err)) return f;
    }
    frame_close(f);
    frame_clear(frame);
    return NULL;
}

void frame_close(FrameFile *f) {
    if (!f) return;
    reader_close(f->reader);
    free(f->name);
    free(f);
}

int frame_read(const FrameFile *f, const Tensor *t, size_t unit, TensorTake *take, void *context,
               Error *err) {
    size_t size = dtype_size(t->dtype), piece;
    unsigned long crc;
    Error why;
    if (t->data || !t->count) { /* nothing is left to read */
        take(context, t, 0);
        return 0;
    }
    if (!size_mul(unit, size, &piece)) return fail(err, "tensor '%.80s' is too large", t->name);
    if (piece < PIECE_BYTES) piece *= PIECE_BYTES / piece;
    Stretch s = {f, f->data_at + t->offset, t->count * size, piece, t, take, context};
    size_t number = (size_t)(t - f->frame->tensors);
    if (do_stretch(&s, &crc, err)) return -1;
    if (!sums_check_tensor(&f->sums, f->frame, number, crc, &why)) return 0;
    return damaged(f, s.at, &why, err);
}
