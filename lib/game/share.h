/* share.h: what rank 0 reads, for all. */
#ifndef GAN_SHARE_H
#define GAN_SHARE_H

#include "game/model.h"

/* The next frame on every rank; data is of rank 0 alone, and may be NULL. Returned, and err, as of
 * reader_next, 0 without data. Alone it is that. */
MUST_CHECK int share_next(Ranks *r, Reader *data, Frame *f, Error *err);
/* Before the game is compiled: whether there are shards for all of them. */
MUST_CHECK int share_check_size(const Ranks *r, const Model *m, Error *err);
/* Whether all ranks compute the same, before they begin: instruction set, kernels of products, the
 * program and the checkpoint. */
MUST_CHECK int share_check(Ranks *r, const Model *m, Error *err);
/* Whether parameters, moments and states are the same on all ranks, as they must be: before each
 * save. */
MUST_CHECK int share_check_states(Ranks *r, const Model *m, Error *err);

#endif
