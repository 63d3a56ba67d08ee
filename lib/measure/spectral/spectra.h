/* spectra.h: singular values of several matrices, as a table of figures, as columns to be plotted,
 * or as a row of a table that grows from checkpoint to checkpoint. */
#ifndef GAN_SPECTRA_H
#define GAN_SPECTRA_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    const char *name, *shape;
    uint64_t frame; /* of the stream, or sample, from 1 on */
    double *value;  /* descending */
    size_t count;
    bool whole; /* these are all that there are */
} SpectraRow;
typedef struct {
    Arena *arena;
    SpectraRow *row;
    size_t count, capacity;
} Spectra;

/* Adds a row whose texts are copied, with room for `count` values that the caller fills in (all of
 * them, or sets fewer). NULL when there is no memory. */
MUST_CHECK SpectraRow *spectra_row(Spectra *s, const char *name, const char *shape, uint64_t frame,
                                   size_t count, Error *err);
void spectra_free(Spectra *s);

/* A line a matrix: name, shape, the `top` largest as s1, s2, .., the smallest, condition, stable
 * rank, share of the first in their sum, Frobenius norm, frame. Cells are empty where a matrix has
 * fewer values, or not all are known. */
void spectra_table(const Spectra *s, size_t top, FILE *out);
/* A column a matrix, under its name, and a line a singular value, `top` at most, beginning with its
 * number. */
void spectra_columns(const Spectra *s, size_t top, FILE *out);
/* One line for all matrices at the end of the file: the step, and for each NAME.s1 to NAME.sTOP.
 * Lines of this step and later ones, from a run that was lost, are taken out, and counted in *lost.
 * A file with other columns is an error, as is what is no regular file; on failure the file is what
 * it was. */
MUST_CHECK int spectra_append(const Spectra *s, size_t top, uint64_t step, const char *path,
                              uint64_t *lost, Error *err);

#endif
