/* Metrics against closed forms and against NumPy, SciPy and scikit-learn: the constants marked
 * golden are printed by tests/golden/measure-golden.py. */
#include "base/random.h"
#include "hash.h"
#include "maths/classes.h"
#include "maths/dense.h"
#include "maths/frechet.h"
#include "maths/linear.h"
#include "maths/spectrum.h"
#include "measure/metric.h"
#include "measure/metrics/parzen.h"
#include "tap.h"
#include "tensor/cpu.h"

#include <omp.h>
#include <unistd.h>

static float *to_float(const double *x, size_t n) {
    float *f = malloc(n * sizeof *f);
    for (size_t i = 0; i < n; i++) f[i] = (float)x[i];
    return f;
}

static size_t *labels(const double *x, size_t n, size_t d, size_t k) {
    size_t *out = calloc(n, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        double best = -INFINITY;
        for (size_t c = 0; c < k; c++) {
            double s = value((uint32_t)i, (uint32_t)c, 98);
            for (size_t j = 0; j < d; j++) s += x[i * d + j] * value((uint32_t)c, (uint32_t)j, 99);
            if (s > best) best = s, out[i] = c;
        }
    }
    return out;
}

static double largest_gap(const double *a, const double *b, size_t n) {
    double gap = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a[i])) return INFINITY;
        gap = fmax(gap, fabs(a[i] - b[i]));
    }
    return gap;
}

/* ---- linear classifiers ---- */

typedef struct {
    const char *name;
    size_t n, d, k, shown; /* weights of each class in `weight`, the last is the bias */
    Loss loss;
    double c, accuracy, weight[18];
} LinearCase;

static const LinearCase linear_cases[] = {
    {"tall svm",
     80,
     5,
     3,
     6,
     LOSS_SQUARED_HINGE,
     0.5,
     0.84,
     {0.02020989247071753, -0.27899317930448997, -0.4144786055214102, -0.6022146049241193,
      -0.8977933038946581, -0.6559244941520048, 0.06641101199692945, 0.5604217426915841,
      -0.48358320494081003, -0.11007230627269217, 0.8615020039494186, -0.6502832942373602,
      -0.01402977054880817, -0.2852603072640618, 0.7452185474748391, 0.5497352303049114,
      0.04944704604916898, -0.39637791266590594}},
    {"tall logistic",
     80,
     5,
     3,
     6,
     LOSS_LOGISTIC,
     0.5,
     0.855,
     {0.030705147091085454, -0.4200475839864631, -0.6934841133916432, -0.9371533538944692,
      -1.5116559593311125, -1.1819192385677546, 0.09362890871139924, 0.9997928033322305,
      -0.8505476377030543, -0.23474755323354618, 1.525824053247933, -1.0810681421718416,
      0.015936696850462555, -0.5651844444442671, 1.4786588435150607, 1.0955476581330825,
      0.05177197714977168, -0.7386156174013546}},
    {"wide svm",
     15,
     24,
     3,
     4,
     LOSS_SQUARED_HINGE,
     0.5,
     0.51,
     {0.04109596985416279, -0.12107060205833406, 0.014506133188689808, -0.4500938847506205,
      -0.08718941789744966, 0.2859266624572315, 0.07962795178514799, -0.16667914657700195,
      0.055333227603130065, -0.05256019294701028, 0.041939980834519955, -0.10122444754766527}},
    {"wide logistic",
     15,
     24,
     3,
     4,
     LOSS_LOGISTIC,
     0.5,
     0.54,
     {0.056911369483140954, -0.26891845965014255, -0.05117914617898012, -0.6551320373588647,
      -0.08781725317858076, 0.45368607405732975, 0.09394385699870472, -0.2953519043815569,
      0.061805991598840336, -0.11197204635324004, 0.08026424798284333, -0.19734214449003776}},
    {"two svm",
     60,
     4,
     2,
     5,
     LOSS_SQUARED_HINGE,
     2.0,
     0.825,
     {0.43085038658100633, 0.9480882661119634, 0.0759121380798518, 0.23969638393011514,
      0.049127628643161086}},
    {"two logistic",
     60,
     4,
     2,
     5,
     LOSS_LOGISTIC,
     2.0,
     0.825,
     {0.9968776283604801, 2.2632027634993097, 0.134733251857055, 0.5682743389244514,
      0.16590270432666954}},
};

