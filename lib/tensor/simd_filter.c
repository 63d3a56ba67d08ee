/* The inner loop of filters, compiled once for each instruction set. */
#include "tensor/filter.h"
#include "tensor/simd.h"

#include <string.h>

/* n is a constant where this is inlined */
ALWAYS void weighted(const int n, const float *w, const float *const *x, float *restrict y,
                     size_t length, bool add) {
    for (size_t c = 0; c < length; c++) {
        float sum = add ? y[c] : 0;
        for (int k = 0; k < n; k++) sum += w[k] * x[k][c];
        y[c] = sum;
    }
}

static void some(int n, const float *w, const float *const *x, float *restrict y, size_t length,
                 bool add) {
    switch (n) {
    case 1: weighted(1, w, x, y, length, add); break;
    case 2: weighted(2, w, x, y, length, add); break;
    case 3: weighted(3, w, x, y, length, add); break;
    default: weighted(4, w, x, y, length, add);
    }
}

void JOIN(filter_row_, ISA)(int n, const float *w, const float *const *x, float *y, size_t length) {
    if (!n) memset(y, 0, length * sizeof *y);
    for (int k = 0; k < n; k += 4) some(n - k, w + k, x + k, y, length, k > 0);
}
