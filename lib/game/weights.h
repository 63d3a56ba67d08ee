/* weights.h: weights from files into a model. */
#ifndef GAN_WEIGHTS_H
#define GAN_WEIGHTS_H

#include "game/model.h"

/* How much is taken: what fits, rather than all or nothing; no moments; and other files follow,
 * which may have what this one lacks. */
enum { WEIGHTS_PARTIAL = 1, WEIGHTS_ALONE = 2, WEIGHTS_MORE = 4 };

/* What came of a file. */
typedef struct {
    size_t left; /* tensors that the file has and the page has not */
    /* one line: how many were taken, had another shape, were missing, begin anew (moments and
     * averages that a run's file has not) or are left, with the first names of each but the taken
     */
    Str text;
} Weights;

/* `from` is FILE: the tensors of the same name, of which others are left; or TO=FILE: all of TO, a
 * net of the page or what lies below a name in it (G, G.3, G.encoder), whose tensors in the file
 * begin with the same name (a checkpoint's) or lack it (a PyTorch state's); or TO=WITHIN=FILE: the
 * same from what the file has below WITHIN. Of a TO, what is missing is an error, and always what
 * has another shape, unless WEIGHTS_PARTIAL. PyTorch's num_batches_tracked is passed over without a
 * word, and a prefix `module.` or `model.` that all tensors of the file have and TO has not is
 * dropped. A FILE with '=' behind nothing but letters, digits, '_' and '.' is named with its folder
 * ("./a=b"). On -1 nothing has been taken, or the model is of no use. */
MUST_CHECK int weights_take(Model *m, const char *from, unsigned how, Weights *w, Error *err);

/* Of weights_take: gives the tensors of a file, its own or those below `within` (NULL: as they
 * fit), the names that the page has for them below TO, and all others the name "". */
MUST_CHECK int weights_name(const Model *m, const char *to, const char *within, Frame *f,
                            Error *err);

/* For a model that was loaded from `path`, with its page or settings changed afterwards,
 * store->source set to NULL and the page built anew: takes all that the run had. What is missing or
 * of another shape is an error unless WEIGHTS_PARTIAL, but for moments and averages that the run
 * had not. What WEIGHTS_MORE lets pass is for weights_found to see. */
MUST_CHECK int weights_go_on(Model *m, const char *path, unsigned how, Weights *w, Error *err);
/* An error where a tensor that does not follow from others still has its initial value. */
MUST_CHECK int weights_found(const Model *m, Error *err);
void weights_free(Weights *w);

/* Adam divides a player's moments by what they lack at first, which it counts for all its weights
 * at once (Kingma & Ba 2015, section 3). So where a count has been taken, and some weight's moments
 * have not, all of the player's begin anew; `say` is called for each such player. */
void weights_moments(const Model *m, void (*say)(const char *player));

/* Calls `say` for each net of the page that no player trains and all of whose parameters still have
 * their initial values. */
void weights_initial(const Model *m, void (*say)(const char *net));

#endif
