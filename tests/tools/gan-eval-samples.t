#!/bin/sh
# gan-eval's metrics of logits, labels, codes and weights, on cases worked out by hand.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# clusters: 0 has classes 1 1 2, 1 has 2 2 1; the surest of cluster 0 is of class 2, of cluster 1 too
frame c.st logits:F32:6,2:2,0,2,0,9,0,0,8,0,2,0,2 label:I64:6:1,1,2,2,2,1
gives 0.5 'clusters: by the surest sample' clusters.nearest clusters c.st
# the first row is sure of cluster 0, too, but the second is surer, although both have a probability of 1
frame certain.st logits:F32:5,2:40,0,80,0,0,90,0,50,75,0 label:I64:5:1,0,1,0,0
gives 0.6 "clusters: the surest of those whose probability is 1" clusters.nearest clusters certain.st
gives "$(perl -e 'print 2 / 3')" 'clusters: by majority' clusters.majority clusters c.st
gives "$(perl -e 'print 2 / 3')" 'clusters: by assignment' clusters.assigned clusters c.st
gives "$(perl -e 'print 1 + (2 / 3 * log(2 / 3) + 1 / 3 * log(1 / 3)) / log 2')" 'clusters: mutual information' \
    clusters.nmi clusters c.st
gives "$(perl -e 'print((2 - 6 * 6 / 15) / (6 - 6 * 6 / 15))')" 'clusters: adjusted Rand index' clusters.ari clusters c.st
grep -q '	clusters=2	of=2	classes=2	n=6	tensor=logits	label=label	' out
check $? 'clusters: how many'
frame p.st q:F32:3,2:0.6,0.4,0.9,0.1,0.2,0.8 label:I64:3:1,2,1
gives "$(perl -e 'print 2 / 3')" 'clusters: by probabilities' clusters.nearest clusters p.st -t q --probabilities
# both clusters mostly of class 1: a class can be assigned but one
frame i.st cluster:I64:6:7,7,7,-4,-4,-4 label:I64:6:1,1,2,1,1,3
gives "$(perl -e 'print 2 / 3')" 'clusters: numbers, by majority' clusters.majority clusters i.st
gives 0.5 'clusters: numbers, by assignment' clusters.assigned clusters i.st
! grep -q nearest out
check $? 'clusters: numbers have no surest sample'
frame byte.st cluster:U8:3:0,255,255 label:I64:3:0,1,1
gives 1 'clusters: bytes' clusters.ari clusters byte.st
frame empty-class.st logits:F32:2,3:1,0,0,1,0,0 label:I64:2:5,5
gives 1 'clusters: empty clusters do not matter' clusters.nmi clusters empty-class.st
for a in 1 4; do
    l=2,0,2,0,9,0,0,8,0,2,0,2
    y=1,1,2,2,2,1
    b=$((a * 2))
    frame "cut$a.st" "logits:F32:$a,2:$(echo $l | cut -d, -f 1-$b)" "label:I64:$a:$(echo $y | cut -d, -f 1-$a)"
    frame "cut$a.st" "logits:F32:$((6 - a)),2:$(echo $l | cut -d, -f $((b + 1))-)" \
        "label:I64:$((6 - a)):$(echo $y | cut -d, -f $((a + 1))-)"
    gan-eval clusters c.st >one && gan-eval clusters "cut$a.st" 2>err | alike - one
    check $? "clusters: frames do not matter, cut at $a"
done
frame half.st cluster:F32:1:0.5 label:I64:1:0
refuses 1 "row 0: 0.5 is no cluster's number" 'clusters: half a cluster' clusters half.st
refuses 1 'row 0: 2 is no probability' 'clusters: no probabilities' clusters c.st --probabilities
refuses 1 'holds numbers of clusters' 'clusters: numbers are no probabilities' clusters i.st --probabilities
frame bare.st logits:F32:1,2:0,1
refuses 1 "no label tensor 'label'" 'clusters: no labels' clusters bare.st
frame nan.st logits:F32:1,2:0,nan label:I64:1:0
refuses 1 'row 0' 'clusters: not a number' clusters nan.st
frame none.st logits:F32:0,2: label:I64:0:
refuses 1 'no rows' 'clusters: no samples' clusters none.st

