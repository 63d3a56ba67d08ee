/* neighbours.h: how two sets of features overlap, told by balls about each of their rows. */
#ifndef GAN_NEIGHBOURS_H
#define GAN_NEIGHBOURS_H

#include "measure/rows.h"

typedef struct {
    double precision, recall; /* Kynkaanniemi et al. 2019, eq. 2 and 3 */
    double density, coverage; /* Naeem et al. 2020, eq. 4 and 5 */
    size_t
        points[2]; /* real and fake rows whose ball is a point, since k others are equal to them */
} Prdc;

/* The ball of a row reaches to the k-th nearest other row of its own set; what lies on its surface
 * is inside. Precision is the share of fake rows in any ball of real ones, recall that of real rows
 * in any ball of fake ones, density the mean number of balls of real rows about a fake row, divided
 * by k, and coverage the share of balls of real rows that hold a fake one. Both matrices hold
 * doubles and have the same width. Memory beyond them grows with the number of rows. */
MUST_CHECK int prdc_measure(const Matrix *real, const Matrix *fake, size_t k, Prdc *out,
                            Error *err);

#endif
