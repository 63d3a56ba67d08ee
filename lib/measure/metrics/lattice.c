/* lattice: how much of pictures is a pattern of a period of 2, 4 or 8 pixels, and how unequal the
 * energies of the phases of a stride are: checkerboards (Odena, Dumoulin and Olah 2016). */
#include "maths/dense.h"
#include "measure/metric.h"
#include "measure/pictures.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD = 8, PERIODS = 3, USUAL_CROP = 32, BLOCK = 16 };

typedef struct {
    const char *tensor;
    ValueRange range;
    uint64_t crop, stride;
} Options;

typedef struct {
    const Options *o;
    Pictures shape;
    size_t crop, top, left, phases;
    size_t n, flat, room, parts; /* pictures; maps of them that are of one value; room for maps */
    double *share[PERIODS];      /* [parts] of each map that is not flat */
    double *energy;              /* [phases * phases][n]: of each picture */
    double *sorted;
} Task;

/* cos(2 pi i / 8), exact where it is 0 or 1 */
static double wave(size_t i) {
    static const double quarter[] = {1, M_SQRT1_2, 0, -M_SQRT1_2, -1, -M_SQRT1_2, 0, M_SQRT1_2};
    return quarter[i % FOLD];
}

/* |F|^2 at frequency (u, v) eighths of a pixel, of a map whose pixels were added up modulo 8. */
static double power_at(const double *fold, size_t u, size_t v) {
    double re = 0, im = 0;
    for (size_t i = 0; i < FOLD * FOLD; i++) {
        size_t turn = u * (i / FOLD) + v * (i % FOLD);
        re += fold[i] * wave(turn);
        im += fold[i] * wave(turn + 6); /* the sine */
    }
    return re * re + im * im;
}

/* The smallest of the periods 2, 4 and 8 whose lattice has the frequency: 0, 1 or 2; -1 of none. */
static int period_of(size_t u, size_t v) {
    if (!u && !v) return -1;
    return u % 4 == 0 && v % 4 == 0 ? 0 : u % 2 == 0 && v % 2 == 0 ? 1 : 2;
}

/* One channel of a picture, the first number at x: adds to the energies of phases [phases^2], and
 * sets the shares; false when it is flat. */
static bool look_at(const Task *t, const double *x, double *energy, double *share) {
    size_t n = t->crop, row = t->shape.width * t->shape.channels, step = t->shape.channels;
    double fold[FOLD * FOLD] = {0}, mean = 0, total = 0;
    const double *first = x + t->top * row + t->left * step;
    for (size_t y = 0; y < n; y++)
        for (size_t i = 0; i < n; i++) mean += first[y * row + i * step];
    mean /= (double)(n * n);
    for (size_t y = 0; y < n; y++)
        for (size_t i = 0; i < n; i++) {
            double v = first[y * row + i * step] - mean;
            fold[y % FOLD * FOLD + i % FOLD] += v;
            total += v * v;
            energy[y % t->phases * t->phases + i % t->phases] += v * v;
        }
    /* what rounding leaves of a constant is none */
    if (total <= (double)(n * n) * 1e-24 * mean * mean) return false;
    for (int p = 0; p < PERIODS; p++) share[p] = 0;
    for (size_t u = 0; u < FOLD; u++)
        for (size_t v = 0; v < FOLD; v++)
            if (period_of(u, v) >= 0) share[period_of(u, v)] += power_at(fold, u, v);
    for (int p = 0; p < PERIODS; p++) share[p] /= total * (double)(n * n); /* Parseval */
    return true;
}

static int make_room(Task *t, size_t pictures, Error *err) {
    size_t maps = (t->n + pictures) * t->shape.channels, phases = t->phases * t->phases;
    size_t most = maps > (t->n + pictures) * phases ? maps : (t->n + pictures) * phases;
    if (most <= t->room) return 0;
    size_t room = 2 * most;
    for (int p = 0; p <= PERIODS; p++) {
        double **list = p < PERIODS ? &t->share[p] : &t->energy;
        double *more = realloc(*list, room * sizeof *more);
        if (!more) return fail(err, "out of memory");
        *list = more;
    }
    t->room = room;
    return 0;
}

static int add_pictures(Task *t, const double *x, size_t pictures, Error *err) {
    size_t phases = t->phases * t->phases;
    if (make_room(t, pictures, err)) return -1;
    for (size_t i = 0; i < pictures; i++, t->n++) {
        double *energy = t->energy + t->n * phases;
        memset(energy, 0, phases * sizeof *energy);
        for (size_t c = 0; c < t->shape.channels; c++) {
            double share[PERIODS];
            bool seen = look_at(t, x + i * pictures_size(&t->shape) + c, energy, share);
            for (int p = 0; p < PERIODS && seen; p++) t->share[p][t->parts] = share[p];
            t->parts += seen;
            t->flat += !seen;
        }
    }
    return 0;
}

