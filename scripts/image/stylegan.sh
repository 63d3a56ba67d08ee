#!/bin/sh
# stylegan.sh [OPTION]... DATA OUT: StyleGAN (Karras, Laine, Aila 2019) of pictures, with networks that grow from small
# pictures to large ones, and how far samples of each size are from data; styles.sh looks at what it has learnt.
#
# DATA is a folder or .zip of pictures.
# OUT receives for each level its pictures (data-N.st), the run (level-N.st, level-N.tsv) and samples of the same
# latents (level-N.png), of a run without growing whole.st, whole.tsv and whole.png, result.tsv: the steps, the
# pictures shown, the arithmetic done, the Frechet distance of pixels in 4x4 blocks, and the sliced Wasserstein distance
# times 1000; and mixed.png, the coarse styles of a row with the fine ones of a column. A level begins with what the one
# before has learnt and with moments of the optimizers at 0.
#   --size N          pixels a side at the end: a power of 2, 8 to 1024 (64)
#   --first N         of the first level (8)
#   --batch LIST      pictures of a minibatch, from level to level, the last at all that follow (256,128,64,32)
#   --pictures N      shown while the layers of a level come in, and as many after that (600000)
#   --arms LIST       grown, whole (grown)
#   --steps N         play no more than N steps, of all levels together
#   --samples N       to judge by (2000)
#   -D NAME=VALUE     option of stylegan.gan; its rate goes by the level
#   --small           made-up portraits of 16x16: minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/growing.inc
. "$pages/lib/growing.inc"
grows=stylegan size=64 first=8 batch=256,128,64,32 pictures=600000 arms=grown
data_is=pictures small_decides='size first batch pictures'
check_own() { check_growing; }
recipe_options "$@"

if [ -n "$small" ]; then
    size=16 batch=32,16 pictures=12800 data=$out/portraits
    small_portraits 4000
    define=" -D base=512 -D most=32 -D nz=32 -D layers=4 -D gamma=0.3 -D noise=none -D psi=1$define"
fi
: "${samples:=2000}"
play_arms
[ ! -s "$out/level-$size.st" ] ||
    gan-sample "$out/level-$size.st" -n 64 -b 64 --seed 7 'shown(mixed(gather(unbatch(p), floor(i / 8)), gather(unbatch(p), i % 8), 4)) where p = Fa(z), i = samples(range(64))' |
    gan-data sheet --columns 8 -o "$out/mixed.png"
if [ -n "$small" ] && [ -s "$out/level-$size.st" ]; then small_check; fi
say "look at $out/*.png"
