/* doubts.h: what was seen of a metric's streams that makes its figure mislead. */
#ifndef GAN_DOUBTS_H
#define GAN_DOUBTS_H

#include "measure/metric.h"

/* Warns of it, after the metric has run: streams that are one file, of other tensors, ranges, sizes
 * or classes; pairs that are none; few rows; the head of a sorted stream. */
void doubts_tell(const Metric *m, const Operand *in, Results *out);
/* For metrics that learn labels from one stream and look for them in another: warns of rows whose
 * label is never right because the first stream lacks it. */
void doubts_unknown(const Operand *train, const Operand *test, Results *out);
/* For metrics of what a network sees in pictures: warns of pictures that none has seen. */
void doubts_bare(const char *metric, const Operand *in, Results *out);
/* An error when metadata gan.classes names a label differently in both. */
MUST_CHECK int doubts_names(const Operand *a, const Operand *b, Error *err);

#endif
