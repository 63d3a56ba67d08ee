#include "maths/linear.h"

#include "maths/dense.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one problem ---- */

static double row_dot(const LinearRows *x, double constant, size_t i, const double *w) {
    double s = 0;
    size_t d = x->d;
    if (x->xf) {
        const float *r = x->xf + i * d;
#pragma omp simd reduction(+ : s)
        for (size_t j = 0; j < d; j++) s += r[j] * w[j];
    } else {
        const double *r = x->xd + i * d;
#pragma omp simd reduction(+ : s)
        for (size_t j = 0; j < d; j++) s += r[j] * w[j];
    }
    return x->constant ? s + constant * w[d] : s;
}

static void row_add(const LinearRows *x, double constant, size_t i, double a, double *out) {
    size_t d = x->d;
    if (x->xf) {
        const float *r = x->xf + i * d;
        for (size_t j = 0; j < d; j++) out[j] += a * r[j];
    } else {
        const double *r = x->xd + i * d;
        for (size_t j = 0; j < d; j++) out[j] += a * r[j];
    }
    if (x->constant) out[d] += a * constant;
}

static double dot(const double *a, const double *b, size_t n) {
    double s = 0;
#pragma omp simd reduction(+ : s)
    for (size_t i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

/* Loss, and its first and second derivatives, at margin z. */
static double loss_value(Loss loss, double z) {
    if (loss == LOSS_LOGISTIC) return z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z;
    return z < 1 ? (1 - z) * (1 - z) : 0;
}

static double loss_slope(Loss loss, double z) {
    if (loss == LOSS_LOGISTIC) return z > 0 ? -exp(-z) / (1 + exp(-z)) : -1 / (1 + exp(z));
    return z < 1 ? -2 * (1 - z) : 0;
}

static double loss_curve(Loss loss, double z) {
    if (loss == LOSS_SQUARED_HINGE) return z < 1 ? 2 : 0;
    double e = exp(-fabs(z));
    return e / ((1 + e) * (1 + e));
}

typedef struct {
    const LinearRows *x;
    const signed char *y;
    const LinearParams *p;
    size_t width;                     /* d + constant */
    double constant, c[2];            /* the last feature; C of rows of y = -1 and of 1 */
    double *w;                        /* [width] */
    double *score, *along;            /* [n]: x.w and x.step */
    double *grad, *step, *r, *q, *hq; /* [width] */
} Newton;

static double objective(const Newton *s, double t) {
    double sum = 0, part = s->c[0] / s->c[1];
    for (size_t i = 0; i < s->x->n; i++) {
        double loss = loss_value(s->p->loss, s->y[i] * (s->score[i] + t * s->along[i]));
        sum += s->y[i] > 0 ? loss : part * loss;
    }
    double ww = dot(s->w, s->w, s->width), wd = dot(s->w, s->step, s->width);
    return 0.5 * (ww + 2 * t * wd + t * t * dot(s->step, s->step, s->width)) + s->c[1] * sum;
}

static void gradient(const Newton *s) {
    memcpy(s->grad, s->w, s->width * sizeof *s->grad);
    for (size_t i = 0; i < s->x->n; i++) {
        double y = s->y[i], g = s->c[y > 0] * y * loss_slope(s->p->loss, y * s->score[i]);
        if (g != 0) row_add(s->x, s->constant, i, g, s->grad);
    }
}

/* out = H v with H = I + C sum_i loss''(z_i) x_i x_i^T */
static void hessian(const Newton *s, const double *v, double *out) {
    memcpy(out, v, s->width * sizeof *out);
    for (size_t i = 0; i < s->x->n; i++) {
        double h = s->c[s->y[i] > 0] * loss_curve(s->p->loss, s->y[i] * s->score[i]);
        if (h != 0) row_add(s->x, s->constant, i, h * row_dot(s->x, s->constant, i, v), out);
    }
}

/* Conjugate gradients on H step = -grad, to ||residual|| <= goal. */
static void newton_step(const Newton *s, double goal) {
    size_t n = s->width;
    memset(s->step, 0, n * sizeof *s->step);
    for (size_t j = 0; j < n; j++) s->q[j] = s->r[j] = -s->grad[j];
    double rr = dot(s->r, s->r, n);
    for (int k = 0; k < 1000 && sqrt(rr) > goal; k++) {
        hessian(s, s->q, s->hq);
        double a = rr / dot(s->q, s->hq, n);
        for (size_t j = 0; j < n; j++) {
            s->step[j] += a * s->q[j];
            s->r[j] -= a * s->hq[j];
        }
        double next = dot(s->r, s->r, n), b = next / rr;
        for (size_t j = 0; j < n; j++) s->q[j] = s->r[j] + b * s->q[j];
        rr = next;
    }
}

/* Halves the step until the objective falls enough; false when rounding stops all progress. */
static bool move(const Newton *s) {
    for (size_t i = 0; i < s->x->n; i++) s->along[i] = row_dot(s->x, s->constant, i, s->step);
    double f = objective(s, 0), slope = dot(s->grad, s->step, s->width), t = 1;
    for (int k = 0; k < 40; k++, t /= 2) {
        if (objective(s, t) > f + 1e-4 * t * slope + 8 * DBL_EPSILON * fabs(f)) continue;
        for (size_t j = 0; j < s->width; j++) s->w[j] += t * s->step[j];
        for (size_t i = 0; i < s->x->n; i++) s->score[i] = row_dot(s->x, s->constant, i, s->w);
        return true;
    }
    return false;
}

static double newton(const Newton *s) {
    size_t n = s->x->n;
    double *start = s->r; /* grad f(0) = C loss'(0) sum_i y_i x_i */
    memset(start, 0, s->width * sizeof *start);
    for (size_t i = 0; i < n; i++)
        row_add(s->x, s->constant, i, s->c[s->y[i] > 0] * s->y[i] * loss_slope(s->p->loss, 0),
                start);
    double first = sqrt(dot(start, start, s->width));
    if (first == 0) first = 1;
    for (size_t i = 0; i < n; i++) s->score[i] = row_dot(s->x, s->constant, i, s->w);
    double norm = 0;
    for (int k = 0; k <= s->p->iterations; k++) {
        gradient(s);
        norm = sqrt(dot(s->grad, s->grad, s->width));
        if (norm <= s->p->tolerance * first || k == s->p->iterations) break;
        newton_step(s, fmin(0.1, sqrt(norm / first)) * norm);
        if (!move(s)) break;
    }
    return norm / first;
}

int linear_solve(const LinearRows *x, const signed char *y, const LinearParams *p, double *w,
                 double *relative, Error *err) {
    size_t width = x->d + x->constant;
    double *work = data_alloc((2 * x->n + 5 * width) * sizeof *work, err);
    if (!work) return -1;
    Newton s = {.x = x, .y = y, .p = p, .width = width, .w = w, .score = work};
    s.constant = p->constant > 0 ? p->constant : 1;
    s.c[0] = p->c * (p->negative > 0 ? p->negative : 1);
    s.c[1] = p->c * (p->positive > 0 ? p->positive : 1);
    s.along = s.score + x->n, s.grad = s.along + x->n;
    s.step = s.grad + width, s.r = s.step + width, s.q = s.r + width, s.hq = s.q + width;
    double norm = newton(&s);
    if (relative) *relative = norm;
    free(work);
    return isfinite(norm) ? 0 : fail(err, "the classifier's weights are not finite");
}

/* ---- all classes ---- */

int linear_new(Linear *l, size_t k, size_t d, Error *err) {
    *l = (Linear){.rows = k == 2 ? 1 : k, .d = d, .constant = 1};
    l->weight = calloc(l->rows * (d + 1), sizeof *l->weight);
    return l->weight ? 0 : fail(err, "out of memory: %zu classes of %zu weights", k, d);
}

void linear_free(Linear *l) {
    free(l->weight);
    *l = (Linear){0};
}

/* Solves every class on rows x; weights are [rows, width of x]. */
static int solve_classes(const LinearRows *x, const size_t *class, size_t rows,
                         const LinearParams *p, double *weight, double *worst, Error *err) {
    size_t width = x->d + x->constant, n = x->n;
    struct Solved {
        double relative;
        int bad;
        Error err;
    } *of = calloc(rows, sizeof *of);
    int bad = 0;
    *worst = 0;
    if (!of) return fail(err, "out of memory");
#pragma omp parallel for schedule(dynamic)
    for (size_t r = 0; r < rows; r++) {
        signed char *y = data_alloc(n, &of[r].err);
        for (size_t i = 0; y && i < n; i++) y[i] = class[i] == (rows == 1 ? 1 : r) ? 1 : -1;
        LinearParams own = *p;
        if (p->shares) own.positive = p->shares[rows == 1 ? 1 : r];
        if (p->shares && rows == 1) own.negative = p->shares[0];
        of[r].bad =
            y ? linear_solve(x, y, &own, weight + r * width, &of[r].relative, &of[r].err) : -1;
        free(y);
    }
    for (size_t r = 0; r < rows && !bad; r++) {
        if (of[r].bad) bad = fail(err, "%s", of[r].err.text);
        *worst = fmax(*worst, of[r].relative);
    }
    free(of);
    return bad;
}

/* The products of rows with their constant feature c: a[i,j] = x_i . x_j + c^2, lower triangle. */
static int row_products(const float *x, size_t n, size_t d, double c, double *a, Error *err) {
    enum { STRIP = 512 };
    double *strip = data_alloc(n * STRIP * sizeof *strip, err);
    if (!strip) return -1;
    for (size_t i = 0; i < n * n; i++) a[i] = c * c;
    for (size_t from = 0; from < d; from += STRIP) {
        size_t m = d - from < STRIP ? d - from : STRIP;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++) strip[i * m + j] = x[i * d + from + j];
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)m, 1, strip, (int)m, 1, a,
                    (int)n);
    }
    free(strip);
    return 0;
}

