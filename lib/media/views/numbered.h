/* numbered.h: numbered files that a run leaves in a folder. */
#ifndef GAN_NUMBERED_H
#define GAN_NUMBERED_H

#include "media/picture/picture.h"

typedef enum {
    NUMBERED_PICTURES, /* NNNNNN.png or NNNNNN-NNN.png, in it or in the folders in it */
    NUMBERED_FILMS,    /* these or films, NNNNNN.mp4 and so on, in it alone */
    NUMBERED_MESHES    /* NNNNNN.off, in it alone */
} Numbered;

/* Fails when there are any, or with `force` removes them, and the folders in dir that are empty
 * then; other files stay. A folder that is not there holds none. */
MUST_CHECK int numbered_clear(const char *dir, Numbered what, bool force, Error *err);
/* Makes the folder, unless it is there. */
MUST_CHECK int numbered_folder(const char *path, Error *err);
/* Writes a picture as a new PNG file; one that is there is an error. */
MUST_CHECK int numbered_save(const Picture *p, const char *path, Error *err);

#endif
