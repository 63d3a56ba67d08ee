#!/bin/sh
# The recipes end to end, each in a tiny version: they leave what they promise, and go on when they are
# run again.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# --- help, usage ---
for script in "$scripts"/*/*.sh; do
    name=$(basename "$script" .sh)
    recipe "$name" --help && grep -q "^$name.sh \[OPTION\]" out && [ ! -s err ]
    check $? "$name --help"
    recipe "$name" --no-such-option x y
    [ $? = 2 ] && [ "$(cat err)" = "$name.sh: unknown option --no-such-option (see $name.sh --help)" ]
    check $? "$name refuses an unknown option"
done

# --- tags ---
recipe cgan-tags --small tags --steps 5
check $? "cgan-tags"
recipe cgan-tags --small tags --steps 10 && [ "$(step_of tags/run.st)" = 10 ] && left tags run.tsv curve.png tags.tsv
check $? "goes on"

# --- digits by class ---
recipe cgan --small digits --steps 20 --samples 200
check $? "cgan"
recipe cgan --small digits --steps 30 --samples 200 &&
    [ "$(step_of digits/run.st)" = 30 ] && left digits best.st samples.png curve.png &&
    [ "$(cut -f1 digits/scores.tsv | tr '\n' ' ')" = 'step 0 20 30 ' ]
check $? "goes on, and has scored each stage once"
best=$(awk 'NR > 1 && (NR == 2 || $2 > s) { s = $2; b = $1 } END { print b }' digits/scores.tsv)
[ "$(step_of digits/best.st)" = "$best" ]
check $? "the checkpoint kept is the one of the best score"

# --- DCGAN ---
gan-data make shapes -n 1000 --size 32 | gan-data export pictures 2>/dev/null
recipe dcgan pictures dcgan -D size=32 -D nf=8 --steps 10
check $? "dcgan"
recipe dcgan pictures dcgan -D size=32 -D nf=8 --steps 20 &&
    [ "$(step_of dcgan/run.st)" = 20 ] &&
    left dcgan samples.png walk.png arithmetic.png filters.png curve.png
check $? "goes on"
recipe dcgan-inside dcgan inside --samples 300 &&
    left inside inside.png forgotten.png
check $? "dcgan-inside"
[ "$(find inside/draw -name '*.png' | wc -l)" = 150 ]
check $? "leaves pictures to draw on"
mkdir masks
{
    printf 'P5 32 32 255\n'
    head -c 512 /dev/zero
    head -c 512 /dev/zero | tr '\000' '\377'
} >masks/000
for i in $(seq 100 248); do cp masks/000 "masks/$i"; done
recipe dcgan-inside --masks masks dcgan drawn --samples 300 &&
    left drawn forgotten.png && grep -q '^maps dropped: [1-9]' out
check $? "with masks drawn, here over the lower half"

# --- the other pages ---
recipe dcgan-mnist --small cond --steps 10 --samples 150
check $? "dcgan-mnist"
recipe dcgan-mnist --small cond --steps 20 --samples 150 &&
    [ "$(step_of cond/run.st)" = 20 ] && left cond samples.png
check $? "goes on"
recipe dcgan-imagenet32 --small wide -D nf=2 --steps 10 --samples 200
check $? "dcgan-imagenet32"
recipe dcgan-imagenet32 --small wide -D nf=2 --steps 20 --samples 200 &&
    [ "$(step_of wide/run.st)" = 20 ] && left wide samples.png
check $? "goes on"
recipe dedup pictures unique --size 16 --steps 100 &&
    left unique unique.st && gan-data info unique/unique.st | grep -q '\[N,16,16,3\]'
check $? "dedup"
cp pictures/000007.png pictures/again.png
recipe dedup pictures unique2 --steps 100
grep -q '[1-9][0-9]* of 1001 samples are duplicates' err
check $? "finds a picture that is there twice"

# --- videos: more of them in tests/long/recipes-clips.t ---
recipe vgan --small vgan --steps 2 --samples 16 --arms two && left vgan two.gif two.png two-parts.png two-units.png table.tsv
check $? "vgan"
# a clip that is a above one that is b, left and right in an order that the key tells
frame a.st 'video:U8:3,2,2,2,3:10*72' label:I64:3:0,1,2
frame b.st 'video:U8:4,2,2,2,3:200*96'
recipe preferences --beside b.st --scale 1 a.st pairs && [ "$(wc -l <pairs/key.tsv)" = 4 ] &&
    for n in 000 001 002; do
        gan-data video pairs/pair-$n.apng -t 1 -g --stretch -o pair.st && gan-data to-npy pair.st -n video | tail -c +129 | od -An -tu1 -N1
    done | awk '{ print ($1 < 100) ? "a" : "b" }' >sides && cut -f2 pairs/key.tsv | sed 1d | alike - sides &&
    awk 'NR > 1 { bad += a[$4]++ + b[$5]++ } END { exit bad }' pairs/key.tsv
check $? "preferences: no clip twice, and the key is right"
printf '000\tleft\n' >pairs/answers.tsv
recipe preferences --beside b.st --scale 1 a.st pairs && cp pairs/preference.txt before &&
    printf '007\tleft\n' >pairs/answers.tsv && { recipe preferences --beside b.st --scale 1 a.st pairs; [ $? = 1 ]; } &&
    grep -q '^preferences.sh: pairs/answers.tsv: line 1: expected a pair of key.tsv' err && cmp -s before pairs/preference.txt
check $? "preferences: an answer to no pair leaves what was found before"
gan-data make movers -n 2 -t 3 -s 16 -o wider.st
recipe preferences --beside wider.st a.st nothing
[ $? = 1 ] && grep -q '^preferences.sh: wider.st: clips of \[3,16,16,1\], those of a.st are \[' err && [ "$(ls nothing)" = made-by ]
check $? "preferences: clips of another shape"
recipe vgan --small wrong --arms two,actions --parts 1,0
[ $? = 2 ] && grep -q -e "--parts: expected a whole number from 1 to" err
check $? "vgan: no part"
{ awk -F'\t' 'NR > 1 { print $1 "\t" ($2 == "a" ? "left" : "right") }' pairs/key.tsv; printf '0\tleft\n0\tright\n'; } >pairs/answers.tsv
recipe preferences --beside b.st --scale 1 a.st pairs && grep -q '^a was preferred 4 times of 5, 80.0 %' out
check $? "answers are counted"
printf '7\tleft\n' >>pairs/answers.tsv
recipe preferences --beside b.st --scale 1 a.st pairs
[ $? = 1 ] && grep -q 'answers.tsv: line 6: expected a pair of key.tsv' err
check $? "of a pair that there is not"
recipe mocogan --small mocogan --steps 2 --samples 16 --arms moco &&
    grep -q '^the first 16 of 32 frames .* by a mean square of [0-9.]*\(e-1[0-9]\)*$' out &&
    left mocogan moco.gif moco.png moco-grid.gif moco-long.png && [ "$(wc -l <mocogan/table.tsv)" = 3 ] &&
    awk -F'\t' '$1 == "moco" { ok = NF == 9 && $5 > 0 && $6 > 0 && $7 / ($6 / $5) < 1.01 && $7 / ($6 / $5) > .99 } END { exit !ok }' mocogan/table.tsv
check $? "mocogan"

# --- volumes ---
gan-data make solids -n 40 --size 16 -o solids.st
recipe 3dgan solids.st 3dgan --size 16 --batch 8 --steps 2 -D nf=2 -D nz=8 &&
    recipe 3dgan solids.st 3dgan --size 16 --batch 8 --steps 4 -D nf=2 -D nz=8 --plus 3,5 --minus 1 &&
    [ "$(step_of 3dgan/run.st)" = 4 ] && grep -q '^iou 0.* component .* alike ' out &&
    [ "$(awk -F'\t' '{ print $1, NF, (NR == 1 ? $3 : $3 >= 0.2 && $3 <= 1) }' OFS=: 3dgan/svm.tsv | tr '\n' ' ')" = \
        "features:3:8 trained D:3:1 random D:3:1 voxels:3:1 pooled voxels:3:1 " ] &&
    left 3dgan samples.png views.png nearest.png walk.png sweep.png arithmetic.png units.png curve.png
check $? "3dgan"
recipe 3dae solids.st 3dae --size 16 --batch 8 --steps 2 -D nf=2 -D nz=8 &&
    recipe 3dae solids.st 3dae --size 16 --batch 8 --steps 4 -D nf=2 -D nz=8 &&
    [ "$(step_of 3dae/run.st)" = 4 ] && grep -q '^iou 0.* component .* alike ' out && left 3dae again.png samples.png
check $? "3dae: shapes of draws from the codes' distribution"
recipe 3dvaegan solids.st 3dvaegan --size 16 --picture 32 --views 2 --batch 8 --steps 2 -D nf=2 -D nz=8 &&
    recipe 3dvaegan solids.st 3dvaegan --size 16 --picture 32 --views 2 --batch 8 --steps 4 -D nf=2 -D nz=8 &&
    [ "$(step_of 3dvaegan/run.st)" = 4 ] && grep -q '^rebuilt --align --side 16: average precision ' out &&
    left 3dvaegan rebuilt.png samples.png curve.png
check $? "3dvaegan"
[ "$(gan-data info 3dvaegan/test.st | sed -n '1s/.* \([0-9]*\) samples.*/\1/p')" = 8 ]
check $? "from two sides of each of the tenth that is tested"

# --- real data ---
if [ -n "$GAN_DATA" ] && [ -e "$GAN_DATA/mnist" ]; then
    recipe cgan "$GAN_DATA/mnist" mnist --steps 10 --samples 100 -D width=0.1 &&
        left mnist samples.png && [ "$(gan-data info mnist/data.st | sed -n '1s/.* \([0-9]*\) samples.*/\1/p')" = 50000 ]
    check $? "cgan with the real digits"
else skip "cgan with the real digits" "GAN_DATA names no folder with mnist/"; fi
finish