static double case_accuracy(const LinearCase *t, const Linear *l) {
    double *x = rows(200, t->d, 2);
    float *xf = to_float(x, 200 * t->d);
    size_t *y = labels(x, 200, t->d, t->k), found[200], right = 0;
    Error err;
    must(linear_predict(l, xf, 200, found, &err));
    for (size_t i = 0; i < 200; i++) right += found[i] == y[i];
    free(x), free(xf), free(y);
    return (double)right / 200;
}

static void test_linear(const LinearCase *t) {
    double *x = rows(t->n, t->d, 1), gap = 0;
    float *xf = to_float(x, t->n * t->d);
    size_t *y = labels(x, t->n, t->d, t->k);
    Linear l;
    Error err = {""};
    LinearParams p = {.loss = t->loss, .c = t->c, .tolerance = 1e-11, .iterations = 1000};
    must(linear_new(&l, t->k, t->d, &err));
    int bad = linear_train(&l, xf, y, t->n, &p, &err);
    for (size_t r = 0; r < l.rows && !bad; r++) {
        const double *w = l.weight + r * (t->d + 1), *golden = t->weight + r * t->shown;
        gap = fmax(gap, largest_gap(w, golden, t->shown - 1));
        gap = fmax(gap, fabs(w[t->d] - golden[t->shown - 1]));
    }
    ok(!bad && gap < 1e-6, "%s: weights as scikit-learn's (gap %.1e, gradient %.1e)", t->name, gap,
       l.worst);
    ok(fabs(case_accuracy(t, &l) - t->accuracy) < 1e-12, "%s: accuracy %g", t->name, t->accuracy);
    /* again from the solution: a warm start is at its end */
    Linear before = l;
    before.weight = malloc(l.rows * (t->d + 1) * sizeof *l.weight);
    memcpy(before.weight, l.weight, l.rows * (t->d + 1) * sizeof *l.weight);
    p.tolerance = 1e-6;
    bad = linear_train(&l, xf, y, t->n, &p, &err);
    gap = largest_gap(l.weight, before.weight, l.rows * (t->d + 1));
    ok(!bad && gap < 1e-8, "%s: training on from the solution stays there (gap %.1e)", t->name,
       gap);
    linear_free(&before);
    linear_free(&l);
    free(x), free(xf), free(y);
}

/* One point at x = 1, no bias: 1/2 w^2 + C (1-w)^2 has its minimum at 2C / (1 + 2C). */
static void test_linear_closed(void) {
    double x = 1, w = 0;
    signed char y = 1;
    Error err;
    LinearRows r = {.n = 1, .d = 1, .xd = &x};
    LinearParams p = {.loss = LOSS_SQUARED_HINGE, .c = 3, .tolerance = 1e-14, .iterations = 100};
    int bad = linear_solve(&r, &y, &p, &w, NULL, &err);
    ok(!bad && fabs(w - 6.0 / 7) < 1e-14, "squared hinge on one point: 2C/(1+2C)");
    p.loss = LOSS_LOGISTIC;
    w = 5;
    bad = linear_solve(&r, &y, &p, &w, NULL, &err);
    ok(!bad && fabs(w - 3 / (1 + exp(w))) < 1e-12, "logistic on one point: w = C/(1+e^w)");
}

/* ---- distances, factors ---- */

static void test_dense(void) {
    double *x = rows(9, 5, 11), *y = rows(7, 5, 12), xx[9], yy[7], d2[63], gap = 0;
    for (size_t i = 0; i < 45; i++) x[i] = x[i] * 0.1 + 3; /* not exact in binary */
    memcpy(y + 5, x + 10, 5 * sizeof *x);                  /* y_1 = x_2 */
    squared_norms(x, 9, 5, xx);
    squared_norms(y, 7, 5, yy);
    squared_distances(x, xx, 9, y, yy, 7, 5, d2);
    for (size_t i = 0; i < 63; i++) {
        double s = 0;
        for (size_t k = 0; k < 5; k++) s += pow(x[i / 7 * 5 + k] - y[i % 7 * 5 + k], 2);
        gap = fmax(gap, fabs(s - d2[i]));
    }
    ok(gap < 1e-12, "squared distances");
    ok(d2[2 * 7 + 1] == 0, "equal rows are at distance 0 exactly");
    double key[3];
    size_t item[3];
    Best b = {key, item, 3, 0};
    double offered[] = {5, 2, 9, 2, 1, 7, 2};
    for (size_t i = 0; i < 7; i++) best_offer(&b, offered[i], i);
    ok(item[0] == 4 && item[1] == 1 && item[2] == 3 && key[2] == 2, "the best three, first first");
    free(x), free(y);
}

