/* Special functions, draws by rejection and divergences, against values that mpmath has computed
 * with 50 digits of the floats nearest to the arguments: besseli, loggamma, psi, gammainc and its
 * derivatives, and divergences by quadrature of the densities. */
#include "pages.h"

#include <omp.h>

#include "graph/ops.h"
#include "maths/special.h"

static bool near(double found, double want, double relative) {
    bool good = fabs(found - want) <= relative * fabs(want) + 1e-37;
    if (!good) diag("%.9g, not %.9g", found, want);
    return good;
}

/* The first of the numbers that an expression of a page has. */
static double number(const char *page, const char *expr, size_t batch, unsigned draw) {
    Model m;
    Error err;
    double x = NAN;
    if (!page_model(&m, page, batch, NULL, &err)) diag("%s", err.text);
    Result r = page_value(&m, expr, NULL, draw);
    if (r.v) x = (double)r.v[0];
    if (!r.v) diag("%s: %s", expr, r.err.text);
    free(r.v);
    model_free(&m);
    return x;
}

/* ---- special functions ---- */

/* log I_{m/2-1}(x), I_{m/2}(x)/I_{m/2-1}(x), the divergence of the von Mises-Fisher distribution in
 * m dimensions from the uniform one, and its slope in x */
static const struct {
    int m;
    double x, log, ratio, kl, slope;
} bessel[] = {
    {2, 1e-06, 2.5e-13, 5.0e-7, 2.5e-13, 5.0e-7},
    {2, 0.001, 2.5000001e-7, 0.00049999996, 2.4999998e-7, 0.00049999984},
    {2, 1, 0.23591436, 0.44638997, 0.21047561, 0.35434603},
    {2, 10, 7.9429721, 0.94859983, 1.5430262, 0.052983876},
    {2, 100, 96.779733, 0.99498737, 2.7190046, 0.005025383},
    {2, 1000, 995.62731, 0.99949987, 3.872566, 0.00050025038},
    {2, 10000, 9994.4759, 0.99995, 5.0240837, 5.00025e-5},
    {2, 100000, 99993.325, 0.999995, 6.1753988, 5.000025e-6},
    {3, 1e-06, -7.1335466, 3.3333333e-7, 1.6666667e-13, 3.3333333e-7},
    {3, 0.001, -3.6796688, 0.00033333333, 1.6666667e-7, 0.00033333328},
    {3, 1, -0.064351991, 0.31303529, 0.15159592, 0.27593834},
    {3, 10, 7.9297689, 0.9, 1.9957323, 0.099999918},
    {3, 100, 96.778476, 0.99, 4.2983174, 0.01},
    {3, 1000, 995.62718, 0.999, 6.6009025, 0.001},
    {3, 10000, 9994.4759, 0.9999, 8.9034876, 0.0001},
    {3, 100000, 99993.325, 0.99999, 11.206073, 1.0e-5},
    {5, 1e-06, -22.047669, 2.0e-7, 9.9999999e-14, 2.0e-7},
    {5, 0.001, -11.686036, 0.0002, 1.0000001e-7, 0.00019999999},
    {5, 1, -1.2257914, 0.19452805, 0.095915761, 0.18404664},
    {5, 10, 7.8244084, 0.81111111, 2.4161767, 0.17654331},
    {5, 100, 96.768426, 0.98010101, 6.8250266, 0.019796959},
    {5, 1000, 995.62618, 0.998001, 11.412047, 0.001997997},
    {5, 10000, 9994.4758, 0.99980001, 16.015416, 0.00019998},
    {5, 100000, 99993.325, 0.99998, 20.620406, 1.99998e-5},
    {10, 1e-06, -61.212685, 1.0e-7, 5.0e-14, 1.0e-7},
    {10, 0.001, -33.581663, 0.0001, 5.0000004e-8, 0.0001},
    {10, 1, -5.9008489, 0.099178382, 0.049384755, 0.097558207},
    {10, 10, 7.1119121, 0.63366839, 2.4844696, 0.28162817},
    {10, 100, 96.699339, 0.95579517, 11.350216, 0.043402194},
    {10, 1000, 995.6193, 0.99550788, 21.568957, 0.0044842265},
    {10, 10000, 9994.4751, 0.99955008, 31.916403, 0.00044984248},
    {10, 100000, 99993.325, 0.999955, 42.276618, 4.4998425e-5},
    {20, 1e-06, -143.37975, 5.0e-8, 2.5e-14, 5.0e-8},
    {20, 0.001, -81.209949, 5.0000002e-5, 2.5000002e-8, 5.0000002e-5},
    {20, 1, -19.01518, 0.049886835, 0.024915165, 0.049661442},
    {20, 10, 3.9573652, 0.41842512, 1.9099997, 0.29912695},
    {20, 100, 96.372967, 0.90907004, 16.940417, 0.086835479},
    {20, 1000, 995.58679, 0.99054041, 38.083271, 0.0094191319},
    {20, 10000, 9994.4719, 0.9990504, 59.885096, 0.00094919238},
    {20, 100000, 99993.324, 0.999905, 81.752386, 9.4991925e-5},
    {40, 1e-06, -315.00438, 2.5e-8, 1.25e-14, 2.5e-8},
    {40, 0.001, -183.75703, 2.5000001e-5, 1.2500001e-8, 2.5000001e-5},
    {40, 1, -52.497184, 0.024985136, 0.012488853, 0.024955442},
    {40, 10, -7.5452071, 0.2366081, 1.1507242, 0.21245035},
    {40, 100, 94.971144, 0.82305433, 22.322841, 0.15903866},
    {40, 1000, 995.44672, 0.98068054, 63.971485, 0.019138773},
    {40, 10000, 9994.4579, 0.9980518, 108.54697, 0.001946392},
    {40, 100000, 99993.323, 0.99980502, 153.41491, 0.00019496392},
    {100, 1e-06, -855.48997, 1.0e-8, 5.0e-15, 1.0e-8},
    {100, 0.001, -517.00996, 1.0e-5, 5.0000005e-9, 1.0e-5},
    {100, 1, -178.52496, 0.0099990198, 0.0049992649, 0.0099970598},
    {100, 10, -65.205706, 0.099038027, 0.49280037, 0.097150069},
    {100, 100, 84.94498, 0.61956561, 24.134965, 0.27684917},
    {100, 1000, 994.42645, 0.95170085, 117.22446, 0.047098533},
    {100, 10000, 9994.3558, 0.995062, 229.04092, 0.0049259892},
    {100, 100000, 99993.313, 0.99950512, 342.8028, 0.00049475992},
    {200, 1e-06, -1795.4913, 5.0e-9, 2.5e-15, 5.0e-9},
    {200, 0.001, -1111.6235, 5.0000002e-6, 2.5000002e-9, 5.0000002e-6},
    {200, 1, -427.75328, 0.0049998762, 0.0024999072, 0.0049996287},
    {200, 10, -199.55016, 0.049876841, 0.24907681, 0.049631721},
    {200, 100, 50.769672, 0.41464179, 18.850579, 0.29350161},
    {200, 1000, 990.72836, 0.90539329, 170.77692, 0.089732434},
    {200, 10000, 9993.9858, 0.99009901, 391.07216, 0.0098519826},
    {200, 100000, 99993.276, 0.99900549, 619.29725, 0.00099401991},
};

