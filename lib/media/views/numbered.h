/* numbered.h: the pictures that an export leaves in a folder: NNNNNN.png or NNNNNN-NNN.png in it,
 * or in the folders in it. */
#ifndef GAN_NUMBERED_H
#define GAN_NUMBERED_H

#include "media/picture/picture.h"

/* Counts them, and with `remove` removes them and the folders in dir that are empty then; other
 * files stay. *first, to be freed by str_free, is the path of the one that was met first. A folder
 * that is not there holds none. */
MUST_CHECK int numbered_find(const char *dir, bool remove, size_t *count, Str *first, Error *err);
/* Fails when there are any, or with `force` removes them. */
MUST_CHECK int numbered_clear(const char *dir, bool force, Error *err);
/* Makes the folder, unless it is there. */
MUST_CHECK int numbered_folder(const char *path, Error *err);
/* Writes a picture as a new PNG file; one that is there is an error. */
MUST_CHECK int numbered_save(const Picture *p, const char *path, Error *err);

#endif
