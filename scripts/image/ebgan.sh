#!/bin/sh
# ebgan.sh [OPTION]... DATA OUT: EBGAN (Zhao et al. 2017) from a folder of pictures or digits to
# samples.
#
# DATA is a folder or .zip of pictures, or a folder with train-images-idx3-ubyte[.gz].
# OUT receives run.st (the checkpoint), run.tsv and curve.png (energies), samples.png.
# Run it again to go on.
#   --epochs N        passes over the data (20)
#   --steps N         play no more than N steps
#   --samples N       samples to judge by (2000)
#   -D NAME=VALUE     option of ebgan.gan; pt=0 is without the repelling regularizer
#   --small           digits made on the spot, narrow networks: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is=pictures
recipe_options "$@"

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n 10000 --seed 1
    define=" -D size=28 -D channels=1 -D nf=16 -D margin=10$define"
    all=600
else
    image_stream "$data" "$(setting size 64)"
    case $define in ' -D size=28 '*) define=" -D margin=10$define" ;; esac # digits
    all=$(passes 20 64)
fi
play_page ebgan 64 "$all" real,made
beside_untrained 8
[ -z "$small" ] || echo "to look for: below a quarter of the untrained one"
