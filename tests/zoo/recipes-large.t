#!/bin/sh
# Recipes of large image models, of their latents and of checkerboards end to end, each in a tiny version.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

gan-data make shapes -n 200 --size 32 | gan-data export pictures 2>/dev/null
for steps in 1 2; do
    recipe checkerboard pictures board -D size=32 -D nf=4 --seeds 1 --arms one,none --steps $steps
    check $? "checkerboard"
done
[ "$(step_of board/one.st)" = 2 ] && left board one-before.png one.png overlap.png && [ "$(wc -l <board/result.tsv)" = 3 ] &&
    awk -F'\t' 'NF != 16 { exit 1 }' board/result.tsv
check $? "goes on, and has shares of G and D before and after"

recipe dream --small dream && left dream fixed.png jitter-slope.png && [ "$(wc -l <dream/result.tsv)" = 3 ]
check $? "dream"
for steps in 4 8; do recipe transfer --small transfer --steps $steps; done
[ "$(step_of transfer/nearest.st)" = 8 ] && left transfer deconv3-before.png nearest.png && [ "$(wc -l <transfer/result.tsv)" = 4 ]
check $? "transfer"
recipe transfer pictures transfer2 --net transfer/vgg.st --style pictures/000000.png --batch 2 --steps 2 --arms smooth \
    -D size=32 -D nf=8 -D maps=4 -D blocks=1 && left transfer2 smooth.png
check $? "transfer from pictures"

recipe stylegan2 --small stylegan2 --steps 1 --samples 30 --arms Eo && [ "$(step_of stylegan2/Eo.st)" = 1 ] &&
    left stylegan2 Eo-curve.png Eo-psi.png Eo-mixed.png Eo.png Eo-walk.png && awk -F'\t' 'NF != 12 { exit 1 } END { exit NR != 2 }' stylegan2/result.tsv
check $? "stylegan2"
recipe stylegan2 pictures faces --size 16 --batch 4 --steps 2 --samples 30 --arms F -D base=64 -D most=8 -D nz=8 -D layers=2 &&
    left faces F-walk.png F-mixed.png && [ "$(wc -l <faces/result.tsv)" = 2 ]
check $? "stylegan2 of pictures"
recipe stylegan2 pictures blind --judge faces/F.st
[ $? = 1 ] && grep -q 'faces/F.st: its page has no feature' err
check $? "by features that there are"
recipe stylegan2 pictures single --size 16 --batch 4 --steps 1 --samples 1 --arms F -D base=64 -D most=8 -D nz=8 -D layers=2 &&
    [ "$(awk -F'\t' 'NR == 2 { print $8 }' single/result.tsv)" = - ]
check $? "no distance from one sample"
# A, and B grown from 8x8: two minibatches of 8 pictures, then four of 4 while layers come in and four after that
recipe stylegan2 pictures growing --size 16 --batch 8,4 --grow --pictures 16 --epochs 1 --steps 12 --samples 30 --arms A,B -D base=64 -D most=8 -D nz=8 -D layers=2 -D pl=1 &&
    [ "$(step_of growing/A-8.st)" = 2 ] && [ "$(step_of growing/B-8.st)" = 2 ] && [ "$(step_of growing/B.st)" = 12 ] && left growing A-8.png B-psi.png A-mixed.png &&
    awk -F'\t' 'NF == 12 { n++ } $1 == "A" { good = $11 == "-" && $3 < 1000 } END { exit !(good && n == 3) }' growing/result.tsv
check $? "stylegan2's configurations A and B, which grow"
gan-init --continue growing/B.st --plan 2>>err | grep -q 'D.rgb8.0' && gan-data info growing/B.st --meta gan.settings | grep -q 'fade=4'
check $? "from what they were at the size before"
recipe stylegan2 pictures whole --size 16 --batch 4 --steps 2 --samples 30 --arms A -D base=64 -D most=8 -D nz=8 -D layers=2 -D pl=1 &&
    [ "$(step_of whole/A.st)" = 2 ] && [ ! -e whole/A-8.st ]
check $? "or do not"
recipe stylegan2 pictures growing2 --grow --few 4
[ $? = 2 ] && grep -q -e '--few: not with --grow' err
check $? "of all pictures"
for more in --grow '--arms F,A'; do
    # shellcheck disable=SC2086 # words
    recipe stylegan2 pictures growing2 $more -D classes=2
    [ $? = 2 ] && grep -q 'classes, height and width: not with --grow, nor with configuration A' err
    check $? "without classes, $more"
done
recipe stylegan2 pictures wide --size 16 --batch 4 --steps 2 --samples 30 --arms Eo -D height=8 -D base=64 -D most=8 -D nz=8 -D layers=2 &&
    gan-data info -s wide/data.st | grep -q '\[N,8,16,3\]' && [ "$(wc -l <wide/result.tsv)" = 2 ]
