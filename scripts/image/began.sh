#!/bin/sh
# began.sh [OPTION]... DATA OUT: BEGAN (Berthelot et al. 2017) from a folder of pictures to samples.
#
# DATA is a folder or .zip of pictures.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the measure of convergence M and k),
# samples.png, walk.png (straight lines between latents). Run it again to go on.
#   --epochs N        passes over the pictures (20)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of began.gan; gamma=0.3 to 0.7 trades quality for diversity
#   --small           16x16 digits made on the spot: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is=pictures
recipe_options "$@"

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n 10000 --size 16 --seed 1
    define=" -D size=16 -D channels=1 -D nf=16 -D nz=16 -D rate=0.0005 -D lambda=0.005$define"
    all=1000
else
    image_stream "$data" "$(setting size 64)"
    all=$(passes 20 16)
fi
play_page began 16 "$all" M,k
gan-sample "$out/run.st" 'G(walk(z, 7))' -n 9 --seed 7 | gan-data sheet --columns 8 -o "$out/walk.png"
# over the first and the last tenth of the rows
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { m[++n] = $at["M"]; r[n] = $at["made"] / $at["real"]; k = $at["k"] }
    END { t = int(n / 10); if (t < 1) t = 1
        for (i = 1; i <= t; i++) { first += m[i] / t; last += m[n - t + i] / t; ratio += r[n - t + i] / t }
        printf "convergence M: %.4f at first, %.4f at last\nL(G(z)) / L(x) at last: %.3f, k: %.4f\n", first, last, ratio, k }' "$out/run.tsv"
if [ -n "$small" ]; then echo "to look for: M falling by half or more, the ratio near gamma = 0.5"
else echo "to look for: M falling with what is seen, the ratio near gamma"; fi
