/* kmeans.h: k-means clustering, the start of mixtures. */
#ifndef GAN_KMEANS_H
#define GAN_KMEANS_H

#include "base/base.h"

/* Divides n >= k rows x [n,d] among k centres [k,d]: these start at rows drawn one after the other
 * with chances in proportion to the squared distance from the nearest one so far (k-means++, Arthur
 * and Vassilvitskii 2007), and move to the means of their rows until no row changes its centre, at
 * most `iterations` times. cluster [n] gets the number of each row's centre, the first of equally
 * near ones. The same for any number of threads. */
MUST_CHECK int kmeans(const double *x, size_t n, size_t d, size_t k, uint64_t seed,
                      size_t iterations, double *centre, size_t *cluster, Error *err);

#endif
