/* header.c: from a header's JSON to a frame's table of tensors and metadata.
 *
 * Two passes. The scan looks at every byte outside strings and lets through only what a header can
 * hold (three levels, digits, short lists, a bounded number of values), so the JSON library never
 * recurses deeply nor allocates much more than the text's size. Then the library parses, and each
 * entry is checked against the published format. */
#include "stream/json_memory.h"
#include "stream/stream_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *json;
    size_t n;
    size_t where; /* byte of the error */
    Error *err;
} Header;

enum { DEPTH_MAX = 3 };

typedef struct {
    int depth;
    bool in_list[DEPTH_MAX + 1];
    size_t commas; /* in the innermost list; lists hold no lists, since they are the third level */
    size_t values;
} Scan;

static int scan_open(Scan *s, bool list, Error *err) {
    if (s->depth == DEPTH_MAX) return fail(err, "nesting deeper than %d levels", DEPTH_MAX);
    s->in_list[++s->depth] = list;
    s->commas = 0;
    s->values++;
    return 0;
}

static int scan_byte(Scan *s, unsigned char c, Error *err) {
    switch (c) {
    case '{': return scan_open(s, false, err);
    case '[': return scan_open(s, true, err);
    case '}':
    case ']':
        if (!s->depth) return fail(err, "'%c' closes nothing", c);
        s->depth--;
        return 0;
    case ',':
        s->values++;
        if (s->in_list[s->depth] && ++s->commas >= TENSOR_RANK_MAX)
            return fail(err, "a list of more than %d numbers", TENSOR_RANK_MAX);
        return 0;
    }
    if (c && strchr(" \t\n\r:0123456789", c)) return 0;
    if (c > 0x20 && c < 0x7f) return fail(err, "unexpected '%c' in the header", c);
    return fail(err, "unexpected byte 0x%02x in the header", c);
}

static int scan(Header *h) {
    Scan s = {0};
    bool in_string = false;
    for (size_t i = 0; i < h->n; i++) {
        char c = h->json[i];
        h->where = i;
        if (in_string) {
            if (c == '\\') i++;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (scan_byte(&s, (unsigned char)c, h->err)) {
            return -1;
        } else if (s.values > VALUES_MAX) {
            return fail(h->err, "more than %d values in the header", VALUES_MAX);
        }
    }
    return 0;
}

/* The library quotes its input in messages: keep them one line of harmless text. */
static int json_problem(Header *h, const json_error_t *e) {
    h->where = e->position > 0 && (size_t)e->position <= h->n ? (size_t)e->position : 0;
    fail(h->err, "header is not valid JSON: %s", e->text);
    for (char *c = h->err->text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f) *c = '?';
    return -1;
}

/* The byte of an entry's key, found again in the text: only messages need it. A key written with
 * escapes is not found, and the start of the header stands for it. */
static size_t key_byte(const Header *h, const char *key) {
    size_t n = strlen(key);
    for (const char *p = h->json, *end = p + h->n;
         (p = memchr(p, '"', (size_t)(end - p))) && (size_t)(end - p) > n + 2; p++)
        if (!memcmp(p + 1, key, n) && p[n + 1] == '"' && strchr(": \t\r\n", p[n + 2]))
            return (size_t)(p - h->json);
    return 0;
}

/* Puts `tensor 'NAME'` in front of the error, which is at the tensor's byte. */
static int tensor_fail_in(Header *h, const char *name) {
    h->where = key_byte(h, name);
    return fail_in(h->err, "tensor '%.80s'", name);
}

static int tensor_fail(Header *h, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int tensor_fail(Header *h, const char *name, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    vfail(h->err, format, ap);
    va_end(ap);
    return tensor_fail_in(h, name);
}

/* list[i] as a size, checked. */
static int get_size(Header *h, const char *name, const json_t *list, size_t i, size_t *out) {
    const json_t *item = json_array_get(list, i);
    if (!json_is_integer(item)) return tensor_fail(h, name, "a list holds what is not a number");
    json_int_t v = json_integer_value(item);
    if (v < 0 || (uint64_t)v > EXTENT_MAX)
        return tensor_fail(h, name, "%" JSON_INTEGER_FORMAT " is over the format's limit of 2^48-1",
                           v);
    if ((uint64_t)v > SIZE_MAX)
        return tensor_fail(h, name, "%" JSON_INTEGER_FORMAT " is too large for this machine", v);
    *out = (size_t)v;
    return 0;
}

static int get_dtype(Header *h, const char *name, const json_t *entry, DType *out) {
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    if (!type) return tensor_fail(h, name, "no dtype, expected a string");
    int known = dtype_parse(type, out);
    if (known == 0) return tensor_fail(h, name, "dtype %s is not supported", type);
    if (known < 0) {
        if (strlen(type) > 32 || name_problem(type))
            return tensor_fail(h, name, "dtype is none of the format's");
        return tensor_fail(h, name, "dtype '%s' is none of the format's", type);
    }
    return 0;
}

static int get_shape(Header *h, Tensor *t, const json_t *entry) {
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape)) return tensor_fail(h, t->name, "no shape, expected a list");
    size_t rank = json_array_size(shape);
    if (rank > TENSOR_RANK_MAX)
        return tensor_fail(h, t->name, "rank %zu, expected 0 to %d", rank, TENSOR_RANK_MAX);
    t->rank = (int)rank;
    for (size_t i = 0; i < rank; i++)
        if (get_size(h, t->name, shape, i, &t->shape[i])) return -1;
    return 0;
}

