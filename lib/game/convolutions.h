/* convolutions.h: the convolutions of a model's page, with the weights they use. */
#ifndef GAN_CONVOLUTIONS_H
#define GAN_CONVOLUTIONS_H

#include "game/model.h"

typedef struct {
    const Entry *weight;
    ConvShape shape; /* of its first use, for one sample; transposed convolutions are the adjoint */
    bool transposed;
} LayerUse;

/* Evaluates `sample`, what `let` names and the costs of players, and lists each weight that a
 * convolution uses, as it is or normalised, once. The list is the arena's. */
MUST_CHECK int model_convolutions(const Model *m, Arena *arena, LayerUse **list, size_t *count,
                                  Error *err);

#endif
