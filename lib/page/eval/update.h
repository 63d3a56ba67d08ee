/* update.h: a player's update as graph: gradients of its cost, new parameters, actions, averages;
 * and nets as they are after updates of a player. */
#ifndef GAN_UPDATE_H
#define GAN_UPDATE_H

#include "page/eval/build.h"

/* The player's cost, a number; scope is that of its where-clause. */
Node *update_cost(Build *b, Scope *scope, const Statement *player);
/* Assigns what the update changes. optimizer is the player's own if NULL. */
void update_assign(Build *b, Scope *scope, const Statement *player, Node *cost,
                   const Value *optimizer);
/* The actions of a net or block that has been evaluated in this scope, while a game is played: new
 * values of its states. The same value is assigned once, however often the net is used. */
void net_actions(Build *b, Scope *scope, const Statement *net, const char *prefix);
/* The builtin after(net, updates, ..): the net in the world after these updates. The updates are
 * ordinary graph, so that gradients flow through them. */
Value f_after(Build *b, const Expr *at, Value **arg);

#endif
