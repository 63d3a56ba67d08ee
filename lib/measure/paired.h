/* paired.h: a number for each pair of rows of two streams, row i of one with row i of the other. */
#ifndef GAN_PAIRED_H
#define GAN_PAIRED_H

#include "measure/rows.h"

/* Zero-initialise; v is to be freed. */
typedef struct {
    double *v;
    size_t n, room;
} PairFigures;
MUST_CHECK int series_add(PairFigures *s, double v, Error *err);

typedef double PairFigure(const double *x, const double *y, size_t d);
/* Appends figure(x, y, width) of all pairs, and says where the rows came from. Rows of other widths
 * or networks, and streams of other lengths, are errors. */
MUST_CHECK int paired_rows(const RowsSpec *a, const RowsSpec *b, PairFigure *figure,
                           PairFigures *out, Provenance *from, Error *err);

#endif
