/* odesolve and sdesolve: their order, their derivatives, and that they end where the equation says.
 */
#include "pages.h"

static const char page[] =
    "data x: x[2]\n"
    "param w = -1\n"
    "let shift = 0.01*step - 0.01\n"
    "block decay(s) = w*s\n"
    "block turn(s) = concat(0 - s[1..1], s[0..0])\n"
    "block late(s, t) = 0*s + 3*t^2\n"
    "block spring(s) = [0 - s[1], s[0]]\n"
    "block still(s) = 0*s\n"
    "block one(s) = 0*s + 1\n"
    "block one1(s) = 1\n"
    "block grow(s) = 0.5*s\n"
    "block shake(s) = 0.4*s\n"
    "block wide(s) = concat(s, s)\n"
    "block stir(s) = (0.4 + shift)*s\n"
    "block pulled(s) = [(s[1] | linear(5) | tanh | linear(2)) + shift, s[0]]\n"
    "block pull1(s) = tanh((1.5 + shift)*s)\n"
    "net dense(s, t) = s | linear(5) | tanh | linear(2)\n"
    "block layered(s) = s | linear(5) | tanh | linear(2)\n"
    "block map(s) = s | conv(2, 3) | tanh\n"
    "block scaled(k) = (1 + shift)*k\n"
    "block maps_of(s) = s | conv(2, 3, weight=scaled) | tanh\n"
    "block spread(s) = s | linear(2) | sigmoid\n"
    "block spread_of(s) = s | linear(2, weight=scaled) | sigmoid\n"
    "param wide_map[2, 24] = normal(0, 0.7)\n"
    "let map0 = (x + shift) @ wide_map | view(3, 4, 2), map1 = x @ wide_map | view(3, 4, 2)\n"
    "let maps2 = odesolve(map, map0, [0, 0.5, 1], \"midpoint\")[2]\n"
    "let maps4 = odesolve(map, map0, [0, 0.5, 1], \"rk4\")[2]\n"
    "let maps2_of = odesolve(maps_of, map1, [0, 0.5, 1], \"midpoint\")[2]\n"
    "let maps4_of = odesolve(maps_of, map1, [0, 0.5, 1], \"rk4\")[2]\n"
    "let spreads = sdesolve(grow, spread, z, [0, 1], steps=3, seed=4)[1]\n"
    "let spreads_of = sdesolve(grow, spread_of, unit, [0, 1], steps=3, seed=4)[1]\n"
    "net deep2(s, t) = (s @ pull | linear(5) | tanh | linear(2)) + bend*sin(3*t)\n"
    "param pull[2, 2] = normal(0, 1)\n"
    "let bend = 0.3*x[0..0]\n"
    "block pushed(s, t, by) = 0*s + by\n"
    "let steps = odesolve(deep2, z, [0, 0.5, 1], steps=12)\n"
    "let back = odesolve(deep2, z, [0, 0.5, 1], steps=12, adjoint=1)\n"
    "let adapted = odesolve(deep2, z, [0, 0.5, 1], \"dopri5\", 1e-6, 12, 1)\n"
    "let unit = 0*x + onehot(0, 2), z = 0*x + 0.7*onehot(0, 2) + 0.3*onehot(1, 2) + shift\n"
    "let through = odesolve(layered, z, [0, 0.5, 1])\n"
    "let deep = odesolve(dense, z, [0, 0.5, 1])\n"
    "let maps = odesolve(map, x + shift | view(1, 1, 2), [0, 1], \"euler\")[1]\n";

static Model model;

/* The numbers an expression has, or none and why. */
static Result value_of(const char *expr) {
    Result r = page_value(&model, expr, NULL, 0);
    if (!r.v) diag("%s: %s", expr, r.err.text);
    return r;
}

static double number(const char *expr) {
    Result r = value_of(expr);
    double x = r.v ? (double)r.v[0] : NAN;
    free(r.v);
    return x;
}

static bool close_to(double found, double want, double bound) {
    bool good = fabs(found - want) <= bound;
    if (!good) diag("%.9g, not %.9g", found, want);
    return good;
}

/* Halving the step divides the error by so much. */
static void check_order(const char *method, double by, int steps) {
    double error[2][2];
    for (int k = 0; k < 2; k++) {
        char expr[200];
        int n = steps * (k + 1);
        snprintf(expr, sizeof expr, "odesolve(decay, unit, [0, 1], \"%s\", steps=%d)[1][0]", method,
                 n);
        error[0][k] = fabs(number(expr) - exp(-1));
        snprintf(expr, sizeof expr, "odesolve(turn, unit, [0, 1], \"%s\", steps=%d)[1][1]", method,
                 n);
        double cosine, sine = number(expr);
        snprintf(expr, sizeof expr, "odesolve(turn, unit, [0, 1], \"%s\", steps=%d)[1][0]", method,
                 n);
        cosine = number(expr);
        error[1][k] = hypot(sine - sin(1), cosine - cos(1));
    }
    for (int i = 0; i < 2; i++) {
        double ratio = error[i][0] / error[i][1];
        ok(ratio > 0.85 * by && ratio < 1.15 * by, "%s: order on %s", method,
           i ? "a rotation" : "a decay");
        if (!(ratio > 0.85 * by && ratio < 1.15 * by)) diag("%g / %g", error[i][0], error[i][1]);
    }
}

