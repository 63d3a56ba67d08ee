/* The von Mises-Fisher distribution of S-VAEs: Bessel ratio and divergence on both sides of
 * wherever their method changes, against mpmath with 50 digits of the floats nearest to the
 * arguments; draws by Kolmogorov and Smirnov's test; the gradient in kappa by the score identity.
 */
#include "pages.h"

#include "maths/special.h"

/* log I_{m/2-1}(x), I_{m/2}(x)/I_{m/2-1}(x), the divergence from the uniform distribution and its
 * slope: power series of the divergence below x^2 = 0.0002 m, Hankel's expansion of I_nu above
 * max(30, 2 nu^2), continued fraction and power series between. */
static const struct {
    int m;
    double x, log, ratio, kl, slope;
} switches[] = {
    {2, 0.0199979991, 9.9977493e-5, 0.0099984997, 9.9972495e-5, 0.0099975002},
    {2, 0.020002, 0.0001000175, 0.0100005, 0.0001000125, 0.0099994997},
    {2, 29.9969997, 27.381752, 0.98318786, 2.1109343, 0.016961118},
    {2, 30.0030003, 27.387651, 0.98319125, 2.1110361, 0.016957664},
    {3, 0.0244924482, -2.0803866, 0.0081638229, 9.9974006e-5, 0.00816317},
    {3, 0.024497347, -2.0802866, 0.0081654556, 0.000100014, 0.0081648023},
    {3, 29.9969997, 27.377513, 0.96666333, 3.0942445, 0.033336667},
    {3, 30.0030003, 27.383413, 0.96667, 3.0944446, 0.03333},
    {4, 0.0282814428, -4.2585966, 0.0070701251, 9.9975003e-5, 0.0070696539},
    {4, 0.0282870997, -4.2583966, 0.0070715392, 0.000100015, 0.0070710677},
    {4, 29.9969997, 27.364797, 0.95042629, 3.8530907, 0.049127199},
    {4, 30.0030003, 27.3707, 0.95043611, 3.8533855, 0.049117559},
    {7, 0.0374128334, -11.148095, 0.0053445717, 9.9976676e-5, 0.0053443343},
    {7, 0.0374203138, -11.147595, 0.0053456403, 0.00010001666, 0.0053454027},
    {7, 29.9969997, 27.275839, 0.90343473, 5.3933948, 0.093010662},
    {7, 30.0030003, 27.28176, 0.90345333, 5.3939528, 0.092993525},
    {10, 0.0447168872, -18.380159, 0.0044716142, 9.9977501e-5, 0.0044714652},
    {10, 0.0447258316, -18.379359, 0.0044725086, 0.0001000175, 0.0044723595},
    {10, 29.9969997, 27.110879, 0.85900051, 6.3103057, 0.13175259},
    {10, 30.0030003, 27.116834, 0.85902686, 6.3110962, 0.13173002},
    {10, 31.9967995, 29.095299, 0.86727189, 6.5665271, 0.12462275},
    {10, 32.0032005, 29.10165, 0.86729682, 6.5673248, 0.12460113},
    {10, 49.9949989, 46.961063, 0.91320124, 8.3914815, 0.083532627},
    {10, 50.0050011, 46.970997, 0.91321795, 8.3923169, 0.083517246},
    {31, 0.0787322074, -73.442142, 0.0025397332, 9.9979099e-5, 0.0025397025},
    {31, 0.0787479505, -73.439242, 0.0025402411, 0.00010001909, 0.0025402103},
    {31, 29.9969997, 23.886966, 0.61380555, 7.2537218, 0.28124574},
    {31, 30.0030003, 23.89355, 0.61386181, 7.2554094, 0.28122598},
    {31, 420.457947, 416.26834, 0.96491979, 40.451806, 0.034483958},
    {31, 420.542053, 416.35239, 0.96492669, 40.454706, 0.0344773},
    {31, 480.451935, 476.22688, 0.96923511, 42.390004, 0.030308426},
    {31, 480.548065, 476.32295, 0.96924118, 42.392917, 0.030302546},
    {64, 0.113125771, -167.13659, 0.0017675848, 9.9979547e-5, 0.0017675741},
    {64, 0.113148399, -167.13039, 0.0017679384, 0.00010001955, 0.0017679277},
    {64, 29.9969997, 12.287037, 0.39662959, 5.4648928, 0.29035684},
    {64, 30.0030003, 12.295618, 0.39668767, 5.4666351, 0.29037211},
    {64, 1921.80774, 1916.8583, 0.98373931, 108.51142, 0.016130518},
    {64, 1922.19226, 1917.2427, 0.98374253, 108.51763, 0.016127343},
    {64, 2047.79517, 2042.8293, 0.9847322, 110.48082, 0.01515315},
    {64, 2048.20483, 2043.2389, 0.98473524, 110.48702, 0.015150165},
    {100, 0.141407207, -274.37932, 0.0014140693, 9.9979696e-5, 0.0014140638},
    {100, 0.141435504, -274.36952, 0.0014143523, 0.00010001971, 0.0014143467},
    {100, 29.9969997, -7.5557275, 0.27729514, 3.9975649, 0.23823405},
    {100, 30.0030003, -7.5442626, 0.27734279, 3.9989945, 0.23826246},
    {100, 4801.52002, 4796.1127, 0.98974284, 192.9851, 0.010205075},
    {100, 4802.47998, 4797.0726, 0.98974488, 192.99489, 0.010203056},
    {100, 4999.5, 4994.0824, 0.99014704, 194.96536, 0.0098049167},
    {100, 5000.5, 4995.0823, 0.990149, 194.97516, 0.0098029751},
    {200, 0.199980006, -587.09993, 0.00099989904, 9.9979858e-5, 0.00099989706},
    {200, 0.20002, -587.08013, 0.001000099, 0.00010001985, 0.001000097},
    {200, 29.9969997, -88.821931, 0.14678417, 2.1778786, 0.14064766},
    {200, 30.0030003, -88.801248, 0.1468123, 2.1787226, 0.14067231},
    {200, 19600.0391, 19593.928, 0.99493624, 457.55026, 0.0050510068},
    {200, 19603.9609, 19597.85, 0.99493725, 457.57006, 0.0050500014},
    {200, 19998, 19991.884, 0.99503676, 459.54033, 0.0049509892},
    {200, 20002, 19995.884, 0.99503775, 459.56013, 0.004950004},
};

