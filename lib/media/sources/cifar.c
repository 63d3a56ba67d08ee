/* cifar.c: the binary version of CIFAR-10 and CIFAR-100. */
#include "media/sources/datasets.h"
#include "media/sources/source.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE };

typedef struct {
    int labels; /* label bytes a record */
    uint64_t skip, left;
    size_t per_frame, filled;
    unsigned char *records; /* [per_frame, labels + PIXELS] */
    Frame frame;
    FILE *out;
    const char *name;
} Run;

static int write_frame(Run *r, Error *err) {
    Frame *f = &r->frame;
    size_t n = r->filled, shape[] = {n, SIDE, SIDE, 3};
    frame_clear(f);
    if (frame_add(f, "image", DT_U8, 4, shape, err) < 0 ||
        frame_add(f, "label", DT_I64, 1, &n, err) < 0 ||
        (r->labels == 2 && frame_add(f, "coarse", DT_I64, 1, &n, err) < 0) ||
        frame_allocate(f, err))
        return -1;
    unsigned char *image = frame_find(f, "image")->data;
    int64_t *label = frame_find(f, "label")->data;
    int64_t *coarse = r->labels == 2 ? frame_find(f, "coarse")->data : NULL;
    const unsigned char *record = r->records;
    for (size_t i = 0; i < n; i++, record += r->labels + PIXELS) {
        label[i] = record[r->labels - 1];
        if (coarse) coarse[i] = record[0];
        const unsigned char *plane = record + r->labels;
        for (size_t p = 0; p < PLANE; p++)
            for (size_t c = 0; c < 3; c++) *image++ = plane[c * PLANE + p];
    }
    r->filled = 0;
    return frame_write(f, r->out, r->name, err);
}

static int read_file_records(Run *r, Source *s, Error *err) {
    size_t record = (size_t)r->labels + PIXELS;
    int more = source_more(s, err);
    if (!more) return source_refuse(s, KIND_NO_TEXT, "CIFAR records", err);
    for (; more > 0; more = source_more(s, err)) {
        unsigned char *to = r->records + r->filled * record;
        uint64_t at = source_at(s);
        if (source_read(s, to, record, "a CIFAR record", err)) return -1;
        if (to[r->labels - 1] > (r->labels == 2 ? 99 : 9))
            return fail(err, "%s: byte %" PRIu64 ": label %d, expected 0 to %d", source_name(s), at,
                        to[r->labels - 1], r->labels == 2 ? 99 : 9);
        if (r->skip) {
            r->skip--;
        } else if (r->left) {
            r->left--;
            if (++r->filled == r->per_frame && write_frame(r, err)) return -1;
        }
    }
    return more;
}

int cifar_write(char *const *files, size_t count, int labels, const Take *take, FILE *out,
                const char *name, Error *err) {
    uint64_t most = take->first ? take->first : UINT64_MAX;
    Run r = {labels, take->skip, most, take->per_frame, .out = out, .name = name};
    r.records = data_alloc(r.per_frame * ((size_t)labels + PIXELS), err);
    int bad = r.records ? 0 : -1;
    for (size_t i = 0; !bad && i < count; i++) {
        Source *s = source_open(files[i], err);
        bad = s ? read_file_records(&r, s, err) : -1;
        if (s && bad) source_refuse(s, KIND_NO_TEXT, "CIFAR records", err);
        source_close(s);
    }
    if (!bad && r.left == most) bad = fail(err, "%s: no sample left", files[0]);
    if (!bad && r.filled) bad = write_frame(&r, err);
    free(r.records);
    frame_free(&r.frame);
    return bad;
}
