/* turn.h: players' turns: who makes updates together, what each of them is made of, and when. */
#ifndef GAN_TURN_H
#define GAN_TURN_H

#include "game/program.h"
#include "game/schedule.h"

typedef struct {
    PlayPart part;
    Schedule *every; /* NULL: at each of the turn's updates */
} TurnPart;

/* A player with those that play with it. */
typedef struct {
    const Statement *player;
    Schedule *every, *when, *repeat; /* NULL: as without the clause */
    TurnPart *parts;                 /* in the order in which they are run */
    int part_count;
    int first; /* number of the first part among those of all turns */
} Turn;

/* The turns of a step, in the order of the page. Release them with turns_free, also after an error.
 */
MUST_CHECK int turns_new(Model *m, Turn **turns, int *count, Error *err);
void turns_free(Turn *turns, int count);
/* The updates a turn makes in a step; -1 on error. */
MUST_CHECK int turn_updates(const Turn *t, uint64_t step, Error *err);
/* Whether a part is run in the updates of a step: 1 or 0; -1 on error. */
MUST_CHECK int turn_due(const TurnPart *p, uint64_t step, Error *err);

#endif