static bool near(double found, double want, double relative) {
    bool good = fabs(found - want) <= relative * fabs(want);
    if (!good) diag("%.12g, not %.12g", found, want);
    return good;
}

static void check_switches(void) {
    int bad = 0;
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        double nu = switches[i].m * 0.5, x = switches[i].x;
        /* eight digits of the table; of the argument nine */
        bad += !near(special_bessel(BESSEL_LOG, nu - 1, 0, x), switches[i].log, 6e-8);
        bad += !near(special_bessel(BESSEL_RATIO, nu, 0, x), switches[i].ratio, 6e-8);
        bad += !near(special_bessel(BESSEL_KL, nu, 0, x), switches[i].kl, 6e-8);
        bad += !near(special_bessel(BESSEL_KL, nu, 1, x), switches[i].slope, 6e-8);
    }
    ok(!bad, "Bessel functions on both sides of every change of method");
    bad = 0;
    /* in every dimension: finite, the ratio below 1 and the divergence growing with kappa */
    for (int m = 2; m <= 200; m++) {
        double before = 0;
        for (double x = 1e-6; x < 1.1e5; x *= 1.5) {
            double r = special_bessel(BESSEL_RATIO, m * 0.5, 0, x);
            double d = special_bessel(BESSEL_KL, m * 0.5, 0, x);
            double slope = special_bessel(BESSEL_KL, m * 0.5, 1, x);
            bool good = r > 0 && r < 1 && d > before && slope > 0 && isfinite(d + slope);
            if (!good) diag("m %d, kappa %g: %g %g %g", m, x, r, d, slope);
            bad += !good;
            before = d;
        }
    }
    ok(!bad, "no gap and no step from 2 to 200 dimensions, from 1e-6 to 1e5");
}

