/* subset.h: a stream divided by its labels, so that the rows of each class can be read on their
 * own. The stream is read again and again, and memory holds its labels alone. */
#ifndef GAN_SUBSET_H
#define GAN_SUBSET_H

#include "maths/classes.h"
#include "stream/stream.h"

/* The rows of one class, in the order of the stream. */
typedef struct Subset Subset;
size_t subset_rows(const Subset *s);
/* The number that row i of the subset has in the stream. */
uint64_t subset_row(const Subset *s, size_t i);
/* Makes f of rows from `at` on, as many as are to be had at once: their number, or -1. */
MUST_CHECK ptrdiff_t subset_frame(const Subset *s, size_t at, Frame *f, Error *err);

typedef struct Division Division;
/* Divides the stream at path, whose tensors all have its samples on their first axis, by the tensor
 * `label`: whole numbers [N] or [N,1], or scores [N,C]. A pipe is copied to a temporary file.
 * Without such a tensor it is an error, or with `optional` the division is of no classes. */
MUST_CHECK Division *division_open(const char *path, const char *label, bool optional, Error *err);
void division_close(Division *d); /* NULL allowed */
/* The labels, and how many rows each has. */
const ClassCounts *division_classes(const Division *d);
/* Metadata of the first frame, or NULL. */
const char *division_meta(const Division *d, const char *key);
/* Divides a stream without labels as another is, row by row; one with labels must have the same.
 * An error when the other has more rows, or fewer. */
MUST_CHECK int division_follow(Division *d, const Division *other, Error *err);
/* The rows with a label, until the next call; NULL when there are none. */
const Subset *division_part(Division *d, int64_t label);

#endif
