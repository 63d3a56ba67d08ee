/* Pointwise kernels, loads and reductions against plain loops in double precision, and against
 * themselves at other thread counts; for each instruction set. */
#include <float.h>
#include <omp.h>

#include "isas.h"
#include "tensor/pointwise/pointwise.h"

/* ---- the operations ---- */

static double r_copy(double x) { return x; }
static double r_neg(double x) { return -x; }
static double r_sign(double x) { return (x > 0) - (x < 0); }
static double r_square(double x) { return x * x; }
static double r_recip(double x) { return 1 / x; }
static double r_rsqrt(double x) { return 1 / sqrt(x); }
static double r_sigmoid(double x) { return x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }
static double r_softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))); }

static double r_gelu(double x) { return 0.5 * x * erfc(-x / sqrt(2)); }

static double r_silu(double x) { return x * r_sigmoid(x); }

static double r_add(double a, double b) { return a + b; }
static double r_sub(double a, double b) { return a - b; }
static double r_mul(double a, double b) { return a * b; }
static double r_div(double a, double b) { return a / b; }
static double r_max(double a, double b) { return isnan(a) || isnan(b) ? NAN : fmax(a, b); }
static double r_min(double a, double b) { return isnan(a) || isnan(b) ? NAN : fmin(a, b); }
static double r_lrelu(double a, double b) { return a > 0 ? a : a * b; }
static double r_lt(double a, double b) { return a < b; }
static double r_le(double a, double b) { return a <= b; }
static double r_eq(double a, double b) { return a == b; }

/* ulps: error allowed in units of the last place, 0: the rounded result itself; range: arguments
 * tested; absolute: ulps of 1 instead of ulps of the result */
typedef struct {
    PwCode code;
    double (*one)(double);
    double (*two)(double, double);
    double ulps, range;
    bool absolute;
} Reference;

static const Reference references[] = {
    {PW_COPY, r_copy, NULL, 0, INFINITY, false},
    {PW_NEG, r_neg, NULL, 0, INFINITY, false},
    {PW_ABS, fabs, NULL, 0, INFINITY, false},
    {PW_SIGN, r_sign, NULL, 0, INFINITY, false},
    {PW_SQUARE, r_square, NULL, 0, INFINITY, false},
    {PW_RECIP, r_recip, NULL, 0, INFINITY, false},
    {PW_SQRT, sqrt, NULL, 0, INFINITY, false},
    {PW_RSQRT, r_rsqrt, NULL, 1.5, INFINITY, false},
    {PW_EXP, exp, NULL, 2, INFINITY, false},
    {PW_LOG, log, NULL, 2, INFINITY, false},
    {PW_TANH, tanh, NULL, 3, INFINITY, false},
    {PW_SIGMOID, r_sigmoid, NULL, 4, INFINITY, false},
    {PW_SOFTPLUS, r_softplus, NULL, 4, INFINITY, false},
    {PW_SIN, sin, NULL, 2, 8192, true},
    {PW_COS, cos, NULL, 2, 8192, true},
    {PW_ACOS, acos, NULL, 2, 1, false},
    {PW_ERF, erf, NULL, 2, INFINITY, false},
    {PW_GELU, r_gelu, NULL, 8, 5, true},
    {PW_SILU, r_silu, NULL, 5, 87, false},
    {PW_SIN, sin, NULL, 17, 1e5, true},
    {PW_COS, cos, NULL, 17, 1e5, true},
    {PW_FLOOR, floor, NULL, 0, INFINITY, false},
    {PW_ADD, NULL, r_add, 0, INFINITY, false},
    {PW_SUB, NULL, r_sub, 0, INFINITY, false},
    {PW_MUL, NULL, r_mul, 0, INFINITY, false},
    {PW_DIV, NULL, r_div, 0, INFINITY, false},
    {PW_MAX, NULL, r_max, 0, INFINITY, false},
    {PW_MIN, NULL, r_min, 0, INFINITY, false},
    {PW_LRELU, NULL, r_lrelu, 0, INFINITY, false},
    {PW_LT, NULL, r_lt, 0, INFINITY, false},
    {PW_LE, NULL, r_le, 0, INFINITY, false},
    {PW_EQ, NULL, r_eq, 0, INFINITY, false},
};

