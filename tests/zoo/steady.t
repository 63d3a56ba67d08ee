#!/bin/sh
# Samples have the same bits in minibatches of any size.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

bits() { gan-data cat --frame 70 - | gan-data to-npy - -n "$1" | cksum; }
alike() { # alike NAME TENSOR PAGE OPTION...
    name=$1 tensor=$2 page=$3
    shift 3
    page run.st "$page" "$@"
    rm -f many
    for size in 1 3 16 64; do gan-sample run.st -n 70 -b $size --seed 3 --float 2>err | bits "$tensor" >>many; done
    is "$(sort -u many | awk '{ print NR, ($2 > 10000) }')" "1 1" "$name"
}
small='-D size=16 -D base=128 -D most=32 -D nz=16 -D layers=2'
alike 'DCGAN' image dcgan -D size=32 -D nf=16
# shellcheck disable=SC2086 # several words
alike 'StyleGAN2' image stylegan2 $small
# shellcheck disable=SC2086 # several words
alike 'StyleGAN' image stylegan $small
alike 'BigGAN, with attention' image biggan -D size=32 -D ch=8 -D attention_g=16
alike 'MoCoGAN' video mocogan -D nf=8
alike '3D-GAN' voxels 3dgan -D size=32 -D nf=8
gan-data make shapes -n 70 --size 32 | gan-data join -o one.st -- -:image && gan-data join one.st one.st:other=image -o two.st
for net in resnet unet; do
    page run.st cyclegan -D size=32 -D nf=8 -D nf_D=4 -D net=$net
    rm -f many
    for size in 1 3 16 64; do gan-data batch two.st --size $size | gan-sample run.st --float v='G(x)' 2>err | bits v >>many; done
    is "$(sort -u many | awk '{ print NR, ($2 > 10000) }')" "1 1" "CycleGAN of a stream, $net"
done
finish
