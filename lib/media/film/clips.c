#include "media/film/clips.h"

#include "base/random.h"
#include "media/film/steady.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HELD_MAX = 1 << 26 }; /* bytes of a film that are held until its length is known */

/* Clips on their way into the stream. Those of a film that may turn out to be damaged wait. */
typedef struct {
    FILE *out;
    const char *name;
    char *classes;        /* for the metadata, or NULL */
    size_t bytes;         /* of a clip */
    size_t each, filled;  /* clips a frame; that wait */
    size_t sure;          /* of those, from the front: the ones of other films */
    uint64_t given;       /* by the film at hand */
    unsigned char *slots; /* [2 * each, bytes] */
    int64_t *labels;      /* [2 * each] */
    uint64_t written;     /* in all */
    Frame frame;
    bool failed; /* not the film's fault */
} Sink;

/* The film at hand. */
typedef struct {
    const FilePath *path;
    int64_t label;
    Random random;
    uint64_t seen;    /* frames */
    uint64_t length;  /* of all of it, once that is known; else 0 */
    View view;        /* of its frames */
    bool counts;      /* they are too many to be held and only counted */
    uint64_t *starts; /* of the clips, in order; NULL until they have been drawn */
    size_t start_count, start_at;
} Reel;

typedef struct {
    const ClipsWant *want;
    FilmWant film_want;
    ClipsCount *count;
    size_t height, width, channels; /* 0 until the first frame of the first film */
    size_t span;                    /* of a clip in a film */
    unsigned char *ring;            /* the last frames of the film */
    size_t ring_room, ring_size;    /* allocated; frame i is at i % ring_size */
    Film film;
    Resizer resizer;
    Steady steady;
    Sink sink;
    Reel reel;
} Run;

static size_t frame_bytes(const Run *r) { return r->height * r->width * r->channels; }

/* ---- the stream ---- */

static int write_clips(Run *r, size_t n, Error *err) {
    Sink *s = &r->sink;
    Frame *f = &s->frame;
    size_t shape[] = {n, r->want->length, r->height, r->width, r->channels};
    frame_clear(f);
    int bad = frame_add(f, "video", DT_U8, 5, shape, err) < 0;
    if (!bad && r->want->classes) bad = frame_add(f, "label", DT_I64, 1, &n, err) < 0;
    if (!bad && s->classes) frame_set_meta(f, "gan.classes", s->classes);
    if (!bad) bad = frame_allocate(f, err) != 0;
    if (!bad) {
        memcpy(frame_find(f, "video")->data, s->slots, n * s->bytes);
        if (r->want->classes)
            memcpy(frame_find(f, "label")->data, s->labels, n * sizeof *s->labels);
        bad = frame_write(f, s->out, s->name, err) != 0;
    }
    s->failed = bad;
    if (bad) return -1;
    s->filled -= n;
    s->sure = s->sure > n ? s->sure - n : 0;
    memmove(s->slots, s->slots + n * s->bytes, s->filled * s->bytes);
    memmove(s->labels, s->labels + n, s->filled * sizeof *s->labels);
    s->written += n;
    return 0;
}

/* Whole frames that are sure. A film that has filled one alone is not taken back any more, wherever
 * frames begin, so that what is in the stream does not depend on that. */
static int write_sure(Run *r, Error *err) {
    Sink *s = &r->sink;
    while (s->filled && s->filled >= s->each && (s->sure >= s->each || s->given >= s->each))
        if (write_clips(r, s->each, err)) return -1;
    return 0;
}

