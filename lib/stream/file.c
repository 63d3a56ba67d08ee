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

/* As read_all_at. */
static int do_piece(const Stretch *s, size_t i, unsigned char *room, unsigned long *crc) {
    size_t from = i * s->piece, n = s->bytes - from < s->piece ? s->bytes - from : s->piece;
    uint64_t at = s->at + from;
    int trouble = read_all_at(s->file->fd, room, n, &at);
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

/* As a reader says it. */
static int fail_at(const FrameFile *f, uint64_t at, Error *err) {
    return fail_in(err, "%.200s: frame 1, byte %" PRIu64, reader_name(f->reader), at);
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
    fail(err, "%s", trouble < 0 ? "the file has become shorter" : strerror(trouble));
    return fail_at(s->file, s->at, err);
}

/* A frame from before tensors had checksums of their own. */
static int check_whole(const FrameFile *f, Error *err) {
    Stretch s = {.file = f, .at = f->data_at, .bytes = f->frame->bytes, .piece = PIECE_BYTES};
    unsigned long crc;
    if (do_stretch(&s, &crc, err)) return -1;
    return sums_check_frame(&f->sums, crc, err) ? fail_at(f, f->data_at, err) : 0;
}

static int open_frame(FrameFile *f, const char *path, Frame *frame, Error *err) {
    f->frame = frame;
    f->reader = reader_open(path, err);
    if (!f->reader) return -1;
    f->fd = reader_file(f->reader);
    if (f->fd < 0) return reader_only_frame(f->reader, frame, NULL, err);
    if (reader_only_frame(f->reader, frame, &f->data_at, err)) return -1;
    if (sums_read(&f->sums, frame, err)) return fail_at(f, f->data_at, err);
    return f->sums.frame && !f->sums.tensors ? check_whole(f, err) : 0;
}

FrameFile *frame_open(const char *path, Frame *frame, Error *err) {
    FrameFile *f = calloc(1, sizeof *f);
    if (!f) fail(err, "%.200s: out of memory", path);
    if (f && !open_frame(f, path, frame, err)) return f;
    frame_close(f);
    frame_clear(frame);
    return NULL;
}

void frame_close(FrameFile *f) {
    if (!f) return;
    reader_close(f->reader);
    free(f);
}

int frame_read(const FrameFile *f, const Tensor *t, size_t unit, TensorTake *take, void *context,
               Error *err) {
    size_t size = dtype_size(t->dtype), piece;
    unsigned long crc;
    if (t->data || !t->count) { /* nothing is left to read */
        take(context, t, 0);
        return 0;
    }
    if (!size_mul(unit, size, &piece)) return fail(err, "tensor '%.80s' is too large", t->name);
    if (piece < PIECE_BYTES) piece *= PIECE_BYTES / piece;
    Stretch s = {f, f->data_at + t->offset, t->count * size, piece, t, take, context};
    size_t number = (size_t)(t - f->frame->tensors);
    if (do_stretch(&s, &crc, err)) return -1;
    return sums_check_tensor(&f->sums, f->frame, number, crc, err) ? fail_at(f, s.at, err) : 0;
}
