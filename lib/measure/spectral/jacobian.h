/* jacobian.h: singular values of the derivative of an expression of a page in one of its names,
 * such as of G(z) in z: how far a generator moves along each direction of its latents. */
#ifndef GAN_JACOBIAN_H
#define GAN_JACOBIAN_H

#include "game/program.h"

typedef struct Jacobian Jacobian;

/* `expression` in `name`, a noise or a let of the page, one sample at a time and as when sampling.
 * What is drawn besides is drawn anew for each sample, from the seed. `like` may be NULL: a tensor
 * [n, ..] whose rows are taken for the name's values; `file` is where it is from, for messages.
 * NULL on error. */
MUST_CHECK Jacobian *jacobian_new(Model *m, const char *expression, const char *name, uint64_t seed,
                                  const Tensor *like, const char *file, Error *err);
void jacobian_free(Jacobian *j);
/* Elements of the name and of the expression, for one sample. */
size_t jacobian_inputs(const Jacobian *j);
size_t jacobian_outputs(const Jacobian *j);
/* All singular values of sample i, as many as the smaller of the two, descending. One evaluation of
 * the expression, its gradient and the gradient of that for each element of the name. */
MUST_CHECK int jacobian_values(Jacobian *j, size_t sample, double *value, Error *err);

#endif