static void test_cholesky(void) {
    enum { N = 6, R = 3 };
    double *f = rows(N, R, 13), a[N * N], l[N * N], gap = 0;
    size_t pivot[N], rank;
    Error err;
    products(f, N, f, N, R, a);
    memcpy(l, a, sizeof a);
    int bad = pivoted_cholesky(l, N, pivot, &rank, &err);
    for (size_t i = 0; i < N * N && !bad; i++) {
        double s = 0;
        for (size_t k = 0; k < N; k++) s += l[i / N * N + k] * l[i % N * N + k];
        gap = fmax(gap, fabs(s - a[pivot[i / N] * N + pivot[i % N]]));
    }
    ok(!bad && rank == R && gap < 1e-12, "pivoted Cholesky of rank 3 in 6 (rank %zu, gap %.1e)",
       rank, gap);
    free(f);
}

/* ---- Frechet distance ---- */

static Moments moments_of(const double *x, size_t n, size_t d) {
    Gaussian g;
    Moments m;
    Error err;
    must(gaussian_start(&g, d, &err));
    for (size_t i = 0; i < n; i += 16) gaussian_add(&g, x + i * d, n - i < 16 ? n - i : 16);
    must(gaussian_finish(&g, 1, &m, &err));
    return m;
}

static void test_frechet(void) {
    double *x = rows(50, 6, 3), *y = rows(70, 6, 4);
    for (size_t i = 0; i < 70 * 6; i++) y[i] = y[i] * 0.5 + 0.25;
    Error err;
    Frechet f;
    Moments a = moments_of(x, 50, 6), b = moments_of(y, 70, 6);
    int bad = frechet_distance(&a, &b, &f, &err);
    const double golden[] = {0.48287480070153055, 2.494004803295706};
    ok(!bad && fabs(f.mean_term - golden[0]) < 1e-12 && fabs(f.covariance_term - golden[1]) < 1e-12,
       "Frechet distance as SciPy's (%.12g %.12g)", f.mean_term, f.covariance_term);
    moments_free(&a), moments_free(&b);
    a = moments_of(x, 50, 6), b = moments_of(x, 50, 6);
    bad = frechet_distance(&a, &b, &f, &err);
    ok(!bad && f.mean_term == 0 && fabs(f.covariance_term) < 1e-10, "to itself it is 0");
    Moments few_a = moments_of(x, 4, 6), few_b = moments_of(y, 5, 6);
    bad = frechet_distance(&few_a, &few_b, &f, &err);
    const double few[] = {3.1109478759765627, 8.200909507899924};
    ok(!bad && fabs(f.mean_term - few[0]) < 1e-12 && fabs(f.covariance_term - few[1]) < 1e-12,
       "fewer rows than dimensions (%.12g %.12g)", f.mean_term, f.covariance_term);
    /* diagonal covariances: sum (s_a - s_b)^2; x far from 0 tests the pivot */
    double p[] = {1e6 + 1, 0, 1e6 - 1, 0, 1e6, 2, 1e6, -2}, q[8];
    for (int i = 0; i < 8; i++) q[i] = (i % 2 ? 0 : 1e6) + 3 * (p[i] - (i % 2 ? 0 : 1e6));
    Moments gp = moments_of(p, 4, 2), gq = moments_of(q, 4, 2);
    bad = frechet_distance(&gp, &gq, &f, &err);
    double expected = 4 * (2.0 / 3) + 4 * (8.0 / 3);
    ok(!bad && fabs(f.mean_term + f.covariance_term - expected) < 1e-9,
       "scaled threefold about a far mean: sum of (s_a - s_b)^2");
    moments_free(&a), moments_free(&b), moments_free(&few_a), moments_free(&few_b);
    moments_free(&gp), moments_free(&gq);
    free(x), free(y);
}