/* Writes the weights for the original features: with products X X^T = L L^T (rows in pivot order)
 * and v the solution for rows L, w = X^T a where L1^T a = v, L1 the leading triangle. */
static void expand(Linear *l, const float *x, const double *factor, size_t n, size_t rank,
                   const size_t *pivot, double *v) {
    size_t d = l->d;
    memset(l->weight, 0, l->rows * (d + 1) * sizeof *l->weight);
    LinearRows rows = {.n = n, .d = d, .xf = x, .constant = true};
    for (size_t r = 0; r < l->rows; r++) {
        double *a = v + r * rank;
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, (int)rank, factor, (int)n,
                    a, 1);
        for (size_t i = 0; i < rank; i++)
            row_add(&rows, l->constant, pivot[i], a[i], l->weight + r * (d + 1));
    }
}

/* The start in the span of the rows that scores them as the weights held do: L1 v = X1 w. */
static void contract(const Linear *l, const float *x, const double *factor, size_t n, size_t rank,
                     const size_t *pivot, double *v) {
    LinearRows rows = {.n = n, .d = l->d, .xf = x, .constant = true};
    for (size_t r = 0; r < l->rows; r++) {
        double *a = v + r * rank;
        for (size_t i = 0; i < rank; i++)
            a[i] = row_dot(&rows, l->constant, pivot[i], l->weight + r * (l->d + 1));
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)rank, factor,
                    (int)n, a, 1);
    }
}

