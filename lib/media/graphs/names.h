/* names.h: words that stand for numbers from 0 on, in the order in which they come. */
#ifndef GAN_MEDIA_NAMES_H
#define GAN_MEDIA_NAMES_H

#include "base/base.h"

#include <stdio.h>

struct json_t;
/* {0} to begin with; release with names_free. */
typedef struct {
    struct json_t *number, *words; /* by word; by number */
} Names;

void names_free(Names *n);
/* The number of a word, which is given the next one, below `most`, when it comes first; an error
 * when there is none left, or the word is no UTF-8. */
MUST_CHECK int names_take(Names *n, const char *word, size_t most, size_t *number, Error *err);
/* A line each, in the order of their numbers. */
MUST_CHECK int names_write(const Names *n, FILE *out, const char *name, Error *err);
/* As a JSON array, to free. */
char *names_json(const Names *n);

#endif
