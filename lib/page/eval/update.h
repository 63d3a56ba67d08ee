/* update.h: a player's update as graph: gradients of its cost, new parameters, actions, averages;
 * and nets as they are after updates of a player. */
#ifndef GAN_UPDATE_H
#define GAN_UPDATE_H

#include "page/eval/build.h"

/* A cost of the player, a number; scope is that of its where-clause. */
Node *update_cost(Build *b, Scope *scope, const Expr *cost);

/* The gradients of what a player minimises, or maximises, in the parameters it trains. Those of
 * players that share an update are made before any of them changes anything. */
typedef struct Descent Descent;
Descent *update_gradients(Build *b, const Statement *player, Node *cost, bool maximise);
/* New values of these parameters and their moments. optimizer is the player's own if NULL. What a
 * player regularizes every k steps is an update more in k; so that its moments and its pace stay
 * what they are without, rates are multiplied by c and decays of moments raised to the power c, the
 * share of its updates that is not of this kind (Karras et al. 2020, appendix B: k/(k+1)). */
void update_descend(Build *b, const Descent *d, const Value *optimizer);
/* How many steps lie between two of what the player regularizes; 0: it never does. */
double update_interval(Build *b, const Define *term);

/* An action of a player's, which is done now. */
void update_action(Build *b, Scope *scope, const Define *action);
/* The averages of the nets that a player trains follow them. */
void update_averages(Build *b, const Statement *player);
/* Whether some of what a player does has a schedule of its own: then its averages come last. */
bool update_in_parts(const Statement *player);
/* Assigns all that an update changes but for what has a schedule of its own. */
void update_assign(Build *b, Scope *scope, const Statement *player, const Descent *d,
                   const Value *optimizer);
/* The actions of a net or block that has been evaluated in this scope, while a game is played: new
 * values of its states. The same value is assigned once, however often the net is used. */
void net_actions(Build *b, Scope *scope, const Statement *net, const char *prefix);
/* The builtin after(net, updates, ..): the net in the world after these updates. The updates are
 * ordinary graph, so that gradients flow through them. */
Value f_after(Build *b, const Expr *at, Value **arg);

#endif