static void check_bessel(void) {
    int bad = 0;
    for (size_t i = 0; i < sizeof bessel / sizeof *bessel; i++) {
        char page[200], expr[200];
        snprintf(
            page, sizeof page,
            "let x = step + %.17g\nlet d = kl(von_mises_fisher(onehot(0, %d), x), sphere(%d))\n",
            bessel[i].x, bessel[i].m, bessel[i].m);
        snprintf(expr, sizeof expr, "log_bessel(%g, x)", bessel[i].m * 0.5 - 1);
        bad += !near(number(page, expr, 1, 0), bessel[i].log, 2e-7);
        snprintf(expr, sizeof expr, "bessel_ratio(%g, x)", bessel[i].m * 0.5);
        bad += !near(number(page, expr, 1, 0), bessel[i].ratio, 2e-7);
        bad += !near(number(page, "d", 1, 0), bessel[i].kl, 2e-7);
        bad += !near(number(page, "grad(d, x)", 1, 0), bessel[i].slope, 2e-7);
    }
    ok(!bad, "Bessel functions in 2 to 200 dimensions, from 1e-6 to 1e5");
}

/* Derivatives, each against differences of that below it. */
static void check_bessel_derivatives(void) {
    static const BesselKind kinds[] = {BESSEL_LOG, BESSEL_LOG_SCALED, BESSEL_RATIO, BESSEL_KL};
    int bad = 0;
    for (int k = 0; k < 4; k++)
        for (double nu = 1; nu < 101; nu *= 4.5)
            for (double x = 0.01; x < 9000; x *= 7)
                for (int order = 1; order < BESSEL_ORDERS; order++) {
                    double h = 1e-5 * x, high = special_bessel(kinds[k], nu, order - 1, x + h);
                    double low = special_bessel(kinds[k], nu, order - 1, x - h);
                    double want = (high - low) / (2 * h);
                    double lost =
                        1e-16 * (fabs(high) + nu * log(nu + 1)) / h; /* by the difference */
                    double far = fabs(special_bessel(kinds[k], nu, order, x) - want);
                    if (order > 3 && x > 1000) continue; /* below what is left of 1 */
                    if (far < 1e-5 * fabs(want) + 1000 * lost) continue;
                    bad++;
                    diag("kind %d nu %g order %d at %g: off by %g of %g", k, nu, order, x, far,
                         want);
                }
    ok(!bad, "derivatives of Bessel functions up to the seventh");
    ok(near(number("let x = step + 7\nlet d = grad(bessel_ratio(5, x), x)\n", "grad(d, x)", 1, 0),
            special_bessel(BESSEL_RATIO, 5, 2, 7), 1e-6),
       "the second in a page");
    ok(near(number("let x = step + 7\n", "log_bessel(3, x, scaled=1) + x - log_bessel(3, x) + 1", 1,
                   0),
            1, 1e-6),
       "scaled is less by x");
    ok(isnan(special_bessel(BESSEL_RATIO, 1, 0, -1)), "none below 0");
}

