/* idx.c: the format of the MNIST files. */
#include "media/sources/datasets.h"
#include "media/sources/source.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <stdlib.h>

int idx_parse(const unsigned char *bytes, size_t n, Idx *out, size_t *need, Error *err) {
    *need = 4;
    if (n < 4) return 0;
    if (bytes[0] || bytes[1])
        return fail(err, "byte 0: found %02x %02x, expected 00 00 as IDX starts", bytes[0],
                    bytes[1]);
    *out = (Idx){.type = bytes[2], .rank = bytes[3]};
    if (out->rank < 1 || out->rank > IDX_RANK_MAX)
        return fail(err, "byte 3: rank %d, expected 1 to %d", out->rank, IDX_RANK_MAX);
    *need = 4 + 4 * (size_t)out->rank;
    if (n < *need) return 0;
    for (int i = 0; i < out->rank; i++) {
        const unsigned char *p = bytes + 4 + 4 * i;
        out->shape[i] = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        if (!out->shape[i]) return fail(err, "byte %d: an extent is 0", 4 + 4 * i);
    }
    size_t product;
    if (!size_product(out->shape, out->rank, &product))
        return fail(err, "the product of the extents overflows");
    return (int)*need;
}

static int read_header(Source *s, Idx *idx, Error *err) {
    unsigned char bytes[4 + 4 * IDX_RANK_MAX];
    size_t need;
    int bad = source_read(s, bytes, 4, "the IDX header", err);
    if (!bad && idx_parse(bytes, 4, idx, &need, err) < 0) bad = fail_in(err, "%s", source_name(s));
    if (bad) {
        source_refuse(s, KIND_NO_TEXT, "an IDX file", err);
        return -1;
    }
    if (source_read(s, bytes + 4, need - 4, "the IDX header", err)) return -1;
    if (idx_parse(bytes, need, idx, &need, err) < 0) return fail_in(err, "%s", source_name(s));
    if (idx->type != IDX_U8)
        return fail(err, "%s: byte 2: type 0x%02x, expected 0x08 (unsigned bytes)", source_name(s),
                    idx->type);
    return 0;
}

typedef struct {
    Source *images, *labels;
    Idx shape;
    size_t bytes, per_frame; /* of an image; images a frame */
    unsigned char *label_bytes;
    Frame frame;
} Run;

static int open_both(Run *r, const char *images, const char *labels, Error *err) {
    r->images = source_open(images, err);
    if (!r->images || read_header(r->images, &r->shape, err)) return -1;
    if (r->shape.rank != 3 && r->shape.rank != 4)
        return fail(err, "%s: rank %d, expected images [N,H,W]", images, r->shape.rank);
    size_product(r->shape.shape + 1, r->shape.rank - 1, &r->bytes);
    if (r->bytes > 1u << 30) return fail(err, "%s: images of %zu bytes", images, r->bytes);
    size_t all = 0;
    size_mul(r->bytes, r->shape.shape[0], &all); /* idx_parse has seen that it fits */
    if (source_expect(r->images, all, "the images", err)) return -1;
    if (!labels) return 0;
    Idx idx;
    r->labels = source_open(labels, err);
    if (!r->labels || read_header(r->labels, &idx, err)) return -1;
    if (idx.rank != 1) return fail(err, "%s: rank %d, expected labels [N]", labels, idx.rank);
    if (idx.shape[0] != r->shape.shape[0])
        return fail(err, "%s: %zu labels, but %s holds %zu images", labels, idx.shape[0], images,
                    r->shape.shape[0]);
    return source_expect(r->labels, idx.shape[0], "the labels", err);
}

static int make_frame(Run *r, size_t n, Error *err) {
    size_t shape[] = {n, r->shape.shape[1], r->shape.shape[2],
                      r->shape.rank == 4 ? r->shape.shape[3] : 1};
    Frame *f = &r->frame;
    frame_clear(f);
    if (frame_add(f, "image", DT_U8, 4, shape, err) < 0) return -1;
    if (r->labels && frame_add(f, "label", DT_I64, 1, &n, err) < 0) return -1;
    if (frame_allocate(f, err)) return -1;
    if (source_read(r->images, frame_find(f, "image")->data, n * r->bytes, "the images", err))
        return -1;
    if (!r->labels) return 0;
    if (source_read(r->labels, r->label_bytes, n, "the labels", err)) return -1;
    int64_t *to = frame_find(f, "label")->data;
    for (size_t i = 0; i < n; i++) to[i] = r->label_bytes[i];
    return 0;
}

static int skip(Run *r, uint64_t n, Error *err) {
    if (source_pass(r->images, n * r->bytes, -1, "the images", err)) return -1;
    return r->labels ? source_pass(r->labels, n, -1, "the labels", err) : 0;
}

static int copy(Run *r, const Take *take, FILE *out, const char *name, Error *err) {
    uint64_t total = r->shape.shape[0], skipped = take->skip < total ? take->skip : total;
    uint64_t left = total - skipped, rest;
    if (take->first && take->first < left) left = take->first;
    rest = total - skipped - left;
    if (!left) return fail(err, "%s: no sample left of %" PRIu64, source_name(r->images), total);
    if (skip(r, skipped, err)) return -1;
    r->per_frame = frame_samples(r->bytes, take->per_frame, left);
    r->label_bytes = data_alloc(r->per_frame, err);
    if (!r->label_bytes) return -1;
    while (left) {
        size_t n = left < r->per_frame ? (size_t)left : r->per_frame;
        if (make_frame(r, n, err) || frame_write(&r->frame, out, name, err)) return -1;
        left -= n;
    }
    /* what is not taken is read all the same, so that a bad file is never passed over */
    if (skip(r, rest, err) || source_end(r->images, err)) return -1;
    return r->labels ? source_end(r->labels, err) : 0;
}

int idx_write(const char *images, const char *labels, const Take *take, FILE *out, const char *name,
              Error *err) {
    Run r = {0};
    int bad = open_both(&r, images, labels, err);
    if (!bad) bad = copy(&r, take, out, name, err);
    source_close(r.images);
    source_close(r.labels);
    free(r.label_bytes);
    frame_free(&r.frame);
    return bad;
}
