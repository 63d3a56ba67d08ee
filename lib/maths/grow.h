/* grow.h: arrays of which nobody knows how long they will be. */
#ifndef GAN_GROW_H
#define GAN_GROW_H

#include "base/base.h"

#include <stdlib.h>

/* The array, at its place or a new one, with room for at least n > 0 items of `size` bytes, of
 * which it had *room. Rooms double, so that growing item by item costs little. NULL when there is
 * no memory; then the array stays as it was. */
static inline void *grow(void *array, size_t *room, size_t n, size_t size, Error *err) {
    if (n <= *room) return array;
    size_t want = 2 * *room > n ? 2 * *room : n, bytes;
    void *more = size_mul(want, size, &bytes) ? realloc(array, bytes) : NULL;
    if (!more)
        fail(err, "out of memory: %zu items of %zu bytes", want, size);
    else
        *room = want;
    return more;
}

#endif
