/* How fast convolution layers run: GFLOP/s by the direct kernels, and the share of what the cores
 * could do if they did nothing but multiply and add, measured in the same moment; then by the
 * algorithm that is chosen, where that is Winograd's. Its GFLOP/s count the operations that the
 * direct kernels would need, so they may exceed the peak; marked with *.
 *
 * usage: [GAN_CONV=winograd] conv_layers [text-in-the-layer's-name] */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "tensor/conv/conv.h"
#include "tensor/cpu.h"

#if defined __x86_64__
#include <immintrin.h>

enum { ROUNDS = 1000000 };

/* Twenty-four sums that don't wait for one another. */
__attribute__((target("avx512f"))) static double peak_avx512(void) {
    __m512 v[24], a = _mm512_set1_ps(0.5F);
    float out[16];
    for (int i = 0; i < 24; i++) v[i] = _mm512_set1_ps((float)i);
    for (int r = 0; r < ROUNDS; r++) {
        __asm__ volatile("" : "+v"(a));
#pragma GCC unroll 24
        for (int i = 0; i < 24; i++) v[i] = _mm512_fmadd_ps(v[i], a, a);
    }
    for (int i = 1; i < 24; i++) v[0] = _mm512_add_ps(v[0], v[i]);
    _mm512_storeu_ps(out, v[0]);
    return out[0] > 0 ? 24.0 * 16 * 2 * ROUNDS : 0;
}

__attribute__((target("avx2,fma"))) static double peak_avx2(void) {
    __m256 v[12], a = _mm256_set1_ps(0.5F);
    float out[8];
    for (int i = 0; i < 12; i++) v[i] = _mm256_set1_ps((float)i);
    for (int r = 0; r < ROUNDS; r++) {
        __asm__ volatile("" : "+x"(a));
#pragma GCC unroll 12
        for (int i = 0; i < 12; i++) v[i] = _mm256_fmadd_ps(v[i], a, a);
    }
    for (int i = 1; i < 12; i++) v[0] = _mm256_add_ps(v[0], v[i]);
    _mm256_storeu_ps(out, v[0]);
    return out[0] > 0 ? 12.0 * 8 * 2 * ROUNDS : 0;
}

static double peak_once(void) {
    double start = now_seconds(), flops;
    if (cpu_isa() == ISA_PORTABLE) return 0;
    flops = cpu_isa() == ISA_AVX512 ? peak_avx512() : peak_avx2();
    return flops / (now_seconds() - start) / 1e9;
}
#else
static double peak_once(void) { return 0; }
#endif

/* GFLOP/s of one core; 0 where there is no such loop for it. */
static double peak(void) {
    double best = 0;
    for (int i = 0; i < 5; i++) {
        double once = peak_once();
        best = once > best ? once : best;
    }
    return best;
}

typedef struct {
    const char *name;
    ConvShape shape;
} Layer;

#define EVEN(i, s) (((i) + (s)-1) / (s))
#define PLANE(n_, a, b, i, k, s, p)                                                             \
    {                                                                                           \
        .dims = 2, .n = n_, .cin = a, .cout = b, .in = {i, i}, .out = {EVEN(i, s), EVEN(i, s)}, \
        .kernel = {k, k}, .stride = {s, s}, .pad = {                                            \
            p,                                                                                  \
            p                                                                                   \
        }                                                                                       \
    }
#define VALID(n_, a, b, i, k, s)                                                             \
    {                                                                                        \
        .dims = 2, .n = n_, .cin = a, .cout = b, .in = {i, i},                               \
        .out = {((i) - (k)) / (s) + 1, ((i) - (k)) / (s) + 1}, .kernel = {k, k}, .stride = { \
            s,                                                                               \
            s                                                                                \
        }                                                                                    \
    }
#define SOLID(n_, a, b, d, i)                                                                  \
    {                                                                                          \
        .dims = 3, .n = n_, .cin = a, .cout = b, .in = {d, i, i},                              \
        .out = {(d) / 2, (i) / 2, (i) / 2}, .kernel = {4, 4, 4}, .stride = {2, 2, 2}, .pad = { \
            1,                                                                                 \
            1,                                                                                 \
            1                                                                                  \
        }                                                                                      \
    }