# segmentation: class 0 1/3, class 2 2/3, class 5 in the found map alone 0; 1, 3, 4 in neither
frame truth.st map:U8:1,2,3:0,0,2,2,2,255
frame found.st map:I64:1,2,3:0,5,2,2,0,2
gives "$(perl -e 'print((1 / 3 + 2 / 3 + 0) / 3)')" 'segmentation: mean intersection over union' \
    segmentation.miou segmentation found.st truth.st --ignore 255
grep -q '	classes=3	maps=1	pixels=6	ignored=1	ignore=255	tensor=map	' out
check $? 'segmentation: says what it left out'
gives 0.6 'segmentation: pixel accuracy' segmentation.accuracy segmentation found.st truth.st --ignore 255
sed -n 's/^segmentation.class	\([^	]*\)	class=\([0-9]\)	intersection=\(.*\)	union=\([0-9]\).*/\2:\3:\4/p' out | tr '\n' ' ' >classes
[ "$(cat classes)" = '0:1:3 2:2:3 5:0:1 ' ]
check $? 'segmentation: by class, those in neither map left out'
printf '10 20 30 road\n0 0 255 sky\n255 0 0 tree\n' >street.txt
frame colours.st image:U8:1,2,3,3:10,20,30,10,20,30,255,0,0,255,0,0,255,0,0,0,0,255
gan-data maps colours.st --palette street.txt | gan-data join -o named.st -- -:map=segment
gan-eval segmentation found.st named.st | sed -n 's/^segmentation.class.*class=\([0-9]\)	\(name=[a-z]*\)*.*/\1:\2/p' | tr '\n' ' ' >classes
is "$(cat classes)" '0:name=road 1:name=sky 2:name=tree 5: ' 'segmentation: classes have the names of a palette'
gives "$(perl -e 'print 3 / 6')" 'segmentation: without a label to ignore it is one' \
    segmentation.accuracy segmentation found.st truth.st
frame scores.st logits:F32:1,2,3,3:9,0,0,0,9,0,0,0,9,0,0,9,9,0,0,0,0,9
frame plain.st map:I64:1,2,3,1:0,1,2,2,2,-1
gives 0.8 'segmentation: scores' segmentation.accuracy segmentation scores.st plain.st --ignore -1
gives 1 'segmentation: itself' segmentation.miou segmentation truth.st truth.st
for part in found truth; do
    cat $part.st $part.st $part.st >$part-frames.st
done
frame found-one.st map:I64:3,2,3:0,5,2,2,0,2,0,5,2,2,0,2,0,5,2,2,0,2
gan-eval segmentation found-frames.st truth-frames.st >one && gan-eval segmentation found-one.st truth-frames.st | alike - one
check $? 'segmentation: frames do not matter'
refuses 1 'found-one.st has more rows than truth.st' 'segmentation: one stream is longer' segmentation found-one.st truth.st
refuses 1 'plain.st: row 0: label -1 is not in 0 to 4095; --ignore' 'segmentation: a label below 0' segmentation found.st plain.st
frame deaf.st map:U8:1,1,2:1,2
frame blank.st map:U8:1,1,2:3,3
refuses 1 'blank.st: every pixel is left out' 'segmentation: nothing left' segmentation deaf.st blank.st --ignore 3
frame flat.st map:I64:1,3,2:0*6
refuses 1 'maps differ in size: 3x2 in flat.st, 2x3 in truth.st' 'segmentation: sizes' segmentation flat.st truth.st
refuses 1 '3 numbers a pixel, expected its label' 'segmentation: scores as the truth' segmentation flat.st scores.st
frame real.st map:F32:1,2,3:0,0.5,0,0,0,0
refuses 1 'real.st: row 0: 0.5 is no label' 'segmentation: no labels' segmentation real.st truth.st
refuses 1 'real.st: row 0: 0.5 is no label' 'segmentation: no true labels' segmentation truth.st real.st

