/* ranks.h: processes that play one game together, each some shards of its minibatch. They move
 * bytes to each other; nothing is added up here, for the order in which it is would depend on their
 * number. Calls are made by all ranks, in the same order. NULL stands for a process that plays
 * alone.
 *
 * An exchange that cannot end, as a rank is lost or stuck, ends the process and so the job: what
 * was saved last stands, and fewer ranks can go on from there. */
#ifndef GAN_RANKS_H
#define GAN_RANKS_H

#include "base/base.h"

typedef struct Ranks Ranks;

/* How many there are, and which this one is, from 0. */
int ranks_size(const Ranks *r);
int ranks_own(const Ranks *r);
/* Which shards one of so many ranks plays: from *first on, the number returned. */
size_t ranks_share(int size, int rank, size_t shards, size_t *first);

/* The step that is played and what is exchanged next, for messages; both stay the caller's. */
void ranks_at(Ranks *r, uint64_t step, const char *what);

/* What rank 0 has goes to all. */
void ranks_tell(Ranks *r, void *bytes, size_t size);
/* What each rank has, of so many bytes, goes to all: all[rank * size] on. */
void ranks_gather(Ranks *r, const void *own, size_t size, void *all);
/* The same of floats whose number differs: those of a rank from first[rank] on, count[rank] of
 * them; this rank's own are in their place. All are fewer than RANKS_FLOATS. */
enum { RANKS_FLOATS = 1 << 29 };
void ranks_gather_floats(Ranks *r, float *all, const size_t *first, const size_t *count);
/* Sends to[rank] floats to each rank, which lie one after another, and receives from[rank]; as many
 * at most. */
void ranks_swap_floats(Ranks *r, const float *send, const size_t *to, float *receive,
                       const size_t *from);

/* The flags that any rank gives. */
unsigned ranks_agree(Ranks *r, unsigned flags);
/* Whether something went wrong anywhere: then -1 for all, and err says what on the first rank that
 * it did, which is named if it is not rank 0. */
MUST_CHECK int ranks_together(Ranks *r, int bad, Error *err);
/* The same where `text`, of at most 250 bytes, differs from that of rank 0. `what` is what it
 * tells: "instruction set". */
MUST_CHECK int ranks_same(Ranks *r, const char *what, const char *text, Error *err);

#endif
