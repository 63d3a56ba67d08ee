/* table_write.h: tensors of a stream as lines of numbers. */
#ifndef GAN_TABLE_WRITE_H
#define GAN_TABLE_WRITE_H

#include "base/cli.h"
#include "stream/stream.h"

/* Samples of the stream at path ("-": standard input) as lines of tab-separated numbers, which read
 * back are the same numbers. Tensors are those named, in that order, or all; one [N] has a column
 * of its name, any other one for each element, NAME.1 and on, the last axis fastest. Unless `bare`
 * the first line has the columns' names. Memory holds a frame and a line. */
MUST_CHECK int table_write(const char *path, const TextList *names, bool bare, FILE *out,
                           const char *name, Error *err);

#endif
