#include "measure/spectrum.h"

#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

bool spectrum_has(const Tensor *t) {
    bool real =
        t->dtype == DT_F16 || t->dtype == DT_BF16 || t->dtype == DT_F32 || t->dtype == DT_F64;
    return real && t->rank >= 2 && t->count > 0;
}

/* The flattened extents. */
static size_t height(const Tensor *t) { return t->shape[0]; }
static size_t width(const Tensor *t) { return t->count / t->shape[0]; }

size_t spectrum_count(const Tensor *t) { return height(t) < width(t) ? height(t) : width(t); }

static double *to_double(const Tensor *t, Error *err) {
    if (height(t) > INT_MAX || width(t) > INT_MAX) {
        fail(err, "%s: too large", t->name);
        return NULL;
    }
    double *a = data_alloc(t->count * sizeof *a, err);
    for (size_t i = 0; i < t->count && a; i++) {
        a[i] = tensor_get(t, i);
        if (isfinite(a[i])) continue;
        fail(err, "%s: element %zu is %f", t->name, i, a[i]);
        free(a);
        return NULL;
    }
    return a;
}

/* The rows of t are columns to LAPACK: the decomposition is of the transpose, whose singular
 * values are the same and whose vectors change places. u [count,width] and v [height,count] by
 * rows: W = v diag(s) u; both NULL: values only. a is destroyed. */
static int decompose(const Tensor *t, double *a, double *s, double *u, double *v, Error *err) {
    lapack_int m = (lapack_int)width(t), n = (lapack_int)height(t);
    lapack_int k = (lapack_int)spectrum_count(t);
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, u ? 'S' : 'N', m, n, a, m, s, u, m, v, k);
    return info ? fail(err, "%s: the singular values did not converge", t->name) : 0;
}

int spectrum_values(const Tensor *t, double *value, Error *err) {
    double *a = to_double(t, err);
    int bad = a ? decompose(t, a, value, NULL, NULL, err) : -1;
    free(a);
    return bad;
}

Spectrum spectrum_summary(const double *value, size_t n) {
    Spectrum s = {.largest = value[0], .smallest = value[n - 1]};
    s.condition = s.smallest > 0 ? s.largest / s.smallest : INFINITY;
    for (size_t i = 0; i < n && s.largest > 0; i++)
        s.stable_rank += value[i] / s.largest * (value[i] / s.largest);
    return s;
}

static int check_writable(const Tensor *t, Error *err) {
    if (t->dtype == DT_F32 || t->dtype == DT_F64) return 0;
    return fail(err, "%s: %s weights are not written, only F32 and F64", t->name,
                dtype_name(t->dtype));
}

static void put(Tensor *t, size_t i, double v) {
    if (t->dtype == DT_F32)
        ((float *)t->data)[i] = (float)v;
    else
        ((double *)t->data)[i] = v;
}

/* W - sum over the first k of (s_i - most) v_i u_i. */
static void subtract(Tensor *t, const double *s, size_t k, double most, const double *u,
                     const double *v) {
    size_t w = width(t), h = height(t), count = spectrum_count(t);
    for (size_t i = 0; i < h; i++) {
        for (size_t j = 0; j < w; j++) {
            double x = tensor_get(t, i * w + j);
            for (size_t r = 0; r < k; r++) x -= (s[r] - most) * v[i * count + r] * u[r * w + j];
            put(t, i * w + j, x);
        }
    }
}

int spectrum_clip(Tensor *t, double most, bool *changed, Error *err) {
    if (changed) *changed = false;
    if (check_writable(t, err) < 0) return -1;
    size_t n = spectrum_count(t), above = 0;
    double *a = to_double(t, err), *s = data_alloc(n * sizeof *s, err);
    double *u = data_alloc(n * width(t) * sizeof *u, err);
    double *v = data_alloc(n * height(t) * sizeof *v, err);
    int bad = a && s && u && v ? decompose(t, a, s, u, v, err) : -1;
    while (!bad && above < n && s[above] > most) above++;
    if (above) subtract(t, s, above, most, u, v);
    if (changed) *changed = above > 0;
    free(a);
    free(s);
    free(u);
    free(v);
    return bad;
}

int spectrum_normalise(Tensor *t, Error *err) {
    if (check_writable(t, err) < 0) return -1;
    double *s = data_alloc(spectrum_count(t) * sizeof *s, err);
    int bad = s ? spectrum_values(t, s, err) : -1;
    for (size_t i = 0; i < t->count && !bad && s[0] > 0; i++) put(t, i, tensor_get(t, i) / s[0]);
    free(s);
    return bad;
}
