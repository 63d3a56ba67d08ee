#include "media/images.h"

#include "stream/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FILE_MAX = 1 << 30,  /* larger files are not read */
    FRAME_MAX = 1 << 26, /* bytes of images a frame, unless one is larger than that */
};

/* One thread's memory. */
typedef struct {
    Picture picture;
    Resizer resizer;
    unsigned char *file;
    size_t file_size;
} Scratch;

typedef struct {
    const ImagesWant *want;
    const Paths *paths;
    Classes classes;
    char *classes_text;
    size_t height, width, channels, bytes; /* of the images made */
    size_t per_frame;
    Frame frame;
    unsigned char *slots; /* [per_frame, bytes]: images of the frame being made */
    int64_t *labels;      /* [per_frame] */
    char **reasons;       /* [per_frame]: what was wrong with each, or NULL */
} Run;

static void scratch_free(Scratch *s) {
    picture_free(&s->picture);
    resizer_free(&s->resizer);
    free(s->file);
}

static int load(Scratch *s, const char *path, size_t *n, Error *err) {
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f) return fail(err, "cannot open: %s", strerror(errno));
    int bad = 0;
    if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode))
        bad = fail(err, "not a regular file");
    else if (st.st_size > FILE_MAX)
        bad = fail(err, "%lld bytes, at most %d are accepted", (long long)st.st_size, FILE_MAX);
    if (!bad && (size_t)st.st_size > s->file_size) {
        free(s->file);
        s->file_size = 0;
        s->file = data_alloc((size_t)st.st_size, err);
        if (s->file) s->file_size = (size_t)st.st_size;
        bad = s->file ? 0 : -1;
    }
    if (!bad) {
        setvbuf(f, NULL, _IONBF, 0); /* one read, straight into place */
        *n = fread(s->file, 1, (size_t)st.st_size, f);
        if (*n != (size_t)st.st_size) bad = fail(err, "cannot read: %s", strerror(errno));
    }
    fclose(f);
    return bad;
}

/* Twice the target leaves the filter enough to work with after the decoder's own shrinking. */
static DecodeHint hint_of(const ImagesWant *w) {
    bool whole = w->crop_height || !w->height;
    return (DecodeHint){whole ? 0 : 2 * w->height, whole ? 0 : 2 * w->width, w->grey};
}

static int open_picture(Scratch *s, const ImagesWant *w, const char *path, Error *err) {
    size_t n = 0;
    DecodeHint hint = hint_of(w);
    if (load(s, path, &n, err) || picture_decode(s->file, n, &hint, &s->picture, err)) return -1;
    return picture_convert(&s->picture, w->grey, w->alpha, err);
}

static int cut_box(const Run *r, const Picture *p, Box *box, Error *err) {
    const ImagesWant *w = r->want;
    Picture centre = *p;
    *box = (Box){0, 0, p->height, p->width};
    if (w->crop_height) {
        if (p->height < w->crop_height || p->width < w->crop_width)
            return fail(err, "%zux%zu pixels, smaller than the %zux%zu to cut out", p->width,
                        p->height, w->crop_width, w->crop_height);
        *box = box_of_size(p, w->crop_height, w->crop_width);
        centre.height = box->height;
        centre.width = box->width;
    }
    if (!w->height || w->stretch) return 0;
    Box aspect = box_of_aspect(&centre, w->height, w->width);
    *box = (Box){box->y + aspect.y, box->x + aspect.x, aspect.height, aspect.width};
    return 0;
}

static int make_image(const Run *r, Scratch *s, const Path *path, size_t slot, Error *err) {
    if (r->want->labels) {
        r->labels[slot] = class_of(&r->classes, path);
        if (r->labels[slot] < 0) return fail(err, "lies in no sub-folder that would label it");
    }
    Box box;
    if (open_picture(s, r->want, path->path, err) || cut_box(r, &s->picture, &box, err)) return -1;
    if (!r->want->height && (box.height != r->height || box.width != r->width))
        return fail(err,
                    "%zux%zu pixels, expected %zux%zu as in the first image (--size makes "
                    "them equal)",
                    box.width, box.height, r->width, r->height);
    return picture_resize(&s->resizer, &s->picture, box, r->height, r->width, r->want->filter,
                          r->slots + slot * r->bytes, err);
}

