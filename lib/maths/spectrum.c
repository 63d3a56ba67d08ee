#include "maths/spectrum.h"
#include "maths/lapack.h"

#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

bool spectrum_has(const Tensor *t) {
    bool real =
        t->dtype == DT_F16 || t->dtype == DT_BF16 || t->dtype == DT_F32 || t->dtype == DT_F64;
    return real && t->rank >= 2 && t->count > 0;
}

size_t spectrum_rows(const Tensor *t, bool of_page) {
    return of_page ? t->count / t->shape[t->rank - 1] : t->shape[0];
}

size_t spectrum_count(const Tensor *t, size_t rows) {
    size_t columns = t->count / rows;
    return rows < columns ? rows : columns;
}

static double *to_double(const Tensor *t, size_t rows, Error *err) {
    if (rows > INT_MAX || t->count / rows > INT_MAX) {
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
 * values are the same and whose vectors change places. u [count,columns] and v [rows,count] by
 * rows: W = v diag(s) u; both NULL: values only. a is destroyed. */
static int decompose(const Tensor *t, size_t rows, double *a, double *s, double *u, double *v,
                     Error *err) {
    lapack_int m = (lapack_int)(t->count / rows), n = (lapack_int)rows;
    lapack_int k = (lapack_int)spectrum_count(t, rows);
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, u ? 'S' : 'N', m, n, a, m, s, u, m, v, k);
    return lapack_check(info, err, "%s: the singular values did not converge", t->name);
}

int spectrum_values(const Tensor *t, size_t rows, double *value, Error *err) {
    double *a = to_double(t, rows, err);
    int bad = a ? decompose(t, rows, a, value, NULL, NULL, err) : -1;
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
static void subtract(Tensor *t, size_t rows, const double *s, size_t k, double most,
                     const double *u, const double *v) {
    size_t w = t->count / rows, count = spectrum_count(t, rows);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < w; j++) {
            double x = tensor_get(t, i * w + j);
            for (size_t r = 0; r < k; r++) x -= (s[r] - most) * v[i * count + r] * u[r * w + j];
            put(t, i * w + j, x);
        }
    }
}

int spectrum_clip(Tensor *t, size_t rows, double most, bool *changed, Error *err) {
    if (changed) *changed = false;
    if (check_writable(t, err) < 0) return -1;
    size_t n = spectrum_count(t, rows), above = 0;
    double *a = to_double(t, rows, err), *s = data_alloc(n * sizeof *s, err);
    double *u = data_alloc(n * (t->count / rows) * sizeof *u, err);
    double *v = data_alloc(n * rows * sizeof *v, err);
    int bad = a && s && u && v ? decompose(t, rows, a, s, u, v, err) : -1;
    while (!bad && above < n && s[above] > most) above++;
    if (above) subtract(t, rows, s, above, most, u, v);
    if (changed) *changed = above > 0;
    free(a);
    free(s);
    free(u);
    free(v);
    return bad;
}

int spectrum_normalise(Tensor *t, size_t rows, Error *err) {
    if (check_writable(t, err) < 0) return -1;
    double *s = data_alloc(spectrum_count(t, rows) * sizeof *s, err);
    int bad = s ? spectrum_values(t, rows, s, err) : -1;
    for (size_t i = 0; i < t->count && !bad && s[0] > 0; i++) put(t, i, tensor_get(t, i) / s[0]);
    free(s);
    return bad;
}
