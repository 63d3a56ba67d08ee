/* builtins.h: the tables of layers and functions, each in its file; they end with a name that is
 * NULL. */
#ifndef GAN_BUILTINS_H
#define GAN_BUILTINS_H

#include "page/eval/build.h"

extern const Builtin builtin_layers[], builtin_functions[], builtin_shapes[], builtin_pooling[],
    builtin_resampling[], builtin_picks[], builtin_pairs[], builtin_probability[], builtin_random[],
    builtin_optimizers[], builtin_solvers[], builtin_graphs[];
extern const Builtin builtin_argmax; /* of ops/ */

#endif
