/* linear.h: L2-regularised linear classifiers, one-vs-rest, solved to a stated tolerance.
 *
 * For one class against the rest, with targets y_i = +1 or -1, the solution minimises
 *     f(w) = 1/2 ||w||^2 + C sum_i s_i loss(y_i w.x_i)
 * where x_i carries a last feature that is constant, so that the bias is penalised too, the less
 * the larger that is (Fan et al. 2008, LIBLINEAR, with that bias); s_i is 1 or the class's share.
 */
#ifndef GAN_LINEAR_H
#define GAN_LINEAR_H

#include "base/base.h"

typedef enum {
    LOSS_SQUARED_HINGE, /* max(0, 1 - z)^2: the L2-SVM */
    LOSS_LOGISTIC,      /* log(1 + e^-z) */
} Loss;

/* n rows of d numbers, as floats or as doubles; `constant` appends the constant feature. */
typedef struct {
    size_t n, d;
    const float *xf;
    const double *xd; /* read when xf is NULL */
    bool constant;
} LinearRows;

typedef struct {
    Loss loss;
    double c, tolerance; /* stops at ||grad f(w)|| <= tolerance ||grad f(0)|| */
    int iterations;      /* at most; reaching it is reported, not an error */
    double constant;     /* the last feature; 0: 1 */
    /* What C is multiplied by for rows of y = 1 and of y = -1 in linear_solve; 0: 1. In
     * linear_train shares [K], or NULL, stand for them: a class's own against the rest, which
     * counts once (both classes' when there are two), as in LIBLINEAR. */
    double positive, negative;
    const double *shares;
} LinearParams;

/* Solves one problem by Newton's method with conjugate gradients and a backtracking search along
 * the step (Galli and Lin 2021, as LIBLINEAR since 2.40; f is 1-strongly convex, so it converges
 * from any start and ||w - w*|| <= ||grad f(w)||). w [d + constant] is the start and the
 * solution. *relative (may be NULL) gets the final ||grad f(w)|| / ||grad f(0)||. */
MUST_CHECK int linear_solve(const LinearRows *x, const signed char *y, const LinearParams *p,
                            double *w, double *relative, Error *err);

/* A classifier for K classes: one weight row a class, or a single row for K = 2, positive for the
 * second class. */
typedef struct {
    size_t rows, d;
    double *weight;  /* [rows, d+1], the last that of the constant feature */
    double constant; /* that feature, as it was trained with: the bias is its product */
    double worst;    /* the largest of the relative gradients */
} Linear;

/* Allocates zero weights for k classes. */
MUST_CHECK int linear_new(Linear *l, size_t k, size_t d, Error *err);
void linear_free(Linear *l);
/* Trains from the weights held in l (a warm start); class[i] in 0..k-1 is the class of row i. When
 * rows are fewer than features the problems are solved exactly in the span of the rows, through a
 * factor of the matrix of their products. Classes are solved in parallel, each by one thread. */
MUST_CHECK int linear_train(Linear *l, const float *x, const size_t *class, size_t n,
                            const LinearParams *p, Error *err);
/* out[i]: the class whose score w.x_i + b is largest, the first of equals; with one weight row
 * class 1 where the score is above 0. */
MUST_CHECK int linear_predict(const Linear *l, const float *x, size_t n, size_t *out, Error *err);

#endif
