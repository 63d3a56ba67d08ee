#!/bin/sh
# gan-eval from the command line: each metric on a case small enough to work out by hand.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# parzen
frame one.st image:U8:1,2,2,1:0,51,102,255
frame test.st image:F32:1,4:0,0.2,0.4,1
run 0 parzen one.st one.st --sigma 0.1
gives "$(perl -e 'print -4 * log(0.1 * sqrt(8 * atan2(1, 1)))')" 'parzen: one centre at x' parzen
run 0 parzen one.st one.st --validation one.st --sigmas 0.1:1:10
has '	sigma=0.1	' 'parzen: the narrowest window wins on its own centre'
has 'note=sigma is at the edge' 'parzen: and it is said that this is the edge'
run 0 parzen one.st one.st --validation one.st --validation-rows 0
has '	sigma=0.1	' 'parzen: all rows of the validation set'
frame pair.st image:F32:2,1:0.5,1.5
frame mid.st image:F32:1,1:0
run 0 parzen mid.st pair.st --sigma 1
gives "$(perl -e 'print log((exp(-.125) + exp(-1.125)) / 2) - .5 * log(8 * atan2(1, 1))')" 'parzen: two centres' parzen
frame signed.st image:F32:2,1:-1,1
frame half.st image:F32:1,1:1
run 0 parzen half.st signed.st --sigma 0.5 --range -1,1
gives "$(perl -e 'print log((1 + exp(-2)) / 2) - log(.5 * sqrt(8 * atan2(1, 1)))')" 'parzen: --range' parzen
refuses 2 validation 'parzen: needs a validation set or sigma' parzen half.st signed.st
refuses 1 '4 numbers.*1 in' 'parzen: widths differ' parzen one.st pair.st --sigma 1