/* ---- Parzen windows ---- */

static void test_parzen(void) {
    double *x = rows(7, 6, 5), *c = rows(9, 6, 6), cc[9], out[7], sigma = 0.3;
    Error err;
    squared_norms(c, 9, 6, cc);
    int bad = parzen_log_density(&(Centres){9, 6, c, cc}, x, 7, &sigma, 1, out, &err);
    const double golden[] = {-27.966272257569038, -53.987414802451596, -49.33141999210419,
                             -14.559013307204799, -60.30149735926531,  -36.46249638116417,
                             -19.546263742275308};
    ok(!bad && largest_gap(out, golden, 7) < 1e-11, "Parzen density as SciPy's");
    free(x), free(c);

    enum { D = 784 };
    double sigmas[] = {0.1, 0.2, 1}, ll[3], *one = rows(1, D, 14), norm;
    for (int i = 0; i < D; i++) one[i] = 0.1 * one[i] + 0.3;
    squared_norms(one, 1, D, &norm);
    bad = parzen_log_density(&(Centres){1, D, one, &norm}, one, 1, sigmas, 3, ll, &err);
    bool exact = true;
    for (int i = 0; i < 3; i++) exact &= ll[i] == -D * log(sigmas[i] * sqrt(2 * M_PI));
    ok(!bad && exact, "one centre at x: -d log(s sqrt(2 pi)) exactly");
    double far[D];
    for (int i = 0; i < D; i++) far[i] = one[i] + 1;
    bad = parzen_log_density(&(Centres){1, D, one, &norm}, far, 1, sigmas, 3, ll, &err);
    double expected = -D / 0.02 - D * log(0.1 * sqrt(2 * M_PI));
    ok(!bad && fabs(ll[0] / expected - 1) < 1e-12, "far from every centre it stays finite");
    free(one);
}

/* Chunks of centres and tiles of rows: many against a plain sum; and the same for any threads. */
static void test_parzen_many(void) {
    enum { N = 1100, M = 150, D = 3 };
    double *c = rows(N, D, 15), *x = rows(M, D, 16), *cc = malloc(N * sizeof *cc), gap = 0;
    double sigma[] = {0.2, 0.7}, one[2 * M], two[2 * M];
    Error err;
    squared_norms(c, N, D, cc);
    Centres centres = {N, D, c, cc};
    omp_set_num_threads(1);
    must(parzen_log_density(&centres, x, M, sigma, 2, one, &err));
    omp_set_num_threads(2);
    must(parzen_log_density(&centres, x, M, sigma, 2, two, &err));
    ok(!memcmp(one, two, sizeof one), "Parzen: the same bits with 1 and 2 threads");
    for (size_t i = 0; i < M; i++) {
        for (size_t s = 0; s < 2; s++) {
            double sum = 0;
            for (size_t j = 0; j < N; j++) {
                double d2 = 0;
                for (size_t k = 0; k < D; k++) d2 += pow(x[i * D + k] - c[j * D + k], 2);
                sum += exp(-d2 / (2 * sigma[s] * sigma[s])) / N;
            }
            double plain = log(sum) - D * log(sigma[s] * sqrt(2 * M_PI));
            gap = fmax(gap, fabs(plain - one[i * 2 + s]));
        }
    }
    ok(gap < 1e-11, "Parzen by chunks against a plain sum (gap %.1e)", gap);
    free(c), free(x), free(cc);
}

/* ---- singular values ---- */

static Tensor *weight_frame(Frame *f, const double *x, size_t h, size_t w, DType type) {
    Error err;
    size_t shape[3] = {h, w / 2, 2};
    frame_clear(f);
    if (frame_add(f, "G.0.weight", type, 3, shape, &err) < 0 || frame_allocate(f, &err) < 0)
        exit(1);
    Tensor *t = frame_find(f, "G.0.weight");
    for (size_t i = 0; i < h * w; i++) {
        if (type == DT_F32) ((float *)t->data)[i] = (float)x[i];
        if (type == DT_F64) ((double *)t->data)[i] = x[i];
    }
    return t;
}

