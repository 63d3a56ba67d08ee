#include "media/arrange/carve.h"
#include "media/regroup.h"
#include "media/volume/volume.h"

#include <string.h>

typedef struct {
    const CarveWant *want;
    Volume volume, fitted;
    Frame frame;
    Regroup out; /* what is left, frame by frame */
    size_t read; /* samples */
} Carve;

static int declare(Carve *c, const Frame *from, const Tensor *voxels, Error *err) {
    frame_clear(&c->frame);
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *t = &from->tensors[i];
        size_t shape[TENSOR_RANK_MAX], side = c->want->side;
        memcpy(shape, t->shape, sizeof shape);
        bool carved = t == voxels;
        for (int a = 1; carved && side && a < 4; a++) shape[a] = side;
        if (carved) shape[4] = 1;
        if (frame_add(&c->frame, t->name, carved ? DT_U8 : t->dtype, carved ? 5 : t->rank, shape,
                      err) < 0)
            return -1;
    }
    for (size_t i = 0; i < from->meta_count; i++)
        if (strncmp(from->meta[i].key, "gan.crc32", 9) != 0)
            frame_set_meta(&c->frame, from->meta[i].key, from->meta[i].value);
    return frame_allocate(&c->frame, err);
}

static int carve_sample(Carve *c, const Tensor *t, size_t i, const Volume **out, Error *err) {
    const CarveWant *w = c->want;
    size_t kept;
    *out = &c->volume;
    if (volume_take(t, i, w->threshold, &c->volume, err)) return -1;
    if (w->radius > 0 && volume_component(&c->volume, w->radius, &kept, err)) return -1;
    if (!w->side) return 0;
    *out = &c->fitted;
    return volume_fit(&c->volume, w->side, w->margin, &c->fitted, err);
}

/* Runs of samples that are not empty. */
static int keep_full(Carve *c, size_t n, Error *err) {
    const Tensor *t = frame_find(&c->frame, c->want->tensor);
    size_t each = n ? t->count / n : 0, first = 0;
    c->read += n;
    for (size_t i = 0; i <= n; i++) {
        const unsigned char *v = (const unsigned char *)t->data + i * each;
        if (i < n && (!c->want->drop_empty || memchr(v, 255, each))) continue;
        if (i > first && regroup_add(&c->out, &c->frame, first, i - first, err)) return -1;
        first = i + 1;
    }
    return 0;
}

static int carve_frame(Carve *c, const Frame *from, Error *err) {
    const Tensor *voxels = frame_find(from, c->want->tensor);
    if (!voxels) return fail(err, "no tensor %s", c->want->tensor);
    if (volume_check(voxels, err) || declare(c, from, voxels, err)) return -1;
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *t = &from->tensors[i], *to = frame_find(&c->frame, t->name);
        if (t != voxels && t->count) memcpy(to->data, t->data, t->count * dtype_size(t->dtype));
    }
    unsigned char *to = frame_find(&c->frame, c->want->tensor)->data;
    for (size_t i = 0; i < voxels->shape[0]; i++) {
        const Volume *v;
        if (carve_sample(c, voxels, i, &v, err)) return -1;
        for (size_t k = 0; k < volume_voxels(v); k++) *to++ = v->at[k] ? 255 : 0;
    }
    return keep_full(c, voxels->shape[0], err);
}

int carve_write(const char *path, const CarveWant *want, FILE *out, const char *name, Error *err) {
    Carve c = {.want = want};
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = r ? 1 : -1;
    regroup_start(&c.out, 0, out, name);
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (f.tensor_count && carve_frame(&c, &f, err)) more = reader_fail_in(r, err);
    if (!more && c.read && !c.out.samples && !c.out.filled)
        more = fail(err,
                    "%s: no volume of %zu has a voxel above %g, bytes being "
                    "divided by 255",
                    input_name(path), c.read, want->threshold);
    more = regroup_end(&c.out, more < 0, err);
    reader_close(r);
    frame_free(&f);
    frame_free(&c.frame);
    volume_free(&c.volume);
    volume_free(&c.fitted);
    return more;
}
