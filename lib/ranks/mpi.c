/* Processes that mpirun or srun has started, by MPI, which is started only where there are others:
 * that takes longer than many a game's step. */
#include "ranks/mpi.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ranks/ranks_internal.h"

/* ---- waiting ---- */

static void sleep_for(long nanoseconds) {
    nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
}

/* Ranks that have not come as far as this one: each that waits tells the others so, and after some
 * moments those that have not are named. */
static void name_missing(const Ranks *r, char *text, size_t size) {
    enum { TAG = 7, MOMENTS = 40 };
    bool *here = calloc((size_t)r->size, sizeof *here);
    size_t n = 0;
    if (!here) return;
    here[r->own] = true;
    for (int i = 0; i < r->size; i++) {
        MPI_Request q;
        if (i != r->own) MPI_Isend(NULL, 0, MPI_BYTE, i, TAG, MPI_COMM_WORLD, &q);
    }
    for (int k = 0; k < MOMENTS; k++, sleep_for(50000000))
        for (int i = 0, came = 0; i < r->size; i++, came = 0)
            if (!here[i] && !MPI_Iprobe(i, TAG, MPI_COMM_WORLD, &came, MPI_STATUS_IGNORE) && came)
                here[i] = true;
    for (int i = 0; i < r->size && n < size; i++)
        if (!here[i]) n += (size_t)snprintf(text + n, size - n, "%s%d", n ? ", " : " ", i);
    free(here);
}

_Noreturn static void give_up(const Ranks *r, double waited) {
    char missing[200] = " ", text[400];
    name_missing(r, missing, sizeof missing);
    snprintf(text, sizeof text,
             "step %llu, %s: rank %d (%s) has waited %.0f s for rank%s; the job is ended",
             (unsigned long long)r->step, r->what, r->own, r->host, waited,
             *missing ? missing : "s that wait, too");
    if (r->wish.lost) r->wish.lost(text);
    MPI_Abort(MPI_COMM_WORLD, EXIT_BAD);
    abort();
}

/* Processes may share cores, so that waiting must not take one from those that compute. */
static void wait_for(const Ranks *r, MPI_Request *q) {
    enum { SPINS = 2000 };
    double start = now_seconds();
    int done = 0;
    for (long spins = 0; !MPI_Test(q, &done, MPI_STATUS_IGNORE) && !done; spins++) {
        if (spins < SPINS) continue;
        double waited = now_seconds() - start;
        if (waited > r->wish.patience) give_up(r, waited);
        sleep_for(waited < 0.001 ? 20000 : waited < 0.1 ? 100000 : 1000000);
    }
}

/* ---- moving ---- */

static void mpi_tell(Ranks *r, void *bytes, int size) {
    MPI_Request q;
    MPI_Ibcast(bytes, size, MPI_BYTE, 0, MPI_COMM_WORLD, &q);
    wait_for(r, &q);
}

static void mpi_gather(Ranks *r, const void *own, int own_size, void *all, const int *size,
                       const int *at) {
    MPI_Request q;
    MPI_Iallgatherv(own ? own : MPI_IN_PLACE, own_size, MPI_BYTE, all, size, at, MPI_BYTE,
                    MPI_COMM_WORLD, &q);
    wait_for(r, &q);
}

static void mpi_swap(Ranks *r, const void *send, const int *to, const int *to_at, void *receive,
                     const int *from, const int *from_at) {
    MPI_Request q;
    MPI_Ialltoallv(send, to, to_at, MPI_BYTE, receive, from, from_at, MPI_BYTE, MPI_COMM_WORLD, &q);
    wait_for(r, &q);
}

static void mpi_end(Ranks *r) {
    MPI_Finalize();
    ranks_free(r);
}

static const RanksCarrier carrier = {mpi_tell, mpi_gather, mpi_swap, mpi_end};

int mpi_start(Ranks **out, const RanksWish *wish, Error *err) {
    int size = 1, own = 0, level;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) ||
        MPI_Comm_size(MPI_COMM_WORLD, &size) || MPI_Comm_rank(MPI_COMM_WORLD, &own))
        return fail(err, "MPI does not start");
    *out = ranks_new(&carrier, size, own, wish, err);
    return *out ? 0 : -1;
}
