/* frame.c: frames in memory: building them, laying them out, looking things up.
 *
 * The arrays and the data block of a frame are kept when it is emptied, so a stream of equal frames
 * settles into using the same memory. Names and metadata live in an arena that is dropped. */
#define _GNU_SOURCE /* vasprintf */
#include "stream/stream_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void frame_clear(Frame *f) {
    arena_free(f->arena);
    f->arena = NULL;
    f->tensor_count = f->meta_count = 0;
    f->bytes = 0;
    f->incomplete = false;
}

void frame_free(Frame *f) {
    frame_clear(f);
    free(f->tensors);
    free(f->meta);
    free(f->data);
    *f = (Frame){0};
}

char *frame_text(Frame *f, const char *text) {
    size_t bytes = strlen(text) + 1;
    char *copy = arena_try_alloc(&f->arena, bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

int frame_reserve_data(Frame *f, size_t bytes, size_t keep, Error *err) {
    if (f->data && bytes <= f->capacity) return 0;
    if (!keep) { /* nothing to copy: let go of the old block before asking for the new one */
        free(f->data);
        f->data = NULL;
        f->capacity = 0;
    }
    unsigned char *data = data_alloc(bytes, err);
    if (!data) return -1;
    if (keep) memcpy(data, f->data, keep);
    free(f->data);
    f->data = data;
    f->capacity = bytes;
    return 0;
}

void frame_bind(Frame *f) {
    for (size_t i = 0; i < f->tensor_count; i++)
        f->tensors[i].data = f->data + f->tensors[i].offset;
}

const char *name_problem(const char *name) {
    size_t n = strlen(name);
    if (!n) return "is empty";
    if (n > NAME_MAX_BYTES) return "is longer than 1024 bytes";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name[i], next = (unsigned char)name[i + 1];
        /* ASCII controls, and U+0080 to U+009F, which terminals obey as well */
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
            return "holds a control character";
    }
    return NULL;
}

int tensor_measure(Tensor *t, size_t *bytes, Error *err) {
    char text[200];
    for (int i = 0; i < t->rank; i++)
        if (t->shape[i] > EXTENT_MAX)
            return fail(err, "extent %zu is over the format's limit of 2^48-1", t->shape[i]);
    if (!size_product(t->shape, t->rank, &t->count) ||
        !size_mul(t->count, dtype_size(t->dtype), bytes))
        return fail(err, "%s %s overflows the size of memory", dtype_name(t->dtype),
                    shape_text(t->rank, t->shape, text, sizeof text));
    return 0;
}

int frame_add(Frame *f, const char *name, DType t, int rank, const size_t *shape, Error *err) {
    const char *problem = name_problem(name);
    size_t bytes;
    if (problem) return fail(err, "tensor name '%.40s' %s", name, problem);
    if (!strcmp(name, METADATA_KEY)) return fail(err, "a tensor cannot be called '%s'", name);
    if (!dtype_size(t)) return fail(err, "tensor '%.80s': unknown type %d", name, (int)t);
    if (rank < 0 || rank > TENSOR_RANK_MAX)
        return fail(err, "tensor '%.80s': rank %d, expected 0 to %d", name, rank, TENSOR_RANK_MAX);
    if (frame_find(f, name)) return fail(err, "tensor '%.80s' is in the frame already", name);
    Tensor new = {.dtype = t, .rank = rank};
    if (rank) memcpy(new.shape, shape, (size_t)rank * sizeof *shape);
    if (tensor_measure(&new, &bytes, err)) return fail_in(err, "tensor '%.80s'", name);
    if (array_room(&f->tensors, &f->tensor_capacity, f->tensor_count + 1, sizeof new, "tensors",
                   err))
        return -1;
    new.name = frame_text(f, name);
    if (!new.name) return fail(err, "out of memory");
    f->tensors[f->tensor_count] = new;
    return (int)f->tensor_count++;
}

int tensor_order(const void *a, const void *b) {
    const Tensor *x = a, *y = b;
    if (x->dtype != y->dtype) return x->dtype < y->dtype ? 1 : -1;
    return strcmp(x->name, y->name);
}

bool frame_in_order(const Frame *f) {
    for (size_t i = 1; i < f->tensor_count; i++)
        if (tensor_order(&f->tensors[i - 1], &f->tensors[i]) > 0) return false;
    return true;
}

int frame_arrange(Frame *f, Error *err) {
    size_t at = 0;
    if (!frame_in_order(f)) qsort(f->tensors, f->tensor_count, sizeof *f->tensors, tensor_order);
    for (size_t i = 0; i < f->tensor_count; i++) {
        size_t bytes;
        f->tensors[i].offset = at;
        if (tensor_measure(&f->tensors[i], &bytes, err)) return -1;
        if (!size_add(at, bytes, &at)) return fail(err, "the tensors overflow the size of memory");
    }
    f->bytes = at;
    return 0;
}

int frame_allocate(Frame *f, Error *err) {
    if (frame_arrange(f, err) || frame_reserve_data(f, f->bytes, 0, err)) return -1;
    memset(f->data, 0, f->bytes);
    frame_bind(f);
    return 0;
}

size_t frame_samples(size_t each, size_t per_frame, uint64_t all) {
    enum { BYTES_MAX = 1 << 26 };
    size_t fit = !each ? per_frame : each < BYTES_MAX ? BYTES_MAX / each : 1;
    size_t most = per_frame < fit ? per_frame : fit;
    return most < all ? most : (size_t)all;
}

Tensor *frame_find(const Frame *f, const char *name) {
    for (size_t i = 0; i < f->tensor_count; i++)
        if (!strcmp(f->tensors[i].name, name)) return &f->tensors[i];
    return NULL;
}

/* Where key is, or where it belongs: metadata is kept sorted. */
static size_t meta_place(const Frame *f, const char *key, bool *found) {
    size_t low = 0, high = f->meta_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(f->meta[middle].key, key);
        if (!order) *found = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *frame_meta(const Frame *f, const char *key) {
    bool found;
    size_t i = meta_place(f, key, &found);
    return found ? f->meta[i].value : NULL;
}

/* Makes room for an entry at i. */
static int meta_insert(Frame *f, size_t i, const char *key) {
    Error err;
    char *copy = frame_text(f, key);
    if (!copy || array_room(&f->meta, &f->meta_capacity, f->meta_count + 1, sizeof *f->meta,
                            "metadata", &err))
        return -1;
    memmove(f->meta + i + 1, f->meta + i, (f->meta_count++ - i) * sizeof *f->meta);
    f->meta[i].key = copy;
    return 0;
}

void frame_set_meta(Frame *f, const char *key, const char *value) {
    bool found;
    size_t i = meta_place(f, key, &found), n = value ? strlen(value) : 0;
    if (value && found && strlen(f->meta[i].value) >= n) {
        /* a value set again and again does not grow the arena; value may be the old one's tail */
        memmove(f->meta[i].value, value, n + 1);
        return;
    }
    char *copy = value ? frame_text(f, value) : NULL;
    if (copy && (found || !meta_insert(f, i, key)))
        f->meta[i].value = copy;
    else
        f->incomplete = true;
}

void frame_set_metaf(Frame *f, const char *key, const char *format, ...) {
    char *text;
    va_list ap;
    va_start(ap, format);
    if (vasprintf(&text, format, ap) < 0) text = NULL;
    va_end(ap);
    frame_set_meta(f, key, text);
    free(text);
}

void frame_copy_meta(Frame *f, const Frame *from) {
    for (size_t i = 0; i < from->meta_count; i++)
        frame_set_meta(f, from->meta[i].key, from->meta[i].value);
}

static bool parse_place(const char *text, FramePlace *out) {
    if (!parse_digits(&text, &out->number) || !out->number || *text++ != '/') return false;
    out->endless = !strcmp(text, "endless");
    if (out->endless || !strcmp(text, "?")) return true;
    return parse_u64(text, &out->total) && out->number <= out->total;
}

int frame_place(const Frame *f, FramePlace *out, Error *err) {
    const char *text = frame_meta(f, FRAME_KEY);
    *out = (FramePlace){0};
    if (!text) return 0;
    if (!parse_place(text, out))
        return fail(err, "metadata %s: expected a place such as 7/20, found '%.40s'", FRAME_KEY,
                    text);
    out->last = out->number == out->total;
    return 0;
}

void frame_set_place(Frame *f, const FramePlace *place) {
    if (place->total)
        frame_set_metaf(f, FRAME_KEY, "%" PRIu64 "/%" PRIu64, place->number, place->total);
    else
        frame_set_metaf(f, FRAME_KEY, "%" PRIu64 "/%s", place->number,
                        place->endless ? "endless" : "?");
}

const char *shape_text(int rank, const size_t *shape, char *buf, size_t size) {
    size_t n = (size_t)snprintf(buf, size, "[");
    for (int i = 0; i < rank && n < size; i++)
        n += (size_t)snprintf(buf + n, size - n, i ? ",%zu" : "%zu", shape[i]);
    if (n < size) snprintf(buf + n, size - n, "]");
    return buf;
}
