/* Metrics of pictures against closed forms and against scikit-image and SciPy: the constants marked
 * golden are printed by tests/golden/measure-images.py. */
#include "hash.h"
#include "maths/pyramid.h"
#include "measure/metrics/ssim.h"
#include "metric-run.h"
#include "tap.h"
#include "tensor/cpu.h"

static bool near(double a, double b) { return fabs(a - b) <= 1e-11 * (1 + fabs(b)); }

/* Smooth, in [0,1]: means of 3x3 of hashed numbers, the edge repeated. */
static double *picture(size_t height, size_t width, size_t channels, uint32_t seed) {
    double *x = rows(height * width, channels, seed), *out = calloc(height * width * channels, 8);
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width * channels; j++)
            for (int k = 0; k < 9; k++) {
                long c = (long)(j % channels), p = (long)i + k / 3 - 1, q;
                q = (long)(j / channels) + k % 3 - 1;
                p = p < 0 ? 0 : p >= (long)height ? (long)height - 1 : p;
                q = q < 0 ? 0 : q >= (long)width ? (long)width - 1 : q;
                out[i * width * channels + j] +=
                    (x[(p * (long)width + q) * (long)channels + c] / 4 + 0.5) / 9;
            }
    free(x);
    return out;
}

static double *blend(const double *a, double s, const double *b, double t, double shift, size_t n) {
    double *out = malloc(n * sizeof *out);
    for (size_t i = 0; i < n; i++) out[i] = fmin(fmax(s * a[i] + t * b[i] + shift, 0), 1);
    return out;
}

static void test_ssim(void) {
    enum { H = 24, W = 19, N = H * W * 3 };
    double *a = picture(H, W, 3, 1), *b = picture(H, W, 3, 2), *c = blend(a, 0.7, b, 0.3, 0, N);
    Error err;
    Ssim s;
    ok(near(a[(5 * W + 7) * 3 + 1], 0.43576388888888884), "the same picture as in Python");
    int bad = ssim_compare(a, c, H, W, 3, &s, &err);
    ok(!bad && near(s.similarity, 0.8850906748912905),
       "SSIM of a colour picture as scikit-image's");
    double grey_a[H * W], grey_c[H * W];
    for (size_t i = 0; i < H * W; i++) grey_a[i] = a[3 * i], grey_c[i] = c[3 * i];
    bad = ssim_compare(grey_a, grey_c, H, W, 1, &s, &err);
    ok(!bad && near(s.similarity, 0.8825131731730259), "and of a grey one");
    bad = ssim_compare(a, a, H, W, 3, &s, &err);
    ok(!bad && near(s.similarity, 1) && near(s.contrast, 1), "to itself it is 1");
    /* of two constants u, v there is no contrast: (2uv + c1) / (u^2 + v^2 + c1) */
    for (size_t i = 0; i < H * W; i++) grey_a[i] = 0.25, grey_c[i] = 0.75;
    bad = ssim_compare(grey_a, grey_c, H, W, 1, &s, &err);
    ok(!bad && near(s.contrast, 1) && near(s.similarity, (0.375 + 1e-4) / (0.625 + 1e-4)),
       "of two constant pictures: %g", s.similarity);
    free(a), free(b), free(c);
}

static void test_scales(void) {
    enum { BIG = 176 * 176, SMALL = 48 * 48 * 3 };
    double *a = picture(176, 176, 1, 3), *b = picture(176, 176, 1, 4), v;
    double *c = blend(a, 1, b, 0.2, -0.1, BIG);
    Error err;
    int bad = ssim_scales(a, c, 176, 176, 1, &v, &err);
    ok(!bad && near(v, 0.9850319656509835), "MS-SSIM of 176x176, the least with whole windows");
    free(a), free(b), free(c);
    a = picture(48, 48, 3, 5), b = picture(48, 48, 3, 6), c = blend(a, 0.8, b, 0.2, 0, SMALL);
    bad = ssim_scales(a, c, 48, 48, 3, &v, &err);
    ok(!bad && near(v, 0.9571153671831782), "of 48x48 in colour, whose windows shrink");
    bad = ssim_scales(a, a, 48, 48, 3, &v, &err);
    ok(!bad && near(v, 1), "to itself it is 1");
    double *negative = blend(a, -1, a, 0, 1, SMALL);
    bad = ssim_scales(a, negative, 48, 48, 3, &v, &err);
    ok(!bad && v == 0, "to its negative 0: means below 0 count as 0");
    free(a), free(b), free(c), free(negative);
}

