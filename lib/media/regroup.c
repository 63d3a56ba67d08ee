#include "media/regroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void layout_free(Layout *l) {
    arena_free(l->arena);
    frame_free(&l->facts);
    *l = (Layout){0};
}

const char *layout_meta(const Layout *l, const char *key) { return frame_meta(&l->facts, key); }

const Column *layout_column(const Layout *l, const char *name) {
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->columns[i].name, name)) return &l->columns[i];
    return NULL;
}

static int take_column(Layout *l, Column *c, const Tensor *t, size_t samples, Error *err) {
    char text[200];
    if (t->rank < 1 || t->shape[0] != samples)
        return fail(err, "tensor %s is %s: expected %zu samples on its first axis, as in %s",
                    t->name, shape_text(t->rank, t->shape, text, sizeof text), samples,
                    l->columns[0].name);
    size_t bytes = 0;
    *c = (Column){.name = arena_strdup(l->arena, t->name), .dtype = t->dtype, .rank = t->rank};
    memcpy(c->shape, t->shape, sizeof c->shape);
    if (!size_product(t->shape + 1, t->rank - 1, &bytes) ||
        !size_mul(bytes, dtype_size(t->dtype), &c->bytes) ||
        !size_add(l->sample_bytes, c->bytes, &l->sample_bytes))
        return fail(err, "tensor %s is too large", t->name);
    return 0;
}

/* What metadata say of that frame or of the stream it came in, and not of the samples. */
static bool of_one_frame(const char *key) {
    return !strncmp(key, "gan.crc32", 9) || !strcmp(key, FRAME_KEY) || !strcmp(key, BATCHES_KEY);
}

int layout_take(Layout *l, const Frame *f, Error *err) {
    layout_free(l);
    if (!f->tensor_count) return fail(err, "the frame holds no tensors");
    l->arena = arena_new(NULL);
    l->columns = arena_new_array(l->arena, Column, f->tensor_count);
    l->columns[0].name = f->tensors[0].name;
    size_t samples = f->tensors[0].rank ? f->tensors[0].shape[0] : 0;
    for (size_t i = 0; i < f->tensor_count; i++, l->count++)
        if (take_column(l, &l->columns[i], &f->tensors[i], samples, err)) return -1;
    for (size_t i = 0; i < f->meta_count; i++)
        if (!of_one_frame(f->meta[i].key))
            frame_set_meta(&l->facts, f->meta[i].key, f->meta[i].value);
    return l->facts.incomplete ? fail(err, "out of memory") : 0;
}

bool same_but_first(const Tensor *t, DType dtype, int rank, const size_t *shape) {
    if (t->rank != rank || t->dtype != dtype) return false;
    for (int i = 1; i < rank; i++)
        if (t->shape[i] != shape[i]) return false;
    return true;
}

int layout_match(const Layout *l, const Frame *f, size_t *samples, Error *err) {
    char found[200], expected[200];
    if (f->tensor_count != l->count)
        return fail(err, "the frame holds %zu tensors, expected %zu as in the first",
                    f->tensor_count, l->count);
    for (size_t i = 0; i < l->count; i++) {
        const Column *c = &l->columns[i];
        const Tensor *t = frame_find(f, c->name);
        if (!t) return fail(err, "the frame has no tensor %s, which the first one has", c->name);
        if (!same_but_first(t, c->dtype, c->rank, c->shape))
            return fail(err, "tensor %s is %s %s, expected %s %s but for the first axis", c->name,
                        dtype_name(t->dtype), shape_text(t->rank, t->shape, found, sizeof found),
                        dtype_name(c->dtype),
                        shape_text(c->rank, c->shape, expected, sizeof expected));
        if (i && t->shape[0] != *samples)
            return fail(err, "tensor %s holds %zu samples, tensor %s holds %zu", c->name,
                        t->shape[0], l->columns[0].name, *samples);
        *samples = t->shape[0];
    }
    return 0;
}

int column_add(const Column *c, size_t samples, const char *name, Frame *f, Error *err) {
    size_t shape[TENSOR_RANK_MAX];
    memcpy(shape, c->shape, sizeof shape);
    shape[0] = samples;
    return frame_add(f, name, c->dtype, c->rank, shape, err) < 0 ? -1 : 0;
}

void column_copy(const Column *c, const Frame *from, size_t first, size_t count, const Frame *to,
                 const char *name, size_t at) {
    const unsigned char *src = frame_find(from, c->name)->data;
    unsigned char *dst = frame_find(to, name)->data;
    if (c->bytes && count) memcpy(dst + at * c->bytes, src + first * c->bytes, count * c->bytes);
}

int layout_frame(const Layout *l, size_t samples, Frame *f, Error *err) {
    frame_clear(f);
    for (size_t i = 0; i < l->count; i++)
        if (column_add(&l->columns[i], samples, l->columns[i].name, f, err)) return -1;
    frame_copy_meta(f, &l->facts);
    return frame_allocate(f, err);
}

void regroup_start(Regroup *g, size_t size, FILE *out, const char *name) {
    *g = (Regroup){.size = size, .out = out, .name = name};
}