/* The derivatives of the discrete map itself: p(w h)^n, p being the method's polynomial. */
static void check_gradients(void) {
    static const struct {
        const char *method;
        int terms;
    } of[] = {{"euler", 1}, {"midpoint", 2}, {"rk4", 4}};
    for (int i = 0; i < 3; i++) {
        double h = 0.25, p = 1, slope = 0, term = 1;
        for (int k = 1; k <= of[i].terms; k++) {
            slope += term * h;
            term *= -h / k;
            p += term;
        }
        char by_w[200], by_z[200];
        snprintf(by_w, sizeof by_w,
                 "grad(mean(odesolve(decay, unit, [0, 0.5, 1], \"%s\", steps=2)[2][0]), w)",
                 of[i].method);
        snprintf(by_z, sizeof by_z,
                 "grad(odesolve(decay, unit, [0, 0.5, 1], \"%s\", steps=2)[2], unit)",
                 of[i].method);
        ok(close_to(number(by_w), 4 * pow(p, 3) * slope, 1e-6), "%s: gradient in a parameter",
           of[i].method);
        ok(close_to(number(by_z), pow(p, 4), 1e-6), "%s: gradient in the start", of[i].method);
    }
    ok(close_to(number("grad(mean(odesolve(decay, unit, [0, 1], \"dopri5\")[1][0]), w)"), exp(-1),
                2e-5),
       "dopri5: gradient in a parameter");
    ok(close_to(number("grad(odesolve(decay, unit, [0, 1], \"dopri5\")[1], unit)"), exp(-1), 2e-5),
       "dopri5: gradient in the start");
}

/* By differences, through nets and blocks with layers, on rows and on maps: in the start, in what
 * the slope is made of, in what multiplies noise. */
static void check_layers(void) {
    static const char *const costs[] = {
        "mean(sin(through[2]))",
        "mean(sin(deep[2]))",
        "mean(sin(maps))",
        "mean(sin(maps2))",
        "mean(sin(maps4))",
        "mean(sin(maps2_of))",
        "mean(sin(maps4_of))",
        "mean(spreads^2)",
        "mean(spreads_of^2)",
        "mean(odesolve(layered, z, [0, 1], \"dopri5\")[1]^2)",
        "mean(sdesolve(layered, shake, z, [0, 1], steps=3, seed=4)[1]^2)",
        "mean(sdesolve(grow, stir, unit, [0, 1], steps=3, seed=4)[1]^2)",
        "mean(sdesolve(pull1, shake, unit, [0, 1], steps=3, seed=4)[1]^2)",
        "mean(odesolve(pull1, unit, [0, 0.5, 1], \"midpoint\")[2]^2)",
        "mean(odesolve(pulled, [0*z, z], [0, 0.5, 1], \"rk4\")[2][1]^2)"};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        char grad[200];
        snprintf(grad, sizeof grad, "grad(%s, shift)", costs[i]);
        model.step = 1;
        double slope = number(grad);
        model.step = 2;
        double high = number(costs[i]);
        model.step = 0;
        double low = number(costs[i]);
        ok(fabs(slope) > 0.001 && close_to(slope, (high - low) / 0.02, 1e-4),
           "%s: gradient in what shifts", costs[i]);
    }
}

/* The adjoint's gradients are those through the steps but for the error of the solver: in the
 * start, in weights, in what else the slope reads, and their slopes. */
static void check_adjoint(const char *by) {
    static const char *const exprs[] = {"%s[2]",
                                        "grad(sum(sin(%s[2]) + %s[1]), z)",
                                        "grad(sum(sin(%s[2]) + %s[1]), bend)",
                                        "grad(sum(sin(%s[2]) + %s[1]), pull)",
                                        "grad(sum(grad(sum(%s[2]^2), z)^3), z)",
                                        "grad(sum(grad(sum(%s[2]^2), z)^3), bend)"};
    const char *const with[] = {"steps", by};
    for (size_t i = 0; i < sizeof exprs / sizeof *exprs; i++) {
        Result r[2];
        for (int k = 0; k < 2; k++) {
            char expr[300];
            snprintf(expr, sizeof expr, exprs[i], with[k], with[k]);
            r[k] = value_of(expr);
        }
        double far = 0, size = 0;
        for (size_t k = 0; r[0].v && r[1].v && k < r[0].count; k++) {
            far = fmax(far, fabs((double)r[0].v[k] - (double)r[1].v[k]));
            size = fmax(size, fabs((double)r[0].v[k]));
        }
        ok(r[0].v && r[1].v && size > 0.1 && far < 2e-5 * size, "adjoint, %s: %s", by, exprs[i]);
        if (!(far < 2e-5 * size)) diag("off by %g of %g", far, size);
        free(r[0].v), free(r[1].v);
    }
}

