# mpi.sh: what the tests of several processes share; sourced after tap.sh. Without MPI they end here.
# shellcheck disable=SC2034,SC2154 # $here is tap.sh's, $scripts is for whoever sources it
export ASAN_OPTIONS=detect_leaks=0 # MPI keeps much until the end
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PMIX_MCA_gds=hash
scripts=$here/../scripts
ranks() { # ranks R COMMAND...
    r=$1
    shift
    timeout 60 mpirun -q -n "$r" "$@"
}
if ! command -v mpirun >mpirun 2>&1; then
    skip "several processes" "there is no mpirun"
    finish
fi
ranks 2 gan-step missing.st >out 2>err
if grep -q 'without MPI' err; then
    skip "several processes" "the tools were built without MPI"
    finish
fi