# csim: cosines 1, 0, -1, 0.6 and a row without a direction
frame x.st feature:F32:5,2:1,0,0,2,3,0,4,0,0,0
frame y.st feature:F32:5,2:5,0,1,0,-1,0,3,4,1,1
gives 0.12 'csim: mean over pairs' @ csim x.st y.st
grep -q '	error=.*	n=5	' out
check $? 'csim: says how sure it is'
gives 0.8 'csim: of itself' @ csim x.st x.st
frame z.st feature:F32:4,2:5,0,1,0,-1,0,3,4
refuses 1 'z.st ends after 4 rows, x.st does not' 'csim: unpaired rows' csim x.st z.st

# acd: features 0, 3, 4 on a line; and four that do not move
frame v.st feature:F32:2,3,2:0,0,3,0,0,4,7,7,7,7,7,7
gives 2 'acd: mean over pairs of frames and over videos' @ acd v.st
grep -q '	error=2	feature=given	n=2	frames=3	dim=2	tensor=feature	' out
check $? 'acd: says what it did'
gives 2 'acd: every second frame' @ acd v.st --every 2
# two frames of two pixels, grey 0 and 255, then 51 and 153: mean colours 127.5 and 102
frame w.st video:U8:1,2,1,2,1:0,255,51,153
gives 25.5 'acd: mean colour' @ acd w.st --colour
gives 102 'acd: of pixels above a threshold' @ acd w.st --colour --above 0.3
gives "$(perl -e 'print 255 - 102')" 'acd: of bright pixels' @ acd w.st --colour --above 0
frame rgb.st video:F64:1,2,1,1,3:-1,-1,-1,1,-1,0
gives "$(perl -e 'print sqrt(255 ** 2 + 127.5 ** 2)')" 'acd: three channels and a range' @ acd rgb.st --colour --range -1,1
frame dim.st video:U8:2,3,1,1,1:0,100,200,0,0,0
gives 100 'acd: frames and videos without such a pixel are left out' @ acd dim.st --colour --above 0.1
grep -q '	above=0.1	empty=4	n=1	' out
check $? 'acd: and counted'
frame two.st feature:F32:1,3,2:0,0,3,0,0,4
frame two.st feature:F32:1,3,2:7,7,7,7,7,7
gan-eval acd v.st >one && gan-eval acd two.st | alike - one
check $? 'acd: frames of the stream do not matter'
refuses 1 'outside \[0,1\]' 'acd: colours of an unknown range' acd rgb.st --colour
refuses 1 'no video has two frames with a pixel above 1' 'acd: nothing to compare' acd dim.st --colour --above 1
refuses 1 "'feature' is no video" 'acd: colours of no video' acd v.st --colour
frame still.st feature:F32:2,1,2:0,0,1,1
refuses 1 'has 1 frames a video, expected at least 2' 'acd: single frames' acd still.st
refuses 2 'go with --colour' 'acd: a threshold without colours' acd v.st --above 1
refuses 2 'number from 1 on' 'acd: every 0th frame' acd v.st --every 0
frame gone.st feature:F32:0,3,2:
refuses 1 'no rows' 'acd: no videos' acd gone.st
frame wrong.st feature:F32:1,2,1:0,nan
refuses 1 'row 0' 'acd: not a number' acd wrong.st

