#include "ranks/ranks_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Ranks *ranks_new(const RanksCarrier *carrier, int size, int own, const RanksWish *wish,
                 Error *err) {
    Ranks *r = calloc(1, sizeof *r);
    int *room = calloc((size_t)size, 4 * sizeof *room);
    if (!r || !room) {
        free(r);
        free(room);
        fail(err, "out of memory");
        return NULL;
    }
    *r = (Ranks){.carrier = carrier, .size = size, .own = own, .wish = *wish, .what = "the start"};
    r->count = room, r->at = room + size, r->from = room + 2 * size, r->from_at = room + 3 * size;
    if (gethostname(r->host, sizeof r->host - 1)) strcpy(r->host, "?");
    return r;
}

void ranks_free(Ranks *r) {
    free(r->count);
    free(r);
}