static void check_places(void) {
    Result r = value_of("odesolve(late, unit, [1, 2, 0], \"rk4\")[1]");
    ok(r.v && close_to((double)r.v[0], 8, 1e-5) && close_to((double)r.v[1], 7, 1e-5),
       "a slope that follows the time");
    free(r.v);
    r = value_of("odesolve(late, unit, [1, 2, 0], \"dopri5\")[2]");
    ok(r.v && close_to((double)r.v[0], 0, 1e-5) && close_to((double)r.v[1], -1, 1e-5),
       "there and back before the start");
    free(r.v);
    ok(close_to(
           number(
               "odesolve(turn, odesolve(turn, unit, [0, 2], steps=20)[1], [2, 0], steps=20)[1][0]"),
           1, 1e-5),
       "forwards and back again");
    ok(close_to(number("odesolve(spring, [0*x, unit], [0, 1], steps=10)[1][1][0]"), cos(1), 1e-5),
       "a list as a state");
    ok(close_to(number("odesolve(spring, [0*x, unit], [0, 1], \"dopri5\")[1][1][0]"), cos(1), 1e-4),
       "a list as a state, adaptive");
    double far = number("max([abs(odesolve(dense, z, [i/30 for i in 0..30])[2*k] - "
                        "odesolve(dense, z, [i/15 for i in 0..15])[k]) for k in 0..15] | stack)");
    ok(close_to(far, 0, 2e-6), "twice as many times");
    ok(close_to(number("odesolve(pushed, 0*x, [0, 2], given=3)[1][0]"), 6, 1e-5) &&
           close_to(number("odesolve(pushed, 0*x, [0, 2], \"dopri5\", given=3)[1][0]"), 6, 1e-5) &&
           close_to(number("odesolve(pushed, 0*x, [0, 2], adjoint=1, given=3)[1][0]"), 6, 1e-5) &&
           close_to(number("sdesolve(pushed, pushed, 0*x, [0, 2], given=0)[1][0]"), 0, 0),
       "a slope that is given something");
    ok(close_to(number("odesolve(turn, unit, [1, 1, 4], \"dopri5\", 1e-5, 25)[2][1]"), sin(3),
                3e-5) &&
           close_to(number("odesolve(turn, unit, [1, 1, 1, 4, 4], \"dopri5\", 1e-5, 25, 1)[4][1]"),
                    sin(3), 3e-5),
       "no way from the first time to the next");
    ok(close_to(number("max(abs(odesolve(decay, unit, [3])[0] - unit))"), 0, 0),
       "one time: the start");
}

static void check_tolerance(void) {
    static const double tolerances[] = {1e-3, 1e-5};
    for (int i = 0; i < 2; i++) {
        char expr[200];
        snprintf(expr, sizeof expr, "odesolve(turn, unit, [0, 3], \"dopri5\", %g, 25)[1][1]",
                 tolerances[i]);
        double far = fabs(number(expr) - sin(3));
        ok(far < 3 * tolerances[i], "dopri5 to %g", tolerances[i]);
        if (far >= 3 * tolerances[i]) diag("off by %g", far);
    }
    ok(close_to(number("ode_evaluations(turn, unit, [0, 1, 2], \"rk4\", steps=3)"), 24, 0),
       "evaluations of fixed steps");
    double few = number("ode_evaluations(turn, unit, [0, 3], \"dopri5\", 1e-3, 25)");
    double more = number("ode_evaluations(turn, unit, [0, 3], \"dopri5\", 1e-5, 25)");
    ok(few > 6 && few < more && more <= 151 && close_to(fmod(few - 1, 6), 0, 0),
       "evaluations grow with what is asked for: %g, %g", few, more);
    ok(isnan(number("odesolve(turn, unit, [0, 300], \"dopri5\", 1e-5, 4)[1]")),
       "too few steps are not a number");
    Result r = value_of("odesolve(spring, [x, 30*x], [0, 1], \"dopri5\", 1e-4, 20)[1][1]");
    Model one;
    Error err;
    page_model(&one, page, 1, NULL, &err);
    Result alone = page_value(
        &one, "odesolve(spring, [x, 30*x], [0, 1], \"dopri5\", 1e-4, 20)[1][1]", NULL, 0);
    ok(r.v && alone.v && !memcmp(r.v, alone.v, 2 * sizeof(float)),
       "a sample does not feel the others");
    free(r.v), free(alone.v);
    model_free(&one);
}

