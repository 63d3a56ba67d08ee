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

/* The shape of the whole grows by what this frame holds. */
static int add_shape(Npy *all, const Tensor *t, Error *err) {
    char text[200];
    if (!all->rank) {
        *all = (Npy){.rank = t->rank, .dtype = t->dtype};
        memcpy(all->shape, t->shape, sizeof all->shape);
        return 0;
    }
    if (!same_but_first(t, all->dtype, all->rank, all->shape))
        return fail(err, "tensor %s is %s %s here, unlike before", t->name, dtype_name(t->dtype),
                    shape_text(t->rank, t->shape, text, sizeof text));
    all->shape[0] += t->shape[0];
    return 0;
}

/* First pass: the shape of the whole, from the headers. */
static int measure(Reader *r, const char *path, const char *name, Npy *all, Error *err) {
    Frame f = {0};
    int more = 1;
    *all = (Npy){0};
    while (more > 0 && (more = reader_next_header(r, &f, NULL, err)) > 0) {
        const Tensor *t = f.tensor_count ? pick(&f, name, err) : NULL;
        if (f.tensor_count && (!t || add_shape(all, t, err))) more = reader_fail_in(r, err);
    }
    frame_free(&f);
    if (!more && !all->rank) return fail(err, "%s: the stream holds no tensors", path);
    return more;
}

static int write_header(const Npy *a, FILE *out, const char *name, Error *err) {
    enum { MAGIC = 8, HEAD = MAGIC + 2 }; /* bytes: with the version, and with the length */
    Str text = {0};
    const char *code = npy_code(a->dtype);
    if (!code) code = "f4"; /* what BF16 becomes */
    str_append(&text, "\x93NUMPY\1\0\0\0", HEAD);
    str_printf(&text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
               code[1] == '1' ? '|' : '<', code);
    for (int i = 0; i < a->rank; i++)
        str_printf(&text, "%s%zu%s", i ? ", " : "", a->shape[i], a->rank == 1 ? "," : "");
    str_printf(&text, "), }");
    while ((text.length + 1) % 64) str_append(&text, " ", 1);
    str_append(&text, "\n", 1);
    for (int i = 0; i < 2; i++) text.text[MAGIC + i] = (char)((text.length - HEAD) >> 8 * i);
    bool good = fwrite(text.text, 1, text.length, out) == text.length;
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

static int write_all_rows(Reader *r, const char *tensor, FILE *out, const char *name, Error *err) {
    Frame f = {0};
    int more = 1;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0) {
        const Tensor *t = f.tensor_count ? pick(&f, tensor, err) : NULL;
        if (f.tensor_count && (!t || write_rows(t, out, name, err))) more = -1;
    }
    frame_free(&f);
    return more;
}

int npy_write(const char *path, const char *tensor, FILE *out, const char *name, Error *err) {
    const char *shown = input_name(path);
    Npy all;
    int fd = seekable_fd(path, err), copy = fd < 0 ? -1 : dup(fd);
    if (fd < 0) return -1;
    off_t start = lseek(fd, 0, SEEK_CUR);
    int bad = copy < 0 ? fail(err, "%s: out of descriptors", shown) : 0;
    Reader *r = bad ? NULL : reader_fd(copy, shown, err);
    if (!bad) bad = measure(r, shown, tensor, &all, err);
    if (!bad) bad = write_header(&all, out, name, err);
    reader_close(r);
    if (!bad && lseek(fd, start, SEEK_SET) < 0) bad = fail(err, "%s: cannot seek back", shown);
    if (bad) {
        close(fd);
        return -1;
    }
    r = reader_fd(fd, shown, err);
    bad = write_all_rows(r, tensor, out, name, err);
    reader_close(r);
    return bad;
}
