#include "maths/special.h"

#include <math.h>
#include <stdbool.h>

#include "maths/jet.h"

/* ---- gamma ---- */

/* sum_k (x+k)^-(n+1) up to where the asymptotic series holds (Abramowitz & Stegun 6.4.10-11). */
double special_polygamma(int order, double x) {
    static const double bernoulli[] = {1. / 6,  -1. / 30,     1. / 42, -1. / 30,
                                       5. / 66, -691. / 2730, 7. / 6,  -3617. / 510};
    enum { TERMS = sizeof bernoulli / sizeof *bernoulli };
    int sign, n = order;
    if (!(x > 0)) return x == 0 && n < 0 ? INFINITY : NAN;
    if (n < 0) return lgamma_r(x, &sign);
    if (isinf(x)) return n ? 0 : x;
    double sum = 0, factorial = 1, y = x;
    for (; y < 14 + n; y++) sum += pow(y, -n - 1);
    for (int k = 2; k <= n; k++) factorial *= k;
    /* the rest of zeta(n+1, x), but for n = 0 its limit, -log y instead of y^-n / n */
    double term = pow(y, -n - 1), rising = (n + 1) / (2 * y);
    sum += 0.5 * term + (n ? y * term / n : -log(y));
    for (int k = 0; k < TERMS; k++) {
        sum += bernoulli[k] * rising * term;
        rising *= (n + 2 * k + 2) * (n + 2 * k + 3.) / ((2 * k + 3) * (2 * k + 4.) * y * y);
    }
    return (n % 2 ? 1 : -1) * factorial * sum;
}

/* With P the distribution function, p the density and S = sum_n x^n / ((a+1) .. (a+n)),
 *     P = x^a e^-x S / Gamma(a+1),  dy/da = -P_a / (x p) = -(S (y - digamma(a+1)) + S_a) / a.
 * S and its derivatives lose what the density is smaller by, so nothing for what is drawn. From
 * shapes of 1e5 on the Cornish-Fisher expansion is as good. */
double special_gamma_slope(double a, double y, int order) {
    enum { LARGE = 100000, STEPS_MAX = 1000000 };
    double x = exp(y);
    if (!(a > 0) || !(x < INFINITY)) return NAN;
    if (a > LARGE) {
        double d = 0.5 / a;
        for (int k = 1; k <= order; k++) d *= -k / a;
        return d + (order ? 0 : 0.5 / x);
    }
    Jet t = jet_constant(order + 2, 1), s = t, slope = {.count = order + 1}, rise = slope;
    bool more = true;
    for (int n = 1; more && n < STEPS_MAX; n++) {
        t = jet_over(t, a + n);
        more = n < x;
        for (int k = 0; k < t.count; k++) {
            t.c[k] *= x;
            s.c[k] += t.c[k];
            more |= fabs(t.c[k]) > 1e-17 * fabs(s.c[k]);
        }
    }
    for (int k = 0; k <= order; k++) {
        double digamma = special_polygamma(k, a + 1);
        for (int i = 2; i <= k; i++) digamma /= i;
        slope.c[k] = (k ? 0 : y) - digamma;
        rise.c[k] = (k + 1) * s.c[k + 1];
    }
    s.count = order + 1;
    slope = jet_mul(s, slope);
    for (int k = 0; k <= order; k++) slope.c[k] = -slope.c[k] - rise.c[k];
    slope = jet_over(slope, a);
    return jet_derivative(&slope, order);
}

/* ---- modified Bessel functions ---- */

/* From here on Hankel's expansion is exact. */
static double far_from(double nu) { return fmax(30, 2 * nu * nu); }

/* I_nu(x) sqrt(2 pi x) e^-x = sum_j (-1)^j prod_{i<=j} (4 nu^2 - (2i-1)^2) / (j! (8x)^j), as a
 * function of x + t, up to its least term. */
static Jet hankel(int count, double nu, double x) {
    Jet term = jet_constant(count, 1), sum = term;
    for (int j = 1; j < 2 * x + nu; j++) {
        double odd = 2 * j - 1, by = -(4 * nu * nu - odd * odd) / (8 * j);
        double last = fabs(term.c[0]);
        term = jet_over(term, x);
        for (int k = 0; k < count; k++) term.c[k] *= by;
        if (fabs(term.c[0]) > last && j > nu) break;
        for (int k = 0; k < count; k++) sum.c[k] += term.c[k];
        if (fabs(term.c[0]) < 1e-20) break;
    }
    return sum;
}

