/* feed.h: from the tensors of a frame to the data of a page. */
#ifndef GAN_FEED_H
#define GAN_FEED_H

#include "page/eval/build.h"

/* Whether a frame has what a data input wants: the tensor, its shape, and classes that are some. */
MUST_CHECK int feed_check(const DataInput *d, const Frame *f, Error *err);
/* Whether all numbers of its tensor are finite; the message names tensor and sample. */
MUST_CHECK int feed_finite(const DataInput *d, const Frame *f, Error *err);
/* Fills a data input's buffer from a frame that has passed feed_check: U8 to the page's range,
 * integers of label[K] to one-hot, other types as they are. Of its parts only `count`, from `first`
 * on; `to` holds input.count floats for each. */
void feed_fill(const DataInput *d, const Frame *f, size_t first, size_t count, float *to);
/* Samples in a frame, by the first of the data that are read which it has; *n stays as it is where
 * those have no minibatch. */
MUST_CHECK int feed_batch(const DataInput *data, const bool *reads, int count, const Frame *f,
                          size_t *n, Error *err);

#endif