static int read_all(Task *t, Rows *r, const char *path, Error *err) {
    double *x = data_alloc(BLOCK * rows_width(r) * sizeof *x, err);
    ssize_t n = x ? 1 : -1;
    while (n > 0) {
        n = rows_read(r, BLOCK, x, NULL, err);
        if (n > 0 && add_pictures(t, x, (size_t)n * t->shape.frames, err)) n = -1;
    }
    free(x);
    if (!n && !t->n) return fail(err, "%s: no rows", path);
    return (int)n;
}

static void describe(const Task *t, const char *tensor, Results *out) {
    result_int(out, "n", (int64_t)t->n);
    result_int(out, "channels", (int64_t)t->shape.channels);
    result_int(out, "crop", (int64_t)t->crop);
    result_int(out, "flat", (int64_t)t->flat);
    result_text(out, "tensor", tensor);
    result_range(out, &t->o->range);
    result_end(out);
}

/* Sums in ascending order do not depend on that of the pictures. */
static double phase_mean(const Task *t, size_t phase) {
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) t->sorted[i] = t->energy[i * t->phases * t->phases + phase];
    sort_ascending(t->sorted, t->n);
    for (size_t i = 0; i < t->n; i++) sum += t->sorted[i];
    size_t places = t->crop / t->phases * (t->crop / t->phases);
    return sum / (double)(t->n * t->shape.channels * places);
}

static void report(Task *t, const char *tensor, Results *out) {
    static const char *const name[] = {"lattice.p2", "lattice.p4", "lattice.p8"};
    for (int p = 0; p < PERIODS; p++) {
        sort_ascending(t->share[p], t->parts);
        summary_begin(out, name[p], summary_of(t->share[p], t->parts));
        describe(t, tensor, out);
    }
    double least = INFINITY, most = 0;
    Str text = {0};
    char number[40];
    for (size_t i = 0; i < t->phases * t->phases; i++) {
        double e = phase_mean(t, i);
        least = fmin(least, e);
        most = fmax(most, e);
        str_printf(&text, "%s%s", i ? "," : "", real_text(e, number, sizeof number));
    }
    result_begin(out, "lattice.phase", most / least);
    result_int(out, "stride", (int64_t)t->phases);
    result_text(out, "energies", text.text);
    describe(t, tensor, out);
    str_free(&text);
}

/* The middle of the pictures that is looked at. */
static int place_crop(Task *t, const char *path, Error *err) {
    size_t h = t->shape.height, w = t->shape.width, least = h < w ? h : w;
    t->crop =
        t->o->crop ? (size_t)t->o->crop : (least < USUAL_CROP ? least : USUAL_CROP) / FOLD * FOLD;
    t->phases = (size_t)t->o->stride;
    if (!t->crop || t->crop > least)
        return fail(err, "%s: pictures of %zux%zu, expected at least %zux%zu", path, h, w,
                    t->crop ? t->crop : FOLD, t->crop ? t->crop : FOLD);
    t->top = (h - t->crop) / 2;
    t->left = (w - t->crop) / 2;
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    RowsSpec spec = {.of = &inputs[0], .tensor = t.o->tensor, .range = t.o->range};
    Rows *r = pictures_open(&spec, &t.shape, err);
    if (!r) return -1;
    char tensor[96];
    snprintf(tensor, sizeof tensor, "%s", rows_tensor(r));
    int bad = place_crop(&t, inputs[0].path, err);
    if (!bad) bad = read_all(&t, r, inputs[0].path, err);
    if (!bad && !t.parts) bad = fail(err, "%s: all pictures are of one colour", inputs[0].path);
    if (!bad && !(t.sorted = data_alloc(t.n * sizeof *t.sorted, err))) bad = -1;
    if (!bad) report(&t, tensor, out);
    for (int p = 0; p < PERIODS; p++) free(t.share[p]);
    free(t.energy);
    free(t.sorted);
    rows_close(r);
    return bad;
}

static int check(void *options, Error *err) {
    const Options *o = options;
    if (o->crop % FOLD) return fail(err, "--crop: expected a multiple of %d", FOLD);
    if (o->stride & (o->stride - 1)) return fail(err, "--stride: expected 1, 2, 4 or 8");
    return 0;
}

static const Options defaults = {.tensor = "image,video", .stride = 2};

static const MetricOption options[] = {
    OPTION(crop, "crop", 0, OPT_U64(8, 1 << 14), "N", "the middle N x N pixels (32, or less)"),
    OPTION(stride, "stride", 0, OPT_U64(1, 8), "S", "phases of pixels: 1, 2, 4 or 8 (2)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR " (image,video)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_lattice = {
    .name = "lattice",
    .operands = "STREAM",
    .summary = "Checkerboards: energy at periods of 2, 4 and 8 pixels, and of phases.",
    .inputs = 1,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .any_range = true,
};