/* Steps of the continued fraction after which what is left out no longer counts. */
static int steps_for(double x) { return 30 + (int)sqrt(50 * x); }

/* Amos' bound of I_n(x) / I_{n-1}(x), divided by x/2, where the fraction is broken off */
static double beyond(double n, double x) { return 2 / (n + sqrt(n * n + x * x)); }

/* R = I_nu/I_{nu-1} is (x/2) T_nu with T_n = 1/(n + (x^2/4) T_{n+1}), which loses nothing where x
 * is small. */
static Jet ratio(int count, double nu, double x) {
    if (x > far_from(nu)) return jet_div(hankel(count, nu, x), hankel(count, nu - 1, x));
    const double square[3] = {x * x / 4, x / 2, 0.25}, half[2] = {x / 2, 0.5};
    Jet z = jet_constant(count, 0), h = z;
    for (int k = 0; k < count && k < 3; k++) z.c[k] = square[k];
    for (int k = 0; k < count && k < 2; k++) h.c[k] = half[k];
    int steps = steps_for(x);
    Jet one = jet_constant(count, 1), t = jet_constant(count, beyond(nu + steps, x));
    for (int j = steps; j-- > 0;) {
        t = jet_mul(z, t);
        t.c[0] += nu + j;
        t = jet_div(one, t);
    }
    return jet_mul(h, t);
}

/* log I_nu(x), less x if scaled, for nu in [0,1): the power series up to 30 */
static double log_low(double nu, double x, bool scaled) {
    int sign;
    double rest = scaled ? x : 0;
    if (x > far_from(nu)) return log(hankel(1, nu, x).c[0]) - 0.5 * log(2 * M_PI * x) + (x - rest);
    double term = 1, sum = 0;
    for (int j = 1; term > 1e-18 * sum; j++) sum += term *= x * x / (4 * j * (nu + j));
    return (nu > 0 ? nu * log(x / 2) : 0) - lgamma_r(nu + 1, &sign) + log1p(sum) - rest;
}

/* The same for all nu: times the ratios in between. */
static double log_bessel(double nu, double x, bool scaled) {
    if (x == 0) return nu > 0 ? -INFINITY : 0;
    if (x > far_from(nu)) return log_low(nu, x, scaled);
    int whole = (int)floor(nu), j = whole + steps_for(x);
    double low = nu - whole, sum = log_low(low, x, scaled) + whole * log(x / 2);
    for (double t = beyond(low + j + 1, x); j > 0; j--) {
        t = 1 / (low + j + x * x / 4 * t);
        if (j <= whole) sum += log(t);
    }
    return sum;
}

/* KL = x R + log C(x) + log S = integral_0^x t R'(t) dt, S being the surface of the sphere. */
static double kl(double nu, double x) {
    int sign;
    double m = 2 * nu, q = x * x / m;
    if (q < 2e-4) return q * (0.5 - q * (0.75 / (m + 2) - q * (10. / 6) / ((m + 2) * (m + 4))));
    return x * (ratio(1, nu, x).c[0] - 1) + (nu - 1) * log(x / 2) - lgamma_r(nu, &sign) -
           log_bessel(nu - 1, x, true);
}

double special_bessel(BesselKind kind, double nu, int order, double x) {
    if (!(x >= 0) || isinf(x)) return NAN;
    if (kind == BESSEL_RATIO) {
        Jet r = ratio(order + 1, nu, x);
        return jet_derivative(&r, order);
    }
    if (!order) {
        if (kind == BESSEL_KL) return kl(nu, x);
        return log_bessel(nu, x, kind == BESSEL_LOG_SCALED);
    }
    Jet d = {.count = order}, r;
    if (kind == BESSEL_KL) { /* x R' */
        r = ratio(order + 1, nu, x);
        for (int k = 0; k < order; k++) d.c[k] = x * (k + 1) * r.c[k + 1] + k * r.c[k];
    } else { /* nu/x + I_{nu+1}/I_nu */
        r = ratio(order, nu + 1, x);
        if (nu > 0) d = jet_over(jet_constant(order, nu), x);
        for (int k = 0; k < order; k++) d.c[k] += r.c[k];
        if (kind == BESSEL_LOG_SCALED) d.c[0] -= 1;
    }
    return jet_derivative(&d, order - 1);
}
