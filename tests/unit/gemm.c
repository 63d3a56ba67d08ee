/* Products against plain loops in double precision, and against themselves at other thread counts;
 * for each instruction set. */
#include <blis.h>
#include <cblas.h>
#include <omp.h>

#include "isas.h"
#include "tensor/gemm/gemm.h"

typedef struct {
    size_t m, n, k, batch;
    bool shared_a, shared_b;
} Case;

/* each is run in the four combinations of transposes */
static const Case cases[] = {
    {1, 1, 1, 1, false, false},      {7, 5, 3, 1, false, false},
    {3, 4, 0, 1, false, false},      {0, 4, 3, 1, false, false},
    {5, 0, 3, 2, false, false},      {33, 65, 129, 1, false, false},
    {64, 100, 37, 1, false, false},  {64, 1, 1000, 1, false, false},
    {64, 3, 517, 1, false, false},   {1, 64, 300, 1, false, false},
    {2, 9, 2048, 1, false, false},   {13, 8, 100, 3, false, false},
    {17, 9, 31, 5, false, true},     {17, 9, 31, 5, true, false},
    {6, 2, 40, 4, false, true},      {6, 4, 40, 4, true, false},
    {300, 17, 11, 1, false, false},  {5, 3, 5000, 1, false, false},
    {20, 30, 5000, 2, false, false}, {64, 1024, 20, 1, false, false},
    {1, 1, 4099, 1, false, false},   {257, 1, 16, 1, false, false},
};

static const Case large[] = {
    {300, 260, 150, 1, false, false}, {16, 24, 9000, 1, false, false},
    {64, 2000, 60, 1, false, false},  {900, 3, 700, 1, false, false},
    {40, 40, 40, 40, false, true},    {2000, 1, 300, 2, false, false},
};

static GemmShape shape_of(const Case *c, int transposes) {
    GemmShape s = {.ta = transposes & 1,
                   .tb = transposes >> 1 & 1,
                   .m = c->m,
                   .n = c->n,
                   .k = c->k,
                   .batch = c->batch};
    s.stride_a = c->shared_a ? 0 : c->m * c->k;
    s.stride_b = c->shared_b ? 0 : c->k * c->n;
    return s;
}

/* The result in new memory; NULL when something was written where it must not be. */
static float *result(const GemmShape *s, const float *a, const float *b) {
    Arena *arena = arena_new(NULL);
    const GemmPlan *p = gemm_plan(arena, s);
    size_t bytes = gemm_scratch(p), size = s->batch * s->m * s->n * sizeof(float);
    void *scratch = isas_blank(bytes);
    float *c = isas_blank(size);
    gemm_run(p, a, b, c, scratch);
    int good = isas_intact(scratch, bytes) && isas_intact(c, size);
    free(scratch);
    arena_free(arena);
    return good ? c : (free(c), NULL);
}

/* The plain loops, in double precision. */
static void reference(const GemmShape *s, const float *a, const float *b, float *c) {
    for (size_t batch = 0; batch < s->batch; batch++, a += s->stride_a, b += s->stride_b)
        for (size_t i = 0; i < s->m; i++)
            for (size_t n = 0; n < s->n; n++) {
                double sum = 0;
                for (size_t k = 0; k < s->k; k++)
                    sum += (double)(s->ta ? a[k * s->m + i] : a[i * s->k + k]) *
                           (s->tb ? b[n * s->k + k] : b[k * s->n + n]);
                *c++ = (float)sum;
            }
}

static double distance(const GemmShape *s) {
    size_t n = s->batch * s->m * s->n;
    float *a = isas_values(s->batch * s->m * s->k, 1), *b = isas_values(s->batch * s->k * s->n, 2);
    float *c = result(s, a, b), *expected = isas_values(n, 3);
    reference(s, a, b, expected);
    double far = c ? max_rel(c, expected, n) : INFINITY;
    free(a), free(b), free(c), free(expected);
    return far;
}

static void check_case(const char *isa, const Case *c) {
    for (int t = 0; t < 4; t++) {
        GemmShape s = shape_of(c, t);
        double far = distance(&s);
        ok(far < 3e-6, "%s: %zu x %zu x %zu, batch %zu, transposes %d%d", isa, c->m, c->n, c->k,
           c->batch, s.ta, s.tb);
        if (!(far < 3e-6)) diag("relative distance %g", far);
    }
}

static void check_threads(const char *isa, const Case *c) {
    int same = 1;
    for (int t = 0; t < 4; t++) {
        GemmShape s = shape_of(c, t);
        float *a = isas_values(s.batch * s.m * s.k, 1), *b = isas_values(s.batch * s.k * s.n, 2);
        float *r[4] = {0};
        for (int threads = 1; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            r[threads] = result(&s, a, b);
            same = same && r[threads] &&
                   !memcmp(r[1], r[threads], s.batch * s.m * s.n * sizeof(float));
        }
        for (int threads = 1; threads <= 3; threads++) free(r[threads]);
        free(a), free(b);
    }
    omp_set_num_threads(1);
    ok(same, "%s: %zu x %zu x %zu, batch %zu: the same bits with 1, 2 and 3 threads", isa, c->m,
       c->n, c->k, c->batch);
}

