#include "maths/dense.h"
#include "maths/lapack.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

void squared_norms(const double *x, size_t n, size_t d, double *out) {
    for (size_t i = 0; i < n; i++) {
        double s = 0;
        for (size_t j = 0; j < d; j++) s += x[i * d + j] * x[i * d + j];
        out[i] = s;
    }
}

void products(const double *x, size_t nx, const double *y, size_t ny, size_t d, double *out) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)nx, (int)ny, (int)d, 1, x, (int)d, y,
                (int)d, 0, out, (int)ny);
}

double squared_distance(const double *x, const double *y, size_t d) {
    double s = 0;
    for (size_t j = 0; j < d; j++) s += (x[j] - y[j]) * (x[j] - y[j]);
    return s;
}

void squared_distances(const double *x, const double *xx, size_t nx, const double *y,
                       const double *yy, size_t ny, size_t d, double *out) {
    products(x, nx, y, ny, d, out);
    for (size_t i = 0; i < nx; i++) {
        for (size_t j = 0; j < ny; j++) {
            double scale = xx[i] + yy[j], v = scale - 2 * out[i * ny + j];
            if (v <= 1e-6 * scale) v = squared_distance(x + i * d, y + j * d, d);
            out[i * ny + j] = v;
        }
    }
}

size_t argmax(const double *x, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* As unsigned integers doubles are in order once the sign bit of positive ones, or all bits of
 * negative ones, are inverted. */
static uint64_t to_ordered(double v) {
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u >> 63 ? ~u : u | (uint64_t)1 << 63;
}

static double from_ordered(uint64_t u) {
    double v;
    u = u >> 63 ? u & ~((uint64_t)1 << 63) : ~u;
    memcpy(&v, &u, sizeof v);
    return v;
}

/* Many numbers are distributed byte by byte, from the least significant on, which keeps the order
 * of equal bytes (radix sort). */
void sort_ascending(double *x, size_t n) {
    uint64_t *key = n < 256 ? NULL : malloc(2 * n * sizeof *key);
    if (!key) {
        qsort(x, n, sizeof *x, ascending);
        return;
    }
    uint64_t *from = key, *other = key + n;
    for (size_t i = 0; i < n; i++) key[i] = to_ordered(x[i]);
    for (int shift = 0; shift < 64; shift += 8) {
        size_t start[257] = {0};
        for (size_t i = 0; i < n; i++) start[(from[i] >> shift & 255) + 1]++;
        for (int b = 0; b < 256; b++) start[b + 1] += start[b];
        for (size_t i = 0; i < n; i++) other[start[from[i] >> shift & 255]++] = from[i];
        uint64_t *swap = from;
        from = other, other = swap;
    }
    for (size_t i = 0; i < n; i++) x[i] = from_ordered(from[i]);
    free(key);
}

int pivoted_cholesky(double *a, size_t n, size_t *pivot, size_t *rank, Error *err) {
    if (n > INT_MAX / 2) return fail(err, "a matrix of %zu rows is too large", n);
    lapack_int *piv = malloc((n ? n : 1) * sizeof *piv), r = 0;
    if (!piv) return fail(err, "out of memory");
    /* the lower triangle by rows is the upper one by columns; -1: n * epsilon * max diagonal */
    lapack_int info =
        LAPACKE_dpstrf(LAPACK_COL_MAJOR, 'U', (lapack_int)n, a, (lapack_int)n, piv, &r, -1.0);
    for (size_t i = 0; i < n && info >= 0; i++) {
        pivot[i] = (size_t)piv[i] - 1;
        for (size_t j = 0; j < n; j++)
            if (j > i || j >= (size_t)r) a[i * n + j] = 0;
    }
    *rank = (size_t)r;
    free(piv);
    /* above 0: of lower rank, as may be */
    return lapack_check(info < 0 ? info : 0, err, "a covariance or product matrix is not finite");
}

double scale_to_one(double *x, size_t n) {
    double norm = cblas_dnrm2((int)n, x, 1);
    if (norm > 0) cblas_dscal((int)n, 1 / norm, x, 1);
    return norm;
}