static const float specials[] = {
    0.0f,       -0.0f,      1.0f,        -1.0f,       INFINITY,    -INFINITY,   NAN,
    FLT_MAX,    -FLT_MAX,   FLT_MIN,     -FLT_MIN,    0x1p-149f,   -0x1p-149f,  0x1p-130f,
    0.5f,       -0.5f,      0.625f,      0.62499994f, 88.72f,      88.7228f,    88.7229f,
    88.73f,     89.0f,      -87.3f,      -87.34f,     -95.0f,      -103.0f,     -103.9f,
    -103.98f,   -104.5f,    -200.0f,     1e10f,       -1e10f,      8388607.5f,  -8388607.5f,
    4194303.5f, 4194304.5f, -4194303.5f, 16777217.0f, 0.70710677f, 0.70710683f, 0.99999994f,
    1.0000001f, 1e-10f,     -1e-7f,
};
enum { SPECIALS = sizeof specials / sizeof *specials };

static float from_bits(uint32_t i) {
    float f;
    memcpy(&f, &i, 4);
    return f;
}

static uint32_t bits_of(float f) {
    uint32_t i;
    memcpy(&i, &f, 4);
    return i;
}

/* Distance of y from the exact value in units of the last place; NaN must be NaN. */
static double ulps_off(float y, double exact, bool absolute) {
    float rounded = (float)exact;
    if (isnan(exact) || isnan(y)) return isnan(exact) && isnan(y) ? 0 : INFINITY;
    if (y == rounded) return 0;
    if (isinf(y) || isinf(rounded)) {
        /* at the edge of overflow, infinity is one step above the largest number */
        if (signbit(y) != signbit(rounded)) return INFINITY;
        return fabs(fmin(fabs((double)y), 0x1p128) - fmin(fabs(exact), 0x1p128)) / 0x1p104;
    }
    int e = 0;
    frexp(absolute ? 0.75 : exact, &e);
    return fabs(y - exact) / ldexp(1, e - 24 > -149 ? e - 24 : -149);
}

/* One instruction over arrays; NULL operands are constants. */
static void run_one(PwCode code, size_t n, const float *const v[3], const float c[3], float *out) {
    PwProgram p = {.count = n, .instr_count = 1, .register_count = 1, .store_count = 1};
    PwInstr in = {.code = code};
    PwLoad load[3];
    const float *mem[3];
    float constant[3];
    for (int i = 0; i < pw_arity(code); i++) {
        if (v[i]) {
            load[p.load_count] = pw_load(1, &n, &n);
            mem[p.load_count] = v[i];
            in.arg[i] = (PwArg){PW_LOAD, p.load_count++};
        } else {
            constant[p.const_count] = c[i];
            in.arg[i] = (PwArg){PW_CONST, p.const_count++};
        }
    }
    PwArg store = {PW_REG, 0};
    p.instr = &in, p.load = load, p.constant = constant, p.store = &store;
    pw_prepare(&p);
    void *scratch = isas_blank(pw_scratch(&p));
    pw_run(&p, mem, &out, scratch);
    free(scratch);
}

/* Every 15013th number there is, and the special ones. */
static size_t sweep(float **x) {
    enum { STEP = 15013 };
    size_t n = 0;
    float *v = malloc((UINT32_MAX / STEP + 1 + SPECIALS + 1) * sizeof *v);
    if (!v) abort();
    for (uint64_t i = 0; i <= UINT32_MAX; i += STEP) v[n++] = from_bits((uint32_t)i);
    for (size_t i = 0; i < SPECIALS; i++) v[n++] = specials[i];
    *x = v;
    return n;
}

