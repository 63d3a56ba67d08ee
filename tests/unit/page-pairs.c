/* Functions of whole minibatches and of nets' parameters, against sums written out and finite
 * differences. */
#include "pages.h"

enum { N = 5, D = 3 };

static const char page[] = "data x: x[3]\n"
                           "data y: y[3]\n"
                           "data m: m[2, 2, 3]\n"
                           "param p[4, 3] = normal(0, 1)\n"
                           "net F(x) = x | linear(4) | relu | linear(2, bias=0)\n"
                           "net C(m) = m | conv(2, 3, bias=0)\n"
                           "average A of F: 0.5\n"
                           "block far(x) = mmd(rbf(x, x, s), rbf(x, y, s), rbf(y, y, s))\n"
                           "block near(x) = mmd(imq(x, x, 2), imq(x, y, 2), imq(y, y, 2), 1)\n"
                           "let s = [1, 2.5]\n";

static double x(size_t i) { return page_datum(0, i); }
static double y(size_t i) { return page_datum(1, i); }
static double squares(double (*a)(size_t), size_t i, double (*b)(size_t), size_t j) {
    double sum = 0;
    for (size_t k = 0; k < D; k++) sum += pow(a(i * D + k) - b(j * D + k), 2);
    return sum;
}
static double gauss(double d) { return exp(-d / 2) + exp(-d / 12.5); }
static double inverse(double d) { return 2 / (2 + d); }

static double mean_kernel(double (*k)(double), double (*a)(size_t), double (*b)(size_t),
                          bool apart) {
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            if (!apart || i != j) sum += k(squares(a, i, b, j));
    return sum / (apart ? N * (N - 1) : N * N);
}
static double discrepancy(double (*k)(double), bool unbiased) {
    return mean_kernel(k, x, x, unbiased) + mean_kernel(k, y, y, unbiased) -
           2 * mean_kernel(k, x, y, false);
}

#define V(name, e) \
    static double name(size_t i) { return e; }
V(v_far, discrepancy(gauss, false) + 0 * (double)i)
V(v_near, discrepancy(inverse, true) + 0 * (double)i)
V(v_rbf, gauss(squares(x, i / N, y, i % N)))
V(v_imq, inverse(squares(x, i / N, y, i % N)))
V(v_x, x(i))
V(v_pairs, x(i / (N * D) * D + i % D) - y(i % (N * D)))
V(v_join, i < N * D ? x(i) : y(i - N * D))
V(v_zero, 0 * (double)i)
V(v_same, 1 + 0 * (double)i)
#undef V
static double v_counts(size_t i) {
    static const double counts[] = {3, 5, 3, 12, 2, 4, 3};
    return counts[i];
}
/* 2/n^2 sum k'(x_i, x_j) - 2/n^2 sum k'(x_i, y_j) */
static double v_slope(size_t i) {
    double sum = 0;
    for (size_t j = 0; j < N; j++) {
        double a = squares(x, i / D, x, j), b = squares(x, i / D, y, j);
        double da = exp(-a / 2) + exp(-a / 12.5) / 6.25, db = exp(-b / 2) + exp(-b / 12.5) / 6.25;
        sum += -da * (x(i) - x(j * D + i % D)) + db * (x(i) - y(j * D + i % D));
    }
    return 2 * sum / (N * N);
}

static double v_three(size_t i) {
    (void)i;
    return 3;
}

static const struct {
    const char *expr, *shape;
    double (*want)(size_t i);
} cases[] = {
    {"unbatch(x)", "[5,3]", v_x},
    {"view(x, 1, 3) - unbatch(y)", "N[5,5,3]", v_pairs},
    {"join(x, y)", "N[10,3]", v_join},
    {"join(unbatch(x), y)", "N[10,3]", v_join},
    {"rows(join(p, x), 4, 5)", "N[5,3]", v_x},
    {"stack([count(x), count(x, \"batch\"), count(x, 0), count(m), count(m, -2), count(p, 0), "
     "count([7, 8, 9])])",
     "[7]", v_counts},
    {"stack(shape(x))", "[1]", v_three},
    {"stack(shape(unbatch(y)))[1..1]", "[1]", v_three},
    {"0*normal()[shape(x)] + x", "N[5,3]", v_x},
    {"0*sum(x, 0, keep=1) + x", "N[5,3]", v_x},
    {"0*mean(x, \"batch\", keep=1) + x", "N[5,3]", v_x},
    {"rbf(x, y, [1, 2.5])", "N[5,5]", v_rbf},
    {"rbf(x, unbatch(y), s)", "N[5,5]", v_rbf},
    {"imq(x, y, 2)", "N[5,5]", v_imq},
    {"far(x)", "[]", v_far},
    {"near(x)", "[]", v_near},
    {"grad(far(x), x)", "N[5,3]", v_slope},
    {"mmd(rbf(x, x, s), rbf(x, x, s), rbf(x, x, s))", "[]", v_zero},
    /* a net's parameters, those of an average, filters as a matrix */
    {"0*sum(F(x)) + count(parameters(F)) - 2", "[]", v_same},
    {"0*sum(F(x)) + count(parameters(F, 2)) - 1", "[]", v_same},
    {"0*sum(F(x)) + sum(abs(parameters(F)[0] - parameters(A)[0]))", "[]", v_zero},
    {"0*sum(C(m)) + sum(matrix(parameters(C)[0])^2) / sum(weights(\"C.0.weight\")^2)", "[]",
     v_same},
    {"0*sum(C(m)) + count(matrix(parameters(C)[0]), 0) - 26", "[]", v_same},
    /* refused */
    {"unbatch(p)", NULL, NULL},
    {"join(x, m)", NULL, NULL},
    {"count(x, 1)", NULL, NULL},
    {"rbf(x, m, 1)", NULL, NULL},
    {"rbf(x, y, 0)", NULL, NULL},
    {"rbf(x, y, [])", NULL, NULL},
    {"mmd(rbf(x, p, 1), rbf(x, p, 1), rbf(p, p, 1), 1)", NULL, NULL},
    {"mmd(x, x, 3)", NULL, NULL},
    {"parameters(F)", NULL, NULL},
    {"parameters(3)", NULL, NULL},
    {"matrix(x)", NULL, NULL},
};