/* ---- draws ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) times the largest difference of the distribution of x [n], sorted, and that of the n
 * values of the distribution function at them */
static double distance(const double *f, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, f[i] - (double)i / (double)n);
        most = fmax(most, ((double)i + 1) / (double)n - f[i]);
    }
    return most * sqrt((double)n);
}

enum { DRAWS = 8000, PLACES = 40000 };

/* The distribution function of angles to the mean at sorted angles, which become it: their density
 * is exp(kappa cos t) sin(t)^(m-2) on [0, pi]. */
static void angles_to_shares(double *angle, size_t n, int m, double kappa) {
    double end = fmin(M_PI, 14 * sqrt(m / (kappa + 1e-9))), step = end / PLACES, sum = 0;
    double *at = calloc(PLACES + 1, sizeof *at);
    double peak = -INFINITY, *log_density = calloc(PLACES + 1, sizeof *log_density);
    for (int i = 0; i <= PLACES; i++) {
        double t = i * step;
        log_density[i] = kappa * (cos(t) - 1) + (m == 2 ? 0 : (m - 2) * log(sin(t)));
        if (!(log_density[i] > -1e300)) log_density[i] = -1e300;
        peak = fmax(peak, log_density[i]);
    }
    for (int i = 1; i <= PLACES; i++) {
        sum += exp(log_density[i - 1] - peak) + exp(log_density[i] - peak);
        at[i] = sum;
    }
    for (size_t k = 0; k < n; k++) {
        double place = fmin(angle[k] / step, PLACES - 1e-9);
        int i = (int)place;
        angle[k] = (at[i] + (place - i) * (at[i + 1] - at[i])) / sum;
    }
    free(log_density);
    free(at);
}

/* Draws, [DRAWS,m]; NULL is told. */
static Result draws(int m, double kappa, const char *mu) {
    char page[200];
    Model model;
    Error err;
    snprintf(page, sizeof page, "let z = von_mises_fisher(%s, %g)[]\n", mu, kappa);
    if (!page_model(&model, page, DRAWS, NULL, &err)) diag("%s", err.text);
    Result r = page_value(&model, "z", NULL, 3);
    if (!r.v || r.count != (size_t)DRAWS * (size_t)m) diag("%s", r.err.text);
    model_free(&model);
    return r;
}

/* Of ten thousand such tests one is above 2.2. */
enum { MOST = 22 };

static void check_angles(int m, double kappa) {
    char mu[30];
    snprintf(mu, sizeof mu, "onehot(0, %d)", m);
    Result r = draws(m, kappa, mu);
    static double angle[DRAWS];
    for (int i = 0; i < DRAWS && r.v; i++) {
        const float *z = r.v + i * m;
        double chord = ((double)z[0] - 1) * ((double)z[0] - 1);
        for (int k = 1; k < m; k++) chord += (double)z[k] * (double)z[k];
        angle[i] = 2 * asin(fmin(sqrt(chord) / 2, 1));
    }
    free(r.v);
    qsort(angle, DRAWS, sizeof *angle, ascending);
    angles_to_shares(angle, DRAWS, m, kappa);
    double found = distance(angle, DRAWS);
    ok(found < MOST / 10., "angles of draws to the mean, m = %d, kappa %g", m, kappa);
    if (!(found < MOST / 10.)) diag("%g", found);
}

/* Around the mean no direction is another's better: on the sphere longitudes are uniform, and on
 * the circle both sides are equally likely. */
