#include "maths/spectrum.h"
#include "maths/dense.h"
#include "maths/lapack.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* The elements divided by *scale, the power of two of the largest, so that squares neither overflow
 * nor vanish. */
static double *to_double(const Tensor *t, size_t rows, double *scale, Error *err) {
    if (rows > INT_MAX || t->count / rows > INT_MAX) {
        fail(err, "%s: too large", t->name);
        return NULL;
    }
    double *a = data_alloc(t->count * sizeof *a, err), most = 0;
    for (size_t i = 0; i < t->count && a; i++) {
        a[i] = tensor_get(t, i);
        most = fmax(most, fabs(a[i]));
        if (isfinite(a[i])) continue;
        fail(err, "%s: element %zu is %f", t->name, i, a[i]);
        free(a);
        return NULL;
    }
    int e = 0;
    frexp(most, &e);
    *scale = ldexp(1, e < 1023 ? e : 1023);
    for (size_t i = 0; i < t->count && a; i++) a[i] /= *scale;
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

/* As gram.h wants it; *work is to be freed. */
static int gram_start(const Tensor *t, size_t rows, MatrixSize *size, double **work, Error *err) {
    *size = (MatrixSize){rows, t->count / rows};
    *work = data_alloc(gram_scratch(*size), err);
    return *work ? 0 : -1;
}

static int not_converged(const Tensor *t, Error *err) {
    return fail(err, "%s: the singular values did not converge", t->name);
}

int spectrum_values(const Tensor *t, size_t rows, SpectrumMethod method, double *value,
                    Error *err) {
    double scale = 1, *a = to_double(t, rows, &scale, err), *work = NULL;
    MatrixSize size;
    int bad = a ? 0 : -1;
    if (!bad && method == SPECTRUM_SVD) bad = decompose(t, rows, a, value, NULL, NULL, err);
    if (!bad && method == SPECTRUM_GRAM && !(bad = gram_start(t, rows, &size, &work, err)) &&
        gram_values(a, size, value, work))
        bad = not_converged(t, err);
    for (size_t i = 0; i < spectrum_count(t, rows) && !bad; i++) value[i] *= scale;
    free(work);
    free(a);
    return bad;
}

int spectrum_power(const Tensor *t, size_t rows, Power *p, Error *err) {
    size_t columns = t->count / rows;
    double scale = 1, *w = to_double(t, rows, &scale, err),
           *v = w ? data_alloc(columns * sizeof *v, err) : NULL;
    p->value = 0;
    for (p->iterations = 0; v && p->iterations < p->most;) {
        double before = p->value;
        cblas_dgemv(CblasRowMajor, CblasTrans, (int)rows, (int)columns, 1, w, (int)columns, p->u, 1,
                    0, v, 1);
        scale_to_one(v, columns);
        cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)rows, (int)columns, 1, w, (int)columns, v, 1,
                    0, p->u, 1);
        p->value = scale_to_one(p->u, rows);
        p->iterations++;
        if (fabs(p->value - before) <= p->tolerance * p->value) break;
    }
    p->value *= scale;
    free(w);
    int bad = v ? 0 : -1;
    free(v);
    return bad;
}

Spectrum spectrum_summary(const double *value, size_t n) {
    Spectrum s = {.largest = value[0], .smallest = value[n - 1]};
    double sum = 0;
    s.condition = s.smallest > 0 ? s.largest / s.smallest : INFINITY;
    s.ratio = n > 1 && value[1] > 0 ? s.largest / value[1] : INFINITY;
    for (size_t i = 0; i < n && s.largest > 0; i++) {
        s.stable_rank += value[i] / s.largest * (value[i] / s.largest);
        sum += value[i] / s.largest;
    }
    s.share = sum > 0 ? 1 / sum : 0;
    s.frobenius = s.largest * sqrt(s.stable_rank);
    return s;
}

/* ---- changes ---- */

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

