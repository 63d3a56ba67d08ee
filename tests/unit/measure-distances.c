/* Distances between sets of samples against sums over all pairs, closed forms, and one another. */
#include <math.h>

#include "base/rng.h"
#include "maths/dense.h"
#include "measure/metrics/distances.h"
#include "tap.h"
#include "tensor/cpu.h"

static double *normal_rows(size_t n, size_t d, uint64_t seed, double shift, double scale) {
    float *f = malloc(n * d * sizeof *f);
    double *x = malloc(n * d * sizeof *x);
    rng_normal((RngKey){.seed = seed}, 0, n * d, f);
    for (size_t i = 0; i < n * d; i++) x[i] = shift + scale * f[i];
    free(f);
    return x;
}

static double naive_kernel(MmdKernel k, const double *x, const double *y, size_t d, const double *s,
                           size_t ns) {
    double sum = 0, dist = 0;
    for (size_t i = 0; i < d; i++) dist += (x[i] - y[i]) * (x[i] - y[i]);
    for (size_t i = 0; i < ns; i++)
        sum += k == KERNEL_RBF ? exp(-dist / (2 * s[i] * s[i])) : s[i] / (s[i] + dist);
    return sum;
}

static double naive_within(MmdKernel k, const double *x, size_t n, size_t d, const double *s,
                           size_t ns, bool unbiased) {
    double sum = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (!unbiased || i != j)
                sum += naive_kernel(k, x + i * d, x + j * d, d, s, ns), pairs++;
    return sum / pairs;
}

static double naive_mmd(MmdKernel k, const double *x, size_t n, const double *y, size_t m, size_t d,
                        const double *s, size_t ns, bool unbiased) {
    double across = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) across += naive_kernel(k, x + i * d, y + j * d, d, s, ns);
    return naive_within(k, x, n, d, s, ns, unbiased) + naive_within(k, y, m, d, s, ns, unbiased) -
           2 * across / (double)(n * m);
}

static double mmd(const double *x, size_t n, const double *y, size_t m, size_t d, MmdKernel k,
                  const double *s, size_t ns, bool unbiased) {
    Error err;
    double v = NAN;
    if (mmd_squared(x, n, y, m, d, k, s, ns, unbiased, &v, &err) < 0) diag("%s", err.text);
    return v;
}

static void test_mmd(void) {
    const double zero = 0, one = 1, s[3] = {0.5, 1, 4};
    ok(fabs(mmd(&zero, 1, &one, 1, 1, KERNEL_RBF, &one, 1, false) - (2 - 2 * exp(-0.5))) < 1e-12,
       "biased MMD^2 of {0} and {1}, s = 1: 0.78694");
    ok(fabs(mmd(&zero, 1, &one, 1, 1, KERNEL_IMQ, &one, 1, false) - 1) < 1e-12,
       "inverse multiquadric, c = 1: 1");
    /* sizes below, at and above the tiles */
    static const size_t sizes[][3] = {{2, 3, 1}, {64, 512, 5}, {65, 600, 7}, {150, 20, 33}};
    for (size_t c = 0; c < sizeof sizes / sizeof *sizes; c++) {
        size_t n = sizes[c][0], m = sizes[c][1], d = sizes[c][2];
        double *x = normal_rows(n, d, 1, 0, 1), *y = normal_rows(m, d, 2, 0.5, 1.5);
        bool good = true;
        for (int k = 0; k < 4; k++) {
            MmdKernel kind = k & 1 ? KERNEL_IMQ : KERNEL_RBF;
            double got = mmd(x, n, y, m, d, kind, s, 3, k & 2);
            good = good && fabs(got - naive_mmd(kind, x, n, y, m, d, s, 3, k & 2)) < 1e-11;
        }
        ok(good, "MMD^2 of %zu and %zu rows of %zu numbers, both kernels and estimates", n, m, d);
        ok(fabs(mmd(x, n, x, n, d, KERNEL_RBF, s, 3, false)) < 1e-12, "0 of a set and itself");
        free(x), free(y);
    }
    Error err;
    double v;
    ok(mmd_squared(&zero, 1, &one, 1, 1, KERNEL_RBF, &one, 1, true, &v, &err) < 0,
       "the unbiased estimate of single rows is refused");
    /* N(0,1) and N(1,1), s = 1: 2 (sqrt(1/3) - sqrt(1/3) exp(-1/6)) */
    double *x = normal_rows(4000, 1, 3, 0, 1), *y = normal_rows(4000, 1, 4, 1, 1);
    double want = 2 * sqrt(1.0 / 3) * (1 - exp(-1.0 / 6));
    double got = mmd(x, 4000, y, 4000, 1, KERNEL_RBF, s + 1, 1, true);
    ok(fabs(got - want) < 0.012, "of two normal distributions: %.4f beside %.4f", got, want);
    free(x), free(y);
}

