#!/bin/sh
# gan-eval motion and flicker: clips of which all is known by hand.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# dot COLUMN...: a clip of frames 1x8, one white pixel in each; - is a black frame
dot() {
    for column in "$@"; do
        for i in 0 1 2 3 4 5 6 7; do [ "$i" = "$column" ] && printf '255,' || printf '0,'; done
    done | sed 's/,$//'
}
# 0 1 2 3 goes straight on; 0 1 2 1 bends once; 0 4 4 4 leaps
frame a.st video:U8:3,4,1,8,1:"$(dot 0 1 2 3),$(dot 0 1 2 1),$(dot 0 4 4 4)" label:I64:3:1,2,3
passes 'says how clips move' motion a.st --bends 1
gives "$(perl -e 'print ((1 + 1 + 4/3) / 3)')" 'mean length of steps' motion.step
gives "$(perl -e 'print 8/9')" 'steps of at most two pixels' motion.near
# places of whole pixels, whose middles are not exact
frame whole.st video:U8:12,4,1,13,1:"$(perl -e 'for my $clip (1 .. 12) { my @v = map { 130 + $clip * $_ * 37 % 120 } 1 .. 5;
    push @all, (0) x $_, @v, (0) x (8 - $_) for 0, 2, 4, 6 } print join ",", @all')"
gives 1 'steps of exactly two' motion.near motion whole.st
gives "$(perl -e 'print 1')" 'steps of at most four' motion.near motion a.st --pixels 4
# a line of two places is exact, so that only no bends leave anything: 0 1 2 1 has the line .4+.4t,
# with the squares .16+.04+.64+.36 = 1.2; 0 4 4 4 the line 1.2+1.2t: 1.44+2.56+.16+.64 = 4.8
gives 0 'straight pieces' motion.straight motion a.st --bends 1
gives "$(perl -e 'print ((sqrt(1.2/4) + sqrt(4.8/4)) / 3)')" 'one straight line' motion.straight motion a.st --bends 0
gives 1 'brightness is kept' motion.kept
frame dim.st video:U8:1,3,1,2,1:200,0,150,0,100,0
gives 0.5 'brightness of half the frames is kept' motion.kept motion dim.st
gives 1 'of all with more tolerance' motion.kept motion dim.st --tolerance 0.5
# the middle of two pixels: 1.5 of 51 and 153 is at (0.5 + 3*1.5)/4
frame two.st video:F64:1,2,1,2,1:0.2,0.6,0,1
gives 0.25 'the middle of what is seen' motion.step motion two.st
gives 0 'what is above a threshold' motion.step motion two.st --above 0.2
frame rgb.st video:F64:1,2,2,1,3:1,1,1,-1,-1,-1,-1,-1,-1,1,-1,-1
gives 1 'colours, and a range' motion.step motion rgb.st --range -1,1
frame gone.st video:U8:1,3,1,8,1:"$(dot 0 - 1)"
gives 0 'a frame without anything: no step is near' motion.near motion gone.st
grep -q '^motion.step	nan	.*	empty=1	' out && grep -q '^motion.straight	nan	n=0	' out
check $? 'and none has a length'

# ways of two streams: the first goes as the second does, two to the right; the third turns round
frame b.st video:U8:2,3,1,8,1:"$(dot 2 3 5),$(dot 3 4 6)"
frame c.st video:U8:2,3,1,8,1:"$(dot 0 1 3),$(dot 1 2 4)"
gan-eval motion b.st c.st >out 2>err
near_x() { awk -F'\t' -v m="$1" '$1 == m { for (i = 3; i <= NF; i++) if (sub(/^x=/, "", $i)) print $i }' out >got; }
near_x motion.track
near got 1e-12 'the same way elsewhere' 1
frame d.st video:U8:2,3,1,8,1:"$(dot 5 4 2),$(dot 6 5 3)"
gan-eval motion d.st c.st >out 2>err
near_x motion.way
near got 1e-12 'the way back' -1
near_x motion.track
# of 5 4 2 6 5 3 and 0 1 3 1 2 4: sums of squares 65/6 less the mean .., by hand: -25/6 / (65/6)
near got 1e-9 'where clips lie counts as well' "$(perl -e '@a=(5,4,2,6,5,3);@b=(0,1,3,1,2,4);for(0..5){$x+=$a[$_]/6;$y+=$b[$_]/6}
    for(0..5){$xx+=($a[$_]-$x)**2;$yy+=($b[$_]-$y)**2;$xy+=($a[$_]-$x)*($b[$_]-$y)}print $xy/sqrt($xx*$yy)')"

