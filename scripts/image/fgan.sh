#!/bin/sh
# fgan.sh [OPTION]... DATA OUT: f-GAN (Nowozin et al. 2016): digits under each of six divergences,
# and a normal distribution fitted to a mixture of two on a line.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives for each divergence NAME.st (the checkpoint), NAME.tsv (the costs) and NAME.png
# (samples); fit-NAME.st and .tsv of the mixture; mixture.tsv and likelihood.tsv (the tables).
# Run it again to go on.
#   --epochs N        passes over the digits (1000 of 4096 a minibatch)
#   --steps N         play no more than N steps
#   --samples N       samples to judge by (16000)
#   -D NAME=VALUE     option of fgan.gan, for the digits; of several divergences only this one: -D divergence=kl
#   --small           the mixture alone: about a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

names=$(setting divergence 'kl rkl pearson hellinger js gan')

# fit NAME: plays it, and sets `found`: mean, deviation and bound over the last 30 % of the steps
fit() {
    run=$out/fit-$1.st
    [ -s "$run" ] || gan-init "$here/fgan.gan" -D task=mixture -D divergence="$1" -D critic=2 \
        -D rate=0.001 -D rate_V=0.002 --seed "$seed" --batch 1024 -o "$run"
    play_alone "$run" 3000 1 --batch 1024
    found=$(awk -F'\t' -v from="$(($(steps_played "$run") * 7 / 10))" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR > 1 && $1 > from { n++; m += $at["mean"]; s += $at["deviation"]; b += $at["V"] }
        END { if (n) printf "%.3f\t%.3f\t%.4f\n", m / n, s / n, b / n; exit !n }' "${run%.st}.tsv")
}
# the best normal distribution and its divergence, by numerical integration
exact() {
    case $1 in
    kl) echo .900 1.538 .3554 ;;
    rkl) echo .047 .550 .3239 ;;
    pearson) echo .784 1.584 .6805 ;;
    hellinger) echo 1.036 1.485 .2029 ;;
    js) echo .992 1.528 .1894 ;;
    gan) echo .992 1.528 -1.1969 ;;
    esac | tr ' ' '\t'
}
printf 'divergence\tmean\tdeviation\tbound\texact mean\texact deviation\tdivergence of both\n' >"$out/mixture.tsv"
for name in $names; do
    fit "$name"
    printf '%s\t%s\t%s\n' "$name" "$found" "$(exact "$name")" >>"$out/mixture.tsv"
done
cat "$out/mixture.tsv"
awk -F'\t' 'function off(a, b) { return a < b ? b - a : a - b }
    NR > 1 && (off($2, $5) >= 0.05 || off($3, $6) >= 0.05 || off($4, $7) > 0.05 * off($7, 0) || $4 > $7 + 0.02) { bad++ }
    END { printf "divergences whose fit is off: %d\n", bad }' "$out/mixture.tsv"
echo "to look for: 0, means and deviations within 0.05 and bounds within 5 % of the exact ones"
[ -z "$small" ] || exit 0

idx_stream "$out/data.st" "$data" train --first 50000
idx_stream "$out/valid.st" "$data" train --skip 50000
idx_stream "$out/test.st" "$data" t10k
all=$(passes 1000 4096)
printf 'divergence\tlog-likelihood\terror\tpaper\n' >"$out/likelihood.tsv"
for name in $names; do
    run=$out/$name.st
    start_run "$run" "$here/fgan.gan" -D divergence="$name"
    train "$run" "$out/data.st" 4096 "$all"
    gan-sample "$run" -n 64 --seed 7 | gan-data sheet -o "$out/$name.png"
    gan-sample "$run" -n "${samples:-16000}" --seed 11 >"$out/judged.st"
    case $name in
    kl) paper='416' ;; rkl) paper='319' ;; pearson) paper='429' ;;
    js) paper='367' ;; gan) paper='305' ;; *) paper=none ;;
    esac
    found=$(gan-eval parzen "$out/test.st" "$out/judged.st" --validation "$out/valid.st" | figure parzen error)
    printf '%s\t%s\t%s\n' "$name" "$found" "$paper" >>"$out/likelihood.tsv"
    rm "$out/judged.st"
done
cat "$out/likelihood.tsv"
