#!/bin/sh
# wgan-toy.sh [OPTION]... OUT: the toy problems of Wasserstein GANs, with clipped weights (Arjovsky,
# Chintala, Bottou 2017) and with a gradient penalty (Gulrajani et al. 2017), in tables and pictures.
# Networks are small; -D width=512 -D start=he --steps 100000 are those of the second paper.
#
# OUT receives
#   lines.tsv      parallel lines theta apart: what the critic and the ordinary D tell of |theta|
#   gaussians.tsv  slopes of both between two Gaussians; gaussians-LOSS.tsv and .png their curves
#   surface.tsv    critics of the ring, the grid and the roll against the same with noise: peaks at
#                  the ring's 8 modes, and how the lattice of values varies; surface-DATA-LOSS.png
#   weights.tsv    mean slope on the way from data to samples, share of weights at the edge;
#                  histogram-LOSS.tsv of the weights
#   layers.tsv     log10 of the gradient's norm, layer by layer, of critics of 12 layers
#   game.tsv       modes that G finds when both play
#   --steps N         play no more than N steps of each
#   --samples N       samples to judge the game by (2500)
#   -D NAME=VALUE     option of wgan-toy.gan
#   --small           changes nothing: this recipe makes its own data
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"
page=$here/wgan-toy.gan
define=" -D start=even$define"

# toy NAME STEPS OPTION...: plays a toy to the end
toy() {
    name=$1 length=$2
    shift 2
    # shellcheck disable=SC2086 # define holds several words; the caller's options come last
    [ -s "$out/$name.st" ] || gan-init "$page" "$@" $define --seed "$seed" --batch 256 -o "$out/$name.st"
    play_alone "$out/$name.st" "$length" 50 -q
}
# value NAME EXPRESSION [N]: a number that N samples give together
value() {
    n=${3:-1}
    gan-sample "$out/$1.st" -n "$n" -b "$n" "value=view(normal[1]*0, 1) + ($2)" |
        gan-eval moments - --tensor value --pairs 0 | figure moments.mean
}
# logged NAME COLUMN: its last value
logged() {
    awk -F'\t' -v name="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) k = i }
        END { if (k) print $k; exit !k }' "$out/$1.tsv"
}

# --- parallel lines ---
net="-D width=64 -D depth=2 -D critics=1"
printf 'theta\tcritic\tgan\n' >"$out/lines.tsv"
for theta in -1 -0.5 -0.2 -0.1 0 0.1 0.2 0.5 1; do
    # shellcheck disable=SC2086
    {
        toy "lines-clip$theta" 1000 -D data=lines -D theta0=$theta $net -D loss=clip -D c=0.1 -D rate=0.0005
        toy "lines-gan$theta" 1000 -D data=lines -D theta0=$theta $net -D loss=gan -D rate=0.01
    }
    critic=$(logged "lines-clip$theta" estimate) gan=$(logged "lines-gan$theta" estimate)
    printf '%s\t%s\t%s\n' $theta "$critic" "$gan"
done >>"$out/lines.tsv"
rm -f "$out"/lines-*
gan-data plot "$out/lines.tsv" -x theta -o "$out/lines.png"
cat "$out/lines.tsv"
awk 'NR > 1 && $1 { n++; t = $1 < 0 ? -$1 : $1; r[n] = $2 / t; sum += r[n]; if (n == 1 || $3 < low) low = $3 }
    END {
        for (i in r) { d = r[i] / sum * n - 1; if (d < 0) d = -d; if (d > far) far = d }
        printf "critic / |theta| is within %.2f of its mean %.2f; least estimate of the GAN %.4f\n", far, sum / n, low
    }' "$out/lines.tsv"
echo "to look for: within 0.15; at least 0.69"
toy learn 500 -D data=lines -D width=64 -D depth=2 -D loss=clip -D c=0.1 -D rate=0.0005 -D rate_g=0.005 -D train=1
theta=$(logged learn theta)
echo "theta learnt from 1 in 500 steps: $theta"
echo "to look for: less than 0.01 from 0"

