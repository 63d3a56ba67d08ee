/* sheet.h: tensors as pictures: a grid of tiles, or a PNG for each sample. */
#ifndef GAN_SHEET_H
#define GAN_SHEET_H

#include "media/views/tiles.h"

/* Reads [N,H,W] or [N,H,W,C], C of 1, 3 or 4, or videos [N,T,H,W,C], whose frames are images one
 * after the other, from the stream at path ("-": standard input) and draws one picture. Stretched
 * tensors of other C give a grey tile for each channel. Memory holds the tiles that are drawn. */
MUST_CHECK int sheet_draw(const char *path, const SheetWant *want, Picture *out, Error *err);

/* Writes each sample as dir/NNNNNN.png, or dir/CLASS/NNNNNN.png by the tensor `label` (named by
 * metadata gan.classes where it is there). Folders are made. *count is the number written. A dir
 * that holds an earlier export's pictures is refused at once; with `force` they are removed after
 * the first frame has been read. */
MUST_CHECK int export_write(const char *path, const SheetWant *want, const char *dir, bool labels,
                            bool force, size_t *count, Error *err);

#endif