static int train_few(Linear *l, const float *x, const size_t *class, size_t n,
                     const LinearParams *p, Error *err) {
    double *a = data_alloc(n * n * sizeof *a, err), *z = data_alloc(n * n * sizeof *z, err);
    size_t *pivot = data_alloc(n * sizeof *pivot, err), rank;
    size_t *order = data_alloc(n * sizeof *order, err);
    double *v = data_alloc(l->rows * n * sizeof *v, err);
    int bad = a && z && pivot && order && v ? row_products(x, n, l->d, l->constant, a, err) : -1;
    if (!bad) bad = pivoted_cholesky(a, n, pivot, &rank, err);
    if (!bad) {
        for (size_t i = 0; i < n; i++) {
            order[i] = class[pivot[i]];
            memcpy(z + i * rank, a + i * n, rank * sizeof *z);
        }
        contract(l, x, a, n, rank, pivot, v);
        LinearRows rows = {.n = n, .d = rank, .xd = z};
        bad = solve_classes(&rows, order, l->rows, p, v, &l->worst, err);
    }
    if (!bad) expand(l, x, a, n, rank, pivot, v);
    free(a);
    free(z);
    free(pivot);
    free(order);
    free(v);
    return bad;
}

int linear_train(Linear *l, const float *x, const size_t *class, size_t n, const LinearParams *p,
                 Error *err) {
    l->constant = p->constant > 0 ? p->constant : 1;
    if (n < l->d && n <= 4096) return train_few(l, x, class, n, p, err);
    LinearRows rows = {.n = n, .d = l->d, .xf = x, .constant = true};
    return solve_classes(&rows, class, l->rows, p, l->weight, &l->worst, err);
}

static void predict_block(const Linear *l, const double *x, size_t n, const double *w,
                          double *score, size_t *out) {
    products(x, n, w, l->rows, l->d, score);
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        double *s = score + i * l->rows;
        for (size_t r = 0; r < l->rows; r++) {
            s[r] += l->constant * l->weight[r * (l->d + 1) + l->d];
            if (s[r] > s[best]) best = r;
        }
        out[i] = l->rows == 1 ? s[0] > 0 : best;
    }
}

int linear_predict(const Linear *l, const float *x, size_t n, size_t *out, Error *err) {
    enum { BLOCK = 256 };
    size_t d = l->d;
    double *w = data_alloc(l->rows * d * sizeof *w, err);
    double *b = data_alloc(BLOCK * d * sizeof *b, err);
    double *score = data_alloc(BLOCK * l->rows * sizeof *score, err);
    int bad = w && b && score ? 0 : -1;
    for (size_t r = 0; r < l->rows && !bad; r++)
        memcpy(w + r * d, l->weight + r * (d + 1), d * sizeof *w);
    for (size_t i = 0; i < n && !bad; i += BLOCK) {
        size_t m = n - i < BLOCK ? n - i : BLOCK;
        for (size_t j = 0; j < m * d; j++) b[j] = x[i * d + j];
        predict_block(l, b, m, w, score, out + i);
    }
    free(w);
    free(b);
    free(score);
    return bad;
}
