#!/bin/sh
# gan-eval --by: figures of each class and their mean, which are those of the class picked out.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"
rows_of() { # rows_of CLASS COUNT
    perl -e 'print join ",", grep { $_ % 3 == $ARGV[0] } 0 .. $ARGV[1] - 1' "$1" "$2"
}
# figure_of LINE CLASS: from out
figure_of() { awk -F'\t' -v l="$1" -v c="class=$2" '$1 == l && $3 == c { print $2 }' out; }
for c in 0 1 2; do rows_of $c 90 >rows$c; done
# divided STREAMS METRIC LINE ARGUMENT...: by class it is what the picked rows give, and the mean that of three
divided() {
    streams=$1 metric=$2 line=$3
    shift 3
    : >want
    for c in 0 1 2; do
        picked=
        for s in $streams; do
            gan-data pick "$s.st" --rows rows$c >"$s$c.st"
            picked="$picked $s$c.st"
        done
        # shellcheck disable=SC2086
        figure "$line" "$metric" $picked "$@" >>want
    done
    # shellcheck disable=SC2046
    gan-eval "$metric" $(printf '%s.st ' $streams) "$@" --by label >out 2>err
    for c in 0 1 2; do figure_of "$line.class" $c; done >got
    awk -F'\t' -v l="$line.mean" '$1 == l { print $2, $3 }' out >mean
    alike want got && [ "$(grep -c . got)" = 3 ] &&
        perl -e 'open W, "want"; $s += $_ for <W>; open M, "mean"; ($m, $n) = split " ", <M>;
            exit !($n eq "classes=3" && abs($m - $s / 3) <= 1e-12 * (1 + abs $m))'
    check $? "$metric: each class, and the mean"
}
label=$(perl -e 'print join ",", map { $_ % 3 } 0 .. 89')
frame a.st feature:F32:90,2:"$(numbers 1 180 '2 * rand() + int($_ / 2) % 3')" label:I64:90:"$label" \
    image:U8:90,16,16,1:"$(numbers 3 23040 'int 256 * rand')"
frame b.st feature:F32:90,2:"$(numbers 2 180 'rand() + int($_ / 2) % 3')" label:I64:90:"$label" \
    image:U8:90,16,16,1:"$(numbers 4 23040 'int 256 * rand')"
divided 'a b' fid fid
divided 'a b' kid kid --size 20 --subsets 3
divided 'a b' prdc prdc.recall
divided 'a b' mmd mmd
divided 'a b' wasserstein wasserstein --directions 20
divided 'a b' transport transport
divided 'a b' parzen parzen --sigma 0.5 --tensor feature
divided 'a b' swd swd --patches 8 --directions 8
divided 'a b' lpips lpips
divided 'a b' mse mse
divided 'a b' psnr psnr.pooled
divided 'a b' ms-ssim ms-ssim
divided a diversity diversity
divided a moments moments.distance --tensor feature
divided a inception inception --tensor feature --splits 3
divided a ms-ssim ms-ssim --pairs 10
steady 'by class' fid a.st b.st --by label
gan-eval fid a.st b.st --by label >want 2>err
gan-data cat --frame 7 a.st >cut.st
gan-eval fid - b.st --by label <cut.st >got 2>err
same want got 'other frames, from a pipe'
gan-data make digits -n 60 --seed 1 >digits.st
gan-data make digits -n 60 --seed 2 >others.st
printf '%s\n' 'data image: image[28, 28, 1]' 'net F(x) = x | conv(2, 3, stride=4) | relu | flatten | linear(3)' \
    'let feature = F(image)' 'player F: adam(0.1) minimizes mean(feature^2)' 'sample feature' >small.gan