static void check_unary(const char *isa, const Reference *r, const float *x, size_t n, float *y) {
    double worst = 0, at = 0;
    run_one(r->code, n, (const float *const[3]){x}, (float[3]){0}, y);
    for (size_t i = 0; i < n; i++) {
        if (fabsf(x[i]) > r->range || (r->code == PW_SIGN && isnan(x[i]))) continue;
        double off = ulps_off(y[i], r->one(x[i]), r->absolute);
        if (off > worst) worst = off, at = x[i];
    }
    ok(worst <= r->ulps, "%s: %s within %g ulp", isa, pw_name(r->code), r->ulps);
    if (!(worst <= r->ulps)) diag("%g ulp at %.9g", worst, at);
    /* a constant gives what a tensor gives, to the bound */
    worst = 0;
    for (size_t i = 0; i < SPECIALS; i++) {
        if (fabsf(specials[i]) > r->range || (r->code == PW_SIGN && isnan(specials[i]))) continue;
        run_one(r->code, 3, (const float *const[3]){NULL}, (float[3]){specials[i]}, y);
        worst = fmax(worst, ulps_off(y[2], r->one(specials[i]), r->absolute));
    }
    ok(worst <= r->ulps, "%s: %s of a constant", isa, pw_name(r->code));
    /* and a number of a page to all figures */
    worst = 0;
    for (double v = -2; v < 2; v += 0.0625) {
        double want = r->one(v);
        if (isfinite(want)) worst = fmax(worst, fabs(pw_number(r->code, v) - want));
    }
    ok(worst < 1e-14, "%s: %s of a number", isa, pw_name(r->code));
}

static void check_binary(const char *isa, const Reference *r, const float *x, size_t n, float *y) {
    size_t half = n / 2;
    int bad = 0;
    run_one(r->code, half, (const float *const[3]){x, x + half}, (float[3]){0}, y);
    for (size_t i = 0; i < half; i++) bad += ulps_off(y[i], r->two(x[i], x[i + half]), 0) != 0;
    ok(!bad, "%s: %s of two tensors", isa, pw_name(r->code));
    if (bad) diag("%d differ", bad);
    bad = 0;
    for (size_t s = 0; s < SPECIALS; s++) {
        run_one(r->code, SPECIALS, (const float *const[3]){specials, NULL},
                (float[3]){0, specials[s]}, y);
        for (size_t i = 0; i < SPECIALS; i++)
            bad += ulps_off(y[i], r->two(specials[i], specials[s]), 0) != 0;
        run_one(r->code, SPECIALS, (const float *const[3]){NULL, specials}, (float[3]){specials[s]},
                y);
        for (size_t i = 0; i < SPECIALS; i++)
            bad += ulps_off(y[i], r->two(specials[s], specials[i]), 0) != 0;
        run_one(r->code, 2, (const float *const[3]){NULL}, (float[3]){specials[s], 2}, y);
        bad += ulps_off(y[1], r->two(specials[s], 2), 0) != 0;
    }
    ok(!bad, "%s: %s of a tensor and a number, both ways", isa, pw_name(r->code));
}

/* exp(b log a): the error grows with the exponent of the result */
static void check_pow(const char *isa) {
    enum { N = 100000 };
    float *a = isas_values(N, 5), *b = isas_values(N, 6), *y = isas_blank(N * sizeof *y);
    double worst = 0;
    for (int i = 0; i < N; i++) a[i] = expf(20 * a[i]), b[i] *= 4;
    run_one(PW_POW, N, (const float *const[3]){a, b}, (float[3]){0}, y);
    for (int i = 0; i < N; i++) {
        double exact = pow(a[i], b[i]);
        if (exact > FLT_MIN && exact < FLT_MAX)
            worst = fmax(worst, fabs(y[i] / exact - 1) / (1 + fabs(log(exact))));
    }
    ok(worst < 4 * FLT_EPSILON, "%s: pow", isa);
    if (!(worst < 4 * FLT_EPSILON)) diag("%g", worst);
    const float base[] = {0, 0, 2, -2, 1, 7, NAN}, e[] = {0, 2, 0, 3, 5, 1, 1};
    run_one(PW_POW, 7, (const float *const[3]){base, e}, (float[3]){0}, y);
    ok(y[0] == 1 && y[1] == 0 && y[2] == 1 && isnan(y[3]) && y[4] == 1 && fabsf(y[5] - 7) < 1e-5f &&
           isnan(y[6]),
       "%s: pow at the edges of its domain", isa);
    free(a), free(b), free(y);
}