static void check_directions(void) {
    static double turn[DRAWS];
    Result r = draws(3, 5, "onehot(2, 3)");
    for (int i = 0; i < DRAWS && r.v; i++)
        turn[i] = atan2((double)r.v[3 * i + 1], (double)r.v[3 * i]) / (2 * M_PI) + 0.5;
    free(r.v);
    qsort(turn, DRAWS, sizeof *turn, ascending);
    ok(distance(turn, DRAWS) < MOST / 10., "directions around the mean are uniform");
    r = draws(2, 5, "onehot(0, 2)");
    int up = 0;
    for (int i = 0; i < DRAWS && r.v; i++) up += r.v[2 * i + 1] > 0;
    free(r.v);
    ok(abs(2 * up - DRAWS) < 4 * sqrt(DRAWS), "both sides of a circle are as likely");
}

static void check_draws(void) {
    static const int dimensions[] = {2, 3, 5, 20, 100, 200};
    static const double kappas[] = {1e-6, 1, 10, 300, 1e5};
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 5; k++) check_angles(dimensions[i], kappas[k]);
    check_directions();
}

/* ---- the gradient in kappa ---- */

static double f(double w) { return sin(3 * w) + w * w; }

/* d/dkappa E f(w) is the covariance of f and w. */
static double slope_wanted(int m, double kappa) {
    double sum = 0, fw = 0, mean_f = 0, mean_w = 0;
    for (int i = 0; i < PLACES; i++) {
        double t = M_PI * (i + 0.5) / PLACES, w = cos(t);
        double p = exp(kappa * (w - 1)) * pow(sin(t), m - 2);
        sum += p;
        mean_f += p * f(w);
        mean_w += p * w;
        fw += p * f(w) * w;
    }
    return fw / sum - mean_f / sum * mean_w / sum;
}

/* The mean of the gradients that samples have in kappas of their own, and its standard error */
static double slope_found(int m, double kappa, size_t n, const char *cost, double *error) {
    char page[500];
    Model model;
    Error err;
    snprintf(page, sizeof page,
             "let k = %g + step*uniform(0, 1)[]\n"
             "let mu = onehot(0, %d)\n"
             "let z = von_mises_fisher(mu, k)[]\n"
             "let w = z[0]\n"
             "let f = sin(3*w) + w^2\n"
             "let c = vmf_correction(z, mu, k)\n",
             kappa, m);
    if (!page_model(&model, page, n, NULL, &err)) diag("%s", err.text);
    char expr[100];
    snprintf(expr, sizeof expr, "grad(sum(%s), k)", cost);
    Result r = page_value(&model, expr, NULL, 6);
    double sum = 0, squares = 0, count = (double)n;
    if (!r.v) diag("%s", r.err.text);
    for (size_t i = 0; i < n && r.v; i++) sum += (double)r.v[i];
    for (size_t i = 0; i < n && r.v; i++) squares += pow((double)r.v[i] - sum / count, 2);
    free(r.v);
    model_free(&model);
    *error = sqrt(squares) / count;
    return r.v ? sum / count : NAN;
}

static void check_score(void) {
    static const struct {
        int m;
        double kappa;
    } cases[] = {{2, 1}, {2, 30}, {3, 4}, {4, 2}, {5, 10}, {10, 5}, {20, 60}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int m = cases[i].m;
        double kappa = cases[i].kappa, want = slope_wanted(m, kappa), error;
        double found = slope_found(m, kappa, 50000, "f + stop(f - 1)*c", &error);
        bool good = fabs(found - want) < 4.5 * error;
        ok(good, "path and correction are the gradient, m = %d, kappa %g", m, kappa);
        if (!good) diag("%g with error %g, not %g", found, error, want);
    }
    /* in five dimensions at 10 the path alone gives -0.00256 for -0.00157 */
    double error, path = slope_found(5, 10, 300000, "f", &error);
    ok(near(slope_wanted(5, 10), -0.00157, 0.005), "the gradient by quadrature");
    ok(fabs(path + 0.00256) < 4.5 * error && error < 2e-4, "the path alone is another");
    if (fabs(path + 0.00256) >= 4.5 * error) diag("%g with error %g", path, error);
}

int main(void) {
    cpu_start(1);
    check_switches();
    check_draws();
    check_score();
    return done();
}
