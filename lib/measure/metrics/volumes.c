/* voxels: average precision and intersection over union of predicted volumes and true ones, paired,
 * also at the best of the turns, flips and shifts of a cube (Wu et al. 2016, section 4.3). */
#include "measure/metric.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 256, TURNS = 48 };

typedef struct {
    const char *tensor;
    uint64_t side;
    double shift, threshold;
    bool align;
    ValueRange range;
} Options;

/* A cube's voxel and what was predicted there. */
typedef struct {
    float value;
    uint32_t at;
} Ranked;

typedef struct {
    const Options *o;
    size_t from[3], side[3], voxels; /* as they come, and as they are compared */
    double *read;                    /* [from] */
    float *found;                    /* [voxels] */
    unsigned char *truth;            /* [voxels]: 1 where it is above a half */
    Ranked *rank;                    /* [voxels], from the largest value on */
    double *ap, *iou;                /* of each pair */
    size_t n, ap_room, iou_room, empty;
} Task;

/* ---- a pair ---- */

static int by_value(const void *a, const void *b) {
    const Ranked *x = a, *y = b;
    return (x->value < y->value) - (x->value > y->value);
}

/* One of the ways to put a cube in place of itself, and a shift: axis a of the result is axis
 * from[a], turned round where flip[a], and moved. */
typedef struct {
    int from[3], shift[3];
    bool flip[3];
} Move;

/* Where voxel `at` goes to; false when that is outside. */
static bool moved(const Task *t, const Move *m, size_t at, size_t *to) {
    size_t c[3] = {at / (t->side[1] * t->side[2]), at / t->side[2] % t->side[1], at % t->side[2]};
    *to = 0;
    for (int a = 0; a < 3; a++) {
        ptrdiff_t k = (ptrdiff_t)c[m->from[a]], side = (ptrdiff_t)t->side[a];
        if (m->flip[a]) k = side - 1 - k;
        k += m->shift[a];
        if (k < 0 || k >= side) return false;
        *to = *to * t->side[a] + (size_t)k;
    }
    return true;
}

/* Average precision, the mean of the precision over the true voxels where voxels of one value are
 * taken together, as scikit-learn has it; what comes in from outside has the least value. */
static double precision(const Task *t, const Move *m, size_t full) {
    double sum = 0;
    size_t seen = 0, right = 0, group = 0;
    float least = t->rank[t->voxels - 1].value;
    for (size_t i = 0; i < t->voxels && t->rank[i].value > least; i++) {
        size_t to;
        if (moved(t, m, t->rank[i].at, &to)) {
            seen++;
            group += t->truth[to];
        }
        if (t->rank[i + 1].value == t->rank[i].value) continue;
        right += group;
        if (group) sum += (double)group * (double)right / (double)seen;
        group = 0;
    }
    sum += (double)(full - right) * (double)full / (double)t->voxels;
    return sum / (double)full;
}

static double overlap(const Task *t, const Move *m, size_t full) {
    size_t both = 0, found = 0;
    for (size_t i = 0; i < t->voxels; i++) {
        size_t to;
        if (!(t->found[i] > t->o->threshold) || !moved(t, m, i, &to)) continue;
        found++;
        both += t->truth[to];
    }
    return (double)both / (double)(found + full - both);
}

/* Number k of the moves: the 48 orders and directions of the axes, first without a shift, then with
 * each of `wide` along each axis, of which the middle one is none. */
static Move move_number(int k, int wide) {
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    Move m = {.flip = {k & 1, k & 2, k & 4}};
    memcpy(m.from, order[k % TURNS / 8], sizeof m.from);
    for (int a = 0, place = k / TURNS; a < 3; a++, place /= wide)
        m.shift[a] = (place + wide / 2) % wide - wide / 2;
    return m;
}

/* The best move, of equally good ones the first; the one that changes nothing comes first. Its
 * average precision is returned, or NAN where memory ended. */
