#!/bin/sh
# dcgan-imagenet32.sh [OPTION]... DATA OUT: DCGAN of 32x32 pictures (Radford et al. 2016), and a
# linear classifier of other pictures on the features of its discriminator.
#
# DATA is a folder with images/, pictures of any kind to train on, and CIFAR-10's binary files to
# classify: test_batch.bin is for testing, or without it a quarter of the others. Without
# images/ the pictures to classify are trained on, without their labels.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the costs), samples.png, features of
# labelled pictures by the trained discriminator and by a random one. Run it again to go on.
#   --epochs N        passes over the data (30)
#   --steps N         play no more than N steps
#   --samples N       classify no more than N pictures a set
#   -D NAME=VALUE     option of dcgan-imagenet32.gan; nf=128 is the paper's width, 32 the default here
#   --small           coloured shapes made on the spot, nf=8: minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

# labelled: from CIFAR-10's files to train.st and test.st
labelled() {
    if [ -e "$data/test_batch.bin" ]; then
        make_file "$out/test.st" gan-data cifar "$data/test_batch.bin"
        cifar_stream "$out/train.st" "$data"
        return
    fi
    cifar_stream "$out/labelled.st" "$data"
    n=$(samples_in "$out/labelled.st")
    hold_out $((n / 4)) "$out/labelled.st" "$out/test.st" "$out/train.st"
}

costs="0.0001,0.001,0.01,0.1"
if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make shapes -n "$(at_most 10000 "$samples")" --seed 1
    make_file "$out/train.st" gan-data make shapes -n "$(at_most 500 "$samples")" --seed 2
    make_file "$out/test.st" gan-data make shapes -n "$(at_most 1000 "$samples")" --seed 3
    define=" -D nf=8$define"
    all=1500
else
    labelled
    if [ -d "$data/images" ]; then make_file "$out/data.st" gan-data images "$data/images" --size 32
    else make_file "$out/data.st" cat "$out/train.st"; fi
    define=" -D nf=32$define"
    all=$(passes 30 128)
fi
start_run "$out/run.st" "$here/dcgan-imagenet32.gan"
train "$out/run.st" "$out/data.st" 128 "$all"
gan-sample "$out/run.st" -n 64 --seed 7 | gan-data sheet -o "$out/samples.png"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G --smooth 25

init_like "$out/run.st" "$out/random.st" 1000
for net in random run; do
    statistics "$out/$net.st" "$out/data.st" 'D(x)'
    for set in train test; do
        gan-data head --shuffle -n "${samples:-1000000000}" "$out/$set.st" |
            gan-sample "$out/$net.st" feature=features -i - -o "$out/$net-$set.st"
    done
    printf '%s D: accuracy of a linear classifier ' $net
    gan-eval svm "$out/$net-train.st" "$out/$net-test.st" --c $costs \
        --validation "$out/$net-test.st" | figure svm.accuracy
done
if [ -n "$small" ]; then echo "to look for: a trained D better than a random one"
else echo "to look for: 0.828 with nf=128 trained on ImageNet, the paper's, on all of CIFAR-10"; fi
