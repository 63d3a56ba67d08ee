/* npy.c: a NumPy array, and labels for its samples, as a stream. */
#include "media/sources/npy.h"
#include "media/sources/companion.h"
#include "media/sources/npy_array.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const NpyWant *want;
    NpyArray array, label;
    Companion table; /* instead of label, when it has series */
    int rank;        /* of the tensor made, and its shape but for the first extent */
    size_t shape[TENSOR_RANK_MAX];
    bool label_whole; /* I64, else F32 */
    Frame frame;
    void *raw; /* a frame's elements before conversion, of whichever array needs the most */
    FILE *out;
    const char *name;
} Run;

/* ---- labels ---- */

static int wrong_count(const Run *r, const char *name, size_t labels, Error *err) {
    return fail(err, "%s: %zu labels, but %s holds %zu samples", name, labels,
                source_name(r->array.source), r->array.npy.shape[0]);
}

static int open_table(Run *r, Error *err) {
    const NpyWant *w = r->want;
    if (companion_read(&r->table, &(CompanionWant){.path = w->labels}, err)) return -1;
    if (r->table.rows != r->array.npy.shape[0])
        return wrong_count(r, w->labels, r->table.rows, err);
    if (!companion_find(&r->table, w->name)) return 0;
    return fail(err, "%s: a column makes a second tensor %s: --name NAME renames the first",
                w->labels, w->name);
}

static int open_labels(Run *r, const char *path, Error *err) {
    const NpyWant *w = r->want;
    bool member = npz_has(path, w->labels);
    NpyArray *l = &r->label;
    if (!member && !npy_is(w->labels)) return open_table(r, err);
    if (npy_array_open(l, member ? path : w->labels, member ? w->labels : NULL, NULL, err))
        return -1;
    if (l->npy.shape[0] != r->array.npy.shape[0])
        return wrong_count(r, source_name(l->source), l->npy.shape[0], err);
    r->label_whole = !dtype_is_real(l->npy.dtype);
    return 0;
}

static int add_label(Run *r, size_t n, Error *err) {
    if (r->table.count) return companion_declare(&r->table, n, &r->frame, err);
    const Npy *l = &r->label.npy;
    size_t shape[TENSOR_RANK_MAX];
    memcpy(shape, l->shape, sizeof shape);
    shape[0] = n;
    int rank = r->label.each == 1 ? 1 : l->rank;
    return frame_add(&r->frame, "label", r->label_whole ? DT_I64 : DT_F32, rank, shape, err);
}

static int fill_label(Run *r, size_t n, Error *err) {
    if (r->table.count) {
        companion_fill(&r->table, NULL, (size_t)r->array.at - n, n, &r->frame);
        return 0;
    }
    NpyArray *l = &r->label;
    uint64_t first = l->at;
    void *to = frame_find(&r->frame, "label")->data;
    if (npy_array_read(l, n, r->raw, err)) return -1;
    size_t count = n * l->each;
    Tensor t = {.dtype = l->npy.dtype, .rank = 1, .shape = {count}, .count = count, .data = r->raw};
    if (!r->label_whole) {
        tensor_to_float(&t, 0, count, to);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        double v = tensor_get(&t, i);
        if (fabs(v) > 0x1p53)
            return fail(err, "%s: label of sample %" PRIu64 " is %g, too large for a class",
                        source_name(l->source), first + i / l->each, v);
        ((int64_t *)to)[i] = (int64_t)v;
    }
    return 0;
}

/* ---- samples ---- */

/* Samples of `bits` bits, highest first, each of whole bytes. */
static void unpack(const uint8_t *from, size_t n, size_t bits, uint8_t *to) {
    for (size_t i = 0; i < n; i++, from += (bits + 7) / 8, to += bits)
        for (size_t k = 0; k < bits; k++) to[k] = from[k / 8] >> (7 - k % 8) & 1 ? 255 : 0;
}

static int check_packed(const Run *r, Error *err) {
    size_t bits, each = r->array.each;
    char shape[200];
    const char *name = source_name(r->array.source);
    if (r->array.npy.dtype != DT_U8)
        return fail(err, "%s: bits are packed in U8, not %s", name, dtype_name(r->array.npy.dtype));
    if (!size_product(r->shape + 1, r->rank - 1, &bits) || (bits - 1) / 8 + 1 != each)
        return fail(err, "%s: a sample has %zu bytes, which are not the bits of %s", name, each,
                    shape_text(r->rank - 1, r->shape + 1, shape, sizeof shape));
    return 0;
}

static int read_frame(Run *r, size_t n, Error *err) {
    const NpyWant *w = r->want;
    DType type = r->array.npy.dtype;
    size_t count = n * r->array.each;
    bool raw = w->to_float || w->packed;
    r->shape[0] = n;
    frame_clear(&r->frame);
    if (frame_add(&r->frame, w->name, w->to_float ? DT_F32 : type, r->rank, r->shape, err) < 0 ||
        (w->labels && add_label(r, n, err) < 0) || frame_allocate(&r->frame, err))
        return -1;
    Tensor *tensor = frame_find(&r->frame, w->name);
    void *data = tensor->data, *to = raw ? r->raw : data;
    if (npy_array_read(&r->array, n, to, err)) return -1;
    if (w->packed) {
        unpack(to, n, tensor->count / n, data);
    } else if (w->to_float) {
        Tensor t = {.dtype = type, .rank = 1, .shape = {count}, .count = count, .data = to};
        tensor_to_float(&t, 0, count, data);
    }
    if (w->labels && fill_label(r, n, err)) return -1;
    return frame_write(&r->frame, r->out, r->name, err);
}

static int open_all(Run *r, const char *path, Error *err) {
    const NpyWant *w = r->want;
    const Npy *p = &r->array.npy;
    if (npy_array_open(&r->array, path, w->member, w->labels, err)) return -1;
    r->rank = 1 + (w->rank ? w->rank : p->rank - 1);
    memcpy(r->shape + 1, w->rank ? w->shape : p->shape + 1,
           (size_t)(r->rank - 1) * sizeof *p->shape);
    if (w->packed && check_packed(r, err)) return -1;
    if (!w->packed &&
        npy_array_arrange(&r->array, r->rank - 1, r->shape + 1, w->channels_first, err))
        return -1;
    return w->labels ? open_labels(r, path, err) : 0;
}

static int read_all(Run *r, const char *path, Error *err) {
    if (open_all(r, path, err)) return -1;
    size_t bytes = r->array.bytes + r->label.bytes, all = r->array.npy.shape[0];
    size_t most = frame_samples(bytes, r->want->per_frame, all);
    if (r->want->to_float || r->want->packed || r->want->labels) {
        r->raw = data_alloc(most * bytes, err);
        if (!r->raw) return -1;
    }
    for (size_t left = all, n; left; left -= n) {
        n = left < most ? left : most;
        if (read_frame(r, n, err)) return -1;
    }
    if (npy_array_end(&r->array, err)) return -1;
    return r->label.source ? npy_array_end(&r->label, err) : 0;
}

int npy_read(const char *path, const NpyWant *want, FILE *out, const char *name, Error *err) {
    Run r = {.want = want, .array.fd = -1, .label.fd = -1, .out = out, .name = name};
    int bad = read_all(&r, path, err);
    npy_array_close(&r.array);
    npy_array_close(&r.label);
    companion_free(&r.table);
    frame_free(&r.frame);
    free(r.raw);
    return bad;
}
