#!/bin/sh
# wae.sh [OPTION]... DATA OUT: Wasserstein auto-encoders (Tolstikhin et al. 2018), their codes held to the
# prior by a discriminator or by the maximum mean discrepancy, beside a variational auto-encoder of
# the same nets: how far samples are from pictures, in the features of a classifier.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives judge.st (the classifier), for each arm ARM.st (the checkpoint), .tsv (the costs),
# ARM-samples.png, ARM-made-again.png (test pictures above their reconstructions), ARM-between.png
# (from each test picture to the next); table.tsv: Frechet distance of samples and of reconstructions
# to test pictures, squared error of these, and MMD of codes to the prior. Run it again to go on.
#   --arms LIST       of vae, mmd, gan (all)
#   --epochs N        passes over the data (100)
#   --steps N         play no more than N steps
#   --samples N       samples to judge by (10000)
#   -D NAME=VALUE     option of wae.gan
#   --small           codes of a ring of eight modes in the plane: a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=vae,mmd,gan
check_own() { each_of --arms "$arms" vae mmd gan; }
recipe_options "$@"
arms=$(echo "$arms" | tr , ' ')

# apart RUN STREAM: the MMD of codes and the prior, of a thousand; scales as in the page
apart() {
    gan-data head -n 1000 --shuffle "$2" | gan-sample "$1" -i - code='code_of(E(x))' z=z >"$out/codes.st"
    gan-data join "$out/codes.st:code=z" -o "$out/prior.st"
    dz=$(gan-data info "$out/codes.st" | sed -n 's/^  z .*,\([0-9]*\)\]/\1/p')
    gan-data join "$out/codes.st:code" | gan-eval mmd "$out/prior.st" - --tensor code --kernel imq --scales \
        "$(echo "$dz" | awk '{ n = split("0.1 0.2 0.5 1 2 5 10", s, " ")
            for (i = 1; i <= n; i++) printf "%s%g", (i > 1 ? "," : ""), 2 * s[i] * $1 }')" | figure mmd
    rm "$out/codes.st" "$out/prior.st"
}

if [ -n "$small" ]; then
    make_file "$out/ring.st" gan-data make ring -n 10000 --sigma 0.3 --seed 1
    define=" -D task=points -D hidden=64 -D pretrain=0 -D rate_D=0.001$define"
    : >"$out/apart.part"
    for arm in $arms; do
        start_run "$out/$arm.st" "$here/wae.gan" -D penalty="$arm"
        [ -s "$out/$arm-0.st" ] || cp "$out/$arm.st" "$out/$arm-0.st"
        train "$out/$arm.st" "$out/ring.st" 100 3000 50
        first=$(apart "$out/$arm-0.st" "$out/ring.st")
        last=$(apart "$out/$arm.st" "$out/ring.st")
        printf '%s\t%s\t%s\n' "$arm" "$first" "$last" >>"$out/apart.part"
    done
    mv "$out/apart.part" "$out/apart.tsv"
    awk -F'\t' '{ printf "MMD^2 of codes and prior, %s: %s untrained, %s\n", $1, $2, $3 }' "$out/apart.tsv"
    echo "to look for, of mmd and gan: a fifth of what it was at most"
    verdict '$1 != "vae" { most("MMD^2 of " $1 ":", $3, $2 / 5) }' "$out/apart.tsv"
    exit
fi
idx_stream "$out/data.st" "$data" train
idx_stream "$out/test.st" "$data" t10k
classifier "$out/judge.st" "$out/data.st" 2000
# distance STREAM: to the test pictures
distance() {
    gan-sample "$out/judge.st" -i "$1" feature=feature | gan-eval fid "$out/real.st" - | figure fid |
        awk '{ printf "%.2f", $1 }'
}
make_file "$out/real.st" gan-sample "$out/judge.st" -i "$out/test.st" feature=feature
gan-data head -n 8 "$out/test.st" >"$out/eight.st"

all=$(passes 100 100)
printf 'arm\tsteps\tFrechet distance of samples\tof reconstructions\tsquared error\tMMD^2 of codes\n' >"$out/table.tsv.part"
for arm in $arms; do
    run=$out/$arm.st
    start_run "$run" "$here/wae.gan" -D penalty="$arm" -D epoch="$(passes 1 100)"
    train "$run" "$out/data.st" 100 "$all" 50
    # a fixed batch norm for Dec: that of codes, which the prior's are like
    gan-sample "$run" -n "${samples:-10000}" --seed 11 >"$out/made.st"
    gan-sample "$run" -i "$out/test.st" image='made(E(x)[0])' >"$out/again.st"
    error=$(gan-sample "$run" -i "$out/test.st" error='view(sqnorm(x - made(E(x)[0])), 1)' |
        gan-eval moments - --tensor error --pairs 0 | figure moments.mean | awk '{ printf "%.1f", $1 }')
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$arm" "$(steps_played "$run")" "$(distance "$out/made.st")" \
        "$(distance "$out/again.st")" "$error" "$(apart "$run" "$out/test.st")" >>"$out/table.tsv.part"
    gan-data head -n 64 "$out/made.st" | gan-data sheet -o "$out/$arm-samples.png"
    gan-data head -n 8 "$out/again.st" | gan-data cat "$out/eight.st" - 2>/dev/null |
        gan-data sheet --columns 8 -o "$out/$arm-made-again.png"
    gan-sample "$run" -i "$out/eight.st" image='made(walk(E(x)[0], 8))' | gan-data sheet --columns 9 -o "$out/$arm-between.png"
    rm "$out/made.st" "$out/again.st"
done
rm "$out/eight.st"
mv "$out/table.tsv.part" "$out/table.tsv"
cat "$out/table.tsv"
echo "to look for: the distances of gan below those of mmd below those of vae, as in the paper for faces"