/* ---- sliced Wasserstein distance ---- */

static void test_pyramid(void) {
    double *x = picture(35, 32, 2, 7), moduli = 0, sum = 0;
    Pyramid p;
    Error err;
    int bad = pyramid_new(&p, 35, 32, 2, 16, &err);
    if (!bad) pyramid_fill(&p, x);
    ok(!bad && p.levels == 2 && p.level[1].height == 18 && p.level[1].width == 16,
       "a pyramid has the levels of 16 or more");
    const double golden[] = {0.026453759935167243, 0.0011490715874565849, -0.05298550923665363,
                             0.5350816514756945,   115.63671363724603,    286.40373060438367};
    const double *a = p.level[0].x, *b = p.level[1].x;
    for (size_t i = 0; i < 35 * 32 * 2; i++) moduli += fabs(a[i]);
    for (size_t i = 0; i < 18 * 16 * 2; i++) sum += b[i];
    ok(near(a[0], golden[0]) && near(a[35 * 32 * 2 - 1], golden[1]) &&
           near(a[(16 * 32 + 17) * 2], golden[2]) && near(b[17 * 16 * 2 + 1], golden[3]) &&
           near(moduli, golden[4]) && near(sum, golden[5]),
       "and the numbers of SciPy, to its edges");
    pyramid_free(&p);
    ok(pyramid_new(&p, 15, 40, 1, 16, &err) < 0, "%s", err.text);
    free(x);
}

/* Bytes of pictures of seeds from `seed` on, to the power of `power`. */
static void write_pictures(const char *path, DType type, uint32_t seed, double power) {
    enum { N = 4, SIZE = 35 * 32 * 2 };
    double *all = malloc(N * SIZE * sizeof *all);
    for (uint32_t n = 0; n < N; n++) {
        double *x = picture(35, 32, 2, seed + n);
        for (size_t i = 0; i < SIZE; i++) {
            double v = floor(x[i] * 255 + 0.3); /* never a tie */
            all[n * SIZE + i] = type == DT_U8 ? v : pow(v / 255, power);
        }
        free(x);
    }
    write_stream(path, "image", type, 4, (size_t[]){N, 35, 32, 2}, all, NULL);
    free(all);
}

static void test_swd(void) {
    const char *options[] = {"patches", "5", "directions", "9", "seed", "6", NULL};
    write_pictures(stream_path("a"), DT_U8, 10, 1);
    write_pictures(stream_path("b"), DT_F64, 20, 2);
    char *lines = metric_lines("swd", stream_path("a"), stream_path("b"), options);
    const double golden[] = {376.89151830284686, 406.4821555357152, 347.3008810699785};
    double v[] = {metric_number(lines, "swd", 0), metric_number(lines, "swd.level", 0),
                  metric_number(lines, "swd.level", 1)};
    bool good = true;
    for (int i = 0; i < 3; i++) good = good && fabs(v[i] / golden[i] - 1) < 1e-6;
    if (!ok(good, "sliced Wasserstein distance as NumPy's: %.9g", v[0])) diag("%s", lines);
    free(lines);
}

int main(void) {
    cpu_start(0);
    if (!mkdtemp(stream_folder)) return 1;
    test_ssim();
    test_scales();
    test_pyramid();
    test_swd();
    unlink(stream_path("a")), unlink(stream_path("b"));
    rmdir(stream_folder);
    return done();
}
