/* result.h: the one way figures leave a metric: lines of `metric TAB value TAB key=value ...` after
 * a header line, or one JSON object a line. Each line ends with the version of the tools. */
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

/* The fewest digits that read back as v; buf of at least 32 bytes is returned. */
const char *real_text(double v, char *buf, size_t size);

#endif
