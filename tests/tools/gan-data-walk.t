#!/bin/sh
# gan-eval boundary and edits, gan-data walk and project: directions of latents.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# --- boundary: points of the plane whose machine is known ---
# the margin between (1,0), (2,1) above and (-1,0), (-3,2) below is at x = 0: w = (1,0), b = 0
frame z.st z:F32:6,2:1,0,-1,0,2,1,-3,2,0,5,0,-5
frame s.st scores:F32:6,1:1,-1,2,-2,0.1,-0.1
passes 'boundary' boundary z.st s.st --most 2 --split 1 --tolerance 1e-9 -o d.st
values d.st direction f >found
near found 1e-6 'the direction is the normal' 1 0
values d.st intercept f >found
near found 1e-6 'the intercept' 0
gives 1 'rows to train on' boundary.train
# at (0,5), (0,-5) nothing is above 0: one of two, labels by 0 = (2 - 2)/2, and by the median .1
grep -q '^boundary.rest	0.5	.*	n=2	each=2	' out
check $? 'all between'
shows 'gan.scores = 0$' 'scores are called by their numbers' d.st
shows 'direction *F32 *\[N,2\]' 'directions are a tensor' d.st

# five random points a class: what LIBSVM, scikit-learn 1.2's SVC, found for these, C = 1 and C = 0.6
frame p.st z:F32:10,2:0.5,1.2,1.4,-0.3,2.2,0.8,0.1,0.4,1.1,2.0,-0.7,0.2,-1.5,-1.0,0.6,-0.8,-0.2,0.9,-2.0,0.4
frame q.st scores:F32:10,2:9,1,8,2,7,3,6,4,5,5,4,6,3,7,2,8,1,9,0,10
for c in 1 0.6; do
    gan-eval boundary p.st q.st --part 0.5 --split 1 --tolerance 1e-9 -c $c --names up,down -o d$c.st >out 2>err
    values d$c.st direction f >found
    values d$c.st intercept f >>found
    cat found >all-$c
done
near all-1 1e-4 'as LIBSVM' 0.85749 0.51450 -0.85749 -0.51450 -0.27440 0.27440
near all-0.6 1e-4 'as LIBSVM with a smaller weight' 0.85822 0.51328 -0.85822 -0.51328 -0.27471 0.27471
gan-eval boundary p.st q.st --part 0.5 --names up,down >out 2>err
grep -q '^boundary.cosine	-[01][.0-9]*	score=up	other=down	' out && gives -1 'scores that are opposite' boundary.correlation
check $? 'names, and the cosine of opposite directions'
shows 'gan.scores = up,down' 'are kept' d1.st

frame more.st z:F32:300,4:"$(numbers 1 1200 'rand(2) - 1')"
values more.st z f | perl -ne '@v = split; print "frame s2.st scores:F64:300,2:", join(",", map { my $i = $_; my $s = $v[4*$i] + 2*$v[4*$i+1]; ($s, $i % 10 ? $v[4*$i+2] : -99) } 0 .. 299), "\n"' >made.sh
. ./made.sh
passes 'with scores that are missing' boundary more.st s2.st --part 0.2 --invalid -99 --tolerance 1e-6 -o m.st
[ "$(sed -n 's/^boundary.validation	.*	each=\([0-9]*\)	.*/\1/p' out | tr '\n' ' ')" = '60 54 ' ]
check $? 'they are not among the ends'
values m.st direction f | awk '{ exit !(($1 + 2*$2)/sqrt(5) > 0.99 && $7 > 0.98) }'
check $? 'the directions of a linear score'
for t in 1e-2 1e-5 1e-8; do
    gan-eval boundary more.st s2.st --part 0.2 --tolerance $t >out
    awk -v t=$t '{ for (i = 1; i <= NF; i++) if (sub(/^violation=/, "", $i)) { n++; bad += $i + 0 > t + 0 } } END { exit bad || !n }' out
    check $? "what is left is within --tolerance $t"
done
gan-eval boundary more.st s2.st --part 0.2 --seed 4 >one && gan-eval boundary more.st s2.st --part 0.2 --seed 4 >two
same one two 'a seed gives one result'
gan-eval boundary more.st s2.st --part 0.2 --seed 5 >two
differ one two 'another another division'
steady 'boundary' boundary more.st s2.st --part 0.2
refuses 1 'more.st has 300 rows, s.st has 6' 'latents without scores' boundary more.st s.st
refuses 1 'score 0: 1 rows at each end' 'one row a class' boundary z.st s.st --most 1
refuses 1 'score 0: 4 at each end, but only 6 rows' 'ends that overlap' boundary z.st s.st --most 4
refuses 2 'from 0 to 0.5\|0.5' 'more than half' boundary z.st s.st --part 0.6
refuses 2 'invalid: expected a number' 'no number' boundary z.st s.st --invalid x
frame nan.st scores:F32:6:1,2,nan,4,5,6
refuses 1 'row 2' 'not a number' boundary z.st nan.st --most 2
frame same.st scores:F32:6:1*6
refuses 1 'all rows have the same' 'no score' boundary z.st same.st --most 2