# knn
frame train.st feature:F32:4,2:0,0,0,1,5,5,5,6 label:I64:4:0,0,1,1
frame probe.st feature:F32:3,2:0,0.25,5,5,3,3 label:I64:3:0,1,0
run 0 knn train.st probe.st
gives "$(perl -e 'print 2 / 3')" 'knn: accuracy' knn.accuracy
gives "$(perl -e 'print 1 / 3')" 'knn: error' knn.error
gives "$(perl -e 'print((.25 + 0 + sqrt 8) / 3)')" 'knn: mean nearest distance' knn.distance
gives 2 'knn: classes present' knn.classes
run 0 knn train.st probe.st -k 4
gives "$(perl -e 'print 2 / 3')" 'knn: a tied vote goes to the nearest' knn.accuracy
frame onehot.st feature:F32:2,2:0,0,5,5 label:F32:2,2:1,0,0,1
run 0 knn onehot.st probe.st
gives "$(perl -e 'print 2 / 3')" 'knn: one-hot labels' knn.accuracy
frame tie.st feature:F32:2,2:0,0,5,5 label:F32:2,3:1,1,0,0,1,1
run 0 knn tie.st onehot.st
gives 1 'knn: of equal scores the first is the label' knn.accuracy
frame short.st feature:F32:2,2:0,0,5,5 label:I64:1:0
refuses 1 "labels 'label' are \[1\], expected \[2\]" 'knn: fewer labels than rows' knn short.st probe.st
frame bare.st feature:F32:1,2:0,0
run 0 knn bare.st probe.st
has '^knn.distance.*note=no labels in TRAIN' 'knn: without labels, only distances, and it says so'
refuses 1 'fewer than k' 'knn: k beyond the training rows' knn train.st probe.st -k 5
# on the circle: the nearest by angle are others than in the plane
frame arc.st feature:F32:3,2:1,0,0,6,-2,0 label:I64:3:4,5,6
frame aim.st feature:F32:2,2:0.125,8,5,4.75 label:I64:2:5,4
run 0 knn arc.st aim.st --geodesic
gives 1 'knn: by angles' knn.accuracy
gives "$(perl -e 'print((atan2(.125, 8) + atan2(4.75, 5)) / 2)')" 'knn: the mean angle' knn.distance
has '	distance=geodesic	' 'knn: says so'
run 0 knn arc.st aim.st
gives 0.5 'knn: and by distances' knn.accuracy
frame origin.st feature:F32:2,2:1,1,0,0 label:I64:2:4,5
refuses 1 'origin.st: row 1 has no direction' 'knn: no angle to 0' knn origin.st aim.st --geodesic
refuses 1 'origin.st: row 1 has no direction' 'knn: nor from it' knn arc.st origin.st --geodesic
# few labels: one of each class of two that are far apart, and of two that are mixed
frame apart.st feature:F32:6,1:0,1,2,10,11,12 label:I64:6:0,0,0,1,1,1
run 0 knn apart.st apart.st --per-class 1 --draws 30
gives 1 'knn: one label of each class' knn.accuracy
has '^knn.accuracy	1	std=0	.*	n_train=2	.*per_class=1	draws=30	seed=0	' 'knn: says how many'
! grep -q 'knn.distance' out
check $? 'knn: no distance to rows that differ from draw to draw'
frame frame2.st feature:F32:9,1:0,1,2,10,11,12,13,14,15 label:I64:9:0,0,0,1,1,1,1,1,1
frame mixed.st feature:F32:6,1:0,1,2,0.5,1.5,2.5 label:I64:6:0,0,0,1,1,1
run 0 knn mixed.st mixed.st --per-class 2 --draws 40 && cp out first
run 0 knn mixed.st mixed.st --per-class 2 --draws 40 && cp out again && same first again 'knn: the same draws again'
run 0 knn mixed.st mixed.st --per-class 2 --draws 40 --seed 1 && differ first out 'knn: others of another seed'
holds "$(value knn.accuracy <out) > 0.3 && $(value knn.accuracy <out) < 0.8" 'knn: between chance and certainty'
run 0 knn mixed.st mixed.st --per-class 1,2 --draws 40 && [ "$(grep -c '^knn.accuracy' out)" = 2 ] &&
    [ "$(grep 'per_class=2' out)" = "$(grep 'per_class=2' first)" ]
check $? 'knn: several numbers of labels, each as by itself'
refuses 2 "expected whole numbers from 1 on, found '1.5'" 'knn: half a label' knn mixed.st mixed.st --per-class 1.5
refuses 1 'class 0 has 3 training rows, --per-class asks for 4' 'knn: a class with too few' \
    knn frame2.st apart.st --per-class 4
refuses 1 '2 rows are fewer than k = 5' 'knn: fewer labels than neighbours' knn apart.st apart.st --per-class 1 -k 5
refuses 1 'no label' 'knn: few labels want labels' knn bare.st train.st --per-class 1
refuses 1 'bare.st: no labels' 'knn: few labels want labels of the test, too' knn train.st bare.st --per-class 1
refuses 2 '--draws needs --per-class' 'knn: draws of all rows' knn train.st probe.st --draws 3
run 0 knn - probe.st <train.st
gives "$(perl -e 'print 2 / 3')" 'knn: a stream on standard input' knn.accuracy
refuses 2 'standard input' 'only one operand may be standard input' knn - -
refuses 2 'standard input' 'options that name streams count too' svm - probe.st --validation -

