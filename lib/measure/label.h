/* label.h: labels as streams hold them. */
#ifndef GAN_LABEL_H
#define GAN_LABEL_H

#include <inttypes.h>
#include <math.h>

#include "stream/stream.h"

/* How many numbers of a tensor of labels are of one row: C of [N,C]. */
static inline size_t label_width(const Tensor *t) { return t->rank == 2 ? t->shape[1] : 1; }

/* The label of a row: a whole number, or where there are several (one-hot, logits) the index of the
 * largest, the first of equals. */
static inline int label_of(const Tensor *t, size_t classes, size_t row, int64_t *label,
                           Error *err) {
    size_t best = 0;
    double value = tensor_get(t, row * classes);
    bool nan = isnan(value);
    for (size_t c = 1; c < classes; c++) {
        double v = tensor_get(t, row * classes + c);
        nan |= isnan(v);
        if (v > value) value = v, best = c;
    }
    if (nan || (classes == 1 && (value != floor(value) || fabs(value) > 9e15)))
        return fail(err, "label '%s' is %g, expected a whole number up to 9e15", t->name,
                    nan ? NAN : value);
    *label = classes == 1 ? (int64_t)value : (int64_t)best;
    return 0;
}

#endif
