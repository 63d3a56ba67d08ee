/* motion: whether what is seen in clips moves as bodies do: by small steps, straight on, staying
 * what it is. */
#include "maths/dense.h"
#include "maths/track.h"
#include "measure/metric.h"
#include "measure/paired.h"
#include "measure/summary.h"
#include "measure/videos.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MIDDLE_ERROR = 1e-6; /* pixels: what rounding makes of the way between two */

typedef struct {
    const char *tensor, *classes, *logits, *label;
    ValueRange range;
    double above, pixels, tolerance;
    uint64_t bends; /* UINT64_MAX: one in ten frames */
} Options;

/* The middles of what is seen, frame by frame, and how much it is; NaN and 0 where there is
 * nothing. */
typedef struct {
    double *x, *y, *mass;
} Track;

/* A stream of clips, and what is where in the one at hand. */
typedef struct {
    Videos of;
    Track track;
} Clips;

/* FrameClasses of frames, one by one or by their scores. */
typedef struct {
    Rows *rows;
    DType type;
    size_t frames, width;
    double *x;
    int64_t *class; /* [frames] */
} FrameClasses;

typedef struct {
    const Options *o;
    const Operand *inputs;
    Clips clips, source;
    FrameClasses classes;
    size_t bends, n, empty; /* clips, and frames without anything */
    size_t steps, near, kept;
    PairFigures step, straight;
    Pairs place[2], way[2]; /* along x and y; less the means of the clip */
    size_t same, labelled, right;
    double agreed; /* shares of frames of the clip's most frequent class, added up */
} Task;

/* ---- what is where ---- */

static void find_middle(const Pictures *p, const double *v, double above, Track *t, size_t i) {
    double x = 0, y = 0, mass = 0;
    for (size_t row = 0; row < p->height; row++)
        for (size_t column = 0; column < p->width; column++, v += p->channels) {
            double mean = 0;
            for (size_t c = 0; c < p->channels; c++) mean += v[c] / (double)p->channels;
            if (!(mean > above)) continue;
            mass += mean;
            x += mean * ((double)column + 0.5);
            y += mean * ((double)row + 0.5);
        }
    t->mass[i] = mass;
    t->x[i] = mass > 0 ? x / mass : NAN;
    t->y[i] = mass > 0 ? y / mass : NAN;
}

static int open_clips(Clips *c, const Options *o, const Operand *in, Error *err) {
    RowsSpec spec = {.of = in, .tensor = o->tensor, .label = o->label, .range = o->range};
    if (videos_open(&c->of, &spec, err)) return -1;
    size_t frames = c->of.shape.frames;
    c->track.x = data_alloc(3 * frames * sizeof *c->track.x, err);
    if (!c->track.x) return -1;
    c->track.y = c->track.x + frames;
    c->track.mass = c->track.y + frames;
    return 0;
}

static void close_clips(Clips *c) {
    videos_close(&c->of);
    free(c->track.x);
}

/* 1, or 0 at the end. */
static int next_clip(Clips *c, const Options *o, int64_t *label, Error *err) {
    int n = videos_next(&c->of, label, err);
    size_t width = rows_width(c->of.rows), frames = c->of.shape.frames;
    if (n <= 0) return n;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < frames; i++)
        find_middle(&c->of.shape, c->of.video + i * (width / frames), o->above, &c->track, i);
    return 1;
}

/* ---- classes of frames ---- */

static int open_classes(Task *t, const Operand *in, Error *err) {
    FrameClasses *c = &t->classes;
    Pictures shape;
    RowsSpec spec = {.of = in, .tensor = t->o->logits};
    if (!(c->rows = pictures_open(&spec, &shape, err))) return -1;
    c->frames = shape.length, c->type = shape.type;
    c->width = c->frames ? rows_width(c->rows) / c->frames : 0;
    if (c->frames != t->clips.of.shape.frames || !c->width)
        return fail(err, "%s: '%s' has %zu frames a clip, those of %s have %zu", in->path,
                    rows_tensor(c->rows), c->frames, t->clips.of.path, t->clips.of.shape.frames);
    c->x = data_alloc(rows_width(c->rows) * sizeof *c->x, err);
    c->class = data_alloc(c->frames * sizeof *c->class, err);
    return c->x && c->class ? 0 : -1;
}

