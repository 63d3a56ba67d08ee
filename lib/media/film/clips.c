#include "media/film/clips.h"

#include "base/random.h"
#include "media/film/steady.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <math.h>
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
    int64_t *lengths;     /* [2 * each] */
    size_t *rows;         /* [2 * each]: of the table */
    uint64_t written;     /* in all */
    Frame frame;
    bool failed; /* not the film's fault */
} Sink;

/* Where a clip is: no frame from `end` on is in it, the one before comes again. */
typedef struct {
    uint64_t start, end;
    size_t row; /* of the table */
} Cut;

/* The film at hand. */
typedef struct {
    const FilePath *path;
    int64_t label;
    Random random;
    uint64_t seen;   /* frames */
    uint64_t length; /* of all of it, once that is known; else 0 */
    Scaling scaling; /* of its frames */
    bool counts;     /* they are too many to be held and only counted */
    Cut *cuts;       /* in the order of their starts; NULL until they are known */
    size_t cut_count, cut_room, cut_at;
} Reel;

typedef struct {
    const ClipsWant *want;
    const ImagesReport *report;
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

/* Whether clips follow each other through the film, as long as it lasts. */
static bool streams(const Run *r) { return !r->want->count && !r->want->table; }

/* Frames from the beginning of a clip to that of the next. */
static uint64_t step_of(const Run *r) { return r->want->step ? r->want->step : r->span; }

/* ---- the stream ---- */

static int write_clips(Run *r, size_t n, Error *err) {
    Sink *s = &r->sink;
    Frame *f = &s->frame;
    size_t shape[] = {n, r->want->length, r->height, r->width, r->channels};
    frame_clear(f);
    int bad = frame_add(f, "video", DT_U8, 5, shape, err) < 0;
    if (!bad && r->want->classes) bad = frame_add(f, "label", DT_I64, 1, &n, err) < 0;
    if (!bad && r->want->lengths) bad = frame_add(f, "length", DT_I64, 1, &n, err) < 0;
    if (!bad && s->classes) frame_set_meta(f, "gan.classes", s->classes);
    if (!bad && r->want->table) bad = companion_declare(r->want->table, n, f, err);
    if (!bad) bad = frame_allocate(f, err) != 0;
    if (!bad) {
        memcpy(frame_find(f, "video")->data, s->slots, n * s->bytes);
        if (r->want->classes)
            memcpy(frame_find(f, "label")->data, s->labels, n * sizeof *s->labels);
        if (r->want->lengths)
            memcpy(frame_find(f, "length")->data, s->lengths, n * sizeof *s->lengths);
        if (r->want->table) companion_fill(r->want->table, s->rows, 0, n, f);
        bad = frame_write(f, s->out, s->name, err) != 0;
    }
    s->failed = bad;
    if (bad) return -1;
    s->filled -= n;
    s->sure = s->sure > n ? s->sure - n : 0;
    memmove(s->slots, s->slots + n * s->bytes, s->filled * s->bytes);
    memmove(s->labels, s->labels + n, s->filled * sizeof *s->labels);
    memmove(s->lengths, s->lengths + n, s->filled * sizeof *s->lengths);
    memmove(s->rows, s->rows + n, s->filled * sizeof *s->rows);
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
    free(s->lengths);
    free(s->rows);
    free(r->ring);
    r->ring = NULL;
    r->ring_room = 0;
    s->slots = size_mul(2 * s->each, s->bytes, &all) ? data_alloc(all, err) : NULL;
    s->labels = calloc(2 * s->each, sizeof *s->labels);
    s->lengths = calloc(2 * s->each, sizeof *s->lengths);
    s->rows = calloc(2 * s->each, sizeof *s->rows);
    if (!s->slots || !s->labels || !s->lengths || !s->rows)
        return fail(err, "out of memory for clips");
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

/* Copies the frames of the clip, the last frame again where there are no more. */
static void copy_frames(Run *r, uint64_t start, uint64_t end, unsigned char *to) {
    const ClipsWant *w = r->want;
    size_t bytes = frame_bytes(r);
    View view = {r->reel.scaling, r->channels};
    for (size_t j = 0; j < w->length; j++, to += bytes) {
        uint64_t at = start + j * w->stride;
        if (at >= end) at = end - 1;
        const unsigned char *from = r->ring + at % r->ring_size * bytes;
        if (r->steady.count && j)
            steady_draw(&r->steady, (size_t)start, (size_t)at, &view, from, to - bytes, to);
        else
            memcpy(to, from, bytes);
    }
}

static int give(Run *r, const Cut *cut, Error *err) {
    const ClipsWant *w = r->want;
    Sink *s = &r->sink;
    uint64_t start = cut->start, end = cut->end < r->reel.seen ? cut->end : r->reel.seen;
    if (end - start > r->span) end = start + r->span;
    if (!steady_sure(&r->steady, (size_t)start, (size_t)end - 1)) {
        r->count->unsure++;
        return 0;
    }
    unsigned char *to = s->slots + s->filled * s->bytes;
    copy_frames(r, start, end, to);
    if (w->flip > 0 && random_uniform(&r->reel.random, 0, 1) < w->flip)
        for (size_t j = 0; j < w->length; j++)
            mirror(to + j * frame_bytes(r), r->height, r->width, r->channels);
    s->lengths[s->filled] = 1 + (int64_t)((end - start - 1) / w->stride);
    s->rows[s->filled] = cut->row;
    s->labels[s->filled++] = r->reel.label;
    s->given++;
    return write_sure(r, err);
}

static int by_start(const void *a, const void *b) {
    const Cut *x = a, *y = b;
    if (x->start != y->start) return x->start > y->start ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Where clips may begin among *n places from `from` on, in *places to be freed, when not all of
 * them may: NULL when they may. */
static int find_places(Run *r, uint64_t from, uint64_t **places, uint64_t *n, Error *err) {
    size_t room = 0, good = 0;
    uint64_t all = *n;
    *places = NULL;
    if (!r->steady.count) return 0;
    if (array_room(places, &room, (size_t)all, sizeof **places, "places", err)) return -1;
    for (uint64_t s = from; s < from + all; s++)
        if (steady_sure(&r->steady, (size_t)s, (size_t)(s + r->span - 1))) (*places)[good++] = s;
    r->count->unsure += all - good;
    *n = good;
    return 0;
}

static int add_cut(Reel *reel, uint64_t start, uint64_t end, size_t row, Error *err) {
    if (array_room(&reel->cuts, &reel->cut_room, reel->cut_count + 1, sizeof *reel->cuts, "clips",
                   err))
        return -1;
    reel->cuts[reel->cut_count++] = (Cut){start, end, row};
    return 0;
}

/* The clips that are to be so many, of a part that has `good` places for them. */
static int draw_cuts(Run *r, const Cut *part, uint64_t good, Error *err) {
    const ClipsWant *w = r->want;
    uint64_t *places;
    if (good > UINT32_MAX) return fail(err, "%" PRIu64 " frames are too many", r->reel.length);
    if (find_places(r, part->start, &places, &good, err)) return -1;
    uint64_t n = !good ? 0 : w->uniform && good < w->count ? good : w->count;
    int bad = 0;
    for (uint64_t i = 0; i < n && !bad; i++) {
        uint64_t even = n > 1 ? (2 * i * (good - 1) + n - 1) / (2 * (n - 1)) : (good - 1) / 2;
        uint64_t number = w->uniform ? even : random_below(&r->reel.random, (uint32_t)good);
        uint64_t start = places ? places[number] : part->start + number;
        bad = add_cut(&r->reel, start, part->end, part->row, err);
    }
    free(places);
    return bad;
}

/* The clips of a part of the film. */
static int cut_part(Run *r, const Cut *part, Error *err) {
    const ClipsWant *w = r->want;
    if (part->end - part->start < r->span) {
        r->count->brief += w->drop_short;
        return w->drop_short ? 0 : add_cut(&r->reel, part->start, part->end, part->row, err);
    }
    uint64_t good = part->end - part->start - r->span + 1;
    if (w->count) return draw_cuts(r, part, good, err);
    for (uint64_t s = 0; s < good; s += step_of(r))
        if (add_cut(&r->reel, part->start + s, part->end, part->row, err)) return -1;
    return 0;
}

/* The first frame at that place of the table, or behind it; ones as near as a rounded number are
 * it. */
static uint64_t frame_at(const ClipsWant *w, double place, uint64_t length) {
    double at = w->seconds ? ceil(place * w->fps - 1e-6) : place;
    return at < (double)length ? (uint64_t)fmax(at, 0) : length;
}

/* A row of the table that tells of the film. */
static int cut_row(Run *r, size_t row, Error *err) {
    const Companion *t = r->want->table;
    const Reel *reel = &r->reel;
    Cut part = {frame_at(r->want, t->from[row], reel->length),
                frame_at(r->want, t->to[row], reel->length), row};
    if (part.start < part.end) return cut_part(r, &part, err);
    Error why;
    grid_fail(&t->grid, t->grid.line[t->first + row], &why, "no frame of %s, which has %" PRIu64,
              reel->path->path, reel->length);
    r->count->rows++;
    r->report->offender(r->report->to, NULL, why.text);
    return 0;
}

/* The clips of a film whose length is known. */
static int make_cuts(Run *r, Error *err) {
    Reel *reel = &r->reel;
    size_t n = 0;
    int bad = 0;
    const CompanionRow *row =
        r->want->table ? companion_same(r->want->table, reel->path->row - 1, &n) : NULL;
    if (!row) bad = cut_part(r, &(Cut){0, reel->length, 0}, err);
    for (size_t i = 0; i < n && !bad; i++) bad = cut_row(r, row[i].row, err);
    /* (none is not the same as not yet) */
    if (!bad) bad = array_room(&reel->cuts, &reel->cut_room, 1, sizeof *reel->cuts, "clips", err);
    if (reel->cut_count) qsort(reel->cuts, reel->cut_count, sizeof *reel->cuts, by_start);
    return bad;
}

/* ---- films ---- */

/* Clips whose last frame has come. */
static int give_due(Run *r, Error *err) {
    Reel *reel = &r->reel;
    if (reel->seen < r->span) return 0;
    uint64_t start = reel->seen - r->span;
    if (streams(r)) return start % step_of(r) ? 0 : give(r, &(Cut){start, reel->seen, 0}, err);
    while (reel->cuts && reel->cut_at < reel->cut_count && reel->cuts[reel->cut_at].start == start)
        if (give(r, &reel->cuts[reel->cut_at++], err)) return -1;
    return 0;
}

/* Room for one more frame: a clip's, or all so far where the film's length must be known first. */
static int ring_grow(Run *r, Error *err) {
    Reel *reel = &r->reel;
    bool held = !streams(r) && !reel->cuts;
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
    if (streams(r)) return reel->seen % step_of(r) < r->span;
    if (!reel->cuts) return !reel->counts;
    return reel->cut_at < reel->cut_count && reel->seen >= reel->cuts[reel->cut_at].start;
}

static int take_frame(Run *r, Box frame, Error *err) {
    const Framing *w = &r->want->framing;
    Scaling *s = &r->reel.scaling;
    if (framing_cut(w, frame, s, err)) return -1;
    size_t height, width;
    framing_size(w, s, &height, &width);
    if (!r->height && make_room(r, height, width, err)) return -1;
    if (height != r->height || width != r->width)
        return fail(err,
                    "%zux%zu pixels, expected %zux%zu as in the first film (--size makes them "
                    "equal)",
                    width, height, r->width, r->height);
    if (is_wanted(r) && ring_grow(r, err)) return -1;
    if (is_wanted(r)) { /* after counting has not just begun */
        unsigned char *to = r->ring + r->reel.seen % r->ring_size * frame_bytes(r);
        if (framing_resize(w, &r->resizer, &r->film.picture, s, to, err)) return -1;
    }
    r->reel.seen++;
    return give_due(r, err);
}

/* All frames once, or as many as there are clips in. */
static int play(Run *r, Error *err) {
    Box frame;
    r->reel.seen = 0;
    int more = film_open(&r->film, r->reel.path, &r->film_want, err) ? -1 : 1;
    Reel *reel = &r->reel;
    while (more > 0 && !(reel->cuts && reel->cut_at == reel->cut_count) &&
           (more = film_next(&r->film, &frame, err)) > 0)
        if (take_frame(r, frame, err)) more = -1;
    film_close(&r->film);
    if (more < 0) return -1;
    if (!reel->cuts && r->steady.count && r->steady.count != r->reel.seen)
        return fail(err, "%zu frames at first, and then %" PRIu64, r->steady.count, r->reel.seen);
    /* parts that are short, near the film's end */
    while (reel->cuts && reel->cut_at < reel->cut_count &&
           reel->cuts[reel->cut_at].start < reel->seen)
        if (give(r, &reel->cuts[reel->cut_at++], err)) return -1;
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
    if (streams(r) && reel->length >= r->span) return 0;
    if (make_cuts(r, err)) return -1;
    if (reel->counts) {
        reel->counts = false;
        return play(r, err);
    }
    for (size_t i = 0; i < reel->cut_count; i++)
        if (give(r, &reel->cuts[i], err)) return -1;
    return 0;
}

/* Ends the film: after an error its clips are taken back, if they can be. */
static void settle(Run *r, int bad, Error *err) {
    Sink *s = &r->sink;
    free(r->reel.cuts);
    r->reel.cuts = NULL;
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
    if (w->table && !path->row) return fail(err, "is not in %s", w->table->grid.path);
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
    Run r = {.want = want, .report = report, .count = count, .sink = {.out = out, .name = name}};
    r.film_want = (FilmWant){&want->framing, want->fps};
    *count = (ClipsCount){0};
    if (paths_some(paths, err)) return -1;
    if (want->table && companion_clash(want->table, "video", want->classes, err)) return -1;
    if (want->table && want->lengths && companion_clash(want->table, "length", false, err))
        return -1;
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
    free(r.reel.cuts);
    free(r.sink.classes);
    free(r.sink.slots);
    free(r.sink.labels);
    free(r.sink.lengths);
    free(r.sink.rows);
    free(r.ring);
    return bad;
}
