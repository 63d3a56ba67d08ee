/* reader.c: frames from a file, a pipe or memory.
 *
 * The reader takes exactly the bytes of the frames it delivers and nothing ahead of them: what
 * follows on standard input is left to whoever reads next. Memory for data is allocated only when
 * a file is known to hold that much, or as the bytes arrive, so that a header cannot make the
 * reader allocate what the sender does not send. */
#include "base/kind.h"
#include "stream/stream_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Data from a pipe: the first allocation; it doubles while bytes keep coming. */
enum { DATA_STEP = 64 << 20, HEADER_STEP = 64 << 10 };
enum { SOON = 100 }; /* milliseconds */

struct Reader {
    int fd;                      /* -1: memory */
    int wake;                    /* -1: none */
    const unsigned char *memory; /* of `size` bytes */
    uint64_t size;
    bool regular; /* a file one can seek in and whose size is known */
    bool failed;
    char *name;
    uint64_t at;      /* next byte of the source */
    FramePlace place; /* of the last frame, as its writer numbered it */
    uint64_t frames;  /* delivered */
    size_t limit;
    char *header;
    size_t header_capacity;
};

/* Puts `NAME: frame N, byte B` in front of err; the reader is of no use afterwards. */
static int fail_at(Reader *r, Error *err, uint64_t at) {
    r->failed = true;
    return fail_in(err, "%.200s: frame %" PRIu64 ", byte %" PRIu64, r->name, r->frames + 1, at);
}

static int reader_fail(Reader *r, Error *err, uint64_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int reader_fail(Reader *r, Error *err, uint64_t at, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    vfail(err, format, ap);
    va_end(ap);
    return fail_at(r, err, at);
}

static void reader_init(Reader *r, int fd) {
    const uint64_t limit = UINT64_C(16) << 30;
    struct stat st;
    r->fd = fd;
    r->wake = -1;
    r->limit = limit < SIZE_MAX ? (size_t)limit : SIZE_MAX;
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) return;
    off_t at = lseek(fd, 0, SEEK_CUR);
    /* kernel files that claim to be empty are read like pipes */
    r->regular = at >= 0 && st.st_size > 0;
    if (at > 0) r->at = (uint64_t)at;
}

Reader *reader_fd(int fd, const char *name, Error *err) {
    Reader *r = calloc(1, sizeof *r);
    char *copy = strdup(name);
    if (!r || !copy) {
        free(r);
        free(copy);
        close(fd);
        fail(err, "%.200s: out of memory", name);
        return NULL;
    }
    reader_init(r, fd);
    r->name = copy;
    return r;
}

Reader *reader_open(const char *path, Error *err) {
    const char *name = input_name(path);
    int fd = input_open(path, err);
    if (fd < 0) return NULL;
    struct stat st;
    bool folder = !fstat(fd, &st) && S_ISDIR(st.st_mode);
    if (folder) kind_refuse_folder(name, "a tensor stream", err);
    if (!folder && !output_is_input(fd, name, err)) return reader_fd(fd, name, err);
    close(fd);
    return NULL;
}

void reader_close(Reader *r) {
    if (!r) return;
    close(r->fd);
    free(r->name);
    free(r->header);
    free(r);
}

void reader_limit(Reader *r, size_t bytes) { r->limit = bytes; }

void reader_wake(Reader *r, int fd) { r->wake = fd; }

uint64_t reader_frames(const Reader *r) { return r ? r->frames : 0; }

int reader_fail_in(const Reader *r, Error *err) {
    return fail_in(err, "%.400s: frame %" PRIu64, r->name, r->frames);
}

bool reader_complete(const Reader *r) { return r->place.number && r->place.last; }

/* Whether data (or their end) came before a call to wake. */
static bool data_came(const Reader *r) {
    struct pollfd p[2] = {{.fd = r->fd, .events = POLLIN}, {.fd = r->wake, .events = POLLIN}};
    while (poll(p, 2, -1) < 0 && errno == EINTR) continue;
    return p[0].revents || !p[1].revents;
}

