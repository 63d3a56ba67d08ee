#!/bin/sh
# dream.sh [OPTION]... DATA OUT: pictures that please a network's features (Mordvintsev, Olah, Tyka 2015), at a
# fixed place and with jitter, and the checkerboards in both (Odena, Dumoulin, Olah 2016).
#
# DATA is a checkpoint of vgg16.gan with weights (gan-init vgg16.gan -D classifier=0 --from VGG=FILE) or, with
# -D net=D, of checkerboard.gan.
# OUT receives fixed.st, jitter.st (the pictures' games), fixed.png, jitter.png, the same of their gradients at
# the end (fixed-slope.png, jitter-slope.png), and result.tsv: shares of periods of 2, 4 and 8 pixels in
# the pictures, and how high the features have come.
#   --steps N         steps up (200)
#   -D NAME=VALUE     option of dream.gan
#   --small           a network with a stride of 2 and random weights: seconds
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is='checkpoint'
recipe_options "$@"

net=$data
if [ -n "$small" ]; then
    net=$out/net.st
    [ -s "$net" ] || gan-init "$here/checkerboard.gan" -D kd=3 -D nf=16 --seed "$seed" -o "$net"
    define=" -D net=D -D kd=3 -D nf=16 -D size=64 -D scales=1 -D rate=0.005$define"
fi
define=" -D file=$(cd "$(dirname "$net")" && pwd)/$(basename "$net")$define"

printf 'place\tsteps\tp2\tp4\tp8\theight\n' >"$out/result.new"
for place in fixed jitter; do
    set -- -D jitter=0
    [ $place = fixed ] || set -- -D jitter="$(setting jitter 32)"
    start_run "$out/$place.st" "$here/dream.gan" "$@"
    play_alone "$out/$place.st" 200 10
    gan-sample "$out/$place.st" -n 4 image=u slope='grad(all, u)' -o "$out/seen.part"
    gan-data sheet "$out/seen.part" -o "$out/$place.png"
    gan-data sheet "$out/seen.part" --name slope --normalise -o "$out/$place-slope.png"
    printf '%s\t%s\t%s\t%s\n' $place "$(steps_played "$out/$place.st")" "$(gan-eval lattice "$out/seen.part" -t image |
        awk -F'\t' '$1 ~ /lattice.p/ && $1 !~ /phase/ { printf "%s%.3g", sep, $2; sep = "\t" } END { exit !sep }')" \
        "$(tail -1 "$out/$place.tsv" | cut -f4)" >>"$out/result.new"
    rm "$out/seen.part"
done
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"
if [ -n "$small" ]; then
    echo "to look for: with jitter at most a third of the share of period 2"
    verdict '{ p[$1] = $3 } END { most("the share with jitter", p["jitter"], p["fixed"] / 3) }' "$out/result.tsv"
fi
say "look at $out/fixed.png and $out/jitter.png"
