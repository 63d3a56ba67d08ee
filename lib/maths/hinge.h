/* hinge.h: the linear support vector machine with the plain hinge and an intercept that is not
 * penalised, as LIBSVM's C-SVC with a linear kernel. */
#ifndef GAN_HINGE_H
#define GAN_HINGE_H

#include "base/base.h"

typedef struct {
    double c;         /* weight of the loss */
    double tolerance; /* largest violation of the conditions of a solution, in units of margin */
    size_t sweeps;    /* through all rows at most */
    uint64_t seed;    /* of the order of rows */
} HingeParams;

/* Minimises 1/2 ||w||^2 + c sum_i max(0, 1 - y_i (w.x_i + b)) over w [d] and *b, for rows x [n,d]
 * and y = +1 or -1, by coordinate descent in the dual (Hsieh et al. 2008); the constraint that the
 * intercept puts on it, sum a_i y_i = 0, has a multiplier, which is *b (method of multipliers).
 * *violation gets what is left: a run that ends by its sweeps is no error. Both signs must
 * occur. */
MUST_CHECK int hinge_solve(const float *x, const signed char *y, size_t n, size_t d,
                           const HingeParams *p, double *w, double *b, double *violation,
                           Error *err);

#endif
