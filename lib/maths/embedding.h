/* embedding.h: t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008). */
#ifndef GAN_EMBEDDING_H
#define GAN_EMBEDDING_H

#include "base/base.h"

typedef struct {
    double perplexity;
    size_t iterations;
    size_t early;        /* of them, at the beginning, with: */
    double exaggeration; /* similarities so many times as large, and momentum 0.5, later 0.8 */
    double rate;         /* of learning; 0: max(n / exaggeration / 4, 50) */
    uint64_t seed;       /* of the start: normal, of deviation 1e-4 */
} EmbeddingWant;

/* p [n,n]: how similar rows x [n,d] are, symmetric, of sum 1, 0 on the diagonal: for each row a
 * Gaussian that weighs as many others as the perplexity says, which must be below n - 1. */
MUST_CHECK int embedding_similarities(const double *x, size_t n, size_t d, double perplexity,
                                      double *p, Error *err);
/* The divergence KL(p || q) of points y [n,2], whose similarities q go as 1/(1 + distance^2), and
 * unless it is NULL its gradient [n,2], the similarities p being taken `times` as large in it. */
MUST_CHECK int embedding_divergence(const double *p, size_t n, const double *y, double times,
                                    double *gradient, double *divergence, Error *err);
/* Points y [n,2] for rows x, by gradient descent from a random start, with momentum and a gain for
 * each number that grows while its direction lasts. The same for any number of threads. */
MUST_CHECK int embedding_find(const EmbeddingWant *want, const double *x, size_t n, size_t d,
                              double *y, double *divergence, Error *err);

#endif
