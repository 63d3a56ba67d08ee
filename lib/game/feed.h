/* feed.h: from the tensors of a frame to the data of a page. */
#ifndef GAN_FEED_H
#define GAN_FEED_H

#include "page/build.h"

/* Fills a data input's buffer from a frame: U8 to the page's range, integers of label[K] to
 * one-hot, other types as they are. `to` holds input.count floats. `source` names the stream in
 * messages. */
int feed(const DataInput *d, const Frame *f, const char *source, float *to, Error *err);
/* Samples in a frame, by the first data tensor the page wants. */
int frame_batch(const Build *b, const Frame *f, size_t *n, Error *err);

#endif
