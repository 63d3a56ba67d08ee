/* together.h: samples of one label put together as one, so many at a time: the frames of a video
 * as an episode. */
#ifndef GAN_TOGETHER_H
#define GAN_TOGETHER_H

#include "media/index.h"

/* Zero-initialise; release with together_free. */
typedef struct {
    size_t each;      /* samples that stand together */
    uint32_t *class;  /* [samples]: their labels as 0 .. classes-1 */
    uint32_t *start;  /* [classes + 1]: where those of a class begin among all that take part */
    uint32_t *filled; /* [classes] */
    uint32_t *sorted, *turn; /* room: [samples], [groups] */
    size_t samples, classes, groups;
} Together;

/* By the labels of the index's tensor `label`. A label takes part with as many samples as make
 * whole groups; none at all is an error. */
MUST_CHECK int together_open(Together *t, const Index *x, size_t each, Error *err);
void together_free(Together *t);

/* From an order of all samples that of an epoch: groups * each samples, those of a label in the
 * order that they had, and groups in one of that epoch when shuffled, else label by label. What is
 * left over of a label is what came last. */
void together_order(Together *t, bool shuffle, uint64_t seed, uint64_t epoch, uint32_t *order);

/* Makes `to` of the samples of whole groups: tensors [N,..] become [N/each,each,..], and `label`
 * [N/each]. */
MUST_CHECK int together_frame(const Together *t, const Frame *from, Frame *to, Error *err);

#endif