check $? "stylegan2 of pictures that are not square"
# growing goes on inside a level and from level to level, and ends as it does in one go
small='-D most=8 -D nz=8'
for steps in 3 5 8 15 99; do
    # shellcheck disable=SC2086
    recipe pggan pictures grown --size 8 --batch 4 --pictures 20 --samples 30 --steps $steps $small
    check $? "pggan, until step $steps"
done
# shellcheck disable=SC2086
recipe pggan pictures once --size 8 --batch 4 --pictures 20 --samples 30 --arms grown,whole $small &&
    [ "$(step_of once/level-4.st)" = 5 ] && [ "$(step_of once/level-8.st)" = 10 ] && [ "$(step_of once/whole.st)" = 15 ] && left once whole.png level-8.png
check $? "pggan in one go"
for level in 4 8; do same grown/level-$level.st once/level-$level.st "has the same level of $level"; done
# shellcheck disable=SC2086
recipe stylegan pictures style --size 16 --batch 8,4 --pictures 16 --samples 30 $small -D layers=2 &&
    [ "$(step_of style/level-8.st)" = 2 ] && [ "$(step_of style/level-16.st)" = 8 ] && left style mixed.png level-16.png &&
    awk -F'\t' '$1 == 16 { exit !($7 > 0) }' style/result.tsv
check $? "stylegan, with a minibatch for each level"
recipe styles style/level-16.st looked --pairs 20 --samples 30 --pictures style/data-16.st --psi 1,.5 --crop &&
    left looked truncation.png && [ "$(wc -l <looked/truncation.tsv)" = 3 ] && [ "$(wc -l <looked/droplets.tsv)" = 4 ] && [ ! -e looked/shares.tsv ] &&
    awk -F'\t' 'NR > 1 && !($3 > 0) { exit 1 } END { exit NR != 5 }' looked/ppl.tsv
check $? "styles of it"
page judge16.st classifier -D size=16 -D channels=3 -D nf=2 -D features=8
recipe stylegan2 pictures few --size 16 --batch 4 --steps 2 --samples 30 --few 40 --judge judge16.st --arms Fa -D base=64 -D most=8 -D nz=8 -D layers=2 &&
    gan-data info few/learnt.st | grep -q ' 40 samples' && awk -F'\t' 'NR == 2 { exit $8 == "" }' few/result.tsv &&
    gan-data info few/Fa.st | grep -q adaptive.p
check $? "stylegan2 of few pictures, by features"
recipe styles few/Fa.st looked2 --pairs 20 --samples 30 --judge judge16.st && [ ! -e looked2/truncation.tsv ] &&
    awk -F'\t' 'NR > 1 { sum += $3 } END { exit !(NR == 4 && sum > .99 && sum < 1.01) }' looked2/shares.tsv && left looked2 noise.png walk.gif &&
    awk -F'\t' 'NR > 1 && !($2 > 0 && $3 > $2) { exit 1 } END { exit NR != 9 }' looked2/noise.tsv
check $? "styles of that, by features"
# pictures of 512x512 are looked at as means of 2x2 pixels
page big.st stylegan2 -D size=512 -D base=512 -D most=2 -D nz=4 -D layers=1 -D noise=none -D g=orig && recipe styles big.st looked3 --pairs 4 --samples 2 &&
    gan-sample big.st --float -n 4 --seed 1 image='avgpool(Ga(same(Fa(z))), 2)' -o at.st 2>>err &&
    gan-sample big.st --float -n 4 --seed 1 image='avgpool(Ga(same(Fa(z) + 1e-4*(Fa(z2) - Fa(z)))), 2)' -o beyond.st 2>>err &&
    gan-eval ppl at.st beyond.st 2>>err >out
holds "$(value ppl) > 0" "a path is long"
awk -F'\t' '$1 == "w" && $2 == "end" { print $3 }' looked3/ppl.tsv >found
near found 1e-3 "styles of large pictures" "$(value ppl)"
gan-data video looked3/walk.gif --length 113 2>>err | gan-data info -s 2>>err >out
grep -q '\[N,113,256,256,3\]' out
check $? "a film of styles on the way"
recipe styles judge16.st none
[ $? = 1 ] && grep -q 'judge16.st: expected a checkpoint of stylegan.gan or stylegan2.gan' err
check $? "which a classifier has none of"
mkdir classes classes/a classes/b
for i in 0 1 2 3 4 5 6 7 8 9; do cp pictures/0000$i*.png classes/a; cp pictures/0001$i*.png classes/b; done
recipe stylegan2 classes faces-of --size 16 --batch 4 --steps 2 --samples 30 --arms F -D base=64 -D most=8 -D nz=8 -D layers=2 -D classes=2 &&
    left faces-of F-classes.png && [ "$(wc -l <faces-of/result.tsv)" = 2 ]
