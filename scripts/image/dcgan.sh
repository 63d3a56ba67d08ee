#!/bin/sh
# dcgan.sh [OPTION]... DATA OUT: DCGAN (Radford et al. 2016) from a folder of pictures to samples.
#
# DATA is a folder or .zip of pictures, or a folder with train-images-idx3-ubyte[.gz].
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the costs), samples.png, walk.png
# (straight lines between nine latents), arithmetic.png, filters.png. Run it again to go on.
#   --epochs N        passes over the data (60; digits 20)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of dcgan.gan; nf=128 is the paper's width, 32 the default here
#   --small           32x32 digits made on the spot; features against a linear classifier, minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is=pictures
recipe_options "$@"

# Features of D against a linear classifier with 1000 labels, beside an untrained D.
small_check() {
    wild="--size 32 --rotate 0.6 --zoom 0.3 --move 4.4 --sigma 0.1"
    # shellcheck disable=SC2086 # several words
    {
        make_file "$out/data.st" gan-data make digits -n 20000 $wild --seed 1
        make_file "$out/few.st" gan-data make digits -n 1000 $wild --seed 2
        make_file "$out/test.st" gan-data make digits -n 2000 $wild --seed 3
    }
    define=" -D size=32 -D channels=1 -D nf=16$define"
    start_run "$out/run.st" "$here/dcgan.gan"
    [ -s "$out/random.st" ] || cp "$out/run.st" "$out/random.st"
    train "$out/run.st" "$out/data.st" 64 3000
    for net in random run; do
        [ $net = run ] || gan-data batch "$out/data.st" --size 100 --epochs 1 --drop-last |
            gan-step "$out/$net.st" --statistics 'D(x)'
        for set in few test; do
            make_file "$out/$net-$set.st" gan-sample "$out/$net.st" feature=features -i "$out/$set.st"
        done
        printf '%s D, accuracy of a linear classifier: ' $net
        gan-eval svm "$out/$net-few.st" "$out/$net-test.st" --c 0.0001,0.001,0.01,0.1 \
            --validation "$out/$net-test.st" | figure svm.accuracy
    done
    echo "to look for: a trained D of at least 0.55 with 1000 labels, and 0.15 above a random one"
    gan-sample "$out/run.st" -n 64 --seed 7 | gan-data sheet -o "$out/samples.png"
}

if [ -n "$small" ]; then
    small_check
    exit
fi

size=$(setting size 64)
if has_idx "$data"; then
    idx_stream "$out/data.st" "$data" train
    define=" -D size=28 -D channels=1 -D nf=32$define"
    : "${epochs:=20}"
else
    make_file "$out/data.st" gan-data images "$data" --size "$size"
    define=" -D nf=32$define"
fi
all=$(passes 60 64)
start_run "$out/run.st" "$here/dcgan.gan"
train "$out/run.st" "$out/data.st" 64 "$all"

gan-sample "$out/run.st" -n 64 --seed 7 | gan-data sheet -o "$out/samples.png"
gan-sample "$out/run.st" 'G(walk(z, 7))' -n 9 --seed 7 | gan-data sheet --columns 8 -o "$out/walk.png"
# three exemplars a concept: mean of the first - mean of the second + mean of the third, and eight
# neighbours of the result
gan-sample "$out/run.st" \
    'G(batchmean(rows(z, 0, 3)) - batchmean(rows(z, 3, 3)) + batchmean(rows(z, 6, 3)) + uniform(-0.25, 0.25)[nz])' \
    -n 9 --seed 7 | gan-data sheet -o "$out/arithmetic.png"
gan-sample "$out/run.st" 'filter=weights("D.0.weight")' -n 1 | gan-data sheet --name filter --normalise --scale 6 -o "$out/filters.png"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G --smooth 25
say "look at $out/samples.png; $out/walk.png, arithmetic.png, filters.png, curve.png lie beside it"
