#!/bin/sh
# dcgan-mnist.sh [OPTION]... DATA OUT: class-conditional DCGAN of digits (Radford et al. 2016), and
# how well real digits are told apart by the nearest of generated ones.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the costs), samples.png (a row of
# twenty for each digit). Run it again to go on.
#   --epochs N        passes over the data, half of them at a falling rate (5; the paper's code: 200)
#   --steps N         play no more than N steps
#   --samples N       generated digits to compare with (50000)
#   -D NAME=VALUE     option of dcgan-mnist.gan
#   --small           digits made on the spot, a quarter of the maps: minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n "$(at_most 10000 "$samples")" --rotate 0.6 --seed 1
    make_file "$out/test.st" gan-data make digits -n "$(at_most 2000 "$samples")" --rotate 0.6 --seed 2
    define=" -D nf=16$define"
    all=1600 generated=$(at_most 10000 "$samples")
else
    idx_stream "$out/data.st" "$data" train --first 50000
    idx_stream "$out/test.st" "$data" t10k
    all=$(passes 5 128) generated=${samples:-50000}
fi
define=" -D constant=$(((all + 1) / 2))$define"
start_run "$out/run.st" "$here/dcgan-mnist.gan"
train "$out/run.st" "$out/data.st" 128 "$all"

gan-sample "$out/run.st" --grid 10x20 --seed 7 | gan-data sheet --columns 20 -o "$out/samples.png"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G --smooth 25

# errors NAME STREAM: of test digits, by the nearest of the stream
errors() {
    gan-eval knn "$2" "$out/test.st" >"$out/$1.tsv"
    error=$(figure knn.error <"$out/$1.tsv") distance=$(figure knn.distance <"$out/$1.tsv")
    echo "error by the nearest of $(samples_in "$2") $1 digits: $error, mean distance $distance"
}
gan-sample "$out/run.st" --label 0-9 -n "$generated" --seed 11 >"$out/generated.st"
errors real "$out/data.st"
errors generated "$out/generated.st"
rm "$out/generated.st"
if [ -n "$small" ]; then
    echo "to look for: an error not far above that of as many real digits (0.9 is chance);"
    echo "on the paper's data 0.0298, beside 0.031 of real ones"
else
    echo "to look for: 0.0298 of 50000 generated digits and 0.031 of real ones, the paper's"
fi
