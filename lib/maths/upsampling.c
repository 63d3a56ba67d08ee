#include "maths/upsampling.h"

#include <stdlib.h>

/* One layer more: sum over i with 0 <= o - s*i < k of what was at i. */
static int next(const Upsampling *l, const uint64_t *was, size_t period, uint64_t *out,
                Error *err) {
    for (size_t o = 0; o < period * l->stride; o++) {
        size_t i = o / l->stride;
        out[o] = 0;
        for (size_t tap = o % l->stride; tap < l->kernel; tap += l->stride) {
            out[o] += was[i];
            if (out[o] > INT64_MAX) return fail(err, "the counts are larger than 2^63-1");
            i = i ? i - 1 : period - 1;
        }
    }
    return 0;
}

int overlap_counts(const Upsampling *layer, size_t layers, uint64_t **count, size_t *period,
                   Error *err) {
    uint64_t *now = data_alloc(sizeof *now, err);
    if (!now) return -1;
    *now = 1;
    *period = 1;
    for (size_t i = 0; i < layers; i++) {
        const Upsampling *l = &layer[i];
        uint64_t *more = NULL;
        int bad = 0;
        if (l->stride > OVERLAP_PERIOD_MAX / *period)
            bad = fail(err, "the strides multiply to more than %d", OVERLAP_PERIOD_MAX);
        else if (!(more = data_alloc(*period * l->stride * sizeof *more, err)))
            bad = -1;
        if (!bad) bad = next(l, now, *period, more, err);
        free(now);
        now = more;
        if (bad) {
            free(now);
            return -1;
        }
        *period *= l->stride;
    }
    *count = now;
    return 0;
}
