/* off.h: meshes in the Object File Format, as text. */
#ifndef GAN_OFF_H
#define GAN_OFF_H

#include "media/volume/mesh.h"

/* Reads a whole file of the Object File Format as text: OFF, also with colours or normals behind
 * the vertices (COFF, NOFF) and colours behind the faces, which are passed over. The counts may
 * stand in the first line, or follow the word at once as in many files of ModelNet (OFF490 518 0).
 * Faces of more than three corners become fans of triangles; of fewer they are left out. */
MUST_CHECK int off_parse(const unsigned char *bytes, size_t n, Mesh *out, Error *err);
/* Whether bytes begin as such a file does. */
bool off_is(const unsigned char *bytes, size_t n);

/* Appends the mesh as an OFF file. */
void off_write(const Mesh *m, Str *out);

#endif
