#include "media/sources/images.h"

#include "media/sources/loader.h"
#include "stream/stream.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* One thread's memory, kept from frame to frame. */
typedef struct {
    Picture picture;
    Resizer resizer;
    Loader loader;
} Scratch;

typedef struct {
    const ImagesWant *want;
    const Paths *paths;
    char *classes_text;
    size_t height, width, channels, bytes; /* of the images made; channels: bytes of a pixel */
    size_t per_frame;
    Frame frame;
    unsigned char *slots; /* [per_frame, bytes]: images of the frame being made */
    int64_t *labels;      /* [per_frame] */
    size_t *rows;         /* [per_frame]: of the table */
    char **reasons;       /* [per_frame]: what was wrong with each, or NULL */
    Scratch *scratch;     /* [threads] */
    size_t threads;
} Run;

static int open_picture(Scratch *s, const ImagesWant *w, const FilePath *path, Error *err) {
    size_t n = 0;
    const Framing *f = &w->framing;
    /* twice the target leaves the filter enough to work with after the decoder's own shrinking */
    size_t twice = f->crop_height ? 0 : 2;
    DecodeHint hint = {twice * f->height, twice * f->width, f->grey, w->index};
    if (loader_read(&s->loader, path, &n, err) ||
        picture_decode(s->loader.bytes, n, &hint, &s->picture, err))
        return -1;
    return w->index ? 0 : picture_convert(&s->picture, f->grey, f->alpha, err);
}

static int scale(const Run *r, const Picture *p, Scaling *out, Error *err) {
    return framing_cut(&r->want->framing, (Box){0, 0, p->height, p->width}, out, err);
}

static int make_image(const Run *r, Scratch *s, const FilePath *path, size_t slot, Error *err) {
    if (r->want->table && !path->row) return fail(err, "is not in %s", r->want->table->grid.path);
    r->rows[slot] = path->row - 1;
    if (r->want->classes) {
        r->labels[slot] = class_of(r->want->classes, path);
        if (r->labels[slot] < 0) return fail(err, "lies in no sub-folder that would label it");
    }
    Scaling to;
    if (open_picture(s, r->want, path, err) || scale(r, &s->picture, &to, err)) return -1;
    size_t height, width;
    framing_size(&r->want->framing, &to, &height, &width);
    if (height != r->height || width != r->width)
        return fail(err,
                    "%zux%zu pixels, expected %zux%zu as in the first image (--size makes "
                    "them equal)",
                    width, height, r->width, r->height);
    return framing_resize(&r->want->framing, &s->resizer, &s->picture, &to,
                          r->slots + slot * r->bytes, err);
}

/* Without a size, the first good file decides it; those before it are seen again later. */
static int find_size(Run *r, Error *err) {
    const ImagesWant *w = r->want;
    const Framing *f = &w->framing;
    r->height = f->then_height ? f->then_height : f->height;
    r->width = f->then_height ? f->then_width : f->width;
    Scratch *s = r->scratch;
    Error ignored;
    bool ended = false;
    for (size_t i = 0; !r->height && !ended && i < r->paths->count; i++) {
        const FilePath *path = &r->paths->items[i];
        Scaling to;
        if (w->table && !path->row) continue;
        if (open_picture(s, w, path, &ignored) || scale(r, &s->picture, &to, &ignored)) {
            ended = is_out_of_memory(&ignored);
            if (ended) fail(err, "%s: %s", path->path, ignored.text);
        } else {
            r->height = to.kept.height;
            r->width = to.kept.width;
        }
    }
    if (ended) return -1;
    if (!r->height) r->height = r->width = 1; /* all are offenders: let the run name them */
    r->channels = w->index ? (size_t)w->index / 8 : framing_channels(f);
    r->bytes = r->height * r->width * r->channels;
    r->per_frame = frame_samples(r->bytes, w->per_frame, r->paths->count);
    size_t total;
    if (!size_mul(r->per_frame, r->bytes, &total)) return fail(err, "the images are too large");
    r->slots = data_alloc(total, err);
    r->labels = calloc(r->per_frame, sizeof *r->labels);
    r->rows = calloc(r->per_frame, sizeof *r->rows);
    r->reasons = calloc(r->per_frame, sizeof *r->reasons);
    if (!r->slots) return -1;
    return r->labels && r->rows && r->reasons ? 0 : fail(err, "out of memory");
}

static char no_memory[] = "out of memory";

