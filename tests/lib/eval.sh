# eval.sh: what the shell tests of gan-eval's metrics share; sourced after tap.sh.
# shellcheck disable=SC2154 # $here is tap.sh's
frame() { # frame FILE TENSOR...: appends a frame
    file=$1
    shift
    perl "$here/lib/stream.pl" "$@" >>"$file" || exit 1
}
value() { # value LINE ARGUMENT...: the figure of that name
    line=$1
    shift
    gan-eval "$@" 2>err >out </dev/null && awk -F'\t' -v m="$line" '$1 == m { print $2; exit }' out
}
# is NUMBER NAME LINE ARGUMENT...: the figure is within 1e-9 of it; LINE @ is the metric's name
is() {
    want=$1 name=$2 line=$3
    shift 3
    [ "$line" != @ ] || line=$1
    value "$line" "$@" >got
    perl -e 'my ($got, $want) = map { /^-?inf$/ ? $_ : $_ + 0 } @ARGV;
        exit !(@ARGV == 2 && ($got eq $want || abs($got - $want) <= 1e-9 * (1 + abs $want)))' \
        -- "$(cat got)" "$want"
    check $? "$name"
}
refuses() { # refuses STATUS PATTERN NAME ARGUMENT...: one line on standard error, nothing else
    expected=$1 pattern=$2 name=$3
    shift 3
    gan-eval "$@" >out 2>err </dev/null
    [ $? = "$expected" ] && [ "$(wc -l <err)" = 1 ] && grep -q -- "$pattern" err && [ ! -s out ]
    check $? "$name"
}
# steady NAME ARGUMENT...: the same output with 1 and 2 threads
steady() {
    name=$1
    shift
    OMP_NUM_THREADS=1 gan-eval "$@" >one 2>err </dev/null &&
        OMP_NUM_THREADS=2 gan-eval "$@" >two 2>err </dev/null && [ -s one ] && cmp one two >out
    check $? "$name: the same with 1 and 2 threads"
}
