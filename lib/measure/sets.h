/* sets.h: two sets of rows held in memory, for metrics that compare them as wholes. */
#ifndef GAN_SETS_H
#define GAN_SETS_H

#include "measure/metric.h"

/* What such a metric's options say about its two inputs. */
typedef struct {
    const char *tensor, *range;
    uint64_t rows; /* the first of each; 0: all */
    double low, high;
} Sets;

/* Their lines in a table of options, but for the number of rows, whose default differs. */
/* clang-format off */
#define SETS_LINES(type, field)                                                          \
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(type, field.tensor), HELP_TENSOR, FILE_NONE}, \
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(type, field.range), HELP_RANGE, FILE_NONE}
/* clang-format on */

/* Reads --range; an error is wrong usage. */
MUST_CHECK int sets_check(Sets *s, Error *err);
/* The figures of two sets, written to out. */
typedef int SetsMeasure(const void *options, const Matrix m[2], Results *out, Error *err);
/* A whole metric: measures the rows of both inputs, of equal width and provenance, as doubles. An
 * error of `measure` is told with both paths. */
MUST_CHECK int sets_run(const Sets *s, SetsMeasure *measure, const void *options,
                        const Operand *inputs, Results *out, Error *err);
/* The fields of their provenance, n_a, n_b, dim, tensor and range of a line. */
void sets_describe(const Sets *s, const Matrix m[2], Results *out);

#endif