/* Without a size, the first good file decides it; those before it are seen again later. */
static int find_size(Run *r, Error *err) {
    const ImagesWant *w = r->want;
    r->height = w->height;
    r->width = w->width;
    Scratch s = {0};
    Error ignored;
    for (size_t i = 0; !r->height && i < r->paths->count; i++) {
        Box box;
        if (open_picture(&s, w, r->paths->items[i].path, &ignored) ||
            cut_box(r, &s.picture, &box, &ignored))
            continue;
        r->height = box.height;
        r->width = box.width;
    }
    scratch_free(&s);
    if (!r->height) r->height = r->width = 1; /* all are offenders: let the run name them */
    r->channels = (w->grey ? 1 : 3) + (w->alpha == ALPHA_KEEP);
    r->bytes = r->height * r->width * r->channels;
    size_t fit = r->bytes < FRAME_MAX ? FRAME_MAX / r->bytes : 1;
    r->per_frame = w->per_frame < fit ? w->per_frame : fit;
    if (r->per_frame > r->paths->count) r->per_frame = r->paths->count;
    size_t total;
    if (!size_mul(r->per_frame, r->bytes, &total)) return fail(err, "the images are too large");
    r->slots = data_alloc(total, err);
    r->labels = calloc(r->per_frame, sizeof *r->labels);
    r->reasons = calloc(r->per_frame, sizeof *r->reasons);
    if (!r->slots) return -1;
    return r->labels && r->reasons ? 0 : fail(err, "out of memory");
}

/* Files first .. first + count - 1 into the slots from filled on, each thread taking the next. */
static void decode_some(Run *r, size_t first, size_t count, size_t filled) {
#pragma omp parallel
    {
        Scratch s = {0};
#pragma omp for schedule(dynamic, 4)
        for (size_t i = 0; i < count; i++) {
            Error err;
            r->reasons[i] = NULL;
            if (make_image(r, &s, &r->paths->items[first + i], filled + i, &err)) {
                r->reasons[i] = strdup(err.text);
                if (!r->reasons[i]) abort();
            }
        }
        scratch_free(&s);
    }
}

/* Closes the gaps that bad files left; returns the slots filled now. */
static size_t close_gaps(Run *r, size_t first, size_t count, size_t filled,
                         const ImagesReport *report) {
    size_t to = filled;
    for (size_t i = 0; i < count; i++) {
        size_t from = filled + i;
        if (r->reasons[i]) {
            report->offender(report->to, r->paths->items[first + i].path, r->reasons[i]);
            free(r->reasons[i]);
            continue;
        }
        if (to != from) {
            memcpy(r->slots + to * r->bytes, r->slots + from * r->bytes, r->bytes);
            r->labels[to] = r->labels[from];
        }
        to++;
    }
    return to;
}

static int write_frame(Run *r, size_t n, FILE *out, const char *name, Error *err) {
    Frame *f = &r->frame;
    frame_clear(f);
    size_t image[] = {n, r->height, r->width, r->channels};
    if (frame_add(f, "image", DT_U8, 4, image, err) < 0) return -1;
    if (r->want->labels && frame_add(f, "label", DT_I64, 1, &n, err) < 0) return -1;
    if (r->classes_text) frame_set_meta(f, "gan.classes", r->classes_text);
    if (frame_allocate(f, err)) return -1;
    memcpy(frame_find(f, "image")->data, r->slots, n * r->bytes);
    if (r->want->labels) memcpy(frame_find(f, "label")->data, r->labels, n * sizeof *r->labels);
    return frame_write(f, out, name, err);
}

static int write_all(Run *r, const ImagesReport *report, FILE *out, const char *name,
                     size_t *skipped, Error *err) {
    size_t filled = 0, good = 0;
    for (size_t at = 0; at < r->paths->count;) {
        size_t part = r->per_frame - filled, left = r->paths->count - at;
        if (part > left) part = left;
        decode_some(r, at, part, filled);
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
    Run r = {.want = want, .paths = paths};
    *skipped = 0;
    if (!paths->count) return fail(err, "no files found");
    int bad = 0;
    if (want->labels) {
        bad = classes_take(&r.classes, paths, err);
        if (!bad) bad = (r.classes_text = classes_json(&r.classes, err)) ? 0 : -1;
    }
    if (!bad) bad = find_size(&r, err);
    if (!bad) bad = write_all(&r, report, out, name, skipped, err);
    free(r.classes_text);
    free(r.slots);
    free(r.labels);
    free(r.reasons);
    frame_free(&r.frame);
    return bad;
}
