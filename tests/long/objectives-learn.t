#!/bin/sh
# Shrunken games of objectives, divergences, energies and moments learn something in seconds.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

play() { # play CHECKPOINT STREAM BATCH STEPS
    gan-data batch "$2" --size "$3" --shuffle --endless --drop-last |
        gan-step "$1" --until "$4" -q --log "${1%.st}.tsv"
}
# column LOG NAME: mean of the last tenth of its rows
column() {
    awk -F'\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
        { v[++n] = $at } END { t = int(n / 10); if (t < 1) t = 1; for (i = 0; i < t; i++) s += v[n - i] / t; print s }' "$1"
}

# --- f-GAN ---
# the divergences differ in what they make of two modes: cover both, or take one
for name in kl rkl; do
    page $name.st fgan -D task=mixture -D divergence=$name -D critic=2 -D rate=0.003 -D rate_V=0.004 -D width=0.1
    gan-step $name.st --batch 256 --until 800 -q --log $name.tsv
done
holds "$(column kl.tsv deviation) > 1.3 && $(column kl.tsv mean) > 0.7" 'KL covers both modes'
holds "$(column rkl.tsv deviation) < 1.0 && $(column rkl.tsv mean) < 0.4" 'reverse KL takes one'

# --- GMMN ---
gan-data make ring -n 5000 --seed 1 >ring.st
page moments.st gmmn -D space=ring -D rate=0 -D unbiased=1 -D width=0.25
cp moments.st before.st
play moments.st ring.st 128 400
for net in before moments; do
    gan-sample $net.st point='G(z)' -n 1000 | gan-eval mmd ring.st - --rows 1000 --scales 0.1,0.3162,1 | value mmd - >$net.mmd
done
holds "$(cat moments.mmd) < 0.1 * $(cat before.mmd)" 'GMMN: a tenth of the discrepancy after 400 steps'

# --- InfoGAN ---
page info.st infogan -D task=ring -D rate_D=0.002 -D rate=0.002
play info.st ring.st 64 800
holds "$(column info.tsv information) > 1.9" 'InfoGAN: the class can be read off the sample (log 8 = 2.08)'

# --- BEGAN, EBGAN, MMD-GAN, semi-supervised: seconds of each ---
gan-data make digits -n 2000 --size 16 --seed 1 >small.st
page began.st began -D size=16 -D channels=1 -D nf=8 -D nz=8 -D rate=0.001 -D lambda=0.05
play began.st small.st 16 250
first=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "M") at = i }
    NR > 1 && NR < 12 { s += $at } END { print s / 10 }' began.tsv)
holds "$(column began.tsv M) < 0.7 * $first" 'BEGAN: M falls'
k=$(tail -1 began.tsv | cut -f8)
comes_to began.st k 0.01 'k is in the checkpoint' "$k"
holds "$k > 0.01 && $k < 1" 'and has moved'

gan-data make digits -n 2000 --seed 1 >digits.st
page energy.st ebgan -D size=28 -D channels=1 -D nf=8 -D margin=10
play energy.st digits.st 32 150
holds "$(column energy.tsv real) < 0.6 * $(column energy.tsv made)" 'EBGAN: real images have the lower energy'

page mmd.st mmdgan -D size=16 -D channels=1 -D nf=8 -D nz=8 -D rate=0.0005 -D first=5
play mmd.st small.st 32 40
gan-sample mmd.st f='stack([0*sum(f(G(z))) + max(abs(parameters(f)[0]))])' \
    Dec='stack([0*sum(Dec(f(G(z)))) + max(abs(parameters(Dec)[0]))])' -n 1 </dev/null 2>err | gan-data info -s >out
f=$(awk '$1 == "f" { print $NF }' out) decoder=$(awk '$1 == "Dec" { print $NF }' out)
holds "$f > 0.0099 && $f <= 0.01001 && $decoder > 0.011" 'MMD-GAN: the weights of f are clipped, not those of Dec'
head=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "lost") at = i } NR == 2 { print $at }' mmd.tsv)
holds "$(column mmd.tsv lost) < $head" 'and its auto-encoder learns'

# a labelled half and an unlabelled one; what is seen of the labels is learnt
page semi.st improved -D width=0.04
gan-sample semi.st image=x known='onehot(0, 1)' -i digits.st | gan-data head -n 100 | gan-data pick --rows 0-99 --repeat 20 >few.st
gan-sample semi.st image=x known='onehot(1, 1)' -i digits.st >rest.st
gan-data cat few.st rest.st >both.st
page semi.st improved -D width=0.2 -D average=0.97 -D kernels=3 -D smooth=0.9
play semi.st both.st 100 200
gan-data make digits -n 500 --seed 2 >test.st
gan-sample semi.st logits='A(x, 0)[1]' -i test.st | gan-eval accuracy - | value accuracy - >accuracy
holds "$(cat accuracy) > 0.6" 'semi-supervised: a hundred labels, and 0.1 is chance'
page techniques.st improved -D width=0.08 -D kernels=3 -D virtual=5 -D history=1 -D smooth=0.9 -D matching=0 -D entropy=1 -D pull_away=1
play techniques.st both.st 50 30
[ "$(gan-data info techniques.st --meta gan.step)" = 30 ] &&
    [ "$(gan-sample techniques.st -n 7 | gan-data info | grep -c '\[N,28,28,1\]')" = 1 ]
check $? 'the other techniques play together'
finish