static void check_case(Model *m, size_t c) {
    char text[240];
    Result r = page_value(m, cases[c].expr, NULL, 0);
    bool good =
        cases[c].shape ? r.v && !strcmp(result_shape(&r, text, sizeof text), cases[c].shape) : !r.v;
    double gap = 0;
    for (size_t i = 0; cases[c].want && r.v && i < r.count; i++)
        gap = fmax(gap, fabs(r.v[i] - cases[c].want(i)) / fmax(1, fabs(cases[c].want(i))));
    ok(good && gap < 3e-6, "%s%s", cases[c].expr, cases[c].shape ? "" : " is refused");
    if (!good || gap >= 3e-6) diag("%s", r.v ? result_shape(&r, text, sizeof text) : r.err.text);
    free(r.v);
}

/* The slope along y: from the gradient, and from two values beside. */
static void check_slope(Model *m, const char *f) {
    char slope[200], beside[200];
    snprintf(slope, sizeof slope, "sum(grad(%s(x), x)*y)", f);
    snprintf(beside, sizeof beside, "(%s(x + 0.004*y) - %s(x - 0.004*y))/0.008", f, f);
    Result a = page_value(m, slope, NULL, 0), b = page_value(m, beside, NULL, 0);
    ok(a.v && b.v && fabs(a.v[0] - b.v[0]) < 0.02 * fabs(a.v[0]) && fabs(a.v[0]) > 1e-3,
       "finite differences of %s", f);
    if (a.v && b.v) diag("%g beside %g", a.v[0], b.v[0]);
    free(a.v), free(b.v);
}

/* The deviation of the groups of n of ten samples, at most four in a group unless that would be 1.
 */
static void check_group(Model *m, size_t n, size_t size) {
    char expr[80];
    snprintf(expr, sizeof expr, "minibatch_std(rows(join(x, y), 0, %zu))[3]", n);
    Result r = page_value(m, expr, NULL, 0);
    double far = r.v && r.count == n ? 0 : INFINITY;
    for (size_t i = 0; i < n && far < INFINITY; i++) {
        double want = 0;
        for (size_t c = 0; c < D; c++) {
            double sum = 0, squares = 0;
            for (size_t j = i % (n / size); j < n; j += n / size) {
                double v = v_join(j * D + c);
                sum += v / (double)size;
                squares += v * v / (double)size;
            }
            want += sqrt(squares - sum * sum + 1e-8) / D;
        }
        far = fmax(far, fabs(r.v[i] - want));
    }
    ok(far < 1e-5, "%zu samples in groups of %zu", n, size);
    if (!(far < 1e-5)) diag("off by %g", far);
    free(r.v);
}

static void check_complete(void) {
    int missing = 0;
    const Builtin *f;
    for (int k = 0; (f = builtin_get(BUILTIN_PAIRS, k)); k++) {
        char call[64];
        bool seen = false;
        snprintf(call, sizeof call, "%s(", f->name);
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
            seen |= cases[c].want && strstr(cases[c].expr, call);
        if (!seen) diag("%s is not tested", f->name);
        missing += !seen;
    }
    ok(!missing, "every function of the table is tested here");
}

int main(void) {
    cpu_start(1);
    Model m;
    Error err;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        if (!page_model(&m, page, N, NULL, &err)) return 1;
        check_case(&m, c);
        model_free(&m);
    }
    if (!page_model(&m, page, N, NULL, &err)) return 1;
    check_slope(&m, "far");
    check_slope(&m, "near");
    static const size_t groups[][2] = {{2, 2}, {3, 3}, {5, 5}, {6, 3},
                                       {7, 7}, {8, 4}, {9, 3}, {10, 2}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        check_group(&m, groups[i][0], groups[i][1]);
    model_free(&m);
    check_complete();
    return done();
}
