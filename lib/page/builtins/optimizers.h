/* optimizers.h: a parameter's update from its gradient. */
#ifndef GAN_OPTIMIZERS_H
#define GAN_OPTIMIZERS_H

#include "page/eval/build.h"

/* With accumulate above 1 adds each of a player's n gradients, divided by it, to what the updates
 * before have gathered, and returns a number that is 0 while more of them are to come; else NULL.
 */
Node *optimizer_gather(Build *b, const Expr *at, const Value *optimizer, const char *player,
                       size_t n, Entry **entry, Node **d);
/* Scales the n gradients of a player down, all by the same factor, so that their norm taken
 * together is at most the optimizer's clip_norm; 0 leaves them as they are. */
void optimizer_clip(Build *b, const Expr *at, const Value *optimizer, size_t n, Node **d);
/* The optimizer with its rate times `c`, and decays of moments to the power c. */
Value optimizer_slowed(Build *b, const Expr *at, const Value *optimizer, double c);
/* Assigns the new values of a parameter and of its moments (made if need be, named
 * optimizer.PLAYER.WHAT.PARAM) in the build. `optimizer` is what sgd(), adam() and the others gave.
 * Where `due` is not NULL and 0, both stay as they are. */
void optimizer_update(Build *b, const Expr *at, const Value *optimizer, const char *player,
                      Entry *param, Node *gradient, Node *due);

#endif