static void check_select(const char *isa) {
    enum { N = 1300 };
    float *v[3], *y = isas_blank(N * sizeof *y);
    const float c[3] = {0, 3, -4};
    int bad = 0;
    for (int k = 0; k < 3; k++) v[k] = isas_values(N, 10 + (unsigned)k);
    for (int i = 0; i < N; i += 3) v[0][i] = i % 2 ? 0.0f : -0.0f;
    v[0][1] = NAN;
    for (int m = 0; m < 8; m++) { /* which operands are tensors */
        run_one(
            PW_SELECT, N,
            (const float *const[3]){m & 1 ? v[0] : NULL, m & 2 ? v[1] : NULL, m & 4 ? v[2] : NULL},
            c, y);
        for (int i = 0; i < N; i++) {
            float cond = m & 1 ? v[0][i] : c[0], a = m & 2 ? v[1][i] : c[1],
                  b = m & 4 ? v[2][i] : c[2];
            bad += y[i] != (cond != 0 ? a : b);
        }
    }
    ok(!bad, "%s: select with tensors and numbers", isa);
    for (int k = 0; k < 3; k++) free(v[k]);
    free(y);
}

static void check_codes(const char *isa) {
    float *x, *y;
    size_t n = sweep(&x);
    bool seen[PW_COUNT] = {[PW_POW] = true, [PW_SELECT] = true};
    y = isas_blank(n * sizeof *y);
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const Reference *r = &references[i];
        seen[r->code] = true;
        if (r->one)
            check_unary(isa, r, x, n, y);
        else
            check_binary(isa, r, x, n, y);
    }
    check_pow(isa);
    check_select(isa);
    int missing = 0;
    for (int c = 0; c < PW_COUNT; c++) missing += !seen[c];
    ok(!missing, "%s: every operation has its reference", isa);
    free(x), free(y);
}

/* ---- loads ---- */

typedef struct {
    int rank;
    size_t space[PW_RANK], source[3][PW_RANK];
} Spread;

static size_t product(int rank, const size_t *shape) {
    size_t n = 1;
    for (int i = 0; i < rank; i++) n *= shape[i];
    return n;
}

/* Where element i of the space reads a source. */
static size_t spread_index(const Spread *s, int k, size_t i) {
    size_t index = 0, stride = 1;
    for (int d = s->rank - 1; d >= 0; d--) {
        size_t at = i % s->space[d];
        i /= s->space[d];
        if (s->source[k][d] != 1) index += at * stride;
        stride *= s->source[k][d];
    }
    return index;
}

/* out0 = x0 * x1 + x2, out1 = x1 as it is, out2 = the constant 5, out3 = x0 + x2, of one pass */
static int spread_bad(const Spread *s) {
    size_t n = product(s->rank, s->space);
    PwLoad load[3];
    float *x[3], *out[4];
    const float *in[3];
    for (int k = 0; k < 3; k++) {
        load[k] = pw_load(s->rank, s->space, s->source[k]);
        in[k] = x[k] = isas_values(product(s->rank, s->source[k]), 20 + (unsigned)k);
    }
    for (int k = 0; k < 4; k++) out[k] = isas_blank(n * sizeof(float));
    PwInstr instr[3] = {{PW_MUL, 0, {{PW_LOAD, 0}, {PW_LOAD, 1}}},
                        {PW_ADD, 0, {{PW_REG, 0}, {PW_LOAD, 2}}},
                        {PW_ADD, 1, {{PW_LOAD, 2}, {PW_LOAD, 0}}}};
    PwArg store[4] = {{PW_REG, 0}, {PW_LOAD, 1}, {PW_CONST, 0}, {PW_REG, 1}};
    float constant[1] = {5};
    PwProgram p = {.count = n,
                   .instr_count = 3,
                   .load_count = 3,
                   .const_count = 1,
                   .register_count = 2,
                   .store_count = 4,
                   .instr = instr,
                   .load = load,
                   .constant = constant,
                   .store = store};
    pw_prepare(&p);
    size_t bytes = pw_scratch(&p);
    void *scratch = isas_blank(bytes);
    pw_run(&p, in, out, scratch);
    int bad = !isas_intact(scratch, bytes);
    for (size_t i = 0; i < n; i++) {
        float a = x[0][spread_index(s, 0, i)], b = x[1][spread_index(s, 1, i)];
        float c = x[2][spread_index(s, 2, i)], ab = a * b;
        bad += out[0][i] != ab + c || out[1][i] != b || out[2][i] != 5 || out[3][i] != c + a;
    }
    for (int k = 0; k < 4; k++) bad += !isas_intact(out[k], n * sizeof(float)), free(out[k]);
    for (int k = 0; k < 3; k++) free(x[k]);
    free(scratch);
    return bad;
}

