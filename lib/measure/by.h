/* by.h: a metric of each class of its streams. */
#ifndef GAN_BY_H
#define GAN_BY_H

#include "measure/metric.h"

/* Divides the streams by their tensors `label` and runs the metric on the rows of each class that
 * all of them have, then writes the means. Of streams that are paired row by row one may have the
 * labels for both. Classes that a stream lacks are named in a warning. Memory holds the labels; the
 * streams are read once, and then once more class by class. */
MUST_CHECK int by_class(const Metric *m, const void *options, const char *label,
                        const Operand *inputs, Results *out, Error *err);

#endif
