#!/bin/sh
# Stacked digits and what goes with them: samples put together, modes counted by labels, a classifier
# that judges samples, and the games of stacked.gan.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

elements() { # elements STREAM TENSOR TYPE BYTES WIDTH: rows of a tensor
    gan-data to-npy -n "$2" "$1" | tail -c +129 | od -An -v -w$(($4 * $5)) -t "$3$4"
}

# --- gan-data stack: pixel p of sample i is 10i + p, its label i ---
quiet gan-data stack --help && grep -q '^usage: gan-data stack' out
check $? 'stack --help'
quiet gan-data stack -k 0 x.st
[ $? = 2 ] && grep -q -- '--depth' err
check $? 'a depth of 0 is wrong usage'
pixels=$(for i in 0 1 2 3 4; do for p in 0 1 2 3; do printf '%s,' $((10 * i + p)); done; done)
frame one.st "image:U8:5,2,2,1:${pixels%,}" label:I64:5:0,1,2,3,4 point:F32:5,2:0,0.5,1,1.5,2,2.5,3,3.5,4,4.5 \
    weight:F64:5:0,1,2,3,4 '@gan.classes=[]' '@of=mine'
gan-data stack one.st -k 2 -n 400 --seed 3 -o two.st 2>err
gan-data info two.st >out
grep -q 'image .*\[N,2,2,2\]' out && grep -q 'label .*\[N\]' out && grep -q 'point .*\[N,4\]' out &&
    grep -q 'weight .*\[N,2\]' out && grep -q ' 400 samples' out
check $? 'parts are side by side, labels one number'
elements two.st image u 1 8 >image
elements two.st label d 8 1 >label
elements two.st point f 4 4 >point
elements two.st weight f 8 2 >weight
paste image label point weight | awk '
    { a = int($9 / 5); b = $9 % 5; seen[$9]++
      for (p = 0; p < 4; p++) if ($(1 + 2 * p) != 10 * a + p || $(2 + 2 * p) != 10 * b + p) bad = 1
      if ($10 != a || $11 != a + 0.5 || $12 != b || $13 != b + 0.5 || $14 != a || $15 != b) bad = 1 }
    END { for (i in seen) { kinds++; if (seen[i] < 4 || seen[i] > 40) bad = 1 } exit bad || NR != 400 || kinds != 25 }'
check $? 'each is two of the stream, all pairs about equally often'
[ "$(gan-data info two.st -m of)" = mine ] && ! gan-data info two.st -m gan.classes >out 2>err
check $? 'metadata stays, but for the names of classes'
gan-data stack one.st -k 2 -n 50 --seed 3 --frame 7 | gan-data cat --frame 50 >few.st
gan-data head -n 50 two.st | gan-data cat --frame 50 | alike - few.st
check $? 'a sample depends on neither count nor frames'
# shellcheck disable=SC2002 # a pipe is what is tested
cat one.st | gan-data stack -k 2 -n 400 --seed 3 2>err | alike - two.st
check $? 'a pipe gives the same'
gan-data stack one.st -k 2 -n 400 --seed 4 | alike - two.st
[ $? = 1 ]
check $? 'another seed, other pairs'
gan-data stack one.st --classes 10 -o base.st && elements base.st label d 8 1 | awk '
    $1 > 444 { bad = 1 } { for (v = $1; v >= 1; v = int(v / 10)) if (v % 10 > 4) bad = 1 } END { exit bad || NR != 5 }'
check $? 'three at a time, as many as there are, to the base 10'
tool=gan-data
refuses 1 'one.st: sample 4 has the label 4, expected 0 to 3' 'a label beyond the base' stack one.st --classes 4 -k 5 -n 10 -o x.st
refuses 1 '10 classes to the power of 19 are too many' 'labels too large' stack one.st --classes 10 -k 19 -o x.st
frame minus.st image:U8:1,1,1,1:0 label:I64:1:-1
refuses 1 'minus.st: sample 0 has the label -1, expected at least 0' 'a label below 0' stack minus.st -o x.st
frame none.st image:U8:0,1,1,1:
refuses 1 'none.st: the stream holds no samples' 'no samples' stack none.st -o x.st