check $? "stylegan2 of classes"
recipe biggan classes biggan --size 32 --batch 8 --steps 2 --samples 40 -D ch=2 && [ "$(step_of biggan/run.st)" = 2 ] &&
    left biggan curve.png singular.png truncation-none.png truncation-0.04.png && [ "$(wc -l <biggan/truncation.tsv)" = 9 ]
check $? "biggan"
recipe biggan classes arms --size 32 --batch 8 --steps 2 --samples 40 -D ch=2 --arms whole,unshared,first,free,quarter --seeds 2 &&
    left arms whole-1.png quarter-2.png && awk -F'\t' 'NR > 1 { n++; games += $6 } END { exit !(n == 5 && games == 10) }' arms/arms.tsv &&
    gan-data info arms/unshared-1.st --meta gan.settings | grep -q shared=0 && gan-data info arms/free-2.st --meta gan.settings | grep -q ortho=0
check $? "biggan, what is left out in turn"
recipe biggan classes stopped --size 32 --batch 8 --steps 2 --samples 40 -D ch=2 -D stop_loss=0.001 && [ "$(step_of stopped/run.st)" = 0 ] &&
    grep -q 'the page stops the game after step 1' err && [ "$(wc -l <stopped/truncation.tsv)" = 9 ]
check $? "biggan, which its page stops"
recipe invert --small invert --samples 600 --walks 12 --steps 3 && left invert glasses-w.png pose-z.png inverted.png samples.png &&
    awk -F'\t' '$1 == 3 { exit !($2 > .0015 && $2 < .004) }' invert/chance.tsv && [ "$(wc -l <invert/accuracy.tsv)" = 9 ] && [ "$(wc -l <invert/edits.tsv)" = 9 ] && [ "$(wc -l <invert/inverted.tsv)" = 9 ]
check $? "invert"
# two arms of few steps, the second time where the first has ended
recipe project faces/F.st projected --pictures faces/data.st --count 4 --steps 5 --arms w-none,wplus &&
    recipe project faces/F.st projected --pictures faces/data.st --count 4 --steps 5 --arms w-loose,wplus &&
    [ "$(step_of projected/wplus-own.st)" = 5 ] && [ "$(step_of projected/w-none-own.st)" = 5 ] && left projected wplus.png w-loose.png &&
    awk -F'\t' 'NF != 8 { exit 1 } END { exit NR != 3 }' projected/result.tsv
check $? "project"
[ "$(values projected/wplus-own.st F.centre f)" = "$(values faces/F.st Fa.centre f)" ] && values faces/F.st Fa.centre f | grep -q '[1-9]'
check $? "project: the mean style stays as it is"
page vgg.st vgg16 -D nf=2 -D classifier=0 -D size=32
recipe project faces/F.st projected3 --pictures faces/data.st --count 4 --steps 3 --net vgg.st && left projected3 w-lpips.png wplus-lpips.png &&
    awk -F'\t' 'NR > 1 && !($7 > 0 && $8 > 0) { exit 1 } END { exit NR != 3 }' projected3/result.tsv
check $? "project by features"
recipe project faces/F.st projected4 --pictures faces/data.st --arms w-lpips
[ $? = 2 ] && grep -q 'expected --net FILE for features' err
check $? "which a network has"
recipe project faces/F.st projected --pictures faces/data.st --count 4 --steps 6 --arms wplus
[ $? = 1 ] && grep -q 'take another OUT' err
check $? "whose schedule is of so many steps"
recipe project --small projected2 --steps 2 --count 4 && [ "$(step_of projected2/run.st)" = 2 ]
check $? "project of what has learnt nothing"
recipe attributes --small attributes --steps 2 --held 40 && [ "$(step_of attributes/run.st)" = 2 ]
check $? "attributes, of few steps"
recipe attributes attributes/test.st told --names pose,size,hue,glasses --held 10 --batch 8 --epochs 1 -D size=16 -D seen=32 -D nf=2 &&
    left told curve.png && [ "$(step_of told/run.st)" = 3 ] && awk -F'\t' 'NF != 3 || NR > 1 && $2 !~ /^[0-9.]*$/ { exit 1 } END { exit NR != 6 }' told/result.tsv
check $? "attributes of a stream"
cat >blocks.gan <<'EOP'
data  x: image[16, 16, 3]
noise z: normal[4]
init normal(0, 1)
net G(z) = z | linear(4*4*3) | reshape(4, 4, 3) | upsample(4) | tanh
sample G(z)
EOP
gan-init blocks.gan -o blocks.st 2>err && page judge.st portraits && gan-sample blocks.st -n 3 --seed 5 -o three.st 2>>err &&
    recipe invert blocks.st inverted --judge judge.st --names pose,size,hue,glasses --pictures three.st --samples 300 --walks 8 --steps 100 &&
    left inverted hue-z.png inverted.png && [ "$(wc -l <inverted/accuracy.tsv)" = 5 ] &&
    awk -F'\t' '$1 == "own" { exit !($2 > 30) }' inverted/inverted.tsv
check $? "invert of another page"
finish