/* Reads n bytes, or fewer at the end of the source. */
static int read_some(Reader *r, void *to, size_t n, size_t *got, Error *err) {
    *got = 0;
    if (r->fd < 0) {
        *got = n < r->size - r->at ? n : (size_t)(r->size - r->at);
        if (*got) memcpy(to, r->memory + r->at, *got);
        r->at += *got;
        return 0;
    }
    while (*got < n) {
        if (r->wake >= 0 && !data_came(r)) return reader_fail(r, err, r->at, "interrupted");
        ssize_t k = read(r->fd, (char *)to + *got, n - *got);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return reader_fail(r, err, r->at, "cannot read: %s", strerror(errno));
        if (!k) break;
        *got += (size_t)k;
        r->at += (size_t)k;
    }
    return 0;
}

/* Bytes left in the source, where that is known. */
static bool bytes_left(const Reader *r, uint64_t *left) {
    uint64_t size = r->size;
    if (r->fd >= 0) {
        struct stat st;
        if (!r->regular || fstat(r->fd, &st)) return false;
        size = (uint64_t)st.st_size;
    }
    *left = size > r->at ? size - r->at : 0;
    return true;
}

/* The byte named is the one where the source ends. */
static int cut_short(Reader *r, Error *err, const char *what, uint64_t got, uint64_t wanted) {
    uint64_t left, end = bytes_left(r, &left) ? r->at + left : r->at;
    return reader_fail(r, err, end, "%s cut short: %" PRIu64 " of %" PRIu64 " bytes", what, got,
                       wanted);
}

/* Whether more bytes can be had without waiting long for them. */
static bool more_soon(const Reader *r) {
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    return r->fd < 0 || r->regular || poll(&p, 1, SOON) > 0;
}

/* The n bytes that were read of a frame cannot be its beginning. Says what they are when that is
 * known; err tells what is wrong with them otherwise. */
static int no_frame(Reader *r, const unsigned char *bytes, size_t n, Error *err) {
    char head[KIND_HEAD], name[300];
    Error ignored;
    uint64_t start = r->at - n;
    memcpy(head, bytes, n);
    r->wake = -1;
    for (size_t got = 1; got && n < sizeof head && more_soon(r); n += got) {
        size_t want = r->fd < 0 || r->regular ? sizeof head - n : 1;
        if (read_some(r, head + n, want, &got, &ignored)) break;
    }
    snprintf(name, sizeof name, "%.200s", r->name);
    if (start)
        snprintf(name, sizeof name, "%.200s: frame %" PRIu64 ", byte %" PRIu64, r->name,
                 r->frames + 1, start);
    kind_refuse(head, n, KIND_NO_TEXT, name, "a tensor stream", err);
    return -1;
}

/* 1: the frame's header is n bytes long; 0: the source ends here. */
static int read_length(Reader *r, size_t *n, Error *err) {
    uint64_t start = r->at, length = 0;
    unsigned char bytes[8];
    size_t got;
    if (read_some(r, bytes, sizeof bytes, &got, err)) return -1;
    if (!got) return 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | bytes[i];
    *n = (size_t)length;
    if (got < sizeof bytes)
        cut_short(r, err, "header length", got, sizeof bytes);
    else if (length > HEADER_MAX)
        reader_fail(r, err, start, "header of %" PRIu64 " bytes, expected at most %d%s", length,
                    HEADER_MAX, r->frames ? "" : "; is this a tensor stream?");
    else if (length < 2)
        reader_fail(r, err, start, "header of %" PRIu64 " bytes, expected at least 2", length);
    else
        return 1;
    return no_frame(r, bytes, got, err);
}

static int header_room(Reader *r, size_t n, Error *err) {
    if (n <= r->header_capacity) return 0;
    char *p = realloc(r->header, n);
    if (!p) return reader_fail(r, err, r->at, "out of memory for a header of %zu bytes", n);
    r->header = p;
    r->header_capacity = n;
    return 0;
}