/* What each of n values becomes; returns how many, the first ones, change. */
static size_t targets(const SpectrumChange *c, const double *s, size_t n, double scale,
                      double *target) {
    size_t changed = 0, first = c->bound.first && c->bound.first < n ? c->bound.first : n;
    double most = c->bound.relative ? c->bound.most * (first < n ? s[first] : INFINITY)
                                    : c->bound.most / scale;
    for (size_t i = 0; i < n; i++) {
        bool high = c->kind == SPECTRUM_LOWER && i < first && s[i] > most;
        target[i] = c->kind == SPECTRUM_ORTHOGONALISE ? 1 / scale : high ? most : s[i];
        if (high || c->kind == SPECTRUM_ORTHOGONALISE) changed++;
    }
    return changed;
}

/* Beyond this part of the largest, what a difference leaves of digits is too little. */
static const double FAR = 1e8;

/* W = V diag(s) U with other values: what differs is added, unless that would be all that is left.
 */
static void put_values(double *w, size_t rows, size_t columns, size_t n, size_t changed, double *s,
                       double *u, const double *v) {
    const double *target = s + n;
    bool anew = s[0] > FAR * target[0];
    size_t count = anew ? n : changed;
    for (size_t i = 0; i < count; i++)
        cblas_dscal((int)columns, target[i] - (anew ? 0 : s[i]), u + i * columns, 1);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)count, 1,
                v, (int)n, u, (int)columns, anew ? 0 : 1, w, (int)columns);
}

/* By LAPACK. w [rows,columns] is divided by scale. */
static int change_svd(const Tensor *t, size_t rows, const SpectrumChange *c, double scale,
                      double *w, size_t *changed, Error *err) {
    size_t n = spectrum_count(t, rows), columns = t->count / rows;
    double *a = data_alloc(t->count * sizeof *a, err), *s = data_alloc(2 * n * sizeof *s, err);
    double *u = data_alloc(n * columns * sizeof *u, err);
    double *v = data_alloc(n * rows * sizeof *v, err);
    int bad = a && s && u && v ? 0 : -1;
    if (!bad) memcpy(a, w, t->count * sizeof *a);
    if (!bad) bad = decompose(t, rows, a, s, u, v, err);
    double epsilon = t->dtype == DT_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    double least = epsilon * (double)(rows > columns ? rows : columns); /* what is rounding alone */
    if (!bad && c->kind == SPECTRUM_ORTHOGONALISE && !(s[n - 1] > least * s[0]))
        bad = fail(err, "%s: is not of full rank, and has no nearest orthogonal matrix", t->name);
    if (!bad && (*changed = targets(c, s, n, scale, s + n)))
        put_values(w, rows, columns, n, *changed, s, u, v);
    free(a);
    free(s);
    free(u);
    free(v);
    return bad;
}

static int change_gram(const Tensor *t, size_t rows, const SpectrumChange *c, double scale,
                       double *w, size_t *changed, Error *err) {
    MatrixSize size;
    SingularBound bound = c->bound;
    double *work = NULL;
    if (!bound.relative) bound.most /= scale;
    int bad = gram_start(t, rows, &size, &work, err);
    if (!bad && gram_lower(w, size, &bound, changed, work)) bad = not_converged(t, err);
    free(work);
    return bad;
}

/* *scale becomes 1 over the largest, so that w times it is what is wanted. */
static int normalise(const Tensor *t, size_t rows, double *scale, size_t *changed, Error *err) {
    double *s = data_alloc(spectrum_count(t, rows) * sizeof *s, err);
    int bad = s ? spectrum_values(t, rows, SPECTRUM_SVD, s, err) : -1;
    *changed = !bad && s[0] > 0;
    if (*changed) *scale /= s[0];
    free(s);
    return bad;
}

int spectrum_change(Tensor *t, size_t rows, const SpectrumChange *c, bool *changed, Error *err) {
    if (changed) *changed = false;
    if (check_writable(t, err)) return -1;
    double scale = 1, *w = to_double(t, rows, &scale, err);
    size_t count = 0;
    int bad = !w                              ? -1
              : c->kind == SPECTRUM_NORMALISE ? normalise(t, rows, &scale, &count, err)
              : c->kind == SPECTRUM_LOWER && c->method == SPECTRUM_GRAM
                  ? change_gram(t, rows, c, scale, w, &count, err)
                  : change_svd(t, rows, c, scale, w, &count, err);
    for (size_t i = 0; i < t->count && !bad && count; i++) put(t, i, w[i] * scale);
    if (changed) *changed = !bad && count;
    free(w);
    return bad;
}
