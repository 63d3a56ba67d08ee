/* archive.h: zip files. */
#ifndef GAN_ARCHIVE_H
#define GAN_ARCHIVE_H

#include "media/sources/paths.h"

enum { DEFLATE_MOST = 1040 }; /* deflate cannot do better than 1032:1 */

/* Whether the file begins as a zip archive does. */
bool archive_is(const char *path);
/* The same, but it is of no kind of its own, as PyTorch's and NumPy's files are. */
bool archive_is_plain(const char *path);
/* Appends the members whose names begin with the folder `inner`, "" for all. */
MUST_CHECK int archive_add(Paths *p, const char *path, const char *inner, Error *err);
/* To be read, and released with zip_discard; NULL and a message on failure. */
MUST_CHECK struct zip *archive_open(const char *path, Error *err);
/* What the library says of an error, but "out of memory" where that is what it means. */
struct zip_error;
const char *archive_problem(struct zip_error *e);

#endif
