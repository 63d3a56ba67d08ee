/* conv_pairs.h: convolutions in three dimensions whose kernels are four taps long with stride 2 in
 * the first, two results of it at a time; private to the convolutions.
 *
 * Each residue of the stride has two taps g0, g1, and two results of them, one behind the other,
 * are three products instead of four, F(2, 2) at the points 0, 1 and infinity (Winograd, Arithmetic
 * Complexity of Computations, 1980):
 *
 *   m0 = g0 (d0 - d1), m1 = (g0 + g1) d1, m2 = g1 (d2 - d1); y0 = m0 + m1, y1 = m1 + m2
 *
 * where d are maps and the products convolutions in the other dimensions, for which both residues
 * lie one behind the other. */
#ifndef GAN_CONV_PAIRS_H
#define GAN_CONV_PAIRS_H

#include "tensor/conv/conv.h"

typedef struct ConvPairs ConvPairs;
/* NULL where the shape does not suit. */
const ConvPairs *conv_pairs_plan(Arena *arena, const ConvShape *s, ConvKind kind);
/* An estimate, in the units of wino_cost(). */
double conv_pairs_cost(const ConvPairs *p);
size_t conv_pairs_scratch(const ConvPairs *p);
void conv_pairs_run(const ConvPairs *p, const float *a, const float *b, float *out, void *scratch);

#endif
