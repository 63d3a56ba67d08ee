#!/bin/sh
# biggan.sh [OPTION]... DATA OUT: BigGAN (Brock, Donahue, Simonyan 2019) of pictures by class, and what truncation of
# its latents gives and takes.
#
# DATA is a folder with a folder of pictures for each class, or one with CIFAR-10's *.bin.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the costs), singular.tsv and singular.png (the
# three largest singular values of each weight of G, each --every steps), judge.st (a classifier), and
# truncation.tsv: for latents without what is beyond a limit, each with batch statistics of its own, inception score
# by the classifier, the share of samples classified as asked for, the Frechet distance of its features, and the
# mean distance of pixels within a class; truncation-LIMIT.png, a row for each class. A run that -D stop_growth or
# stop_loss ends is judged as it was saved last; one whose singular values or costs break out goes on from an earlier
# checkpoint with other options, gan-init --continue run.st -D r1=10 -o other.st, see biggan.gan.
# With --arms OUT receives instead for each arm and seed ARM-S.st, .tsv and .png, and arms.tsv: of latents without a
# limit the same figures, and their standard errors over seeds.
#   --size N          of pictures: 32, 64, 128 (32)
#   --batch N         samples of a minibatch (64)
#   --every N         steps between two looks at singular values (500)
#   --arms LIST       what is left out does harm, or not: of whole, unshared (a table of gains and shifts for each batch
#                     norm, and no latent but the first layer's), first (the latent to the first layer only), free (no
#                     penalty of filters alike), quarter (minibatches of a quarter)
#   --seeds N         games of each arm, from --seed on (3)
#   --epochs N        passes of each player over the data (100)
#   --steps N         play no more than N steps
#   --samples N       to judge by (10000)
#   -D NAME=VALUE     option of biggan.gan; ch=16 is the default here
#   --small           shapes of 16x16 made on the spot, five in two palettes, a class each: some minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
size=32 batch=64 every=500 arms='' seeds=''
small_decides='epochs size batch every' free="$free every "
check_own() {
    if [ -n "$arms" ]; then
        each_of --arms "$arms" whole unshared first free quarter
        not_given 'not with --arms' every
    else not_given 'with --arms only' seeds; fi
}
recipe_options "$@"

if [ -n "$small" ]; then
    size=16 batch=32 every=400 all=3200 lessons=600
    : "${samples:=2000}"
    make_file "$out/data.st" gan-data make shapes -n "$(at_most 20000 $((10 * samples)))" --size 16 --palettes 2 --rotate 0.3 --seed 1
    make_file "$out/test.st" gan-data make shapes -n "$samples" --size 16 --palettes 2 --rotate 0.3 --seed 2
    define=" -D ch=16 -D chunk=8 -D width=16 -D biases=uniform -D attention_g=8 -D attention_d=8 -D rate_g=2e-4 -D rate_d=8e-4 -D decay=0.998$define"
else
    : "${samples:=10000}"
    lessons=3000 define=" -D ch=16$define"
    if [ -n "$(find "$data" -maxdepth 1 -name '*.bin')" ]; then cifar_stream "$out/all.st" "$data"
    else make_file "$out/all.st" gan-data images --labels "$data" --size "$size"; fi
    held=$(at_most "$samples" $(($(samples_in "$out/all.st") / 10)))
    hold_out "$held" "$out/all.st" "$out/test.st" "$out/data.st"
    all=$(passes 100 "$batch")
fi
classes=$(gan-data info -s "$out/data.st" | awk '$1 == "label" { print $(NF - 1) + 1 }')
[ -n "$classes" ] || die "$data: expected pictures with classes"
define=" -D size=$size -D classes=$classes$define"

# --- a classifier to judge by ---
classifier "$out/judge.st" "$out/data.st" "$lessons"
gan-data head -n "$samples" "$out/test.st" -o "$out/few.part"
gan-sample "$out/judge.st" -i "$out/few.part" logits=logits feature=feature -o "$out/real.part"
labels=0-$((classes - 1))
# judged STREAM: score, share of those as asked for, distance, and pixels' within a class
judged() {
    gan-sample "$out/judge.st" -i "$1" logits=logits feature=feature label=y 2>/dev/null -o "$out/seen.part"
    figures '%.3f\t%.3f\t%.1f\t%.3f' \
        "$(gan-eval inception "$out/seen.part" -t logits --splits 1 2>/dev/null | figure inception)" \
        "$(gan-eval accuracy "$out/seen.part" --logits logits | figure accuracy)" \
        "$(gan-eval fid "$out/real.part" "$out/seen.part" 2>/dev/null | figure fid)" \
        "$(gan-eval moments "$1" -t image --by label | figure moments.distance.mean)"
}
# made RUN LATENTS PICTURE: samples.part, with statistics of these latents, and ten of each class as a picture
made() {
    cp "$1" "$out/standing.part"
    gan-data head -n "$(at_most 5000 $((5 * samples + 100)))" --shuffle "$out/data.st" |
        gan-data batch --size "$(at_most 100 "$(samples_in "$out/data.st")")" --drop-last |
        gan-step "$out/standing.part" --statistics "Ga($2, y)"
    gan-sample "$out/standing.part" -n "$samples" --seed 5 --label "$labels" "Ga($2, y)" -o "$out/samples.part"
    gan-sample "$out/standing.part" --grid "${classes}x10" --seed 7 "Ga($2, y)" | gan-data sheet --columns 10 -o "$3"
}

