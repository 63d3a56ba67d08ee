/* How pictures become the input of feature networks, and statistics of features. */
#include "base/rng.h"
#include "maths/frechet.h"
#include "maths/mersenne.h"
#include "measure/npz.h"
#include "measure/protocol.h"
#include "media/sources/npy_array.h"
#include "tap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A picture of 7x5x3, byte i is 37 i + 11 modulo 256, by the three tools' own resizing: TensorFlow
 * 1's kernel written out in NumPy, torch.nn.functional.interpolate, Pillow's mode F. */
static void test_resizing(void) {
    static const struct {
        const char *name;
        size_t height, width;
        double second, last, sum; /* sum of element i times cos(i) */
    } golden[] = {
        {"tf", 9, 8, -0.625, -0.8515625, -0.233300833},
        {"tf", 4, 3, -0.625, 0.151692748, -0.107636481},
        {"tf", 7, 5, -0.625, -0.8515625, 2.80311013},
        {"torch", 9, 8, -0.623529434, -0.850980401, -0.0394941877},
        {"torch", 4, 3, -0.206862748, -0.0964051485, -1.72215392},
        {"torch", 7, 5, -0.623529434, -0.850980401, 2.81305285},
        {"clean", 9, 8, -0.70330143, -1.01865935, -0.234610691},
        {"clean", 4, 3, -0.0881143212, 0.00106179714, -0.267641611},
        {"clean", 7, 5, -0.625, -0.8515625, 2.80311013},
    };
    unsigned char picture[7 * 5 * 3];
    for (int i = 0; i < 7 * 5 * 3; i++) picture[i] = (unsigned char)(i * 37 + 11);
    for (size_t g = 0; g < sizeof golden / sizeof *golden; g++) {
        float out[9 * 8 * 3], scratch[7 * 8 * 3];
        Scaler s = {0};
        Error err;
        PictureShape in = {7, 5, 3}, to = {golden[g].height, golden[g].width, 3};
        int bad = scaler_prepare(&s, protocol_find(golden[g].name), in, to, 0, 1, &err);
        size_t n = to.height * to.width * 3;
        double sum = 0;
        if (!bad) scaler_run(&s, picture, out, scratch);
        for (size_t i = 0; i < n && !bad; i++) sum += (double)out[i] * cos((double)i);
        ok(!bad && fabs((double)out[1] - golden[g].second) < 1e-6 &&
               fabs((double)out[n - 1] - golden[g].last) < 1e-6 && fabs(sum - golden[g].sum) < 1e-5,
           "%s: 7x5 to %zux%zu", golden[g].name, to.height, to.width);
        scaler_free(&s);
    }
}

static void test_shapes(void) {
    Scaler s = {0};
    Error err;
    unsigned char grey[4] = {0, 64, 128, 255};
    float out[2 * 2 * 3], scratch[4];
    PictureShape one = {2, 2, 1}, three = {2, 2, 3}, small = {1, 1, 3}, wide = {200, 200, 3};
    ok(!scaler_prepare(&s, protocol_find("tf"), one, three, 0, 1, &err), "grey for colour");
    scaler_run(&s, grey, out, scratch);
    ok(out[3] == -0.5F && out[4] == -0.5F && out[5] == -0.5F, "becomes three equal channels");
    ok(!scaler_prepare(&s, protocol_find("page"), one, one, -1, 1, &err), "a page's own size");
    scaler_run(&s, grey, out, scratch);
    ok(out[0] == -1 && out[3] == 1, "bytes to its own range");
    ok(scaler_prepare(&s, protocol_find("page"), one, three, 0, 1, &err) < 0, "refuses others");
    ok(scaler_prepare(&s, protocol_find("tf"), (PictureShape){2, 2, 4}, three, 0, 1, &err) < 0,
       "refuses alpha");
    ok(scaler_prepare(&s, protocol_find("c3d"), three, wide, 0, 1, &err) < 0,
       "a cut larger than the picture is refused");
    ok(!scaler_prepare(&s, protocol_find("tf"), (PictureShape){1, 1, 3}, three, 0, 1, &err) &&
           !scaler_prepare(&s, protocol_find("clean"), three, small, 0, 1, &err),
       "one pixel, either way");
    scaler_free(&s);
}

static void test_permutation(void) {
    static const size_t first[] = {2, 4, 9, 1, 5, 7, 6, 3, 8, 0}, second[] = {1, 2, 3, 4, 0};
    static size_t big[100000];
    Mersenne m;
    size_t got[10];
    int same = 1;
    mersenne_seed(&m, 2020);
    mersenne_permutation(&m, 10, got);
    for (int i = 0; i < 10; i++) same &= got[i] == first[i];
    mersenne_permutation(&m, 5, got);
    for (int i = 0; i < 5; i++) same &= got[i] == second[i];
    mersenne_seed(&m, 2020);
    mersenne_permutation(&m, 100000, big);
    ok(same && big[0] == 36082 && big[1] == 31787 && big[77777] == 40602,
       "permutations as NumPy's RandomState(2020)");
}