gan-init small.gan -o small.st 2>err
for s in digits others; do gan-sample small.st feature=feature -i $s.st >$s-features.st 2>err; done
gan-eval fid digits.st others.st --net small.st --by label >out 2>err
cut -f1-3 out >want
gan-eval fid digits-features.st others-features.st --by label >out 2>err
cut -f1-3 out | paste want - | awk -F'\t' '$1 == "fid.class" { n++ }
    $1 == "fid.class" && ($2 / $5 - 1) ^ 2 > 1e-10 { bad = 1 }
    END { exit !(n >= 5 && !bad) }'
check $? 'images through a network: those of its features'

# logits, and labels in other tensors
frame logits.st logits:F32:4,2:1,0,1,0,0,1,1,0 label:I64:4:0,0,1,1 group:F32:4,2:1,0,0,1,1,0,0,1
gan-eval accuracy logits.st --by group >out 2>err
[ "$(cut -f1-3 out | tr '\t\n' ' ;')" = \
    'metric value parameters;accuracy.class 1 class=0;accuracy.class 0.5 class=1;accuracy.mean 0.75 classes=2;' ]
check $? 'accuracy: of groups told by one-hot numbers, without its own classes'

# names, and classes that are not in both
frame two.st feature:F32:6,1:0,1,2,3,4,5 label:I64:6:0,0,1,1,7,7 '@gan.classes=[\"cat\",\"dog\"]'
frame three.st feature:F32:6,1:0,1,2,3,4,5 label:I64:6:0,0,1,1,-2,-2
gan-eval fid two.st three.st --by label >out 2>err
[ "$(cut -f1,3,4 out | sed 1d | tr '\t\n' ' ;')" = \
    'fid.class class=0 name=cat;fid.class class=1 name=dog;fid.mean classes=2 missing=-2,7;' ]
check $? 'classes have their names, those left out are in the mean'
[ "$(grep left err)" = 'gan-eval: warning: classes are left out: -2, not in two.st; 7, not in three.st' ]
check $? 'and it is said which stream lacks them'
frame other.st feature:F32:2,1:0,1 label:I64:2:0,0 '@gan.classes=[\"dog\",\"cat\"]'
refuses 1 "class 0 is 'cat' in two.st, and 'dog' in other.st" 'other names' fid two.st other.st --by label
frame none.st feature:F32:2,1:0,1 label:I64:2:5,5
refuses 1 'no class is in all streams: 0 (cat), not in none.st; 1' 'nothing in common' fid two.st none.st --by label
frame single.st feature:F32:3,1:0,1,2 label:I64:3:0,0,1
refuses 1 'class 1: single.st: 1 rows, a covariance needs' 'a class that is too small, and no figure of others' \
    fid two.st single.st --by label
frame bare.st feature:F32:6,1:0,1,2,3,4,6
refuses 1 "bare.st: no label tensor 'label'" 'sets without labels' fid two.st bare.st --by label
frame half.st feature:F32:2,1:0,1 label:F32:2:0,0.5
refuses 1 "half.st: row 1: label 'label' is 0.5, expected a whole number" 'half a label' fid half.st half.st --by label
frame nan.st feature:F32:2,1:0,nan label:I64:2:1,0
refuses 1 "class 0: nan.st: row 1 of 'feature' holds -*nan" 'a row is called by its number in the stream' moments nan.st --by label

# pairs: the labels of one are those of both
gan-eval lpips two.st bare.st --by label 2>err | cut -f2 >want
gan-eval lpips bare.st two.st --by label 2>err | cut -f2 >out
[ "$(paste -sd' ' want)" = 'value 0 0 0.5 0.16666666666666666' ] && alike want out
check $? 'pairs: one of the two has labels'
refuses 1 'row 4 is of class 7 in two.st, and -2 in three.st' 'pairs of different classes' lpips two.st three.st --by label
gan-data head -n 5 bare.st >five.st
refuses 1 'two.st has more rows than five.st' 'pairs without a partner' lpips two.st five.st --by label
refuses 2 'unknown option --by' 'not of every metric' knn two.st two.st --by label
refuses 2 '--by and --validation exclude each other' 'not with other streams' parzen two.st two.st --by label --validation two.st
finish
