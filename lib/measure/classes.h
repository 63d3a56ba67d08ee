/* classes.h: the distinct labels of a set, in ascending order. */
#ifndef GAN_CLASSES_H
#define GAN_CLASSES_H

#include "base/base.h"

typedef struct {
    int64_t *id; /* ascending */
    size_t n;
} Classes;

/* The classes among n labels, added to those already in c (zero-initialise). */
int classes_add(Classes *c, const int64_t *label, size_t n, Error *err);
/* Index of a label, or -1. */
ptrdiff_t classes_find(const Classes *c, int64_t label);
void classes_free(Classes *c);

#endif