# --- arms ---
play_arms() {
    printf 'arm\tseed\tscore\tright\tdistance\twithin\n' >"$out/games.new"
    first_seed=$seed
    for seed in $(seq "$first_seed" $((first_seed + ${seeds:-3} - 1))); do
        for arm in $(echo "$arms" | tr , ' '); do
            taken=$batch
            case $arm in
            whole) set -- ;;
            unshared) set -- -D shared=0 ${small:+-D nz=24} ;;
            first) set -- -D skip=0 ${small:+-D nz=24} ;;
            free) set -- -D ortho=0 ;;
            quarter) set -- && taken=$((batch / 4)) ;;
            esac
            start_run "$out/$arm-$seed.st" "$here/biggan.gan" "$@"
            train "$out/$arm-$seed.st" "$out/data.st" "$taken" "$all" 50
            made "$out/$arm-$seed.st" z "$out/$arm-$seed.png"
            printf '%s\t%s\t%s\n' "$arm" "$seed" "$(judged "$out/samples.part")" >>"$out/games.new"
        done
    done
    mv "$out/games.new" "$out/games.tsv"
    awk -F'\t' '
        NR > 1 { if (!n[$1]++) order[++k] = $1; for (i = 3; i <= 6; i++) { sum[$1, i] += $i; square[$1, i] += $i * $i } }
        END {
            print "arm\tinception score\tas asked for\tdistance\twithin a class\tgames"
            for (a = 1; a <= k; a++) {
                arm = order[a]; m = n[arm]; line = arm
                for (i = 3; i <= 6; i++) {
                    v = m > 1 ? (square[arm, i] - sum[arm, i] ^ 2 / m) / (m - 1) / m : 0
                    line = line sprintf("\t%.3f +- %.3f", sum[arm, i] / m, v > 0 ? sqrt(v) : 0)
                }
                print line "\t" m
            }
        }' "$out/games.tsv" >"$out/arms.tsv"
    rm -f "$out"/*.part
    cat "$out/arms.tsv"
    say "look at $out/*.png"
}
if [ -n "$arms" ]; then
    play_arms
    exit
fi

# --- the game ---
start_run "$out/run.st" "$here/biggan.gan"
end=$(at_most "$all" "${steps:-}")
while :; do
    at=$(steps_played "$out/run.st")
    [ "$at" -lt "$end" ] || break
    ended=0
    train "$out/run.st" "$out/data.st" "$batch" "$(at_most $(((at / every + 1) * every)) "$end")" 10 || ended=$?
    [ "$ended" = 0 ] || [ "$ended" = 7 ] || exit "$ended"
    gan-svd "$out/run.st" --name 'G.*' --append "$out/singular.tsv"
    [ "$ended" = 0 ] || break
done
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns real,fake --smooth 25
gan-data plot "$out/singular.tsv" --log -o "$out/singular.png"

# --- truncation ---
made_of "$out/truncation-of.txt" "step $(steps_played "$out/run.st"), $samples samples" "$out/truncation.tsv"
if [ ! -s "$out/truncation.tsv" ]; then
    printf 'limit\tinception score\tas asked for\tdistance\twithin a class\n' >"$out/truncation.new"
    printf 'test data\t%s\n' "$(judged "$out/few.part")" >>"$out/truncation.new"
    for limit in none 2 1 0.5 0.3 0.1 0.04; do
        case $limit in none) latents=z ;; *) latents="truncated($limit)[nz]" ;; esac
        made "$out/run.st" "$latents" "$out/truncation-$limit.png"
        printf '%s\t%s\n' $limit "$(judged "$out/samples.part")" >>"$out/truncation.new"
    done
    mv "$out/truncation.new" "$out/truncation.tsv"
fi
rm -f "$out"/*.part
cat "$out/truncation.tsv"

if [ -n "$small" ]; then
    echo "to look for: the score at .3 at least 1.05 times that without a limit; the least distance with a limit of 1 to 2 or none, at"
    echo ".1 at least twice that at 2; distances within a class fall at each step, tenfold from none to .04, where more are as asked for"
    verdict 'NR > 2 { score[$1] = $2; right[$1] = $3; far[$1] = $4; within[$1] = $5; if (before != "" && $5 >= before) miss("within a class at " $1); before = $5 }
        END {
            if (score["0.3"] < 1.05 * score["none"]) miss("score")
            if (far["0.1"] < 2 * far["2"] || far["0.5"] < far["1"]) miss("distance")
            if (within["0.04"] * 10 > within["none"]) miss("within a class")
            if (right["0.04"] <= right["none"]) miss("as asked for")
        }' "$out/truncation.tsv"
fi
say "look at $out/truncation-*.png"