static void test_spectrum(void) {
    double *w = rows(4, 6, 9), s[4], got[24];
    const double golden[] = {4.271209315319974, 3.0355382086370066, 1.7284911176487159,
                             0.8333605480002084};
    const double clipped[] = {
        0.6919661617030508,   -0.3427732329037056, 0.6330871112686024,   1.0004835818076272,
        -0.11931053893817795, 0.18998905827622056, 0.11097571930899514,  0.6263396643347736,
        0.8849290134726747,   -0.8646470347535271, -0.26236028024610714, -1.3094853151440653,
        0.632701417281167,    -1.3403527171886374, 0.13312960832499826,  0.2790920136871004,
        -0.30790679714480185, -0.8191086535644683, 0.016475304366931984, 0.6331259388082697,
        0.3557894867900315,   0.7624260235545313,  -1.3190983229486162,  -0.08723425280622421};
    const SpectrumChange above5 = {.kind = SPECTRUM_LOWER, .bound = {.most = 5}},
                         above2 = {.kind = SPECTRUM_LOWER, .bound = {.most = 2}},
                         unit = {.kind = SPECTRUM_NORMALISE};
    Frame f = {0};
    Error err;
    bool changed;
    Tensor *t = weight_frame(&f, w, 4, 6, DT_F64);
    int bad = spectrum_values(t, 4, SPECTRUM_SVD, s, &err);
    ok(!bad && spectrum_count(t, 4) == 4 && largest_gap(s, golden, 4) < 1e-13,
       "singular values as NumPy's");
    Spectrum sum = spectrum_summary(s, 4);
    double squares = 0;
    for (int i = 0; i < 24; i++) squares += w[i] * w[i];
    ok(fabs(sum.stable_rank - squares / (s[0] * s[0])) < 1e-13 &&
           fabs(sum.condition - golden[0] / golden[3]) < 1e-12 &&
           fabs(sum.frobenius - sqrt(squares)) < 1e-12 &&
           fabs(sum.share - s[0] / (s[0] + s[1] + s[2] + s[3])) < 1e-12,
       "stable rank is the squared Frobenius norm over the largest squared");
    bad = spectrum_change(t, 4, &above5, &changed, &err);
    ok(!bad && !changed && !memcmp(t->data, w, 24 * sizeof *w), "none above: not a bit changes");
    bad = spectrum_change(t, 4, &above2, &changed, &err);
    memcpy(got, t->data, sizeof got);
    ok(!bad && changed && largest_gap(got, clipped, 24) < 1e-13, "clipped at 2 as NumPy's");
    t = weight_frame(&f, w, 4, 6, DT_F32);
    bad = spectrum_change(t, 4, &above2, &changed, &err) ||
          spectrum_values(t, 4, SPECTRUM_SVD, s, &err);
    ok(!bad && fabs(s[0] - 2) < 1e-6 && fabs(s[1] - 2) < 1e-6 && fabs(s[3] - golden[3]) < 1e-6,
       "clipped as F32");
    bad = spectrum_change(t, 4, &unit, NULL, &err) || spectrum_values(t, 4, SPECTRUM_SVD, s, &err);
    ok(!bad && fabs(s[0] - 1) < 1e-6, "normalised");
    ((float *)t->data)[3] = NAN;
    ok(spectrum_values(t, 4, SPECTRUM_SVD, s, &err) < 0 && strstr(err.text, "G.0.weight"),
       "NaN: %s", err.text);
    /* taller than wide; rank 1: u v^T has the single value |u| |v| */
    double tall[12] = {1, 2, 2, 4, -2, -4, 0, 0, 4, 8, 0, 0};
    t = weight_frame(&f, tall, 6, 2, DT_F32);
    bad = spectrum_values(t, 6, SPECTRUM_SVD, s, &err);
    ok(!bad && fabs(s[0] - sqrt(25 * 5)) < 1e-12 && s[1] < 1e-12, "rank one, taller than wide");
    frame_free(&f);
    free(w);
}

/* ---- rows ---- */

static char dir[] = "/tmp/measure-XXXXXX";

static const char *at(const char *name) {
    static char path[4][200];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", dir, name);
    return path[next];
}

/* Appends a frame of n rows: `x` of d numbers counting on from *from, labels as one-hot of i % 3.
 */
