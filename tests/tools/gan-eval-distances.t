#!/bin/sh
# gan-eval mmd, kid, prdc and wasserstein from the command line, on cases worked out by hand.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

frame zero.st feature:F32:1,1:0
frame one.st feature:F32:1,1:1
frame a.st feature:F32:2,1:3,1
frame b.st feature:F32:2,1:2,0
frame c.st feature:F32:3,1:0,0,3
frame wide.st feature:F32:2,2:0,0,1,1
frame moved.st feature:F32:2,2:3,4,4,5
gives 0.786938680574733 'mmd of {0} and {1}, s = 1' @ mmd zero.st one.st --biased --scales 1
gives 1 'with the inverse multiquadric' @ mmd zero.st one.st --biased --scales 1 --kernel imq
gives "$(perl -e 'print 2 * (2 - 2 * exp(-0.5))')" 'the same scale twice' @ mmd zero.st one.st --biased --scales 1,1
# {1,3} and {0,2}: within exp(-2) each, across (3 exp(-1/2) + exp(-9/2)) / 4
gives "$(perl -e 'print 2 * exp(-2) - 2 * (3 * exp(-0.5) + exp(-4.5)) / 4')" 'unbiased' @ mmd a.st b.st --scales 1
gives "$(perl -e 'print 1 + exp(-2) - 2 * (3 * exp(-0.5) + exp(-4.5)) / 4')" 'biased' @ mmd a.st b.st --scales 1 --biased
gives 0 'biased, of a set and itself' @ mmd a.st a.st --scales 1 --biased
gives 0 'of all rows' @ mmd a.st a.st --scales 1 --biased -n 0
# (xy + 1)^3 of {1,3} and {0,2}: 64 and 1; across (1 + 27 + 1 + 343) / 4
gives "$(perl -e 'print 64 + 1 - 2 * 93')" 'the cubic kernel' @ mmd a.st b.st --kernel cubic
# of the distances 1, 1, 1, 3 the upper median is 1
figure mmd mmd a.st b.st >/dev/null
grep -q 'scales=1	' out
check $? 'the scale left out is the median distance'
gives 1 'wasserstein of {1,3} and {0,2}' @ wasserstein a.st b.st
gives 1 'of all rows' @ wasserstein a.st b.st -n 0
gives 1.33333333333333333 'of {0,0,3} and {1}' @ wasserstein c.st one.st
gives 1.41421356237309505 'of order 2' @ wasserstein c.st one.st --order 2
gives 2 'of the first rows' @ wasserstein a.st one.st --rows 1
figure wasserstein wasserstein wide.st moved.st --order 2 --directions 20000 >got
perl -e 'exit !(abs($ARGV[0] - 5 / sqrt 2) < 0.05)' "$(cat got)"
check $? 'rows moved by 5 in a plane: 5/sqrt 2, sliced'
figure wasserstein wasserstein wide.st moved.st --seed 1 >got
figure wasserstein wasserstein wide.st moved.st --seed 1 | alike - got &&
    figure wasserstein wasserstein wide.st moved.st --seed 2 >other && unlike other got
check $? 'the seed chooses the directions'
refuses 2 "expected rbf, imq or cubic, found 'box'" 'an unknown kernel' mmd a.st b.st --kernel box
refuses 2 'numbers above 0' 'a scale of 0' mmd a.st b.st --scales 0
refuses 1 'two rows' 'an unbiased estimate from one row' mmd zero.st b.st --scales 1
refuses 1 'wide.st' 'rows of different widths' mmd a.st wide.st --scales 1
refuses 1 'median distance is 0' 'a median of 0' mmd zero.st zero.st --biased
refuses 2 'from 1 to 2' 'another order' wasserstein a.st b.st --order 3
refuses 2 'directions' 'no directions' wasserstein a.st b.st --directions 0
refuses 2 'has no --scales' 'scales of the cubic kernel' mmd a.st b.st --kernel cubic --scales 1

# kernel inception distance
gives "$(perl -e 'print 64 + 1 - 2 * 93')" 'kid: one subset of everything is mmd with the cubic kernel' @ \
    kid a.st b.st --size 2 --subsets 1
grep -q '^kid	-121	kernel=.*size=2	subsets=1	seed=2020	protocol=features	n_a=2	n_b=2	dim=1	' out
check $? 'kid: its protocol'
many=$(perl -e 'print join ",", map { sin $_ } 1 .. 90')
frame whole.st "feature:F32:30,3:$many"
frame parts.st "feature:F32:7,3:$(echo "$many" | cut -d, -f 1-21)"
frame parts.st "feature:F32:23,3:$(echo "$many" | cut -d, -f 22-90)"
frame other.st "feature:F32:20,3:$(perl -e 'print join ",", map { cos $_ * $_ } 1 .. 60')"
figure kid kid whole.st other.st --size 10 --subsets 5 >got
figure kid kid parts.st other.st --size 10 --subsets 5 | alike - got &&
    figure kid kid whole.st other.st --size 10 --subsets 5 --seed 1 >seeded && unlike seeded got
check $? 'kid: frames do not matter, the seed does'
steady kid kid whole.st other.st --size 10 --subsets 5
refuses 1 'subsets of 1000 rows need as many in each set, there are 30 and 20' 'kid: too few rows' kid whole.st other.st
refuses 2 'number from 2' 'kid: subsets of one row' kid a.st b.st --size 1
refuses 1 'rows differ in width' 'kid: widths' kid whole.st a.st --size 2
frame nan.st feature:F32:4,1:1,nan,2,3
refuses 1 'row 1' 'kid: not a number' kid nan.st nan.st --size 2

# precision, recall, density, coverage
frame line.st feature:F32:4,1:0,1,2,3
frame fakes.st feature:F32:3,1:1.5,9,9.5
gives "$(perl -e 'print 1 / 3')" 'prdc: precision' prdc.precision prdc line.st fakes.st -k 1
gives 1 'prdc: recall' prdc.recall prdc line.st fakes.st -k 1
gives "$(perl -e 'print 2 / 3')" 'prdc: density' prdc.density prdc line.st fakes.st -k 1
gives 0.5 'prdc: coverage' prdc.coverage prdc line.st fakes.st -k 1
gives "$(perl -e 'print 1 / 3')" 'prdc: real and fake are not the same' prdc.recall prdc fakes.st line.st -k 1 --rows 3
figure prdc.density prdc whole.st other.st >got
figure prdc.density prdc parts.st other.st | alike - got
check $? 'prdc: frames do not matter'
steady prdc prdc whole.st other.st
refuses 1 'k = 3 needs more than 3 rows, there are 3' 'prdc: too few rows' prdc line.st fakes.st
refuses 2 'number from 1' 'prdc: k = 0' prdc line.st fakes.st -k 0
refuses 1 'row 1' 'prdc: not a number' prdc nan.st line.st
finish
