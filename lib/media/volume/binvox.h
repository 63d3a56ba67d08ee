/* binvox.h: the .binvox format (Min 2004). */
#ifndef GAN_BINVOX_H
#define GAN_BINVOX_H

#include "media/volume/volume.h"

/* Reads a whole file: version 1, its runs as they stand. Translation and scale,
 * by which a voxel's place in the model is found, are checked and passed over. */
MUST_CHECK int binvox_parse(const unsigned char *bytes, size_t n, Volume *out, Error *err);
/* Whether bytes begin as such a file does. */
bool binvox_is(const unsigned char *bytes, size_t n);

#endif