/* log gamma, digamma and the next two derivatives */
static const struct {
    double x, value[4];
} gammas[] = {
    {1e-06, {13.81551, -1000000.6, 1.0e+12, -2.0e+18}},
    {0.001, {6.9071788, -1000.5755, 1000001.5, -1.9999997e+9}},
    {0.5, {0.57236494, -1.96351, 4.9348022, -16.828797}},
    {1, {0.0, -0.57721566, 1.6449341, -2.4041138}},
    {1.5, {-0.12078224, 0.036489974, 0.9348022, -0.82879664}},
    {2, {0.0, 0.42278434, 0.64493407, -0.40411381}},
    {10, {12.801827, 2.2517526, 0.10516634, -0.011049835}},
    {1000, {5905.2204, 6.9072552, 0.0010005002, -1.0010005e-6}},
    {100000, {1051287.7, 11.51292, 1.000005e-5, -1.00001e-10}},
};

static void check_gamma(void) {
    int bad = 0;
    for (size_t i = 0; i < sizeof gammas / sizeof *gammas; i++) {
        static const char *const exprs[] = {"lgamma(x)", "digamma(x)", "grad(digamma(x), x)",
                                            "grad(d, x)"};
        char page[100];
        snprintf(page, sizeof page, "let x = step + %.17g\nlet d = grad(digamma(x), x)\n",
                 gammas[i].x);
        for (int k = 0; k < 4; k++)
            bad += !near(number(page, exprs[k], 1, 0), gammas[i].value[k], 2e-7);
    }
    ok(!bad, "lgamma, digamma and derivatives");
    ok(isnan(number("let x = step - 1\n", "digamma(x)", 1, 0)), "digamma below 0");
}

/* ---- draws ---- */