static const Layer layers[] = {
    {"5x5 s2 3->64 @64", PLANE(64, 3, 64, 64, 5, 2, 2)},
    {"5x5 s2 64->128 @32", PLANE(64, 64, 128, 32, 5, 2, 2)},
    {"5x5 s2 128->256 @16", PLANE(64, 128, 256, 16, 5, 2, 2)},
    {"5x5 s2 256->512 @8", PLANE(64, 256, 512, 8, 5, 2, 2)},
    {"5x5 s2 1->64 @28", PLANE(64, 1, 64, 28, 5, 2, 2)},
    {"5x5 s2 64->128 @14", PLANE(64, 64, 128, 14, 5, 2, 2)},
    {"5x5 s2 128->256 @7", PLANE(64, 128, 256, 7, 5, 2, 2)},
    {"4x4 s2 3->64 @64", PLANE(64, 3, 64, 64, 4, 2, 1)},
    {"4x4 s2 32->64 @64", PLANE(256, 32, 64, 64, 4, 2, 1)},
    {"4x4 s2 64->128 @32", PLANE(64, 64, 128, 32, 4, 2, 1)},
    {"4x4 s2 128->256 @16", PLANE(64, 128, 256, 16, 4, 2, 1)},
    {"4x4 s2 256->512 @8", PLANE(64, 256, 512, 8, 4, 2, 1)},
    {"4x4 512->1 @4", VALID(64, 512, 1, 4, 4, 1)},
    {"one 3x3 s1 256->256 @16", PLANE(1, 256, 256, 16, 3, 1, 1)},
    {"one 3x3 s1 256->256 @18", VALID(1, 256, 256, 18, 3, 1)},
    {"one 3x3 s1 256->256 @34", VALID(1, 256, 256, 34, 3, 1)},
    {"one 3x3 s1 128->768 @8", PLANE(1, 128, 768, 8, 3, 1, 1)},
    {"one 3x3 s1 768->768 @8", PLANE(1, 768, 768, 8, 3, 1, 1)},
    {"one 3x3 s1 768->768 @4", PLANE(1, 768, 768, 4, 3, 1, 1)},
    {"one 3x3 s1 128->96 @128", PLANE(1, 128, 96, 128, 3, 1, 1)},
    {"one 3x3 s2 64->128 @64", PLANE(1, 64, 128, 64, 3, 2, 1)},
    {"one 4x4 s1 256->512 @8", VALID(1, 256, 512, 10, 4, 1)},
    {"one 4x4 s1 256->512 @15", VALID(1, 256, 512, 18, 4, 1)},
    {"4x4 s1 256->512 @18", VALID(4, 256, 512, 21, 4, 1)},
    {"4x4 s1 256->512 @31", VALID(4, 256, 512, 34, 4, 1)},
    {"one 4x4 s2 128->256 @16", PLANE(1, 128, 256, 16, 4, 2, 1)},
    {"3x3 s1 3->64 @32", PLANE(64, 3, 64, 32, 3, 1, 1)},
    {"3x3 s1 128->128 @8", PLANE(16, 128, 128, 8, 3, 1, 1)},
    {"3x3 s1 128->128 @32", PLANE(16, 128, 128, 32, 3, 1, 1)},
    {"3x3 s1 256->256 @16", PLANE(16, 256, 256, 16, 3, 1, 1)},
    {"3x3 s1 64->64 @64", PLANE(16, 64, 64, 64, 3, 1, 1)},
    {"3x3 s1 64->3 @64", PLANE(16, 64, 3, 64, 3, 1, 1)},
    {"3x3 s2 128->128 @17", VALID(16, 128, 128, 17, 3, 2)},
    {"3x3 s2 128->128 @33", VALID(16, 128, 128, 33, 3, 2)},
    {"3x3 s2 64->128 @65", VALID(16, 64, 128, 65, 3, 2)},
    {"1x1 s1 256->256 @16", PLANE(64, 256, 256, 16, 1, 1, 0)},
    {"4x4x4 s2 1->64 @32", SOLID(8, 1, 64, 32, 32)},
    {"4x4x4 s2 3->64 @16x64x64", SOLID(16, 3, 64, 16, 64)},
    {"4x4x4 s2 64->128 @8x32x32", SOLID(16, 64, 128, 8, 32)},
    {"4x4x4 s2 128->256 @4x16x16", SOLID(16, 128, 256, 4, 16)},
    {"4x4x4 s2 256->512 @2x8x8", SOLID(16, 256, 512, 2, 8)},
};