# classes of frames
frame k.st class:I64:3,4:1,1,1,1,2,2,2,0,0,3,0,3
passes 'classes of frames' motion a.st --classes k.st
gives "$(perl -e 'print 1/3')" 'clips of one class' motion.same
gives "$(perl -e 'print ((1 + 3/4 + 1/2) / 3)')" 'frames of the most frequent class' motion.agreement
gives 0.75 'frames of the right class' motion.right
frame l.st logits:F32:3,4,2:1,0,1,0,2,0,3,1,0,1,0,1,0,1,0,1,1,0,0,1,1,0,0,1
gives "$(perl -e 'print 2/3')" 'classes by their scores' motion.same motion a.st --classes l.st
{ gan-data head -n 1 a.st && gan-data pick --rows 1,2 a.st; } >parts.st 2>err
gan-eval motion a.st >one && gan-eval motion parts.st >two
same one two 'frames of the stream do not matter'
gan-data make digits -n 20 --size 8 | gan-data moving --size 20 -t 12 -n 30 -o m.st
steady 'a larger one' motion m.st

# what is no clip
frame still.st image:U8:2,2,2,1:0*8
refuses 1 "'image' is no video" 'pictures' motion still.st
frame wild.st video:F32:1,2,1,1,1:0,2
refuses 1 'outside \[0,1\]' 'numbers of an unknown range' motion wild.st
refuses 1 'b.st have 3 frames, those of a.st\|a.st have 4 frames, those of b.st 3' 'clips of other lengths' motion a.st b.st
gan-data head -n 2 a.st >fewer.st
refuses 1 'a.st has more rows than fewer.st' 'fewer clips' motion a.st fewer.st
gan-data head -n 2 k.st >few.st
refuses 1 'few.st has fewer rows than a.st' 'fewer classes' motion a.st --classes few.st
gan-data cat k.st few.st -o more.st
refuses 1 'more.st has more rows than a.st' 'more classes' motion a.st --classes more.st
refuses 1 "'class' has 4 frames a clip, those of b.st have 3" 'classes of other clips' motion b.st --classes k.st
frame half.st class:F32:3,4:0*11,0.5
refuses 1 'row 2: 0.5 is no class' 'no class' motion a.st --classes half.st
frame none.st video:U8:0,4,1,8,1: label:I64:0:
refuses 1 'no rows' 'no clips' motion none.st
: >empty.st
refuses 1 'empty.st.* empty, expected a tensor stream' 'an empty file' motion empty.st
head -c $(($(wc -c <a.st) - 1)) a.st >short.st
refuses 1 'short.st' 'a file that breaks off' motion a.st short.st
# flicker: deviations .5 .1 0 .2 0 of five pixels; the mask's means .75 .375 0 .25 0
frame f.st video:F64:1,2,1,5,1:0,0,0.4,0,0,1,0.2,0.4,0.4,0
frame mask.st mask:F64:1,2,1,5,1:1,0.5,0,0.25,0,0.5,0.25,0,0.25,0
passes 'says how much clips flicker' flicker f.st mask.st --share 0.2
gives 0.1 'the median of deviations' flicker flicker f.st
gives 0.275 'the mean of masks' flicker.mask flicker f.st mask.st
gives 4.8 'a mask where things move and elsewhere' flicker.ratio flicker f.st mask.st --share 0.2
gives 4 'and where two pixels do' flicker.ratio flicker f.st mask.st --share 0.4
frame g.st video:F64:1,2,1,2,2:-1,-1,1,1,0,1,1,1
gives 0.1875 'colours, a range, an even number of pixels' flicker flicker g.st --range -1,1
frame s.st video:U8:1,2,1,5,1:9,9,9,9,9,9,9,9,9,9
gives nan 'a clip that stands still has no places' flicker.ratio flicker s.st mask.st
frame wide.st mask:F64:1,2,1,4,1:0,0,0,0,0,0,0,0
frame high.st mask:F64:1,2,1,5,1:0,0,0,0,0,0,0,2,0,0
refuses 1 'wide.st: masks \[2,1,4,1\], expected \[2,1,5,1\] as the videos of f.st' 'masks of another size' flicker f.st wide.st
refuses 1 'outside \[0,1\]' 'masks beyond 1' flicker f.st high.st
frame pair.st video:F64:2,2,1,5,1:0,0,0.4,0,0,1,0.2,0.4,0.4,0,0,0,0.4,0,0,1,0.2,0.4,0.4,0
refuses 1 'pair.st has more rows than mask.st' 'fewer masks' flicker pair.st mask.st
refuses 1 'no video' 'single pictures' flicker k.st -t class
refuses 1 'empty.st.* empty, expected a tensor stream' 'an empty file' flicker empty.st
finish