static void check_kind(const char *isa, PwLoadKind kind, size_t period, int rank,
                       const size_t *space, const size_t *source) {
    static const char *const names[] = {"full", "scalar", "periodic", "outer", "strided"};
    PwLoad l = pw_load(rank, space, source);
    ok(l.kind == kind && (kind != LOAD_PERIODIC || l.period == period) &&
           (kind != LOAD_OUTER || l.period == period),
       "%s: %s load of rank %d", isa, names[kind], rank);
    Spread s = {.rank = rank};
    for (int k = 0; k < 3; k++)
        memcpy(s.source[k], k ? source : space, sizeof(size_t) * (size_t)rank);
    memcpy(s.space, space, sizeof(size_t) * (size_t)rank);
    ok(!spread_bad(&s), "%s: %s load of rank %d, values", isa, names[kind], rank);
}

static void check_random_loads(const char *isa) {
    unsigned seed = 3;
    int bad = 0;
    static const size_t sizes[] = {1, 2, 3, 5, 7, 16, 64, 100, 511, 512, 513, 700, 1025};
    for (int round = 0; round < 400; round++) {
        Spread s = {.rank = 1 + (int)isas_random(&seed, 5)};
        size_t n = 1;
        for (int d = 0; d < s.rank; d++) {
            size_t e = sizes[isas_random(&seed, 13)];
            s.space[d] = n * e > 60000 ? 1 : e;
            n *= s.space[d];
            for (int k = 0; k < 3; k++) s.source[k][d] = isas_random(&seed, 2) ? s.space[d] : 1;
        }
        int b = spread_bad(&s);
        if (b) diag("round %d, rank %d, %zu elements: %d bad", round, s.rank, n, b);
        bad += b;
    }
    ok(!bad, "%s: 400 random spreads", isa);
}

static void check_loads(const char *isa) {
#define S(...) (const size_t[]){__VA_ARGS__}
    check_kind(isa, LOAD_FULL, 0, 1, S(1300), S(1300));
    check_kind(isa, LOAD_FULL, 0, 3, S(7, 1, 90), S(7, 1, 90));
    check_kind(isa, LOAD_SCALAR, 0, 3, S(5, 40, 11), S(1, 1, 1));
    check_kind(isa, LOAD_SCALAR, 0, 2, S(1, 1), S(1, 1));
    check_kind(isa, LOAD_PERIODIC, 64, 2, S(100, 64), S(1, 64)); /* divides the tile */
    check_kind(isa, LOAD_PERIODIC, 7, 2, S(1000, 7), S(1, 7));   /* does not */
    check_kind(isa, LOAD_PERIODIC, 300, 2, S(9, 300), S(1, 300));
    check_kind(isa, LOAD_PERIODIC, 512, 2, S(5, 512), S(1, 512));
    check_kind(isa, LOAD_PERIODIC, 513, 2, S(5, 513), S(1, 513)); /* exceeds it */
    check_kind(isa, LOAD_PERIODIC, 2310, 4, S(4, 3, 11, 70), S(1, 3, 11, 70));
    check_kind(isa, LOAD_OUTER, 7, 2, S(300, 7), S(300, 1));
    check_kind(isa, LOAD_OUTER, 1100, 3, S(3, 11, 100), S(3, 1, 1));
    check_kind(isa, LOAD_STRIDED, 0, 3, S(6, 50, 9), S(6, 1, 9));
    check_kind(isa, LOAD_STRIDED, 0, 3, S(6, 50, 9), S(1, 50, 1));
    check_kind(isa, LOAD_STRIDED, 0, 8, S(2, 3, 2, 3, 2, 3, 2, 3), S(2, 1, 2, 1, 2, 1, 2, 1));
#undef S
    check_random_loads(isa);
    /* two periods that no tile serves together */
    Spread s = {2, {600, 35}, {{600, 35}, {1, 35}, {600, 1}}};
    ok(!spread_bad(&s), "%s: rows and columns together", isa);
    Spread t = {3, {11, 13, 24}, {{1, 13, 24}, {1, 1, 24}, {11, 13, 24}}};
    ok(!spread_bad(&t), "%s: two periods", isa);
    /* the tile repeats with the short one only, the long one starts anew at times */
    Spread u = {3, {30, 13, 24}, {{30, 13, 24}, {1, 1, 24}, {1, 13, 24}}};
    ok(!spread_bad(&u), "%s: two periods, the short one first", isa);
}

