/* shapes: how much made volumes look like those of a reference: the overlap with the nearest,
 * whether they are in one piece, and whether they differ from each other. */
#include "measure/metric.h"
#include "media/volume/volume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *tensor;
    double threshold, radius;
    ValueRange range;
} Options;

/* Volumes as rows of bits. */
typedef struct {
    uint64_t *bits; /* [n, words] */
    size_t n, words, voxels, room, side[3];
    size_t *full, full_room;
} Shapes;

static void shapes_free(Shapes *s) {
    free(s->bits);
    free(s->full);
}

static int add_shape(Shapes *s, const double *x, double threshold, Error *err) {
    if (array_room(&s->bits, &s->room, s->n + 1, s->words * sizeof *s->bits, "shapes", err) ||
        array_room(&s->full, &s->full_room, s->n + 1, sizeof *s->full, "shapes", err))
        return -1;
    uint64_t *bits = s->bits + s->n * s->words;
    memset(bits, 0, s->words * sizeof *bits);
    s->full[s->n] = 0;
    for (size_t i = 0; i < s->voxels; i++)
        if (x[i] > threshold) {
            bits[i / 64] |= (uint64_t)1 << i % 64;
            s->full[s->n]++;
        }
    s->n++;
    return 0;
}

static int take_shapes(Shapes *s, Rows *r, const char *path, double threshold, Error *err) {
    const Tensor *t = rows_first(r);
    if (volume_check(t, err)) return fail_in(err, "%s", path);
    memcpy(s->side, t->shape + 1, sizeof s->side);
    s->voxels = rows_width(r);
    s->words = (s->voxels + 63) / 64;
    double *x = data_alloc(s->voxels * sizeof *x, err);
    ssize_t n = x ? 1 : -1;
    while (n > 0)
        if ((n = rows_read(r, 1, x, NULL, err)) > 0 && add_shape(s, x, threshold, err)) n = -1;
    free(x);
    if (!n && !s->n) n = fail(err, "%s: no rows", path);
    return n < 0 ? -1 : 0;
}

static int load(Shapes *s, const Options *o, const Operand *in, Error *err) {
    RowsSpec spec = {.of = in, .tensor = o->tensor, .range = o->range};
    Rows *r = rows_open(&spec, err);
    int bad = r ? take_shapes(s, r, in->path, o->threshold, err) : -1;
    rows_close(r);
    return bad;
}

/* Intersection over union; 1 where both are empty. */
static double overlap(const Shapes *a, size_t i, const Shapes *b, size_t j) {
    const uint64_t *x = a->bits + i * a->words, *y = b->bits + j * b->words;
    size_t both = 0, either;
    for (size_t k = 0; k < a->words; k++) both += (size_t)__builtin_popcountll(x[k] & y[k]);
    either = a->full[i] + b->full[j] - both;
    return either ? (double)both / (double)either : 1;
}

typedef struct {
    double iou, component, full, alike;
    size_t distinct, empty;
} Figures;

/* The part of a shape that its largest piece is; 0 of an empty one. */
static int component_of(const Shapes *s, size_t i, double radius, Volume *v, double *share,
                        Error *err) {
    size_t kept;
    if (volume_shape(v, s->side, err)) return -1;
    for (size_t k = 0; k < s->voxels; k++)
        v->at[k] = (unsigned char)(s->bits[i * s->words + k / 64] >> k % 64 & 1);
    if (volume_component(v, radius, &kept, err)) return -1;
    *share = s->full[i] ? (double)kept / (double)s->full[i] : 0;
    return 0;
}

static int measure_shapes(const Options *o, const Shapes *a, const Shapes *b, Figures *f,
                          Error *err) {
    double *best = data_alloc(a->n * sizeof *best, err), n = (double)a->n;
    size_t *nearest = data_alloc(a->n * sizeof *nearest, err);
    unsigned char *taken = calloc(b->n, 1);
    Volume v = {0};
    int bad = best && nearest ? 0 : -1;
    if (!bad && !taken) bad = fail(err, "out of memory");
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < (bad ? 0 : a->n); i++) {
        best[i] = -1;
        for (size_t j = 0; j < b->n; j++) {
            double iou = overlap(a, i, b, j);
            if (iou > best[i]) best[i] = iou, nearest[i] = j;
        }
    }
    for (size_t i = 0; i < a->n && !bad; i++) {
        double share = 0;
        bad = component_of(a, i, o->radius, &v, &share, err);
        f->iou += best[i] / n;
        f->component += share / n;
        f->full += (double)a->full[i] / (double)a->voxels / n;
        f->empty += !a->full[i];
        f->distinct += !taken[nearest[i]];
        taken[nearest[i]] = 1;
        for (size_t j = 0; j < i; j++) f->alike += overlap(a, i, a, j) / (n * (n - 1) / 2);
    }
    volume_free(&v);
    free(best);
    free(nearest);
    free(taken);
    return bad;
}

static void line(const Options *o, const Shapes *a, const Shapes *b, const char *name, double value,
                 Results *out) {
    result_begin(out, name, value);
    result_int(out, "n_samples", (int64_t)a->n);
    result_int(out, "n_reference", (int64_t)b->n);
    result_int(out, "side", (int64_t)a->side[0]);
    result_real(out, "threshold", o->threshold);
    result_real(out, "radius", o->radius);
    result_range(out, &o->range);
    result_end(out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Shapes a = {0}, b = {0};
    Figures f = {0};
    int bad = load(&a, o, &inputs[0], err) || load(&b, o, &inputs[1], err) ? -1 : 0;
    if (!bad && memcmp(a.side, b.side, sizeof a.side) != 0)
        bad =
            fail(err, "%s has volumes of %zux%zux%zu, %s of %zux%zux%zu", inputs[0].path, a.side[0],
                 a.side[1], a.side[2], inputs[1].path, b.side[0], b.side[1], b.side[2]);
    if (!bad) bad = measure_shapes(o, &a, &b, &f, err);
    if (!bad) {
        line(o, &a, &b, "shapes.iou", f.iou, out);
        line(o, &a, &b, "shapes.component", f.component, out);
        line(o, &a, &b, "shapes.full", f.full, out);
        line(o, &a, &b, "shapes.distinct", (double)f.distinct, out);
        if (a.n > 1) line(o, &a, &b, "shapes.alike", f.alike, out);
        line(o, &a, &b, "shapes.empty", (double)f.empty, out);
    }
    shapes_free(&a);
    shapes_free(&b);
    return bad;
}

static const Options defaults = {.tensor = "voxels,value", .threshold = 0.5, .radius = 1};

static const MetricOption options[] = {
    OPTION(threshold, "threshold", 0, OPT_REAL(-1e30, 1e30), "T", "full is what is above it (0.5)"),
    OPTION(radius, "radius", 'r', OPT_REAL(1, 1024), "R",
           "voxels no further apart hang together (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_shapes = {
    .name = "shapes",
    .operands = "SAMPLES REFERENCE",
    .summary = "Overlap of made volumes with the nearest of a reference, and their pieces.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .compares = COMPARES_SETS,
};