static int read_classes(Task *t, const int64_t *label, Error *err) {
    FrameClasses *c = &t->classes;
    ssize_t n = rows_read(c->rows, 1, c->x, NULL, err);
    if (n < 0) return -1;
    if (!n) return fail(err, "%s has fewer rows than %s", t->o->classes, t->clips.of.path);
    size_t most = 0, right = 0;
    for (size_t i = 0; i < c->frames; i++) {
        if (c->width > 1)
            c->class[i] = (int64_t)argmax(c->x + i * c->width, c->width);
        else if (!pictures_integer(c->type, c->x[i], &c->class[i]))
            return fail(err, "%s: row %zu: %g is no class", t->o->classes, t->n, c->x[i]);
        right += label && c->class[i] == *label;
    }
    for (size_t i = 0; i < c->frames; i++) {
        size_t count = 0;
        for (size_t j = 0; j < c->frames; j++) count += c->class[j] == c->class[i];
        if (count > most) most = count;
    }
    t->same += most == c->frames;
    t->agreed += (double)most / (double)c->frames;
    t->right += right;
    t->labelled += label ? c->frames : 0;
    return 0;
}

/* ---- how it moves ---- */

static int add_steps(Task *t, Error *err) {
    const Track *k = &t->clips.track;
    size_t frames = t->clips.of.shape.frames, seen = 0;
    double sum = 0;
    for (size_t i = 0; i < frames; i++) {
        t->empty += !(k->mass[i] > 0);
        if (!i) continue;
        double d = hypot(k->x[i] - k->x[i - 1], k->y[i] - k->y[i - 1]);
        t->steps++;
        t->near += d <= t->o->pixels + MIDDLE_ERROR; /* NaN is not */
        t->kept += k->mass[0] > 0 && fabs(k->mass[i] - k->mass[0]) <= t->o->tolerance * k->mass[0];
        if (isfinite(d)) sum += d, seen++;
    }
    return seen ? series_add(&t->step, sum / (double)seen, err) : 0;
}

static int add_straight(Task *t, Error *err) {
    const Track *k = &t->clips.track;
    size_t frames = t->clips.of.shape.frames;
    double x, y;
    for (size_t i = 0; i < frames; i++)
        if (!(k->mass[i] > 0)) return 0;
    if (straight_pieces(k->x, frames, t->bends, &x, err) ||
        straight_pieces(k->y, frames, t->bends, &y, err))
        return -1;
    return series_add(&t->straight, sqrt((x + y) / (double)frames), err);
}

static double mean_of(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum / (double)n;
}

/* Frames in which both clips show something. */
static void add_source(Task *t) {
    size_t frames = t->clips.of.shape.frames;
    for (int axis = 0; axis < 2; axis++) {
        double *a = axis ? t->clips.track.y : t->clips.track.x;
        double *b = axis ? t->source.track.y : t->source.track.x;
        size_t n = 0;
        for (size_t i = 0; i < frames; i++)
            if (isfinite(a[i]) && isfinite(b[i])) a[n] = a[i], b[n++] = b[i];
        double mean_a = mean_of(a, n), mean_b = mean_of(b, n);
        for (size_t i = 0; i < n; i++) {
            pairs_add(&t->place[axis], a[i], b[i]);
            pairs_add(&t->way[axis], a[i] - mean_a, b[i] - mean_b);
        }
    }
}

static int read_all(Task *t, Error *err) {
    bool sourced = t->inputs[1].path;
    for (;; t->n++) {
        int64_t label;
        int more = next_clip(&t->clips, t->o, &label, err);
        int also = more >= 0 && sourced ? next_clip(&t->source, t->o, NULL, err) : more;
        if (more < 0 || also < 0) return -1;
        if (more != also)
            return fail(err, "%s has more rows than %s", t->inputs[more < also].path,
                        t->inputs[more > also].path);
        if (!more) break;
        if (add_steps(t, err) || add_straight(t, err)) return -1;
        if (sourced) add_source(t);
        if (t->o->classes && read_classes(t, rows_labelled(t->clips.of.rows) ? &label : NULL, err))
            return -1;
    }
    if (!t->n) return fail(err, "%s: no rows", t->clips.of.path);
    ssize_t left = t->o->classes ? rows_read(t->classes.rows, 1, t->classes.x, NULL, err) : 0;
    if (left > 0) return fail(err, "%s has more rows than %s", t->o->classes, t->clips.of.path);
    return left < 0 ? -1 : 0;
}

/* ---- figures ---- */

static void begin(const Task *t, const char *name, double value, Results *out) {
    result_begin(out, name, value);
    result_int(out, "n", (int64_t)t->n);
    result_int(out, "frames", (int64_t)t->clips.of.shape.frames);
}

