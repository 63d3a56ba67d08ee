#include <string.h>

#include "tensor/lane.h"
#include "tensor/transpose.h"

void pack_panel(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel) {
    for (size_t kk = 0; kk < k; kk++, to += panel, b += ld) {
        memcpy(to, b, n * sizeof *to);
        if (n < panel) memset(to + n, 0, (panel - n) * sizeof *to);
    }
}

void pack_turned(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel) {
    if (n < panel) memset(to, 0, k * panel * sizeof *to);
    transpose(n, k, b, ld, to, panel);
}

void lane_add_parts(float *sum, const float *parts, size_t count, size_t step, size_t i, size_t n) {
    memcpy(sum + i, parts + i, n * sizeof *sum);
    for (size_t p = 1; p < count; p++)
        for (size_t e = i; e < i + n; e++) sum[e] += parts[p * step + e];
}
