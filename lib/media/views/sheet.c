#include "media/views/sheet.h"

#include "media/sources/paths.h"
#include "media/views/numbered.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    unsigned char *bytes; /* [count, height, width, tile_channels] */
    size_t count, capacity;
} TileBytes;

static int store_frame(TileBytes *store, const Tiles *s, const Tensor *t, Error *err) {
    size_t bytes = s->height * s->width * (size_t)s->tile_channels;
    for (size_t i = 0; i < t->shape[0]; i++)
        for (size_t part = 0; part < s->tiles_each; part++) {
            if (store->count == s->want->count) return 0;
            if (array_room(&store->bytes, &store->capacity, store->count + 1, bytes, "tiles", err))
                return -1;
            tiles_draw(s, t, i, part, store->bytes + store->count++ * bytes);
        }
    return 0;
}

static int arrange(const Tiles *s, const TileBytes *store, Picture *out, Error *err) {
    const SheetWant *w = s->want;
    size_t columns = w->columns ? w->columns : s->length;
    if (!columns)
        for (columns = 1; columns * columns < store->count;) columns++;
    if (columns > store->count) columns = store->count;
    size_t rows = (store->count + columns - 1) / columns;
    if (w->scale > PICTURE_SIDE_MAX || w->gap > PICTURE_SIDE_MAX)
        return fail(err, "scale or gap is too large");
    size_t step_y = s->height * w->scale + w->gap, step_x = s->width * w->scale + w->gap;
    if (rows > PICTURE_SIDE_MAX || columns > PICTURE_SIDE_MAX) return fail(err, "too many tiles");
    size_t height = rows * step_y + w->gap, width = columns * step_x + w->gap;
    if (tiles_fit(height, width, err) || picture_shape(out, height, width, s->tile_channels, err))
        return -1;
    size_t bytes = s->height * s->width * (size_t)s->tile_channels;
    memset(out->pixels, 255, out->height * out->width * (size_t)out->channels);
    for (size_t i = 0; i < store->count; i++)
        tiles_paint(s, store->bytes + i * bytes, out, w->gap + i / columns * step_y,
                    w->gap + i % columns * step_x);
    return 0;
}

int sheet_draw(const char *path, const SheetWant *want, Picture *out, Error *err) {
    Tiles s;
    TileBytes store = {0};
    const Tensor *t;
    int more = tiles_open(&s, path, want, err) ? -1 : 1;
    while (more > 0 && store.count < want->count) {
        more = tiles_next(&s, &t, err);
        if (more > 0 && store_frame(&store, &s, t, err)) more = -1;
    }
    if (more >= 0 && !store.count) more = fail(err, "%s: the stream holds no images", s.path);
    if (more >= 0 && arrange(&s, &store, out, err)) more = fail_in(err, "%s", s.path);
    free(store.bytes);
    tiles_close(&s);
    return more < 0 ? -1 : 0;
}

/* dir/CLASS/; a class name that would leave the folder is replaced by its number. */
static int label_folder(Str *path, const Frame *f, int64_t label, Error *err) {
    Arena *arena = arena_new(NULL);
    Classes classes = classes_known(frame_meta(f, "gan.classes"), arena);
    const char *name = class_name(&classes, label);
    if (name && *name && *name != '.' && !strchr(name, '/'))
        str_printf(path, "/%s", name);
    else
        str_printf(path, "/%" PRId64, label);
    arena_free(arena);
    return numbered_folder(path->text, err);
}

static int export_frame(const Tiles *s, const Tensor *t, const char *dir, bool labels, Picture *p,
                        size_t *count, Error *err) {
    const Frame *f = &s->frame;
    const Tensor *label = labels ? frame_find(f, "label") : NULL;
    if (labels &&
        (!label || label->dtype != DT_I64 || label->rank != 1 || label->shape[0] != t->shape[0])) {
        fail(err, "no tensor label I64 [%zu] to sort the images by", t->shape[0]);
        return reader_fail_in(s->reader, err);
    }
    for (size_t i = 0; i < t->shape[0] && *count < s->want->count; i++) {
        Str path = {0};
        str_printf(&path, "%s", dir);
        int bad = label ? label_folder(&path, f, (int64_t)tensor_get(label, i), err) : 0;
        for (size_t part = 0; !bad && part < s->tiles_each; part++) {
            size_t length = path.length;
            bad = picture_shape(p, s->height, s->width, s->tile_channels, err);
            if (bad) break;
            tiles_draw(s, t, i, part, p->pixels);
            str_printf(&path, "/%06zu", *count);
            if (s->tiles_each > 1) str_printf(&path, "-%03zu", part);
            str_printf(&path, ".png");
            bad = numbered_save(p, path.text, err);
            path.length = length;
            path.text[length] = 0;
        }
        str_free(&path);
        if (bad) return -1;
        ++*count;
    }
    return 0;
}

int export_write(const char *path, const SheetWant *want, const char *dir, bool labels, bool force,
                 size_t *count, Error *err) {
    Tiles s;
    Picture p = {0};
    const Tensor *t;
    *count = 0;
    if (!force && numbered_clear(dir, NUMBERED_PICTURES, force, err)) return -1;
    int more = tiles_open(&s, path, want, err) ? -1 : 1;
    while (more > 0 && *count < want->count) {
        more = tiles_next(&s, &t, err);
        if (more > 0 && !*count &&
            (numbered_folder(dir, err) ||
             (force && numbered_clear(dir, NUMBERED_PICTURES, force, err))))
            more = -1;
        if (more > 0 && export_frame(&s, t, dir, labels, &p, count, err)) more = -1;
    }
    if (more >= 0 && !*count) more = fail(err, "%s: the stream holds no images", s.path);
    picture_free(&p);
    tiles_close(&s);
    return more < 0 ? -1 : 0;
}