/* shape a, log y of a gamma variable, dy/da as it moves with its distribution, and that in a */
static const struct {
    double a, y, slope, next;
} slopes[] = {
    {0.05, -11.940004, 228.84472, -4546.2487},
    {0.05, -2.9957323, 53.336838, -1038.7491},
    {0.05, 1.4764037, 4.2672802, -76.664352},
    {0.5, -3.5215743, 7.2847728, -12.793769},
    {0.5, -0.69314718, 2.6747052, -4.0419448},
    {0.5, 0.72106638, 1.2345077, -1.6096184},
    {1, -2.0, 2.6308746, -2.0659045},
    {1, 0.0, 1.173563, -0.76878226},
    {1, 2.0, 0.36511426, -0.17696165},
    {3, -0.05608825, 0.59201602, -0.12814364},
    {3, 1.0986123, 0.35234232, -0.06529441},
    {3, 2.2533128, 0.18695996, -0.028489863},
    {30, 3.036049, 0.040009336, -0.00071487932},
    {30, 3.4011974, 0.033519124, -0.00056487529},
    {30, 3.7663458, 0.027770413, -0.00043974928},
    {1000, 6.8445097, 0.0010321281, -5.2167621e-7},
    {1000, 6.9077553, 0.0010001667, -5.0025004e-7},
    {1000, 6.9710008, 0.000968872, -4.7949073e-7},
    {20000, 9.8893454, 5.0354807e-5, -1.2618583e-9},
    {20000, 9.9034876, 5.0000415e-5, -1.2500312e-9},
    {20000, 9.9176297, 4.9647693e-5, -1.2382875e-9},
};

static void check_slopes(void) {
    int bad = 0;
    for (size_t i = 0; i < sizeof slopes / sizeof *slopes; i++) {
        bad += !near(special_gamma_slope(slopes[i].a, slopes[i].y, 0), slopes[i].slope, 1e-6);
        bad += !near(special_gamma_slope(slopes[i].a, slopes[i].y, 1), slopes[i].next, 1e-4);
    }
    ok(!bad, "gradients of gamma draws");
    /* E x = a and E x^2 = a^2 + a */
    static const double shape[] = {0.3, 1, 4, 200};
    for (int i = 0; i < 4; i++) {
        char page[120];
        snprintf(page, sizeof page, "let a = step + %g\nlet x = gamma(a)[8]\n", shape[i]);
        double one = number(page, "grad(mean(x), a)", 4000, 1);
        double two = number(page, "grad(mean(x^2), a)", 4000, 1);
        ok(near(one, 1, 0.04) && near(two, 2 * shape[i] + 1, 0.08),
           "gamma(%g): gradients of moments", shape[i]);
        /* of second order: E x^3 = a (a+1) (a+2), whose curvature is 6a + 6 */
        double curve = number(page, "grad(sum(grad(mean(x^3), a)), a)", 4000, 1);
        ok(near(curve, 6 * shape[i] + 6, 0.15), "gamma(%g): curvature of a moment", shape[i]);
    }
    double d = number("let a = step + 2\nlet x = beta(a, 3)[8]\n", "grad(mean(x), a)", 20000, 0);
    ok(near(d, 3. / 25, 0.03), "beta: gradient of the mean");
    d = number("let a = step + 2\nlet x = dirichlet(stack([a, 3 + 0*a, 5 + 0*a]))[]\n",
               "grad(mean(x[0]), a)", 100000, 0);
    ok(near(d, 8. / 100, 0.03), "dirichlet: gradient of the mean");
}

/* Cosines w to the mean and lengths of draws. */
static void check_sphere(int m, double kappa, const char *mu) {
    enum { N = 8000 };
    char page[300];
    double r = special_bessel(BESSEL_RATIO, m / 2., 0, kappa), square = 1 - (m - 1) * r / kappa;
    double error = sqrt((square - r * r) / N);
    snprintf(page, sizeof page,
             "let mu = %s\nlet z = von_mises_fisher(mu, %g)[]\nlet w = dot(z, mu)\n", mu, kappa);
    double mean = number(page, "mean(1 - w)", N, 5), two = number(page, "mean(1 - w^2)", N, 5);
    double off = number(page, "max(abs(norm(z) - 1))", N, 5);
    bool good = fabs(mean - (1 - r)) < 5 * error + 1e-6 && off < 1e-6;
    good = good && fabs(two - (1 - square)) < 10 * error + 1e-6;
    ok(good, "von Mises-Fisher, m = %d, kappa %g, mu %s", m, kappa, mu);
    if (!good)
        diag("1 - w: %g, not %g; 1 - w^2: %g, not %g; length off by %g", mean, 1 - r, two,
             1 - square, off);
}

