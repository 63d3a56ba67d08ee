/* solid_write.h: streams of volumes as streams of pictures, and as files of meshes. */
#ifndef GAN_SOLID_WRITE_H
#define GAN_SOLID_WRITE_H

#include "media/views/solid.h"

typedef struct {
    const char *tensor, *mark; /* of volumes, and of numbers of their shape, or NULL */
    double threshold;          /* full is what is above it */
    size_t views;              /* directions, all around */
    bool pairs;                /* the volumes go along with each of their pictures */
    SolidView view;            /* the first of them */
} SolidWant;
/* The stream at path as one of pictures: `image` U8 [N,size,size,3], those of a sample one after
 * the other, with its label. Marks are what is above 0 of the sample's largest. */
MUST_CHECK int solid_write(const char *path, const SolidWant *want, FILE *out, const char *name,
                           Error *err);

/* Writes the volumes of the stream at path, at most `most`, as NNNNNN.off into the folder, which is
 * made; each is scaled into a cube of side 1. Empty ones are left out; *count is how many there
 * are. Files that are there are not replaced without `force`. */
MUST_CHECK int solid_export(const char *path, const SolidWant *want, const char *dir, uint64_t most,
                            bool force, size_t *count, Error *err);

#endif