/* Files first .. first + count - 1 into the slots from filled on, each thread taking the next. */
static void decode_some(Run *r, size_t first, size_t count, size_t filled) {
#pragma omp parallel for schedule(dynamic, 4)
    for (size_t i = 0; i < count; i++) {
        Scratch *s = &r->scratch[omp_get_thread_num()];
        Error err;
        r->reasons[i] = NULL;
        if (!make_image(r, s, &r->paths->items[first + i], filled + i, &err)) continue;
        char *reason = strdup(err.text);
        r->reasons[i] = reason ? reason : no_memory;
    }
}

/* Memory that ends is no fault of the file, and the next ones would be left out like it. */
static int check_memory(const Run *r, size_t first, size_t count, Error *err) {
    for (size_t i = 0; i < count; i++) {
        if (!r->reasons[i]) continue;
        fail(err, "%s: %s", r->paths->items[first + i].path, r->reasons[i]);
        if (is_out_of_memory(err)) return -1;
    }
    return 0;
}

/* Closes the gaps that bad files left; returns the slots filled now. */
static size_t close_gaps(Run *r, size_t first, size_t count, size_t filled,
                         const ImagesReport *report) {
    size_t to = filled;
    for (size_t i = 0; i < count; i++) {
        size_t from = filled + i;
        if (r->reasons[i]) {
            report->offender(report->to, r->paths->items[first + i].path, r->reasons[i]);
            if (r->reasons[i] != no_memory) free(r->reasons[i]);
            continue;
        }
        if (to != from) {
            memcpy(r->slots + to * r->bytes, r->slots + from * r->bytes, r->bytes);
            r->labels[to] = r->labels[from];
            r->rows[to] = r->rows[from];
        }
        to++;
    }
    return to;
}

static int write_frame(Run *r, size_t n, FILE *out, const char *name, Error *err) {
    Frame *f = &r->frame;
    frame_clear(f);
    bool wide = r->want->index == 16;
    size_t image[] = {n, r->height, r->width, wide ? 1 : r->channels};
    if (frame_add(f, "image", wide ? DT_U16 : DT_U8, 4, image, err) < 0) return -1;
    if (r->want->classes && frame_add(f, "label", DT_I64, 1, &n, err) < 0) return -1;
    if (r->classes_text) frame_set_meta(f, "gan.classes", r->classes_text);
    if (r->want->table && companion_declare(r->want->table, n, f, err)) return -1;
    if (frame_allocate(f, err)) return -1;
    if (r->want->table) companion_fill(r->want->table, r->rows, 0, n, f);
    memcpy(frame_find(f, "image")->data, r->slots, n * r->bytes);
    if (r->want->classes) memcpy(frame_find(f, "label")->data, r->labels, n * sizeof *r->labels);
    return frame_write(f, out, name, err);
}

static int write_all(Run *r, const ImagesReport *report, FILE *out, const char *name,
                     size_t *skipped, Error *err) {
    size_t filled = 0, good = 0;
    for (size_t at = 0; at < r->paths->count;) {
        size_t part = r->per_frame - filled, left = r->paths->count - at;
        if (part > left) part = left;
        decode_some(r, at, part, filled);
        if (check_memory(r, at, part, err)) return -1;
        size_t now = close_gaps(r, at, part, filled, report);
        *skipped += filled + part - now;
        good += now - filled;
        filled = now;
        at += part;
        report->progress(report->to, at, *skipped);
        if (filled < r->per_frame && at < r->paths->count) continue;
        if (filled && write_frame(r, filled, out, name, err)) return -1;
        filled = 0;
    }
    return good ? 0 : fail(err, "none of %zu files is a good image", r->paths->count);
}

int images_write(Paths *paths, const ImagesWant *want, const ImagesReport *report, FILE *out,
                 const char *name, size_t *skipped, Error *err) {
    Run r = {.want = want, .paths = paths, .threads = (size_t)omp_get_max_threads()};
    *skipped = 0;
    if (paths_some(paths, err)) return -1;
    int bad = 0;
    if (want->table) bad = companion_clash(want->table, "image", want->classes, err);
    if (!bad && want->classes)
        bad = (r.classes_text = classes_json(want->classes, "folder name", err)) ? 0 : -1;
    if (!bad && !(r.scratch = calloc(r.threads, sizeof *r.scratch)))
        bad = fail(err, "out of memory");
    if (!bad) bad = find_size(&r, err);
    if (!bad) bad = write_all(&r, report, out, name, skipped, err);
    for (Scratch *s = r.scratch; s && s < r.scratch + r.threads; s++) {
        picture_free(&s->picture);
        resizer_free(&s->resizer);
        loader_free(&s->loader);
    }
    free(r.scratch);
    free(r.classes_text);
    free(r.slots);
    free(r.labels);
    free(r.rows);
    free(r.reasons);
    frame_free(&r.frame);
    return bad;
}