# gam: discriminator 1 errs on 1 of 4 test rows, 2 on 1 of 5; on each other's samples 1/4 and 3/4
frame d1.st logits:F32:4:3,1,-1,2
frame d2.st logits:F32:5,1:1,2,0,4,5
frame d1g2.st logits:F32:4:-1,-2,1,-3
frame d2g1.st logits:F32:4:1,2,3,0
gives 1.25 'gam: the ratio on test data' gam.test gam d1.st d2.st d1g2.st d2g1.st
gives "$(perl -e 'print 1 / 3')" 'gam: the ratio on samples' gam.samples gam d1.st d2.st d1g2.st d2g1.st
grep -q '^gam.winner	none	note=the discriminators differ' out
check $? 'gam: none wins when the discriminators differ on test data'
figure gam.winner gam d1.st d2.st d1g2.st d2g1.st --near 0.25 >got && [ "$(cat got)" = 1 ]
check $? 'gam: the first wins'
figure gam.winner gam d2.st d1.st d2g1.st d1g2.st --near 0.25 >got && [ "$(cat got)" = 2 ]
check $? 'gam: turned round the second'
frame sure.st logits:F32:2:1,2
figure gam.test gam sure.st sure.st d1g2.st d2g1.st >got && grep -q nan got && grep -q '^gam.winner	1	' out
check $? 'gam: no error on test data is equally many'
# critics without a zero: of 5, 6, 7 and 1, 2, 6 the threshold is 3.5 with one of six wrong
frame c1.st score:F32:3:5,6,7
frame o1.st score:F32:3:1,2,6
frame c1g2.st score:F32:4:4,3,5,0
figure gam.samples gam c1.st c1.st c1g2.st c1g2.st --own-first o1.st --own-second o1.st >got
grep -q '^gam.test	.*	error_1=0	error_2=0	threshold_1=3.5	threshold_2=3.5	' out &&
    grep -q '^gam.samples	1	error_1=0.5	error_2=0.5	' out && grep -q '^gam.winner	none	threshold' out
check $? 'gam: thresholds from their own samples; equal games are a tie'
frame low.st score:F32:2:1,2
frame high.st score:F32:2:3,4
figure gam.test gam high.st low.st c1g2.st c1g2.st --own-first low.st --own-second high.st >got
grep -q '	threshold_1=2.5	threshold_2=0	' out
check $? 'gam: the lowest of equally good thresholds'
refuses 1 'expected one logit' 'gam: rows of several' gam p.st d2.st d1g2.st d2g1.st
refuses 2 'near' 'gam: nearer than near' gam d1.st d2.st d1g2.st d2g1.st --near -1
refuses 2 'only one stream' 'gam: standard input twice' gam - d2.st d1g2.st d2g1.st --own-first -
refuses 2 'expected D1-TEST' 'gam: operands are counted' gam d1.st d2.st
frame vacant.st logits:F32:0:
refuses 1 'no rows' 'gam: no samples' gam d1.st d2.st d1g2.st vacant.st

# mixture: one Gaussian has the mean and the deviation of its rows, 1 and 2 of {-1,3,-1,3}
frame four.st feature:F32:4,1:-1,3,-1,3 label:I64:4:5,6,5,6
frame one.st feature:F32:1,1:1
gives "$(perl -e 'print -0.5 * log(8 * atan2(1, 1) * 4)')" 'mixture: one Gaussian' @ \
    mixture four.st one.st -k 1 --floor 1e-12
gives "$(perl -e 'print -0.5 * log(8 * atan2(1, 1) * 4) - 0.5')" 'mixture: of the rows themselves' \
    mixture.train mixture four.st one.st -k 1 --floor 1e-12
grep -q '	components=1	covariance=diagonal	.*n_train=4	n_test=1	dim=1	tensor=feature	' out
check $? 'mixture: says what it did'
gives "$(perl -e 'print log(0.5) - 0.5 * log(8 * atan2(1, 1) * 0.01)')" 'mixture: two Gaussians on two points' \
    mixture.train mixture four.st one.st -k 2 --floor 0.01
figure mixture mixture four.st four.st -k 2 --floor 0.01 -o m.st --posterior q.st --samples s.st -n 500 >got
rounded() { # rounded FILE TENSOR FORMAT: of the tensor
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or exit 1; my $s = <$f>;
        my $n = unpack "Q<", $s; my $h = substr $s, 8, $n;
        my ($a, $b) = $h =~ /"$ARGV[1]":\{[^}]*"data_offsets":\[(\d+),(\d+)/;
        printf "%s\n", join " ", map { sprintf "%.4g", $_ } unpack "$ARGV[2]*", substr $s, 8 + $n + $a, $b - $a' "$@"
}
[ "$(rounded m.st weight 'f<')" = '0.5 0.5' ] && [ "$(rounded m.st deviation 'f<')" = '0.1 0.1' ] &&
    case $(rounded m.st mean 'f<') in '-1 3' | '3 -1') true ;; *) false ;; esac
