/* pick.h: elements at positions that are known only while playing. */
#ifndef GAN_PICK_H
#define GAN_PICK_H

#include "page/eval/build.h"

/* The elements of x at positions i along an axis of its node. Positions of a minibatch are those of
 * each sample of x, or, where x has no minibatch, pick along its first axis; others are the same
 * for all samples. The axis gives way to those of the positions. */
Value pick(Build *b, const Expr *at, const Value *x, int axis, const Value *i);

#endif
