#include "ranks/started.h"

#include <stdlib.h>

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

/* Open MPI's mpirun; srun --mpi=pmix; MPICH's. */
bool started_with_others(void) {
    bool pmix = getenv("PMIX_RANK") != NULL;
    return number("OMPI_COMM_WORLD_SIZE") > 1 || (pmix && number("SLURM_STEP_NUM_TASKS") > 1) ||
           number("PMI_SIZE") > 1;
}

int started_alone(Error *err) {
    long tasks = getenv("SLURM_PROCID") ? number("SLURM_STEP_NUM_TASKS") : 0;
    if (tasks < 2) return 0;
    return fail(err,
                "srun has started %ld tasks that do not know of each other; srun --mpi=pmix "
                "makes one game of them",
                tasks);
}