check $? 'mixture: weights, means and deviations saved'
gives 1 'mixture: its posterior is a clustering, with the labels' clusters.nearest clusters q.st
gan-eval moments s.st -t feature >out 2>err && awk -F'\t' '$1 == "moments.std" { found = $2 > 1.9 && $2 < 2.1 } END { exit !found }' out
check $? 'mixture: samples'
frame far.st feature:F32:6,2:0,0,1,1,0,2,50,0,51,3,52,1
figure mixture mixture far.st far.st -k 2 -c full --floor 0.1 -o full.st >got
rounded full.st factor 'f<' >got && [ "$(wc -w <got)" = 8 ]
check $? 'mixture: full covariances saved as their factors'
figure mixture mixture far.st far.st -k 3 --seed 4 >got
frame cut.st feature:F32:1,2:0,0
frame cut.st feature:F32:5,2:1,1,0,2,50,0,51,3,52,1
figure mixture mixture cut.st cut.st -k 3 --seed 4 | alike - got
check $? 'mixture: frames do not matter'
steady mixture mixture far.st far.st -k 3 -c full
# rows in eight places: which clusters are found depends on the start
frame corner.st feature:F32:16,2:"$(numbers 5 32 '10 * (int($_ / 4) >> ($_ % 2) & 1) + 5 * ($_ % 4 > 1) + rand')"
for s in 0 1 2 3 4 5; do figure mixture.train mixture corner.st corner.st -k 4 --floor 0.01 --seed $s; done | sort -g >all
[ "$(sort -u all | wc -l)" -gt 1 ] &&
    [ "$(figure mixture.train mixture corner.st corner.st -k 4 --floor 0.01 --starts 6)" = "$(tail -1 all)" ] && grep -q '	starts=6	' out
check $? 'mixture: the likeliest of several starts'
frame few.st feature:F32:2,4:1,2,3,4,5,6,7,8
figure mixture.train mixture few.st few.st -k 1 -c full >got && [ -s got ] && ! grep -q '[ni][an]' got
check $? 'mixture: fewer rows than numbers'
figure mixture mixture far.st far.st -k 2 --iterations 0 >got && grep -q 'note=it was still growing' out
check $? 'mixture: says when it had not ended'
refuses 1 'far.st: 7 components need as many rows, there are 6' 'mixture: more components than rows' mixture far.st far.st -k 7
refuses 1 'rows differ in width' 'mixture: widths' mixture four.st far.st -k 1
refuses 2 "expected diagonal or full, found 'round'" 'mixture: a kind of covariance' mixture far.st far.st -c round
refuses 2 'number from 1e-300' 'mixture: no floor' mixture far.st far.st --floor 0
frame hole.st feature:F32:2,2:0,0,nan,0
refuses 1 'row 1' 'mixture: not a number' mixture far.st hole.st -k 1
frame hollow.st feature:F32:0,2:
refuses 1 'no rows' 'mixture: no rows' mixture far.st hollow.st -k 1

# t-SNE: three groups of 20 stay groups
perl -e 'srand 3; for my $i (0 .. 59) { push @x, map { 4 * ($i % 3 == $_) + rand } 0 .. 4; push @y, $i % 3 }
    print "feature:F32:60,5:", join(",", @x), "\n", "label:I64:60:", join(",", @y), "\n"' >groups
