/* With A the smaller Gram matrix and v_i, s_i^2 its eigenvectors and values, W is lowered to
 * W - sum_i (1 - bound/s_i) (W v_i) v_i^T over the values above the bound. */
#include "maths/gram.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>

/* Places in the scratch. */
typedef struct {
    int rows, columns, n;
    double *gram, *square, *part, *work;
    lapack_int *whole, work_count, whole_count;
} Gram;

static size_t smaller(MatrixSize s) { return s.rows < s.columns ? s.rows : s.columns; }

/* The bytes of the scratch, whose places are noted. */
static size_t lay_out(MatrixSize size, char *scratch, Gram *p) {
    size_t n = smaller(size), longer = size.rows + size.columns - n, at = 0;
    *p = (Gram){.rows = (int)size.rows, .columns = (int)size.columns, .n = (int)n};
    p->work_count = (lapack_int)(1 + 6 * n + 2 * n * n);
    p->whole_count = (lapack_int)(3 + 5 * n);
    const size_t counts[] = {n * n, n, longer * n, (size_t)p->work_count};
    double **to[] = {&p->gram, &p->square, &p->part, &p->work};
    for (size_t i = 0; i < 4; i++) {
        *to[i] = scratch ? (double *)(void *)(scratch + at) : NULL;
        at += counts[i] * sizeof(double);
    }
    p->whole = scratch ? (lapack_int *)(void *)(scratch + at) : NULL;
    return at + (size_t)p->whole_count * sizeof(lapack_int);
}

size_t gram_scratch(MatrixSize size) {
    Gram p;
    return lay_out(size, NULL, &p);
}

/* Whether the eigenvectors are those of W's rows. */
static bool across(const Gram *p) { return p->columns <= p->rows; }

/* Squares of singular values, ascending, and with `vectors` the eigenvectors as columns of gram. */
static int decompose(const Gram *p, const double *w, bool vectors) {
    cblas_dsyrk(CblasRowMajor, CblasUpper, across(p) ? CblasTrans : CblasNoTrans, p->n,
                across(p) ? p->rows : p->columns, 1, w, p->columns, 0, p->gram, p->n);
    /* the upper triangle by rows is the lower one by columns */
    return (int)LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'L', p->n, p->gram, p->n,
                                    p->square, p->work, p->work_count, p->whole, p->whole_count);
}

int gram_values(const double *w, MatrixSize size, double *value, void *scratch) {
    Gram p;
    lay_out(size, scratch, &p);
    int info = decompose(&p, w, false);
    for (int i = 0; i < p.n && !info; i++) value[i] = sqrt(fmax(p.square[p.n - 1 - i], 0));
    return info;
}

/* Subtracts what is above from W: of `high` eigenvectors, the last of gram's columns. */
static void subtract(const Gram *p, double *w, int high, double most) {
    int m = p->rows, n = p->columns, first = p->n - high;
    const double *v = p->gram + (size_t)first * (size_t)p->n; /* by columns: [n,high] */
    if (across(p))
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, high, n, 1, w, n, v, n, 0, p->part,
                    high);
    else
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, high, n, m, 1, v, m, w, n, 0,
                    p->part, n);
    for (int r = 0; r < high; r++) {
        double share = 1 - most / sqrt(p->square[first + r]);
        if (across(p))
            cblas_dscal(m, share, p->part + r, high);
        else
            cblas_dscal(n, share, p->part + (size_t)r * (size_t)n, 1);
    }
    if (across(p))
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, high, -1, p->part, high, v, n,
                    1, w, n);
    else
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, high, -1, v, m, p->part, n, 1, w,
                    n);
}

int gram_lower(double *w, MatrixSize size, const SingularBound *bound, size_t *lowered,
               void *scratch) {
    Gram p;
    lay_out(size, scratch, &p);
    *lowered = 0;
    int info = decompose(&p, w, true);
    if (info) return info;
    int high = 0, n = p.n, first = bound->first && bound->first < (size_t)n ? (int)bound->first : n;
    double most = bound->most;
    if (bound->relative) most *= first < n ? sqrt(fmax(p.square[n - 1 - first], 0)) : INFINITY;
    while (high < first && p.square[n - 1 - high] > most * most) high++;
    if (high) subtract(&p, w, high, most);
    *lowered = (size_t)high;
    return 0;
}
