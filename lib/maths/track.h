/* track.h: how a number that changes with time moves. */
#ifndef GAN_TRACK_H
#define GAN_TRACK_H

#include "base/base.h"

/* The least sum of squared distances of x[0..n) from at most `bends`+1 straight lines (least
 * squares), one after the other in time, each of which has places of its own. */
MUST_CHECK int straight_pieces(const double *x, size_t n, size_t bends, double *out, Error *err);

/* Sums of pairs of numbers, for their correlation; zero-initialise. */
typedef struct {
    double n, x, y, xx, yy, xy;
} Pairs;
void pairs_add(Pairs *p, double x, double y);
/* NaN when one of the two does not vary. */
double pairs_correlation(const Pairs *p);

#endif