static void write_frame(FILE *out, const char *name, DType type, size_t n, size_t d, int *from) {
    Frame f = {0};
    Error err;
    size_t shape[2] = {n, d}, hot[2] = {n, 3};
    if (frame_add(&f, name, type, 2, shape, &err) < 0 ||
        frame_add(&f, "label", DT_F32, 2, hot, &err) < 0 || frame_allocate(&f, &err) < 0)
        exit(1);
    Tensor *x = frame_find(&f, name), *label = frame_find(&f, "label");
    for (size_t i = 0; i < n; i++) {
        ((float *)label->data)[i * 3 + (size_t)*from % 3] = 1;
        for (size_t j = 0; j < d; j++) {
            if (type == DT_U8) ((unsigned char *)x->data)[i * d + j] = (unsigned char)*from;
            if (type == DT_F32) ((float *)x->data)[i * d + j] = (float)*from;
        }
        ++*from;
    }
    if (frame_write(&f, out, "test", &err) < 0) exit(1);
    frame_free(&f);
}

static void test_rows(void) {
    Error err;
    int from = 0;
    FILE *out = fopen(at("u8"), "wb");
    size_t cut[] = {3, 0, 7, 1, 9};
    for (int i = 0; i < 5; i++) write_frame(out, "image", DT_U8, cut[i], 2, &from);
    fclose(out);
    RowsSpec spec = {
        .of = &(Operand){.path = at("u8")}, .tensor = "feature,image", .label = "label"};
    Rows *r = rows_open(&spec, &err);
    double x[8 * 2];
    int64_t label[8];
    bool good = r != NULL;
    for (int i = 0; i < 20 && good;) {
        ssize_t n = rows_read(r, 8, x, label, &err);
        good = n == (i < 16 ? 8 : 4);
        for (int k = 0; k < n && good; k++, i++)
            good = x[2 * k] == i / 255.0 && x[2 * k + 1] == i / 255.0 && label[k] == i % 3;
    }
    ok(good && rows_read(r, 8, x, label, &err) == 0,
       "blocks do not depend on frames; U8 is scaled, one-hot labels are indices");
    rows_close(r);
    Matrix m;
    int bad = matrix_load(&spec, AS_FLOAT, 5, &m, &err);
    ok(!bad && m.n == 5 && m.d == 2 && m.xf[9] == 4 / 255.f && !strcmp(m.tensor, "image"),
       "the first five rows as floats");
    matrix_free(&m);

    from = -1;
    out = fopen(at("f32"), "wb");
    write_frame(out, "z", DT_F32, 3, 1, &from);
    fclose(out);
    spec = (RowsSpec){
        .of = &(Operand){.path = at("f32")}, .tensor = "image,feature", .range = {"-1,1", -1, 1}};
    bad = matrix_load(&spec, AS_DOUBLE, 0, &m, &err);
    ok(!bad && m.x[0] == 0 && m.x[1] == 0.5 && m.x[2] == 1, "[-1,1] mapped to [0,1]");
    if (!bad) matrix_free(&m);
    spec.tensor = "image";
    ok(matrix_load(&spec, AS_DOUBLE, 0, &m, &err) < 0 && strstr(err.text, "z"), "%s", err.text);
}

static void test_rows_nan(void) {
    Error err;
    Frame f = {0};
    size_t shape[2] = {4, 2};
    if (frame_add(&f, "feature", DT_F32, 2, shape, &err) < 0 || frame_allocate(&f, &err) < 0)
        exit(1);
    ((float *)frame_find(&f, "feature")->data)[5] = NAN;
    must(frame_save(&f, at("nan"), &err));
    frame_free(&f);
    Matrix m;
    RowsSpec spec = {.of = &(Operand){.path = at("nan")}, .tensor = "feature"};
    ok(matrix_load(&spec, AS_DOUBLE, 0, &m, &err) < 0 && strstr(err.text, "row 2"), "%s", err.text);
}

/* ---- the rest ---- */

