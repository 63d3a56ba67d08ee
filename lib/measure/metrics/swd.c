/* swd: sliced Wasserstein distance between patches from the levels of Laplacian pyramids of two
 * sets of pictures (Karras et al. 2018, section 5). */
#include "base/random.h"
#include "maths/pyramid.h"
#include "measure/metric.h"
#include "measure/metrics/distances.h"
#include "measure/pictures.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum {
    PATCH = 7,
    SIDE_MIN = 16,
    DIRECTIONS_MAX = 1000000,
    BLOCK_NUMBERS = 1 << 22,
    PATCHES_MAX = 1 << 20,
};

typedef struct {
    const char *tensor;
    uint64_t pictures, patches, directions, seed;
} Options;

/* The patches of one set, a matrix of floats for each level. */
typedef struct {
    const Options *o;
    const Operand *in;
    uint64_t number; /* 0 or 1, for draws of its own */
    Pictures shape;
    size_t n, room; /* pictures so far, and room for */
    char tensor[96];
    int levels;
    Matrix level[PYRAMID_LEVELS_MAX];
} PatchSet;

static int reserve(PatchSet *s, size_t pictures, Error *err) {
    if (pictures <= s->room) return 0;
    size_t room = 2 * s->room > pictures ? 2 * s->room : pictures, bytes;
    for (int l = 0; l < s->levels; l++) {
        if (!size_mul(room, (size_t)s->o->patches, &bytes) ||
            !size_mul(bytes, s->level[l].d * sizeof(float), &bytes))
            return fail(err, "%zu patches of each of %zu pictures are too many",
                        (size_t)s->o->patches, room);
        float *x = realloc(s->level[l].xf, bytes);
        if (!x)
            return fail(err,
                        "out of memory for the patches of %zu pictures: take fewer by "
                        "--pictures or --patches",
                        room);
        s->level[l].xf = x;
    }
    s->room = room;
    return 0;
}

/* The patches of picture n of the set, at random places that depend on its number. */
static void take_patches(PatchSet *s, const Pyramid *p, size_t n) {
    size_t count = (size_t)s->o->patches;
    for (int l = 0; l < p->levels; l++) {
        const Plane *a = &p->level[l];
        size_t line = PATCH * a->channels;
        uint64_t draw = ((uint64_t)1 << 32) + 2 * (uint64_t)l + s->number;
        float *out = s->level[l].xf + n * count * s->level[l].d;
        for (size_t k = 0; k < count; k++) {
            size_t number = n * count + k;
            size_t y = draw_below(s->o->seed, draw, 2 * number, a->height - PATCH + 1);
            size_t x = draw_below(s->o->seed, draw, 2 * number + 1, a->width - PATCH + 1);
            for (size_t i = 0; i < PATCH; i++)
                for (size_t j = 0; j < line; j++)
                    *out++ = (float)a->x[((y + i) * a->width + x) * a->channels + j];
        }
    }
}

/* A block of pictures, with a pyramid for each thread. */
static int add_pictures(PatchSet *s, Pyramid *pyramids, const double *x, size_t n, Error *err) {
    size_t size = pictures_size(&s->shape);
    if (reserve(s, s->n + n, err) < 0) return -1;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i++) {
        Pyramid *p = &pyramids[omp_get_thread_num()];
        pyramid_fill(p, x + i * size);
        take_patches(s, p, s->n + i);
    }
    s->n += n;
    return 0;
}

static int read_pictures(PatchSet *s, Rows *r, Pyramid *pyramids, Error *err) {
    size_t width = rows_width(r), frames = s->shape.frames, most = (size_t)s->o->pictures;
    size_t block = width < BLOCK_NUMBERS ? BLOCK_NUMBERS / width : 1;
    double *x = data_alloc(block * width * sizeof *x, err);
    int bad = x ? 0 : -1;
    while (!bad && s->n < most) {
        ssize_t n = rows_read(r, block, x, NULL, err);
        if (n <= 0) {
            bad = (int)n;
            break;
        }
        size_t count = (size_t)n * frames;
        bad = add_pictures(s, pyramids, x, count < most - s->n ? count : most - s->n, err);
    }
    free(x);
    if (!bad && !s->n) bad = fail(err, "%s: no rows", s->in->path);
    return bad;
}