frame groups.st "$(sed -n 1p groups)" "$(sed -n 2p groups)"
figure tsne tsne groups.st -p 10 --iterations 300 --early 100 -o points.st >got
grep -q '	perplexity=10	iterations=300	early=100	exaggeration=12	seed=0	n=60	dim=5	tensor=feature	' out
check $? 't-SNE: says what it did'
gan-eval knn points.st points.st -t point -k 5 >out 2>err
[ "$(value knn.accuracy)" = 1 ]
check $? 't-SNE: groups stay groups, with their labels'
gan-eval tsne groups.st -p 10 --iterations 300 --early 100 -o again.st >out && alike points.st again.st
check $? 't-SNE: the same again'
OMP_NUM_THREADS=1 gan-eval tsne groups.st -p 10 --iterations 300 --early 100 -o again.st >out && alike points.st again.st
check $? 't-SNE: with one thread'
gan-eval tsne groups.st -p 10 --iterations 300 --early 100 --seed 1 -o again.st >out && unlike points.st again.st
check $? 't-SNE: not with another seed'
frame bare-rows.st feature:F32:4,1:1,2,3,4
figure tsne tsne bare-rows.st -p 2 --iterations 10 -o points.st >got && [ -s got ] && ! grep -qa label points.st
check $? 't-SNE: no labels, none saved'
refuses 2 'expected --output' 't-SNE: nowhere to put the points' tsne groups.st
refuses 1 'groups.st: a perplexity of 30 needs more than 31 rows, there are 20' 't-SNE: too few rows' tsne groups.st -n 20 -o p.st
refuses 2 'number from 1' 't-SNE: a perplexity below 1' tsne groups.st -p 0.5 -o p.st
frame gap.st feature:F32:40,1:1*30,nan,1*9
refuses 1 'row 30' 't-SNE: not a number' tsne gap.st -p 5 -o p.st
frame flat-rows.st feature:F32:40,1:1*40
figure tsne tsne flat-rows.st -p 5 --iterations 20 -o p.st >got && [ -s got ] && ! grep -q nan got
check $? 't-SNE: rows that are all equal'

# disentanglement: a number of the code for each factor; numbers that all factors share; noise
perl -e 'srand 5; my (@f, @own, @all, @none);
    for (1 .. 600) {
        my @v = map { int rand $_ } 4, 6, 5;
        push @f, @v, 7;
        push @own, map { $_ + 0.01 * rand } @v;
        push @all, ($v[0] + $v[1] / 6 + $v[2] / 30) x 3;
        push @none, map { rand } 1 .. 3;
    }
    print join(",", @$_), "\n" for \(@f, @own, @all, @none)' >numbers
frame factors.st "factor:I64:600,4:$(sed -n 1p numbers)"
line=2
for kind in own all noise; do
    frame $kind.st "feature:F32:600,3:$(sed -n ${line}p numbers)"
    line=$((line + 1))
done
gives 1 'disentanglement: a number for each factor' disentanglement disentanglement own.st factors.st
has '	train_accuracy=1	chance=0.3333333333333333	.*	pairs=64	train=10000	test=5000	n=600	dim=3	factors=3	' \
    'disentanglement: says what it did, and leaves a constant factor out'
[ "$(sed -n 's/^disentanglement.factor	1	factor=\([0-9]\)	.*/\1/p' out | tr '\n' ' ')" = '0 1 2 ' ]
check $? 'disentanglement: each factor'
figure disentanglement.majority disentanglement own.st factors.st >got
holds "$(cat got) == 1" 'disentanglement: the number that varies least tells the factor'
figure disentanglement.majority disentanglement all.st factors.st >got
holds "$(cat got) < 0.37" 'disentanglement: and does not, where no number is of a factor alone'
figure disentanglement disentanglement noise.st factors.st >got
holds "$(cat got) < 0.37" 'disentanglement: noise is at chance'
figure disentanglement disentanglement all.st factors.st --pairs 4 >got
holds "$(cat got) > 0.4 && $(cat got) < 0.9" 'disentanglement: one number of all factors is in between'
steady disentanglement disentanglement all.st factors.st --train 500 --test 500
gan-eval disentanglement all.st factors.st --train 500 --test 500 --seed 1 >two 2>err
differ one two 'disentanglement: other votes of another seed'
frame fewer.st factor:I64:3,2:0,0,0,1,1,1
refuses 1 'own.st has 600 rows, fewer.st has 3' 'disentanglement: rows in pairs' disentanglement own.st fewer.st
frame three.st feature:F32:3,2:0,0,0,1,1,1
frame same.st factor:I64:3,2:0,5,1,5,1,5
refuses 1 'same.st: fewer than two factors vary' 'disentanglement: one factor' disentanglement three.st same.st
frame unique.st factor:I64:3,2:0,0,0,1,1,2
refuses 1 'no two rows have the same value of factor 1' 'disentanglement: a factor without pairs' \
    disentanglement three.st unique.st

