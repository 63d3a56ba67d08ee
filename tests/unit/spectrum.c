/* Singular values of matrices, by LAPACK, by the Gram matrix and by power iteration, before and
 * after they are changed; of convolutions as maps, against the matrix of the map; of derivatives.
 */
#include "maths/spectrum.h"

#include "base/rng.h"
#include "measure/spectral/operator.h"
#include "tap.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static Error err;

static void draw(uint64_t seed, size_t n, float *x) { rng_normal((RngKey){.seed = seed}, 0, n, x); }

static double gap(const double *a, const double *b, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

/* ---- matrices ---- */

enum { SIDE = 12 };

/* [rows, columns] of numbers; of this rank where it is above 0. */
static Tensor *matrix(Frame *f, size_t rows, size_t columns, size_t rank) {
    size_t shape[] = {rows, columns};
    float a[SIDE * SIDE], b[SIDE * SIDE];
    frame_clear(f);
    if (frame_add(f, "W", DT_F32, 2, shape, &err) || frame_allocate(f, &err)) exit(1);
    Tensor *t = frame_find(f, "W");
    float *w = t->data;
    draw(rows * columns, rows * columns, w);
    if (!rank) return t;
    draw(1, rows * rank, a);
    draw(2, rank * columns, b);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            w[i * columns + j] = 0;
            for (size_t r = 0; r < rank; r++)
                w[i * columns + j] += a[i * rank + r] * b[r * columns + j];
        }
    return t;
}

static void values(const Tensor *t, SpectrumMethod method, double *s) {
    if (spectrum_values(t, t->shape[0], method, s, &err)) exit(1);
}

static void test_methods(const char *what, size_t rows, size_t columns, size_t rank) {
    Frame f = {0};
    double s[SIDE], g[SIDE], u[SIDE], l[SIDE];
    Tensor *t = matrix(&f, rows, columns, rank);
    size_t n = spectrum_count(t, rows);
    values(t, SPECTRUM_SVD, s);
    values(t, SPECTRUM_GRAM, g);
    /* what the Gram matrix squares away */
    ok(gap(s, g, n) < 1e-7 * s[0] && (!rank || (s[rank] < 1e-6 * s[0] && s[rank - 1] > 0.01)),
       "%s: both ways give the same, to %g", what, gap(s, g, n));
    for (size_t i = 0; i < rows; i++) u[i] = 1 / sqrt((double)rows);
    Power p = {.most = 10000, .tolerance = 1e-14, .u = u};
    int bad = spectrum_power(t, rows, &p, &err);
    size_t cold = p.iterations;
    ok(!bad && fabs(p.value - s[0]) < 1e-9 * s[0], "%s: power iteration, %zu of them", what, cold);
    bad = spectrum_power(t, rows, &p, &err);
    ok(!bad && p.iterations <= 2 && fabs(p.value - s[0]) < 1e-9 * s[0],
       "%s: and two from where it ended", what);
    for (int method = 0; method < 2; method++) {
        SpectrumChange c = {SPECTRUM_LOWER, {.most = 0.7 * s[0]}, (SpectrumMethod)method};
        bool changed;
        t = matrix(&f, rows, columns, rank);
        bad = spectrum_change(t, rows, &c, &changed, &err);
        values(t, SPECTRUM_SVD, l);
        for (size_t i = 0; i < n; i++) g[i] = fmin(s[i], 0.7 * s[0]);
        ok(!bad && changed && gap(l, g, n) < 1e-6 * s[0] && l[0] <= 0.7 * s[0] * (1 + 1e-6),
           "%s: lowered by %s", what, method ? "the Gram matrix" : "LAPACK");
        c.bound = (SingularBound){.most = 1.05, .first = 1, .relative = true};
        t = matrix(&f, rows, columns, rank);
        bad = spectrum_change(t, rows, &c, &changed, &err);
        values(t, SPECTRUM_SVD, l);
        memcpy(g, s, sizeof g);
        if (n > 1) g[0] = fmin(s[0], 1.05 * s[1]);
        ok(!bad && changed == (n > 1 && g[0] < s[0]) && gap(l, g, n) < 1e-5 * s[0],
           "%s: the first clamped, by %s", what, method ? "the Gram matrix" : "LAPACK");
    }
    frame_free(&f);
}

static void test_orthogonal(void) {
    Frame f = {0};
    SpectrumChange c = {.kind = SPECTRUM_ORTHOGONALISE};
    double s[SIDE];
    Tensor *t = matrix(&f, 5, 9, 0);
    float before[45];
    memcpy(before, t->data, sizeof before);
    int bad = spectrum_change(t, 5, &c, NULL, &err);
    values(t, SPECTRUM_SVD, s);
    ok(!bad && fabs(s[0] - 1) < 1e-6 && fabs(s[4] - 1) < 1e-6, "orthogonalised: all are 1");
    /* of all such Q the nearest has Q^T W symmetric and positive: W Q^T here */
    const float *q = t->data;
    double worst = 0, trace = 0;
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            double a = 0, b = 0;
            for (int k = 0; k < 9; k++) {
                a += (double)before[i * 9 + k] * (double)q[j * 9 + k];
                b += (double)before[j * 9 + k] * (double)q[i * 9 + k];
            }
            worst = fmax(worst, fabs(a - b));
            if (i == j) trace += a;
        }
    ok(worst < 1e-5 && trace > 0, "and it is the nearest such matrix");
    t = matrix(&f, 6, 6, 2);
    ok(spectrum_change(t, 6, &c, NULL, &err) && strstr(err.text, "W: is not of full rank"), "%s",
       err.text);
    frame_free(&f);
}

