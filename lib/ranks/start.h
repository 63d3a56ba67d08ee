/* start.h: finding the processes that were started together. */
#ifndef GAN_START_H
#define GAN_START_H

#include "ranks/ranks.h"

typedef struct {
    double patience;                /* seconds that an exchange may take */
    void (*lost)(const char *text); /* says so before the process is ended */
} RanksWish;
/* *r: NULL for a process that was started alone. -1 and err where it was started with others whom
 * it cannot find, which would each play all by itself. */
MUST_CHECK int ranks_start(Ranks **r, const RanksWish *wish, Error *err);
/* The last call of all; a process that ends without it ends the others. */
void ranks_end(Ranks *r);

#endif
