/* collect.h: fixed statistics for sampling. */
#ifndef GAN_COLLECT_H
#define GAN_COLLECT_H

#include "game/program.h"

/* Evaluates an expression as while training on every minibatch of standard input and sets the
 * running statistics of the layers it passes to the plain averages of the minibatches' moments.
 * `frames` receives the number of minibatches. The model is settled. */
MUST_CHECK int collect_statistics(Model *m, const char *expression, uint64_t *frames, Error *err);

#endif
