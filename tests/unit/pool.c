/* Pooling in the page language against plain loops, and its kernels on several threads. */
#include <omp.h>

#include "pages.h"
#include "tensor/pool.h"

static const char page_text[] = "data m: m[7,5,3]\n"
                                "data line: line[9,2]\n"
                                "data box: box[4,6,5,3]\n"
                                "let same = square(m) < 100\n";
static const struct {
    int dims;
    long extent[3], channels;
} data[] = {{2, {7, 5}, 3}, {1, {9}, 2}, {3, {4, 6, 5}, 3}};
enum { M, LINE, BOX };

typedef enum {
    LARGEST,
    MEAN_PADDED, /* divided by the pixels inside the map and what pads it */
    MEAN_INSIDE, /* by those inside the map */
    CELLS,       /* of a grid, `kernel` of them; neither stride nor pad */
} Kind;

static const struct {
    const char *expr;
    Kind kind;
    int data;
    long out[3], kernel[3], stride[3], pad[3];
} cases[] = {
    {"maxpool(line, 3)", LARGEST, LINE, {3}, {3}, {3}, {0}},
    {"maxpool(m, 3, stride=2)", LARGEST, M, {3, 2}, {3, 3}, {2, 2}, {0}},
    {"maxpool(m, 3, stride=1, padding=1)", LARGEST, M, {7, 5}, {3, 3}, {1, 1}, {1, 1}},
    {"maxpool(m, 2, ceil_mode=1)", LARGEST, M, {4, 3}, {2, 2}, {2, 2}, {0}},
    {"maxpool(m, 2, ceil_mode=0)", LARGEST, M, {3, 2}, {2, 2}, {2, 2}, {0}},
    {"maxpool(m, 3, 3, 1, 1)", LARGEST, M, {3, 2}, {3, 3}, {3, 3}, {1, 1}},
    {"maxpool(m, [3, 2], stride=[1, 2], padding=[1, 0])",
     LARGEST,
     M,
     {7, 2},
     {3, 2},
     {1, 2},
     {1, 0}},
    {"maxpool(m, 2, stride=2, padding=\"same\")", LARGEST, M, {4, 3}, {2, 2}, {2, 2}, {0}},
    {"maxpool(m, 4, stride=1, padding=\"same\")", LARGEST, M, {7, 5}, {4, 4}, {1, 1}, {1, 1}},
    {"maxpool(box, [1, 3, 3], stride=[1, 2, 2], padding=\"same\")",
     LARGEST,
     BOX,
     {4, 3, 3},
     {1, 3, 3},
     {1, 2, 2},
     {0, 0, 1}},
    {"maxpool(box, 2, stride=2, padding=[0, 1, 1])",
     LARGEST,
     BOX,
     {2, 4, 3},
     {2, 2, 2},
     {2, 2, 2},
     {0, 1, 1}},
    {"gridpool(box[0..-1, 0..-1, 0..3], 2)", LARGEST, BOX, {2, 3, 2}, {2, 2, 2}, {2, 2, 2}, {0}},
    {"avgpool(line, 3)", MEAN_INSIDE, LINE, {3}, {3}, {3}, {0}},
    {"avgpool(line, 4, stride=3, padding=2)", MEAN_PADDED, LINE, {4}, {4}, {3}, {2}},
    {"avgpool(m, 3, stride=1, padding=1)", MEAN_PADDED, M, {7, 5}, {3, 3}, {1, 1}, {1, 1}},
    {"avgpool(m, 3, stride=1, padding=1, count_include_pad=0)",
     MEAN_INSIDE,
     M,
     {7, 5},
     {3, 3},
     {1, 1},
     {1, 1}},
    {"avgpool(m, [7, 1], stride=1)", MEAN_INSIDE, M, {1, 5}, {7, 1}, {1, 1}, {0}},
    {"avgpool(m, 3, 2, 1, 1)", MEAN_PADDED, M, {4, 3}, {3, 3}, {2, 2}, {1, 1}},
    {"avgpool(m, 4, 3, 1, 1)", MEAN_PADDED, M, {3, 2}, {4, 4}, {3, 3}, {1, 1}},
    {"avgpool(m, 4, 3, 1, 1, 0)", MEAN_INSIDE, M, {3, 2}, {4, 4}, {3, 3}, {1, 1}},
    {"avgpool(m, 2, stride=2, padding=\"same\", count_include_pad=0)",
     MEAN_INSIDE,
     M,
     {4, 3},
     {2, 2},
     {2, 2},
     {0}},
    {"avgpool(box, [2, 3, 5])", MEAN_INSIDE, BOX, {2, 2, 1}, {2, 3, 5}, {2, 3, 5}, {0}},
    {"avgpool(box, [2, 6, 5], stride=1)", MEAN_INSIDE, BOX, {3, 1, 1}, {2, 6, 5}, {1, 1, 1}, {0}},
    {"avgpool(box, 3, stride=[1, 2, 1], padding=1)",
     MEAN_PADDED,
     BOX,
     {4, 3, 5},
     {3, 3, 3},
     {1, 2, 1},
     {1, 1, 1}},
    {"adaptive_avgpool(m, 1)", CELLS, M, {1, 1}, {1, 1}, {0}, {0}},
    {"adaptive_avgpool(m, [3, 5])", CELLS, M, {3, 5}, {3, 5}, {0}, {0}},
    {"adaptive_avgpool(m, 11)", CELLS, M, {11, 11}, {11, 11}, {0}, {0}},
    {"adaptive_avgpool(box, [3, 2, 4])", CELLS, BOX, {3, 2, 4}, {3, 2, 4}, {0}, {0}},
    {"adaptive_avgpool(line, 7)", CELLS, LINE, {7}, {7}, {0}, {0}},
};