/* The first byte comes first: anything may look like a length, which then claims any size. */
static int read_header_text(Reader *r, size_t n, Error *err) {
    uint64_t left;
    size_t first;
    if (header_room(r, 1, err) || read_some(r, r->header, 1, &first, err)) return -1;
    if (first && *r->header != '{') {
        reader_fail(r, err, r->at - 1, "header begins with byte 0x%02x, expected '{'",
                    (unsigned char)*r->header);
        unsigned char bytes[9];
        for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)n >> 8 * i);
        bytes[8] = (unsigned char)*r->header;
        return no_frame(r, bytes, sizeof bytes, err);
    }
    if (bytes_left(r, &left) && left < n - first)
        return cut_short(r, err, "header", left + first, n);
    for (size_t have = first, step = HEADER_STEP; have < n; step *= 2) {
        size_t want = n - have < step ? n - have : step, got;
        if (header_room(r, have + want, err)) return -1;
        if (read_some(r, r->header + have, want, &got, err)) return -1;
        have += got;
        if (got < want) return cut_short(r, err, "header", have, n);
    }
    return 0;
}

/* 1: f holds the table of the next frame and the source stands at its data; 0: end. */
static int read_header(Reader *r, Frame *f, Error *err) {
    size_t n = 0, where;
    frame_clear(f);
    if (r->failed) return reader_fail(r, err, r->at, "reading has failed before");
    int rc = read_length(r, &n, err);
    if (rc < 1) return rc;
    uint64_t start = r->at;
    if (read_header_text(r, n, err)) return -1;
    if (header_parse(r->header, n, f, &where, err)) return fail_at(r, err, start + where);
    if (f->bytes > r->limit)
        return reader_fail(r, err, r->at, "data of %zu bytes, expected at most %zu", f->bytes,
                           r->limit);
    return 1;
}

static int read_data(Reader *r, Frame *f, Error *err) {
    uint64_t left;
    size_t total = f->bytes, have = 0, want = total;
    if (bytes_left(r, &left)) {
        if (left < total) return cut_short(r, err, "data", left, total);
    } else {
        size_t step = f->capacity > DATA_STEP ? f->capacity : DATA_STEP;
        if (want > step) want = step;
    }
    for (;;) {
        size_t got;
        if (frame_reserve_data(f, want, have, err)) return fail_at(r, err, r->at);
        if (read_some(r, f->data + have, want - have, &got, err)) return -1;
        have += got;
        if (have < want) return cut_short(r, err, "data", have, total);
        if (have == total) return 0;
        want = want > total / 2 ? total : want * 2;
    }
}

/* The tensors' checksums and the frame's, which follows from them. */
static int check_sums(Reader *r, const Frame *f, uint64_t data_at, Error *err) {
    Sums s;
    if (sums_read(&s, f, err)) return fail_at(r, err, data_at);
    if (!s.frame && !s.tensors) return 0;
    unsigned long whole = 0;
    for (size_t i = 0; i < f->tensor_count; i++) {
        const Tensor *t = &f->tensors[i];
        size_t bytes = t->count * dtype_size(t->dtype);
        unsigned long crc = crc32_z(0, f->data + t->offset, bytes);
        if (sums_check_tensor(&s, f, i, crc, err)) return fail_at(r, err, data_at + t->offset);
        whole = crc32_combine(whole, crc, (z_off_t)bytes);
    }
    return sums_check_frame(&s, whole, err) ? fail_at(r, err, data_at) : 0;
}

/* Foreign writers may put a tensor at an offset its type cannot live at. Such frames are laid out
 * anew in the order of the reference writer, in which every tensor is aligned. */
static int realign(Reader *r, Frame *f, Error *err) {
    bool aligned = true;
    for (size_t i = 0; i < f->tensor_count && aligned; i++)
        aligned = f->tensors[i].offset % dtype_size(f->tensors[i].dtype) == 0;
    if (aligned) return 0;
    unsigned char *data = data_alloc(f->bytes, err);
    if (!data) return fail_at(r, err, r->at);
    qsort(f->tensors, f->tensor_count, sizeof *f->tensors, tensor_order);
    size_t at = 0;
    for (size_t i = 0; i < f->tensor_count; i++) {
        Tensor *t = &f->tensors[i];
        size_t bytes = t->count * dtype_size(t->dtype);
        memcpy(data + at, f->data + t->offset, bytes);
        t->offset = at;
        at += bytes;
    }
    free(f->data);
    f->data = data;
    f->capacity = f->bytes;
    return 0;
}