# --- gan-eval labels ---
frame l.st label:I64:4:0,0,1,3
quiet gan-eval labels l.st
[ "$(value labels.captured)" = 3 ] && grep -q 'of=4' out
check $? 'labels: classes that occur, of as many as the highest tells'
holds "($(value labels.kl) - 0.5 * log(2))^2 < 1e-20" 'labels: divergence from equal shares'
quiet gan-eval labels l.st --classes 8
holds "($(value labels.kl) - 1.5 * log(2))^2 < 1e-20" 'labels: of 8 classes'
quiet gan-eval labels l.st --least 2
[ "$(value labels.captured)" = 1 ]
check $? 'labels: that occur twice'
frame q.st label:I64:8:0,1,1,1,2,3,3,3
quiet gan-eval labels l.st --against q.st
holds "($(value labels.kl) - (0.5 * log(4) + 0.5 * log(0.25 * 8/3)))^2 < 1e-20" 'labels: divergence from other samples'
quiet gan-eval labels q.st --against l.st
[ "$(value labels.kl)" = inf ]
check $? 'labels: infinite where those have none'
# the largest of two and of two: 1 0, 0 1, 1 1, 0 0 in binary
frame g.st logits:F32:5,4:0,1,1,0,3,2,0,1,-2,-1,5,6,1,1,1,1,1,0,0,2
quiet gan-eval labels g.st --groups 2
[ "$(value labels.captured)" = 4 ] && grep -q 'of=4' out
check $? 'labels: groups of logits'
holds "($(value labels.kl) - (3 * 0.2 * log(0.8) + 0.4 * log(1.6)))^2 < 1e-20" 'labels: and their divergence'
quiet gan-eval labels g.st
[ "$(value labels.captured)" = 3 ]
check $? 'labels: one group of four'
frame h.st label:I64:4:2,1,3,0
quiet gan-eval labels g.st --groups 2 --against h.st
holds "($(value labels.kl) - (3 * 0.2 * log(0.8) + 0.4 * log(1.6)))^2 < 1e-20" 'labels: logits against labels'
tool=gan-eval
refuses 1 '4 logits a row are no 3 groups' 'labels: groups that do not divide' labels g.st --groups 3
refuses 1 'l.st: row 3: label 3, expected 0 to 2' 'labels: a label too high' labels l.st --classes 3
refuses 1 'are of 4 classes, --classes says 5' 'labels: classes that logits do not have' labels g.st --classes 5
frame f.st label:I64:0:
refuses 1 'f.st: no rows' 'labels: none' labels f.st
stream logits:F32:1,1:0.5 >f.st
refuses 1 'row 0: label 0.5' 'labels: no whole number' labels f.st

# --- the classifier ---
judge="$scripts/networks/classifier.gan -D nf=8 -D features=32"
gan-data make digits -n 3000 --seed 1 -o digits.st
gan-data make digits -n 500 --seed 2 -o test.st
# shellcheck disable=SC2086 # several words
gan-init $judge -D steps=150 --seed 1 -o judge.st
gan-data batch digits.st --size 50 --shuffle --endless 2>/dev/null | gan-step -q judge.st --until 150
gan-data batch digits.st --size 100 --shuffle | gan-step -q judge.st --statistics logits 2>err
gan-sample judge.st -i test.st feature=feature logits=logits -o told.st 2>err
gan-data info told.st >out 2>err && grep -q 'feature .*\[N,32\]' out && grep -q 'logits .*\[N,10\]' out
check $? 'classifier: its values are named feature and logits'
quiet gan-eval accuracy told.st
holds "$(value accuracy) > 0.9" 'classifier: 150 steps on made digits'
# shellcheck disable=SC2086
gan-init $judge -D parts=2 --from judge.st -o judges.st 2>err
gan-data stack digits.st -k 2 -n 500 --seed 5 -o pairs.st
gan-sample judges.st -i pairs.st logits=logits feature=feature -o told.st 2>err
gan-data info told.st >out 2>err && grep -q 'feature .*\[N,64\]' out && grep -q 'logits .*\[N,20\]' out
check $? 'classifier: parts of pictures'
elements told.st logits f 4 20 | awk '{ a = 1; b = 11; for (i = 2; i <= 10; i++) { if ($i > $a) a = i; if ($(10 + i) > $b) b = 10 + i }
    print 10 * (a - 1) + b - 11 }' >said
elements pairs.st label d 8 1 | paste - said | awk '$1 == $2 { n++ } END { exit !(n > 0.8 * NR && NR == 500) }'
check $? 'classifier: and names both digits'

