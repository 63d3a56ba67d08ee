#!/bin/sh
# svae.sh [OPTION]... DATA OUT: variational auto-encoders of digits with codes on a sphere and with
# normal ones (Davidson et al. 2018): likelihoods, and nearest neighbours among codes (M1).
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives svae.tsv (the table, with the paper's rows) and, for each number of dimensions, posterior
# and seed, dD-POSTERIOR-S.st (the checkpoint), .tsv (the costs), .early.tsv (ELBO of validation pictures,
# whose largest is that of .best.st), .figures (of that one), .png (samples), .between.png (on great circles,
# or lines, between codes); of two dimensions also .manifold.png (decoded grid of codes) and .codes.png
# (test pictures' codes; of the sphere as a map). Run it again to go on.
#   --dims LIST       dimensions of the codes (2,5,10,20,40)
#   --arms LIST       posteriors (sphere,normal)
#   --epochs N        passes over the data, at most (400); fewer when 50 have brought nothing
#   --steps N         play no more than N steps
#   --samples N       test pictures for the likelihood (10000)
#   --seeds N         so many, from --seed on (1)
#   -D NAME=VALUE     option of svae.gan
#   --small           two dimensions, digits made on the spot: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
dims=2,5,10,20,40 arms=sphere,normal seeds=1
check_own() {
    each_of --dims "$dims" 2 5 10 20 40
    each_of --arms "$arms" sphere normal
}
recipe_options "$@"

# elbo RUN: the mean lower bound of validation pictures, made black and white alike each time
elbo() {
    gan-sample "$1" -i "$out/valid.st" --seed 5 'elbo=likelihood - divergence' |
        gan-eval moments - --tensor elbo --pairs 0 | figure moments.mean
}

# nearest_accuracies RUN OPTION...: of test codes by a vote of five among 100, 600 and 1000 labelled ones, in percent
nearest_accuracies() {
    of_codes=$1
    shift
    gan-eval knn "$of_codes.train" "$of_codes.test" -k 5 --per-class 10,60,100 --draws 20 "$@" |
        awk -F'\t' '$1 == "knn.accuracy" { printf "\t%.1f", 100 * $2 }'
}

# judge RUN POSTERIOR, by frames of few pictures, for each has hundreds of codes to decode: RUN.figures of the best checkpoint: its step, epochs, log-likelihood, ELBO,
# reconstruction, divergence, and the accuracies with 100, 600 and 1000 labels
judge() {
    judged=${1%.st} best=${1%.st}.best.st judged_as=$2
    at=$(steps_played "$best")
    if [ -s "$judged.figures" ] && [ "$(cut -f1 "$judged.figures")" = "$at" ]; then return; fi
    gan-data head -n "${samples:-10000}" --frame 4 "$out/test.st" >"$judged.some"
    gan-sample "$best" -i "$judged.some" --seed 7 log_weight=log_weight |
        gan-eval likelihood - >"$judged.likelihood"
    divergence=$(gan-sample "$best" -i "$judged.some" --seed 7 divergence=divergence |
        gan-eval moments - --tensor divergence --pairs 0 | figure moments.mean)
    for set in train test; do
        gan-sample "$best" -i "$out/$set.st" --seed 7 feature=mu >"$judged.$set"
    done
    set --
    [ $judged_as = normal ] || set -- --geodesic
    {
        printf '%s\t%d\t%s\t%s\t%s' "$at" $((at / pass)) "$(figure likelihood.bound <"$judged.likelihood")" \
            "$(figure likelihood.elbo <"$judged.likelihood")" "$divergence" |
            awk -F'\t' '{ printf "%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f", $1, $2, $3, $4, $4 + $5, $5 }'
        nearest_accuracies "$judged" "$@"
        echo
    } >"$judged.part"
    mv "$judged.part" "$judged.figures"
    rm "$judged.some" "$judged.likelihood" "$judged.train" "$judged.test"
}

# pictures RUN POSTERIOR D
pictures() {
    best=${1%.st}.best.st
    gan-sample "$best" -n 100 --seed 7 | gan-data sheet --columns 10 -o "${1%.st}.png"
    gan-sample "$best" -n 10 --seed 7 'image=sigmoid(Dec(between))' |
        gan-data sheet --columns 10 -o "${1%.st}.between.png"
    [ "$3" = 2 ] || return 0
    gan-sample "$best" -n 1 image=manifold | gan-data sheet --columns 20 -n 400 --gap 0 -o "${1%.st}.manifold.png"
    [ "$2" = normal ] && at=mu || at='hammer(mu)'
    gan-sample "$best" -i "$out/test.st" --seed 7 "point=$at" |
        gan-data scatter --dot 3 -o "${1%.st}.codes.png"
}

# paper D POSTERIOR: its row of the table
paper() {
    awk -v d="$1" -v arm="$2" '$1 == d && $2 == arm {
        printf "%s\t%s\tpaper\t\t\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }' <<EOF
2 sphere -132.50 -133.72 -126.43 7.28 77.9 84.9 85.6
2 normal -135.73 -137.08 -129.84 7.24 72.6 80.8 81.7
5 sphere -108.43 -111.19 -97.84 13.35 87.5 92.8 93.4
5 normal -110.21 -112.98 -100.16 12.82 81.8 90.9 92.0
10 sphere -93.16 -97.70 -77.03 20.67 80.6 91.2 92.8
10 normal -93.84 -98.36 -78.93 19.44 75.7 88.4 90.2
20 sphere -89.02 -96.15 -67.65 28.50 72.8 89.1 91.1
20 normal -88.90 -94.79 -71.29 23.50 71.3 88.3 90.1
40 sphere -90.87 -101.26 -67.75 33.50 67.7 87.4 90.4
40 normal -88.93 -94.91 -71.14 23.77 72.3 88.0 90.3
EOF
}

patience=10 warm=100
if [ -n "$small" ]; then
    dims=2 warm=10 epochs=${epochs:-40}
    wild='--rotate 0.4 --zoom 0.2 --move 2'
    # shellcheck disable=SC2086 # several words
    make_file "$out/train.st" gan-data make digits -n 6400 $wild --seed 1
    # shellcheck disable=SC2086 # several words
    make_file "$out/valid.st" gan-data make digits -n 1000 $wild --seed 2
    # shellcheck disable=SC2086 # several words
    make_file "$out/test.st" gan-data make digits -n 1000 $wild --seed 3
else
    idx_stream "$out/train.st" "$data" train --first 50000
    idx_stream "$out/valid.st" "$data" train --skip 50000
    idx_stream "$out/test.st" "$data" t10k
fi
pass=$(($(samples_in "$out/train.st") / 64))
last=$((seed + seeds - 1))
for d in $(echo "$dims" | tr , ' '); do
    for arm in $(echo "$arms" | tr , ' '); do
        for seed in $(seq $((last - seeds + 1)) "$last"); do
            run=$out/d$d-$arm-$seed.st
            start_run "$run" "$here/svae.gan" -D d="$d" -D posterior="$arm" -D warm=$((warm * pass))
            train_early "$run" "$out/train.st" 64 $((pass * ${epochs:-400})) $((5 * pass)) $((warm * pass)) \
                $patience elbo
            judge "$run" "$arm"
            pictures "$run" "$arm" "$d"
        done
    done
done

{
    printf 'd\tposterior\tseed\tstep\tepochs\tlog-likelihood\tELBO\treconstruction\tdivergence\t5-NN 100\t600\t1000\n'
    for d in $(echo "$dims" | tr , ' '); do
        for arm in $(echo "$arms" | tr , ' '); do
            for seed in $(seq $((last - seeds + 1)) "$last"); do
                printf '%s\t%s\t%s\t' "$d" "$arm" "$seed"
                cat "$out/d$d-$arm-$seed.figures"
            done
            [ -n "$small" ] || paper "$d" "$arm"
        done
    done
} >"$out/svae.tsv"
cat "$out/svae.tsv"
[ -z "$small" ] || echo "to look for: the sphere's log-likelihood above the normal one's; in the paper accuracies are, too"
verdict '{ n[$2]++; s[$2] += $6 }
    END { if (n["sphere"] && n["normal"]) least("log-likelihood of the sphere", s["sphere"] / n["sphere"], s["normal"] / n["normal"]) }' \
    "$out/svae.tsv"
