#!/bin/sh
# A minibatch that is cut into shards gives what the whole one does, to rounding: each kind of game
# after a step. Optimizers are plain descent: Adam makes steps of rounding, where a bias in front of
# a batch norm has no gradient.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
mkdir pages
cp -r "$scripts"/* pages
for p in pages/*/*.gan; do
    perl -pi -e 's/\b(?:adam|rmsprop)(\((?:[^()]++|(?1))*+\))/sgd(0.001, clip_norm=1)/g' "$p"
done
gan-data make ring -n 64 -o ring.st
gan-data make digits -n 32 -o digits.st
gan-data make digits -n 32 --size 16 -o digits16.st
gan-data make shapes -n 32 --size 32 -o shapes.st
gan-data make scenes -n 16 -o scenes.st
gan-data join scenes.st:image=video -o frames.st
gan-data make shapes -n 16 --size 8 -o shapes8.st

# alike_in SHARDS NAME PAGE DATA|- BATCH OPTION...: the same game, cut and whole
alike_in() {
    shards=$1 name=$2 of=$3 data=$4 batch=$5
    shift 5
    for s in 1 "$shards"; do
        gan-init pages/*/"$of.gan" "$@" --batch "$batch" --seed 3 --shards "$s" -o "$s.st" 2>err || break
        case $data in
        -) gan-step -q "$s.st" -n 1 2>err || break ;;
        *) gan-data batch "$data.st" --size "$batch" --endless --drop-last | gan-step -q "$s.st" -n 1 2>err || break ;;
        esac
    done
    far=$(perl "$here/lib/far.pl" 1.st "$shards.st") || far="99 nothing"
    echo "$far" >out
    holds "${far%% *} < 1e-4 && ${far%% *} > 0" "$name: $far in $shards shards"
    rm -f 1.st "$shards.st"
}

alike_in 4 "DCGAN with batch norm" dcgan digits 16 -D size=28 -D channels=1 -D nf=4
alike_in 3 "DCGAN in three" dcgan digits 18 -D size=28 -D channels=1 -D nf=4
alike_in 4 "WGAN-GP, ResNet" wgan-gp shapes 8 -D net=resnet -D size=32 -D nf=4 -D critics=1
alike_in 4 "Unrolled, five updates" unrolled ring 32 -D k=5 -D width=16
alike_in 4 "GMMN" gmmn digits 32 -D width=0.125
alike_in 2 "GMMN, unbiased" gmmn ring 64 -D space=ring -D width=0.125 -D rate=0 -D unbiased=1
alike_in 4 "MMD-GAN" mmdgan shapes 8 -D size=32 -D nf=4 -D nz=8 -D first=1 -D critic=1
alike_in 4 "EBGAN's pull-away term" ebgan digits 16 -D size=28 -D channels=1 -D nf=4 -D margin=10
alike_in 2 "Progressive GAN: minibatch deviation, averages" pggan shapes8 8 -D size=8 -D most=8
alike_in 2 "PacGAN" pacgan ring 32 -D width=0.1
alike_in 2 "StyleGAN2: path length, minibatch deviation, averages" stylegan2 shapes8 8 -D size=8 -D most=8 -D nz=16 -D layers=2 -D every_d=1 -D every_g=1
alike_in 4 "a graphical model, local" gmgan-known ring 32 -D units=16 -D local=1
alike_in 2 "SSGAN" ssgan frames 8 -D channels=3 -D size=16 -D nf=4 -D units=16 -D hidden_o=16 -D nh=8
alike_in 4 "VGAN" vgan scenes 8 -D size=16 -D frames=16 -D nf=4 -D nz=8
alike_in 2 "BEGAN: a state" began digits16 8 -D size=16 -D channels=1 -D nf=4 -D nz=8
alike_in 4 "a VAE" vae digits 16 -D hidden=16 -D d=2

echo "1..$n"
exit $failed
