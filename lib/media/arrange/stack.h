/* stack.h: samples put together of several samples of a stream, drawn at random: the channels of
 * three digits become those of one picture (Metz et al. 2017, "stacked MNIST", of 1000 modes). */
#ifndef GAN_STACK_H
#define GAN_STACK_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    uint64_t count;   /* samples to make; 0: as many as the stream holds */
    uint64_t seed;    /* sample i of a seed is the same, however many are made */
    uint64_t depth;   /* samples put together as one, at least 1 */
    uint64_t classes; /* of label; 0: one more than the highest */
    size_t per_frame;
} StackWant;

/* Each tensor [N,..,C] of the stream at path becomes [N,..,depth*C], the parts in the order they
 * were drawn in; [N] becomes [N,depth]. `label` I64 [N] becomes the number whose digits the parts'
 * labels are, to the base `classes`, that of the first part in front. Memory is that of two frames.
 */
MUST_CHECK int stack_write(const char *path, const StackWant *want, FILE *out, const char *name,
                           Error *err);

#endif