static size_t volume(const ConvShape *s, const size_t *extent, size_t other) {
    for (int d = 0; d < s->dims; d++) other *= extent[d];
    return other;
}

static float *values(size_t n) {
    Error err;
    float *v = data_alloc(n * sizeof *v, &err);
    if (!v) abort();
    for (size_t i = 0; i < n; i++) v[i] = (float)(i * 2654435761U % 1024) / 512 - 1;
    return v;
}

/* Weights in so many bytes, one set after the other: between two uses a network's are forgotten by
 * the caches. */
enum { COLD_BYTES = 64 << 20 };

/* Best of several runs, in GFLOP/s. */
static double speed(const ConvShape *s, ConvKind kind, const ConvPlan *p, float *x, float *weights,
                    float *y) {
    Error err;
    void *scratch = data_alloc(conv_scratch(p), &err);
    size_t size = volume(s, s->kernel, s->cin * s->cout), sets = COLD_BYTES / sizeof(float) / size;
    double best = 1e30, total = 0;
    for (size_t run = 0; scratch && run < 40 && (run < 4 || total < 0.4); run++) {
        float *w = weights + run % (sets + 1) * size;
        double start = now_seconds(), took;
        if (kind == CONV_FORWARD) conv_run(p, x, w, y, scratch);
        if (kind == CONV_DATA) conv_run(p, y, w, x, scratch);
        if (kind == CONV_WEIGHT) conv_run(p, x, y, w, scratch);
        took = now_seconds() - start;
        best = took < best ? took : best;
        total += took;
    }
    free(scratch);
    return 2 * conv_macs(s) / best / 1e9;
}

static void measure(const Layer *layer) {
    static const char *const kinds[] = {"forward", "data", "weight"};
    const ConvShape *s = &layer->shape;
    Arena *arena = arena_new(NULL);
    size_t nx = volume(s, s->in, s->n * s->cin), ny = volume(s, s->out, s->n * s->cout);
    size_t nw = volume(s, s->kernel, s->cin * s->cout);
    float *x = values(nx), *y = values(ny), *w = values(COLD_BYTES / sizeof(float) + nw);
    for (int kind = 0; kind < 3; kind++) {
        double core = peak(); /* each time: clocks come and go */
        printf("%-28s %-8s", kind ? "" : layer->name, kinds[kind]);
        for (int threads = 1; threads <= 2; threads++) {
            omp_set_num_threads(threads);
            const ConvPlan *p = conv_plan(arena, s, (ConvKind)kind, CONV_DIRECT);
            double direct = speed(s, (ConvKind)kind, p, x, w, y);
            printf(" %8.1f", direct);
            if (core > 0) printf(" %3.0f%%", 100 * direct / core / threads);
            p = conv_plan(arena, s, (ConvKind)kind, conv_wish());
            if (conv_algorithm(p) == CONV_DIRECT) {
                printf(" %17s", "");
                continue;
            }
            double g = speed(s, (ConvKind)kind, p, x, w, y);
            printf(" %8.1f* %5.2f x", g, g / direct);
        }
        printf("\n");
        fflush(stdout);
    }
    free(x), free(y), free(w);
    arena_free(arena);
}

int main(int argc, char **argv) {
    char about[128];
    cpu_start(0);
    cpu_describe(about, sizeof about);
    printf("%s; one core's peak %.1f GFLOP/s\n", about, peak());
    printf("%-28s %-8s %8s %4s %9s %7s %8s\n", "layer", "kind", "1 thread", "", "chosen", "",
           "2 threads");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (argc < 2 || strstr(layers[i].name, argv[1])) measure(&layers[i]);
    return 0;
}
