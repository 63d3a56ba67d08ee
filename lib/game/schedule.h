/* schedule.h: the numbers of clauses (repeat, every, when), which may depend on the step and on
 * states. */
#ifndef GAN_SCHEDULE_H
#define GAN_SCHEDULE_H

#include "game/program.h"

typedef struct Schedule Schedule;

/* Evaluates the page's options once, for all steps, and the expression to see that it can be. NULL
 * on error. */
MUST_CHECK Schedule *schedule_new(const Model *m, Expr *e, Error *err);
void schedule_free(Schedule *s); /* NULL allowed */
/* Whether the number is the same at all steps. */
bool schedule_is_constant(const Schedule *s);
/* The number at a step. One that has not asked for the step is not evaluated again. */
MUST_CHECK int schedule_number(Schedule *s, uint64_t step, double *out, Error *err);

#endif
