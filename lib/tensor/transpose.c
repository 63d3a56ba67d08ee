#include "tensor/transpose.h"

typedef float Quad __attribute__((vector_size(16)));
typedef float StoredQuad __attribute__((vector_size(16), aligned(4), may_alias));

enum {
    LINE = 16, /* floats of a cache line */
    ROWS = 64, /* so few that the addresses of their pages are all known */
};

/* Four rows of four values become columns. */
static void quads(const float *x, size_t ldx, float *y, size_t ldy) {
    Quad r0 = *(const StoredQuad *)x, r1 = *(const StoredQuad *)(x + ldx);
    Quad r2 = *(const StoredQuad *)(x + 2 * ldx), r3 = *(const StoredQuad *)(x + 3 * ldx);
    Quad a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
    Quad c = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    Quad d = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
    Quad e = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    *(StoredQuad *)y = __builtin_shufflevector(a, d, 0, 1, 4, 5);
    *(StoredQuad *)(y + ldy) = __builtin_shufflevector(a, d, 2, 3, 6, 7);
    *(StoredQuad *)(y + 2 * ldy) = __builtin_shufflevector(c, e, 0, 1, 4, 5);
    *(StoredQuad *)(y + 3 * ldy) = __builtin_shufflevector(c, e, 2, 3, 6, 7);
}

static void plain(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) y[j * ldy + i] = x[i * ldx + j];
}

/* By cache lines of each row, which are used up while they are near. */
static void some_rows(size_t rows, size_t columns, const float *x, size_t ldx, float *y,
                      size_t ldy) {
    size_t whole = rows / 4 * 4;
    for (; columns >= LINE; columns -= LINE, x += LINE, y += LINE * ldy) {
        for (size_t i = 0; i < whole; i += 4)
            for (size_t j = 0; j < LINE; j += 4) quads(x + i * ldx + j, ldx, y + j * ldy + i, ldy);
        plain(rows - whole, LINE, x + whole * ldx, ldx, y + whole, ldy);
    }
    plain(rows, columns, x, ldx, y, ldy);
}

void transpose(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy) {
    for (; rows > ROWS; rows -= ROWS, x += ROWS * ldx, y += ROWS)
        some_rows(ROWS, columns, x, ldx, y, ldy);
    some_rows(rows, columns, x, ldx, y, ldy);
}
