#include "media/sources/voxels.h"
#include "base/kind.h"
#include "media/sources/loader.h"
#include "media/volume/binvox.h"
#include "media/volume/off.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* A sample to be: a shape, and a picture of it. */
typedef struct {
    const FilePath *shape, *picture; /* picture NULL: none is wanted, or with `reason` none found */
    const char *reason;
} Item;

/* One thread's memory; the last shape is kept for its next picture. */
typedef struct {
    Loader loader, pictures;
    Volume read, fitted;
    Mesh mesh;
    const FilePath *shape;
    Picture picture;
    Resizer resizer;
} Scratch;

typedef struct {
    const VoxelsWant *want;
    Item *items;
    size_t count, room;
    char *classes_text;
    size_t voxels, pixels, per_frame; /* bytes of a sample */
    unsigned char *slots;             /* [per_frame, voxels + pixels] */
    int64_t *labels;                  /* [per_frame] */
    char **reasons;                   /* [per_frame] */
    Scratch *scratch;                 /* [threads] */
    size_t threads;
    Frame frame;
} Run;

void voxels_under(Paths *paths, const char *folder) {
    size_t kept = 0, n = strlen(folder);
    for (size_t i = 0; i < paths->count; i++) {
        const char *at = paths->items[i].below;
        for (const char *slash; (slash = strchr(at, '/')); at = slash + 1)
            if ((size_t)(slash - at) == n && !strncmp(at, folder, n)) break;
        if (strchr(at, '/')) paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
}

/* ---- what goes together ---- */

static int add_item(Run *r, const FilePath *shape, const FilePath *picture, Error *err) {
    if (array_room(&r->items, &r->room, r->count + 1, sizeof *r->items, "files", err)) return -1;
    bool lacks = r->want->pictures && !picture;
    r->items[r->count++] = (Item){shape, picture, lacks ? "has no picture" : NULL};
    return 0;
}

/* The pictures whose names begin as the shape's are neighbours in the list. */
static int add_pictures(Run *r, const FilePath *shape, Error *err) {
    const Paths *p = r->want->pictures;
    const char *slash = strrchr(shape->below, '/'),
               *dot = strchr(slash ? slash : shape->below, '.');
    size_t n = dot ? (size_t)(dot - shape->below) : strlen(shape->below), low = 0, found = 0;
    for (size_t high = p->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(p->items[middle].below, shape->below, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < p->count && !strncmp(p->items[low].below, shape->below, n); low++) {
        char next = p->items[low].below[n];
        if (!next || !strchr("./-_", next)) continue;
        found++;
        if (add_item(r, shape, &p->items[low], err)) return -1;
    }
    return found ? 0 : add_item(r, shape, NULL, err);
}

/* ---- a sample ---- */

static int read_shape(const Run *r, Scratch *s, const FilePath *path, Error *err) {
    const VoxelsWant *w = r->want;
    size_t n = 0;
    s->shape = NULL;
    s->loader.any = true;
    if (loader_read(&s->loader, path, &n, err)) return -1;
    if (binvox_is(s->loader.bytes, n)) {
        if (binvox_parse(s->loader.bytes, n, &s->read, err)) return -1;
        if (volume_fit(&s->read, w->side, w->margin, &s->fitted, err)) return -1;
    } else if (off_is(s->loader.bytes, n)) {
        if (off_parse(s->loader.bytes, n, &s->mesh, err)) return -1;
        if (mesh_voxels(&s->mesh, w->side, w->margin, w->hollow, &s->fitted, err)) return -1;
    } else {
        if (kind_refuse(s->loader.bytes, n < KIND_HEAD ? n : KIND_HEAD, KIND_NO_TEXT, NULL,
                        "a .binvox file or a mesh in OFF", err))
            return -1;
        return fail(err, "is neither a .binvox file nor a mesh in OFF");
    }
    s->shape = path;
    return 0;
}

static int read_picture(Scratch *s, const FilePath *path, size_t side, unsigned char *to,
                        Error *err) {
    size_t n = 0;
    DecodeHint hint = {2 * side, 2 * side, false, false};
    if (loader_read(&s->pictures, path, &n, err) ||
        picture_decode(s->pictures.bytes, n, &hint, &s->picture, err) ||
        picture_convert(&s->picture, false, ALPHA_WHITE, err))
        return fail_in(err, "its picture %s", path->path);
    Scaling square = scaling_of(box_of_aspect(&s->picture, side, side), side, side);
    return picture_resize(&s->resizer, &s->picture, &square, FILTER_TRIANGLE, to, err);
}

static int make_sample(const Run *r, Scratch *s, const Item *item, size_t slot, Error *err) {
    unsigned char *to = r->slots + slot * (r->voxels + r->pixels);
    if (item->reason) return fail(err, "%s", item->reason);
    if (r->want->classes) {
        r->labels[slot] = class_of(r->want->classes, item->shape);
        if (r->labels[slot] < 0) return fail(err, "lies in no sub-folder that would label it");
    }
    if (s->shape != item->shape && read_shape(r, s, item->shape, err)) return -1;
    for (size_t i = 0; i < r->voxels; i++) to[i] = s->fitted.at[i] ? 255 : 0;
    return item->picture ? read_picture(s, item->picture, r->want->picture, to + r->voxels, err)
                         : 0;
}

/* ---- all of them ---- */

static char no_memory[] = "out of memory";

static void make_some(Run *r, size_t first, size_t count) {
#pragma omp parallel for schedule(dynamic, 8)
    for (size_t i = 0; i < count; i++) {
        Scratch *s = &r->scratch[omp_get_thread_num()];
        Error err;
        r->reasons[i] = NULL;
        if (!make_sample(r, s, &r->items[first + i], i, &err)) continue;
        char *reason = strdup(err.text);
        r->reasons[i] = reason ? reason : no_memory;
    }
}

/* Tells of what was no good, moves the rest together and returns how many they are; -1 where memory
 * ended. */
static ptrdiff_t gather(Run *r, size_t first, size_t count, const ImagesReport *report,
                        Error *err) {
    size_t to = 0, bytes = r->voxels + r->pixels;
    int bad = 0;
    for (size_t i = 0; i < count; i++) {
        const FilePath *shape = r->items[first + i].shape;
        if (r->reasons[i]) {
            Error found;
            fail(&found, "%s: %s", shape->path, r->reasons[i]);
            if (is_out_of_memory(&found)) bad = fail(err, "%s", found.text);
            if (!bad) report->offender(report->to, shape->path, r->reasons[i]);
            if (r->reasons[i] != no_memory) free(r->reasons[i]);
            continue;
        }
        if (to != i) memcpy(r->slots + to * bytes, r->slots + i * bytes, bytes);
        r->labels[to++] = r->labels[i];
    }
    return bad ? -1 : (ptrdiff_t)to;
}

static int write_frame(Run *r, size_t n, FILE *out, const char *name, Error *err) {
    const VoxelsWant *w = r->want;
    size_t side = w->side, voxels[] = {n, side, side, side, 1};
    size_t image[] = {n, w->picture, w->picture, 3}, bytes = r->voxels + r->pixels;
    Frame *f = &r->frame;
    frame_clear(f);
    if (frame_add(f, "voxels", DT_U8, 5, voxels, err) < 0) return -1;
    if (w->pictures && frame_add(f, "image", DT_U8, 4, image, err) < 0) return -1;
    if (w->classes && frame_add(f, "label", DT_I64, 1, &n, err) < 0) return -1;
    if (r->classes_text) frame_set_meta(f, "gan.classes", r->classes_text);
    if (frame_allocate(f, err)) return -1;
    unsigned char *to = frame_find(f, "voxels")->data;
    for (size_t i = 0; i < n; i++) memcpy(to + i * r->voxels, r->slots + i * bytes, r->voxels);
    if (w->pictures) to = frame_find(f, "image")->data;
    for (size_t i = 0; w->pictures && i < n; i++)
        memcpy(to + i * r->pixels, r->slots + i * bytes + r->voxels, r->pixels);
    if (w->classes) memcpy(frame_find(f, "label")->data, r->labels, n * sizeof *r->labels);
    return frame_write(f, out, name, err);
}

static int prepare(Run *r, const Paths *paths, Error *err) {
    const VoxelsWant *w = r->want;
    size_t cube[] = {w->side, w->side, w->side}, square[] = {w->picture, w->picture, 3}, total;
    for (size_t i = 0; i < paths->count; i++)
        if (w->pictures ? add_pictures(r, &paths->items[i], err)
                        : add_item(r, &paths->items[i], NULL, err))
            return -1;
    if (w->classes && !(r->classes_text = classes_json(w->classes, "folder name", err))) return -1;
    if (!size_product(cube, 3, &r->voxels) || (w->pictures && !size_product(square, 3, &r->pixels)))
        return fail(err, "the samples are too large");
    r->per_frame = frame_samples(r->voxels + r->pixels, w->per_frame, r->count);
    if (!size_mul(r->per_frame, r->voxels + r->pixels, &total))
        return fail(err, "the samples are too large");
    r->slots = data_alloc(total, err);
    if (!r->slots) return -1;
    r->labels = calloc(r->per_frame, sizeof *r->labels);
    r->reasons = calloc(r->per_frame, sizeof *r->reasons);
    r->scratch = calloc(r->threads, sizeof *r->scratch);
    return r->labels && r->reasons && r->scratch ? 0 : fail(err, "out of memory");
}

static int write_all(Run *r, size_t files, const ImagesReport *report, FILE *out, const char *name,
                     size_t *skipped, Error *err) {
    size_t good = 0;
    for (size_t at = 0; at < r->count;) {
        size_t part = r->count - at < r->per_frame ? r->count - at : r->per_frame;
        make_some(r, at, part);
        ptrdiff_t made = gather(r, at, part, report, err);
        if (made < 0 || (made && write_frame(r, (size_t)made, out, name, err))) return -1;
        good += (size_t)made;
        *skipped += part - (size_t)made;
        at += part;
        report->progress(report->to, (size_t)((double)files * (double)at / (double)r->count),
                         *skipped);
    }
    return good ? 0 : fail(err, "none of %zu files is a good shape", r->count);
}

int voxels_write(const Paths *paths, const VoxelsWant *want, const ImagesReport *report, FILE *out,
                 const char *name, size_t *skipped, Error *err) {
    Run r = {.want = want, .threads = (size_t)omp_get_max_threads()};
    *skipped = 0;
    if (paths_some(paths, err)) return -1;
    int bad = prepare(&r, paths, err);
    if (!bad) bad = write_all(&r, paths->count, report, out, name, skipped, err);
    for (Scratch *s = r.scratch; s && s < r.scratch + r.threads; s++) {
        loader_free(&s->loader);
        loader_free(&s->pictures);
        volume_free(&s->read);
        volume_free(&s->fitted);
        mesh_free(&s->mesh);
        picture_free(&s->picture);
        resizer_free(&s->resizer);
    }
    free(r.scratch);
    free(r.items);
    free(r.classes_text);
    free(r.slots);
    free(r.labels);
    free(r.reasons);
    frame_free(&r.frame);
    return bad;
}
