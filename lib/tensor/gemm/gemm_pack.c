#include <string.h>

#include "tensor/lane.h"

typedef float Quad __attribute__((vector_size(16)));
typedef float StoredQuad __attribute__((vector_size(16), aligned(4), may_alias));

void pack_panel(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel) {
    for (size_t kk = 0; kk < k; kk++, to += panel, b += ld) {
        memcpy(to, b, n * sizeof *to);
        if (n < panel) memset(to + n, 0, (panel - n) * sizeof *to);
    }
}

/* Four rows of four values become columns. */
static void turn_quads(const float *b, size_t ld, float *to, size_t panel) {
    Quad r0 = *(const StoredQuad *)b, r1 = *(const StoredQuad *)(b + ld);
    Quad r2 = *(const StoredQuad *)(b + 2 * ld), r3 = *(const StoredQuad *)(b + 3 * ld);
    Quad a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
    Quad c = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    Quad d = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
    Quad e = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    *(StoredQuad *)to = __builtin_shufflevector(a, d, 0, 1, 4, 5);
    *(StoredQuad *)(to + panel) = __builtin_shufflevector(a, d, 2, 3, 6, 7);
    *(StoredQuad *)(to + 2 * panel) = __builtin_shufflevector(c, e, 0, 1, 4, 5);
    *(StoredQuad *)(to + 3 * panel) = __builtin_shufflevector(c, e, 2, 3, 6, 7);
}

static void turn_plain(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel) {
    for (size_t j = 0; j < n; j++)
        for (size_t kk = 0; kk < k; kk++) to[kk * panel + j] = b[j * ld + kk];
}

/* By 16 rows, a cache line of every column: all their lines are used up while they are near. */
void pack_turned(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel) {
    size_t quads = n / 4 * 4;
    if (n < panel) memset(to, 0, k * panel * sizeof *to);
    for (; k >= 16; k -= 16, b += 16, to += 16 * panel) {
        for (size_t j = 0; j < quads; j += 4)
            for (size_t kk = 0; kk < 16; kk += 4)
                turn_quads(b + j * ld + kk, ld, to + kk * panel + j, panel);
        turn_plain(b + quads * ld, ld, 16, n - quads, to + quads, panel);
    }
    turn_plain(b, ld, k, n, to, panel);
}

void lane_add_parts(float *sum, const float *parts, size_t count, size_t step, size_t i, size_t n) {
    memcpy(sum + i, parts + i, n * sizeof *sum);
    for (size_t p = 1; p < count; p++)
        for (size_t e = i; e < i + n; e++) sum[e] += parts[p * step + e];
}
