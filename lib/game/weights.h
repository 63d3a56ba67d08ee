/* weights.h: weights from files into a model. */
#ifndef GAN_WEIGHTS_H
#define GAN_WEIGHTS_H

#include "game/model.h"

/* What came of a file. */
typedef struct {
    size_t taken, missing, misshapen, extra;
    Str lines; /* names of the last three, a line each, at most twenty of each kind */
} Weights;

/* `from` is FILE: the tensors of the same name, of which others are passed over; or NET=FILE: all
 * of a net of the page, whose tensors in the file lack the net's name in front. Then the report
 * tells what the net has and the file has not (missing), what the file has beyond it (extra, but
 * not num_batches_tracked), and what has another shape; the first and the last are errors unless
 * `partial`. A prefix `module.` or `model.` that all tensors of the file have and the net has not
 * is dropped. A FILE with '=' behind nothing but letters, digits and '_' is named with its folder
 * ("./a=b"). On -1 nothing has been taken, or the model is of no use; the report is valid. */
int weights_take(Model *m, const char *from, bool partial, Weights *w, Error *err);
void weights_free(Weights *w);

/* Calls `say` for each net of the page all of whose parameters still have their initial values. */
void weights_initial(const Model *m, void (*say)(const char *net));

#endif