/* ---- convolutions ---- */

static size_t extent(const ConvShape *s, const size_t *along, size_t channels) {
    for (int d = 0; d < s->dims; d++) channels *= along[d];
    return channels;
}

/* Singular values of the map, from its matrix, a column a unit image. */
static void dense_values(const ConvShape *s, const float *w, double *value) {
    size_t n = extent(s, s->in, s->cin), m = extent(s, s->out, s->cout);
    Arena *arena = arena_new(NULL);
    const ConvPlan *plan = conv_plan(arena, s, CONV_FORWARD, CONV_DIRECT);
    float *x = calloc(n, sizeof *x), *y = calloc(m, sizeof *y);
    double *a = malloc(n * m * sizeof *a);
    void *scratch = malloc(conv_scratch(plan) + 1);
    if (!x || !y || !a || !scratch) exit(1);
    for (size_t j = 0; j < n; j++) {
        x[j] = 1;
        conv_run(plan, x, w, y, scratch);
        x[j] = 0;
        for (size_t i = 0; i < m; i++) a[j * m + i] = (double)y[i];
    }
    if (LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', (int)m, (int)n, a, (int)m, value, NULL, 1, NULL, 1))
        exit(1);
    free(x), free(y), free(a), free(scratch);
    arena_free(arena);
}

/* As many as are wanted, and all there are. */
static void test_operator(const char *what, const ConvShape *s, size_t all) {
    float w[4096];
    double exact[600], value[600];
    size_t taps = extent(s, s->kernel, s->cin * s->cout), wanted[4] = {1, 6, all / 2, 600};
    draw(3, taps, w);
    dense_values(s, w, exact);
    for (size_t i = 0; i < 4; i++) {
        size_t n = wanted[i] < all ? wanted[i] : all, found = 0;
        int bad = operator_values(s, w, wanted[i], value, &found, &err);
        ok(!bad && found == n && gap(value, exact, n) < 3e-6 * exact[0],
           "%s: %zu of %zu values, %g from its matrix", what, found, all, gap(value, exact, found));
    }
}

/* Each pixel by itself: every value is there as often as there are pixels. */
static void test_equal_values(void) {
    ConvShape s = {.dims = 2,
                   .n = 1,
                   .cin = 2,
                   .cout = 3,
                   .in = {4, 3},
                   .out = {4, 3},
                   .kernel = {1, 1},
                   .stride = {1, 1}};
    float w[] = {3, 0, 0, 0, 2, 0}, none[6] = {0};
    double value[20];
    size_t whole = 0;
    for (size_t k = 1; k <= 20; k++) {
        size_t found = 0, right = 0;
        int bad = operator_values(&s, w, k, value, &found, &err);
        for (size_t i = 0; i < found; i++) right += fabs(value[i] - (i < 12 ? 3 : 2)) < 1e-5;
        whole += !bad && found == k && right == k;
    }
    ok(whole == 20, "1 to 20 values, of which twelve are equal: %zu times all", whole);
    size_t found = 0;
    int bad = operator_values(&s, none, 5, value, &found, &err);
    ok(!bad && found == 5 && value[0] == 0 && value[4] == 0, "a map to nothing");
}

static void test_operators(void) {
    ConvShape same = {.dims = 2,
                      .n = 1,
                      .cin = 2,
                      .cout = 3,
                      .in = {8, 7},
                      .out = {8, 7},
                      .kernel = {3, 3},
                      .stride = {1, 1},
                      .pad = {1, 1}};
    test_operator("3x3", &same, 112);
    ConvShape half = {.dims = 2,
                      .n = 1,
                      .cin = 3,
                      .cout = 4,
                      .in = {8, 8},
                      .out = {4, 4},
                      .kernel = {4, 4},
                      .stride = {2, 2},
                      .pad = {1, 1}};
    test_operator("4x4 with stride 2", &half, 64);
    ConvShape solid = {.dims = 3,
                       .n = 1,
                       .cin = 2,
                       .cout = 2,
                       .in = {4, 6, 6},
                       .out = {2, 3, 3},
                       .kernel = {4, 4, 4},
                       .stride = {2, 2, 2},
                       .pad = {1, 1, 1}};
    test_operator("4x4x4 with stride 2", &solid, 36);
    ConvShape one = {.dims = 1,
                     .n = 1,
                     .cin = 2,
                     .cout = 4,
                     .in = {1},
                     .out = {1},
                     .kernel = {1},
                     .stride = {1}};
    float w[] = {3, 0, 0, 0, 0, 2, 0, 0};
    double value[3];
    size_t found;
    int bad = operator_values(&one, w, 3, value, &found, &err);
    ok(!bad && found == 2 && fabs(value[0] - 3) < 1e-6 && fabs(value[1] - 2) < 1e-6,
       "there are no more than the smaller side has");
    test_equal_values();
    bad = operator_resize(&half, (size_t[]){16, 12}, &err);
    ok(!bad && half.out[0] == 8 && half.out[1] == 6, "another size, the same padding");
    ok(operator_resize(&half, (size_t[]){1, 8}, &err) && strstr(err.text, "input of 1"), "%s",
       err.text);
}

int main(void) {
    test_methods("wide", 5, 12, 0);
    test_methods("tall", 12, 4, 0);
    test_methods("square", 8, 8, 0);
    test_methods("of rank 3", 9, 7, 3);
    test_methods("one row", 1, 9, 0);
    test_orthogonal();
    test_operators();
    return done();
}
