/* images.h: folders of pictures as a stream: tensor `image` U8 [N,H,W,C], or U16, and `label` I64
 * [N] with the class names in metadata `gan.classes`. */
#ifndef GAN_IMAGES_H
#define GAN_IMAGES_H

#include "media/picture/framing.h"
#include "media/sources/companion.h"
#include "media/sources/paths.h"

#include <stdio.h>

typedef struct {
    Framing framing;
    int index; /* keep the numbers of label maps (DecodeHint.index): one channel of so many bits,
                * nothing scaled; the filter must be FILTER_NEAREST. 0: pictures */
    const Classes *classes; /* label files by the folders that these are, or NULL */
    const Companion *table; /* whose rows the files have been matched with, or NULL */
    size_t per_frame;       /* at most: large images make smaller frames */
} ImagesWant;

/* How a run tells of its progress; the library prints nothing itself. Where the reason names the
 * place, path is NULL. */
typedef struct {
    void *to;
    void (*offender)(void *to, const char *path, const char *reason);
    void (*progress)(void *to, size_t done, size_t skipped);
} ImagesReport;

/* Decodes the files in their order, several at a time, and writes the stream. Files that are no
 * good are reported and passed over. *skipped counts them. No image at all is an error. Memory is
 * that of one frame. */
MUST_CHECK int images_write(Paths *paths, const ImagesWant *want, const ImagesReport *report,
                            FILE *out, const char *name, size_t *skipped, Error *err);

#endif
