/* text.h: lines of text as rows of symbols' numbers, and back. */
#ifndef GAN_TEXT_H
#define GAN_TEXT_H

#include "media/sources/datasets.h"

enum { TEXT_SYMBOLS_MAX = 256, TEXT_LENGTH_MAX = 1 << 16 };

typedef struct {
    size_t length;        /* symbols of a row: longer lines are cut, shorter ones filled up */
    size_t symbols;       /* of the alphabet, at most; 3 to TEXT_SYMBOLS_MAX */
    const char *alphabet; /* a stream whose alphabet to use, or NULL: one of this text */
    Take take;            /* of lines */
} TextWant;

/* The lines of a UTF-8 text, plain or gzip, as `text` U8 [N,length]; empty lines are left out. The
 * metadata gan.alphabet has the symbols in the order of their numbers, gan.symbols how many they
 * are: first "`", which lines are filled up with, and U+FFFD, which stands for all others, then
 * characters from the most frequent one on. Memory holds the rows. */
MUST_CHECK int text_read(const char *path, const TextWant *want, FILE *out, const char *name,
                         Error *err);

/* Rows of symbols as lines: integers [N,T], or floats [N,T,V] whose largest element counts. The
 * filling at the end is left out. tensor NULL: `text`, or the only one. The alphabet is that of the
 * stream, or of the one named. */
MUST_CHECK int text_write(const char *path, const char *tensor, const char *alphabet, FILE *out,
                          const char *name, Error *err);

#endif