/* The end of the source is no good end when the last frame was to be followed by others. */
static int check_end(Reader *r, Error *err) {
    const FramePlace *p = &r->place;
    if (!p->number || p->last) return 0;
    if (p->total)
        return reader_fail(r, err, r->at,
                           "the stream broke off after frame %" PRIu64 " of %" PRIu64, p->number,
                           p->total);
    return reader_fail(r, err, r->at, "the stream broke off after frame %" PRIu64 ", %s", p->number,
                       p->endless ? "it has no end" : "which was not its last");
}

static int skip_data(Reader *r, size_t total, Error *err) {
    uint64_t left;
    if (bytes_left(r, &left)) {
        if (left < total) return cut_short(r, err, "data", left, total);
        if (r->fd >= 0 && lseek(r->fd, (off_t)total, SEEK_CUR) < 0)
            return reader_fail(r, err, r->at, "cannot seek: %s", strerror(errno));
        r->at += total;
        return 0;
    }
    char block[65536];
    for (size_t have = 0; have < total;) {
        size_t want = total - have < sizeof block ? total - have : sizeof block, got;
        if (read_some(r, block, want, &got, err)) return -1;
        have += got;
        if (got < want) return cut_short(r, err, "data", have, total);
    }
    return 0;
}

/* The next frame, with its data or without, and its place. */
static int next(Reader *r, Frame *f, bool data, uint64_t *data_at, Error *err) {
    int rc = r ? read_header(r, f, err) : -1;
    if (rc == 0) rc = check_end(r, err);
    if (rc == 1) {
        *data_at = r->at;
        if (data ? read_data(r, f, err) || check_sums(r, f, *data_at, err) || realign(r, f, err)
                 : skip_data(r, f->bytes, err))
            rc = -1;
    }
    if (rc == 1 && frame_place(f, &r->place, err)) rc = fail_at(r, err, r->at);
    if (rc < 0) frame_clear(f);
    if (rc == 1) r->frames++;
    if (rc == 1 && data) frame_bind(f);
    return rc;
}

int reader_next(Reader *r, Frame *f, Error *err) {
    uint64_t data_at;
    return next(r, f, true, &data_at, err);
}

int reader_next_header(Reader *r, Frame *f, uint64_t *data_at, Error *err) {
    uint64_t at;
    return next(r, f, false, data_at ? data_at : &at, err);
}

/* Nothing may follow the only frame of a file. */
static int expect_end(Reader *r, Error *err) {
    char byte;
    size_t got;
    uint64_t at = r->at;
    if (read_some(r, &byte, 1, &got, err)) return -1;
    if (!got) return 0;
    return reader_fail(r, err, at, "bytes after the first frame, expected one frame alone");
}

int reader_only_frame(Reader *r, Frame *f, uint64_t *data_at, Error *err) {
    int rc = data_at ? reader_next_header(r, f, data_at, err) : reader_next(r, f, err);
    if (!rc && !r->at) rc = kind_refuse("", 0, KIND_NO_TEXT, r->name, "a tensor stream", err);
    if (!rc) rc = reader_fail(r, err, r->at, "nothing there, expected one frame");
    if (rc == 1) rc = expect_end(r, err);
    if (rc) frame_clear(f);
    return rc;
}

const char *reader_name(const Reader *r) { return r->name; }

int reader_file(const Reader *r) { return r->regular ? r->fd : -1; }

int frame_load(const char *path, Frame *f, Error *err) {
    Reader *r = reader_open(path, err);
    if (!r) return -1;
    int rc = reader_only_frame(r, f, NULL, err);
    reader_close(r);
    return rc;
}

ptrdiff_t frame_parse(const unsigned char *bytes, size_t n, Frame *f, Error *err) {
    char name[] = "memory";
    Reader r = {.name = name, .memory = bytes, .size = n};
    reader_init(&r, -1);
    int rc = reader_next(&r, f, err);
    free(r.header);
    return rc < 0 ? -1 : (ptrdiff_t)r.at;
}
