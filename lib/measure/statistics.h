/* statistics.h: Gaussian statistics as they are kept: computed from rows, saved, added up, read. */
#ifndef GAN_STATISTICS_H
#define GAN_STATISTICS_H

#include "maths/frechet.h"
#include "measure/rows.h"

/* Of a stream of rows, or of statistics saved before, frame after frame added up. tensor: the name
 * of the rows' tensor, of at least 96 bytes. On error g is empty. */
MUST_CHECK int gaussian_read(const RowsSpec *spec, Gaussian *g, Provenance *from, char *tensor,
                             Error *err);
/* One frame: count I64 [1], pivot and sum F64 [d], outer F64 [d,d], of labelled rows label and
 * label_count I64 [K]; where they came from, the tensor's name and those of the classes as
 * metadata. Replaces path atomically. */
MUST_CHECK int gaussian_save(const Gaussian *g, const Provenance *from, const Facts *facts,
                             const char *path, Error *err);
/* The same as moments, and also NumPy's .npz files with mu and sigma, which say nothing of their
 * protocol and number of rows: from->protocol is empty then. */
MUST_CHECK int moments_read(const RowsSpec *spec, size_t ddof, Moments *out, Provenance *from,
                            char *tensor, Error *err);

#endif