static int get_tensor(Header *h, const char *name, const json_t *entry, Tensor *t) {
    size_t begin = 0, end = 0, bytes = 0;
    if (!json_is_object(entry)) return tensor_fail(h, name, "its entry is not an object");
    if (get_dtype(h, name, entry, &t->dtype) || get_shape(h, t, entry)) return -1;
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (json_array_size(offsets) != 2)
        return tensor_fail(h, name, "no data_offsets, expected a list of two numbers");
    if (get_size(h, name, offsets, 0, &begin) || get_size(h, name, offsets, 1, &end)) return -1;
    if (json_object_size(entry) != 3)
        return tensor_fail(h, name, "%zu fields, expected dtype, shape and data_offsets alone",
                           json_object_size(entry));
    if (tensor_measure(t, &bytes, h->err)) return tensor_fail_in(h, name);
    if (begin > end)
        return tensor_fail(h, name, "ends at %zu, before it begins at %zu", end, begin);
    if (end - begin != bytes) {
        char text[200];
        return tensor_fail(h, name, "data_offsets span %zu bytes, %s %s is %zu", end - begin,
                           dtype_name(t->dtype), shape_text(t->rank, t->shape, text, sizeof text),
                           bytes);
    }
    t->offset = begin;
    return 0;
}

static int meta_order(const void *a, const void *b) {
    return strcmp(((const Meta *)a)->key, ((const Meta *)b)->key);
}

static int get_metadata(Header *h, Frame *f, json_t *object) {
    const char *key;
    json_t *value;
    size_t n = 0;
    if (!json_is_object(object)) {
        h->where = key_byte(h, METADATA_KEY);
        return fail(h->err, METADATA_KEY " is not an object");
    }
    if (array_room(&f->meta, &f->meta_capacity, json_object_size(object), sizeof *f->meta,
                   "metadata", h->err))
        return -1;
    json_object_foreach(object, key, value) {
        const char *problem = name_problem(key);
        if (problem || !json_is_string(value)) {
            h->where = key_byte(h, key);
            if (problem) return fail(h->err, "a metadata key %s", problem);
            return fail(h->err, "metadata '%.80s' is not a string", key);
        }
        Meta *m = &f->meta[n++];
        *m = (Meta){frame_text(f, key), frame_text(f, json_string_value(value))};
        if (!m->key || !m->value) return fail(h->err, "out of memory");
    }
    if (n) qsort(f->meta, n, sizeof *f->meta, meta_order);
    f->meta_count = n;
    return 0;
}

/* Tensors without data share an offset with their successor, so the end decides too. */
static int by_offset(const void *a, const void *b) {
    const Tensor *x = a, *y = b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    if (!x->count != !y->count) return x->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* The tensors in the order of their data must follow each other exactly, from 0. */
static int check_layout(Header *h, Frame *f) {
    size_t at = 0;
    if (f->tensor_count) qsort(f->tensors, f->tensor_count, sizeof *f->tensors, by_offset);
    for (size_t i = 0; i < f->tensor_count; i++) {
        const Tensor *t = &f->tensors[i];
        if (t->offset > at)
            return tensor_fail(h, t->name, "begins at %zu, expected %zu: a hole in the data",
                               t->offset, at);
        if (t->offset < at)
            return tensor_fail(h, t->name, "begins at %zu, expected %zu: tensors overlap",
                               t->offset, at);
        /* no overflow: the offsets themselves are at most 2^48-1 */
        at += t->count * dtype_size(t->dtype);
    }
    f->bytes = at;
    return 0;
}

static int get_entries(Header *h, Frame *f, json_t *root) {
    const char *name;
    json_t *entry;
    if (array_room(&f->tensors, &f->tensor_capacity, json_object_size(root), sizeof *f->tensors,
                   "tensors", h->err))
        return -1;
    json_object_foreach(root, name, entry) {
        const char *problem = name_problem(name);
        if (problem) {
            h->where = key_byte(h, name);
            return fail(h->err, "a tensor's name %s", problem);
        }
        if (!strcmp(name, METADATA_KEY)) {
            if (get_metadata(h, f, entry)) return -1;
            continue;
        }
        Tensor *t = &f->tensors[f->tensor_count];
        *t = (Tensor){.name = frame_text(f, name)};
        if (!t->name) return fail(h->err, "out of memory");
        if (get_tensor(h, name, entry, t)) return -1;
        f->tensor_count++;
    }
    return check_layout(h, f);
}

int header_parse(const char *json, size_t n, Frame *f, size_t *where, Error *err) {
    Header h = {json, n, 0, err};
    json_error_t e;
    Error without;
    int rc = -1;
    if (!scan(&h)) {
        json_try();
        json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &e);
        h.where = 0;
        rc = root ? get_entries(&h, f, root) : json_problem(&h, &e);
        json_decref(root);
        if (json_tried(&without)) rc = fail(err, "%s", without.text);
    }
    *where = h.where;
    return rc;
}
