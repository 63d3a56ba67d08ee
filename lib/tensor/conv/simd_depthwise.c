/* The inner loops of conv_depthwise.c, compiled once for each instruction set. */
#include "tensor/conv/conv_depthwise.h"
#include "tensor/simd.h"

void JOIN(depthwise_point_, ISA)(size_t n, const float *const *w, const float *const *x, float *y,
                                 size_t channels, bool add) {
    size_t c = 0;
    for (; c + LANES <= channels; c += LANES) {
        Vector sum = {0};
        if (add) sum = *(const Stored *)(y + c);
        for (size_t k = 0; k < n; k++)
            sum += *(const Stored *)(w[k] + c) * *(const Stored *)(x[k] + c);
        *(Stored *)(y + c) = sum;
    }
    for (; c < channels; c++) {
        float sum = add ? y[c] : 0;
        for (size_t k = 0; k < n; k++) sum += w[k][c] * x[k][c];
        y[c] = sum;
    }
}

/* of `vectors` vectors, a constant where this is inlined */
ALWAYS void sum(size_t n, const float *a, size_t astep, const float *b, size_t bstep, float *y,
                const int vectors) {
    Vector part[4] = {{0}};
    for (size_t i = 0; i < n; i++, a += astep, b += bstep)
        for (int v = 0; v < vectors; v++)
            part[v] += *(const Stored *)(a + v * LANES) * *(const Stored *)(b + v * LANES);
    for (int v = 0; v < vectors; v++) {
        Vector old = *(const Stored *)(y + v * LANES);
        *(Stored *)(y + v * LANES) = old + part[v];
    }
}

void JOIN(depthwise_sum_, ISA)(size_t n, const float *a, size_t astep, const float *b, size_t bstep,
                               float *y, size_t channels) {
    size_t c = 0;
    for (; c + 4 * LANES <= channels; c += 4 * LANES) sum(n, a + c, astep, b + c, bstep, y + c, 4);
    for (; c + LANES <= channels; c += LANES) sum(n, a + c, astep, b + c, bstep, y + c, 1);
    for (; c < channels; c++) {
        float part = 0;
        for (size_t i = 0; i < n; i++) part += a[i * astep + c] * b[i * bstep + c];
        y[c] += part;
    }
}
