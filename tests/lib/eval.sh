# eval.sh: what the shell tests of gan-eval's metrics share; sourced after tap.sh.
# shellcheck disable=SC2034 # tap.sh reads it
tool=gan-eval
figure() { # figure LINE ARGUMENT...: of gan-eval with these arguments
    line=$1
    shift
    gan-eval "$@" 2>err >out </dev/null && value "$line"
}
# gives NUMBER NAME LINE [ARGUMENT...]: the figure is within 1e-9 of it; LINE @ is the metric's name.
# Without arguments it is one of what was said last.
gives() {
    wanted=$1 name=$2 line=$3
    shift 3
    [ "$line" != @ ] || line=$1
    if [ $# -gt 0 ]; then figure "$line" "$@"; else value "$line"; fi >got
    near got 1e-9 "$name" "$wanted"
}
# steady NAME ARGUMENT...: the same output with 1 and 2 threads
steady() {
    name=$1
    shift
    OMP_NUM_THREADS=1 gan-eval "$@" >one 2>err </dev/null &&
        OMP_NUM_THREADS=2 gan-eval "$@" >two 2>err </dev/null && [ -s one ] && cmp one two >out
    check $? "$name: the same with 1 and 2 threads"
}
