/* loader.h: whole picture files into memory, from folders or archives; one a thread. */
#ifndef GAN_LOADER_H
#define GAN_LOADER_H

#include "media/sources/paths.h"

/* Zero-initialise; release with loader_free. */
typedef struct {
    unsigned char *bytes; /* of the last file */
    size_t capacity;
    struct zip *zip;       /* the archive that is open, */
    const char *archive;   /* its path in the list */
    uint64_t archive_size; /* and its bytes */
    bool any;              /* what is read need not be a picture */
} Loader;
void loader_free(Loader *l);

/* Reads a file of the list. Unless `any`, what does not begin as a picture does is refused before
 * the rest of it is read, and so is what is larger than 1 GiB, or claims to be in too small an
 * archive. Messages do not name the file. */
MUST_CHECK int loader_read(Loader *l, const FilePath *path, size_t *n, Error *err);

#endif
