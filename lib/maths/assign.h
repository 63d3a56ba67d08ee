/* assign.h: the assignment problem. */
#ifndef GAN_ASSIGN_H
#define GAN_ASSIGN_H

#include "base/base.h"

/* The cost, finite, of giving a column to a row; asked for again and again instead of stored. */
typedef double AssignCost(const void *context, size_t row, size_t column);

/* Gives each of n columns to a row of its own such that the sum of the costs is least:
 * row_of[j] [n+1, the last for scratch]. Augments along shortest paths with dual prices (Jonker and
 * Volgenant 1987), in n^3 steps. */
MUST_CHECK int assign_least(size_t n, AssignCost *cost, const void *context, size_t *row_of,
                            Error *err);

#endif
