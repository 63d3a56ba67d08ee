/* flicker: how much the still part of videos trembles, and whether a mask lies where things move,
 * as videos of a moving foreground before a still background are to be looked at (Vondrick et al.
 * 2016). */
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/summary.h"
#include "measure/videos.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *tensor, *mask;
    ValueRange range;
    double share;
} Options;

typedef struct {
    const Options *o;
    Videos clips, masks;        /* masks.rows is NULL without a mask */
    size_t pixels;              /* of a frame */
    double *deviation, *sorted; /* [pixels] of a video, in time */
    double *still;              /* [n] medians */
    size_t n, room, parted;     /* videos; those that have pixels of both kinds */
    double mask, moving, rest;  /* means of the mask, added up */
} Task;

/* Of each pixel the standard deviation in time, its mean over channels. */
static void find_deviations(const Task *t) {
    const Pictures *p = &t->clips.shape;
    size_t frame = t->pixels * p->channels;
    double frames = (double)p->frames;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < t->pixels; i++) {
        t->deviation[i] = 0;
        for (size_t c = 0; c < p->channels; c++) {
            const double *x = t->clips.video + i * p->channels + c;
            double sum = 0, squares = 0;
            for (size_t f = 0; f < p->frames; f++) sum += x[f * frame];
            for (size_t f = 0; f < p->frames; f++)
                squares += (x[f * frame] - sum / frames) * (x[f * frame] - sum / frames);
            t->deviation[i] += sqrt(squares / frames) / (double)p->channels;
        }
    }
    memcpy(t->sorted, t->deviation, t->pixels * sizeof *t->sorted);
    sort_ascending(t->sorted, t->pixels);
}

/* The mask where most moves and where less does; a video all of whose pixels are alike has no such
 * places. */
static void add_mask(Task *t) {
    size_t frames = t->masks.shape.frames, most = (size_t)(t->o->share * (double)t->pixels + 0.5);
    double least = t->sorted[t->pixels - (most ? most : 1)], in = 0, out = 0;
    size_t n = 0;
    for (size_t i = 0; i < t->pixels; i++) {
        double sum = 0;
        for (size_t f = 0; f < frames; f++) sum += t->masks.video[f * t->pixels + i];
        bool moves = t->deviation[i] >= least;
        *(moves ? &in : &out) += sum / (double)frames;
        n += moves;
    }
    t->mask += (in + out) / (double)t->pixels;
    if (n == t->pixels) return;
    t->moving += in / (double)n;
    t->rest += out / (double)(t->pixels - n);
    t->parted++;
}

static int read_all(Task *t, Error *err) {
    for (;; t->n++) {
        int more = videos_next(&t->clips, NULL, err);
        int also = more >= 0 && t->masks.rows ? videos_next(&t->masks, NULL, err) : more;
        if (more < 0 || also < 0) return -1;
        if (more != also)
            return fail(err, "%s has more rows than %s",
                        more < also ? t->masks.path : t->clips.path,
                        more < also ? t->clips.path : t->masks.path);
        if (!more) return t->n ? 0 : fail(err, "%s: no rows", t->clips.path);
        if (array_room(&t->still, &t->room, t->n + 1, sizeof *t->still, "videos", err)) return -1;
        find_deviations(t);
        t->still[t->n] = (t->sorted[(t->pixels - 1) / 2] + t->sorted[t->pixels / 2]) / 2;
        if (t->masks.rows) add_mask(t);
    }
}

static void describe(const Task *t, Results *out) {
    result_int(out, "n", (int64_t)t->n);
    result_int(out, "frames", (int64_t)t->clips.shape.frames);
    result_text(out, "tensor", rows_tensor(t->clips.rows));
    result_range(out, &t->o->range);
    result_end(out);
}

static void report(const Task *t, Results *out) {
    summary_begin(out, "flicker", summary_of(t->still, t->n));
    describe(t, out);
    if (!t->masks.rows) return;
    result_begin(out, "flicker.mask", t->mask / (double)t->n);
    describe(t, out);
    result_begin(out, "flicker.ratio", t->moving / t->rest);
    result_real(out, "moving", t->moving / (double)t->parted);
    result_real(out, "rest", t->rest / (double)t->parted);
    result_real(out, "share", t->o->share);
    describe(t, out);
}

static int same_frames(const Task *t, Error *err) {
    const Pictures *a = &t->clips.shape, *b = &t->masks.shape;
    if (b->channels == 1 && b->frames == a->frames && b->height == a->height &&
        b->width == a->width)
        return 0;
    return fail(err,
                "%s: masks [%zu,%zu,%zu,%zu], expected [%zu,%zu,%zu,1] as the videos of %s have",
                t->masks.path, b->frames, b->height, b->width, b->channels, a->frames, a->height,
                a->width, t->clips.path);
}

static int measure(Task *t, const Operand *inputs, Results *out, Error *err) {
    const Options *o = t->o;
    const RowsSpec clips = {.of = &inputs[0], .tensor = o->tensor, .range = o->range};
    const RowsSpec masks = {.of = &inputs[1], .tensor = o->mask};
    if (videos_open(&t->clips, &clips, err)) return -1;
    if (inputs[1].path && (videos_open(&t->masks, &masks, err) || same_frames(t, err))) return -1;
    t->pixels = t->clips.shape.height * t->clips.shape.width;
    t->deviation = data_alloc(2 * t->pixels * sizeof *t->deviation, err);
    if (!t->deviation) return -1;
    t->sorted = t->deviation + t->pixels;
    if (read_all(t, err)) return -1;
    report(t, out);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    int bad = measure(&t, inputs, out, err);
    videos_close(&t.clips);
    videos_close(&t.masks);
    free(t.deviation);
    free(t.still);
    return bad;
}

static const Options defaults = {.tensor = "video,image", .mask = "mask", .share = 0.1};

static const MetricOption options[] = {
    OPTION(mask, "mask", 0, OPT_TEXT, "NAME", "the masks [N,T,H,W,1], from 0 to 1 (mask)"),
    OPTION(share, "share", 0, OPT_REAL(0, 1), "P", "of pixels that vary most (0.1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "the videos [N,T,H,W,C] (video,image)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_flicker = {
    .name = "flicker",
    .operands = "CLIPS [MASKS]",
    .summary = "How much the still part of videos trembles, and where a mask lies.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
};
