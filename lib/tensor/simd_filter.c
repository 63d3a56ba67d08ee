/* The inner loops of resampling, compiled once for each instruction set. */
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

ALWAYS void some(int n, const float *w, const float *const *x, float *restrict y, size_t length,
                 bool add) {
    switch (n) {
    case 1: weighted(1, w, x, y, length, add); break;
    case 2: weighted(2, w, x, y, length, add); break;
    case 3: weighted(3, w, x, y, length, add); break;
    default: weighted(4, w, x, y, length, add);
    }
}

void JOIN(filter_row_, ISA)(int n, const float *w, const float *const *x, float *y, size_t length,
                            bool add) {
    if (!n && !add) memset(y, 0, length * sizeof *y);
    for (int k = 0; k < n; k += 4) some(n - k, w + k, x + k, y, length, add || k > 0);
}

void JOIN(filter_past_, ISA)(const float *from, float *to, size_t length) {
    for (size_t i = 0; i < length; i += LANES) bypass_store(to + i, *(const Stored *)(from + i));
}

/* lines and inner may be constants where these are inlined; taps: that each result has */

ALWAYS void even_line(const FilterTable *t, size_t count, const size_t inner, const int lines,
                      const size_t taps, const float *w, const float *const *x, float *restrict y) {
    for (size_t i = 0; i < count; i++, y += inner) {
        const float *source[2 * FILTER_LINES];
        float weight[2 * FILTER_LINES];
        int n = 0;
        for (int k = 0; k < lines; k++)
            for (size_t s = 0; s < taps; s++, n++) {
                source[n] = x[k] + t->from[i * taps + s] * inner;
                weight[n] = w[k] * t->weight[i * taps + s];
            }
        for (int k = 0; k < n; k += 4)
            weighted(n - k < 4 ? n - k : 4, weight + k, source + k, y, inner, k > 0);
    }
}

ALWAYS void any_line(const FilterTable *t, size_t count, const size_t inner, const float *x,
                     float *restrict y) {
    for (size_t i = 0; i < count; i++, y += inner) {
        size_t k = t->first[i], end = t->first[i + 1];
        if (k == end)
            for (size_t c = 0; c < inner; c++) y[c] = 0;
        for (bool add = false; k < end; k += 4, add = true) {
            const float *source[4];
            int n = end - k < 4 ? (int)(end - k) : 4;
            for (int s = 0; s < n; s++) source[s] = x + t->from[k + (size_t)s] * inner;
            some(n, t->weight + k, source, y, inner, add);
        }
    }
}

ALWAYS void line(const FilterTable *t, size_t count, const size_t inner, int n, const float *w,
                 const float *const *x, float *y) {
    if (n == 1 && t->even == 1)
        even_line(t, count, inner, 1, 1, w, x, y);
    else if (n == 1 && t->even == 2)
        even_line(t, count, inner, 1, 2, w, x, y);
    else if (n == 2 && t->even == 2)
        even_line(t, count, inner, 2, 2, w, x, y);
    else if (n == 1 && !t->even)
        any_line(t, count, inner, x[0], y);
    else
        even_line(t, count, inner, n, t->even, w, x, y);
}

void JOIN(filter_line_, ISA)(const FilterTable *t, size_t count, size_t inner, int n,
                             const float *w, const float *const *x, float *y) {
    switch (inner) {
    case 1: line(t, count, 1, n, w, x, y); break;
    case 3: line(t, count, 3, n, w, x, y); break;
    default: line(t, count, inner, n, w, x, y);
    }
}
