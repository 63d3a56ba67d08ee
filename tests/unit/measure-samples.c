/* Metrics of samples, features and logits against closed forms and against NumPy, SciPy and
 * scikit-learn: the constants marked golden are printed by tests/golden/measure-samples.py. */
#include "hash.h"
#include "maths/agreement.h"
#include "maths/assign.h"
#include "maths/dense.h"
#include "maths/embedding.h"
#include "maths/gaussians.h"
#include "maths/kmeans.h"
#include "measure/metrics/distances.h"
#include "measure/metrics/neighbours.h"
#include "metric-run.h"
#include "tap.h"
#include "tensor/cpu.h"

#include <omp.h>

static double *scaled_rows(size_t n, size_t d, uint32_t seed, double scale, double shift) {
    double *x = rows(n, d, seed);
    for (size_t i = 0; i < n * d; i++) x[i] = x[i] * scale + shift;
    return x;
}

static bool near(double a, double b) { return fabs(a - b) <= 1e-12 * (1 + fabs(b)); }

/* ---- kernel inception distance ---- */

static void test_kid(void) {
    double *x = rows(40, 6, 1), *y = scaled_rows(50, 6, 2, 0.5, 0.25), mean, std;
    Error err;
    int bad = kid_distance(x, 40, y, 50, 6, 15, 10, 3, &mean, &std, &err);
    const double golden[] = {0.5155143950740987, 0.23900687974547716};
    ok(!bad && near(mean, golden[0]) && near(std, golden[1]),
       "KID, 10 subsets of 15, as NumPy's: %.12g +- %.12g", mean, std);
    bad = kid_distance(x, 40, y, 40, 6, 40, 1, 0, &mean, &std, &err);
    double whole;
    bad = bad || mmd_squared(x, 40, y, 40, 6, KERNEL_CUBIC, NULL, 0, true, &whole, &err);
    ok(!bad && near(mean, whole) && std == 0,
       "one subset of everything is the distance of the sets");
    /* {0,1} and {2,2} in one dimension: within 1 and 125; across (1 + 1 + 27 + 27)/4 */
    double a[] = {0, 1}, b[] = {2, 2};
    bad = kid_distance(a, 2, b, 2, 1, 2, 3, 0, &mean, &std, &err);
    ok(!bad && near(mean, 1 + 125 - 28) && std == 0, "by hand: %g", mean);
    ok(kid_distance(a, 2, b, 2, 1, 3, 1, 0, &mean, &std, &err) < 0, "%s", err.text);
    double twice[2];
    for (int t = 0; t < 2; t++) {
        omp_set_num_threads(t + 1);
        bad = bad || kid_distance(x, 40, y, 50, 6, 30, 5, 1, &twice[t], &std, &err);
    }
    ok(!bad && twice[0] == twice[1], "the same bits with 1 and 2 threads");
    free(x), free(y);
}

/* ---- precision, recall, density, coverage ---- */

static void prdc_is(const Matrix *real, const Matrix *fake, size_t k, const double *want,
                    const char *what) {
    Prdc p = {0};
    Error err = {""};
    int bad = prdc_measure(real, fake, k, &p, &err);
    if (!ok(!bad && near(p.precision, want[0]) && near(p.recall, want[1]) &&
                near(p.density, want[2]) && near(p.coverage, want[3]),
            "precision, recall, density, coverage: %s", what))
        diag("%g %g %g %g %s", p.precision, p.recall, p.density, p.coverage, err.text);
}

static void test_prdc(void) {
    Matrix real = {.n = 300, .d = 3, .x = rows(300, 3, 3)};
    Matrix fake = {.n = 200, .d = 3, .x = scaled_rows(200, 3, 4, 0.75, 0.5)};
    for (int t = 1; t <= 2; t++) {
        omp_set_num_threads(t);
        prdc_is(&real, &fake, 3, (double[]){0.985, 0.52, 1.06, 0.46}, "k = 3 as SciPy's");
        prdc_is(&real, &fake, 5, (double[]){1, 0.6, 1.023, 0.5633333333333334}, "k = 5");
    }
    /* on a line 0 1 2 3 with k = 1 every radius is 1; fakes at 1.5, 9, 9.5 have 7.5, 0.5, 0.5 */
    double line[] = {0, 1, 2, 3}, few[] = {1.5, 9, 9.5};
    Matrix a = {.n = 4, .d = 1, .x = line}, b = {.n = 3, .d = 1, .x = few};
    prdc_is(&a, &b, 1, (double[]){1.0 / 3, 1, 2.0 / 3, 0.5}, "by hand");
    /* surfaces count: each row lies on the ball of either neighbour, besides in its own */
    prdc_is(&a, &a, 1, (double[]){1, 1, 10.0 / 4, 1}, "a set and itself");
    /* far from 0, where a distance by products has no digits left */
    double far_line[4];
    for (int i = 0; i < 4; i++) far_line[i] = line[i] * 0.1 + 1e7;
    Matrix far = {.n = 4, .d = 1, .x = far_line};
    prdc_is(&far, &far, 3, (double[]){1, 1, 16.0 / 12, 1}, "far from 0");
    double flat[] = {5, 5, 5, 5};
    Matrix constant = {.n = 4, .d = 1, .x = flat};
    prdc_is(&constant, &constant, 3, (double[]){1, 1, 4.0 / 3, 1}, "all rows equal");
    prdc_is(&a, &constant, 1, (double[]){0, 0, 0, 0}, "apart");
    Prdc p;
    Error err;
    ok(prdc_measure(&a, &b, 3, &p, &err) < 0, "%s", err.text);
    free(real.x), free(fake.x);
}

