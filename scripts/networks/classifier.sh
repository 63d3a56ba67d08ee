#!/bin/sh
# classifier.sh [OPTION]... DATA OUT: a convolutional classifier of your own labelled images, for
# other recipes' samples to be judged by.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k; or one with a
# subfolder of pictures for each class, or a .zip of such, of which a tenth is kept for the test.
# OUT receives classifier.st (the checkpoint, whose values logits and feature gan-sample gives),
# classifier.tsv and curve.png (cost and accuracy), accuracy.tsv (of test images: in all, by class, and
# what was taken for what). Run it again to go on.
#   --epochs N        passes over the data (4, but 1000 minibatches of 100 at least)
#   --size N          pictures become N pixels square (32)
#   --steps N         play no more than N steps
#   --samples N       judge no more than N test images
#   -D NAME=VALUE     option of classifier.gan; channels=1 makes pictures grey
#   --small           digits made on the spot, turned and with noise: half a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
size=32
data_is=pictures
recipe_options "$@"

if [ -n "$small" ]; then
    wild='--rotate 0.4 --zoom 0.2 --move 3 --sigma 0.3'
    # shellcheck disable=SC2086 # several words
    make_file "$out/data.st" gan-data make digits -n 5000 $wild --seed "$seed"
    # shellcheck disable=SC2086 # several words
    make_file "$out/test.st" gan-data make digits -n 2000 $wild --seed $((seed + 1))
    define=" -D nf=16$define"
    all=300
elif has_idx "$data"; then
    idx_stream "$out/data.st" "$data" train
    idx_stream "$out/test.st" "$data" t10k
else
    set -- --labels --size "$size"
    [ "$(setting channels 3)" = 3 ] || set -- "$@" --grey
    make_file "$out/all.st" gan-data images "$data" "$@"
    count=$(samples_in "$out/all.st")
    hold_out $(((count + 9) / 10)) "$out/all.st" "$out/test.st" "$out/data.st"
fi
if [ -z "$small" ]; then
    count=$(samples_in "$out/data.st")
    all=$(((${epochs:-4} * count + 99) / 100))
    [ -n "$epochs" ] || [ $all -ge 1000 ] || all=1000
fi
# shellcheck disable=SC2086 # several words
classifier "$out/classifier.st" "$out/data.st" $all $define

gan-data plot "$out/classifier.tsv" -o "$out/curve.png" --columns C,accuracy --smooth 5
gan-data head --shuffle -n "${samples:-1000000000}" "$out/test.st" |
    gan-sample "$out/classifier.st" logits=logits |
    gan-eval accuracy - --confusion >"$out/accuracy.tsv"
printf 'test images classified rightly: '
figure accuracy <"$out/accuracy.tsv"
if [ -n "$small" ]; then echo "to look for: 0.98 or more"
elif has_idx "$data"; then echo "to look for: 0.99 or more if these are MNIST's digits"
else
    awk -F'\t' '$1 == "accuracy.confusion" { split($3, f, "="); of[f[2]] += $2; all += $2 }
        END { for (c in of) if (of[c] > most) most = of[c]
            printf "to look for: well above %.2f, the share of the largest class\n", most / all }' "$out/accuracy.tsv"
fi
