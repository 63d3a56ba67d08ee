/* numbered.h: the pictures that an export leaves in a folder: NNNNNN.png or NNNNNN-NNN.png in it,
 * or in the folders in it. */
#ifndef GAN_NUMBERED_H
#define GAN_NUMBERED_H

#include "base/base.h"

/* Counts them, and with `remove` removes them and the folders in dir that are empty then; other
 * files stay. *first, to be freed by str_free, is the path of the one that was met first. A folder
 * that is not there holds none. */
MUST_CHECK int numbered_find(const char *dir, bool remove, size_t *count, Str *first, Error *err);

#endif