/* ---- assignment ---- */

static double cost(const void *context, size_t i, size_t j) {
    const double *const *table = context;
    return (*table)[i * 7 + j];
}

/* The least sum over all orders of what is left. */
static double least_sum(const double *table, size_t row, unsigned taken) {
    double best = row == 7 ? 0 : INFINITY;
    for (size_t j = 0; j < 7 && row < 7; j++)
        if (!(taken >> j & 1))
            best = fmin(best, table[row * 7 + j] + least_sum(table, row + 1, taken | 1u << j));
    return best;
}

static void test_assign(void) {
    bool good = true;
    for (uint32_t seed = 0; seed < 20; seed++) {
        double *table = rows(7, 7, seed), sum = 0;
        size_t of[8];
        Error err;
        good = good && !assign_least(7, cost, &table, of, &err);
        for (size_t j = 0; j < 7; j++) sum += table[of[j] * 7 + j];
        good = good && fabs(sum - least_sum(table, 0, 0)) < 1e-12;
        free(table);
    }
    ok(good, "assignments of 7 to 7 against all orders");
}

/* ---- clusters ---- */

static size_t largest(const double *x, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

static void test_clusters(void) {
    enum { N = 200, K = 5 };
    double *scores = rows(N, K, 20), *other = rows(N, 4, 21);
    int64_t truth[N];
    for (size_t i = 0; i < N; i++) {
        truth[i] = (int64_t)largest(other + 4 * i, 4);
        if (i < 120) scores[K * i + (size_t)truth[i] + 1] += 1.5;
    }
    write_stream(stream_path("clusters"), "logits", DT_F64, 2, (size_t[]){N, K}, scores, truth);
    char *lines = metric_lines("clusters", stream_path("clusters"), NULL, NULL);
    const char *name[] = {"clusters.nearest", "clusters.majority", "clusters.assigned",
                          "clusters.nmi", "clusters.ari"};
    const double golden[] = {0.465, 0.465, 0.41, 0.0905626288444645, 0.07285720897980524};
    for (int i = 0; i < 5; i++) {
        double v = metric_number(lines, name[i], 0);
        if (!ok(near(v, golden[i]), "%s as scikit-learn's: %.12g", name[i], v)) diag("%s", lines);
    }
    free(lines), free(scores), free(other);
    unlink(stream_path("clusters"));
}

/* As scikit-learn has it: 1 of one cluster and one class, and of samples that are all apart. */
static void test_agreement(void) {
    const int64_t same[] = {3, 3, 3}, apart[] = {-9, 4, 1 << 20}, pair[] = {0, 0, 1};
    Agreement a;
    Error err;
    must(agreement_measure(same, same, 3, &a, &err));
    ok(a.clusters == 1 && a.majority == 1 && a.nmi == 1 && a.ari == 1, "one cluster, one class");
    must(agreement_measure(apart, apart, 3, &a, &err));
    ok(a.clusters == 3 && a.assigned == 1 && near(a.nmi, 1) && a.ari == 1, "all apart");
    must(agreement_measure(same, apart, 3, &a, &err));
    ok(near(a.majority, 1.0 / 3) && a.nmi == 0 && a.ari == 0, "one cluster, three classes");
    must(agreement_measure(apart, pair, 3, &a, &err));
    ok(a.majority == 1 && near(a.assigned, 2.0 / 3), "a class may have one cluster only");
    must(agreement_measure(same, same, 1, &a, &err));
    ok(a.majority == 1 && a.nmi == 1 && a.ari == 1, "one sample");
}

/* ---- mixtures ---- */

enum { GROUPED = 240, PROBES = 50 };

/* Three groups apart, and rows near them. */
static void grouped_rows(double *x, double *test) {
    static const double centre[3][3] = {{0, 0, 0}, {4, 0, 1}, {0, 5, 3}};
    for (uint32_t i = 0; i < GROUPED; i++) {
        for (uint32_t j = 0; j < 3; j++) x[3 * i + j] = 0.5 * value(i, j, 30) + centre[i % 3][j];
        x[3 * i + 1] += 0.5 * x[3 * i];
    }
    for (uint32_t i = 0; i < 3 * PROBES; i++) test[i] = 0.9 * x[i] + 0.3 * value(i / 3, i % 3, 31);
}

static void test_kmeans(void) {
    double x[3 * GROUPED], test[3 * PROBES], centre[4 * 3], least = INFINITY;
    size_t cluster[GROUPED], again[GROUPED];
    Error err;
    bool nearest = true;
    grouped_rows(x, test);
    for (uint64_t seed = 0; seed < 20; seed++) {
        double sum = 0;
        must(kmeans(x, GROUPED, 3, 4, seed, 100, centre, cluster, &err));
        for (size_t i = 0; i < GROUPED; i++) {
            double d[4];
            for (size_t c = 0; c < 4; c++) d[c] = -squared_distance(x + 3 * i, centre + 3 * c, 3);
            nearest = nearest && cluster[i] == largest(d, 4);
            sum -= d[cluster[i]];
        }
        least = fmin(least, sum);
    }
    ok(nearest, "k-means: every row is with its nearest centre");
    ok(near(least, 216.47917844777118), "the best of 20 starts is scikit-learn's: %.12g", least);
    for (int t = 1; t <= 2; t++) {
        omp_set_num_threads(t);
        must(kmeans(x, GROUPED, 3, 4, 1, 100, centre, t == 1 ? cluster : again, &err));
    }
    ok(!memcmp(cluster, again, sizeof cluster), "the same with 1 and 2 threads");
    double same[] = {2, 2, 2, 2, 2, 2};
    must(kmeans(same, 6, 1, 3, 0, 100, centre, cluster, &err));
    ok(centre[0] == 2 && centre[2] == 2 && cluster[5] == 0, "rows that are all equal");
}

static int compare_rows(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void mixture_is(bool full, const double *golden, const double *mean) {
    double x[3 * GROUPED], test[3 * PROBES], joint[3 * PROBES], likelihood[PROBES], score = 0;
    double twice[2];
    Gaussians g;
    GaussiansFit fit;
    GaussiansWant want = {3, 1000, full, 2, 1e-12, 1e-6};
    Error err = {""};
    int bad = 0;
    grouped_rows(x, test);
    for (int t = 0; t < 2; t++) {
        omp_set_num_threads(t + 1);
        if (t) gaussians_free(&g);
        bad = bad || gaussians_fit(&g, &want, x, GROUPED, 3, &fit, &err);
        twice[t] = fit.likelihood;
    }
    bad = bad || gaussians_log(&g, test, PROBES, joint, likelihood, &err);
    for (size_t i = 0; i < PROBES; i++) score += likelihood[i] / PROBES;
    const char *kind = full ? "full" : "diagonal";
    ok(!bad && fit.converged && fabs(score - golden[0]) < 1e-6 &&
           fabs(fit.likelihood - golden[1]) < 1e-8,
       "a mixture, %s: log-likelihoods as scikit-learn's (%.9g %.9g)", kind, score, fit.likelihood);
    qsort(g.mean, 3, 3 * sizeof *g.mean, compare_rows);
    bool good = true;
    for (int i = 0; i < 9; i++) good = good && fabs(g.mean[i] - mean[i]) < 1e-6;
    ok(good, "and its means");
    ok(twice[0] == twice[1], "the same bits with 1 and 2 threads");
    gaussians_free(&g);
}

/* Two Gaussians given, at a row: the density written out. */
static void test_gaussians(void) {
    double weight[] = {0.25, 0.75}, mean[] = {0, 0, 1, 2}, joint[2], likelihood;
    double deviation[] = {1, 2, 0.5, 3}, factor[] = {2, 0, 0.5, 1, 1, 0, 0, 1};
    const double x[] = {1, -1};
    Error err;
    Gaussians g = {2, 2, false, weight, mean, deviation};
    must(gaussians_log(&g, x, 1, joint, &likelihood, &err));
    double a = 0.25 / (2 * M_PI * 2) * exp(-0.5 * (1 + 0.25)),
           b = 0.75 / (2 * M_PI * 1.5) * exp(-0.5);
    ok(near(joint[0], log(a)) && near(joint[1], log(b)) && near(likelihood, log(a + b)),
       "the density of two Gaussians");
    g = (Gaussians){2, 2, true, weight, mean, factor};
    must(gaussians_log(&g, x, 1, joint, &likelihood, &err));
    /* L L^T = (4 1; 1 1.25), of determinant 4: (1.25 + 2 + 4) / 4 */
    a = 0.25 / (2 * M_PI * 2) * exp(-0.5 * 7.25 / 4);
    ok(near(joint[0], log(a)), "with a covariance");
    enum { N = 20000 };
    double *out = malloc(2 * N * sizeof *out), m[3] = {0}, s[3] = {0};
    int64_t *from = malloc(N * sizeof *from);
    must(gaussians_draw(&g, 5, N, out, from, &err));
    size_t first = 0;
    for (size_t i = 0; i < N; i++) {
        if (from[i]) continue;
        first++;
        m[0] += out[2 * i], m[1] += out[2 * i + 1];
        s[0] += out[2 * i] * out[2 * i], s[1] += out[2 * i + 1] * out[2 * i + 1];
        s[2] += out[2 * i] * out[2 * i + 1];
    }
    double n = (double)first;
    ok(fabs(n / N - 0.25) < 0.01 && fabs(m[0] / n) < 0.1 && fabs(s[0] / n - 4) < 0.25 &&
           fabs(s[1] / n - 1.25) < 0.1 && fabs(s[2] / n - 1) < 0.1,
       "draws have the weights and covariances: %.3f %.2f %.2f %.2f", n / N, s[0] / n, s[1] / n,
       s[2] / n);
    free(out), free(from);
    double flat[] = {3, 3, 3, 3};
    GaussiansFit fit;
    int bad = gaussians_fit(&g, &(GaussiansWant){2, 10, true, 0, 0, 1e-2}, flat, 2, 2, &fit, &err);
    ok(!bad && g.weight[0] == 1 && g.weight[1] == 0 && near(fit.likelihood, -log(2 * M_PI * 1e-2)),
       "equal rows: one component, as wide as the floor; the other gets none");
    gaussians_free(&g);
    ok(gaussians_fit(&g, &(GaussiansWant){3, 10, false, 0, 0, 1e-2}, flat, 2, 2, &fit, &err) < 0,
       "%s", err.text);
}

static void test_mixture(void) {
    test_gaussians();
    mixture_is(false, (double[]){-3.930441303368618, -3.738610455203691},
               (double[]){-0.02402334397018339, -0.014160207009761228, -0.044628921904107256,
                          0.10429687502788287, 5.079492187359988, 2.910742187430292,
                          3.9614255810611203, 1.93432617047858, 1.008984362438911});
    mixture_is(true, (double[]){-3.9750667027170525, -3.6472911202696165},
               (double[]){-0.024023526184029084, -0.01416025416903909, -0.04462898996398861,
                          0.1042968749971127, 5.079492187439897, 2.9107421874713078,
                          3.961425335267005, 1.9343260083823406, 1.0089843173530524});
}

/* ---- t-SNE ---- */

enum { EMBEDDED = 60 };

static void test_similarities(double *p) {
    double *x = rows(EMBEDDED, 4, 40), sum = 0, most = 0;
    Error err;
    int bad = embedding_similarities(x, EMBEDDED, 4, 12, p, &err);
    bool symmetric = true;
    for (size_t i = 0; i < EMBEDDED * EMBEDDED; i++) {
        sum += p[i];
        most = fmax(most, p[i]);
        symmetric = symmetric && p[i] == p[i % EMBEDDED * EMBEDDED + i / EMBEDDED];
    }
    const double golden[] = {5.36821500796568e-06, 0.00025690053507822485, 6.428226812319254e-08,
                             0.006078677590427828};
    ok(!bad && fabs(p[1] / golden[0] - 1) < 1e-7 &&
           fabs(p[5 * EMBEDDED + 9] / golden[1] - 1) < 1e-7 &&
           fabs(p[59 * EMBEDDED + 3] / golden[2] - 1) < 1e-7 && fabs(most / golden[3] - 1) < 1e-7,
       "similarities as SciPy's root finder has them");
    ok(symmetric && near(sum, 1) && p[7 * EMBEDDED + 7] == 0, "symmetric, of sum 1, 0 to itself");
    for (size_t i = 0; i < EMBEDDED * 4; i++) x[i] = 3;
    double *flat = malloc(EMBEDDED * EMBEDDED * sizeof *flat);
    bad = embedding_similarities(x, EMBEDDED, 4, 12, flat, &err);
    ok(!bad && near(flat[1], 1.0 / (EMBEDDED * (EMBEDDED - 1))), "all alike when rows are equal");
    ok(embedding_similarities(x, 5, 4, 4, flat, &err) < 0, "%s", err.text);
    free(x), free(flat);
}

static void test_divergence(const double *p) {
    enum { N = EMBEDDED };
    double *y = rows(N, 2, 41), g[2 * N], kl, sum = 0, gap = 0;
    Error err;
    int bad = embedding_divergence(p, N, y, 3, g, &kl, &err);
    for (size_t i = 0; i < 2 * N; i++) sum += fabs(g[i]);
    const double golden[] = {1.8392919108310564, 0.03478902707419194, -0.03438760202946173,
                             -0.008074175425676577, 2.989307445764017};
    ok(!bad && fabs(kl - golden[0]) < 1e-8 && fabs(g[0] - golden[1]) < 1e-9 &&
           fabs(g[1] - golden[2]) < 1e-9 && fabs(g[60] - golden[3]) < 1e-9 &&
           fabs(sum - golden[4]) < 1e-7,
       "divergence and exaggerated gradient as NumPy's");
    must(embedding_divergence(p, N, y, 1, g, &kl, &err));
    for (size_t i = 0; i < 2 * N; i += 7) {
        double at = y[i], low, high, h = 1e-5;
        y[i] = at - h;
        must(embedding_divergence(p, N, y, 1, NULL, &low, &err));
        y[i] = at + h;
        must(embedding_divergence(p, N, y, 1, NULL, &high, &err));
        y[i] = at;
        gap = fmax(gap, fabs((high - low) / (2 * h) - g[i]));
    }
    ok(gap < 1e-9, "the gradient is the divergence's slope (gap %.1e)", gap);
    free(y);
}

static void test_embedding(void) {
    double *p = malloc(EMBEDDED * EMBEDDED * sizeof *p), *x = rows(EMBEDDED, 4, 40), kl;
    double y[2 * EMBEDDED], again[2 * EMBEDDED];
    Error err;
    test_similarities(p);
    test_divergence(p);
    EmbeddingWant want = {12, 40, 20, 4, 10, 7};
    for (int t = 1; t <= 2; t++) {
        omp_set_num_threads(t);
        must(embedding_find(&want, x, EMBEDDED, 4, t == 1 ? y : again, &kl, &err));
    }
    const double golden[] = {0.4520970213363267, -6.899489453924414, 0.01928395033106464,
                             1.6145180339770553};
    ok(fabs(kl - golden[0]) < 1e-4 && fabs(y[0] - golden[1]) < 1e-3 &&
           fabs(y[1] - golden[2]) < 1e-3 && fabs(y[80] - golden[3]) < 1e-3,
       "40 steps of descent as NumPy's: %.6f", kl);
    ok(!memcmp(y, again, sizeof y), "the same bits with 1 and 2 threads");
    want.rate = 1e300;
    ok(embedding_find(&want, x, EMBEDDED, 4, y, &kl, &err) < 0, "%s", err.text);
    free(p), free(x);
}

/* ---- bounds of the likelihood ---- */

static void test_likelihood(void) {
    double *w = rows(30, 7, 50);
    for (size_t i = 0; i < 30 * 7; i++) w[i] *= 40;
    write_stream(stream_path("weights"), "log_weight", DT_F64, 2, (size_t[]){30, 7}, w, NULL);
    char *lines = metric_lines("likelihood", stream_path("weights"), NULL, NULL);
    const char *name[] = {"likelihood.elbo", "likelihood.bound", "likelihood.ess"};
    const double golden[] = {-1.1904761904761907, 60.13946225863647, 1.0741820353912837};
    const char *error[] = {"error=3.46074202708888", "error=3.4668318942637",
                           "error=0.0427602964372"};
    for (int i = 0; i < 3; i++)
        if (!ok(near(metric_number(lines, name[i], 0), golden[i]) && strstr(lines, error[i]),
                "%s and its error as SciPy's", name[i]))
            diag("%s", lines);
    free(lines), free(w);
    unlink(stream_path("weights"));
}

int main(void) {
    cpu_start(0);
    if (!mkdtemp(stream_folder)) return 1;
    test_kid();
    test_prdc();
    test_assign();
    test_clusters();
    test_agreement();
    test_kmeans();
    test_mixture();
    test_embedding();
    test_likelihood();
    rmdir(stream_folder);
    return done();
}
