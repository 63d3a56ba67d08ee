#!/bin/sh
# pggan.sh [OPTION]... DATA OUT: Progressive GAN (Karras et al. 2018) of pictures: networks that grow from small pictures to
# large ones, how far samples of each size are from data, and the same game without growing.
#
# DATA is a folder or .zip of pictures.
# OUT receives for each level its pictures (data-N.st), the run (level-N.st, level-N.tsv) and samples of the same
# latents (level-N.png), of a run without growing whole.st, whole.tsv and whole.png, and result.tsv: the steps, the
# pictures shown, the arithmetic done, the Frechet distance of pixels in 4x4 blocks, and the sliced Wasserstein distance times 1000. A level
# begins with what the one before has learnt and with moments of the optimizers at 0.
#   --size N          pixels a side at the end: a power of 2, 4 to 1024 (64)
#   --first N         of the first level (4)
#   --batch LIST      pictures of a minibatch, from level to level, the last at all that follow (16)
#   --pictures N      shown while the layers of a level come in, and as many after that (600000)
#   --arms LIST       grown, whole (grown)
#   --steps N         play no more than N steps, of all levels together
#   --samples N       to judge by (2000)
#   -D NAME=VALUE     option of pggan.gan; its rate goes by the level
#   --small           made-up portraits of 16x16: minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/growing.inc
. "$pages/lib/growing.inc"
grows=pggan size=64 first=4 batch=16 pictures=600000 arms=grown
data_is=pictures small_decides='size first batch pictures'
check_own() { check_growing; }
recipe_options "$@"

if [ -n "$small" ]; then
    size=16 pictures=12800 data=$out/portraits
    small_portraits 4000
    define=" -D base=512 -D most=32 -D nz=32$define"
fi
: "${samples:=2000}"
play_arms
if [ -n "$small" ] && [ -s "$out/level-$size.st" ]; then small_check; fi
say "look at $out/*.png"
