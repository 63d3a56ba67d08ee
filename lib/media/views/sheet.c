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

/* The images of a stream, all of one shape. */
typedef struct {
    const SheetWant *want;
    size_t height, width, channels; /* of a sample */
    int tile_channels;
    size_t tiles_each; /* tiles a sample: 1, or one for each channel */
    size_t length;     /* frames of a video, when samples are such; else 0 */
    char name[1025];
    float *values; /* one sample */
    const char *path;
    Reader *reader;
    Frame frame;   /* the one being read */
    Tensor images; /* its images */
} Tiles;

static const Tensor *choose(const Frame *f, const SheetWant *want, Error *err) {
    const Tensor *t = frame_find(f, want->name ? want->name : "image");
    if (t) return t;
    if (want->name) {
        fail(err, "no tensor %s", want->name);
        return NULL;
    }
    for (size_t i = 0; i < f->tensor_count; i++)
        if (f->tensors[i].rank == 4) return &f->tensors[i];
    for (size_t i = 0; i < f->tensor_count; i++)
        if (f->tensors[i].rank == 5) return &f->tensors[i];
    fail(err, "no tensor image, and none other of shape [N,H,W,C]");
    return NULL;
}

static int tiles_start(Tiles *s, const Tensor *t, Error *err) {
    char text[200];
    if ((t->rank != 3 && t->rank != 4) || !t->shape[1] || !t->shape[2])
        return fail(err, "tensor %s is %s, expected [N,H,W,C] or [N,T,H,W,C]", t->name,
                    shape_text(t->rank, t->shape, text, sizeof text));
    s->height = t->shape[1];
    s->width = t->shape[2];
    s->channels = t->rank == 4 ? t->shape[3] : 1;
    bool whole = s->channels == 1 || s->channels == 3 || s->channels == 4;
    if (!s->channels || (!whole && !s->want->stretch))
        return fail(err,
                    "tensor %s is %s, expected 1, 3 or 4 channels (--normalise shows others "
                    "one by one)",
                    t->name, shape_text(t->rank, t->shape, text, sizeof text));
    s->tile_channels = whole ? (int)s->channels : 1;
    s->tiles_each = whole ? 1 : s->channels;
    snprintf(s->name, sizeof s->name, "%s", t->name);
    size_t shape[] = {s->height, s->width, s->channels, sizeof *s->values}, bytes;
    if (s->height > PICTURE_SIDE_MAX || s->width > PICTURE_SIDE_MAX ||
        !size_product(shape, 4, &bytes) || bytes > (size_t)1 << 32)
        return fail(err, "tensor %s: images of %zux%zu are too large", t->name, s->width,
                    s->height);
    s->values = data_alloc(bytes, err);
    return s->values ? 0 : -1;
}

static int tiles_check(const Tiles *s, const Tensor *t, Error *err) {
    char text[200];
    if (!t || (t->rank != 3 && t->rank != 4) || t->shape[1] != s->height ||
        t->shape[2] != s->width || (t->rank == 4 ? t->shape[3] : 1) != s->channels)
        return fail(err, "tensor %s is %s, expected [N,%zu,%zu,%zu] as before", s->name,
                    t ? shape_text(t->rank, t->shape, text, sizeof text) : "missing", s->height,
                    s->width, s->channels);
    return 0;
}

static unsigned char byte_of(float v, float low, float high) {
    float x = (v - low) / (high - low) * 255 + 0.5f;
    return (unsigned char)(x >= 255 ? 255 : x > 0 ? x : 0); /* NaN fails both */
}

/* Draws tile `part` of sample i into to, an image of stride bytes a row, without scaling. */
static void tile_bytes(const Tiles *s, const Tensor *t, size_t i, size_t part, unsigned char *to) {
    size_t n = s->height * s->width, c = s->channels, count = n * c;
    if (t->dtype == DT_U8 && !s->want->stretch) {
        memcpy(to, (const unsigned char *)t->data + i * count, count);
        return;
    }
    if (!part) tensor_to_float(t, i * count, count, s->values);
    size_t step = s->tiles_each > 1 ? c : 1, last = s->tiles_each > 1 ? n : count;
    const float *v = s->values + (s->tiles_each > 1 ? part : 0);
    float low = -1, high = 1;
    if (s->want->stretch) {
        low = INFINITY;
        high = -INFINITY;
        for (size_t k = 0; k < last; k++) {
            if (!isfinite(v[k * step])) continue;
            low = fminf(low, v[k * step]);
            high = fmaxf(high, v[k * step]);
        }
        if (!(high > low)) high = low + 1; /* a flat tile is black */
    }
    for (size_t k = 0; k < last; k++) to[k] = byte_of(v[k * step], low, high);
}

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
            tile_bytes(s, t, i, part, store->bytes + store->count++ * bytes);
        }
    return 0;
}

