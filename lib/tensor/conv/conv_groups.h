/* conv_groups.h: convolutions of groups of channels; private to the convolutions. */
#ifndef GAN_CONV_GROUPS_H
#define GAN_CONV_GROUPS_H

#include "tensor/conv/conv.h"

/* Some groups at a time, whose channels are copied out to be side by side, as one convolution with
 * zeros in its weight where channels of different groups meet. */
typedef struct ConvGroups ConvGroups;
const ConvGroups *conv_groups_plan(Arena *arena, const ConvShape *s, ConvKind kind,
                                   ConvAlgorithm wish);
ConvAlgorithm conv_groups_algorithm(const ConvGroups *p);
size_t conv_groups_scratch(const ConvGroups *p);
void conv_groups_run(const ConvGroups *p, const float *a, const float *b, float *out,
                     void *scratch);

#endif
