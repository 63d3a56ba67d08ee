#!/bin/sh
# gan-eval mmd and wasserstein from the command line, on cases worked out by hand.
. "$(dirname "$0")/tap.sh"
frame() { # frame FILE TENSOR: a stream of one frame
    perl "$here/stream.pl" "$2" >"$1" || exit 1
}
value() { # value METRIC ARGUMENT...: the figure
    metric=$1
    gan-eval "$@" 2>err >out </dev/null && awk -F'\t' -v m="$metric" '$1 == m { print $2; exit }' out
}
is() { # is NUMBER NAME METRIC ARGUMENT...: the figure is that
    want=$1 name=$2
    shift 2
    value "$@" >got
    perl -e 'exit !(@ARGV == 2 && abs($ARGV[0] - $ARGV[1]) <= 1e-9 * (1 + abs $ARGV[1]))' -- "$(cat got)" "$want"
    check $? "$name"
}
refuses() { # refuses STATUS PATTERN NAME ARGUMENT...
    expected=$1 pattern=$2 name=$3
    shift 3
    gan-eval "$@" >out 2>err </dev/null
    [ $? = "$expected" ] && grep -q -- "$pattern" err && [ ! -s out ]
    check $? "$name"
}

frame zero.st feature:F32:1,1:0
frame one.st feature:F32:1,1:1
frame a.st feature:F32:2,1:3,1
frame b.st feature:F32:2,1:2,0
frame c.st feature:F32:3,1:0,0,3
frame wide.st feature:F32:2,2:0,0,1,1
frame moved.st feature:F32:2,2:3,4,4,5
is 0.786938680574733 'mmd of {0} and {1}, s = 1' mmd zero.st one.st --biased --scales 1
is 1 'with the inverse multiquadric' mmd zero.st one.st --biased --scales 1 --kernel imq
is "$(perl -e 'print 2 * (2 - 2 * exp(-0.5))')" 'the same scale twice' mmd zero.st one.st --biased --scales 1,1
# {1,3} and {0,2}: within exp(-2) each, across (3 exp(-1/2) + exp(-9/2)) / 4
is "$(perl -e 'print 2 * exp(-2) - 2 * (3 * exp(-0.5) + exp(-4.5)) / 4')" 'unbiased' mmd a.st b.st --scales 1
is "$(perl -e 'print 1 + exp(-2) - 2 * (3 * exp(-0.5) + exp(-4.5)) / 4')" 'biased' mmd a.st b.st --scales 1 --biased
is 0 'biased, of a set and itself' mmd a.st a.st --scales 1 --biased
# of the distances 1, 1, 1, 3 the upper median is 1
value mmd a.st b.st >/dev/null
grep -q 'scales=1	' out
check $? 'the scale left out is the median distance'
is 1 'wasserstein of {1,3} and {0,2}' wasserstein a.st b.st
is 1.33333333333333333 'of {0,0,3} and {1}' wasserstein c.st one.st
is 1.41421356237309505 'of order 2' wasserstein c.st one.st --order 2
is 2 'of the first rows' wasserstein a.st one.st --rows 1
value wasserstein wide.st moved.st --order 2 --directions 20000 >got
perl -e 'exit !(abs($ARGV[0] - 5 / sqrt 2) < 0.05)' "$(cat got)"
check $? 'rows moved by 5 in a plane: 5/sqrt 2, sliced'
value wasserstein wide.st moved.st --seed 1 >got
value wasserstein wide.st moved.st --seed 1 | cmp -s got - && ! value wasserstein wide.st moved.st --seed 2 | cmp -s got -
check $? 'the seed chooses the directions'
refuses 2 "expected rbf or imq, found 'box'" 'an unknown kernel' mmd a.st b.st --kernel box
refuses 2 'numbers above 0' 'a scale of 0' mmd a.st b.st --scales 0
refuses 1 'two rows' 'an unbiased estimate from one row' mmd zero.st b.st --scales 1
refuses 1 'wide.st' 'rows of different widths' mmd a.st wide.st --scales 1
refuses 1 'median distance is 0' 'a median of 0' mmd zero.st zero.st --biased
refuses 2 'expected 1 or 2' 'another order' wasserstein a.st b.st --order 3
refuses 2 'directions' 'no directions' wasserstein a.st b.st --directions 0
finish