static int load(PatchSet *s, Error *err) {
    RowsSpec spec = {.of = s->in, .tensor = s->o->tensor};
    int threads = omp_get_max_threads(), made = 0;
    Rows *r = pictures_open(&spec, &s->shape, err);
    Pyramid *pyramids = r ? data_alloc((size_t)threads * sizeof *pyramids, err) : NULL;
    const Pictures *p = &s->shape;
    while (pyramids && made < threads) {
        if (pyramid_new(&pyramids[made], p->height, p->width, p->channels, SIDE_MIN, err) < 0)
            break;
        made++;
    }
    int bad = made == threads ? 0 : r && !made ? fail_in(err, "%s", s->in->path) : -1;
    if (!bad) {
        snprintf(s->tensor, sizeof s->tensor, "%s", rows_tensor(r));
        s->levels = pyramids[0].levels;
        for (int l = 0; l < s->levels; l++) s->level[l].d = PATCH * PATCH * p->channels;
        bad = read_pictures(s, r, pyramids, err);
    }
    while (made) pyramid_free(&pyramids[--made]);
    free(pyramids);
    rows_close(r);
    return bad;
}

/* Each channel of a level's patches to mean 0 and deviation 1; one that is constant to 0. */
static void normalise(Matrix *m, size_t channels) {
    size_t count = m->n * m->d;
    for (size_t c = 0; c < channels; c++) {
        double n = (double)(count / channels), sum = 0, squares = 0;
        for (size_t i = c; i < count; i += channels) sum += (double)m->xf[i];
        for (size_t i = c; i < count; i += channels)
            squares += ((double)m->xf[i] - sum / n) * ((double)m->xf[i] - sum / n);
        double scale = squares > 0 ? 1 / sqrt(squares / n) : 0;
        for (size_t i = c; i < count; i += channels)
            m->xf[i] = (float)(((double)m->xf[i] - sum / n) * scale);
    }
}

static void describe(const Options *o, const PatchSet s[2], Results *out) {
    result_int(out, "times", 1000);
    result_text(out, "protocol", "7x7 patches, normalised by channel, order 1");
    result_int(out, "patches", (int64_t)o->patches);
    result_int(out, "directions", (int64_t)o->directions);
    result_int(out, "seed", (int64_t)o->seed);
    result_int(out, "n_a", (int64_t)s[0].n);
    result_int(out, "n_b", (int64_t)s[1].n);
    result_text(out, "tensor", s[0].tensor);
}

static int compare(const Options *o, PatchSet s[2], Results *out, Error *err) {
    double value[PYRAMID_LEVELS_MAX], error, mean = 0;
    int levels = s[0].levels;
    for (int l = 0; l < levels; l++) {
        for (int i = 0; i < 2; i++) {
            s[i].level[l].n = s[i].n * (size_t)o->patches;
            normalise(&s[i].level[l], s[i].shape.channels);
        }
        if (wasserstein_sliced(&s[0].level[l], &s[1].level[l], 1, (size_t)o->directions, o->seed,
                               &value[l], &error, err) < 0)
            return -1;
        mean += value[l] / levels;
    }
    result_begin(out, "swd", 1000 * mean);
    describe(o, s, out);
    result_end(out);
    for (int l = 0; l < levels; l++) {
        result_begin(out, "swd.level", 1000 * value[l]);
        result_int(out, "height", (int64_t)((s[0].shape.height - 1) >> l) + 1);
        result_int(out, "width", (int64_t)((s[0].shape.width - 1) >> l) + 1);
        describe(o, s, out);
        result_end(out);
    }
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    PatchSet s[2] = {{.o = o, .in = &inputs[0]}, {.o = o, .in = &inputs[1], .number = 1}};
    int bad = load(&s[0], err);
    if (!bad) bad = load(&s[1], err);
    s[1].shape.frames = s[0].shape.frames; /* rows need not hold equally many */
    if (!bad) bad = pictures_same(inputs[0].path, &s[0].shape, inputs[1].path, &s[1].shape, err);
    if (!bad) bad = compare(o, s, out, err);
    for (int i = 0; i < 2; i++)
        for (int l = 0; l < s[i].levels; l++) matrix_free(&s[i].level[l]);
    return bad;
}

static const Options defaults = {
    .tensor = "image,video", .pictures = 16384, .patches = 128, .directions = 512};

static const MetricOption options[] = {
    OPTION(pictures, "pictures", 'n', OPT_U64(1, UINT64_MAX), "N",
           "use the first N of each (16384)"),
    OPTION(patches, "patches", 0, OPT_U64(1, PATCHES_MAX), "N", "of each picture and level (128)"),
    OPTION(directions, "directions", 0, OPT_U64(1, DIRECTIONS_MAX), "N", "random directions (512)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    {0},
};

const Metric metric_swd = {
    .name = "swd",
    .operands = "A B",
    .summary = "Sliced Wasserstein distance of patches of two sets of pictures.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .compares = COMPARES_SETS,
    .any_range = true,
    .by = true,
};
