/* droplets: how far the highest peak of each map of a layer stands out, and whether the maps of a
 * picture peak at one place, as those of generators that normalise each map do (Karras et al. 2020,
 * section 2). */
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/pictures.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 16 };

typedef struct {
    const char *tensor;
} Options;

/* A map's peak; its height is NaN when the map is of one value. */
typedef struct {
    double height;
    size_t place;
} Peak;

/* Figures of pictures, and sums over maps. */
typedef struct {
    Pictures shape;
    size_t n, room, flat; /* pictures that are not flat; room for them; maps that are flat */
    double *highest, *mean, *together;
    Peak *peak;     /* [channels] of the picture at hand */
    double *sorted; /* [channels][pixels] */
    size_t *places; /* [pixels] how many maps peak there */
} Task;

/* The peak of a map whose first number is at x: max |x - median| / deviation. `sorted` is scratch.
 */
static Peak peak_of(const double *x, size_t pixels, size_t step, double *sorted) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) mean += (sorted[i] = x[i * step]);
    mean /= (double)pixels;
    for (size_t i = 0; i < pixels; i++) squares += (sorted[i] - mean) * (sorted[i] - mean);
    sort_ascending(sorted, pixels);
    if (sorted[0] == sorted[pixels - 1]) return (Peak){.height = NAN};
    double median = 0.5 * (sorted[(pixels - 1) / 2] + sorted[pixels / 2]);
    Peak p = {0};
    for (size_t i = 0; i < pixels; i++)
        if (fabs(x[i * step] - median) > p.height) p = (Peak){fabs(x[i * step] - median), i};
    p.height /= sqrt(squares / (double)pixels);
    return p;
}

/* Adds the figures of the picture whose peaks are known. */
static void add_peaks(Task *t, size_t pixels) {
    double highest = 0, sum = 0;
    size_t seen = 0, most = 0;
    for (size_t i = 0; i < pixels; i++) t->places[i] = 0;
    for (size_t c = 0; c < t->shape.channels; c++) {
        const Peak *p = &t->peak[c];
        if (isnan(p->height)) continue;
        seen++;
        sum += p->height;
        highest = fmax(highest, p->height);
        size_t here = ++t->places[p->place];
        if (here > most) most = here;
    }
    t->flat += t->shape.channels - seen;
    if (!seen) return;
    t->highest[t->n] = highest;
    t->mean[t->n] = sum / (double)seen;
    t->together[t->n++] = (double)most / (double)seen;
}

static int make_room(Task *t, size_t pictures, Error *err) {
    if (t->n + pictures <= t->room) return 0;
    size_t room = 2 * (t->n + pictures);
    double **list[] = {&t->highest, &t->mean, &t->together};
    for (int i = 0; i < 3; i++) {
        double *more = realloc(*list[i], room * sizeof *more);
        if (!more) return fail(err, "out of memory");
        *list[i] = more;
    }
    t->room = room;
    return 0;
}

static int add_pictures(Task *t, const double *x, size_t pictures, Error *err) {
    size_t channels = t->shape.channels, pixels = t->shape.height * t->shape.width;
    if (make_room(t, pictures, err)) return -1;
    for (size_t i = 0; i < pictures; i++, x += pictures_size(&t->shape)) {
#pragma omp parallel for schedule(static)
        for (size_t c = 0; c < channels; c++)
            t->peak[c] = peak_of(x + c, pixels, channels, t->sorted + c * pixels);
        add_peaks(t, pixels);
    }
    return 0;
}

static int read_all(Task *t, Rows *r, const char *path, Error *err) {
    size_t size = pictures_size(&t->shape);
    double *x = data_alloc(BLOCK * rows_width(r) * sizeof *x, err);
    t->sorted = data_alloc(size * sizeof *t->sorted, err);
    t->peak = data_alloc(t->shape.channels * sizeof *t->peak, err);
    t->places = data_alloc(size / t->shape.channels * sizeof *t->places, err);
    ssize_t n = x && t->sorted && t->peak && t->places ? 1 : -1;
    while (n > 0) {
        n = rows_read(r, BLOCK, x, NULL, err);
        if (n > 0 && add_pictures(t, x, (size_t)n * t->shape.frames, err)) n = -1;
    }
    free(x);
    if (!n && !t->n && !t->flat) return fail(err, "%s: no rows", path);
    if (!n && !t->n) return fail(err, "%s: all maps are of one value", path);
    return (int)n;
}

static void report(const Task *t, const char *tensor, Results *out) {
    const char *name[] = {"droplets", "droplets.map", "droplets.together"};
    const double *value[] = {t->highest, t->mean, t->together};
    for (int i = 0; i < 3; i++) {
        summary_begin(out, name[i], summary_of(value[i], t->n));
        result_int(out, "n", (int64_t)t->n);
        result_int(out, "maps", (int64_t)t->shape.channels);
        result_int(out, "height", (int64_t)t->shape.height);
        result_int(out, "width", (int64_t)t->shape.width);
        result_int(out, "flat", (int64_t)t->flat);
        result_text(out, "tensor", tensor);
        result_end(out);
    }
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Task t = {0};
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor};
    Rows *r = pictures_open(&spec, &t.shape, err);
    if (!r) return -1;
    char tensor[96];
    snprintf(tensor, sizeof tensor, "%s", rows_tensor(r));
    int bad = read_all(&t, r, inputs[0].path, err);
    if (!bad) report(&t, tensor, out);
    free(t.highest);
    free(t.mean);
    free(t.together);
    free(t.peak);
    free(t.sorted);
    free(t.places);
    rows_close(r);
    return bad;
}

static const Options defaults = {.tensor = "maps,feature,image"};

static const MetricOption options[] = {
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR " (maps,feature,image)"),
    {0},
};

const Metric metric_droplets = {
    .name = "droplets",
    .operands = "STREAM",
    .summary = "Peaks of a layer's maps, and whether they are at one place.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
    .any_range = true,
};