/* The first frame of all decides on the memory. */
static int make_room(Run *r, size_t height, size_t width, Error *err) {
    Sink *s = &r->sink;
    size_t shape[] = {r->want->length, height, width, framing_channels(&r->want->framing)}, all;
    r->height = height, r->width = width, r->channels = shape[3];
    s->failed = true;
    if (!size_product(shape, 4, &s->bytes) || s->bytes > (size_t)1 << 32)
        return fail(err, "clips of %zu frames of %zux%zu are too large", shape[0], width, height);
    s->each = frame_samples(s->bytes, r->want->per_frame, UINT64_MAX);
    free(s->slots);
    free(s->labels);
    free(r->ring);
    r->ring = NULL;
    r->ring_room = 0;
    s->slots = size_mul(2 * s->each, s->bytes, &all) ? data_alloc(all, err) : NULL;
    s->labels = calloc(2 * s->each, sizeof *s->labels);
    if (!s->slots || !s->labels) return fail(err, "out of memory for clips");
    s->failed = false;
    return 0;
}

/* ---- clips ---- */

static void mirror(unsigned char *frame, size_t height, size_t width, size_t channels) {
    for (size_t y = 0; y < height; y++, frame += width * channels)
        for (size_t x = 0; x < width / 2; x++)
            for (size_t c = 0; c < channels; c++) {
                unsigned char *a = frame + x * channels + c;
                unsigned char *b = frame + (width - 1 - x) * channels + c, kept = *a;
                *a = *b;
                *b = kept;
            }
}

/* Copies the frames of the clip that begins at `start`, the last frame again where there are no
 * more. */
static void copy_frames(Run *r, uint64_t start, unsigned char *to) {
    const ClipsWant *w = r->want;
    size_t bytes = frame_bytes(r);
    for (size_t j = 0; j < w->length; j++, to += bytes) {
        uint64_t at = start + j * w->stride;
        if (at >= r->reel.seen) at = r->reel.seen - 1;
        const unsigned char *from = r->ring + at % r->ring_size * bytes;
        if (r->steady.count && j)
            steady_draw(&r->steady, (size_t)start, (size_t)at, &r->reel.view, from, to - bytes, to);
        else
            memcpy(to, from, bytes);
    }
}

static int give(Run *r, uint64_t start, Error *err) {
    const ClipsWant *w = r->want;
    Sink *s = &r->sink;
    uint64_t end = start + r->span - 1;
    if (end >= r->reel.seen) end = r->reel.seen - 1;
    if (!steady_sure(&r->steady, (size_t)start, (size_t)end)) {
        r->count->unsure++;
        return 0;
    }
    unsigned char *to = s->slots + s->filled * s->bytes;
    copy_frames(r, start, to);
    if (w->flip > 0 && random_uniform(&r->reel.random, 0, 1) < w->flip)
        for (size_t j = 0; j < w->length; j++)
            mirror(to + j * frame_bytes(r), r->height, r->width, r->channels);
    s->labels[s->filled++] = r->reel.label;
    s->given++;
    return write_sure(r, err);
}

