/* writer.c: frames to streams and files.
 *
 * The same frame always gives the same bytes: tensors in the order of the reference writer,
 * metadata sorted, compact JSON, spaces up to a multiple of 64. */
#include "stream/json_memory.h"
#include "stream/stream_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Where memory ends, json_tried says so. */
static json_t *tensor_entry(const Tensor *t, size_t offset) {
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++)
        json_array_append_new(shape, json_integer((json_int_t)t->shape[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_name(t->dtype), "shape", shape,
                     "data_offsets", (json_int_t)offset,
                     (json_int_t)(offset + t->count * dtype_size(t->dtype)));
}

static int put_metadata(json_t *root, const Frame *f, Error *err) {
    json_t *object = json_object();
    if (json_object_set_new(root, METADATA_KEY, object)) return fail(err, "out of memory");
    for (size_t i = 0; i < f->meta_count; i++) {
        const Meta *m = &f->meta[i];
        const char *problem = name_problem(m->key);
        if (problem) return fail(err, "metadata key '%.40s' %s", m->key, problem);
        if (json_object_set_new(object, m->key, json_string(m->value)))
            return fail(err, "metadata '%.80s' is not UTF-8 text", m->key);
    }
    return 0;
}

static int put_tensors(json_t *root, const Tensor *tensors, size_t n, Error *err) {
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = &tensors[i];
        if (json_object_set_new(root, t->name, tensor_entry(t, at)))
            return fail(err, "tensor name '%.80s' is not UTF-8 text", t->name);
        at += t->count * dtype_size(t->dtype);
    }
    return 0;
}

/* The header as JSON, to be released by free. */
static int header_json(const Frame *f, const Tensor *tensors, char **text, Error *err) {
    Error without;
    json_try();
    json_t *root = json_object();
    int rc = !root ? fail(err, "out of memory") : put_metadata(root, f, err);
    if (!rc) rc = put_tensors(root, tensors, f->tensor_count, err);
    /* the library keeps the order of insertion */
    *text = rc ? NULL : json_dumps(root, JSON_COMPACT);
    if (!rc && !*text) rc = fail(err, "out of memory");
    json_decref(root);
    if (json_tried(&without)) rc = fail(err, "%s", without.text);
    if (rc) free(*text);
    return rc;
}

/* The header's length and text, padded, ready to be written. */
static char *header_bytes(const Frame *f, const Tensor *tensors, size_t *bytes, Error *err) {
    char *text, *out = NULL;
    if (f->incomplete) {
        fail(err, "out of memory");
        return NULL;
    }
    if (header_json(f, tensors, &text, err)) return NULL;
    size_t n = strlen(text), padded = (8 + n + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN - 8;
    if (padded > HEADER_MAX)
        fail(err, "a header of %zu bytes, expected at most %d", padded, HEADER_MAX);
    else
        out = data_alloc(8 + padded, err);
    if (out) {
        for (int i = 0; i < 8; i++) out[i] = (char)((uint64_t)padded >> 8 * i & 255);
        memcpy(out + 8, text, n);
        memset(out + 8 + n, ' ', padded - n);
    }
    free(text);
    *bytes = 8 + padded;
    return out;
}

static int cannot_write(Error *err, const char *name) {
    return fail(err, "%.200s: cannot write: %s", name, strerror(errno ? errno : EIO));
}

const void *tensor_data(const Frame *f, const Tensor *t, void *room) {
    return t->data ? t->data : f->give(f->give_context, t, room);
}

/* Sets the checksums, then writes: header, then each tensor's data in order. */
static int write_through(Frame *f, const Tensor *tensors, void *room, FILE *out, const char *name,
                         Error *err) {
    sums_set(f, tensors, room);
    size_t n;
    char *header = header_bytes(f, tensors, &n, err);
    if (!header) return fail_in(err, "%.200s", name);
    errno = 0;
    bool good = fwrite(header, 1, n, out) == n;
    free(header);
    for (size_t i = 0; i < f->tensor_count && good; i++) {
        size_t bytes = tensors[i].count * dtype_size(tensors[i].dtype);
        good = fwrite(tensor_data(f, &tensors[i], room), 1, bytes, out) == bytes;
    }
    /* the next program in a pipe gets whole frames, and a full disk is found out here */
    if (!good || fflush(out)) return cannot_write(err, name);
    return 0;
}

static int write_tensors(Frame *f, const Tensor *tensors, FILE *out, const char *name, Error *err) {
    size_t most = 0;
    for (size_t i = 0; i < f->tensor_count; i++) {
        size_t bytes = tensors[i].count * dtype_size(tensors[i].dtype);
        if (!tensors[i].data && bytes > most) most = bytes;
    }
    void *room = most ? data_alloc(most, err) : NULL;
    if (most && !room) return fail_in(err, "%.200s", name);
    int rc = write_through(f, tensors, room, out, name, err);
    free(room);
    return rc;
}

int frame_write(Frame *f, FILE *out, const char *name, Error *err) {
    for (size_t i = 0; i < f->tensor_count && !f->give; i++)
        if (!f->tensors[i].data)
            return fail(err, "%.200s: tensor '%.80s' has no data to write", name,
                        f->tensors[i].name);
    if (frame_in_order(f)) return write_tensors(f, f->tensors, out, name, err);
    /* a frame of foreign order: callers may hold its tensors, so sort a copy of the table */
    size_t bytes = f->tensor_count * sizeof *f->tensors;
    Tensor *sorted = malloc(bytes);
    if (!sorted) return fail(err, "%.200s: out of memory", name);
    memcpy(sorted, f->tensors, bytes);
    qsort(sorted, f->tensor_count, sizeof *sorted, tensor_order);
    int rc = write_tensors(f, sorted, out, name, err);
    free(sorted);
    return rc;
}

int frame_save(Frame *f, const char *path, Error *err) {
    return frame_save_held(f, path, NULL, err);
}

int frame_save_held(Frame *f, const char *path, int *hold, Error *err) {
    Output out;
    if (!strcmp(path, "-")) return frame_write(f, stdout, "standard output", err);
    if (output_open(&out, path, err)) return -1;
    return output_close_held(&out, frame_write(f, out.file, out.name, err), hold, err);
}