/* A result may be written over a full load. */
static void check_in_place(const char *isa) {
    enum { N = 5000 };
    float *x = isas_values(N, 1), *y = isas_values(N, 1);
    run_one(PW_EXP, N, (const float *const[3]){x}, (float[3]){0}, y);
    run_one(PW_EXP, N, (const float *const[3]){x}, (float[3]){0}, x);
    ok(!memcmp(x, y, N * sizeof *x), "%s: in place", isa);
    free(x), free(y);
}

/* A large result goes past the caches, but not one over a load, or between the lines. */
static void check_large(const char *isa) {
    enum { N = (1 << 20) + 37, BYTES = N * sizeof(float) };
    float *x = isas_values(N, 1), *between = isas_blank(BYTES + sizeof *x);
    int same = 1;
    run_one(PW_EXP, N, (const float *const[3]){x}, (float[3]){0}, between + 1);
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        float *y = isas_blank(BYTES);
        run_one(PW_EXP, N, (const float *const[3]){x}, (float[3]){0}, y);
        same = same && !memcmp(y, between + 1, BYTES) && isas_intact(y, BYTES);
        free(y);
    }
    omp_set_num_threads(1);
    run_one(PW_EXP, N, (const float *const[3]){x}, (float[3]){0}, x);
    same = same && !memcmp(x, between + 1, BYTES);
    ok(same, "%s: a large result, aligned, between lines and in place", isa);
    free(x), free(between);
}

/* ---- reductions ---- */

typedef struct {
    size_t a, r, b;
} Extents;

/* what is reduced: 0: a load, 1: x*x + a row, 2: a single number, 3: a constant, 4: x times columns
 */
enum { FORMS = 6 };

typedef struct {
    PwProgram p;
    PwLoad load[2];
    PwInstr instr[2];
    PwArg store;
    float constant;
} Form;

/* the largest proper part of a row that repeats, or the row */
static size_t part_of(const Extents *e) {
    for (size_t q = e->b / 2; q > 1; q--)
        if (e->b % q == 0) return q;
    return e->b;
}

static void form_make(Form *f, const Extents *e, int form) {
    size_t n = e->a * e->r * e->b, space[3] = {e->a, e->r, e->b}, one[3] = {1, 1, 1};
    *f = (Form){.constant = -2.5f};
    f->load[0] = pw_load(3, space, form == 2 ? one : space);
    f->load[1] = form == 4 ? pw_load(3, space, (size_t[]){e->a, e->r, 1})
                           : pw_load(3, space, (size_t[]){1, 1, e->b});
    if (form == 5)
        f->load[1] = pw_load(2, (size_t[]){n / part_of(e), part_of(e)}, (size_t[]){1, part_of(e)});
    f->instr[0] = (PwInstr){form == 4   ? PW_MUL
                            : form == 5 ? PW_ADD
                                        : PW_SQUARE,
                            0,
                            {{PW_LOAD, 0}, {PW_LOAD, 1}}};
    f->instr[1] = (PwInstr){PW_ADD, 0, {{PW_REG, 0}, {PW_LOAD, 1}}};
    f->store = form == 0 || form == 2 ? (PwArg){PW_LOAD, 0}
               : form == 3            ? (PwArg){PW_CONST, 0}
                                      : (PwArg){PW_REG, 0};
    f->p = (PwProgram){.count = n,
                       .instr = f->instr,
                       .load = f->load,
                       .store = &f->store,
                       .store_count = 1,
                       .constant = &f->constant,
                       .const_count = 1,
                       .register_count = 1,
                       .load_count = 2,
                       .instr_count = form == 1   ? 2
                                      : form >= 4 ? 1
                                                  : 0};
    pw_prepare(&f->p);
}

