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
/* Frees; an error when a line could not be written. */
int results_free(Results *r, const char *name, Error *err);

/* A line: begin, any number of fields, end. Numbers are written with the fewest digits that read
 * back as the same double. Tabs, newlines and backslashes in texts are written \t, \n, \\. */
void result_begin(Results *r, const char *metric, double value);
void result_begin_text(Results *r, const char *metric, const char *value);
void result_real(Results *r, const char *key, double value);
void result_int(Results *r, const char *key, int64_t value);
void result_text(Results *r, const char *key, const char *value);
void result_end(Results *r);

/* What makes a figure mislead, in one line of text for standard error: it does not go to out. Only
 * the first warning of each format is kept, and counted. */
void result_warn(Results *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text of warning number i (from 0) in the order they came; NULL when there are no more. */
const char *result_warning(const Results *r, size_t i);

/* The fewest digits that read back as v; buf of at least 32 bytes is returned. */
const char *real_text(double v, char *buf, size_t size);

#endif
