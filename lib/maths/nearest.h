/* nearest.h: the k rows of a long list that are nearest to each of some rows, Euclidean. The rows
 * are held in memory and the list streams past them once. */
#ifndef GAN_NEAREST_H
#define GAN_NEAREST_H

#include "maths/dense.h"

enum { NEAREST_BLOCK = 1024 };

typedef struct {
    const double *x;      /* [n,d], the caller's */
    size_t n, d, k, seen; /* seen: rows of the list so far */
    Best *best;           /* [n]: squared distances ascending, and the numbers of the rows */
    double *xx, *key, *dist, *yy;
    size_t *item;
} Nearest;

/* Zero-initialised, a Nearest may be freed. */
MUST_CHECK int nearest_start(Nearest *s, const double *x, size_t n, size_t d, size_t k, Error *err);
/* The next ny rows of the list, at most NEAREST_BLOCK. */
void nearest_offer(Nearest *s, const double *y, size_t ny);
void nearest_free(Nearest *s);

#endif
