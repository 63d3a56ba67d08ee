/* volume.h: solids as grids of voxels: what is full and what is empty.
 *
 * Of the three axes the last one points up, as in ModelNet's meshes and arrays and in binvox files,
 * whose y, which is up there, runs fastest. */
#ifndef GAN_VOLUME_H
#define GAN_VOLUME_H

#include "stream/stream.h"

enum {
    VOLUME_SIDE_MAX = 1024,     /* voxels along an axis */
    VOLUME_VOXELS_MAX = 1 << 28 /* in all */
};

/* Zero-initialise; release with volume_free. */
typedef struct {
    size_t side[3];
    unsigned char *at; /* [side0, side1, side2]: 1 where it is full, else 0 */
    size_t capacity;
} Volume;
void volume_free(Volume *v);
/* Empties the volume and gives it these sides. */
MUST_CHECK int volume_shape(Volume *v, const size_t side[3], Error *err);
static inline size_t volume_voxels(const Volume *v) { return v->side[0] * v->side[1] * v->side[2]; }
static inline size_t volume_place(const Volume *v, size_t x, size_t y, size_t z) {
    return (x * v->side[1] + y) * v->side[2] + z;
}
/* How many voxels are full. */
size_t volume_full(const Volume *v);

/* Whether a tensor holds volumes: [N,D,H,W] or [N,D,H,W,1], none of the sides too large. */
MUST_CHECK int volume_check(const Tensor *t, Error *err);
/* Sample i of such a tensor: full is what is above the threshold, bytes being divided by 255. */
MUST_CHECK int volume_take(const Tensor *t, size_t i, double threshold, Volume *out, Error *err);

/* Puts v in the middle of a cube of this side, with as many empty voxels at least around it as the
 * margin says. What is too large for that is pooled first: each block of as many voxels a side as
 * it takes becomes one, full where one of the block is. */
MUST_CHECK int volume_fit(const Volume *v, size_t side, size_t margin, Volume *out, Error *err);

/* Keeps the largest part of v whose voxels hang together, of equally large ones the first: two are
 * neighbours whose centres are no further apart than the radius (1: those that share a face). How
 * many voxels stay goes to *kept. */
MUST_CHECK int volume_component(Volume *v, double radius, size_t *kept, Error *err);

/* Fills what cannot be reached from outside through empty voxels that share faces. */
MUST_CHECK int volume_fill(Volume *v, Error *err);

#endif
