/* classes.h: the distinct labels of a set, in ascending order, and how often each occurs. */
#ifndef GAN_CLASSES_H
#define GAN_CLASSES_H

#include "base/base.h"

typedef struct {
    int64_t *id; /* ascending */
    size_t *count;
    size_t n, room;
    size_t last; /* the index of the label added last */
} ClassCounts;

/* Counts n labels (zero-initialise). */
MUST_CHECK int classes_add(ClassCounts *c, const int64_t *label, size_t n, Error *err);
/* Counts a label so many times. */
MUST_CHECK int classes_count(ClassCounts *c, int64_t label, size_t times, Error *err);
/* Index of a label, or -1. */
ptrdiff_t classes_find(const ClassCounts *c, int64_t label);
/* Draws `per` rows of each class without replacement: class[i] of n rows is an index into c, or
 * c->n for none. chosen [c->n * per] gets their numbers, ascending. A draw depends on seed and
 * number alone. A class with fewer rows is an error. */
MUST_CHECK int classes_choose(const ClassCounts *c, const size_t *class, size_t n, size_t per,
                              uint64_t seed, uint64_t draw, size_t *chosen, Error *err);
void classes_free(ClassCounts *c);

#endif