static void check_spheres(void) {
    static const int dimensions[] = {2, 3, 5, 20, 100};
    static const double kappas[] = {1e-6, 1, 10, 1000, 1e5};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) {
            char mu[60];
            snprintf(mu, sizeof mu, "%sonehot(%d, %d)", k % 2 ? "-1*" : "", (i + k) % 2,
                     dimensions[i]);
            check_sphere(dimensions[i], kappas[k], mu);
        }
    check_sphere(3, 7, "stack([0.48, -0.6, 0.64])");
}

/* The mean number of trials of a draw, which is largest on the circle and of large concentrations:
 * 1.52. */
static void check_trials(void) {
    enum { N = 20000, APART = 1 << 14 };
    static const double dimensions[] = {2, 3, 4, 5, 10, 20, 100, 1000};
    static const double kappas[] = {0, 1e-6, 0.1, 1, 3, 10, 100, 1e3, 1e5};
    double most = 0, plain = 0;
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
        for (size_t k = 0; k < sizeof kappas / sizeof *kappas; k++) {
            size_t sum = 0;
            for (uint64_t j = 0; j < N; j++) {
                int trials;
                depth_draw((RngKey){1, (uint32_t)i, k}, j * APART, dimensions[i], kappas[k],
                           &trials);
                sum += (size_t)trials;
            }
            double mean = (double)sum / N;
            most = fmax(most, mean);
            if (kappas[k] <= 0.1) plain = fmax(plain, mean);
        }
    bool good = most > 1.45 && most <= 1.55 && plain >= 1 && plain < 1.01;
    ok(good, "von Mises-Fisher: few trials a draw");
    if (!good) diag("%g at most, %g where all directions are nearly alike", most, plain);
}

/* d/dkappa of E f(w) for f = sin 3w + w^2 on the circle, kappa 1 (by quadrature: 0.303; the path
 * alone gives 0.188), and in 5 dimensions, kappa 10 */
static void check_correction(void) {
    static const char page[] = "let k = step + 1\n"
                               "let mu = onehot(0, 2)\n"
                               "let z = von_mises_fisher(mu, k)[]\n"
                               "let w = dot(z, mu)\n"
                               "let f = sin(3*w) + w^2\n"
                               "let c = vmf_correction(z, mu, k)\n";
    double path = number(page, "grad(mean(f), k)", 200000, 2);
    double full = number(page, "grad(mean(f + stop(f)*c), k)", 200000, 2);
    ok(fabs(path - 0.188) < 0.005, "the gradient of the path");
    ok(fabs(full - 0.303) < 0.005, "the gradient of the path, corrected");
    if (fabs(path - 0.188) >= 0.005 || fabs(full - 0.303) >= 0.005) diag("%g %g", path, full);
    ok(number(page, "max(abs(c))", 100, 2) == 0, "the correction is 0");
    /* the same draws with another kappa: what the path is the slope of */
    static const char moved[] = "let mu = stack([0.6, 0, 0.8])\n"
                                "let k = step + %g\n"
                                "let z = von_mises_fisher(mu, k)[]\n";
    char low[200], high[200], here[200];
    snprintf(here, sizeof here, moved, 10.), snprintf(low, sizeof low, moved, 9.99);
    snprintf(high, sizeof high, moved, 10.01);
    double slope = number(here, "grad(z[1] + z[2]^3, k)", 1, 0);
    double want = (number(high, "z[1] + z[2]^3", 1, 0) - number(low, "z[1] + z[2]^3", 1, 0)) / 0.02;
    ok(fabs(slope - want) < 2e-4, "the slope of a draw in kappa");
    if (fabs(slope - want) >= 2e-4) diag("%g, not %g", slope, want);
}

/* z' reflected by mu is differentiable in mu, as it stands. */
static void check_mean(void) {
    static const char page[] = "let a = step + %g\n"
                               "let mu = stack([0.6, a, 0.3])\n"
                               "let z = von_mises_fisher(mu, 4)[]\n";
    char low[200], high[200], here[200];
    snprintf(here, sizeof here, page, 0.7), snprintf(low, sizeof low, page, 0.69);
    snprintf(high, sizeof high, page, 0.71);
    double slope = number(here, "grad(z[0] + z[1]^2 + z[2]^3, a)", 1, 0);
    double want = (number(high, "z[0] + z[1]^2 + z[2]^3", 1, 0) -
                   number(low, "z[0] + z[1]^2 + z[2]^3", 1, 0)) /
                  0.02;
    ok(near(slope, want, 1e-3), "the slope of a draw in mu");
}