static void check_random(const char *isa, int count) {
    unsigned seed = 11;
    int bad = 0;
    for (int i = 0; i < count; i++) {
        Case c = {.m = 1 + isas_random(&seed, 90),
                  .n = 1 + isas_random(&seed, isas_random(&seed, 2) ? 10 : 90),
                  .k = 1 + isas_random(&seed, isas_random(&seed, 4) ? 70 : 3000),
                  .batch = 1 + isas_random(&seed, 3),
                  .shared_a = isas_random(&seed, 4) == 0,
                  .shared_b = isas_random(&seed, 4) == 0};
        GemmShape s = shape_of(&c, (int)isas_random(&seed, 4));
        s.steady = isas_random(&seed, 2);
        double far = distance(&s);
        if (far < 3e-6) continue;
        bad++;
        diag("%zu x %zu x %zu, batch %zu, transposes %d%d: %g", s.m, s.n, s.k, s.batch, s.ta, s.tb,
             far);
    }
    ok(!bad, "%s: %d random shapes", isa, count);
}

/* A steady product of the first rows has the bits of the same rows of the whole. */
static void check_steady(const char *isa, size_t n, size_t k) {
    enum { ROWS = 200 };
    static const size_t first[] = {1, 3, 8, 64};
    int same = 1;
    for (int t = 0; t < 4; t++) {
        GemmShape s = shape_of(&(Case){.m = ROWS, .n = n, .k = k, .batch = 1}, t);
        s.steady = true;
        float *a = isas_values(ROWS * k, 1), *b = isas_values(k * n, 2), *whole = result(&s, a, b);
        for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
            float *rows = isas_values(first[i] * k, 1);
            for (size_t r = 0; r < first[i]; r++)
                for (size_t j = 0; j < k; j++) {
                    if (s.ta)
                        rows[j * first[i] + r] = a[j * ROWS + r];
                    else
                        rows[r * k + j] = a[r * k + j];
                }
            s.m = first[i];
            float *part = result(&s, rows, b);
            same = same && whole && part && !memcmp(part, whole, s.m * n * sizeof *part);
            free(rows), free(part);
        }
        free(a), free(b), free(whole);
    }
    ok(same, "%s: rows of steady products by %zu x %zu", isa, k, n);
}

/* More of B than is packed at once: a part of one matrix, or some of many; beside BLIS, as the
 * plain loops would take long. */
static void check_packed(const char *isa, size_t m, size_t n, size_t k, size_t batch) {
    GemmShape s = {.m = m, .n = n, .k = k, .batch = batch, .stride_a = m * k, .stride_b = k * n};
    float *a = isas_values(batch * m * k, 1), *b = isas_values(batch * k * n, 2);
    float *c = result(&s, a, b), *expected = isas_values(batch * m * n, 3);
    for (size_t i = 0; i < batch; i++)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1,
                    a + i * m * k, (int)k, b + i * k * n, (int)n, 0, expected + i * m * n, (int)n);
    double far = c ? max_rel(c, expected, batch * m * n) : INFINITY;
    ok(far < 3e-5, "%s: %zu x %zu x %zu, batch %zu: %g from BLIS", isa, m, n, k, batch, far);
    free(a), free(b), free(c), free(expected);
}

/* A matrix and itself turned, of which half the products are computed: the bits are those of a
 * matrix and its copy. */
static void check_mirrored(const char *isa, size_t n, size_t k, size_t batch) {
    int same = 1;
    for (int t = 1; t <= 2; t++) {
        Case c = {.m = n, .n = n, .k = k, .batch = batch};
        GemmShape s = shape_of(&c, t);
        float *a = isas_values(batch * n * k, 1), *b = isas_values(batch * n * k, 1);
        float *whole = result(&s, a, b);
        for (int threads = 1; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            float *half = result(&s, a, a);
            same = same && whole && half && !memcmp(half, whole, batch * n * n * sizeof *half);
            free(half);
        }
        omp_set_num_threads(1);
        free(a), free(b), free(whole);
    }
    ok(same, "%s: %zu x %zu by itself, batch %zu: the bits of a product with a copy", isa, n, k,
       batch);
}

static void check_description(const char *isa) {
    char text[128];
    cpu_describe(text, sizeof text);
    ok(strstr(text, isa) && strstr(text, "BLIS"), "it is %s", text);
    if (strcmp(isa, "portable")) ok(!strstr(text, "generic"), "%s: BLIS is not generic", isa);
}

static void checks(const char *isa) {
    check_description(isa);
    omp_set_num_threads(1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(isa, &cases[i]);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        check_case(isa, &large[i]);
        check_threads(isa, &large[i]);
    }
    check_random(isa, 200);
    check_steady(isa, 1, 300);
    check_steady(isa, 3, 700);
    check_steady(isa, 40, 2500);
    check_steady(isa, 300, 100);
    check_mirrored(isa, 70, 300, 3);
    check_mirrored(isa, 400, 33, 1);
    check_mirrored(isa, 90, 9000, 1);
    check_mirrored(isa, 700, 500, 1);
    check_packed(isa, 410, 1040, 4500, 1);
    check_packed(isa, 410, 800, 2000, 4);
}

int main(void) { return isas_run(checks); }