static double align(const Task *t, size_t full, Move *best) {
    int wide = t->o->align ? 2 * (int)(t->o->shift * (double)t->side[0] + 1e-9) + 1 : 1, at = 0;
    int moves = t->o->align ? TURNS * wide * wide * wide : 1;
    double *ap = calloc((size_t)moves, sizeof *ap);
    if (!ap) return NAN;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < moves; k++) {
        Move m = move_number(k, wide);
        ap[k] = precision(t, &m, full);
    }
    for (int k = 1; k < moves; k++)
        if (ap[k] > ap[at]) at = k;
    double highest = ap[at];
    *best = move_number(at, wide);
    free(ap);
    return highest;
}

static int add_pair(Task *t, Error *err) {
    size_t full = 0;
    for (size_t i = 0; i < t->voxels; i++) {
        full += t->truth[i];
        t->rank[i] = (Ranked){t->found[i], (uint32_t)i};
    }
    if (!full) {
        t->empty++;
        return 0;
    }
    qsort(t->rank, t->voxels, sizeof *t->rank, by_value);
    Move best = {.from = {0, 1, 2}};
    double ap = align(t, full, &best);
    if (isnan(ap)) return fail(err, "out of memory");
    if (array_room(&t->ap, &t->ap_room, t->n + 1, sizeof *t->ap, "volumes", err) ||
        array_room(&t->iou, &t->iou_room, t->n + 1, sizeof *t->iou, "volumes", err))
        return -1;
    t->ap[t->n] = ap;
    t->iou[t->n++] = overlap(t, &best, full);
    return 0;
}

/* ---- streams ---- */

/* Voxel i of `out` along an axis covers from `first` to before `end` of `in`. */
static void covers(size_t i, size_t in, size_t out, size_t *first, size_t *end) {
    *first = i * in / out;
    *end = ((i + 1) * in + out - 1) / out;
}

/* The largest of what each voxel covers of those read. */
static void pool(const Task *t, float *to) {
    size_t first[3], end[3];
    for (size_t i = 0; i < t->voxels; i++) {
        size_t c[3] = {i / (t->side[1] * t->side[2]), i / t->side[2] % t->side[1], i % t->side[2]};
        double most = -INFINITY;
        for (int a = 0; a < 3; a++) covers(c[a], t->from[a], t->side[a], &first[a], &end[a]);
        for (size_t x = first[0]; x < end[0]; x++)
            for (size_t y = first[1]; y < end[1]; y++)
                for (size_t z = first[2]; z < end[2]; z++)
                    most = fmax(most, t->read[(x * t->from[1] + y) * t->from[2] + z]);
        to[i] = (float)most;
    }
}

static int shape_of(const Rows *r, const char *path, size_t side[3], Error *err) {
    const Tensor *t = rows_first(r);
    char text[200];
    if (t->rank != 4 && !(t->rank == 5 && t->shape[4] == 1))
        return fail(err, "%s: tensor %s is %s, expected voxels [N,D,H,W,1]", path, t->name,
                    shape_text(t->rank, t->shape, text, sizeof text));
    for (int a = 0; a < 3; a++) side[a] = t->shape[a + 1];
    if (side[0] <= SIDE_MAX && side[1] <= SIDE_MAX && side[2] <= SIDE_MAX) return 0;
    return fail(err, "%s: tensor %s is %s, expected sides up to %d", path, t->name,
                shape_text(t->rank, t->shape, text, sizeof text), SIDE_MAX);
}