static void report_mean(const Task *t, const char *name, const PairFigures *of, Results *out) {
    summary_begin(out, name, summary_of(of->v, of->n));
    result_int(out, "n", (int64_t)of->n);
    result_int(out, "frames", (int64_t)t->clips.of.shape.frames);
}

static void report_correlation(const Task *t, const char *name, const Pairs p[2], Results *out) {
    double x = pairs_correlation(&p[0]), y = pairs_correlation(&p[1]);
    begin(t, name, (x + y) / 2, out);
    result_real(out, "x", x);
    result_real(out, "y", y);
    result_end(out);
}

static void report_classes(const Task *t, Results *out) {
    double n = (double)t->n;
    begin(t, "motion.same", (double)t->same / n, out);
    result_end(out);
    begin(t, "motion.agreement", t->agreed / n, out);
    result_end(out);
    if (!t->labelled) return;
    begin(t, "motion.right", (double)t->right / (double)t->labelled, out);
    result_end(out);
}

static void report(const Task *t, Results *out) {
    const Options *o = t->o;
    double steps = (double)t->steps;
    report_mean(t, "motion.step", &t->step, out);
    result_int(out, "empty", (int64_t)t->empty);
    result_real(out, "above", o->above);
    result_range(out, &o->range);
    result_end(out);
    begin(t, "motion.near", (double)t->near / steps, out);
    result_real(out, "pixels", o->pixels);
    result_end(out);
    report_mean(t, "motion.straight", &t->straight, out);
    result_int(out, "bends", (int64_t)t->bends);
    result_end(out);
    begin(t, "motion.kept", (double)t->kept / steps, out);
    result_real(out, "tolerance", o->tolerance);
    result_end(out);
    if (t->inputs[1].path) {
        report_correlation(t, "motion.track", t->place, out);
        report_correlation(t, "motion.way", t->way, out);
    }
    if (o->classes) report_classes(t, out);
}

static int measure(Task *t, const Operand *classes, Results *out, Error *err) {
    const Options *o = t->o;
    if (open_clips(&t->clips, o, &t->inputs[0], err)) return -1;
    size_t frames = t->clips.of.shape.frames;
    if (t->inputs[1].path) {
        if (open_clips(&t->source, o, &t->inputs[1], err)) return -1;
        if (t->source.of.shape.frames != frames)
            return fail(err, "clips of %s have %zu frames, those of %s %zu", t->clips.of.path,
                        frames, t->source.of.path, t->source.of.shape.frames);
    }
    if (o->classes && open_classes(t, classes, err)) return -1;
    t->bends = o->bends == UINT64_MAX ? (frames + 8) / 10 : (size_t)o->bends;
    if (read_all(t, err)) return -1;
    report(t, out);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options, .inputs = inputs};
    Operand classes = {.path = t.o->classes};
    int bad = measure(&t, &classes, out, err);
    close_clips(&t.clips);
    close_clips(&t.source);
    rows_close(t.classes.rows);
    free(t.classes.x);
    free(t.classes.class);
    free(t.step.v);
    free(t.straight.v);
    return bad;
}

static const Options defaults = {.tensor = "video,image",
                                 .logits = "logits,class",
                                 .label = "label",
                                 .above = 0.1,
                                 .pixels = 2,
                                 .tolerance = 0.3,
                                 .bends = UINT64_MAX};

static const MetricOption options[] = {
    OPTION(above, "above", 0, OPT_REAL(-1e30, 1e30), "V",
           "what is seen are pixels above V of [0,1] (0.1)"),
    OPTION(pixels, "pixels", 0, OPT_REAL(0, 1e30), "P", "steps of at most P pixels are near (2)"),
    OPTION(bends, "bends", 0, OPT_U64(0, 1 << 20), "N",
           "each axis of a way may bend N times (once in ten frames)"),
    OPTION(tolerance, "tolerance", 0, OPT_REAL(0, 1e30), "R",
           "brightness is kept that differs by this share (0.3)"),
    OPTION_READ(classes, "classes", 0, OPT_TEXT, "STREAM",
                "what class each frame was taken for: [N,T,K] scores, or [N,T]"),
    OPTION(logits, "logits", 0, OPT_TEXT, "NAME", "their tensor (logits,class)"),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "labels of the clips (label)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "the clips [N,T,H,W,C] (video,image)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_motion = {
    .name = "motion",
    .operands = "CLIPS [SOURCE]",
    .summary = "How what is seen in clips moves: steps, straightness, what stays.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
};