static int by_start(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Where clips may begin, in *places to be freed, when not all of them may: NULL when they may. */
static int find_places(Run *r, uint64_t **places, uint64_t *n, Error *err) {
    size_t room = 0, good = 0;
    uint64_t all = *n;
    *places = NULL;
    if (!r->steady.count) return 0;
    if (array_room(places, &room, (size_t)all, sizeof **places, "places", err)) return -1;
    for (uint64_t s = 0; s < all; s++)
        if (steady_sure(&r->steady, (size_t)s, (size_t)(s + r->span - 1))) (*places)[good++] = s;
    r->count->unsure += all - good;
    *n = good;
    return 0;
}

/* The clips of a film whose length is known. */
static int draw_starts(Run *r, Error *err) {
    const ClipsWant *w = r->want;
    Reel *reel = &r->reel;
    uint64_t good = reel->length - r->span + 1, *places;
    if (good > UINT32_MAX) return fail(err, "%" PRIu64 " frames are too many", reel->length);
    if (find_places(r, &places, &good, err)) return -1;
    uint64_t n = !good ? 0 : w->uniform && good < w->count ? good : w->count;
    size_t room = 0;
    if (array_room(&reel->starts, &room, (size_t)n + 1, sizeof *reel->starts, "clips", err)) {
        free(places);
        return -1;
    }
    for (uint64_t i = 0; i < n; i++) {
        uint64_t even = n > 1 ? (2 * i * (good - 1) + n - 1) / (2 * (n - 1)) : (good - 1) / 2;
        uint64_t number = w->uniform ? even : random_below(&reel->random, (uint32_t)good);
        reel->starts[i] = places ? places[number] : number;
    }
    free(places);
    reel->start_count = (size_t)n;
    qsort(reel->starts, reel->start_count, sizeof *reel->starts, by_start);
    return 0;
}

/* ---- films ---- */

/* Clips whose last frame has come. */
static int give_due(Run *r, Error *err) {
    Reel *reel = &r->reel;
    if (reel->seen < r->span) return 0;
    uint64_t start = reel->seen - r->span;
    if (!r->want->count) {
        uint64_t step = r->want->step ? r->want->step : r->span;
        return start % step ? 0 : give(r, start, err);
    }
    while (reel->starts && reel->start_at < reel->start_count &&
           reel->starts[reel->start_at] == start) {
        reel->start_at++;
        if (give(r, start, err)) return -1;
    }
    return 0;
}

/* Room for one more frame: a clip's, or all so far where the film's length must be known first. */
static int ring_grow(Run *r, Error *err) {
    Reel *reel = &r->reel;
    bool held = r->want->count && !reel->starts;
    size_t bytes = frame_bytes(r), need = held ? (size_t)reel->seen + 1 : r->span;
    if (held && need > r->span && need > HELD_MAX / bytes) {
        reel->counts = true;
        return 0;
    }
    if (array_room(&r->ring, &r->ring_room, need, bytes, "frames", err)) return -1;
    r->ring_size = held ? r->ring_room : r->span;
    return 0;
}

/* Whether the frame that comes is in a clip, as far as one can know. */
static bool is_wanted(const Run *r) {
    const Reel *reel = &r->reel;
    uint64_t step = r->want->step ? r->want->step : r->span;
    if (!r->want->count) return reel->seen % step < r->span;
    if (!reel->starts) return !reel->counts;
    return reel->start_at < reel->start_count && reel->seen >= reel->starts[reel->start_at];
}

static int take_frame(Run *r, Box frame, Error *err) {
    const Framing *w = &r->want->framing;
    const Picture *p = &r->film.picture;
    Box box;
    if (framing_cut(w, frame, &box, err)) return -1;
    size_t height = w->height ? w->height : box.height, width = w->height ? w->width : box.width;
    if (!r->height && make_room(r, height, width, err)) return -1;
    if (height != r->height || width != r->width)
        return fail(err,
                    "%zux%zu pixels, expected %zux%zu as in the first film (--size makes them "
                    "equal)",
                    width, height, r->width, r->height);
    r->reel.view = (View){box, height, width, r->channels};
    if (is_wanted(r) && ring_grow(r, err)) return -1;
    if (is_wanted(r)) { /* after counting has not just begun */
        unsigned char *to = r->ring + r->reel.seen % r->ring_size * frame_bytes(r);
        if (picture_resize(&r->resizer, p, box, height, width, w->filter, to, err)) return -1;
    }
    r->reel.seen++;
    return give_due(r, err);
}

/* All frames once, or as many as there are clips in. */
static int play(Run *r, Error *err) {
    Box frame;
    r->reel.seen = 0;
    int more = film_open(&r->film, r->reel.path, &r->film_want, err) ? -1 : 1;
    const Reel *reel = &r->reel;
    while (more > 0 && !(reel->starts && reel->start_at == reel->start_count) &&
           (more = film_next(&r->film, &frame, err)) > 0)
        if (take_frame(r, frame, err)) more = -1;
    film_close(&r->film);
    if (more < 0) return -1;
    if (!reel->starts && r->steady.count && r->steady.count != r->reel.seen)
        return fail(err, "%zu frames at first, and then %" PRIu64, r->steady.count, r->reel.seen);
    return 0;
}

static int cut_film(Run *r, Error *err) {
    const ClipsWant *w = r->want;
    Reel *reel = &r->reel;
    r->steady.count = 0;
    if (w->stabilise && steady_watch(&r->steady, &r->film, &r->film_want, reel->path, err))
        return -1;
    if (play(r, err)) return -1;
    reel->length = reel->seen;
    if (!reel->length) return fail(err, "holds no frames");
    if (reel->length < r->span) {
        r->count->brief += w->drop_short;
        return w->drop_short ? 0 : give(r, 0, err);
    }
    if (!w->count) return 0;
    if (draw_starts(r, err)) return -1;
    if (reel->counts) {
        reel->counts = false;
        return play(r, err);
    }
    for (size_t i = 0; i < reel->start_count; i++)
        if (give(r, reel->starts[i], err)) return -1;
    return 0;
}

/* Ends the film: after an error its clips are taken back, if they can be. */
static void settle(Run *r, int bad, Error *err) {
    Sink *s = &r->sink;
    free(r->reel.starts);
    r->reel.starts = NULL;
    if (bad && s->each && s->given >= s->each) {
        Error was = *err;
        fail(err, "%.900s (the %" PRIu64 " clips before that are kept)", was.text, s->given);
    } else if (bad) {
        s->filled = s->sure;
    }
    s->sure = s->filled;
    s->given = 0;
    if (bad && !s->filled && !s->written) r->height = 0; /* the next one decides */
}

static int take_path(Run *r, const Paths *paths, size_t i, Error *err) {
    const FilePath *path = &paths->items[i];
    const ClipsWant *w = r->want;
    r->reel = (Reel){.path = path, .random = random_at(w->seed, USE_CLIPS, w->first + i)};
    if (w->classes && (r->reel.label = class_of(w->classes, path)) < 0)
        return fail(err, "lies in no sub-folder that would label it");
    return cut_film(r, err);
}

/* The message of a file that is no good is its own affair, unless the fault lies elsewhere. */
static int take_paths(Run *r, const Paths *paths, const ImagesReport *report, Error *err) {
    for (size_t i = 0; i < paths->count; i++) {
        int bad = take_path(r, paths, i, err);
        if (bad && !r->sink.failed && is_out_of_memory(err))
            return fail_in(err, "%s", paths->items[i].path);
        if (bad && r->sink.failed) return -1;
        settle(r, bad, err);
        r->count->skipped += bad != 0;
        if (bad) report->offender(report->to, paths->items[i].path, err->text);
        if (write_sure(r, err)) return -1;
        report->progress(report->to, i + 1, r->count->skipped);
    }
    while (r->sink.filled) {
        Sink *s = &r->sink;
        if (write_clips(r, s->filled < s->each ? s->filled : s->each, err)) return -1;
    }
    r->count->clips = r->sink.written;
    if (r->sink.written) return 0;
    return r->count->skipped == paths->count
               ? fail(err, "none of %zu files is a good film", paths->count)
               : fail(err, "%zu films give no clip", paths->count - r->count->skipped);
}

int clips_write(const Paths *paths, const ClipsWant *want, const ImagesReport *report, FILE *out,
                const char *name, ClipsCount *count, Error *err) {
    Run r = {.want = want, .count = count, .sink = {.out = out, .name = name}};
    r.film_want = (FilmWant){&want->framing, want->fps};
    *count = (ClipsCount){0};
    if (!paths->count) return fail(err, "no files found, or all of them skipped");
    int bad = size_mul(want->length - 1, want->stride, &r.span) && ++r.span
                  ? 0
                  : fail(err, "clips of %zu frames are too long", want->length);
    if (!bad && want->classes)
        bad = (r.sink.classes = classes_json(want->classes, "folder name", err)) ? 0 : -1;
    if (!bad) bad = take_paths(&r, paths, report, err);
    film_free(&r.film);
    resizer_free(&r.resizer);
    steady_free(&r.steady);
    frame_free(&r.sink.frame);
    free(r.reel.starts);
    free(r.sink.classes);
    free(r.sink.slots);
    free(r.sink.labels);
    free(r.ring);
    return bad;
}
