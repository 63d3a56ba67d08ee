/* agreement.h: how well clusters agree with classes. */
#ifndef GAN_AGREEMENT_H
#define GAN_AGREEMENT_H

#include "base/base.h"

typedef struct {
    size_t clusters, classes; /* that occur */
    double majority;          /* share of samples of their cluster's most frequent class */
    double assigned; /* of their cluster's class when clusters and classes are paired best */
    double nmi;      /* mutual information over the mean of both entropies */
    double ari;      /* adjusted Rand index (Hubert and Arabie 1985) */
} Agreement;

/* Of n > 0 samples; clusters and classes are any numbers, at most AGREEMENT_MAX different ones
 * each. Of a single cluster and a single class nmi and ari are 1. */
enum { AGREEMENT_MAX = 4096 };
MUST_CHECK int agreement_measure(const int64_t *cluster, const int64_t *class, size_t n,
                                 Agreement *out, Error *err);

#endif