static long smaller(long a, long b) { return a < b ? a : b; }
static long larger(long a, long b) { return a > b ? a : b; }

/* The value of window o, channel c of sample n. */
static double window(size_t k, long n, const long *o, long c) {
    int which = cases[k].data;
    long low[3] = {0}, high[3] = {1, 1, 1}, divisor = 1, extent[3] = {1, 1, 1};
    for (int i = 0; i < data[which].dims; i++) {
        long in = extent[i] = data[which].extent[i], s = cases[k].stride[i], p = cases[k].pad[i];
        long start = o[i] * s - p, end = start + cases[k].kernel[i];
        if (cases[k].kind == CELLS) { /* the pixels that the cell touches */
            start = o[i] * in / cases[k].kernel[i];
            end = ((o[i] + 1) * in + cases[k].kernel[i] - 1) / cases[k].kernel[i];
        }
        low[i] = larger(start, 0), high[i] = smaller(end, in);
        divisor *= cases[k].kind == MEAN_PADDED ? smaller(end, in + p) - start : high[i] - low[i];
    }
    double sum = 0, top = -INFINITY;
    for (long a = low[0]; a < high[0]; a++)
        for (long b = low[1]; b < high[1]; b++)
            for (long d = low[2]; d < high[2]; d++) {
                long pixel = ((n * extent[0] + a) * extent[1] + b) * extent[2] + d;
                double v = page_datum(which, (size_t)(pixel * data[which].channels + c));
                sum += v;
                top = fmax(top, v);
            }
    return cases[k].kind == LARGEST ? top : sum / (double)divisor;
}

static void check_case(Model *m, size_t k) {
    Result r = page_value(m, cases[k].expr, NULL, 0);
    long c = data[cases[k].data].channels, count = 2 * c, dims = data[cases[k].data].dims;
    bool shape = r.v && r.rank == dims + 2;
    for (int i = 0; i < dims; i++) {
        count *= cases[k].out[i];
        shape = shape && r.shape[i + 1] == (size_t)cases[k].out[i];
    }
    double far = shape && r.count == (size_t)count ? 0 : INFINITY;
    for (long i = 0; shape && i < count; i++) {
        long o[3], rest = i / c;
        for (int a = (int)dims - 1; a >= 0; a--)
            o[a] = rest % cases[k].out[a], rest /= cases[k].out[a];
        far = fmax(far, fabs(r.v[i] - window(k, rest, o, i % c)));
    }
    ok(far < 2e-6, "%s", cases[k].expr);
    if (!(far < 2e-6)) diag("off by %g; %s", far, r.v ? "" : r.err.text);
    free(r.v);
}

/* Pixels that share a maximum share its gradient: rule by rule, with equal pixels everywhere. */
static void check_ties(Model *m) {
    Result r = page_value(m, "grad(maxpool(same, [7, 5]), same)", NULL, 0);
    bool even = r.v != NULL;
    for (size_t i = 0; even && i < r.count; i++) even = fabs(r.v[i] - 1.0 / 35) < 1e-6;
    ok(even, "equal pixels have equal shares of the gradient");
    free(r.v);
    r = page_value(m, "grad(maxpool(same, 2, stride=1), same)", NULL, 0);
    /* a corner is in one window, an edge in two, the rest in four, each of four pixels */
    ok(r.v && r.v[0] == 0.25F && r.v[3] == 0.5F && r.v[18] == 1.0F, "windows add theirs up");
    free(r.v);
}

static void check_threads(void) {
    const ConvShape s = {2, 3, 67, 0, {33, 29}, {17, 15}, {3, 3}, {2, 2}, {1, 1}, {0}, 0};
    size_t in = 3 * 33 * 29 * 67, out = 3 * 17 * 15 * 67;
    float *x = isas_values(in, 1), *t = isas_values(in, 2), *dy = isas_values(out, 3);
    float *to[2][3];
    for (int k = 0; k < 2; k++) {
        omp_set_num_threads(k + 1);
        for (int i = 0; i < 3; i++) to[k][i] = isas_blank((i == 1 ? in : out) * sizeof(float));
        pool_max(&s, x, to[k][0]);
        pool_spread(&s, x, to[k][0], dy, to[k][1]);
        pool_pick(&s, x, to[k][0], t, to[k][2]);
    }
    double left = 0, right = 0;
    for (size_t i = 0; i < in; i++) left += (double)to[0][1][i] * t[i];
    for (size_t i = 0; i < out; i++) right += (double)to[0][2][i] * dy[i];
    ok(fabs(left - right) < 1e-6 * (fabs(left) + 1), "pool_pick is the adjoint of pool_spread");
    for (int i = 0; i < 3; i++) {
        size_t bytes = (i == 1 ? in : out) * sizeof(float);
        ok(!memcmp(to[0][i], to[1][i], bytes) && isas_intact(to[0][i], bytes),
           "%s: one and two threads, the same bits",
           (const char *[]){"pool_max", "pool_spread", "pool_pick"}[i]);
        free(to[0][i]), free(to[1][i]);
    }
    free(x), free(t), free(dy);
}

int main(void) {
    Model m;
    Error err;
    cpu_start(1);
    if (!ok(page_model(&m, page_text, 2, NULL, &err), "the page")) diag("%s", err.text);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(&m, k);
    check_ties(&m);
    check_threads();
    model_free(&m);
    return done();
}
