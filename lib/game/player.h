/* player.h: one player's update, or one expression, compiled for a minibatch size. */
#ifndef GAN_PLAYER_H
#define GAN_PLAYER_H

#include "game/model.h"
#include "plan/plan.h"

/* A compiled graph with what it needs from outside. */
typedef struct {
    const Statement *statement; /* the player, or NULL */
    Build build;
    Plan *plan;
    const char **names; /* of the outputs; a player's cost is the first */
    Value *values;      /* outputs, for their shapes */
    int output_count;
    bool reads_data;
} Program;

/* Compiles a player's update. Parameters, moments and averages it needs are made in the store. The
 * arena holds the program. */
MUST_CHECK int program_player(Program *p, Arena *arena, const Model *m, const Statement *player,
                              size_t batch, Error *err);
/* How expressions are evaluated. */
typedef struct {
    bool training;   /* batch statistics and dropout as while training */
    bool collecting; /* and running statistics collected as plain averages */
    bool guided;
    Drop *drops;
    int drop_count;
    Input *bind; /* tensors that replace names of the page */
    int bind_count;
} SampleMode;
/* Compiles expressions for sampling, as program_player does a player. */
MUST_CHECK int program_sample(Program *p, Arena *arena, const Model *m, int count,
                              const char *const *names, Expr *const *exprs, size_t batch,
                              const SampleMode *mode, Error *err);

/* Memory for a program of its own: values, scratch and data, in one block that replaces *block. */
MUST_CHECK int program_bind(Program *p, void **block, Error *err);
/* Whether a frame has all data that the program reads, in its shapes, and finite. */
MUST_CHECK int program_check(const Program *p, const Frame *f, Error *err);
/* Fills the data from a frame that has passed program_check. */
void program_feed(Program *p, const Frame *f);

/* A number of a schedule (repeat, every, when) at a step. */
MUST_CHECK int schedule_number(const Model *m, const Expr *e, uint64_t step, double *out,
                               Error *err);

#endif
