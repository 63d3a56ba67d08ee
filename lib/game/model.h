/* model.h: a page with its parameters and counters, and how it lives in a checkpoint. */
#ifndef GAN_MODEL_H
#define GAN_MODEL_H

#include "page/eval/build.h"
#include "ranks/ranks.h"

typedef struct {
    Arena *arena;
    Page page;
    const char *page_name;
    Settings settings;
    Store *store;
    uint64_t seed;
    uint64_t step;      /* steps of the game played */
    uint64_t frames;    /* frames of the data stream consumed */
    uint64_t updates;   /* updates of all players: the counter of the noise */
    uint64_t batch;     /* size of the last minibatch */
    uint64_t shards;    /* into which each is cut while playing; 1: none is */
    uint64_t memory;    /* that a game may take, as game_memory counts it; 0: as much as it likes */
    Ranks *ranks;       /* who play them, or NULL; not owned */
    const char *source; /* what the data stream said of itself, or NULL */
    Frame frame;     /* the checkpoint's header; its tensors are read when a page asks for them */
    FrameFile *file; /* NULL once nothing is left to read */
    const char *folder; /* of the checkpoint, or NULL */
    const char *frozen; /* what is known of nets whose weights lie in other files, or NULL */
} Model;

/* A new model without a page, with an empty store: minibatches of 64, in one shard. */
void model_start(Model *m, uint64_t seed);
/* A new model from a page's file. */
MUST_CHECK int model_from_page(Model *m, const char *path, const Settings *settings, uint64_t seed,
                               Error *err);
/* Puts another page in the place of a model's. */
MUST_CHECK int model_read_page(Model *m, const char *path, Error *err);
/* Sets an option of the page, anew or instead of what it was set to. */
void model_set(Model *m, const char *name, const char *value);
/* The same of "NAME=VALUE", as -D of the tools gives it. */
MUST_CHECK int model_define(Model *m, const char *const *define, size_t count, Error *err);
/* Forgets the settings of options that the page has not, and says which. */
void model_unset_strange(Model *m, void (*say)(const char *name, const char *value));
/* From a checkpoint. Parameters are taken over when layers ask for them; model_settle then keeps
 * the rest as it is. */
MUST_CHECK int model_load(Model *m, const char *path, Error *err);
MUST_CHECK int model_settle(Model *m, Error *err);
/* Evaluates `sample` and all that `let` names, so that their parameters are in the store: what a
 * page without players is for. */
MUST_CHECK int model_evaluate(const Model *m, Error *err);
/* Checks the page's graphs, see graph_check, and adds what they are to `out`, if it is not NULL,
 * see graph_describe. Nothing is made in the store. */
MUST_CHECK int model_graphs(const Model *m, bool dot, Str *out, Error *err);
/* The page's parameters with their shapes, and their numbers. */
void model_describe(const Model *m, Str *out);
/* -1 and a message when a parameter or state is not finite: such a model must not be saved. */
MUST_CHECK int model_finite(const Model *m, Error *err);
/* Atomically. hold: see output_close_held in base/output.h; NULL: none. */
MUST_CHECK int model_save(const Model *m, const char *path, int *hold, Error *err);
void model_free(Model *m);

#endif
