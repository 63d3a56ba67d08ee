/* Filters along one axis: each row of the result is a sum of a few rows of the input. */
#include "tensor/filter.h"

#include "tensor/cpu.h"

Filter filter_adjoint(const Filter *f, size_t in) {
    Filter t = *f;
    t.up = f->down, t.down = f->up, t.out = in;
    t.pad = f->count - 1 - f->pad;
    for (int i = 0; i < f->count; i++) t.taps[i] = f->taps[f->count - 1 - i];
    return t;
}

static FilterRow *const row_kernels[ISA_COUNT] = EACH_ISA(filter_row_);

/* The taps that meet values of x for result i, and where: returns their number. */
static int taps_at(const Filter *f, size_t in, size_t i, float *w, size_t *row) {
    int n = 0;
    for (int t = 0; t < f->count; t++) {
        ptrdiff_t at = (ptrdiff_t)(i * f->down) + t - f->pad;
        if (at < 0 || (size_t)at % f->up || (size_t)at / f->up >= in) continue;
        w[n] = f->taps[t];
        row[n++] = (size_t)at / f->up;
    }
    return n;
}

void filter_run(const Filter *f, size_t outer, size_t in, size_t inner, const float *x, float *y) {
    FilterRow *kernel = row_kernels[cpu_isa()];
    size_t rows = outer * f->out;
#pragma omp parallel for schedule(static) if (rows * inner > 65536)
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r / f->out * in * inner, *source[FILTER_TAPS];
        float w[FILTER_TAPS];
        size_t row[FILTER_TAPS];
        int n = taps_at(f, in, r % f->out, w, row);
        for (int k = 0; k < n; k++) source[k] = from + row[k] * inner;
        kernel(n, w, source, y + r * inner, inner, false);
    }
}
