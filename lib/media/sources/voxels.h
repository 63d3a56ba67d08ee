/* voxels.h: files of shapes as a stream: tensor `voxels` U8 [N,S,S,S,1], 255 where they are full.
 */
#ifndef GAN_VOXELS_H
#define GAN_VOXELS_H

#include "media/sources/images.h"

typedef struct {
    size_t side, margin;    /* of the cube, and empty voxels at both ends of it */
    bool hollow;            /* surfaces of meshes are not filled */
    const Classes *classes; /* label files by the folders that these are, or NULL */
    const Paths *pictures;  /* sorted: each shape goes with all pictures of it; or NULL */
    size_t picture;         /* their side: `image` U8 [N,picture,picture,3] */
    size_t per_frame;       /* at most */
} VoxelsWant;

/* Reads the files, .binvox and meshes in OFF, told apart by content, in their order, and writes the
 * stream. A picture is of a shape when its path below its folder is the shape's without the ending,
 * and then begins with one of . / - _: of chair/7.off are chair/7.png and chair/7/left.png. Files
 * that are no good, or have no picture, are reported and passed over; *skipped counts them. None at
 * all is an error. */
MUST_CHECK int voxels_write(const Paths *paths, const VoxelsWant *want, const ImagesReport *report,
                            FILE *out, const char *name, size_t *skipped, Error *err);
/* Leaves in the list only what lies in a folder of that name, at any depth below its operand. */
void voxels_under(Paths *paths, const char *folder);

#endif
