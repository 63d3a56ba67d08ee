#!/bin/sh
# vae.sh [OPTION]... DATA OUT: variational auto-encoders of digits (Kingma and Welling 2014) whose pixels are
# black or white, normal with a fixed deviation, or normal with one that is learned.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives vae.tsv (the table: bounds of test pictures in nats) and, for each decoder, ARM.st (the
# checkpoint), .tsv and .curve.png (costs), .png (samples), .pairs.png (pictures above what is decoded of their
# codes); with -D d=2 .manifold.png (decoded grid of codes) and .codes.png. Run it again to go on.
#   --arms LIST       decoders (bernoulli,fixed,learned)
#   --epochs N        passes over the data (100)
#   --steps N         play no more than N steps
#   --samples N       test pictures for the likelihood (10000)
#   -D NAME=VALUE     option of vae.gan
#   --small           digits made on the spot, 1500 steps: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=bernoulli,fixed,learned
check_own() { each_of --arms "$arms" bernoulli fixed learned; }
recipe_options "$@"

if [ -n "$small" ]; then
    define=" -D d=5 -D hidden=200$define" samples=${samples:-300}
    wild='--rotate 0.4 --zoom 0.2 --move 2'
    # shellcheck disable=SC2086 # several words
    make_file "$out/train.st" gan-data make digits -n 5000 $wild --seed 1
    # shellcheck disable=SC2086 # several words
    make_file "$out/test.st" gan-data make digits -n 1000 $wild --seed 2
    all=1500
else
    idx_stream "$out/train.st" "$data" train
    idx_stream "$out/test.st" "$data" t10k
    all=$(passes 100 100 "$out/train.st")
fi

# judge RUN: a row of the table: log-likelihood, ELBO, reconstruction and divergence
judge() {
    judged=${1%.st}
    gan-data head -n "${samples:-10000}" --frame 4 "$out/test.st" >"$judged.some"
    gan-sample "$1" -i "$judged.some" --seed 7 log_weight=log_weight | gan-eval likelihood - >"$judged.bounds"
    divergence=$(gan-sample "$1" -i "$judged.some" --seed 7 divergence=divergence |
        gan-eval moments - --tensor divergence --pairs 0 | figure moments.mean)
    printf '%s\t%s\t%s\n' "$(figure likelihood.bound <"$judged.bounds")" \
        "$(figure likelihood.elbo <"$judged.bounds")" "$divergence" |
        awk -F'\t' '{ printf "%.2f\t%.2f\t%.2f\t%.2f\n", $1, $2, $2 + $3, $3 }'
    rm "$judged.some" "$judged.bounds"
}

printf 'decoder\tsteps\tlog-likelihood\tELBO\treconstruction\tdivergence\n' >"$out/vae.part"
for arm in $(echo "$arms" | tr , ' '); do
    run=$out/$arm.st
    start_run "$run" "$here/vae.gan" -D decoder="$arm"
    train "$run" "$out/train.st" 100 "$all" 100
    printf '%s\t%s\t%s\n' "$arm" "$(steps_played "$run")" "$(judge "$run")" >>"$out/vae.part"
    gan-data plot "$out/$arm.tsv" --columns elbo,reconstruction --smooth 5 -o "$out/$arm.curve.png"
    gan-sample "$run" -n 100 --seed 7 | gan-data sheet --columns 10 -o "$out/$arm.png"
    gan-data head -n 20 "$out/test.st" >"$out/$arm.few"
    { cat "$out/$arm.few"; gan-sample "$run" -i "$out/$arm.few" --seed 7 'image=show(mu)'; } |
        gan-data sheet --columns 20 -o "$out/$arm.pairs.png"
    rm "$out/$arm.few"
    [ "$(setting d 20)" = 2 ] || continue
    gan-sample "$run" -n 1 image=manifold | gan-data sheet --columns 20 -n 400 --gap 0 -o "$out/$arm.manifold.png"
    gan-sample "$run" -i "$out/test.st" --seed 7 point=mu | gan-data scatter --dot 3 -o "$out/$arm.codes.png"
done
mv "$out/vae.part" "$out/vae.tsv"
cat "$out/vae.tsv"
if [ -n "$small" ]; then echo "to look for: bernoulli above -175, learned above fixed, each bound above the ELBO"
else echo "to look for: bernoulli above -100, learned above fixed, each bound above the ELBO"; fi
verdict 'NR > 1 { bound[$1] = $3; least("bound of " $1 ":", $3, $4) }
    END {
        if ("bernoulli" in bound) least("log-likelihood of bernoulli", bound["bernoulli"], -175)
        if ("learned" in bound && "fixed" in bound) least("log-likelihood of learned", bound["learned"], bound["fixed"])
    }' "$out/vae.tsv"
