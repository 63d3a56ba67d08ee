#!/bin/sh
# cgan.sh [OPTION]... DATA OUT: conditional GAN of digits (Mirza & Osindero 2014), from the data set
# to samples by class and their Parzen log-likelihood.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k; the last
# 10,000 of train are for validation. After each epoch the log-likelihood of validation images under
# windows at 1000 samples of each class is measured, and the best checkpoint kept.
# OUT receives run.st (the run), best.st (the checkpoint kept), scores.tsv (step and
# log-likelihood), samples.png (of run.st, a row of twenty for each digit), run.tsv and curve.png (the costs).
# Run it again to go on.
#   --epochs N        passes over the data (100)
#   --steps N         play no more than N steps
#   --samples N       samples to judge by, of all classes together (10000)
#   -D NAME=VALUE     option of cgan.gan
#   --small           a quarter of the width, digits made on the spot, 6000 steps: a few minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

by_class() { gan-sample "$1" --label 0-9 -n "${samples:-10000}" --seed 11; }

# consider: scores the run as it stands, once, and keeps it when it is the best so far
consider() {
    at=$(steps_played "$out/run.st")
    ! grep -q "^$at	" "$out/scores.tsv" 2>/dev/null || return 0
    by_class "$out/run.st" >"$out/judged.st"
    score=$(gan-eval parzen "$out/choose.st" "$out/judged.st" --validation "$out/choose.st" | figure parzen)
    rm "$out/judged.st"
    say "step $at: log-likelihood of validation images $score"
    [ -s "$out/scores.tsv" ] || printf 'step\tscore\n' >"$out/scores.tsv"
    if awk -v s="$score" 'NR > 1 && $2 >= s { exit 1 }' "$out/scores.tsv"; then
        cp "$out/run.st" "$out/best.part"
        mv "$out/best.part" "$out/best.st"
    fi
    printf '%s\t%s\n' "$at" "$score" >>"$out/scores.tsv"
}

# play_on STEPS EVERY: to STEPS in all, looking at the run each EVERY
play_on() {
    until_end=$(at_most "$1" "$steps")
    while :; do
        at=$(steps_played "$out/run.st")
        if [ $((at % $2)) = 0 ] || [ "$at" -ge "$until_end" ]; then consider; fi
        [ "$at" -lt "$until_end" ] || break
        train "$out/run.st" "$out/data.st" 100 "$(at_most $((at - at % $2 + $2)) "$until_end")"
    done
}

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n 10000 --seed 1
    make_file "$out/valid.st" gan-data make digits -n "${samples:-2000}" --seed 2
    make_file "$out/test.st" gan-data make digits -n "${samples:-2000}" --seed 3
    # a narrow G needs a slower D, or classes collapse
    define="-D width=0.25 -D epoch=100 -D draw=fan_in -D drop_class=0 -D part=0.25$define"
    all=6000 every=1000
else
    idx_stream "$out/data.st" "$data" train --first 50000
    idx_stream "$out/valid.st" "$data" train --skip 50000
    idx_stream "$out/test.st" "$data" t10k
    all=$(passes 100 100)
    every=$((all / ${epochs:-100}))
fi
make_file "$out/choose.st" gan-data head -n 1000 "$out/valid.st"
start_run "$out/run.st" "$here/cgan.gan"
play_on "$all" "$every"

gan-sample "$out/run.st" --grid 10x20 --seed 7 | gan-data sheet --columns 20 -o "$out/samples.png"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G --smooth 25
by_class "$out/best.st" >"$out/judged.st"
echo "checkpoint of step $(steps_played "$out/best.st")"
printf 'label accuracy of samples, by the nearest training image: '
gan-data head -n 1000 "$out/judged.st" | gan-eval knn "$out/data.st" - | figure knn.accuracy
[ -z "$small" ] || echo "to look for: at least 0.80 after 6000 steps (0.10 is chance; seeds 1 and 3 gave 1.00 and 0.90)"
gan-eval parzen "$out/test.st" "$out/judged.st" --validation "$out/valid.st" >"$out/parzen.tsv"
figure parzen error <"$out/parzen.tsv" | sed 's/^/log-likelihood of test images: /; s/\t/ +- /'
if [ -n "$small" ]; then echo "to look for: rising from below zero; it depends on the digits' contrast"
else echo "to look for: 132 +- 1.8, the paper's"; fi
say "look at $out/samples.png"