/* `part` is part_of the extents. */
static double form_value(const Extents *e, size_t part, int form, const float *x, const float *y,
                         size_t i) {
    switch (form) {
    case 0: return x[i];
    case 1: return x[i] * x[i] + y[i % e->b];
    case 2: return x[0];
    case 3: return -2.5;
    case 4: return x[i] * y[i / e->b];
    default: return x[i] + y[i % part];
    }
}

static float *reduced(const Extents *e, int form, PwReduce op, const float *x, const float *y) {
    Form f;
    form_make(&f, e, form);
    size_t bytes = pw_reduce_scratch(&f.p, e->a, e->r, e->b), size = e->a * e->b * sizeof(float);
    void *scratch = isas_blank(bytes);
    float *out = isas_blank(size);
    pw_reduce(&f.p, op, e->a, e->r, e->b, (const float *const[]){x, y}, &out, scratch);
    int good = isas_intact(scratch, bytes) && isas_intact(out, size);
    free(scratch);
    return good ? out : (free(out), NULL);
}

/* What a column should come to. */
typedef struct {
    double sum, size, top;
} Column;

/* How far sums and largest values are off, at most. */
static void reduce_errors(const Extents *e, int form, const float *x, const float *y,
                          double *off_sum, double *off_top) {
    float *sum = reduced(e, form, REDUCE_SUM, x, y), *top = reduced(e, form, REDUCE_MAX, x, y);
    Column *want = malloc(e->b * sizeof *want);
    size_t part = part_of(e);
    if (!sum || !top || !want) *off_sum = *off_top = INFINITY;
    for (size_t i = 0; sum && top && want && i < e->a; i++) {
        for (size_t k = 0; k < e->b; k++) want[k] = (Column){0, 1e-30, -INFINITY};
        for (size_t r = 0; r < e->r; r++)
            for (size_t k = 0; k < e->b; k++) {
                double v = form_value(e, part, form, x, y, (i * e->r + r) * e->b + k);
                want[k].sum += v;
                want[k].size += fabs(v);
                want[k].top = v > want[k].top ? v : want[k].top;
            }
        for (size_t k = 0; k < e->b; k++) {
            const Column *w = &want[k];
            double s = sum[i * e->b + k], t = top[i * e->b + k];
            *off_sum = fmax(*off_sum, fabs(s - w->sum) / w->size);
            *off_top = fmax(*off_top, fabs(t - w->top) / (fabs(w->top) + 1e-30));
        }
    }
    free(sum), free(top), free(want);
}

static const Extents extents[] = {
    {1, 1, 1},     {1, 5, 1},      {3, 1000, 1},   {4, 511, 1},   {1, 100001, 1}, {7, 13, 3},
    {2, 700, 512}, {2, 33, 513},   {3, 5, 2000},   {1, 40000, 7}, {5, 1, 9},      {2, 3, 30000},
    {60, 17, 1},   {1, 999983, 1}, {1, 20, 16384}, {2, 9, 16385}, {1, 3000, 300}, {33, 4, 511},
};

static void check_reductions(const char *isa) {
    for (size_t i = 0; i < sizeof extents / sizeof *extents; i++) {
        const Extents *e = &extents[i];
        size_t n = e->a * e->r * e->b;
        float *x = isas_values(n, 30), *y = isas_values(n, 31);
        double sum = 0, top = 0;
        for (int form = 0; form < FORMS; form++) reduce_errors(e, form, x, y, &sum, &top);
        /* squares and sums of products are rounded, the choice of the largest is not */
        ok(sum < 1e-6 && top < 3e-7, "%s: reductions of [%zu, %zu, %zu]", isa, e->a, e->r, e->b);
        if (!(sum < 1e-6 && top < 3e-7)) diag("sum %g, max %g", sum, top);
        free(x), free(y);
    }
}

