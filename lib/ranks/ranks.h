/* ranks.h: processes that play one game together, each some shards of its minibatch. They move
 * bytes to each other; nothing is added up here, for the order in which it is would depend on their
 * number. NULL stands for a process that plays alone. */
#ifndef GAN_RANKS_H
#define GAN_RANKS_H

#include "base/base.h"

typedef struct Ranks Ranks;

/* How many there are, and which this one is, from 0. */
int ranks_size(const Ranks *r);
int ranks_own(const Ranks *r);
/* Which shards a rank plays: from *first on, the number returned. */
size_t ranks_share(const Ranks *r, int rank, size_t shards, size_t *first);

#endif
