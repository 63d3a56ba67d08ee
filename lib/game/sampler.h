/* sampler.h: evaluating expressions of a page over made or given minibatches. */
#ifndef GAN_SAMPLER_H
#define GAN_SAMPLER_H

#include <stdio.h>

#include "game/program.h"

enum { SAMPLES_UNASKED = 64 };

typedef struct {
    const char *const *outputs; /* "EXPR" or "NAME=EXPR" */
    int output_count;
    uint64_t seed;
    size_t count;        /* samples to make, of a stream the first so many; 0: all of the stream,
                          * or SAMPLES_UNASKED */
    size_t batch;        /* samples evaluated at once */
    const double *label; /* classes given to the page's label data, in turn; NULL: none */
    size_t label_count;
    size_t
        grid_columns; /* with labels: a row of so many samples each, columns sharing their noise */
    bool asked_input; /* input without frames is an error, not as if there were none */
    bool as_float;    /* images as F32 in the page's range instead of U8 */
    bool batch_statistics;
    bool guided;
    const char *const *drop; /* "PATH:3,5,7": feature maps set to zero */
    int drop_count;
} SampleOptions;

/* Writes frames to out. `in` may be NULL; its tensors replace data and names of the page. The names
 * are for messages. */
MUST_CHECK int sample(Model *m, const SampleOptions *o, Reader *in, const char *in_name, FILE *out,
                      const char *out_name, Error *err);

#endif