static void paint(const Tiles *s, const unsigned char *tile, Picture *out, size_t top,
                  size_t left) {
    size_t scale = s->want->scale, c = (size_t)s->tile_channels;
    for (size_t y = 0; y < s->height * scale; y++) {
        unsigned char *to = out->pixels + ((top + y) * out->width + left) * c;
        const unsigned char *from = tile + y / scale * s->width * c;
        for (size_t x = 0; x < s->width * scale; x++, to += c) memcpy(to, from + x / scale * c, c);
    }
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
    if (picture_shape(out, rows * step_y + w->gap, columns * step_x + w->gap, s->tile_channels,
                      err))
        return -1;
    size_t bytes = s->height * s->width * (size_t)s->tile_channels;
    memset(out->pixels, 255, out->height * out->width * (size_t)out->channels);
    for (size_t i = 0; i < store->count; i++)
        paint(s, store->bytes + i * bytes, out, w->gap + i / columns * step_y,
              w->gap + i % columns * step_x);
    return 0;
}

/* The frames of videos [N,T,H,W,C] one after the other, as images. */
static const Tensor *images_of(Tiles *s, const Tensor *t) {
    if (!t || t->rank != 5) return t;
    s->images = *t;
    s->images.rank = 4;
    s->images.shape[0] *= s->images.shape[1];
    memmove(s->images.shape + 1, s->images.shape + 2, 3 * sizeof *s->images.shape);
    return &s->images;
}

/* The next frame's images; 0 at the end. */
static int next_images(Tiles *s, const Tensor **t, Error *err) {
    Frame *f = &s->frame;
    int more;
    do more = reader_next(s->reader, f, err);
    while (more > 0 && !f->tensor_count);
    if (more <= 0) return more;
    if (s->values) {
        *t = images_of(s, frame_find(f, s->name));
        return tiles_check(s, *t, err) ? reader_fail_in(s->reader, err) : 1;
    }
    *t = choose(f, s->want, err);
    if (*t && (*t)->rank == 5) s->length = (*t)->shape[1];
    *t = images_of(s, *t);
    return *t && !tiles_start(s, *t, err) ? 1 : reader_fail_in(s->reader, err);
}

static int tiles_open(Tiles *s, const char *path, const SheetWant *want, Error *err) {
    *s = (Tiles){.want = want, .path = input_name(path)};
    s->reader = reader_open(path, err);
    return s->reader ? 0 : -1;
}

static void tiles_close(Tiles *s) {
    reader_close(s->reader);
    frame_free(&s->frame);
    free(s->values);
}

int sheet_draw(const char *path, const SheetWant *want, Picture *out, Error *err) {
    Tiles s;
    TileBytes store = {0};
    const Tensor *t;
    int more = tiles_open(&s, path, want, err) ? -1 : 1;
    while (more > 0 && store.count < want->count) {
        more = next_images(&s, &t, err);
        if (more > 0 && store_frame(&store, &s, t, err)) more = -1;
    }
    if (more >= 0 && !store.count) more = fail(err, "%s: the stream holds no images", s.path);
    if (more >= 0 && arrange(&s, &store, out, err)) more = fail_in(err, "%s", s.path);
    free(store.bytes);
    tiles_close(&s);
    return more < 0 ? -1 : 0;
}

static int make_folder(const char *path, Error *err) {
    if (mkdir(path, 0777) && errno != EEXIST)
        return fail(err, "%s: cannot make the folder: %s", path, strerror(errno));
    return 0;
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
    return make_folder(path->text, err);
}

static int save_tile(const Picture *p, const char *path, Error *err) {
    FILE *out = fopen(path, "wbx");
    if (!out) return fail(err, "%s: cannot create: %s", path, strerror(errno));
    int bad = png_encode(p, out, path, err);
    if (bad)
        fclose(out);
    else
        bad = stream_finish(out, path, err);
    if (bad) unlink(path);
    return bad;
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
            tile_bytes(s, t, i, part, p->pixels);
            str_printf(&path, "/%06zu", *count);
            if (s->tiles_each > 1) str_printf(&path, "-%03zu", part);
            str_printf(&path, ".png");
            bad = save_tile(p, path.text, err);
            path.length = length;
            path.text[length] = 0;
        }
        str_free(&path);
        if (bad) return -1;
        ++*count;
    }
    return 0;
}

/* Among an earlier export's pictures one could not tell which are new. */
static int clear_earlier(const char *dir, bool force, Error *err) {
    size_t count;
    Str first = {0};
    int bad = numbered_find(dir, force, &count, &first, err);
    if (!bad && count && !force)
        bad = fail(err,
                   "%s: %zu pictures of an earlier export are there, such as %s (--force "
                   "replaces them)",
                   dir, count, first.text);
    str_free(&first);
    return bad;
}

int export_write(const char *path, const SheetWant *want, const char *dir, bool labels, bool force,
                 size_t *count, Error *err) {
    Tiles s;
    Picture p = {0};
    const Tensor *t;
    *count = 0;
    if (!force && clear_earlier(dir, force, err)) return -1;
    int more = tiles_open(&s, path, want, err) ? -1 : 1;
    while (more > 0 && *count < want->count) {
        more = next_images(&s, &t, err);
        if (more > 0 && !*count &&
            (make_folder(dir, err) || (force && clear_earlier(dir, force, err))))
            more = -1;
        if (more > 0 && export_frame(&s, t, dir, labels, &p, count, err)) more = -1;
    }
    if (more >= 0 && !*count) more = fail(err, "%s: the stream holds no images", s.path);
    picture_free(&p);
    tiles_close(&s);
    return more < 0 ? -1 : 0;
}