static void test_results(void) {
    char *text = NULL;
    size_t size;
    Error err;
    for (int json = 0; json < 2; json++) {
        FILE *out = open_memstream(&text, &size);
        Results *r = results_new(out, json);
        result_begin(r, "x", 0.1);
        result_int(r, "n", 3);
        result_text(r, "note", "a\tb\\");
        result_end(r);
        result_begin_text(r, "y", "word");
        result_real(r, "v", INFINITY);
        result_end(r);
        must(results_free(r, true, "memory", &err));
        fclose(out);
        const char *tsv = "metric\tvalue\tparameters\n"
                          "x\t0.1\tn=3\tnote=a\\tb\\\\\tversion=" GAN_VERSION "\n"
                          "y\tword\tv=inf\tversion=" GAN_VERSION "\n";
        const char *lines =
            "{\"metric\":\"x\",\"value\":0.10000000000000001,\"n\":3,\"note\":\"a\\tb\\\\\","
            "\"version\":\"" GAN_VERSION "\"}\n"
            "{\"metric\":\"y\",\"value\":\"word\",\"v\":\"inf\",\"version\":\"" GAN_VERSION "\"}\n";
        if (!ok(!strcmp(text, json ? lines : tsv), json ? "JSON lines" : "TSV lines"))
            diag("%s", text);
        free(text);
    }
}

static void test_parsing(void) {
    double v[8];
    ValueRange r;
    Error err;
    ok(parse_list("1e-3,0.5,2", v, 8, &err) == 3 && v[0] == 1e-3 && v[2] == 2, "a list");
    ok(parse_list("1,,2", v, 8, &err) < 0 && parse_list("1,-2", v, 8, &err) < 0 &&
           parse_list("", v, 8, &err) < 0 && parse_list("1,2,3", v, 2, &err) < 0,
       "bad lists");
    ok(parse_log_range("0.1:1:3", v, 8, &err) == 3 && v[0] == 0.1 && v[2] == 1 &&
           fabs(v[1] - sqrt(0.1)) < 1e-15,
       "a logarithmic range");
    ok(parse_log_range("1:0.1:3", v, 8, &err) < 0 && parse_log_range("0.1:1", v, 8, &err) < 0 &&
           parse_log_range("0.1:1:9", v, 8, &err) < 0,
       "bad logarithmic ranges");
    ok(parse_range("-1,1", &r) && r.low == -1 && r.high == 1 && !parse_range("1,1", &r) &&
           !parse_range("1", &r) && !parse_range("0,inf", &r) && !parse_range("0,1,2", &r),
       "a range");
}

static void test_choices(void) {
    size_t a[100], b[100];
    bool same = true, distinct = true, seen[100] = {false};
    for (size_t i = 0; i < 100; i++) a[i] = b[i] = i;
    draw_choose(7, 3, a, 100, 40);
    draw_choose(7, 3, b, 100, 40);
    for (size_t i = 0; i < 40; i++) {
        same &= a[i] == b[i];
        distinct &= !seen[a[i]];
        seen[a[i]] = true;
    }
    ok(same && distinct, "a choice without replacement, repeatable");
    ClassCounts c = {0};
    Error err;
    int64_t label[] = {5, -2, 5, 9, 0, -2, 7};
    must(classes_add(&c, label, 7, &err));
    ok(c.n == 5 && c.id[0] == -2 && c.id[4] == 9 && classes_find(&c, 5) == 2 &&
           classes_find(&c, 6) == -1,
       "classes in order");
    classes_free(&c);
}

static void test_table(void) {
    bool good = true;
    for (const Metric *const *m = metrics; *m; m++) {
        good &= metric_find((*m)->name) == *m && ((*m)->inputs > 0) == (*(*m)->operands != 0);
        for (const MetricOption *o = (*m)->options; o->name; o++) good &= o->at < (*m)->size;
    }
    ok(good && !metric_find("none"), "the table of metrics");
}

int main(void) {
    cpu_start(0);
    if (!mkdtemp(dir)) return 1;
    for (size_t i = 0; i < sizeof linear_cases / sizeof *linear_cases; i++)
        test_linear(&linear_cases[i]);
    test_linear_closed();
    test_dense();
    test_cholesky();
    test_frechet();
    test_parzen();
    test_parzen_many();
    test_spectrum();
    test_rows();
    test_rows_nan();
    test_results();
    test_parsing();
    test_choices();
    test_table();
    unlink(at("u8")), unlink(at("f32")), unlink(at("nan"));
    rmdir(dir);
    return done();
}
