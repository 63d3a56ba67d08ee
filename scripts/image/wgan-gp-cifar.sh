#!/bin/sh
# wgan-gp-cifar.sh [OPTION]... DATA OUT: WGAN-GP's residual networks on small pictures (Gulrajani et al.
# 2017), with or without classes, from the data set to samples and their score.
#
# DATA is a folder with CIFAR-10's binary files (*.bin). The score is the inception score's formula with
# a classifier trained on the data (classifier.gan): it compares runs of this recipe with each other
# and with the data, not with figures of other classifiers.
# OUT receives run.st, run.tsv, curve.png, samples.png (a row a class, with classes) and result.tsv:
# steps, score of samples and of data, distance along random directions, label accuracy.
#   --classes N       10, or 5 of --small: the conditional networks (0)
#   --steps N         play no more than N steps (100000)
#   --samples N       samples to judge by (50000)
#   -D NAME=VALUE     option of wgan-gp-cifar.gan
#   --small           made-up shapes of five classes, 12 maps, 150 steps: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"

classes=0
check_own() { if [ -n "$small" ]; then each_of --classes "$classes" 0 5; else each_of --classes "$classes" 0 10; fi; }
recipe_options "$@"

all=100000 judged=3000 count=${samples:-50000}
if [ -n "$small" ]; then
    all=150 judged=200 count=${samples:-1000}
    make_file "$out/data.st" gan-data make shapes -n 4000 --seed "$seed"
    define=" -D dim=12 -D steps=1000 -D rate=0.001$define"
else
    cifar_stream "$out/data.st" "$data"
fi
start_run "$out/run.st" "$here/wgan-gp-cifar.gan" -D classes="$classes"
train "$out/run.st" "$out/data.st" 64 "$all"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns gap --smooth 11

if [ "$classes" = 0 ]; then
    gan-sample "$out/run.st" -n 64 --batch-statistics --seed 7 | gan-data sheet -o "$out/samples.png"
    set -- --batch-statistics
else
    gan-sample "$out/run.st" --grid "${classes}x10" --seed 7 |
        gan-data sheet --columns 10 -o "$out/samples.png"
    set -- --label "0-$((classes - 1))"
fi
gan-sample "$out/run.st" -n "$count" --seed 11 "$@" -o "$out/fake.part"

classifier "$out/judge.st" "$out/data.st" $judged
make_file "$out/real.st" gan-data head --shuffle -n "$count" "$out/data.st"
for set_name in real fake; do
    file=$out/$set_name.st
    [ $set_name = real ] || file=$out/fake.part
    gan-sample "$out/judge.st" -i "$file" logits=logits -o "$out/$set_name-logits.part"
done
score() { gan-eval inception "$out/$1-logits.part" | figure inception; }
fake=$(score fake) real=$(score real) right=-
distance=$(gan-eval wasserstein "$out/real.st" "$out/fake.part" --tensor image -n 2000 | figure wasserstein)
[ "$classes" = 0 ] || right=$(gan-eval accuracy "$out/fake-logits.part" | figure accuracy)
{
    printf 'steps\tscore\tscore_data\tdistance\tright\n'
    printf '%s\t%s\t%s\t%s\t%s\n' "$(steps_played "$out/run.st")" "$fake" "$real" "$distance" "$right"
} >"$out/result.tsv"
rm "$out"/*.part
cat "$out/result.tsv"
echo "the paper's, with another classifier: 7.86 +- 0.07 without classes, 8.42 +- 0.10 with them"
say "look at $out/samples.png"
