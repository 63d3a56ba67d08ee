/* numbers.h: elements of tensors as metrics take them. */
#ifndef GAN_NUMBERS_H
#define GAN_NUMBERS_H

#include "stream/stream.h"

/* The largest number in size that is taken: it is a float, and squares and cubes and their sums are
 * finite too. */
#define NUMBER_LARGEST 1e38

static inline bool is_float(DType t) {
    return t == DT_F16 || t == DT_BF16 || t == DT_F32 || t == DT_F64;
}

/* count elements from `first` on as doubles: U8 becomes [0,1] by /255; of floats [low,high] becomes
 * [0,1] unless both are equal; others are as they are. */
static inline void numbers_take(const Tensor *t, size_t first, size_t count, double low,
                                double high, double *out) {
    if (t->dtype == DT_U8) {
        const unsigned char *p = (const unsigned char *)t->data + first;
        for (size_t i = 0; i < count; i++) out[i] = p[i] / 255.0;
        return;
    }
    for (size_t i = 0; i < count; i++) out[i] = tensor_get(t, first + i);
    if (!is_float(t->dtype) || low == high) return;
    for (size_t i = 0; i < count; i++) out[i] = (out[i] - low) / (high - low);
}

#endif
