/* save.h: rows that a metric leaves behind. */
#ifndef GAN_SAVE_H
#define GAN_SAVE_H

#include "base/base.h"

/* Writes x [n,d] as the F32 tensor `name`, and unless it is NULL label [n] as I64 `label`, in one
 * frame to path. */
MUST_CHECK int save_rows(const char *path, const char *name, const double *x, size_t n, size_t d,
                         const int64_t *label, Error *err);

#endif