# --- edits ---
frame w.st scores:F32:6,2:0,0,1,1,2,0,1,1,0,2,3,3
frame r.st scores:F32:4,2:0,0,2,4,0,0,2,4
passes 'edits' edits w.st r.st --steps 3 --names a,b
grep -q '^edits.response	2	error=0	score=a	walks=2	steps=3	deviation=1	' out && grep -q '^edits.response	0.5	.*score=b	.*deviation=2	' out
check $? 'growth by deviations'
[ "$(sed -n 's/^edits.\([a-z]*\)	\([0-9.]*\)	score=\([ab]\)	walks.*/\1\3\2/p' out | grep -v response | tr '\n' ' ')" = 'risinga0.5 upa1 risingb0.5 upb0.5 ' ]
check $? 'walks that rise, and that end higher'
refuses 1 'names: expected 2, one for each score, found 3' 'a name too many' edits w.st r.st --steps 3 --names a,b,c
refuses 1 "names: 'a' twice" 'two scores of a name' boundary p.st q.st --part 0.5 --names a,a
refuses 1 "names: 'a,' has an empty name" 'no name' boundary p.st q.st --part 0.5 --names a,
refuses 1 '6 rows are no walks of 4 steps' 'parts of walks' edits w.st r.st --steps 4
frame still.st scores:F32:2,2:1,1,1,2
refuses 1 'score 0 is the same in all rows' 'no deviation' edits w.st still.st --steps 3

# --- walk ---
tool=gan-data
frame dirs.st direction:F32:3,2:3,0,0,2,3,4 '@gan.scores=a,b,c'
frame l.st z:F32:2,2:1,2,-1,0 label:I64:2:7,8
passes 'walk' walk l.st -d dirs.st -a b --from -1 --to 1 --steps 3 -o walk.st
values walk.st z f >found
near found 1e-6 'distances from the boundary, samples by steps' 1 -1 1 0 1 1 -1 -1 -1 0 -1 1
values walk.st label q >found
near found 0 'labels are repeated' 7 7 7 8 8 8
values walk.st distance f >found
near found 0 'where the steps are' -1 0 1 -1 0 1
gan-data walk l.st -d dirs.st -a 0 --from 0 --to 2 --steps 2 --relative >walk.st && values walk.st z f >found
near found 1e-6 'from where a latent is, by number' 1 2 3 2 -1 0 1 0
gan-data walk l.st -d dirs.st -a c --from 5 --to 5 --steps 1 --normalise >walk.st && values walk.st z f >found
near found 1e-6 'on the sphere' 0.755604 1.195434 0.659125 1.251221
frame layers.st ws:F32:1,3,2:0,0,1,1,2,2
gan-data walk layers.st -d dirs.st -a a --name ws --from 1 --to 1 --steps 1 -r --layers 1-2 >walk.st && values walk.st ws f >found
near found 1e-6 'some layers' 0 0 2 1 3 2
gan-data pick l.st --rows 0,1 --frame 1 | gan-data walk -d dirs.st -a b --steps 4 >one.st
gan-data walk l.st -d dirs.st -a b --steps 4 | gan-data cat --frame 4 >two.st
for t in z distance; do gan-data to-npy one.st -n $t >one && gan-data to-npy two.st -n $t >two && same one two "frames do not matter: $t"; done
refuses 1 'layers: tensor ws has layers 0 to 2, found 9' 'layers that are not there' walk layers.st -d dirs.st -a a --name ws --layers 2-9
refuses 1 'layers: tensor z has none' 'layers of none' walk l.st -d dirs.st -a a --layers 0-1
refuses 1 'holds 3 directions: which' 'which' walk l.st -d dirs.st
refuses 1 'no direction d; there are a,b,c, or 0 to 2' 'not there' walk l.st -d dirs.st -a d
refuses 1 'no tensor w' 'no latents' walk l.st -d dirs.st -a a --name w
refuses 1 'has shape \[6,1\]\|is not\|no tensor' 'other latents' walk s.st -d dirs.st -a a --name scores
refuses 2 'expected --directions' 'no directions' walk l.st
refuses 2 'layers: expected such as' 'layers' walk l.st -d dirs.st -a a --layers 3-1
frame zero.st direction:F32:1,2:0,0
refuses 1 'direction 0 has no length' 'nowhere' walk l.st -d zero.st
refuses 1 'expected a tensor direction' 'no directions there' walk l.st -d l.st

# --- project ---
frame four.st direction:F32:4,4:1,1,0,0,0,1,0,0,0,2,1,0,0,1,1,0 '@gan.scores=x,y,p,q'
says '0.707 of its length is left' 'one condition' project four.st --of x --on y -o one.st
values one.st direction f >found
near found 1e-6 'is taken out' 1 0 0 0
run 0 project four.st --of 0 --on y,p,q -o one.st
grep -q '1 of 3 conditions depend on the others' err
check $? 'conditions that depend on each other are told'
values one.st direction f >found
near found 1e-6 'and taken out together' 1 0 0 0
shows 'gan.scores = 0|y+p+q' 'the name tells of what' one.st
perl -e 'srand 3; print "frame many.st direction:F32:6,64:", join(",", map { rand(2) - 1 } 1 .. 384), "\n"' >made.sh
. ./made.sh
gan-data project many.st --of 2 --on 0,1,3,4,5 -o one.st 2>err
{ values one.st direction f; values many.st direction f; } | perl -e '@n = split " ", <STDIN>; @m = split " ", <STDIN>;
    for my $k (0, 1, 3, 4, 5) { my $d = 0; my $l = 0; $d += $n[$_] * $m[64*$k+$_], $l += $m[64*$k+$_]**2 for 0 .. 63; die if abs($d) / sqrt($l) > 1e-6 }
    my $l = 0; $l += $_**2 for @n; die if abs($l - 1) > 1e-6' 2>>err
check $? 'five conditions of 64 numbers: orthogonal to each'
refuses 1 'nothing is left of direction p: it is made of y,q' 'nothing left' project four.st --of p --on y,q
refuses 1 'direction x is its own condition' 'itself' project four.st --of x --on y,0
refuses 2 'expected --of NAME and --on LIST' 'no condition' project four.st --of x
finish