/* Bits do not depend on threads, and those of a sample not on the minibatch. */
static void check_bits(void) {
    static const char *const exprs[] = {"gamma(0.7)[30]",
                                        "beta(2, 0.5)[30]",
                                        "dirichlet(stack([0.2, 1, 3]))[4]",
                                        "von_mises_fisher(onehot(1, 3), 9)[9]",
                                        "sphere(4)[5]",
                                        "categorical(stack([0.2, 0.3, 0.5]))[5]",
                                        "bessel_ratio(2, gamma(3)[30])",
                                        "grad(sum(gamma(a)[30]), a)"};
    for (size_t i = 0; i < sizeof exprs / sizeof *exprs; i++) {
        Model m;
        Error err;
        Result r[3];
        for (int k = 0; k < 3; k++) {
            page_model(&m, "let a = step + 2 + 0*normal()[30]\n", k == 2 ? 10 : 40, NULL, &err);
            omp_set_num_threads(k % 2 + 1);
            r[k] = page_value(&m, exprs[i], NULL, 3);
            omp_set_num_threads(1);
            model_free(&m);
        }
        bool good = r[0].v && r[1].v && r[2].v;
        ok(good && !memcmp(r[0].v, r[1].v, r[0].count * sizeof(float)), "%s: threads", exprs[i]);
        ok(good && !memcmp(r[0].v, r[2].v, r[2].count * sizeof(float)), "%s: minibatches",
           exprs[i]);
        if (!good) diag("%s", r[0].err.text);
        for (int k = 0; k < 3; k++) free(r[k].v);
    }
}

/* kappa is one number for each mu, with or without an axis of its own. */
static void check_shapes(void) {
    static const char *const rows[][2] = {
        {"von_mises_fisher(onehot(1, 3), exp(v))[]", "N[5,3]"},
        {"von_mises_fisher(m, exp(v))[]", "N[5,3]"},
        {"von_mises_fisher(m, exp(v[0]))[]", "N[5,3]"},
        {"von_mises_fisher(m, exp(v[0]))[7]", "N[5,7,3]"},
        {"von_mises_fisher(m, 3)[7, 2]", "N[5,7,2,3]"},
        {"kl(von_mises_fisher(m, exp(v)), sphere(3))", "N[5]"},
        {"kl(von_mises_fisher(m, exp(v[0])), sphere(3))", "N[5]"},
        {"kl(normal(m, 1), normal())", "N[5]"},
        {"dirichlet(exp(m))[]", "N[5,3]"},
        {"gamma(exp(m))[3]", "N[5,3]"},
        {"beta(exp(v[0]), 2)[4]", "N[5,4]"},
        {"once(gamma(2))", "[]"},
    };
    Model m;
    Error err;
    page_model(&m, "data v: v[1]\nlet m = 0*v + onehot(2, 3)\n", 5, NULL, &err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[240] = "";
        Result r = page_value(&m, rows[i][0], NULL, 0);
        ok(r.v && !strcmp(result_shape(&r, text, sizeof text), rows[i][1]), "%s: %s", rows[i][0],
           rows[i][1]);
        if (!r.v || strcmp(text, rows[i][1])) diag("%s", r.v ? text : r.err.text);
        free(r.v);
    }
    model_free(&m);
}

/* ---- divergences ---- */

static const struct {
    const char *expr;
    double want;
} divergences[] = {
    {"kl(normal(1, 2), normal())", 1.3068528},
    {"kl(normal(-0.5, 0.3), normal(1, 2))", 1.68962},
    {"kl(normal(v, exp(v)), normal())", 0},
    {"kl(bernoulli(0.2), bernoulli(0.5))", 0.19274476},
    {"kl(bernoulli(1), bernoulli(0.5))", 0.69314718},
    {"kl(categorical(stack([0.5, 0.25, 0.25])), categorical(3))", 0.058891518},
    {"kl(categorical(stack([0, 1])), categorical(stack([0.25, 0.75])))", 0.28768207},
    {"kl(exponential(2), exponential(0.5))", 0.63629436},
    {"kl(gamma(2.5, 2), gamma(1.5, 0.5))", 0.50213307},
    {"kl(beta(2, 3), beta(1.5, 4))", 0.23973658},
    {"kl(dirichlet(stack([2, 3, 4])), dirichlet(stack([3, 2, 2])))", 0.9645446},
    {"kl(von_mises_fisher(e, 3), von_mises_fisher(stack([cos(0.5), sin(0.5)]), 5))", 0.59518519},
    {"kl(von_mises_fisher(e, 3), von_mises_fisher(e, 3))", 0},
    {"kl(von_mises_fisher(e, 10), sphere(2))", 1.5430262},
};

