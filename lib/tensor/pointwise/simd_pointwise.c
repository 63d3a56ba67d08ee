/* The pointwise kernels, written as plain loops that the compiler turns into vector code; compiled
 * once for each instruction set. The elementary functions are branch-free polynomials (after
 * Cephes) with errors of a few units in the last place. */
#include "tensor/pointwise/pointwise.h"
#include "tensor/simd.h"

#include <math.h>
#include <string.h>

static inline float as_float(int32_t i) {
    float f;
    memcpy(&f, &i, 4);
    return f;
}
static inline int32_t as_int(float f) {
    int32_t i;
    memcpy(&i, &f, 4);
    return i;
}

/* Nearest integer through the rounding of a large addition; |x| < 2^22. */
static inline float nearest(float x) {
    const float magic = 12582912.0f;
    float shifted = x + magic;
    return shifted - magic;
}

static inline float power_of_2(int32_t k) { return as_float((int32_t)((uint32_t)(k + 127) << 23)); }

static inline float f_exp(float x) {
    /* beyond these the result is infinite or 0 */
    float c = x > 89.0f ? 89.0f : x;
    c = c < -104.0f ? -104.0f : c;
    float n = nearest(c * 1.44269504088896341f);
    float r = c - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    /* two factors, so that neither leaves the range of exponents */
    int32_t k = (int32_t)n, half = k / 2;
    float y = p * power_of_2(half) * power_of_2(k - half);
    return x != x ? x : y;
}

static inline float f_log(float x) {
    /* denormals are scaled up first */
    float tiny = x < 1.17549435e-38f ? 1.0f : 0.0f;
    float s = tiny > 0 ? x * 8388608.0f : x;
    int32_t i = as_int(s);
    float e = (float)(((i >> 23) & 255) - 126) - (tiny > 0 ? 23.0f : 0.0f);
    float m = as_float((i & 0x007fffff) | 0x3f000000); /* [0.5, 1) */
    float low = m < 0.707106781186547524f ? 1.0f : 0.0f;
    e = e - low;
    m = (low > 0 ? m + m : m) - 1.0f;
    float z = m * m;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float y = p * m * z + e * -2.12194440e-4f - 0.5f * z;
    y = m + y + e * 0.693359375f;
    y = x == INFINITY ? x : y;
    y = x == 0.0f ? -INFINITY : y;
    y = x < 0.0f ? NAN : y;
    return x != x ? x : y;
}

/* log(1+y) for y in [0, 1] without cancellation for small y */
static inline float log1p_unit(float y) {
    float u = 1.0f + y;
    float d = u - 1.0f;
    float l = f_log(u);
    float r = l * (y / (d == 0.0f ? 1.0f : d));
    return d == 0.0f ? y : r;
}

static inline float f_tanh(float x) {
    float a = fabsf(x);
    float z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    float small = p * z * x + x;
    float e = f_exp(-2.0f * a);
    float large = (1.0f - e) / (1.0f + e);
    large = x < 0 ? -large : large;
    return a < 0.625f ? small : large;
}

static inline float f_sigmoid(float x) {
    float e = f_exp(-fabsf(x));
    float r = 1.0f / (1.0f + e);
    return x >= 0 ? r : e * r;
}

static inline float f_softplus(float x) {
    float e = f_exp(-fabsf(x));
    float l = log1p_unit(e);
    return (x > 0 ? x : 0.0f) + (x != x ? x : l);
}

/* sin and cos of x = q*pi/2 + r share their reduction; the error grows from |x| = 8192 on, to 1e-6
 * at 1e5. */
static inline float sincos_part(float x, int32_t shift) {
    float q = nearest(x * 0.63661977236758134f);
    float r = x - q * 1.5703125f;
    r = r - q * 4.837512969970703125e-4f;
    r = r - q * 7.549789948768648e-8f;
    int32_t k = (int32_t)q + shift;
    float z = r * r;
    float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
    float c =
        ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
        0.5f * z + 1.0f;
    float y = (k & 1) ? c : s;
    return (k & 2) ? -y : y;
}