# auc: of the six pairs of 0.9, 0.5, 0.5 that are there and 0.5, 0.1 that are not, two are tied
frame ranks.st score:F32:5:0.9,0.5,0.5,0.5,0.1 label:I64:5:1,1,1,0,0
run 0 auc ranks.st
gives "$(perl -e 'print 5 / 6')" 'auc: equal scores count half' auc
gives "$(perl -e 'print((1 + 2 * 3 / 4) / 3)')" 'auc: average precision' auc.precision
has 'positive=3	negative=2	tensor=score' 'auc: says what it did'
frame wrong.st score:F32:2:0.9,0.5 label:I64:2:1,2
refuses 1 'row 1: label 2, expected 0 or 1' 'auc: another label' auc wrong.st
frame allone.st score:F32:2:0.9,0.5 label:I64:2:1,1
refuses 1 'all 2 labels are 1' 'auc: one kind alone' auc allone.st
frame twice.st score:F32:2,2:0.9,0.5,1,2 label:I64:2:1,0
refuses 1 "'score' has 2 numbers a row" 'auc: two scores' auc twice.st

# svm, logistic: separable on a line; the boundary lies in the gap
frame line.st feature:F32:6,1:-3,-2,-1,1,2,3 label:I64:6:4,4,4,7,7,7
frame lineprobe.st feature:F32:4,1:-5,-0.5,0.5,5 label:I64:4:4,4,7,4
run 0 svm line.st lineprobe.st --c 10
gives 0.75 'svm: a separable line' svm.accuracy
has 'classes=2	dim=1	tensor=feature' 'svm: says what it did'
run 0 svm line.st lineprobe.st --c 0.1,1 --validation line.st
has '	c=0.1	.*validation_accuracy=1	' 'svm: C by validation, the first of equals'
refuses 2 validation 'svm: several C need a validation set' svm line.st lineprobe.st --c 0.1,1
run 0 svm line.st lineprobe.st --per-class 2 --draws 5 --seed 3
gives 0.75 'svm: few labels, five draws' svm.accuracy
has 'std=0	.*n_train=4	.*per_class=2	draws=5	seed=3' 'svm: their number, seed and deviation'
refuses 1 'per-class' 'svm: more rows of a class than there are' svm line.st lineprobe.st --per-class 4
run 0 logistic line.st lineprobe.st -o weights.st
gives 0.75 'logistic: a separable line' logistic.accuracy
perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or exit 1; my $s = <$f>;
    my $n = unpack "Q<", $s; my $h = substr $s, 8, $n;
    my %at = map { $_ => ($h =~ /"$_":\{[^}]*"data_offsets":\[(\d+)/)[0] } qw(weight bias class);
    my @v = map { unpack "f<", substr $s, 8 + $n + $at{$_}, 4 } qw(weight bias);
    my @c = unpack "q<2", substr $s, 8 + $n + $at{class}, 16;
    exit !($v[0] > 0.5 && abs $v[1] < 1e-6 && "@c" eq "4 7")' weights.st
check $? 'logistic: weights saved, positive for the second class'
frame single.st feature:F32:2,1:0,1 label:I64:2:1,1
refuses 1 'one class' 'svm: one class only' svm single.st line.st
refuses 1 label 'svm: labels are needed' svm bare.st line.st

# accuracy
frame logits.st logits:F32:4,3:9,0,0,0,9,0,1,2,0,0,0,5 label:I64:4:0,1,0,2
run 0 accuracy logits.st --confusion --classes
gives 0.75 'accuracy' accuracy
has '^accuracy.class	0.5	class=0	right=1	n=2' 'accuracy: by class'
has '^accuracy.confusion	1	class=0	predicted=1' 'accuracy: confusion'
has '^classes	3	of=3	n=4	predicted=1,2,1' 'accuracy: classes predicted'
refuses 1 nothing 'accuracy: no such label tensor' accuracy logits.st --label nothing
frame wild.st logits:F32:1,2:1,0 label:I64:1:2
refuses 1 'label 2 does not fit' 'accuracy: a label beyond the logits' accuracy wild.st

# tags: words on the axes; group 0 points near the first, then the second
frame vocabulary.st word:F32:4,3:2,0,0,0,1,0,0,0,1,-1,0,0 '@gan.words=sky\nsea\nsand\nnight'
frame vectors.st word:F32:3,3:9,1,0,5,4,0,0,0,1 group:I64:3:0,0,1
frame truth.st truth:I64:2,2:0,3,1,-1
run 0 tags vectors.st vocabulary.st --top 1 --vote 1 --truth truth.st
has '^tags.word	sky	group=0	rank=1	votes=2	index=0	hit=1' 'tags: the word most voted for'
has '^tags.word	sand	group=1	rank=1	votes=1	index=2	hit=0' 'tags: the other group'
gives 0.5 'tags: precision' tags.precision
run 0 tags vectors.st vocabulary.st --top 2 --vote 2
has '^tags.word	sea	group=0	rank=2	votes=2' 'tags: the second word'
frame crowd.st word:F32:5,3:0,0,1,0,1,0,-1,0,0,0,9,1,1,0.5,0 group:I64:5:1,1,1,1,0
run 0 tags crowd.st vocabulary.st --top 1 --vote 2
[ "$(sed 1d out | cut -f 2-5 | tr '\t\n' ' /')" = 'sky group=0 rank=1 votes=1/sea group=1 rank=1 votes=2/sand group=1 rank=2 votes=1/' ]
check $? 'tags: most votes first, the earlier word of equals, groups in order'
refuses 1 'vocabulary has 4' 'tags: top beyond the vocabulary' tags vectors.st vocabulary.st --top 9
frame zero.st word:F32:1,3:0*3
refuses 1 'row 0 is zero' 'tags: a vector without direction' tags zero.st vocabulary.st --top 1

# moments
frame four.st image:F32:4,1:0,0,2,2
run 0 moments four.st
gives 1 'moments: mean' moments.mean
gives 1 'moments: deviation' moments.std
gives 2 'moments: largest' moments.max
gives "$(perl -e 'print 4 * 2 / 6')" 'moments: mean pairwise distance' moments.distance
run 0 moments four.st --pairs 2
has '^moments.distance.*rows=2	seed=0' 'moments: a subsample'
run 0 moments four.st --pairs 0
[ "$(value moments.mean)" = 1 ] && ! grep -q '^moments.distance' out
check $? 'moments: no pairs'

# modes
frame points.st x:F32:4,2:2,0,2.05,0,0,2,1,1
run 0 modes points.st
gives 2 'modes: two of the ring captured' modes.captured
gives 0.75 'modes: three of four samples near one' modes.quality
gives "$(perl -e 'print 2 / 3 * log(16 / 3) + 1 / 3 * log(8 / 3)')" 'modes: reverse divergence' modes.kl
run 0 modes points.st --radius 1 --sigma 0.3
gives 1 'modes: a smaller ring' modes.captured
gives 0.25 'modes: with one sample near it' modes.quality
run 0 modes points.st --least 2
gives 1 'modes: one of them by two samples' modes.captured
frame ends.st x:F32:2,2:1,1,-1,1
run 0 modes ends.st
has '^modes.kl	nan	' 'modes: no divergence without samples near one'
frame lattice.st x:F32:3,2:4,4,0,-2,0.2,0
run 0 modes lattice.st --grid 5
gives 2 'modes: the grid' modes.captured
frame centres.st x:F32:2,2:0,0,9,9
run 0 modes lattice.st --centres centres.st --sigma 0.1
gives 1 'modes: centres from a stream' modes.captured
refuses 2 sigma 'modes: centres need sigma' modes lattice.st --centres centres.st

# fid: shifted by (3,4): 25 exactly; against threefold, variances 4/3 and 12
frame plus.st feature:F32:4,2:1,0,-1,0,0,1,0,-1
frame shifted.st feature:F32:4,2:4,4,2,4,3,5,3,3
frame wider.st feature:F32:4,2:3,0,-3,0,0,3,0,-3
run 0 fid plus.st shifted.st
gives 25 'fid: a shift' fid
has 'protocol=features	n_a=4	n_b=4	dim=2	ddof=1' 'fid: its protocol'
run 0 fid plus.st wider.st
gives "$(perl -e 'print 2 * (sqrt(6) - sqrt(2 / 3)) ** 2')" 'fid: a scale' fid
refuses 1 'at least 2' 'fid: a single row' fid bare.st plus.st
frame three.st feature:F32:3,3:1,0,0,0,1,0,0,0,1
run 0 fid three.st three.st
has 'warning=rows do not exceed' 'fid: few rows are pointed out'

# everywhere
run 0 fid plus.st wider.st --json
has '^{"metric":"fid","value":.*"version":"[0-9.]*"}$' '--json'
frame rows.st feature:F32:0,2:
refuses 1 'no rows' 'no rows' moments rows.st
frame nan.st feature:F32:2,2:0,0,nan,0
refuses 1 'row 1' 'not a number' moments nan.st
: >empty.st
refuses 1 'empty' 'an empty stream' moments empty.st
refuses 1 'nowhere.st' 'a file that is not there' moments nowhere.st
head -c 60 train.st >cut.st
refuses 1 'cut.st' 'a stream cut short' moments cut.st
# positions, top
frame maps.st feature:F32:1,2,2,2:1,0,2,0,0,5,0,6 label:I64:1,2,2:0,0,1,1
run 0 logistic maps.st maps.st --positions --c 10 -o map.st
gives 1 'logistic: positions of a map are rows' logistic.accuracy
has '	dim=2	' 'of as many numbers as there are channels'
run 0 top map.st --tensor weight
perl -ne '($n, $v) = split /\t/; $w[$1] = $v if /column=(\d)/; END { exit !($w[0] < 0 && $w[1] > 0) }' out
check $? 'a weight for each channel, of the sign it should have'
frame flat.st feature:F32:1,2,2,2:1,0,2,0,0,5,0,6 label:I64:1,3:0,0,1
refuses 1 'expected \[4\]' 'a map of labels of another size' logistic flat.st flat.st --positions
frame score.st score:F32:2,2:1,-4,3,-2
frame score.st score:F32:2,2:3,-9,2,-1
run 0 top score.st -k 2
sed -n 's/^top	\([-0-9.]*\).*index=\([0-9]*\).*/\1 \2/p' out | tr '\n' ';' >found
[ "$(cat found)" = '3 1;3 2;-1 3;-2 1;' ]
check $? 'top: the largest of each column, across frames, the earlier of equals first'
refuses 2 'number from 1' 'top: at least one' top score.st -k 0

frame ragged.st feature:F32:1,2:0,0
frame ragged.st feature:F32:1,3:0,0,0
refuses 1 'before it was F32 \[1,2\]' 'rows that change their width' moments ragged.st
refuses 2 'expected STREAM' 'operands are counted' moments
run 2 nothing && one_line "unknown command .nothing"
check $? 'no such metric'
run 0 --help
status=$?
metrics=$(sed -n 's/^  \([a-z][a-z0-9-]*\) .*/\1/p' out)
[ "$status" = 0 ] && [ "$(echo "$metrics" | wc -l)" -ge 16 ]
check $? '--help lists the metrics'
man=$here/../man/gan-eval.1
for metric in $metrics; do
    missing=
    for o in $(gan-eval $metric --help | sed -n 's/^ .* --\([a-z-]*\).*/\1/p'); do
        grep -q "Fl -$(printf %s "$o" | sed 's/-/\\&/g')\$\|Fl -$o\( \|\$\)" "$man" || missing="$missing $o"
    done
    [ -z "$missing" ] && grep -q "^\.Ss $metric\|Ic $metric" "$man"
    check $? "the manual has every option of $metric$missing"
done
steady knn knn train.st probe.st
if [ -w /dev/full ]; then
    gan-eval moments four.st >/dev/full 2>err
    [ $? = 1 ] && one_line 'cannot write'
    check $? 'a full disk is an error'
fi
finish
