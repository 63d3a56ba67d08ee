/* dense.h: blocks of distances and products between two sets of rows, the best few of a list, and
 * a pivoted Cholesky factor: what the metrics share. All matrices are row-major doubles. */
#ifndef GAN_DENSE_H
#define GAN_DENSE_H

#include "base/base.h"

/* sum x_i^2 of each of n rows. */
void squared_norms(const double *x, size_t n, size_t d, double *out);
/* out[i,j] = ||x_i - y_j||^2 [nx,ny], as ||x||^2 - 2xy + ||y||^2 through one matrix product; an
 * element that loses more than six digits to cancellation is computed anew from differences, so
 * that equal rows are at distance 0 exactly. xx, yy are the squared norms. */
void squared_distances(const double *x, const double *xx, size_t nx, const double *y,
                       const double *yy, size_t ny, size_t d, double *out);
/* ||x - y||^2 from differences. */
double squared_distance(const double *x, const double *y, size_t d);
/* out[i,j] = x_i . y_j */
void products(const double *x, size_t nx, const double *y, size_t ny, size_t d, double *out);

/* The k smallest keys seen, ascending; of equal keys the one offered first stays ahead. */
typedef struct {
    double *key;
    size_t *item;
    size_t k, count;
} Best;
static inline void best_offer(Best *b, double key, size_t item) {
    if (b->count == b->k && !(key < b->key[b->k - 1])) return;
    size_t i = b->count < b->k ? b->count++ : b->k - 1;
    for (; i > 0 && key < b->key[i - 1]; i--) {
        b->key[i] = b->key[i - 1];
        b->item[i] = b->item[i - 1];
    }
    b->key[i] = key;
    b->item[i] = item;
}

/* Divides x by its Euclidean norm, unless that is 0, and returns it. */
double scale_to_one(double *x, size_t n);
/* Of n numbers, none NaN, in place. */
void sort_ascending(double *x, size_t n);
/* Which of n > 0 numbers is the largest, the first of equals. */
size_t argmax(const double *x, size_t n);

/* Pivoted Cholesky of a symmetric positive semidefinite a [n,n], whose lower triangle is replaced:
 * a[pivot[i],pivot[j]] = (L L^T)[i,j] with L [n,rank] lower trapezoidal, zeros stored above the
 * diagonal and in columns from rank on. Columns whose pivot is below n * epsilon * max diagonal
 * are dropped. */
MUST_CHECK int pivoted_cholesky(double *a, size_t n, size_t *pivot, size_t *rank, Error *err);

#endif
