/* game.h: playing the game: minibatches in, updates of every player, figures out. */
#ifndef GAN_GAME_H
#define GAN_GAME_H

#include "game/program.h"

typedef struct Game Game;

/* What a game takes, in bytes: parameters with their moments; the minibatch, as it is played and as
 * it came; values and scratch of the largest plan; and the rest of the process. */
typedef struct {
    size_t states, data, values, scratch, process, all;
} GameMemory;
GameMemory game_memory(const Game *g);

/* Compiles every player for the model's batch size, so that all parameters exist; and, if the model
 * has a limit of memory, so that it is kept, or fails. Of a new game that reads data the size that
 * counts is that of its first frame: only then is the limit looked at. */
MUST_CHECK Game *game_new(Model *m, Error *err);
/* Looks at the limit of memory now, for the model's batch size. */
MUST_CHECK int game_fit(Game *g, Error *err);
void game_free(Game *g);

typedef enum {
    PLAY_DONE,     /* a step was played */
    PLAY_NO_DATA,  /* the stream ended before the frames of a whole step: nothing was played, err
                    * says how many it needs and how many came */
    PLAY_BAD_DATA, /* the step cannot be begun, most often for its data: nothing was played, err
                    * says why, and the model may be saved */
    PLAY_STOPPED,  /* a step was played, after which the page stops the game; err says so. The file
                    * is to stay as it was saved before */
    PLAY_DIVERGED, /* a cost is not finite; the model must not be saved */
    PLAY_FAILED,   /* in the middle of a step: err says why; the model must not be saved */
} PlayResult;

/* Figures are to tell, too, which share of the time that all updates of this run have taken each
 * part of a turn has had: time_PLAYER, time_PLAYER_regularizer, and so on. To be called before a
 * step. */
void game_times(Game *g);

/* The data may be others than those played so far (game/origin.h). */
void game_new_data(Game *g);
/* What is to be told about the stream, once; NULL: nothing. */
const char *game_note(Game *g);

/* Plays one step: each player whose turn it is makes its updates, each update that reads data
 * taking the next frame of `data` (NULL: there is none). */
MUST_CHECK PlayResult game_step(Game *g, Reader *data, Error *err);

/* Figures of the last step: costs and logged values, of the last update each player made. */
int game_figures(const Game *g);
const char *game_figure_name(const Game *g, int i);
float game_figure(const Game *g, int i);
/* Samples of the last minibatch. */
size_t game_batch(const Game *g);
/* Whether any player reads data. */
bool game_reads_data(const Game *g);
/* Parameters, work and memory, for gan-init --plan. */
void game_describe(const Game *g, Str *out);
/* What each player is compiled to, see plan_dump. */
void game_dump(const Game *g, PlanView view, bool dot, Str *out);
/* Time by kernel. */
void game_profile_start(Game *g);
void game_profile_print(const Game *g, Str *out);

#endif
