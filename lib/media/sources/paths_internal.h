/* paths_internal.h: what the files that list files share. */
#ifndef GAN_PATHS_INTERNAL_H
#define GAN_PATHS_INTERNAL_H

#include "media/sources/archive.h"
#include "media/sources/paths.h"

/* Appends a copy of the item; its texts must live as long as the list (in its arena). */
MUST_CHECK int paths_append(Paths *p, const FilePath *item, Error *err);
/* What is below a folder. */
MUST_CHECK int folder_add(Paths *p, const char *path, Error *err);

/* The members of an archive whose names begin with the folder `inner`, "" for all. */
MUST_CHECK int archive_add(Paths *p, const char *path, const char *inner, Error *err);

#endif