/* NaN anywhere is the maximum; so is one infinity. */
static void check_reduce_nan(const char *isa) {
    int bad = 0;
    for (size_t i = 0; i < sizeof extents / sizeof *extents; i++) {
        const Extents *e = &extents[i];
        size_t n = e->a * e->r * e->b;
        float *x = isas_values(n, 40);
        for (int k = 0; k < 5; k++) {
            size_t at = n / 5 * (size_t)k + (n > 5) * (size_t)k, column = at % e->b;
            size_t slice = at / (e->r * e->b);
            float old = x[at];
            x[at] = NAN;
            float *m = reduced(e, 0, REDUCE_MAX, x, x), *s = reduced(e, 0, REDUCE_SUM, x, x);
            bad += !isnan(m[slice * e->b + column]) || !isnan(s[slice * e->b + column]);
            for (size_t j = 0; j < e->a * e->b; j++)
                bad += j != slice * e->b + column && (isnan(m[j]) || isnan(s[j]));
            x[at] = old;
            free(m), free(s);
        }
        free(x);
    }
    ok(!bad, "%s: a reduction never hides a NaN", isa);
}

static void check_threads(const char *isa) {
    int bad = 0;
    for (size_t i = 0; i < sizeof extents / sizeof *extents; i++) {
        const Extents *e = &extents[i];
        size_t n = e->a * e->r * e->b;
        float *x = isas_values(n, 50), *y = isas_values(n, 51);
        for (int form = 0; form < 2; form++)
            for (int op = 0; op < 2; op++) {
                float *one = NULL;
                for (int threads = 1; threads <= 3; threads++) {
                    omp_set_num_threads(threads);
                    float *r = reduced(e, form, (PwReduce)op, x, y);
                    if (threads == 1)
                        one = r;
                    else
                        bad += !r || memcmp(one, r, e->a * e->b * sizeof *r), free(r);
                }
                free(one);
            }
        free(x), free(y);
    }
    ok(!bad, "%s: reductions have the same bits with 1, 2 and 3 threads", isa);
    enum { N = 300007 };
    float *x = isas_values(N, 60), *y[4];
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        y[threads] = isas_blank(N * sizeof *x);
        run_one(PW_TANH, N, (const float *const[3]){x}, (float[3]){0}, y[threads]);
    }
    ok(!memcmp(y[1], y[2], N * sizeof *x) && !memcmp(y[1], y[3], N * sizeof *x),
       "%s: a pass has the same bits with 1, 2 and 3 threads", isa);
    /* and the bits do not depend on where a tile ends */
    run_one(PW_TANH, N - 5, (const float *const[3]){x + 5}, (float[3]){0}, y[2]);
    bad = 0;
    for (int i = 0; i < N - 5; i++) bad += bits_of(y[2][i]) != bits_of(y[1][i + 5]);
    ok(!bad, "%s: a value does not depend on its place", isa);
    Spread s = {3, {40, 50, 70}, {{40, 50, 70}, {1, 50, 1}, {40, 1, 70}}};
    omp_set_num_threads(3);
    ok(!spread_bad(&s), "%s: spreads with 3 threads", isa);
    omp_set_num_threads(1);
    for (int threads = 1; threads <= 3; threads++) free(y[threads]);
    free(x);
}

/* Results below the normal range are zero in every thread, once cpu_start was called. */
static void check_denormals(const char *isa) {
    volatile float tiny = 1e-30F, factor = 1e-10F;
    float product[3] = {1, 1, 1};
    cpu_start(3);
#pragma omp parallel num_threads(3)
    product[omp_get_thread_num()] = tiny * factor;
#if defined __x86_64__
    ok(product[0] == 0 && product[1] == 0 && product[2] == 0, "%s: denormal results are zero", isa);
#else
    ok(product[0] < 1e-30F, "%s: a tiny product", isa);
#endif
    omp_set_num_threads(1);
}

static void checks(const char *isa) {
    omp_set_num_threads(1);
    check_codes(isa);
    check_loads(isa);
    check_in_place(isa);
    check_large(isa);
    check_reductions(isa);
    check_reduce_nan(isa);
    check_threads(isa);
    check_denormals(isa);
}

int main(void) { return isas_run(checks); }
