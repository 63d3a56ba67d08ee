/* Random numbers in bulk against those of base/rng.h one by one; for each instruction set. */
#include <omp.h>

#include "isas.h"
#include "tensor/rng_bulk.h"

enum { N = 70000 };

static double farthest(const float *a, const float *b, size_t n) {
    double far = 0;
    for (size_t i = 0; i < n; i++) far = fmax(far, fabs((double)a[i] - b[i]));
    return far;
}

static void check_range(const char *isa, RngKey key, uint64_t first, size_t n) {
    static float want[N], got[N];
    rng_uniform(key, first, n, want);
    rng_bulk_uniform(key, first, n, got);
    ok(!memcmp(got, want, n * sizeof *got), "%s: %zu uniform numbers from %llu", isa, n,
       (unsigned long long)first);
    rng_normal(key, first, n, want);
    rng_bulk_normal(key, first, n, got);
    double far = farthest(got, want, n);
    ok(far < 4e-6, "%s: %zu normal numbers from %llu", isa, n, (unsigned long long)first);
    if (!(far < 4e-6)) diag("off by %g", far);
}

static void checks(const char *isa) {
    static float one[N], three[N];
    RngKey key = {0x123456789abcdefULL, 77, 0x1fffffff3ULL};
    omp_set_num_threads(1);
    check_range(isa, key, 0, N);
    check_range(isa, key, 0, 1);
    check_range(isa, key, 1, 130);
    check_range(isa, key, 127, 2);
    check_range(isa, key, 128, 128);
    check_range(isa, (RngKey){0, 0, 0}, 1000003, 999);
    check_range(isa, key, (UINT64_C(1) << 34) - 5, 300);
    rng_bulk_normal(key, 3, N, one);
    omp_set_num_threads(3);
    rng_bulk_normal(key, 3, N, three);
    ok(!memcmp(one, three, sizeof one), "%s: the same bits with 3 threads", isa);
    double sum = 0, square = 0;
    for (size_t i = 0; i < N; i++) sum += one[i], square += (double)one[i] * one[i];
    ok(fabs(sum / N) < 0.02 && fabs(square / N - 1) < 0.03, "%s: mean 0 and variance 1", isa);
}

int main(void) { return isas_run(checks); }
