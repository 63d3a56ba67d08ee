/* transpose.h: matrices with rows and columns exchanged. */
#ifndef GAN_TRANSPOSE_H
#define GAN_TRANSPOSE_H

#include "base/base.h"

/* y(j, i) = x(i, j) for i < rows and j < columns; x(i, j) is x[i*ldx + j], y(j, i) y[j*ldy + i].
 * One thread. */
void transpose(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy);

#endif
