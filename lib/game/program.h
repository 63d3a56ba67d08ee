/* program.h: a part of a player's turn, or some expressions, compiled for one minibatch size:
 * compiled, then bound to memory, then fed and run as often as wanted. A run allocates nothing. */
#ifndef GAN_PROGRAM_H
#define GAN_PROGRAM_H

#include "game/model.h"
#include "plan/plan.h"

typedef struct Program Program;

/* ---- compiling ---- */

/* What is run at once of a player's turn: its update, with those of the players that share it; a
 * term that it regularizes; what it logs by a schedule, which changes nothing; an action with a
 * schedule of its own; or, where there are such, its averages, which come last. */
typedef enum { PART_UPDATE, PART_TERM, PART_LOG, PART_ACTION, PART_AVERAGES } PlayPartKind;
typedef struct {
    PlayPartKind kind;
    const Statement *player;
    const Define *what; /* the term, log or action */
    const char *name;   /* its own among those of a game; of a term the one of its cost, too */
} PlayPart;

/* A part of a player's turn. Parameters, moments and averages it needs are made in the store. The
 * arena holds the program. NULL on error; what was made in the store is then forgotten. */
MUST_CHECK Program *program_part(Arena *arena, const Model *m, const PlayPart *part, size_t batch,
                                 Error *err);
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
/* The same of expressions, which change nothing unless statistics are collected. */
MUST_CHECK Program *program_sample(Arena *arena, const Model *m, int count,
                                   const char *const *names, Expr *const *exprs, size_t batch,
                                   const SampleMode *mode, Error *err);

/* ---- what it is ---- */

/* One result: a cost, which must be finite; what a player logs; or an expression's. */
typedef struct {
    const char *name;
    bool cost;
    const Node *node; /* its shape */
    bool batched;
} ProgramOutput;
int program_output_count(const Program *p);
const ProgramOutput *program_output(const Program *p, int i);
/* The page's data, all of them, and whether the program reads one. */
int program_data_count(const Program *p);
const DataInput *program_data(const Program *p, int i);
bool program_reads(const Program *p, int i);
bool program_reads_any(const Program *p);
/* Whether a run changes any state. */
bool program_changes(const Program *p);
/* What it is compiled to: its cost, dumps and profile, and, of a player that was compiled with
 * GAN_TRACE=nan, the trace of its last run. */
Plan *program_plan(const Program *p);

/* ---- memory ---- */

/* Of values and scratch, which programs that do not run at once may share; and of its data. */
size_t program_bytes(const Program *p);
/* See plan_fit. */
MUST_CHECK int program_fit(Program *p, size_t bytes, Error *err);
size_t program_data_bytes(const Program *p);
/* Where they are: block, aligned to 64 bytes, and data. */
void program_bind(Program *p, void *block, float *data);
/* The same in one block of its own, which replaces *block; plan_block_free frees it. */
MUST_CHECK int program_bind_own(Program *p, void **block, Error *err);

/* ---- running ---- */

/* Samples in a frame, by the first of the data that the program reads which it has. */
MUST_CHECK int program_batch(const Program *p, const Frame *f, size_t *n, Error *err);
/* Whether a frame has all data that the program reads, in its shapes, and finite. */
MUST_CHECK int program_check(const Program *p, const Frame *f, Error *err);
/* Fills the data from a frame that has passed program_check. */
void program_feed(Program *p, const Frame *f);
/* Where data i is, to be filled by the caller: the floats of its shape. */
float *program_room(Program *p, int i);

typedef struct {
    RunContext context;
    uint64_t step; /* of the game */
    float weight;  /* of this minibatch in statistics that are collected */
} ProgramRun;
void program_run(Program *p, const ProgramRun *run);
/* The numbers of output i, until the next run. */
const float *program_value(const Program *p, int i);

#endif
