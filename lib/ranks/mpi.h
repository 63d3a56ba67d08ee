/* mpi.h: ranks of MPI; only where the tools are built with it. */
#ifndef GAN_RANKS_MPI_H
#define GAN_RANKS_MPI_H

#include "ranks/start.h"

/* See ranks_start; there are others. */
MUST_CHECK int mpi_start(Ranks **r, const RanksWish *wish, Error *err);

#endif