/* From the arc sine of x, or where that is steep of sqrt((1-|x|)/2), whose double it is. */
static inline float f_acos(float x) {
    float a = fabsf(x);
    float z = a > 0.5f ? 0.5f * (1.0f - a) : a * a;
    float r = a > 0.5f ? sqrtf(z) : a;
    float p = 4.2163199048e-2f;
    p = p * z + 2.4181311049e-2f;
    p = p * z + 4.5470025998e-2f;
    p = p * z + 7.4953002686e-2f;
    p = p * z + 1.6666752422e-1f;
    float s = p * z * r + r;
    float steep = x < 0 ? 3.14159265358979f - 2.0f * s : 2.0f * s;
    float flat = 1.57079632679490f - (x < 0 ? -s : s);
    return a > 0.5f ? steep : flat;
}

/* Beyond 0.93 by the exponential that is left to 1 (after Juffa). */
static inline float f_erf(float x) {
    float t = fabsf(x), s = x * x;
    float r = -1.72853470e-5f * t + 3.83197126e-4f;
    float u = -3.88396438e-3f * t + 2.42546219e-2f;
    r = r * s + u;
    r = r * t + -1.06777877e-1f;
    r = r * t + -6.34846687e-1f;
    r = r * t + -1.28717512e-1f;
    float tail = 1.0f - f_exp(r * t - t);
    float p = -5.96761703e-4f;
    p = p * s + 4.99119423e-3f;
    p = p * s + -2.67681349e-2f;
    p = p * s + 1.12819925e-1f;
    p = p * s + -3.76125336e-1f;
    p = p * s + 1.28379166e-1f;
    float near = (p + 1.0f) * x; /* one product, which cannot lose a part below the least number */
    return t > 0.927734375f ? (x < 0 ? -tail : tail) : near;
}

/* for a >= 0; whole exponents are multiplied out when the graph is built */
static inline float f_pow(float a, float b) {
    float y = f_exp(b * f_log(a));
    return b == 0.0f ? 1.0f : y;
}

#define X(code, name, cost, value, ...)                         \
    static inline float one_##name(float x) { return value; }   \
    static void u_##name(float *d, const float *a, size_t n) {  \
        for (size_t i = 0; i < n; i++) d[i] = one_##name(a[i]); \
    }
PW_UNARY(X)
#undef X

#define X(code, name, cost, value)                                              \
    static inline float two_##name(float a, float b) { return value; }          \
    static void vv_##name(float *d, const float *a, const float *b, size_t n) { \
        for (size_t i = 0; i < n; i++) d[i] = two_##name(a[i], b[i]);           \
    }                                                                           \
    static void vs_##name(float *d, const float *a, float b, size_t n) {        \
        for (size_t i = 0; i < n; i++) d[i] = two_##name(a[i], b);              \
    }                                                                           \
    static void sv_##name(float *d, float a, const float *b, size_t n) {        \
        for (size_t i = 0; i < n; i++) d[i] = two_##name(a, b[i]);              \
    }
PW_BINARY(X)
#undef X

static void select3(float *d, const float *c, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] = c[i] != 0.0f ? a[i] : b[i];
}

static void fill(float *d, float v, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] = v;
}

static void bypass(float *d, const float *a, size_t n) {
    for (size_t i = 0; i < n; i += LANES) bypass_store(d + i, *(const Stored *)(a + i));
}

/* Sixteen running sums whatever the vector width, so that the order is part of the definition. */
static float sum(const float *a, size_t n) {
    float s[16] = {0};
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int j = 0; j < 16; j++) s[j] += a[i + (size_t)j];
    for (size_t j = 0; i + j < n; j++) s[j] += a[i + j];
    for (int w = 8; w; w /= 2)
        for (int j = 0; j < w; j++) s[j] += s[j + w];
    return s[0];
}

