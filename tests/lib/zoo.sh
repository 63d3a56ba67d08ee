# zoo.sh: what the tests of pages and recipes share; sourced after tap.sh.
# shellcheck disable=SC2034,SC2154 # $here and $bin are tap.sh's, $scripts is for whoever sources it
scripts=$here/../scripts BIN=$bin OMP_NUM_THREADS=1
export BIN OMP_NUM_THREADS
quiet() { "$@" >out 2>err; } # what was said is shown when a check fails
worth() { # worth CHECKPOINT EXPRESSION [N]: the numbers of an expression's N samples, a line each
    gan-sample "$1" -n "${3:-1}" -b 10000 value="$2" 2>err </dev/null |
        gan-data to-npy -n value 2>>err | tail -c +129 | od -An -v -w4 -t f4
}
