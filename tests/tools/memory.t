#!/bin/sh
# Memory that ends: whichever allocation fails, a tool ends with status 0 and the right output, or
# with status 1, one line, and an output file that is either what it was or the right one. What is
# left out, tests/lib/fail_alloc.c says: BLIS and OpenMP end the process themselves.
# All allocations are tried where a checkpoint is made, and everywhere when MEMORY=all; otherwise about
# $most of each run, in even steps.
. "$(dirname "$0")/../lib/tap.sh"
export OMP_NUM_THREADS=1 GOMP_SPINCOUNT=100 GLIBC_TUNABLES=glibc.malloc.hugetlb=0
most=70

if ! cc -O1 -shared -fPIC -o fail.so "$here/lib/fail_alloc.c" 2>err; then
    skip "failing allocations" "no library for LD_PRELOAD can be built here"
    finish
fi
if LD_PRELOAD=$dir/fail.so gan-data --version 2>&1 | grep -qi 'asan\|sanitizer\|cannot be preloaded'; then
    skip "failing allocations" "the tools have an allocator of their own"
    finish
fi

cat >page.gan <<'END'
data  x: point[2]
noise z: normal[2]
net G(z) = z | linear(2)
net D(x) = x | linear(1)
player D: sgd(0.1) minimizes mean(D(G(z))) - mean(D(x))
player G: sgd(0.1) minimizes -mean(D(G(z)))
sample G(z)
END
gan-data make ring -n 64 --frame 32 -o d.st && gan-init page.gan -o run.st && gan-data make shapes -n 3 | gan-data export pics 2>err
check $? "a page, data, pictures"

# one COMMAND...: with $variable=$k set; out.st, which it writes, holds what `before` does.
one() {
    cp before out.st
    env "$variable=$k" "LD_PRELOAD=$dir/fail.so" "$@" <"$input" >out 2>err
    got=$?
    case $got in
    0) alike out.st good.st ;;
    1) told && { alike out.st before || alike out.st good.st; } ;;
    *) false ;;
    esac
}
# one line that speaks of memory, beside that of progress
told() {
    told=0
    while read -r line; do
        case $line in
        *' files  '*) : ;;
        *memory*) told=$((told + 1)) ;;
        *) told=2 ;;
        esac
    done <err
    [ $told = 1 ]
}
# every NAME INPUT COMMAND...: it writes out.st, which is a copy of `before` when it starts.
every() {
    name=$1 input=$2
    shift 2
    cp before out.st
    FAIL_COUNT=$dir/count LD_PRELOAD=$dir/fail.so "$@" <"$input" >out 2>err
    cp out.st good.st
    count=$(cat count)
    step=$((count / most + 1))
    [ "$MEMORY" = all ] && step=1
    for variable in FAIL_AT FAIL_FROM; do
        bad=0 k=1
        [ $variable = FAIL_FROM ] && step=$((7 * step))
        while [ "$k" -le "$count" ]; do
            one "$@" || { bad=1; echo "$variable=$k of $count: $*: status $got" >>err; break; }
            k=$((k + step))
        done
        [ $bad = 0 ] && ls ./*.tmp-* >err 2>/dev/null && bad=1
        check $bad "$name, $variable each of $count"
    done
}
echo before >before
every "a stream" /dev/null gan-data batch d.st -s 16 --shuffle -o out.st
every "pictures" /dev/null gan-data images pics -o out.st
most=1000
every "a new checkpoint" /dev/null gan-init page.gan -o out.st
most=70
every "samples" /dev/null gan-sample run.st -n 3 -o out.st
every "statistics" /dev/null gan-eval statistics d.st -t point -o out.st
cp run.st before
most=1000
every "a step, in place" d.st gan-step -q -n 1 out.st
most=70
every "singular values" /dev/null gan-svd before -c 0.1 -o out.st

# The real thing: address space that ends, at any point between none and enough.
bad=0 ended=0 done=0
for kib in 20000 40000 60000 70000 80000 84000 88000 92000 96000 100000 104000 108000 112000 120000 140000; do
    cp run.st out.st
    (ulimit -v $kib && exec gan-step -q -n 1 out.st) <d.st >out 2>err
    got=$?
    case $got in
    0) done=1 ;;
    1) grep -q '^gan-step: .*memory' err && alike out.st run.st && ended=1 ;;
    127) : ;; # the loader has no room either
    *) bad=1 && break ;;
    esac
done
[ $bad$done = 01 ] && [ $ended = 1 ]
check $? "an address space that ends"
finish
