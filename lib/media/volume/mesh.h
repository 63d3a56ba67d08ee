/* mesh.h: surfaces of triangles, and between them and volumes both ways. */
#ifndef GAN_MESH_H
#define GAN_MESH_H

#include "media/volume/volume.h"

/* Zero-initialise; release with mesh_free. */
typedef struct {
    double (*vertex)[3];
    size_t vertices, vertex_room;
    uint32_t (*triangle)[3];
    size_t triangles, triangle_room;
} Mesh;
void mesh_free(Mesh *m);

/* The mesh in the middle of a cube of this side, its longest extent as long as the cube less the
 * margin at both ends: full is what a triangle passes through and, unless `hollow`, what they
 * enclose: a surface with holes encloses nothing. */
MUST_CHECK int mesh_voxels(const Mesh *m, size_t side, size_t margin, bool hollow, Volume *out,
                           Error *err);

/* The outside of the full voxels, which are cubes of side 1, as two triangles for each face that
 * none shares, seen counter-clockwise from outside; corners are shared. An empty volume has none.
 */
MUST_CHECK int mesh_of_volume(const Volume *v, Mesh *out, Error *err);
#endif
