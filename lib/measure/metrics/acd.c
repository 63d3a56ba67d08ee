/* acd: average content distance of videos, how far a frame is from the others in features that tell
 * content from motion (Tulyakov et al. 2018, MoCoGAN, section 4). */
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/pictures.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const char *tensor;
    ValueRange range;
    double above;
    bool colour;
    uint64_t every;
} Options;

typedef struct {
    const Options *o;
    const Operand *in;
    Pictures shape;
    size_t frames, d;     /* that are compared, and their features */
    size_t empty;         /* frames without a pixel above the threshold */
    double *value;        /* [n] distances of videos */
    size_t n, room, rows; /* rows read */
    char tensor[96];
} Task;

/* The mean colour, 0 to 255, of the pixels whose largest channel is above the threshold; false if
 * there are none. */
static bool mean_colour(const Task *t, const double *x, double *out) {
    size_t channels = t->shape.channels, pixels = t->shape.height * t->shape.width, n = 0;
    for (size_t c = 0; c < channels; c++) out[c] = 0;
    for (size_t i = 0; i < pixels; i++, x += channels) {
        double most = x[0];
        for (size_t c = 1; c < channels; c++) most = fmax(most, x[c]);
        if (!(most > t->o->above)) continue;
        for (size_t c = 0; c < channels; c++) out[c] += 255 * x[c];
        n++;
    }
    for (size_t c = 0; c < channels && n; c++) out[c] /= (double)n;
    return n;
}

/* The features [frames,d] of a video, those of frames that have any; their number is returned. */
static size_t take_features(Task *t, const double *x, size_t row, double *out) {
    size_t step = row / t->shape.length * (size_t)t->o->every, n = 0;
    for (size_t i = 0; i < t->frames; i++, x += step) {
        if (t->o->colour && !mean_colour(t, x, out + n * t->d)) {
            t->empty++;
            continue;
        }
        for (size_t j = 0; j < t->d && !t->o->colour; j++) out[n * t->d + j] = x[j];
        n++;
    }
    return n;
}

static double pair_mean(const double *x, size_t n, size_t d) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) sum += sqrt(squared_distance(x + i * d, x + j * d, d));
    return sum / (0.5 * (double)n * (double)(n - 1));
}

static int add_video(Task *t, const double *x, size_t row, double *features, Error *err) {
    size_t n = take_features(t, x, row, features);
    if (n < 2) return 0;
    if (array_room(&t->value, &t->room, t->n + 1, sizeof *t->value, "videos", err)) return -1;
    t->value[t->n++] = pair_mean(features, n, t->d);
    return 0;
}

static int read_videos(Task *t, Rows *r, Error *err) {
    size_t row = rows_width(r);
    double *x = data_alloc(row * sizeof *x, err);
    double *features = data_alloc(t->frames * t->d * sizeof *features, err);
    ssize_t n = x && features ? 1 : -1;
    while (n > 0) {
        n = rows_read(r, 1, x, NULL, err);
        if (n > 0 && t->o->colour && !t->o->range.text &&
            pictures_unit(x, 1, row, t->rows, t->in->path, err) < 0)
            n = -1;
        if (n > 0 && add_video(t, x, row, features, err) < 0) n = -1;
        t->rows++;
    }
    free(x);
    free(features);
    if (!n && !t->n)
        n = t->empty ? fail(err, "%s: no video has two frames with a pixel above %g", t->in->path,
                            t->o->above)
                     : fail(err, "%s: no rows", t->in->path);
    return (int)n;
}

static void report(const Task *t, Results *out) {
    summary_begin(out, "acd", summary_of(t->value, t->n));
    result_text(out, "feature", t->o->colour ? "mean colour, 0 to 255" : "given");
    if (isfinite(t->o->above)) {
        result_real(out, "above", t->o->above);
        result_int(out, "empty", (int64_t)t->empty);
    }
    result_int(out, "n", (int64_t)t->n);
    result_int(out, "frames", (int64_t)t->frames);
    result_int(out, "dim", (int64_t)t->d);
    result_text(out, "tensor", t->tensor);
    result_range(out, &t->o->range);
    result_end(out);
}

static int measure(Task *t, Results *out, Error *err) {
    const Options *o = t->o;
    RowsSpec spec = {.of = t->in, .tensor = o->tensor, .range = o->range};
    Rows *r = pictures_open(&spec, &t->shape, err);
    if (!r) return -1;
    const Pictures *p = &t->shape;
    bool video = p->length > 0 && p->frames == p->length;
    int bad = 0;
    if (o->colour && !video)
        bad = fail(err, "%s: '%s' is no video [N,T,H,W,C]", t->in->path, rows_tensor(r));
    t->frames = p->length ? (p->length - 1) / (size_t)o->every + 1 : 0;
    if (!bad && t->frames < 2)
        bad = fail(err, "%s: '%s' has %zu frames a video, expected at least 2", t->in->path,
                   rows_tensor(r), t->frames);
    if (!bad) {
        t->d = o->colour ? p->channels : rows_width(r) / p->length;
        snprintf(t->tensor, sizeof t->tensor, "%s", rows_tensor(r));
        bad = read_videos(t, r, err);
    }
    rows_close(r);
    if (!bad) report(t, out);
    return bad;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options, .in = &inputs[0]};
    int bad = measure(&t, out, err);
    free(t.value);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (!o->colour && (isfinite(o->above) || o->range.text))
        return fail(err, "--above and --range go with --colour");
    if (!o->tensor) o->tensor = o->colour ? "video,image" : "feature";
    return 0;
}

static const Options defaults = {.above = -INFINITY, .every = 1};

static const MetricOption options[] = {
    OPTION(colour, "colour", 0, OPT_FLAG, NULL, "the feature is a frame's mean colour"),
    OPTION(above, "above", 0, OPT_REAL(-1e30, 1e30), "V",
           "the mean over pixels whose largest channel exceeds V of [0,1] (all)"),
    OPTION(every, "every", 0, OPT_U64(1, UINT64_MAX), "N", "use every Nth frame (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME",
           "features [N,T,...] (feature); with --colour videos [N,T,H,W,C] (video,image)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_acd = {
    .name = "acd",
    .operands = "STREAM",
    .summary = "Average content distance between the frames of videos.",
    .inputs = 1,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .by = true,
};
