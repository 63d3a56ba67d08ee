#include "media/views/solid_write.h"

#include "media/regroup.h"
#include "media/views/numbered.h"
#include "media/volume/off.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The volumes of a stream. */
typedef struct {
    const SolidWant *want;
    Reader *reader;
    Frame frame;
    Volume volume;
    float *mark; /* [voxels], when there are marks */
    size_t mark_room;
} Solids;

static void solids_close(Solids *s) {
    reader_close(s->reader);
    frame_free(&s->frame);
    volume_free(&s->volume);
    free(s->mark);
}

/* 1: t is the volumes of the next frame; 0: the end; -1. Frames without tensors are passed over. */
static int next_volumes(Solids *s, const Tensor **t, Error *err) {
    int more;
    do more = reader_next(s->reader, &s->frame, err);
    while (more > 0 && !s->frame.tensor_count);
    if (more <= 0) return more;
    *t = frame_find(&s->frame, s->want->tensor);
    if (!*t) fail(err, "no tensor %s", s->want->tensor);
    if (*t && !volume_check(*t, err)) return 1;
    return reader_fail_in(s->reader, err);
}

/* Sample i of the marks, as parts of the largest. */
static int take_marks(Solids *s, const Tensor *volumes, size_t i, Error *err) {
    const Tensor *t = frame_find(&s->frame, s->want->mark);
    char a[200], b[200];
    size_t n = volume_voxels(&s->volume);
    if (!t || t->count != volumes->count || t->shape[0] != volumes->shape[0])
        return fail(err, "tensor %s is %s, expected %s as %s is", s->want->mark,
                    t ? shape_text(t->rank, t->shape, a, sizeof a) : "missing",
                    shape_text(volumes->rank, volumes->shape, b, sizeof b), volumes->name);
    if (array_room(&s->mark, &s->mark_room, n, sizeof *s->mark, "marks", err)) return -1;
    tensor_to_float(t, i * n, n, s->mark);
    float most = 0;
    for (size_t k = 0; k < n; k++)
        if (s->mark[k] > most) most = s->mark[k];
    for (size_t k = 0; k < n; k++) s->mark[k] = most > 0 && s->mark[k] > 0 ? s->mark[k] / most : 0;
    return 0;
}

/* What goes along: labels, and with `pairs` all but an earlier image. */
static bool goes_along(const SolidWant *w, const Tensor *t) {
    return w->pairs ? strcmp(t->name, "image") != 0 : !strcmp(t->name, "label");
}

static int declare(const Solids *s, size_t n, size_t views, Frame *out, Error *err) {
    size_t size = s->want->view.size, image[4] = {n * views, size, size, 3};
    frame_clear(out);
    if (frame_add(out, "image", DT_U8, 4, image, err) < 0) return -1;
    for (size_t i = 0; i < s->frame.tensor_count; i++) {
        const Tensor *t = &s->frame.tensors[i];
        size_t shape[TENSOR_RANK_MAX];
        if (!goes_along(s->want, t) || !t->rank || t->shape[0] != n) continue;
        memcpy(shape, t->shape, sizeof shape);
        shape[0] *= views;
        if (frame_add(out, t->name, t->dtype, t->rank, shape, err) < 0) return -1;
    }
    const char *classes = frame_meta(&s->frame, "gan.classes");
    if (classes) frame_set_meta(out, "gan.classes", classes);
    return frame_allocate(out, err);
}

static void copy_along(const Frame *from, size_t n, size_t views, const Frame *out) {
    for (size_t k = 0; k < from->tensor_count; k++) {
        const Tensor *t = &from->tensors[k], *to = frame_find(out, t->name);
        if (!to || !strcmp(t->name, "image")) continue;
        size_t each = n ? t->count / n * dtype_size(t->dtype) : 0;
        for (size_t i = 0; i < n * views; i++)
            memcpy((unsigned char *)to->data + i * each,
                   (const unsigned char *)t->data + i / views * each, each);
    }
}

