/* result.h: the one way figures leave a metric: lines of `metric TAB value TAB key=value ...` after
 * a header line, or one JSON object a line. Each line ends with the version of the tools. Beside
 * them are warnings, which whoever runs the metric tells. */
#ifndef GAN_RESULT_H
#define GAN_RESULT_H

#include "base/base.h"

#include <stdio.h>

typedef struct Results Results;

/* out stays the caller's. */
Results *results_new(FILE *out, bool json);
/* Writes the lines, if they are to be kept, and frees; an error when they could not be written. */
MUST_CHECK int results_free(Results *r, bool keep, const char *name, Error *err);

/* A line: begin, any number of fields, end. Numbers are written with the fewest digits that read
 * back as the same double. Tabs, newlines and backslashes in texts are written \t, \n, \\. */
void result_begin(Results *r, const char *metric, double value);
void result_begin_text(Results *r, const char *metric, const char *value);
void result_real(Results *r, const char *key, double value);
void result_int(Results *r, const char *key, int64_t value);
void result_text(Results *r, const char *key, const char *value);
/* The range that was asked for, if one was. */
void result_range(Results *r, const ValueRange *range);
void result_end(Results *r);

/* From here on lines are figures of one class: names get the ending .class, and the fields class
 * and name, unless it is NULL, are put behind the value. Lines whose own names end so are left out.
 */
void result_class(Results *r, int64_t label, const char *name);
/* Ends that with a line NAME.mean for each figure there was: its mean over the classes, whose
 * number is the field classes, and the text `missing` in the field of that name unless it is empty.
 */
void result_means(Results *r, const char *missing);

/* What makes a figure mislead, in one line of text for standard error: it does not go to out. Only
 * the first warning of each format is kept, and counted. */
void result_warn(Results *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text of warning number i (from 0) in the order they came, and how often it came; NULL when
 * there are no more. */
const char *result_warning(const Results *r, size_t i, size_t *times);

/* The fewest digits that read back as v; buf of at least 32 bytes is returned. */
const char *real_text(double v, char *buf, size_t size);

#endif