/* Column j has deviation j + 1. */
static void normal_rows(uint64_t seed, size_t n, size_t d, double *x) {
    float row[16];
    for (size_t i = 0; i < n; i++) {
        rng_normal((RngKey){.seed = seed}, i * d, d, row);
        for (size_t j = 0; j < d; j++) x[i * d + j] = (double)(j + 1) * (double)row[j];
    }
}

static Moments moments_of(const double *x, size_t n, size_t d) {
    Gaussian g;
    Moments m;
    Error err;
    must(gaussian_start(&g, d, &err));
    for (size_t i = 0; i < n; i += FRECHET_BLOCK)
        gaussian_add(&g, x + i * d, n - i < FRECHET_BLOCK ? n - i : FRECHET_BLOCK);
    must(gaussian_finish(&g, 1, &m, &err));
    return m;
}

static void test_merge(void) {
    enum { N = 50, CUT = 17, D = 4 };
    double x[N * D], worst = 0;
    Gaussian a, b;
    Moments whole, sum;
    Error err;
    normal_rows(3, N, D, x);
    for (int i = 0; i < N * D; i++) x[i] += 100;
    whole = moments_of(x, N, D);
    must(gaussian_start(&a, D, &err));
    must(gaussian_start(&b, D, &err));
    gaussian_add(&a, x, CUT), gaussian_add(&b, x + CUT * D, N - CUT);
    gaussian_merge(&a, &b);
    gaussian_free(&b);
    must(gaussian_finish(&a, 1, &sum, &err));
    for (int i = 0; i < D * D; i++)
        worst = fmax(worst, fabs(whole.covariance[i] - sum.covariance[i]));
    for (int i = 0; i < D; i++) worst = fmax(worst, fabs(whole.mean[i] - sum.mean[i]));
    ok(sum.n == N && worst < 1e-12, "statistics of shards add up (%g)", worst);
    moments_free(&whole), moments_free(&sum);
}

/* The distance of samples from their own Gaussian, averaged over draws, is what is predicted. */
static void test_bias(void) {
    enum { N = 400, D = 5, DRAWS = 60 };
    static double x[N * D];
    double mean = 0, bias;
    Error err;
    Frechet f;
    Moments truth = {.n = N,
                     .d = D,
                     .mean = calloc(D, sizeof(double)),
                     .covariance = calloc((size_t)D * D, sizeof(double))};
    for (size_t j = 0; j < D; j++) truth.covariance[j * D + j] = (double)((j + 1) * (j + 1));
    ok(!frechet_bias(&truth, &bias, &err), "bias of a known Gaussian");
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        Moments m, t = {.d = D,
                        .mean = calloc(D, sizeof(double)),
                        .covariance = calloc((size_t)D * D, sizeof(double))};
        for (size_t j = 0; j < D; j++) t.covariance[j * D + j] = (double)((j + 1) * (j + 1));
        normal_rows(100 + draw, N, D, x);
        m = moments_of(x, N, D);
        must(frechet_distance(&m, &t, &f, &err));
        mean += (f.mean_term + f.covariance_term) / DRAWS;
        moments_free(&m), moments_free(&t);
    }
    ok(fabs(mean / bias - 1) < 0.15, "mean distance of samples %.4g, predicted %.4g", mean, bias);
    moments_free(&truth);
}

static void test_npz(void) {
    Error err;
    size_t d = 0;
    double *mu = NULL, *sigma = NULL;
    ok(npz_is("tests/golden/statistics.npz") && !npz_is("tests/unit/features.c") && !npz_is("-"),
       "an .npz file is told by its first bytes");
    ok(!npz_array("tests/golden/statistics.npz", "mu", 1, &d, &mu, &err) && d == 3 &&
           mu[0] == 0.5 && mu[2] == -2,
       "mu, float64");
    ok(!npz_array("tests/golden/statistics.npz", "sigma", 2, &d, &sigma, &err) &&
           sigma[1] == 0.25 && sigma[8] == 4,
       "sigma, float32, compressed");
    free(mu), free(sigma);
    ok(npz_array("tests/golden/statistics.npz", "mean", 1, &d, &mu, &err) < 0, "%s", err.text);
    ok(npz_array("tests/golden/statistics.npz", "sigma", 1, &d, &mu, &err) < 0, "%s", err.text);
    ok(npz_array("tests/golden/statistics.npz", "bad", 1, &d, &mu, &err) < 0, "%s", err.text);
    ok(npz_array("tests/unit/features.c", "mu", 1, &d, &mu, &err) < 0, "%s", err.text);
}

int main(void) {
    test_resizing();
    test_shapes();
    test_permutation();
    test_merge();
    test_bias();
    test_npz();
    return done();
}