# likelihood: weights 1 and 3, then 2 and 2
frame lw.st "log_weight:F64:2,2:0,$(perl -e 'print join ",", map { log } 3, 2, 2')"
gives "$(perl -e 'print log(3) / 4 + log(2) / 2')" 'likelihood: the mean' likelihood.elbo likelihood lw.st
gives "$(perl -e 'print log 2')" 'likelihood: the importance-weighted bound' likelihood.bound likelihood lw.st
grep -q '^likelihood.bound	[0-9.]*	error=[0-9.e-]*	draws=2	n=2	tensor=log_weight	' out
check $? 'likelihood: its error, the draws and the samples'
gives "$(perl -e 'print((16 / 10 + 2) / 2)')" 'likelihood: draws that count' likelihood.ess likelihood lw.st
frame long.st "log_weight:F64:4:0,$(perl -e 'print join ",", map { log } 3, 2, 2')"
gives "$(perl -e 'print log 2')" 'likelihood: draws in rows that follow each other' likelihood.bound likelihood long.st --draws 2
frame parted.st "log_weight:F64:1:0"
frame parted.st "log_weight:F64:3:$(perl -e 'print join ",", map { log } 3, 2, 2')"
gan-eval likelihood long.st --draws 2 >one && gan-eval likelihood parted.st --draws 2 | alike - one
check $? 'likelihood: frames do not matter'
frame remote.st log_weight:F64:1,2:-2000,-1998.6137056388801094
gives "$(perl -e 'print log(2.5) - 2000')" 'likelihood: far from 1' likelihood.bound likelihood remote.st
frame lonely.st log_weight:F32:1,1:-5
gives 1 'likelihood: a single draw counts as one' likelihood.ess likelihood lonely.st
gives -5 'likelihood: its bounds are equal' likelihood.bound likelihood lonely.st
! grep -q error= out
check $? 'likelihood: no error of a single sample'
refuses 1 'the last sample has 1 weights, expected 3' 'likelihood: too few rows' likelihood long.st --draws 3
refuses 2 'number from 1' 'likelihood: no draws' likelihood long.st --draws 0
frame inf.st log_weight:F32:1,2:0,-inf
refuses 1 'row 0' 'likelihood: a weight of 0' likelihood inf.st
frame blank-weights.st log_weight:F32:0,2:
refuses 1 'no rows' 'likelihood: no samples' likelihood blank-weights.st

# n-grams, the largest values, tags
frame odd.st text:F32:1,3:0,1.5,2
refuses 1 'odd.st: row 0: symbol 1.5, expected 0 to 255' 'ngrams: no symbol' ngrams odd.st odd.st
frame higher.st text:I64:2,3:0,1,2,0,256,1
refuses 1 'higher.st: row 1: symbol 256, expected 0 to 255' 'ngrams: too many symbols' ngrams higher.st higher.st
frame hazy.st text:F32:1,2,2:0,1,nan,1
refuses 1 "row 0 of 'text' holds" 'ngrams: weights that are no numbers' ngrams hazy.st hazy.st --order 1
frame list.st text:I64:3:0,1,2
refuses 1 "tensor 'text' is \[3\], expected" 'ngrams: no lines' ngrams list.st list.st --order 1
frame brief.st text:I64:1,2:0,1
refuses 1 'brief.st: lines of 2 symbols have no 3-grams' 'ngrams: nothing is said of shorter ones' \
    ngrams brief.st brief.st --order 3
frame void.st score:F32:0,2:
refuses 1 'void.st: no rows' 'top: no rows' top void.st
frame word.st word:F32:2,2:1,0,0,1 group:I64:2:0,2
frame tagged.st truth:I64:2,1:0,1
refuses 1 'tagged.st: no row for group 2, there are 2' 'tags: a group without truth, nothing is said of others' \
    tags word.st word.st --top 1 --truth tagged.st
frame deep.st map:F32:1,1,1,4097:0*4097
frame shallow.st map:U8:1,1,1:0
refuses 1 'deep.st: 4097 scores a pixel, expected at most 4096' 'segmentation: more scores than classes' \
    segmentation deep.st shallow.st