/* two_max of lanes, which compilers turn into jumps where they see it sixteen times. */
ALWAYS Vector lanes_max(Vector a, Vector b) {
    Mask first = (a > b) | (a != a);
    return (Vector)(((Mask)a & first) | ((Mask)b & ~first));
}

/* The same for the largest. */
static float maximum(const float *a, size_t n) {
    float m[16];
    Vector v[16 / LANES];
    size_t i = 0;
    for (size_t j = 0; j < 16; j++) v[j / LANES][j % LANES] = a[0];
    for (; i + 16 <= n; i += 16)
        for (size_t j = 0; j < 16; j += LANES)
            v[j / LANES] = lanes_max(*(const Stored *)(a + i + j), v[j / LANES]);
    memcpy(m, v, sizeof m);
    for (size_t j = 0; i + j < n; j++) m[j] = two_max(a[i + j], m[j]);
    for (int w = 8; w; w /= 2)
        for (int j = 0; j < w; j++) m[j] = two_max(m[j + w], m[j]);
    return m[0];
}

/* rows short enough that the calls would cost more than the sums; r is a constant when inlined */
ALWAYS void reduce_each(const size_t r, bool largest, float *restrict d, const float *restrict a,
                        size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = a[i * r];
        for (size_t k = 1; k < r; k++) v = largest ? two_max(a[i * r + k], v) : v + a[i * r + k];
        d[i] = v;
    }
}

ALWAYS void each(bool largest, float *d, const float *a, size_t n, size_t r) {
    switch (r) {
    case 2: reduce_each(2, largest, d, a, n); break;
    case 3: reduce_each(3, largest, d, a, n); break;
    case 4: reduce_each(4, largest, d, a, n); break;
    case 5: reduce_each(5, largest, d, a, n); break;
    case 6: reduce_each(6, largest, d, a, n); break;
    case 7: reduce_each(7, largest, d, a, n); break;
    case 8: reduce_each(8, largest, d, a, n); break;
    default:
        for (size_t i = 0; i < n; i++) d[i] = (largest ? maximum : sum)(a + i * r, r);
    }
}
static void sum_each(float *d, const float *a, size_t n, size_t r) { each(false, d, a, n, r); }
static void max_each(float *d, const float *a, size_t n, size_t r) { each(true, d, a, n, r); }

static void sum_rows(float *restrict acc, const float *restrict a, size_t rows, size_t b) {
    for (size_t r = 0; r < rows; r++, a += b)
        for (size_t j = 0; j < b; j++) acc[j] += a[j];
}

static void max_rows(float *restrict acc, const float *restrict a, size_t rows, size_t b) {
    for (size_t r = 0; r < rows; r++, a += b)
        for (size_t j = 0; j < b; j++) acc[j] = two_max(a[j], acc[j]);
}

/* clang-format off */
#define UNARY(code, name, ...) .unary[PW_##code] = u_##name,
#define BINARY(code, name, ...) \
    .vv[PW_##code] = vv_##name, .vs[PW_##code] = vs_##name, .sv[PW_##code] = sv_##name,
const PwKernels JOIN(pw_kernels_, ISA) = {
    PW_UNARY(UNARY) PW_BINARY(BINARY)
    .select = select3, .fill = fill, .bypass = bypass, .sum = sum, .maximum = maximum,
    .sum_each = sum_each, .max_each = max_each, .sum_rows = sum_rows, .max_rows = max_rows};

#ifdef ISA_portable
#define CASE_1(code, name, ...) case PW_##code: return one_##name(a);
#define CASE_2(code, name, ...) case PW_##code: return two_##name(a, b);
float pw_scalar(PwCode c, float a, float b, float d) {
    switch (c) {
    PW_UNARY(CASE_1)
    PW_BINARY(CASE_2)
    case PW_SELECT: return a != 0.0f ? b : d;
    case PW_COUNT: break;
    }
    return NAN;
}
#endif
/* clang-format on */
