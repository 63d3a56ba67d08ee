/* Filters along one axis: each row of the result is a sum of a few rows of the input. */
#include "tensor/filter.h"

#include "tensor/cpu.h"

FilterShape filter_adjoint(const FilterShape *s) {
    FilterShape t = *s;
    t.in = s->out, t.out = s->in;
    t.up = s->down, t.down = s->up;
    t.pad = s->count - 1 - s->pad;
    for (int i = 0; i < s->count; i++) t.taps[i] = s->taps[s->count - 1 - i];
    return t;
}

static FilterRow *const row_kernels[ISA_COUNT] = EACH_ISA(filter_row_);

/* The taps that meet values of x for result i, and where: returns their number. */
static int taps_at(const FilterShape *s, size_t i, float *w, size_t *row) {
    int n = 0;
    for (int t = 0; t < s->count; t++) {
        ptrdiff_t at = (ptrdiff_t)(i * s->down) + t - s->pad;
        if (at < 0 || (size_t)at % s->up || (size_t)at / s->up >= s->in) continue;
        w[n] = s->taps[t];
        row[n++] = (size_t)at / s->up;
    }
    return n;
}

void filter_run(const FilterShape *s, const float *x, float *y) {
    FilterRow *kernel = row_kernels[cpu_isa()];
    size_t rows = s->outer * s->out;
#pragma omp parallel for schedule(static) if (rows * s->inner > 65536)
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r / s->out * s->in * s->inner, *source[FILTER_TAPS];
        float w[FILTER_TAPS];
        size_t row[FILTER_TAPS];
        int n = taps_at(s, r % s->out, w, row);
        for (int k = 0; k < n; k++) source[k] = from + row[k] * s->inner;
        kernel(n, w, source, y + r * s->inner, s->inner);
    }
}
