/* overlap: how often stacked transposed convolutions write each pixel, which is what makes
 * checkerboards of them (Odena, Dumoulin and Olah 2016). Nothing is read. */
#include "maths/upsampling.h"
#include "measure/metric.h"

#include <stdlib.h>
#include <string.h>

enum { LAYERS_MAX = 64, KERNEL_MAX = 1 << 20, TABLE_MAX = 16, SAVED_MAX = 4096 };

typedef struct {
    const char *layers, *output;
    uint64_t size;
    Upsampling layer[LAYERS_MAX];
    size_t count;
} Options;

typedef struct {
    const Options *o;
    uint64_t *count, least, most;
    size_t period;
} Task;

/* "3/2,3/2": kernel/stride of each layer. */
static int check(void *options, Error *err) {
    Options *o = options;
    if (!o->layers) return fail(err, "expected --layers KERNEL/STRIDE,...");
    const char *at = o->layers;
    for (o->count = 0;; at++) {
        uint64_t k, s;
        if (o->count == LAYERS_MAX) return fail(err, "--layers: more than %d", LAYERS_MAX);
        if (!parse_digits(&at, &k) || *at++ != '/' || !parse_digits(&at, &s) || !k || !s ||
            k > KERNEL_MAX || s > KERNEL_MAX || (*at && *at != ','))
            return fail(err, "--layers: expected such as 5/2 or 3/2,3/2,3/1, found '%s'",
                        o->layers);
        o->layer[o->count++] = (Upsampling){(size_t)k, (size_t)s};
        if (!*at) return 0;
    }
}

/* count [1,P,P] of two axes, and a picture of it that is white where most is written. */
static int save(const Task *t, Error *err) {
    Frame f = {0};
    size_t p = t->period, n = (size_t)t->o->size, table[] = {1, p, p}, side[] = {1, n, n, 1};
    if (t->most > UINT32_MAX >> 1) return fail(err, "the counts of two axes are larger than 2^62");
    if (p > SAVED_MAX)
        return fail(err, "a period of %zu is too long to save: %d at most", p, SAVED_MAX);
    int bad = frame_add(&f, "count", DT_I64, 3, table, err) < 0 ||
              frame_add(&f, "image", DT_U8, 4, side, err) < 0 || frame_allocate(&f, err) < 0;
    if (!bad) {
        int64_t *count = frame_find(&f, "count")->data;
        unsigned char *image = frame_find(&f, "image")->data;
        double white = (double)t->most * (double)t->most;
        for (size_t i = 0; i < p * p; i++) count[i] = (int64_t)(t->count[i / p] * t->count[i % p]);
        for (size_t i = 0; i < n * n; i++)
            image[i] =
                (unsigned char)(255 * (double)count[i / n % p * p + i % n % p] / white + 0.5);
        bad = frame_save(&f, t->o->output, err) < 0;
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

/* The counts of one axis with commas, of two in rows with semicolons. */
static void add_counts(const Task *t, int axes, Results *out) {
    Str text = {0};
    for (size_t y = 0; y < (axes > 1 ? t->period : 1); y++) {
        if (y) str_printf(&text, ";");
        for (size_t x = 0; x < t->period; x++)
            str_printf(&text, "%s%.0f", x ? "," : "",
                       (double)t->count[x] * (axes > 1 ? (double)t->count[y] : 1));
    }
    result_text(out, "counts", text.text);
    str_free(&text);
}

static void report(const Task *t, int axes, Results *out) {
    double least = (double)t->least, most = (double)t->most;
    if (axes > 1) least *= least, most *= most;
    result_begin(out, axes > 1 ? "overlap.2d" : "overlap.1d", most / least);
    result_real(out, "least", least);
    result_real(out, "most", most);
    result_int(out, "period", (int64_t)t->period);
    result_text(out, "layers", t->o->layers);
    if (axes == 1 || t->period <= TABLE_MAX) add_counts(t, axes, out);
    result_end(out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    (void)inputs;
    if (overlap_counts(t.o->layer, t.o->count, &t.count, &t.period, err)) return -1;
    t.least = UINT64_MAX;
    for (size_t i = 0; i < t.period; i++) {
        if (t.count[i] < t.least) t.least = t.count[i];
        if (t.count[i] > t.most) t.most = t.count[i];
    }
    for (int axes = 1; axes <= 2; axes++) report(&t, axes, out);
    int bad = t.o->output ? save(&t, err) : 0;
    free(t.count);
    return bad;
}

static const Options defaults = {.size = 64};

static const MetricOption options[] = {
    OPTION(layers, "layers", 'l', OPT_TEXT, "K/S,...", "kernel and stride of each layer"),
    OPTION_WRITTEN(output, "output", 'o', OPT_TEXT, "FILE", "save counts of two axes, a picture"),
    OPTION(size, "size", 's', OPT_U64(1, 4096), "N", "pixels of that picture a side (64)"),
    {0},
};

const Metric metric_overlap = {
    .name = "overlap",
    .operands = "",
    .summary = "How often transposed convolutions write each pixel.",
    .inputs = 0,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
};
