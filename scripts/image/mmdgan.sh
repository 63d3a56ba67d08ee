#!/bin/sh
# mmdgan.sh [OPTION]... DATA OUT: MMD-GAN (Li et al. 2017) from a folder of pictures or CIFAR-10
# to samples.
#
# DATA is a folder or .zip of pictures, or a folder with CIFAR-10's *.bin.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the kernel's distance), samples.png.
# Run it again to go on.
#   --epochs N        passes over the data (50), each minibatch for one update
#   --steps N         play no more than N steps
#   --samples N       samples to judge by (2000)
#   -D NAME=VALUE     option of mmdgan.gan
#   --small           16x16 digits made on the spot, narrow networks: three minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is=pictures
recipe_options "$@"

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n 10000 --size 16 --seed 1
    define=" -D size=16 -D channels=1 -D nf=16 -D nz=16 -D rate=0.0005 -D first=20$define"
    all=600
else
    image_stream "$data" "$(setting size 32)"
    all=$(passes 50 64)
    all=$(((all + 5) / 6)) # five updates of f and one of G a step
fi
play_page mmdgan 64 "$all" distance
beside_untrained 4
[ -z "$small" ] || echo "to look for: below half of the untrained one"
