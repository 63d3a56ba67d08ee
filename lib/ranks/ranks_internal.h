/* ranks_internal.h: what moves the bytes. */
#ifndef GAN_RANKS_INTERNAL_H
#define GAN_RANKS_INTERNAL_H

#include "ranks/start.h"

/* Sizes and places are in bytes, an int each: callers cut what is larger. */
typedef struct {
    void (*tell)(Ranks *r, void *bytes, int size);
    /* own NULL: it is in its place in `all` */
    void (*gather)(Ranks *r, const void *own, int own_size, void *all, const int *size,
                   const int *at);
    void (*swap)(Ranks *r, const void *send, const int *to, const int *to_at, void *receive,
                 const int *from, const int *from_at);
    void (*end)(Ranks *r);
} RanksCarrier;

struct Ranks {
    const RanksCarrier *carrier;
    int size, own;
    int *count, *at, *from, *from_at; /* by rank: room for a call */
    RanksWish wish;
    uint64_t step;
    const char *what;
    char host[64];
};

/* Its rooms; NULL and err where there is no memory. */
MUST_CHECK Ranks *ranks_new(const RanksCarrier *carrier, int size, int own, const RanksWish *wish,
                            Error *err);
void ranks_free(Ranks *r);

#endif
