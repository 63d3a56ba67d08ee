#include "ranks/start.h"

#include "ranks/mpi.h"
#include "ranks/ranks_internal.h"
#include "ranks/started.h"

int ranks_start(Ranks **r, const RanksWish *wish, Error *err) {
    *r = NULL;
    if (!started_with_others()) return started_alone(err);
#ifdef GAN_MPI
    return mpi_start(r, wish, err);
#else
    (void)wish;
    return fail(err, "this is one of several tasks, but was built without MPI (libopenmpi-dev)");
#endif
}

void ranks_end(Ranks *r) {
    if (r) r->carrier->end(r);
}
