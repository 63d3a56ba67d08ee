/* select.h: the numbers of a stream's samples that have certain labels. */
#ifndef GAN_SELECT_H
#define GAN_SELECT_H

#include "media/arrange/choose.h"
#include "media/index.h"

/* Zero-initialise; free row. */
typedef struct {
    uint32_t *row;
    size_t count, capacity;
} RowList;
MUST_CHECK int rows_add(RowList *l, uint32_t row, Error *err);

/* Appends, in ascending order, the samples of the classes w->labels (NULL: all), all of them or
 * with w->balance equally many of each. A class that is asked for and that no sample has is an
 * error, and so is one with fewer samples than w->each. */
MUST_CHECK int select_rows(const Index *x, const PickWant *w, RowList *l, PickReport *report,
                           Error *err);

#endif