static const struct {
    const char *expr, *message;
} refused[] = {
    {"kl(normal(), gamma(1))", "kl: the divergence of normal from gamma is not known"},
    {"kl(1, normal())", "kl: expected a distribution, found a number"},
    {"kl(von_mises_fisher(e, 3), sphere(3))", "kl: spheres in 2 and 3 dimensions"},
    {"log_bessel(-1, v)", "nu: expected a number from 0 and at most 10000, found -1"},
    {"bessel_ratio(0, v)", "nu: expected a number above 0 and at most 10000, found 0"},
    {"gamma(0)[]", "a parameter of the distribution must be above 0, found 0"},
    {"gamma(v)[]", "a parameter [5,3] of the distribution does not fit draws [5]"},
    {"von_mises_fisher(e, -1)[]", "a parameter of the distribution must be at least 0, found -1"},
    {"von_mises_fisher(2, 1)[]",
     "the distribution takes a vector of 2 numbers or more for each draw"},
    {"von_mises_fisher(v, v)[]", "a parameter [5,3] of the distribution does not fit draws [5,1]"},
    {"sphere(1)[]", "sphere: the dimension must be at least 2, found 1"},
    {"dirichlet(2)[]", "the distribution takes a vector of 2 numbers or more for each draw"},
};

static void check_divergences(void) {
    Model m;
    Error err;
    page_model(&m, "data v: v[3]\nlet e = onehot(0, 2) + 0*step\n", 5, NULL, &err);
    for (size_t i = 0; i < sizeof divergences / sizeof *divergences; i++) {
        Result r = page_value(&m, divergences[i].expr, NULL, 0);
        double want = divergences[i].want;
        if (strstr(divergences[i].expr, "(v,")) /* of the first sample */
            for (size_t k = 0; k < 3; k++) {
                double v = (double)page_datum(0, k);
                want += 0.5 * (exp(2 * v) + v * v - 1 - 2 * v);
            }
        ok(r.v && fabs((double)r.v[0] - want) < 1e-6 + 1e-6 * want, "%s", divergences[i].expr);
        if (!r.v)
            diag("%s", r.err.text);
        else if (fabs((double)r.v[0] - want) >= 1e-6 + 1e-6 * want)
            diag("%.8g, not %.8g", (double)r.v[0], want);
        free(r.v);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        Result r = page_value(&m, refused[i].expr, NULL, 0);
        ok(!r.v && strstr(r.err.text, refused[i].message), "%s is refused", refused[i].expr);
        if (r.v || !strstr(r.err.text, refused[i].message))
            diag("%s", r.v ? "it is not" : r.err.text);
        free(r.v);
    }
    model_free(&m);
}

/* A function that is new in the table wants a test above. */
static void check_complete(void) {
    static const char *const tested[] = {"kl",      "vmf_correction", "lgamma",
                                         "digamma", "log_bessel",     "bessel_ratio"};
    const Builtin *f;
    int count = 0;
    for (; (f = builtin_get(BUILTIN_PROBABILITY, count)); count++) {
        bool seen = false;
        for (size_t i = 0; i < sizeof tested / sizeof *tested; i++)
            seen |= !strcmp(tested[i], f->name);
        ok(seen, "%s is tested here", f->name);
    }
}

int main(void) {
    cpu_start(1);
    check_bessel();
    check_bessel_derivatives();
    check_gamma();
    check_slopes();
    check_spheres();
    check_trials();
    check_correction();
    check_mean();
    check_bits();
    check_shapes();
    check_divergences();
    check_complete();
    return done();
}
