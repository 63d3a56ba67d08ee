/* sets.h: two sets of rows held in memory, for metrics that compare them as wholes. */
#ifndef GAN_SETS_H
#define GAN_SETS_H

#include "measure/metric.h"

/* What such a metric's options say about its two inputs: the first member of its struct. */
typedef struct {
    const char *tensor;
    ValueRange range;
    uint64_t rows; /* the first of each; 0: all */
} Sets;

/* Their lines in a table of options, but for the number of rows, whose default differs. */
#define SETS_LINES                                                     \
    OPTION(sets.tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR), \
        OPTION(sets.range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE)

/* What all of them have in the table of metrics. */
#define METRIC_OF_SETS                                                     \
    METRIC_OPTIONS, .inputs = 2, .measure = measure, .feature = "feature", \
                    .compares = COMPARES_SETS, .by = true

/* Measures the rows of both inputs, of equal width and provenance, as doubles. An error of
 * m->measure is told with both paths. */
MUST_CHECK int sets_run(const Metric *m, const void *options, const Operand *inputs, Results *out,
                        Error *err);
/* The fields of their provenance, n_a, n_b, dim, tensor and range of a line. */
void sets_describe(const Sets *s, const Matrix m[2], Results *out);

#endif