/* dz = 0.5 z dt + 0.4 z dW from 1 on: z = exp(0.42 t + 0.4 W) */
static void check_paths(void) {
    enum { N = 20000 };
    Model m;
    Error err;
    double error[2];
    char expr[400];
    page_model(&m, page, N, NULL, &err);
    for (int k = 0; k < 2; k++) {
        int n = k ? 64 : 16;
        snprintf(expr, sizeof expr,
                 "mean(abs(sdesolve(grow, shake, unit, [0, 1], %d, 7)[1][0] - exp(0.42 + "
                 "0.4*sdesolve(still, one, 0*x, [0, 1], %d, 7)[1][0])))",
                 n, n);
        Result r = page_value(&m, expr, NULL, 0);
        error[k] = r.v ? (double)r.v[0] : NAN;
        if (!r.v) diag("%s", r.err.text);
        free(r.v);
    }
    double ratio = error[0] / error[1];
    ok(ratio > 2 * 0.85 && ratio < 2 * 1.15,
       "Euler-Maruyama: the strong error falls with the root of the step");
    if (!(ratio > 1.7 && ratio < 2.3)) diag("%g / %g", error[0], error[1]);
    Result r = page_value(&m, "mean(sdesolve(grow, shake, unit, [0, 1], 64)[1][0])", NULL, 0);
    double spread = exp(0.5) * sqrt(exp(0.16) - 1) / sqrt(N);
    ok(r.v && close_to((double)r.v[0], exp(0.5), 3 * spread + 0.004), "its mean");
    free(r.v);
    model_free(&m);
    static const char *const same[] = {"sdesolve(grow, shake, unit, [0, 1], seed=1)[1][0]",
                                       "sdesolve(grow, shake, unit, [0, 1], seed=2)[1][0]",
                                       "sdesolve(grow, shake, unit, [0, 1])[1][0]"};
    double z[3][2];
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            model.seed = k ? 5 : 1;
            z[i][k] = number(same[i]);
        }
    model.seed = 1;
    ok(z[0][0] == z[0][1] && z[1][0] == z[1][1] && z[0][0] != z[1][0], "a path by its seed");
    ok(z[2][0] != z[2][1] && z[2][0] != z[0][0], "a path by the game's");
}

static const struct {
    const char *expr, *message;
} refused[] = {
    {"odesolve(pushed, x, [0, 1])", "pushed needs its argument by"},
    {"odesolve(decay, x, [0, 1], \"rk5\")",
     "method: expected euler, midpoint, rk4 or dopri5, found \"rk5\""},
    {"odesolve(decay, x, 3)", "times: expected a list of numbers, found a number"},
    {"odesolve(decay, x, [])", "times: expected a list of numbers, found an empty one"},
    {"odesolve(decay, x, [0, x])", "times: expected numbers that all samples share"},
    {"odesolve(1, x, [0, 1])", "expected a net or block of a state and a time, found a number"},
    {"odesolve(wide, x, [0, 1])", "the slope [3,4] of a state [3,2] does not fit"},
    {"odesolve(decay, x, [0, 1], steps=0)", "steps: expected a number from 1 to 10000, found 0"},
    {"odesolve(decay, x, [0, 1], tolerance=0)", "tolerance: expected a number above 0"},
    {"odesolve(spring, [x, x], [0, 1], adjoint=1)",
     "adjoint: of a state that is one tensor, found a list"},
    {"odesolve(decay, \"a\", [0, 1])", "the state: expected a tensor, found a text"},
    {"odesolve(spring, x, [0, 1])", "the slope of a state that is a tensor is a list of 2"},
    {"odesolve(still, [x, x], [0, 1])", "a number and a list cannot be combined"},
    {"odesolve(one1, [x, x], [0, 1])", "the slope of a state that is a list must be a list of 2"},
};

static void check_refused(void) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        Result r = page_value(&model, refused[i].expr, NULL, 0);
        bool good = !r.v && strstr(r.err.text, refused[i].message);
        ok(good, "%s is refused", refused[i].expr);
        if (!good) diag("%s", r.v ? "it is not" : r.err.text);
        free(r.v);
    }
}

int main(void) {
    cpu_start(1);
    Error err;
    if (!ok(page_model(&model, page, 3, NULL, &err), "the page")) diag("%s", err.text);
    check_order("euler", 2, 16);
    check_order("midpoint", 4, 8);
    check_order("rk4", 16, 4);
    check_gradients();
    check_layers();
    check_adjoint("back");
    check_adjoint("adapted");
    check_places();
    check_tolerance();
    check_paths();
    check_refused();
    model_free(&model);
    return done();
}
