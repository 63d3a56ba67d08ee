/* info.h: what a stream or a checkpoint holds, as text. */
#ifndef GAN_INFO_H
#define GAN_INFO_H

#include "base/base.h"

/* Reads all of path, verifying it, and appends a table to *out: one line for each distinct tensor,
 * with `stats` its least, largest and mean value and the count of values that are not finite; class
 * counts of `label`; and the metadata of the first frame (long values by their length). */
MUST_CHECK int info_text(const char *path, bool stats, Str *out, Error *err);
/* The value of one metadata key of the first frame that has it. */
MUST_CHECK int info_meta(const char *path, const char *key, Str *out, Error *err);

#endif
