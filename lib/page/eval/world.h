/* world.h: the values of states within an update, and what they would be after others. */
#ifndef GAN_WORLD_H
#define GAN_WORLD_H

#include "base/address.h"
#include "page/eval/value.h"

typedef struct Scope Scope;

/* A state's value at the end of the update being built. */
typedef struct {
    State *state;
    Node *value;
    const Node *cause; /* what it was computed from: the same cause counts once */
} Pending;

/* What states are worth. The lowest world is the update being built, whose assignments are made
 * when it is played; worlds above it are imagined: the game after updates of a player, or one
 * without gradients in its states. What a world does not assign has the value of the world below.
 */
typedef struct World {
    struct World *up; /* what it started as; NULL for the lowest */
    Scope *root;      /* the page's names */
    Pending *pending;
    int pending_count, pending_capacity;
    AddressTable assigned; /* states -> their places in pending */
    bool own_noise;        /* the page's noise is drawn anew */
    bool stopped;          /* states have no gradient */
} World;

/* A world that starts as another is. */
World *world_above(Build *b, World *base);
/* A state's value within this update, before it, and its replacement at the end. */
Node *state_value(Build *b, const State *s);
Node *state_before(Build *b, const State *s);
void state_assign(Build *b, State *s, Node *value, const Node *cause);
/* Whether it has been assigned for this cause. */
bool state_assigned(const Build *b, const State *s, const Node *cause);
/* The net with constant parameters. */
Value net_stopped(Build *b, const Value *net);

#endif
