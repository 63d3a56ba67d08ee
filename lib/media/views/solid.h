/* solid.h: pictures of volumes, by parallel rays from a direction: the side of a voxel that a ray
 * meets first is shaded by how it faces the light and by what stands around it. */
#ifndef GAN_SOLID_H
#define GAN_SOLID_H

#include "media/volume/volume.h"

typedef struct {
    size_t size;      /* pixels a side of the picture */
    double azimuth;   /* degrees: 0 looks from the end of the first axis, 90 of the second */
    double elevation; /* degrees above the ground, -90 to 90 */
    double zoom;      /* 1: the cube around the volume is in the picture from wherever it is seen */
    unsigned char ground[3], colour[3], marked[3]; /* red, green, blue */
} SolidView;

/* The usual colours, and a view from the front at the right, a little from above. */
SolidView solid_view(size_t size);
/* Draws v into to [size, size, 3]. mark [voxels of v], or NULL: how much of `marked` a voxel's
 * colour has, 0 to 1. */
void solid_draw(const Volume *v, const float *mark, const SolidView *view, unsigned char *to);

#endif
