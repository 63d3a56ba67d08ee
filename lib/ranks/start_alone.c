/* Built without MPI: there is one process, and more are refused. */
#include "ranks/ranks_internal.h"
#include "ranks/started.h"

int ranks_start(Ranks **out, const RanksWish *wish, Error *err) {
    (void)wish;
    *out = NULL;
    if (!started_with_others()) return started_alone(err);
    return fail(err, "this is one of several tasks, but was built without MPI (libopenmpi-dev)");
}