static void test_sort(void) {
    static const size_t sizes[] = {0, 1, 20, 255, 256, 5000};
    for (size_t c = 0; c < sizeof sizes / sizeof *sizes; c++) {
        size_t n = sizes[c];
        double *x = normal_rows(n + 1, 1, 9, 0, 3), sum = 0, sorted = 0;
        if (n > 20)
            x[3] = INFINITY, x[5] = -INFINITY, x[7] = -0.0, x[8] = 0, x[9] = x[4], x[11] = 5e-324;
        for (size_t i = 0; i < n; i++) sum += isfinite(x[i]) ? fabs(x[i]) : 0;
        sort_ascending(x, n);
        bool good = true;
        for (size_t i = 0; i < n; i++) sorted += isfinite(x[i]) ? fabs(x[i]) : 0;
        for (size_t i = 1; i < n; i++) good = good && x[i - 1] <= x[i];
        ok(good && fabs(sum - sorted) < 1e-9, "%zu numbers in order", n);
        free(x);
    }
}

/* The integral of |F - G|, which is the distance of order 1. */
static double area(const double *x, size_t n, const double *y, size_t m) {
    size_t total = n + m;
    double *all = malloc(total * sizeof *all), sum = 0;
    memcpy(all, x, n * sizeof *all), memcpy(all + n, y, m * sizeof *all);
    for (size_t i = 0; i < total; i++)
        for (size_t j = i + 1; j < total; j++)
            if (all[j] < all[i]) {
                double t = all[i];
                all[i] = all[j], all[j] = t;
            }
    for (size_t i = 0; i + 1 < total; i++) {
        double f = 0, g = 0;
        for (size_t k = 0; k < n; k++) f += x[k] <= all[i];
        for (size_t k = 0; k < m; k++) g += y[k] <= all[i];
        sum += (all[i + 1] - all[i]) * fabs(f / (double)n - g / (double)m);
    }
    free(all);
    return sum;
}

static void test_line(void) {
    double a[] = {3, 1}, b[] = {2, 0}, c[] = {0, 0, 3}, e[] = {1};
    ok(wasserstein_line(a, 2, b, 2, 1) == 1 && wasserstein_line(a, 2, b, 2, 2) == 1,
       "{1,3} and {0,2} are 1 apart");
    ok(fabs(wasserstein_line(c, 3, e, 1, 1) - 4.0 / 3) < 1e-15 &&
           fabs(wasserstein_line(c, 3, e, 1, 2) - 2) < 1e-15,
       "{0,0,3} and {1}: 4/3, and 2 squared");
    static const size_t sizes[][2] = {{5, 5}, {7, 3}, {12, 18}, {40, 41}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], m = sizes[i][1];
        double *x = normal_rows(n, 1, 5, 0, 1), *y = normal_rows(m, 1, 6, 0.3, 2);
        double want = area(x, n, y, m);
        ok(fabs(wasserstein_line(x, n, y, m, 1) - want) < 1e-12,
           "%zu and %zu numbers: the area between their distribution functions", n, m);
        free(x), free(y);
    }
}

/* Points moved by v: along a direction u they move by u.v, so that order 2 gives |v|^2/d. */
static void test_sliced(void) {
    enum { N = 50, D = 6 };
    double *x = normal_rows(N, D, 7, 0, 1), *y = malloc(N * D * sizeof *y), mean, error;
    Error err;
    for (size_t i = 0; i < N * D; i++) y[i] = x[i] + (i % D == 2 ? 3 : i % D == 4 ? -4 : 0);
    Matrix a = {.n = N, .d = D, .x = x}, b = {.n = N, .d = D, .x = y};
    must(wasserstein_sliced(&a, &b, 2, 20000, 1, &mean, &error, &err));
    ok(fabs(mean - 25.0 / D) < 4 * error && error < 0.05,
       "rows moved by 5 are 25/6 apart, sliced and squared: %.3f +- %.3f", mean, error);
    double again, other;
    must(wasserstein_sliced(&a, &b, 2, 100, 1, &mean, &error, &err));
    must(wasserstein_sliced(&a, &b, 2, 100, 1, &again, &error, &err));
    must(wasserstein_sliced(&a, &b, 2, 100, 2, &other, &error, &err));
    ok(mean == again && mean != other, "the seed alone chooses the directions");
    free(x), free(y);
}

int main(void) {
    cpu_start(0);
    test_mmd();
    test_sort();
    test_line();
    test_sliced();
    return done();
}
