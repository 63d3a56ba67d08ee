/* optimizers.h: a parameter's update from its gradient. */
#ifndef GAN_OPTIMIZERS_H
#define GAN_OPTIMIZERS_H

#include "page/eval/build.h"

/* Scales the n gradients of a player down, all by the same factor, so that their norm taken
 * together is at most the optimizer's clip_norm; 0 leaves them as they are. */
void optimizer_clip(Build *b, const Expr *at, const Value *optimizer, size_t n, Node **d);
/* The optimizer with its rate times `c`, and decays of moments to the power c. */
Value optimizer_slowed(Build *b, const Expr *at, const Value *optimizer, double c);
/* Assigns the new values of a parameter and of its moments (made if need be, named
 * optimizer.PLAYER.WHAT.PARAM) in the build. `optimizer` is what sgd(), adam() and the others gave.
 */
void optimizer_update(Build *b, const Expr *at, const Value *optimizer, const char *player,
                      Entry *param, Node *gradient);

#endif
