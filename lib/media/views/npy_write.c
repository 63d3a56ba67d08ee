/* npy_write.c: a tensor of a stream as a NumPy array. */
#include "media/regroup.h"
#include "media/sources/npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Tensor *pick(const Frame *f, const char *name, Error *err) {
    const Tensor *t = name                   ? frame_find(f, name)
                      : f->tensor_count == 1 ? &f->tensors[0]
                                             : frame_find(f, "image");
    if (!t && name) fail(err, "no tensor %s", name);
    if (!t && !name) fail(err, "%zu tensors and none is image: --name says which", f->tensor_count);
    if (t && t->rank < 1) {
        fail(err, "tensor %s is a single number, expected samples on its first axis", t->name);
        return NULL;
    }
    return t;
}

/* First pass: the shape of the whole, from the headers. */
static int measure(Reader *r, const char *path, const char *name, Npy *all, Error *err) {
    Frame f = {0};
    int more;
    *all = (Npy){0};
    while ((more = reader_next_header(r, &f, NULL, err)) > 0) {
        if (!f.tensor_count) continue;
        const Tensor *t = pick(&f, name, err);
        bool first = !all->rank;
        if (t && first) {
            all->rank = t->rank;
            all->dtype = t->dtype;
            memcpy(all->shape, t->shape, sizeof all->shape);
        }
        size_t rows = t ? t->shape[0] : 0, before = all->shape[0];
        if (t) all->shape[0] = rows; /* equal for the comparison */
        if (t && (t->rank != all->rank || t->dtype != all->dtype ||
                  memcmp(t->shape, all->shape, (size_t)t->rank * sizeof *t->shape))) {
            char text[200];
            fail(err, "tensor %s is %s %s here, unlike before", t->name, dtype_name(t->dtype),
                 shape_text(t->rank, t->shape, text, sizeof text));
            t = NULL;
        }
        if (!t) {
            more = fail_in(err, "%s: frame %" PRIu64, path, reader_frames(r));
            break;
        }
        if (!first) all->shape[0] += before;
    }
    frame_free(&f);
    if (!more && !all->rank) return fail(err, "%s: the stream holds no tensors", path);
    return more;
}

static int write_header(const Npy *a, FILE *out, const char *name, Error *err) {
    Str text = {0};
    const char *code = npy_code(a->dtype);
    if (!code) code = "f4"; /* what BF16 becomes */
    str_printf(&text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
               code[1] == '1' ? '|' : '<', code);
    for (int i = 0; i < a->rank; i++)
        str_printf(&text, "%s%zu%s", i ? ", " : "", a->shape[i], a->rank == 1 ? "," : "");
    str_printf(&text, "), }");
    while ((10 + text.length + 1) % 64) str_append(&text, " ", 1);
    str_append(&text, "\n", 1);
    unsigned char head[10] = {0x93,
                              'N',
                              'U',
                              'M',
                              'P',
                              'Y',
                              1,
                              0,
                              (unsigned char)text.length,
                              (unsigned char)(text.length >> 8)};
    bool good =
        fwrite(head, 1, 10, out) == 10 && fwrite(text.text, 1, text.length, out) == text.length;
    str_free(&text);
    return good ? 0 : fail(err, "%s: cannot write", name);
}

static int write_rows(const Tensor *t, FILE *out, const char *name, Error *err) {
    size_t bytes = t->count * dtype_size(t->dtype);
    float *wide = NULL;
    const void *data = t->data;
    if (t->dtype == DT_BF16) {
        bytes = t->count * sizeof *wide;
        wide = data_alloc(bytes, err);
        if (!wide) return -1;
        tensor_to_float(t, 0, t->count, wide);
        data = wide;
    }
    bool good = fwrite(data, 1, bytes, out) == bytes;
    free(wide);
    return good ? 0 : fail(err, "%s: cannot write", name);
}

static int write_pass(int fd, const char *path, const char *tensor, bool header, FILE *out,
                      const char *name, Error *err) {
    int copy = dup(fd);
    Reader *r = copy < 0 ? NULL : reader_fd(copy, path, err);
    if (!r) return copy < 0 ? fail(err, "%s: out of descriptors", path) : -1;
    Frame f = {0};
    Npy all;
    int more = 1;
    if (header) {
        more = measure(r, path, tensor, &all, err);
        if (!more) more = write_header(&all, out, name, err);
    }
    while (more > 0) {
        more = reader_next(r, &f, err);
        if (more <= 0 || !f.tensor_count) continue;
        const Tensor *t = pick(&f, tensor, err);
        if (!t || write_rows(t, out, name, err)) more = -1;
    }
    reader_close(r);
    frame_free(&f);
    return more < 0 ? -1 : 0;
}

int npy_write(const char *path, const char *tensor, FILE *out, const char *name, Error *err) {
    int fd = seekable_fd(path, err);
    if (fd < 0) return -1;
    const char *shown = strcmp(path, "-") ? path : "standard input";
    off_t start = lseek(fd, 0, SEEK_CUR);
    int bad = write_pass(fd, shown, tensor, true, out, name, err);
    if (!bad && lseek(fd, start, SEEK_SET) < 0) bad = fail(err, "%s: cannot seek back", shown);
    if (!bad) bad = write_pass(fd, shown, tensor, false, out, name, err);
    close(fd);
    return bad;
}