static void copy_rows(const Layout *l, const Frame *from, size_t first, Frame *to, size_t at,
                      size_t count) {
    for (const Column *c = l->columns; c < l->columns + l->count; c++)
        column_copy(c, from, first, count, to, c->name, at);
}

static int write_group(Regroup *g, bool last, Error *err) {
    g->frames++;
    if (g->describe) g->describe(g->context, &g->frame, g->frames, last);
    g->samples += g->filled;
    g->filled = 0;
    return frame_write(&g->frame, g->out, g->name, err);
}

int regroup_add(Regroup *g, const Frame *f, size_t first, uint64_t most, Error *err) {
    size_t samples = 0;
    if (!f->tensor_count) return 0; /* an end marker */
    if (!g->layout.count && layout_take(&g->layout, f, err)) return -1;
    if (layout_match(&g->layout, f, &samples, err)) return -1;
    if (first > samples) first = samples;
    size_t count = most < samples - first ? (size_t)most : samples - first;
    while (count) {
        size_t size = g->size ? g->size : count;
        if (g->describe && g->filled == size && write_group(g, false, err)) return -1;
        if (!g->filled && layout_frame(&g->layout, size, &g->frame, err)) return -1;
        size_t part = size - g->filled < count ? size - g->filled : count;
        copy_rows(&g->layout, f, first, &g->frame, g->filled, part);
        g->filled += part;
        first += part;
        count -= part;
        /* whether a frame is the last is known with the next sample */
        if (!g->describe && g->filled == size && write_group(g, false, err)) return -1;
    }
    return 0;
}

/* The last frame is smaller than the one being filled: its rows move into one of the right size. */
static int write_rest(Regroup *g, Error *err) {
    Frame rest = {0};
    int bad = layout_frame(&g->layout, g->filled, &rest, err);
    if (!bad) {
        copy_rows(&g->layout, &g->frame, 0, &rest, 0, g->filled);
        Frame full = g->frame;
        g->frame = rest;
        rest = full;
        bad = write_group(g, true, err);
    }
    frame_free(&rest);
    return bad;
}

int regroup_end(Regroup *g, bool bad, Error *err) {
    int status = bad ? -1 : 0;
    if (!bad && g->filled)
        status = g->filled == g->size ? write_group(g, true, err) : write_rest(g, err);
    if (!status && !g->samples) status = fail(err, "the input holds no samples");
    layout_free(&g->layout);
    frame_free(&g->frame);
    return status;
}

int regroup_stream(const char *path, Regroup *g, uint64_t *left, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    while (more > 0 && *left && (more = reader_next(r, &f, err)) > 0) {
        uint64_t before = g->samples + g->filled;
        if (regroup_add(g, &f, 0, *left, err)) more = reader_fail_in(r, err);
        if (*left != UINT64_MAX) *left -= g->samples + g->filled - before;
    }
    reader_close(r);
    frame_free(&f);
    return more < 0 ? -1 : 0;
}

int stream_copy(const char *path, FILE *out, const char *name, uint64_t *frames, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (frame_write(&f, out, name, err)) more = -1;
    if (r) *frames += reader_frames(r);
    reader_close(r);
    frame_free(&f);
    return more;
}

bool is_seekable(const char *path) {
    struct stat st;
    return (strcmp(path, "-") ? stat(path, &st) : fstat(STDIN_FILENO, &st)) == 0 &&
           S_ISREG(st.st_mode);
}

static int copy_fd(int from, int to, const char *name, Error *err) {
    unsigned char block[1 << 16];
    for (ssize_t n; (n = read(from, block, sizeof block)) != 0;) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(err, "%s: cannot read: %s", name, strerror(errno));
        if (write_fully(to, block, (size_t)n))
            return fail(err, "temporary copy of %s: %s", name, strerror(errno));
    }
    return 0;
}

int temporary_fd(Error *err) {
    char path[4096];
    const char *dir = getenv("TMPDIR");
    if (!dir || !*dir) dir = "/tmp";
    snprintf(path, sizeof path, "%s/gan-data.XXXXXX", dir);
    int fd = mkstemp(path);
    if (fd < 0) return fail(err, "a temporary file in %.400s: %s", dir, strerror(errno));
    unlink(path);
    return fd;
}

int seekable_fd(const char *path, Error *err) {
    const char *name = input_name(path);
    int from = input_open(path, err);
    if (from < 0) return -1;
    struct stat st;
    if (fstat(from, &st) == 0 && S_ISREG(st.st_mode)) return from;
    int to = temporary_fd(err);
    int bad = to < 0 ? fail_in(err, "%s: cannot be copied", name) : copy_fd(from, to, name, err);
    close(from);
    if (!bad && lseek(to, 0, SEEK_SET) != 0)
        bad = fail(err, "temporary copy of %s: cannot seek", name);
    if (bad && to >= 0) close(to);
    return bad ? -1 : to;
}

int read_stretch(int fd, const char *name, void *to, size_t n, uint64_t at, Error *err) {
    int trouble = read_all_at(fd, to, n, &at);
    if (!trouble) return 0;
    if (trouble < 0)
        return fail(err, "%s: byte %" PRIu64 ": the file has become shorter", name, at);
    return fail(err, "%s: byte %" PRIu64 ": cannot read: %s", name, at, strerror(trouble));
}