static int draw_frame(Solids *s, const Tensor *t, Frame *out, Error *err) {
    const SolidWant *w = s->want;
    size_t n = t->shape[0], bytes = w->view.size * w->view.size * 3, all;
    size_t extents[] = {n, w->views, bytes};
    if (!size_product(extents, 3, &all)) return fail(err, "too many views");
    if (declare(s, n, w->views, out, err)) return -1;
    unsigned char *to = frame_find(out, "image")->data;
    for (size_t i = 0; i < n; i++) {
        if (volume_take(t, i, w->threshold, &s->volume, err)) return -1;
        if (w->mark && take_marks(s, t, i, err)) return reader_fail_in(s->reader, err);
        SolidView view = w->view;
        for (size_t k = 0; k < w->views; k++, to += bytes) {
            view.azimuth = w->view.azimuth + 360.0 * (double)k / (double)w->views;
            solid_draw(&s->volume, w->mark ? s->mark : NULL, &view, to);
        }
    }
    copy_along(&s->frame, n, w->views, out);
    return 0;
}

int solid_write(const char *path, const SolidWant *want, FILE *out, const char *name, Error *err) {
    Solids s = {.want = want, .reader = reader_open(path, err)};
    Frame drawn = {0};
    const Tensor *t;
    size_t frames = 0;
    int more = s.reader ? 1 : -1;
    while (more > 0 && (more = next_volumes(&s, &t, err)) > 0) {
        frames++;
        if (draw_frame(&s, t, &drawn, err) || frame_write(&drawn, out, name, err)) more = -1;
    }
    if (!more && !frames) more = fail(err, "%s: the stream holds no samples", input_name(path));
    frame_free(&drawn);
    solids_close(&s);
    return more;
}

/* ---- meshes ---- */

static int save_mesh(Mesh *m, size_t side, const char *path, Error *err) {
    Output o;
    for (size_t i = 0; i < m->vertices; i++)
        for (int a = 0; a < 3; a++) m->vertex[i][a] /= (double)side;
    if (output_open(&o, path, err)) return -1;
    Str text = {0};
    off_write(m, &text);
    int bad = fwrite(text.text, 1, text.length, o.file) == text.length
                  ? 0
                  : fail(err, "%s: %s", path, strerror(errno));
    str_free(&text);
    return output_close(&o, bad, err);
}

static int export_volume(Solids *s, Mesh *m, const char *dir, uint64_t number, size_t *count,
                         Error *err) {
    Str path = {0};
    size_t side = 0;
    for (int a = 0; a < 3; a++) side = s->volume.side[a] > side ? s->volume.side[a] : side;
    str_printf(&path, "%s/%06llu.off", dir, (unsigned long long)number);
    int bad = mesh_of_volume(&s->volume, m, err);
    if (!bad && m->triangles) {
        bad = save_mesh(m, side, path.text, err);
        *count += !bad;
    }
    str_free(&path);
    return bad;
}

int solid_export(const char *path, const SolidWant *want, const char *dir, uint64_t most,
                 bool force, size_t *count, Error *err) {
    Solids s = {.want = want, .reader = reader_open(path, err)};
    Mesh mesh = {0};
    const Tensor *t;
    uint64_t number = 0;
    int more = s.reader ? 1 : -1;
    *count = 0;
    while (more > 0 && number < most && (more = next_volumes(&s, &t, err)) > 0) {
        if (!number &&
            (numbered_folder(dir, err) || numbered_clear(dir, NUMBERED_MESHES, force, err)))
            more = -1;
        for (size_t i = 0; i < t->shape[0] && number < most && more > 0; i++, number++)
            if (volume_take(t, i, want->threshold, &s.volume, err) ||
                export_volume(&s, &mesh, dir, number, count, err))
                more = -1;
    }
    if (more >= 0 && !number) more = fail(err, "%s: the stream holds no samples", input_name(path));
    mesh_free(&mesh);
    solids_close(&s);
    return more < 0 ? -1 : 0;
}