# --- two Gaussians, each player at its best ---
printf 'loss\tslope\tstraightness\n' >"$out/gaussians.tsv"
for loss in clip gan; do
    # shellcheck disable=SC2086
    if [ $loss = clip ]; then toy gaussians-$loss 3000 -D data=gaussians $net -D loss=clip -D c=0.1 -D rate=0.0005 -D reach=4
    else toy gaussians-$loss 3000 -D data=gaussians $net -D loss=gan -D rate=0.01 -D reach=4; fi
    slope=$(value gaussians-$loss "mean(slope_g)" 500) straightness=$(value gaussians-$loss straightness)
    printf '%s\t%s\t%s\n' $loss "$slope" "$straightness"
done >>"$out/gaussians.tsv"
cat "$out/gaussians.tsv"
echo "to look for: the critic's slope at least 1000 times that of D, straightness -0.99"

# --- what critics look like ---
printf 'data\tloss\tpeaks\tcontrast\n' >"$out/surface.tsv"
for kind in ring grid roll; do
    for loss in gp clip; do
        run=surface-$kind-$loss
        length=1000
        [ $loss = gp ] || [ $kind != ring ] || length=10000
        toy $run $length -D data=$kind -D samples=noisy -D width=128 -D critics=1 -D loss=$loss -D reach=2
        gan-sample "$out/$run.st" -n 1 surface=surface |
            gan-data sheet --name surface --normalise --scale 2 -o "$out/$run.png"
        [ $kind = ring ] || continue
        peaks=$(value $run peaks) contrast=$(value $run contrast)
        printf '%s\t%s\t%s\t%s\n' $kind $loss "$peaks" "$contrast"
    done
done >>"$out/surface.tsv"
cat "$out/surface.tsv"
echo "to look for: with gp 8 peaks, contrast above 0.5; with clip fewer, 0.16"

# --- weights and slopes ---
printf 'loss\tslope\tedge\n' >"$out/weights.tsv"
for loss in gp clip; do
    toy weights-$loss 1000 -D samples=noisy -D width=128 -D critics=1 -D loss=$loss -D lambda=10
    slope=$(logged weights-$loss slope)
    edge=$(value weights-$loss '(edge(weights("D.2.weight")) + edge(weights("D.4.weight"))) / 2')
    printf '%s\t%s\t%s\n' $loss "$slope" "$edge"
    gan-sample "$out/weights-$loss.st" -n 1 'value=weights("D.2.weight")' </dev/null |
        gan-eval histogram - >"$out/histogram-$loss.tsv"
done >>"$out/weights.tsv"
cat "$out/weights.tsv"
echo "to look for: slope of gp 0.9 to 1.1; edge of clip above 0.6, of gp 0"

# --- gradients through twelve layers ---
printf 'critic\t%s\n' "$(seq -s '	' 1 12)" >"$out/layers.tsv"
for c in gp 0.1 0.01 0.001; do
    if [ $c = gp ]; then set -- -D loss=gp -D lambda=10; else set -- -D loss=clip -D c=$c; fi
    toy layers-$c 100 -D data=roll -D depth=12 -D width=128 "$@"
    printf '%s' $c
    for layer in $(seq 0 11); do
        norm=$(value layers-$c "mean(layers[$layer])" 500)
        awk -v norm="$norm" 'BEGIN { printf "\t%s", (norm > 0 ? log(norm) / log(10) : "-inf") }'
    done
    echo
done >>"$out/layers.tsv"
cut -f1,2,13 "$out/layers.tsv"
echo "to look for: first and last of gp less than 1 apart, of clip more than 2"

# --- the game ---
toy game 1000 -D width=128 -D rate=0.001
gan-sample "$out/game.st" -n "${samples:-2500}" 'point=1.414*g' --seed 5 |
    gan-eval modes - --sigma 0.0666667 >"$out/game.tsv"
captured=$(figure modes.captured <"$out/game.tsv") quality=$(figure modes.quality <"$out/game.tsv")
echo "modes found: $captured of 8; share of samples within 0.2 of one: $quality"
echo "to look for: 8, 0.85 after 4000 steps"
say "look at $out/surface-ring-gp.png and $out/surface-ring-clip.png"
