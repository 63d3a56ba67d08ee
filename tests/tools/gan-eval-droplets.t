#!/bin/sh
# gan-eval droplets: peaks of the maps of a layer.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# three maps [4,4] of one picture: a dot in the corner, one of the other sign at the same place, and one elsewhere
frame dots.st maps:F64:1,4,4,3:1,-2,0,0*21,0,0,3,0*21
perl -e 'print 16 / sqrt(15)' >want
gives "$(cat want)" 'a dot by the deviation, the median being 0' @ droplets dots.st
gives "$(cat want)" 'whatever its size and sign' droplets.map
gives "$(perl -e 'print 2 / 3')" 'two of three maps peak at one place' droplets.together
grep -q '^droplets	[0-9.]*	n=1	maps=3	height=4	width=4	flat=0	tensor=maps	' out
check $? 'maps and their size'
# the median of an even number of pixels is between the two in the middle: 1.5, and the deviation sqrt(35)/4
frame even.st feature:F32:1,1,4,1:4,0,2,1
gives "$(perl -e 'print 2.5 / (sqrt(35) / 4)')" 'an even number of pixels' @ droplets even.st
# the larger of the maps of each picture, and the mean over pictures
frame two.st image:F32:2,1,4,2:4,1,0,0,2,0,1,0,4,5,0,5,2,5,1,5
gives "$(perl -e '$a = 2.5 / (sqrt(35) / 4); $b = 1 / (sqrt(3) / 4); print(($a > $b ? $a : $b) / 2 + $a / 2)')" 'the highest map of each picture' @ droplets two.st
gives "$(perl -e '$a = 2.5 / (sqrt(35) / 4); $b = 1 / (sqrt(3) / 4); print((($a + $b) / 2 + $a) / 2)')" 'the mean of those that are not of one value' droplets.map
grep -q 'n=2	maps=2	height=1	width=4	flat=1' out
check $? 'which are counted'
# a Gaussian blob on noise stands out as nothing in noise alone does
frame noise.st maps:F32:2,32,32,4:"$(numbers 3 8192 'rand')"
frame blob.st maps:F32:2,32,32,4:"$(numbers 3 8192 'my $p = int($_ / 4) % 1024; rand() + 30 * exp(-((int($p / 32) - 9)**2 + ($p % 32 - 20)**2) / 2)')"
holds "$(figure droplets.map droplets noise.st) < 2" 'uniform noise: at most sqrt(3) deviations'
holds "$(figure droplets.map droplets blob.st) > 15 && $(value droplets.together) == 1" 'a blob, in all maps'
steady 'droplets' droplets blob.st
gan-data pick blob.st --rows 1,0 --frame 1 2>err >turned.st && gan-eval droplets blob.st | cut -f 1-2 >one && gan-eval droplets turned.st | cut -f 1-2 >two
same one two 'frames, and the order of two pictures, do not matter'
frame flat.st maps:F32:2,2,2,1:3*8
refuses 1 'flat.st: all maps are of one value' 'nothing stands out' droplets flat.st
frame none.st maps:F32:0,2,2,1:
refuses 1 'none.st: no rows' 'no rows' droplets none.st
refuses 1 "no tensor 'x'" 'another tensor' droplets dots.st -t x
finish
