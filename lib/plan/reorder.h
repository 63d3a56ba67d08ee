/* reorder.h: the order of kernels before some of them run again, see recompute.c. */
#ifndef GAN_REORDER_H
#define GAN_REORDER_H

#include "plan/rerun.h"

/* Ways to change the order first: updates last; kernels that make several values taken apart. */
enum { LATE = 1, APART = 2 };

/* The plan's kernels in their order, or another in which they could run as well. */
void reorder(Rerun *w, int ways);

#endif
