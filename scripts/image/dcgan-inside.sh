#!/bin/sh
# dcgan-inside.sh [OPTION]... RUN OUT: looks into a DCGAN (Radford et al. 2016).
#
# RUN is what dcgan.sh has left: a folder with run.st and data.st.
# OUT receives inside.png: for each of the first six channels of D's last convolution a row of the
# pictures that excite it most, and below them their guided gradients; left the trained D, right a
# random one. And forgotten.png: samples, and below them the same without the feature maps that, by
# a logistic regression on each position, stand for what is to be forgotten: bright spots, or what
# is drawn white on pictures of a folder, in the order of draw/, which is made for that.
#   --samples N       search no more than N pictures (10000)
#   --masks FOLDER    as many black pictures as there are in OUT/draw, white where it is to be forgotten
#   --seed N          seed of the random D (1)
. "$(dirname "$0")/../lib/recipe.inc"
masks=''
recipe_options "$@"
run=$data/run.st draw=150
for left in run data; do [ -s "$data/$left.st" ] || die "$data: no $left.st: dcgan.sh makes both"; done

# --- what excites D ---

# levels, an option of dcgan.gan, is the number of D's convolutions
last='tap(D(x), "D", 1 + 3*(levels - 1))'
gan-data head --shuffle -n "${samples:-10000}" "$data/data.st" >"$out/searched.st"
init_like "$run" "$out/random.st" "1000$seed"
statistics "$out/random.st" "$out/searched.st" 'D(x)'
cp "$run" "$out/trained.st"

for net in trained random; do
    gan-sample "$out/$net.st" score="gridpool($last, 1) | flatten" -i "$out/searched.st" |
        gan-eval top - -k 8 >"$out/$net-top.tsv"
done
for channel in 0 1 2 3 4 5; do
    for net in trained random; do
        sed -n "s/^top\t.*column=$channel\t.*index=\([0-9]*\).*/\1/p" "$out/$net-top.tsv" >"$out/rows"
        gan-data pick "$out/searched.st" --rows "$out/rows" >"$out/$net-best.st"
    done
    for what in "x" "grad(gridpool($last, 1)[0, 0, $channel], x)"; do
        for net in trained random; do
            gan-sample "$out/$net.st" image="$what" --guided --float -i "$out/$net-best.st"
        done
    done
done | gan-data sheet --columns 16 --normalise -o "$out/inside.png"
rm "$out/trained-best.st" "$out/random-best.st" "$out/rows" "$out/trained.st"

# --- forgetting ---

setting() { gan-data info "$run" --meta gan.settings | sed -n "s/^$1=//p"; }
case $(setting size) in 28) levels=2 ;; 32) levels=3 ;; 128) levels=5 ;; *) levels=4 ;; esac
# the block of G whose maps are dropped: the middle one, of 256 maps with the paper's sizes
block=$((levels > 3 ? levels - 2 : levels - 1))
stage=$((3 + 3 * block))
cell=$((1 << (levels - block)))
maps="tap(G(z), \"G\", $stage)"
light="mean(avgpool(G(z), $cell), 2)"
# brighter than the mean by more than a standard deviation
level=$(gan-sample "$run" light="$light" -n $draw --seed 7 | gan-eval moments - --tensor light --pairs 0 |
    awk -F'\t' '{ m[$1] = $2 } END { print m["moments.mean"] + m["moments.std"] }')
bright="$light > $level"

[ -d "$out/draw" ] || gan-sample "$run" -n $draw --seed 7 | gan-data export "$out/draw"
if [ -n "$masks" ]; then
    make_file "$out/masks.st" gan-data images "$masks"
    gan-sample "$run" feature="$maps" label="mean(avgpool(x, $cell), 2) > 0" -i "$out/masks.st" --seed 7
else
    gan-sample "$run" feature="$maps" label="$bright" -n $draw --seed 7
fi >"$out/positions.st"
gan-eval logistic "$out/positions.st" "$out/positions.st" --positions -o "$out/weights.st" >"$out/logistic.tsv"
dropped=$(gan-eval top "$out/weights.st" --tensor weight |
    awk -F'\t' '$1 == "top" && $2 > 0 { sub("column=", "", $3); printf "%s%s", c, $3; c = "," }')
echo "accuracy of the regression: $(figure logistic.accuracy <"$out/logistic.tsv")"
echo "maps dropped: $(printf %s "$dropped" | tr ',' '\n' | grep -c .) of $(gan-eval top "$out/weights.st" --tensor weight | grep -c ^top)"
forget() { gan-sample "$run" "$@" --drop "G.$stage:$dropped" --seed 7; }
{ gan-sample "$run" -n 16 --seed 7; forget -n 16; } | gan-data sheet --columns 16 -o "$out/forgotten.png"
if [ -z "$masks" ]; then
    share() { gan-eval moments - --tensor label --pairs 0 | figure moments.mean; }
    echo "share of bright spots: $(gan-sample "$run" label="$bright" -n $draw --seed 7 | share)," \
        "without the maps $(forget label="$bright" -n $draw | share)"
fi
say "look at $out/inside.png and $out/forgotten.png"