# what no metric takes: each with a good stream in every place but one
mkdir refused && cd refused || exit 1
frame good.st feature:F32:4,2:0,1,1,0,2,1,1,3 label:I64:4:0,0,1,1
frame wide.st feature:F32:4,3:0,1,1,0,2,1,1,3,0,0,1,2 label:I64:4:0,0,1,1
frame nan.st feature:F32:4,2:0,1,1,0,2,nan,1,3 label:I64:4:0,0,1,1
frame vast.st feature:F64:4,2:0,1,1,0,2,-1e46,1,3 label:I64:4:0,0,1,1
frame point.st feature:F32::1 label:I64:4:0,0,1,1
frame bare.st feature:F32:4,0: label:I64:4:0,0,1,1
frame none.st feature:F32:0,2: label:I64:0:
frame other.st one:F32:4,2:0,1,1,0,2,1,1,3 two:F32:4:0,1,1,0
{ cat good.st; stream label:I64:4:0,0,1,1; } >lost.st
{ cat good.st; cat wide.st; } >grown.st
{ cat good.st; stream feature:F64:4,2:0*8 label:I64:4:0*4; } >turned.st
head -c 20 good.st >cut.st
head -c $(($(wc -c <good.st) - 1)) good.st >short.st
: >empty.st
while read -r file message; do
    missed=0
    for command in 'acd FILE' 'clusters FILE' 'disentanglement FILE good.st' 'diversity FILE' 'fid FILE good.st' 'fid good.st FILE' \
        'histogram FILE' 'histogram good.st --against FILE' 'inception FILE' 'kid FILE good.st --size 2' \
        'kid good.st FILE --size 2' 'knn FILE good.st' 'knn good.st FILE' 'labels FILE' 'likelihood FILE' \
        'logistic FILE good.st' 'logistic good.st FILE' 'lpips FILE good.st' 'lpips good.st FILE' \
        'mixture FILE good.st -k 1' 'mixture good.st FILE -k 1' 'mmd FILE good.st' 'mmd good.st FILE' \
        'modes FILE' 'modes good.st --centres FILE -s 1' 'moments FILE' 'mse FILE good.st --range 0,9' \
        'mse good.st FILE --range 0,9' 'parzen FILE good.st -s 1' 'parzen good.st FILE -s 1' \
        'prdc FILE good.st -k 1' 'prdc good.st FILE -k 1' 'svm FILE good.st' 'svm good.st good.st --validation FILE' \
        'statistics FILE -o not-made' 'tags FILE good.st --top 1' 'tags good.st FILE --top 1' 'top FILE' \
        'transport FILE good.st' 'transport good.st FILE' 'tsne FILE -o not-made -p 1' \
        'wasserstein FILE good.st' 'wasserstein good.st FILE'; do
        # shellcheck disable=SC2046 # words are wanted
        OMP_NUM_THREADS=1 gan-eval $(echo "$command" | sed "s/FILE/$file/") -t feature,or \
            >../out 2>../err </dev/null
        if [ $? != 1 ] || [ "$(wc -l <../err)" != 1 ] || [ -s ../out ] || [ -e not-made ] ||
            ! grep -q "^gan-eval: .*$file" ../err || ! grep -Eq "$message" ../err; then
            echo "$command: expected $message" >>../err
            missed=1
            break
        fi
    done
    check $missed "metrics of rows refuse $file"
done <<END
empty.st this is empty, expected a tensor stream
nan.st row 2 of 'feature' holds -?nan .element 1., expected finite numbers
vast.st row 2 of 'feature' holds -1[.1]*e.4[56] .element 1., expected finite numbers up to 1e38
point.st frame 1: tensor 'feature' is a single number, not rows
bare.st rows of 'feature' are empty
none.st no rows|has no rows|no pairs|more rows than none.st|ends after 0 rows
other.st no tensor 'feature,or' in the first frame .it holds: one, two.
lost.st frame 2 has no tensor 'feature'
grown.st frame 2: 'feature' is F32 .4,3., before it was F32 .4,2.
turned.st frame 2: 'feature' is F64 .4,2., before it was F32 .4,2.
cut.st frame 1, byte 20: header cut short
short.st frame 1, byte [0-9]*: data cut short
END
finish