static int prepare(Task *t, const Operand *in, const Rows *a, const Rows *b, Error *err) {
    size_t other[3], voxels = 1, read = 1;
    if (shape_of(a, in[0].path, t->from, err) || shape_of(b, in[1].path, other, err)) return -1;
    if (memcmp(other, t->from, sizeof other) != 0)
        return fail(err, "%s has volumes of %zux%zux%zu, %s of %zux%zux%zu", in[0].path, t->from[0],
                    t->from[1], t->from[2], in[1].path, other[0], other[1], other[2]);
    for (int k = 0; k < 3; k++) {
        t->side[k] = t->o->side ? (size_t)t->o->side : t->from[k];
        if (t->side[k] > t->from[k])
            return fail(err, "--side %zu: the volumes have sides of %zu", t->side[k], t->from[k]);
        if (t->o->align && t->side[k] != t->side[0])
            return fail(err, "%s: volumes of %zux%zux%zu are no cubes, --align turns cubes",
                        in[0].path, t->from[0], t->from[1], t->from[2]);
        voxels *= t->side[k];
        read *= t->from[k];
    }
    t->voxels = voxels;
    t->read = data_alloc(read * sizeof *t->read, err);
    t->found = data_alloc(voxels * sizeof *t->found, err);
    t->truth = data_alloc(voxels, err);
    t->rank = data_alloc(voxels * sizeof *t->rank, err);
    return t->read && t->found && t->truth && t->rank ? 0 : -1;
}

static int compare(Task *t, const Operand *in, Rows *a, Rows *b, Error *err) {
    float *pooled = data_alloc(t->voxels * sizeof *pooled, err);
    int bad = pooled ? 0 : -1;
    for (size_t pairs = 0; !bad; pairs++) {
        ssize_t n = rows_read(a, 1, t->read, NULL, err);
        if (n > 0) pool(t, t->found);
        ssize_t m = n < 0 ? n : rows_read(b, 1, t->read, NULL, err);
        if (m < 0)
            bad = -1;
        else if (n != m)
            bad = fail(err, "%s ends after %zu rows, %s does not: rows come in pairs",
                       in[n ? 1 : 0].path, pairs, in[n ? 0 : 1].path);
        if (bad || !n) break;
        pool(t, pooled);
        for (size_t i = 0; i < t->voxels; i++) t->truth[i] = pooled[i] > 0.5F;
        bad = add_pair(t, err);
    }
    free(pooled);
    if (!bad && !t->n) bad = fail(err, "%s: no volume that is not empty", in[1].path);
    return bad;
}

static void report(const Task *t, const char *name, const double *v, const Rows *a, Results *out) {
    const Options *o = t->o;
    summary_begin(out, name, summary_of(v, t->n));
    result_int(out, "n", (int64_t)t->n);
    result_int(out, "empty", (int64_t)t->empty);
    result_int(out, "side", (int64_t)t->side[0]);
    result_text(out, "align", o->align ? "48 turns" : "none");
    if (o->align) result_real(out, "shift", o->shift);
    result_real(out, "threshold", o->threshold);
    result_text(out, "tensor", rows_tensor(a));
    result_range(out, &o->range);
    result_end(out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor, .range = o->range}, other = spec;
    Task t = {.o = o};
    other.of = &inputs[1];
    Rows *a = rows_open(&spec, err), *b = a ? rows_open(&other, err) : NULL;
    int bad = b ? prepare(&t, inputs, a, b, err) : -1;
    if (!bad) bad = compare(&t, inputs, a, b, err);
    if (!bad) report(&t, "voxels.ap", t.ap, a, out);
    if (!bad) report(&t, "voxels.iou", t.iou, a, out);
    rows_close(a);
    rows_close(b);
    free(t.read);
    free(t.found);
    free(t.truth);
    free(t.rank);
    free(t.ap);
    free(t.iou);
    return bad;
}

static const Options defaults = {.tensor = "voxels,value", .shift = 0.1, .threshold = 0.5};

static const MetricOption options[] = {
    OPTION(side, "side", 0, OPT_U64(1, SIDE_MAX), "S",
           "compare at this side, by the largest (all)"),
    OPTION(align, "align", 0, OPT_FLAG, NULL, "at the best of 48 turns and flips, and of shifts"),
    OPTION(shift, "shift", 0, OPT_REAL(0, 0.25), "F", "shifts of up to this part of a side (0.1)"),
    OPTION(threshold, "threshold", 0, OPT_REAL(-1e30, 1e30), "T",
           "predicted voxels above it are full, for the IoU (0.5)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_voxels = {
    .name = "voxels",
    .operands = "FOUND TRUTH",
    .summary = "Average precision and intersection over union of paired volumes.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
    .compares = COMPARES_PAIRS,
    .by = true,
};