"$scripts/networks/classifier.sh" --small small --steps 10 --samples 100 >out 2>err &&
    "$scripts/networks/classifier.sh" --small small --steps 20 --samples 100 >out 2>err
[ "$(gan-data info small/classifier.st -m gan.step)" = 20 ] && [ -s small/curve.png ] &&
    [ "$(awk -F'\t' '$1 == "accuracy.class" { for (i = 3; i <= NF; i++) if (sub("^n=", "", $i)) n += $i } END { print n }' small/accuracy.tsv)" = 100 ]
check $? 'classifier.sh, and on'
gan-data head -n 120 digits.st | gan-data export -l folders 2>/dev/null
"$scripts/networks/classifier.sh" --size 16 -D channels=1 -D nf=4 folders trained --steps 5 >out 2>err
[ "$(gan-data info trained/data.st trained/test.st | grep -c ' 108 samples\| 12 samples')" = 2 ] &&
    gan-data info trained/test.st | grep -q '\[N,16,16,1\]' && grep -q '^test images classified rightly' out
check $? 'classifier.sh of a folder with a subfolder for each class'
gan-data export -n 20 plain digits.st 2>/dev/null
"$scripts/networks/classifier.sh" plain not --steps 5 >out 2>err
[ $? = 1 ] && grep -q 'sub-folder' err
check $? 'classifier.sh refuses one without'

gan-data stack digits.st -n 2000 -k 2 --seed 1 -o data.st
play() { # play NAME PAGE BATCH STEPS OPTION...
    name=$1 page=$2 batch=$3 steps=$4
    shift 4
    gan-init "$page" -D digits=2 "$@" --batch "$batch" --seed 3 -o "$name.st" 2>err &&
        gan-data batch data.st --size "$batch" --shuffle --seed 3 --endless |
        gan-step "$name.st" -q -n "$steps" --log "$name.tsv" 2>>err
}
picture() { gan-sample "$1" -n 5 2>err | md5sum; }
# m = 1 and k = 0 are the game without packs and without looking ahead, to the bit
sed 's/pack(\(x\|G(z)\), m)/\1/; s/ahead(/D(/' "$scripts/image/stacked.gan" >plain.gan
play whole "$scripts/image/stacked.gan" 32 5 -D nf=4
play plain plain.gan 32 5 -D nf=4
[ -s whole.st ] && [ "$(picture whole.st)" = "$(picture plain.st)" ]
check $? 'stacked with m=1 and k=0 is the plain game'
play packs "$scripts/image/stacked.gan" 32 5 -D nf=4 -D m=2
[ -s packs.st ] && [ "$(picture packs.st)" != "$(picture plain.st)" ]
check $? 'with m=2 it is another'
for k in 0 1; do play ahead$k "$scripts/image/stacked.gan" 16 3 -D nets=small -D k=$k -D cost=minimax; done
[ "$(gan-data info ahead1.st -m gan.step)" = 3 ] && ! grep -qi nan ahead1.tsv &&
    [ "$(picture ahead0.st)" != "$(picture ahead1.st)" ]
check $? 'looking an update ahead is another, and plays'
quiet gan-init "$scripts/image/stacked.gan" -D m=3 --batch 64 -o x.st
[ $? = 1 ] && grep -q 'blocks/minibatch.gan:.*whole number' err
check $? 'a minibatch that packs do not divide is refused'

# --- the recipe ---
quiet "$scripts/image/stacked.sh" --arms none out-none --small --samples 50 --steps 1
[ $? = 2 ] && grep -q "^stacked.sh: --arms: expected of dcgan,.*, found 'none'" err && [ ! -e out-none ]
check $? 'stacked.sh refuses an unknown arm'
for steps in 2 4; do
    "$scripts/image/stacked.sh" --small -D nf=4 --arms dcgan,pac2,half-1 --steps $steps --samples 200 arms >out 2>err
done
[ "$(cut -f1 arms/table.tsv | tr '\n' ' ')" = 'arm real dcgan pac2 half-1 ' ] && cat arms/table.tsv >want &&
    head -5 out | alike - want && [ -s arms/pac2.png ]
check $? 'stacked.sh: a table of the arms'
[ "$(for f in arms/dcgan.st arms/pac2.st arms/half-1.st; do gan-data info $f -m gan.step; done | sort -u)" = 4 ]
check $? 'stacked.sh goes on'
finish
