/* The three kinds of convolution against plain loops in double precision, as adjoints of one
 * another, and against themselves at other thread counts; for each instruction set. */
#include <omp.h>

#include "conv_reference.h"
#include "isas.h"
#include "tensor/conv/conv.h"

typedef struct {
    const char *name;
    ConvShape shape;
} Case;

/* pads at the high side follow from out, as always */
static const Case cases[] = {
    {"one value", {1, 1, 1, 1, {1}, {1}, {1}, {1}, {0}, {0}, 0}},
    {"1-D, odd", {1, 3, 5, 7, {23}, {12}, {5}, {2}, {2}, {0}, 0}},
    {"1-D, even kernel, SAME", {1, 2, 4, 19, {17}, {9}, {4}, {2}, {1}, {0}, 0}},
    {"1-D, stride over kernel", {1, 2, 3, 33, {29}, {6}, {2}, {5}, {0}, {0}, 0}},
    {"1-D, dilute stride with pad", {1, 1, 2, 2, {20}, {4}, {3}, {7}, {4}, {0}, 0}},
    {"one pixel, kernel over input", {2, 3, 5, 9, {1, 1}, {1, 1}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"kernel over input", {2, 2, 3, 4, {2, 3}, {2, 3}, {5, 7}, {1, 1}, {2, 3}, {0}, 0}},
    {"5x5 s2 SAME, even size", {2, 3, 16, 33, {8, 8}, {4, 4}, {5, 5}, {2, 2}, {1, 1}, {0}, 0}},
    {"5x5 s2 pad 2", {2, 3, 17, 32, {9, 8}, {5, 4}, {5, 5}, {2, 2}, {2, 2}, {0}, 0}},
    {"4x4 s2 pad 1", {2, 2, 32, 48, {8, 8}, {4, 4}, {4, 4}, {2, 2}, {1, 1}, {0}, 0}},
    {"3 channels in", {2, 2, 3, 64, {16, 16}, {8, 8}, {5, 5}, {2, 2}, {2, 2}, {0}, 0}},
    {"3 channels out", {2, 2, 64, 3, {8, 8}, {8, 8}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"7x7, 3 channels out, valid", {2, 2, 33, 3, {14, 13}, {8, 7}, {7, 7}, {1, 1}, {0, 0}, {0}, 0}},
    {"3x4, dilated, 2 channels out",
     {2, 2, 20, 2, {9, 12}, {9, 8}, {3, 4}, {1, 1}, {2, 1}, {2, 2}, 0}},
    {"3-D, 1 channel out",
     {3, 2, 24, 1, {5, 6, 7}, {5, 4, 7}, {3, 3, 3}, {1, 1, 1}, {1, 0, 1}, {0}, 0}},
    {"1 channel out, valid", {2, 5, 40, 1, {4, 4}, {1, 1}, {4, 4}, {1, 1}, {0, 0}, {0}, 0}},
    {"3-D, the whole image",
     {3, 5, 24, 40, {2, 4, 4}, {1, 1, 1}, {2, 4, 4}, {1, 1, 1}, {0, 0, 0}, {0}, 0}},
    {"3-D, one frame",
     {3, 2, 16, 24, {1, 5, 5}, {1, 5, 5}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0}, 0}},
    {"3-D, two frames to one",
     {3, 2, 24, 16, {2, 8, 8}, {1, 4, 4}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
    {"more padding than kernel before", {1, 2, 3, 5, {2}, {2}, {9}, {1}, {6}, {0}, 0}},
    {"padding, dilated, one result", {1, 2, 3, 5, {2}, {1}, {4}, {1}, {5}, {3}, 0}},
    {"one frame of 2 groups",
     {3, 2, 8, 8, {1, 5, 5}, {1, 5, 5}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0}, 2}},
    {"8 channels both ways", {2, 2, 8, 8, {6, 6}, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"unused rows and columns", {2, 2, 3, 10, {11, 12}, {3, 2}, {3, 3}, {2, 3}, {0, 0}, {0}, 0}},
    {"1x1", {2, 3, 37, 50, {5, 5}, {5, 5}, {1, 1}, {1, 1}, {0, 0}, {0}, 0}},
    {"1x1 s2", {2, 3, 6, 5, {5, 6}, {3, 3}, {1, 1}, {2, 2}, {0, 0}, {0}, 0}},
    {"7x1", {2, 2, 19, 23, {9, 6}, {9, 6}, {7, 1}, {1, 1}, {3, 0}, {0}, 0}},
    {"1x7", {2, 2, 19, 23, {6, 9}, {6, 9}, {1, 7}, {1, 1}, {0, 3}, {0}, 0}},
    {"uneven strides", {2, 2, 5, 7, {12, 9}, {4, 9}, {4, 3}, {3, 1}, {1, 1}, {0}, 0}},
    {"pad over kernel", {2, 1, 3, 4, {4, 4}, {9, 9}, {2, 2}, {1, 1}, {3, 3}, {0}, 0}},
    {"3-D 4x4x4 s2", {3, 2, 3, 20, {4, 6, 8}, {2, 3, 4}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
    {"3-D odd", {3, 1, 5, 3, {3, 5, 4}, {3, 3, 2}, {3, 2, 3}, {1, 2, 2}, {1, 0, 1}, {0}, 0}},
    {"3-D 1 channel", {3, 2, 1, 17, {5, 4, 6}, {5, 4, 6}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0}, 0}},
    {"1-D, long rows, 2 out", {1, 1, 40, 2, {3000}, {3000}, {5}, {1}, {2}, {0}, 0}},
    {"1-D, long rows, 2 in", {1, 1, 2, 40, {3001}, {1500}, {5}, {2}, {1}, {0}, 0}},
    {"rows too long for one piece",
     {2, 1, 50, 3, {6, 900}, {6, 900}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"kernel too large for dots",
     {2, 1, 280, 1, {16, 17}, {1, 2}, {16, 16}, {1, 1}, {0, 0}, {0}, 0}},
    {"tall kernel, 1 out", {2, 1, 3, 1, {300, 2}, {2, 2}, {299, 1}, {1, 1}, {0, 0}, {0}, 0}},
    {"3-D stride over kernel, 1 in",
     {3, 2, 1, 5, {9, 10, 11}, {3, 4, 3}, {2, 1, 2}, {3, 3, 4}, {1, 1, 0}, {0}, 0}},
    {"dilated", {2, 2, 5, 20, {9, 12}, {7, 12}, {3, 3}, {1, 1}, {1, 3}, {2, 3}, 0}},
    {"dilated, 3 out", {2, 2, 40, 3, {9, 12}, {9, 12}, {3, 3}, {1, 1}, {4, 2}, {4, 2}, 0}},
    {"dilated, stride 2 and 3", {2, 2, 5, 20, {19, 22}, {8, 7}, {4, 3}, {2, 3}, {1, 2}, {2, 2}, 0}},
    {"dilated, stride 4 of 6", {1, 3, 6, 18, {40}, {8}, {5}, {4}, {7}, {6}, 0}},
    {"dilated, 1-D, 2 out", {1, 2, 33, 2, {300}, {300}, {3}, {1}, {27}, {27}, 0}},
    {"dilated, 3-D",
     {3, 2, 3, 18, {5, 6, 7}, {5, 3, 7}, {3, 3, 2}, {1, 2, 1}, {2, 3, 1}, {2, 3, 2}, 0}},
    {"2 groups", {2, 2, 32, 48, {7, 9}, {7, 9}, {3, 3}, {1, 1}, {1, 1}, {0}, 2}},
    {"3 groups of 1 and 2", {2, 2, 3, 6, {7, 9}, {4, 5}, {3, 3}, {2, 2}, {1, 1}, {0}, 3}},
    {"35 groups of 2 and 1", {2, 2, 70, 35, {7, 9}, {7, 9}, {3, 3}, {1, 1}, {1, 1}, {0}, 35}},
    {"9 groups, dilated", {1, 2, 27, 36, {50}, {25}, {5}, {2}, {4}, {2}, 9}},
    {"depthwise", {2, 2, 70, 70, {9, 11}, {9, 11}, {3, 3}, {1, 1}, {1, 1}, {0}, 70}},
    {"depthwise s2, dilated", {2, 3, 19, 19, {12, 11}, {5, 6}, {3, 4}, {2, 2}, {1, 3}, {2, 3}, 19}},
    {"depthwise 3-D", {3, 2, 5, 5, {4, 5, 6}, {4, 3, 3}, {3, 5, 5}, {1, 2, 2}, {1, 2, 2}, {0}, 5}},
    {"depthwise, many taps", {2, 1, 18, 18, {20, 20}, {20, 20}, {11, 13}, {1, 1}, {5, 6}, {0}, 18}},
    {"depthwise, no outputs", {2, 2, 4, 4, {4, 4}, {0, 4}, {3, 3}, {1, 1}, {1, 1}, {0}, 4}},
    {"no images", {2, 0, 3, 4, {4, 4}, {4, 4}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"no outputs", {2, 2, 3, 4, {4, 4}, {0, 4}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
};

/* Large enough to be cut into many tasks, and in the sum too. */
static const Case large[] = {
    {"many tasks", {2, 8, 24, 72, {21, 20}, {11, 10}, {5, 5}, {2, 2}, {2, 2}, {0}, 0}},
    {"deep", {2, 1, 140, 160, {8, 8}, {4, 4}, {4, 4}, {2, 2}, {1, 1}, {0}, 0}},
    {"many pixels, few weights",
     {2, 10, 3, 12, {40, 40}, {20, 20}, {5, 5}, {2, 2}, {2, 2}, {0}, 0}},
    {"many pixels, 3 out", {2, 6, 12, 3, {40, 40}, {40, 40}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"7x7, 3 out", {2, 2, 40, 3, {46, 46}, {40, 40}, {7, 7}, {1, 1}, {0, 0}, {0}, 0}},
    {"dilated", {2, 4, 24, 40, {31, 30}, {31, 30}, {3, 3}, {1, 1}, {4, 4}, {4, 4}, 0}},
    {"5 groups", {2, 4, 40, 60, {31, 30}, {31, 30}, {3, 3}, {1, 1}, {1, 1}, {0}, 5}},
    {"depthwise", {2, 4, 40, 40, {31, 30}, {31, 30}, {3, 3}, {1, 1}, {1, 1}, {0}, 40}},
    {"3-D", {3, 2, 6, 40, {8, 12, 12}, {4, 6, 6}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
};

/* What Winograd's method takes: all residues of the last two dimensions, with one to three taps
 * each, in whole and in partial tiles. */
static const Case filtered[] = {
    {"four pixels", {2, 1, 1, 1, {2, 2}, {2, 2}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"3x3, odd sizes", {2, 3, 17, 33, {7, 9}, {7, 9}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"3x3 valid", {2, 2, 19, 37, {9, 12}, {7, 10}, {3, 3}, {1, 1}, {0, 0}, {0}, 0}},
    {"3x3, wide pad", {2, 1, 16, 5, {5, 4}, {9, 8}, {3, 3}, {1, 1}, {3, 3}, {0}, 0}},
    {"2x2", {2, 2, 20, 18, {9, 8}, {8, 7}, {2, 2}, {1, 1}, {0, 0}, {0}, 0}},
    {"2x3, mixed strides", {2, 2, 7, 29, {9, 14}, {9, 7}, {2, 3}, {1, 2}, {1, 1}, {0}, 0}},
    {"3x3 s2 valid", {2, 2, 31, 17, {17, 17}, {8, 8}, {3, 3}, {2, 2}, {0, 0}, {0}, 0}},
    {"3x3 s2 pad 1", {2, 2, 16, 48, {12, 11}, {6, 6}, {3, 3}, {2, 2}, {1, 1}, {0}, 0}},
    {"2x2 s2 and 3 taps", {2, 2, 16, 16, {8, 9}, {4, 9}, {2, 3}, {2, 1}, {0, 1}, {0}, 0}},
    {"4x4 s2, one image", {2, 1, 67, 71, {14, 14}, {7, 7}, {4, 4}, {2, 2}, {1, 1}, {0}, 0}},
    {"4x4 s2 to one pixel", {2, 5, 40, 36, {2, 2}, {1, 1}, {4, 4}, {2, 2}, {1, 1}, {0}, 0}},
    {"4x4 s2 pad 3, unused rows", {2, 2, 16, 24, {9, 13}, {5, 7}, {4, 4}, {2, 2}, {3, 3}, {0}, 0}},
    {"5x5 s2 pad 1", {2, 3, 37, 41, {14, 14}, {7, 7}, {5, 5}, {2, 2}, {1, 1}, {0}, 0}},
    {"5x5 s2 pad 2", {2, 2, 64, 80, {13, 16}, {7, 8}, {5, 5}, {2, 2}, {2, 2}, {0}, 0}},
    {"6x6 s2", {2, 2, 13, 11, {12, 15}, {6, 7}, {6, 6}, {2, 2}, {2, 1}, {0}, 0}},
    {"3x5, mixed strides", {2, 3, 23, 19, {11, 18}, {11, 9}, {3, 5}, {1, 2}, {1, 2}, {0}, 0}},
    {"1x4x4 s1x2x2", {3, 2, 29, 31, {3, 8, 8}, {3, 4, 4}, {1, 4, 4}, {1, 2, 2}, {0, 1, 1}, {0}, 0}},
    {"4x4x4 s2", {3, 2, 35, 37, {4, 8, 8}, {2, 4, 4}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
    {"3x3x3 s2x1x1", {3, 2, 18, 21, {5, 6, 7}, {3, 6, 7}, {3, 3, 3}, {2, 1, 1}, {1, 1, 1}, {0}, 0}},
    {"3x4x5, mixed",
     {3, 1, 21, 20, {4, 9, 10}, {4, 5, 5}, {3, 4, 5}, {1, 2, 2}, {2, 2, 1}, {0}, 0}},
    {"2x2 s2, many channels to few",
     {2, 1, 590, 16, {8, 8}, {4, 4}, {2, 2}, {2, 2}, {0, 0}, {0}, 0}},
    {"many channels", {2, 4, 530, 100, {4, 4}, {4, 4}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    {"many tasks", {2, 30, 48, 72, {17, 20}, {9, 10}, {5, 5}, {2, 2}, {2, 2}, {0}, 0}},
    /* three times as many samples: a result that is written past the caches */
    {"large result", {2, 3, 8, 96, {36, 36}, {36, 36}, {3, 3}, {1, 1}, {1, 1}, {0}, 0}},
    /* data turned, in several tasks: images together, channels and columns in parts */
    {"3x3 valid, many images", {2, 9, 70, 100, {18, 18}, {16, 16}, {3, 3}, {1, 1}, {0, 0}, {0}, 0}},
    {"3x3 valid, unused rows", {2, 5, 20, 24, {21, 19}, {16, 16}, {3, 3}, {1, 1}, {0, 0}, {0}, 0}},
    {"3x3 s2 valid, 65 pixels", {2, 6, 20, 70, {65, 33}, {32, 16}, {3, 3}, {2, 2}, {0, 0}, {0}, 0}},
    {"6x4 s2x1, turned, unused", {2, 5, 40, 70, {20, 11}, {8, 8}, {6, 3}, {2, 1}, {0, 0}, {0}, 0}},
    {"2x3 of 3-D, valid",
     {3, 2, 20, 70, {3, 10, 11}, {3, 9, 9}, {1, 2, 3}, {1, 1, 1}, {0, 0, 0}, {0}, 0}},
    {"4x4", {2, 3, 21, 48, {9, 12}, {8, 11}, {4, 4}, {1, 1}, {1, 1}, {0}, 0}},
    {"4x4 pad 2", {2, 2, 40, 64, {9, 8}, {10, 9}, {4, 4}, {1, 1}, {2, 2}, {0}, 0}},
    {"4x4 pad 3, unused rows", {2, 1, 17, 16, {5, 7}, {7, 9}, {4, 4}, {1, 1}, {3, 3}, {0}, 0}},
    {"4x4 valid, many channels", {2, 4, 530, 112, {8, 7}, {5, 4}, {4, 4}, {1, 1}, {0, 0}, {0}, 0}},
    {"4x4 of 3-D", {3, 2, 20, 80, {3, 9, 9}, {3, 8, 8}, {1, 4, 4}, {1, 1, 1}, {0, 1, 1}, {0}, 0}},
    {"4x4, large", {2, 6, 40, 96, {32, 32}, {31, 31}, {4, 4}, {1, 1}, {1, 1}, {0}, 0}},
    {"many columns", {2, 2, 40, 600, {8, 8}, {4, 4}, {4, 4}, {2, 2}, {1, 1}, {0}, 0}},
};

typedef struct {
    size_t nx, ny, nw;
    float *x, *y, *w;
} Data;

static size_t volume(const ConvShape *s, const size_t *extent, size_t other) {
    for (int d = 0; d < s->dims; d++) other *= extent[d];
    return other;
}

static Data data_new(const ConvShape *s) {
    Data d = {.nx = volume(s, s->in, s->n * s->cin),
              .ny = volume(s, s->out, s->n * s->cout),
              .nw = volume(s, s->kernel, s->cin * s->cout / (s->groups ? s->groups : 1))};
    d.x = isas_values(d.nx, 1), d.y = isas_values(d.ny, 2), d.w = isas_values(d.nw, 3);
    return d;
}

static void data_free(Data *d) { free(d->x), free(d->y), free(d->w); }

static size_t result_size(const Data *d, int kind) {
    return kind == CONV_FORWARD ? d->ny : kind == CONV_DATA ? d->nx : d->nw;
}

static ConvAlgorithm wished;

/* What a plan makes of a and b, so many floats, in new memory; NULL when it wrote where it must
 * not.
 */
static float *run(const ConvPlan *p, const float *a, const float *b, size_t count) {
    size_t bytes = conv_scratch(p), size = count * sizeof(float);
    void *scratch = isas_blank(bytes);
    float *r = isas_blank(size);
    conv_run(p, a, b, r, scratch);
    int good = isas_intact(scratch, bytes) && isas_intact(r, size);
    free(scratch);
    return good ? r : (free(r), NULL);
}

/* The fast kernel's result. */
static float *result(const ConvShape *s, const Data *d, int kind) {
    Arena *arena = arena_new(NULL);
    const ConvPlan *p = conv_plan(arena, s, (ConvKind)kind, wished);
    float *r = run(p, kind == CONV_DATA ? d->y : d->x, kind == CONV_WEIGHT ? d->y : d->w,
                   result_size(d, kind));
    arena_free(arena);
    return r;
}

static ConvAlgorithm chosen(const ConvShape *s, int kind) {
    Arena *arena = arena_new(NULL);
    ConvAlgorithm a = conv_algorithm(conv_plan(arena, s, (ConvKind)kind, wished));
    arena_free(arena);
    return a;
}

static const char *const kinds[] = {"forward", "data", "weight"};

static double distance(const ConvShape *s, const Data *d, int kind) {
    size_t n = result_size(d, kind);
    float *r = result(s, d, kind), *expected = malloc((n + 1) * sizeof *expected);
    if (!r || !expected) return free(r), free(expected), INFINITY;
    if (kind == CONV_FORWARD) conv_forward_reference(s, d->x, d->w, expected);
    if (kind == CONV_DATA) conv_data_reference(s, d->y, d->w, expected);
    if (kind == CONV_WEIGHT) conv_weight_reference(s, d->x, d->y, expected);
    double far = max_rel(r, expected, n);
    free(r), free(expected);
    return far;
}

static double inner(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

/* <conv(x, w), dy> = <x, data(dy, w)> = <w, weight(x, dy)>, relative to the sizes of the factors */
static double adjoint_error(const ConvShape *s, const Data *d) {
    float *y = result(s, d, CONV_FORWARD), *x = result(s, d, CONV_DATA);
    float *w = result(s, d, CONV_WEIGHT);
    double error = INFINITY;
    if (x && y && w) {
        double a = inner(y, d->y, d->ny), b = inner(d->x, x, d->nx), c = inner(d->w, w, d->nw);
        double size = sqrt(inner(y, y, d->ny) * inner(d->y, d->y, d->ny)) + 1e-30;
        error = fmax(fabs(a - b), fabs(a - c)) / size;
    }
    free(x), free(y), free(w);
    return error;
}

/* The most that a result may be off, relative to the largest. Measured over all shapes here: direct
 * 2.6e-6 with the portable kernels and 1.0e-6 with others, by Winograd 5.2e-6, by pairs 3.6e-6. */
static const double bounds[] = {[CONV_DIRECT] = 3e-6, [CONV_WINOGRAD] = 6e-6, [CONV_PAIRS] = 6e-6};
static double bound;
static double farthest; /* what this run has seen */

static void check_case(const char *isa, const Case *c) {
    Data d = data_new(&c->shape);
    for (int kind = 0; kind < 3; kind++) {
        double far = distance(&c->shape, &d, kind);
        farthest = fmax(far, farthest);
        ok(far < bound, "%s: %s, %s", isa, c->name, kinds[kind]);
        if (!(far < bound)) diag("relative distance %g", far);
    }
    double error = adjoint_error(&c->shape, &d);
    ok(error < 1e-6, "%s: %s, the kinds are adjoint", isa, c->name);
    data_free(&d);
}

static void check_threads(const char *isa, const Case *c) {
    Data d = data_new(&c->shape);
    for (int kind = 0; kind < 3; kind++) {
        float *r[4] = {0};
        int same = 1;
        for (int threads = 1; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            r[threads] = result(&c->shape, &d, kind);
            same = same && r[threads] &&
                   !memcmp(r[1], r[threads], result_size(&d, kind) * sizeof(float));
        }
        ok(same, "%s: %s, %s: the same bits with 1, 2 and 3 threads", isa, c->name, kinds[kind]);
        for (int threads = 1; threads <= 3; threads++) free(r[threads]);
    }
    omp_set_num_threads(1);
    data_free(&d);
}

/* Three times the samples at once and in thirds. */
static void check_many(const char *isa, const Case *c) {
    enum { TIMES = 3 };
    Arena *arena = arena_new(NULL);
    ConvShape all = c->shape;
    all.n *= TIMES;
    Data d = data_new(&all);
    for (int kind = CONV_FORWARD; kind <= CONV_DATA; kind++) {
        size_t size = result_size(&d, kind) / TIMES, read = (kind ? d.ny : d.nx) / TIMES;
        const float *from = kind ? d.y : d.x;
        const ConvPlan *one = conv_plan(arena, &c->shape, (ConvKind)kind, wished),
                       *many = conv_plan_many(arena, &c->shape, TIMES, (ConvKind)kind, wished);
        float *at_once = many ? run(many, from, d.w, TIMES * size) : NULL;
        int same = at_once != NULL;
        for (size_t i = 0; i < TIMES; i++) {
            float *third = run(one, from + i * read, d.w, size);
            same = same && third && !memcmp(third, at_once + i * size, size * sizeof(float));
            free(third);
        }
        ok(same || (!many && c->shape.groups > 1), "%s: %s, %s: the same bits among more samples",
           isa, c->name, kinds[kind]);
        free(at_once);
    }
    ok(!conv_plan_many(arena, &c->shape, TIMES, CONV_WEIGHT, wished),
       "%s: %s: a sum over samples is of its own", isa, c->name);
    data_free(&d);
    arena_free(arena);
}

static ConvShape random_shape(unsigned *seed) {
    ConvShape s = {.dims = 1 + (int)isas_random(seed, 3)};
    unsigned widest = s.dims == 1 ? 30 : s.dims == 2 ? 9 : 5;
    s.n = 1 + isas_random(seed, 3);
    s.cin = 1 + isas_random(seed, isas_random(seed, 4) ? 12 : 40);
    s.cout = 1 + isas_random(seed, isas_random(seed, 4) ? 12 : 70);
    for (int d = 0; d < s.dims; d++) {
        s.in[d] = 1 + isas_random(seed, widest);
        s.kernel[d] = 1 + isas_random(seed, 5);
        s.stride[d] = 1 + isas_random(seed, 4);
        s.pad[d] = isas_random(seed, 4);
        s.out[d] = 1 + isas_random(seed, (unsigned)((s.in[d] + 2 * s.pad[d]) / s.stride[d] + 2));
    }
    return s;
}

/* With taps apart and groups, some of them as many as channels. */
static ConvShape random_grouped(unsigned *seed) {
    ConvShape s = random_shape(seed);
    bool depthwise = isas_random(seed, 2);
    s.groups = 1 + isas_random(seed, 20);
    s.cin = s.groups * (depthwise ? 1 : 1 + isas_random(seed, 5));
    s.cout = s.groups * (depthwise ? 1 : 1 + isas_random(seed, 5));
    for (int d = 0; d < s.dims; d++) s.dilation[d] = isas_random(seed, 5);
    return s;
}

static void print_shape(const ConvShape *s) {
    diag("dims %d, n %zu, cin %zu, cout %zu, groups %zu", s->dims, s->n, s->cin, s->cout,
         s->groups);
    for (int d = 0; d < s->dims; d++)
        diag("in %zu, out %zu, kernel %zu, stride %zu, pad %zu, dilation %zu", s->in[d], s->out[d],
             s->kernel[d], s->stride[d], s->pad[d], s->dilation[d]);
}

/* One that Winograd's method takes. */
static ConvShape random_filtered(unsigned *seed) {
    ConvShape s = {.dims = 2 + (int)isas_random(seed, 2)};
    s.n = 1 + isas_random(seed, 3);
    s.cin = 1 + isas_random(seed, 40), s.cout = 1 + isas_random(seed, 70);
    for (int d = 0; d < s.dims; d++) {
        unsigned stride = 1 + isas_random(seed, 2);
        s.stride[d] = stride;
        s.kernel[d] =
            d < s.dims - 2 ? stride + isas_random(seed, 3) : 2 + isas_random(seed, 3 * stride - 1);
        s.in[d] = 1 + isas_random(seed, s.dims == 2 ? 12 : 5);
        /* no results that are exactly zero, against which no error is small */
        s.pad[d] = isas_random(seed, (unsigned)s.kernel[d]);
        s.out[d] = 1 + isas_random(seed, (unsigned)((s.in[d] + 2 * s.pad[d]) / s.stride[d] + 2));
    }
    if (isas_random(seed, 4)) return s;
    s.cout = 16 * (1 + isas_random(seed, 4));
    for (int d = 0; d < s.dims; d++) {
        bool last = d >= s.dims - 2;
        s.stride[d] = 1, s.kernel[d] = last ? 4 : 1, s.pad[d] = last ? isas_random(seed, 4) : 0;
        s.out[d] = last ? 1 + isas_random(seed, (unsigned)(s.in[d] + 2 * s.pad[d])) : s.in[d];
    }
    return s;
}

static void check_random(const char *isa, int count, ConvShape (*random)(unsigned *)) {
    unsigned seed = 7;
    int bad = 0;
    for (int i = 0; i < count; i++) {
        ConvShape s = random(&seed);
        Data d = data_new(&s);
        for (int kind = 0; kind < 3; kind++) {
            double far = distance(&s, &d, kind);
            farthest = fmax(far, farthest);
            if (far < bound) continue;
            bad++;
            diag("%s: relative distance %g", kinds[kind], far);
            print_shape(&s);
        }
        data_free(&d);
    }
    ok(!bad, "%s: %d random shapes", isa, count);
}

static void check_direct(const char *isa) {
    wished = CONV_DIRECT;
    bound = bounds[CONV_DIRECT], farthest = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(isa, &cases[i]);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        check_case(isa, &large[i]);
        check_threads(isa, &large[i]);
        check_many(isa, &large[i]);
    }
    check_random(isa, 200, random_shape);
    check_random(isa, 200, random_grouped);
    diag("%s, direct: largest error %.1e", isa, farthest);
}

/* Pairs of results of the first of three dimensions. */
static const Case paired[] = {
    {"4 slices", {3, 2, 9, 20, {4, 6, 8}, {2, 3, 4}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
    {"odd results", {3, 2, 20, 17, {7, 8, 8}, {3, 4, 4}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
    {"no pad", {3, 2, 16, 24, {10, 6, 6}, {4, 4, 4}, {4, 3, 3}, {2, 1, 1}, {0, 0, 0}, {0}, 0}},
    {"wide pad, unused slices",
     {3, 2, 17, 16, {9, 5, 6}, {4, 5, 6}, {4, 3, 3}, {2, 1, 1}, {3, 1, 1}, {0}, 0}},
    {"behind the end",
     {3, 1, 16, 16, {4, 6, 6}, {4, 3, 3}, {4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 0}},
    {"4x5x5", {3, 3, 21, 40, {8, 9, 9}, {4, 5, 5}, {4, 5, 5}, {2, 2, 2}, {1, 2, 2}, {0}, 0}},
    /* of three times as many samples several blocks, the last one smaller */
    {"several blocks",
     {3, 3, 4, 2, {40, 80, 80}, {20, 40, 40}, {4, 2, 2}, {2, 2, 2}, {1, 0, 0}, {0}, 0}},
};

/* Cases by an algorithm that all three kinds of them can go by. */
static void check_filtered(const char *isa, const char *by, ConvAlgorithm algorithm, const Case *c,
                           size_t count) {
    wished = algorithm;
    bound = bounds[algorithm], farthest = 0;
    for (size_t i = 0; i < count; i++, c++) {
        int all = 1;
        for (int kind = 0; kind < 3; kind++) all = all && chosen(&c->shape, kind) == algorithm;
        ok(all, "%s: %s, by %s", isa, c->name, by);
        check_case(isa, c);
        check_threads(isa, c);
        check_many(isa, c);
    }
    if (algorithm == CONV_WINOGRAD) check_random(isa, 200, random_filtered);
    diag("%s, %s: largest error %.1e", isa, by, farthest);
}

/* What is chosen when nothing is wished. */
static void check_choice(void) {
    ConvShape deep = {2, 64, 64, 128, {32, 32}, {16, 16}, {5, 5}, {2, 2}, {2, 2}, {0}, 0},
              flat = deep;
    ConvShape clips = {3,         32,        64,  128, {8, 32, 32}, {4, 16, 16}, {4, 4, 4},
                       {2, 2, 2}, {1, 1, 1}, {0}, 0},
              last = clips;
    flat.cin = 3;
    last.in[0] = 2, last.out[0] = 1;
    wished = CONV_FASTEST;
    for (int kind = 0; kind < 3; kind++) {
        ok(chosen(&deep, kind) == CONV_WINOGRAD, "64 channels: by Winograd");
        ok(chosen(&flat, kind) == CONV_DIRECT, "3 channels: direct");
        ok(chosen(&clips, kind) == CONV_PAIRS, "4x4x4: by pairs");
        ok(chosen(&last, kind) == CONV_WINOGRAD, "to a single slice: by Winograd");
    }
    wished = CONV_DIRECT;
    ok(chosen(&deep, CONV_FORWARD) == CONV_DIRECT, "direct where wished");
    static const struct {
        const char *text;
        ConvAlgorithm wish;
    } wishes[] = {{"direct", CONV_DIRECT}, {"winograd", CONV_WINOGRAD}, {"x", CONV_FASTEST}};
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        setenv("GAN_CONV", wishes[i].text, 1);
        ok(conv_wish() == wishes[i].wish, "GAN_CONV=%s", wishes[i].text);
    }
    unsetenv("GAN_CONV");
    ok(conv_wish() == CONV_FASTEST, "nothing wished");
}

static void checks(const char *isa) {
    omp_set_num_threads(1);
    check_direct(isa);
    check_filtered(isa, "Winograd", CONV_WINOGRAD, filtered, sizeof filtered / sizeof *filtered);
    check_filtered(isa, "pairs", CONV_PAIRS, paired, sizeof paired / sizeof *paired);
    check_choice();
}

int main(void) { return isas_run(checks); }
