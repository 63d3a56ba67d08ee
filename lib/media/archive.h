/* archive.h: zip files. */
#ifndef GAN_ARCHIVE_H
#define GAN_ARCHIVE_H

#include "base/base.h"

/* Whether the file begins as a zip archive does. */
bool archive_is(const char *path);
/* To be read, and released with zip_discard; NULL and a message on failure. */
struct zip *archive_open(const char *path, Error *err);

#endif
