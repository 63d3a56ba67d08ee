#!/bin/sh
# vid2vid.sh [OPTION]... DATA OUT: films made of films of maps (Wang et al. 2018): does what moves keep its looks, made
# from the frames before and frame by frame?
#
# DATA is a folder with train and val, pictures, and trainannot and valannot, maps of labels of the same names:
# indices or grey PNG, or colours with --palette. A camera pans and zooms over each, see panning.gan, so that the
# flow is known. Or it is a folder with train.st and test.st, streams of clips: video, segment (labels) and flow, of
# the frames from the second on: what a pixel shows was at its place plus the flow, to the right and down, in the
# frame before; these have no options --classes to --clips.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs), .png and .gif (four clips: maps, made and true
# frames side by side), and table.tsv: the mean absolute difference of a frame from the one before, moved by the true
# flow, where both show the same thing; and that from the true frame. Run it again to go on.
#   --arms LIST       of film, frames (each by itself), coarse (a G of half the size inside) (film,frames)
#   --classes N       labels (11)
#   --other LIST      numbers that are no label, with commas between (11)
#   --palette FILE    colours and names of labels, see gan-data maps
#   --index           the maps are numbers, though there is a palette
#   --height N        of frames made of pictures, a multiple of 8 (64)
#   --width N         of frames made of pictures, a multiple of 8 (96)
#   --clips N         made of each picture (4)
#   --batch N         minibatch (1)
#   --epochs N        passes over the data (20), in the second half of which the rate falls to 0
#   --vgg FILE        weights of VGG-19, for a perceptual cost beside the others (none)
#   --steps N         play no more than N steps
#   --samples N       clips to judge by (32)
#   -D NAME=VALUE     option of vid2vid.gan
#   --small           clips of a disc and a square made on the spot, 400 steps an arm: four minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/maps.inc
. "$pages/lib/maps.inc"
arms=film,frames classes=11 other=11 palette='' index='' height=64 width=96 clips=4 batch='' vgg=''
small_decides='epochs classes other palette index vgg height width clips'
check_own() {
    map_sizes 8
    each_of --arms "$arms" film frames coarse
}
stays epochs
recipe_options "$@"
# option_of ARM
option_of() { case $1 in frames) echo '-D past=0' ;; coarse) echo '-D coarse=1' ;; esac }
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046 # several words
    chosen $(option_of "$arm") constant=- falling=-
done
: "${batch:=$([ -n "$small" ] && echo 4 || echo 1)}" "${samples:=32}"

# ---- clips: train.st and test.st ----

clip='video=clip segment=maps flow=flow'
# shapes PART COUNT SEED: clips of gliding.gan
shapes() {
    # shellcheck disable=SC2086 # several words
    [ -s "$out/$1.st" ] || gan-sample "$out/gliding.st" -n "$2" --seed "$3" $clip -o "$out/$1.st"
}
# panned PART TO CLIPS SEED: so many clips of each picture of DATA/PART, by panning.gan
panned() {
    [ ! -s "$out/$2.st" ] || return 0
    map_pairs "$out/$2-pairs.st" "$1" $((height * 3 / 2)) $((width * 3 / 2))
    # shellcheck disable=SC2086 # several words
    gan-data pick "$out/$2-pairs.st" --rows "0-$(($(samples_in "$out/$2-pairs.st") - 1))" --repeat "$3" |
        gan-sample "$out/panning.st" --seed "$4" $clip -o "$out/$2.st"
    rm "$out/$2-pairs.st"
}
narrow='' panned=''
if [ -n "$small" ]; then
    data=$out
    [ -s "$out/gliding.st" ] || gan-init "$here/gliding.gan" -o "$out/gliding.st"
    shapes train 400 "$((seed + 5))"
    shapes test 32 "$((seed + 4))"
    narrow=' -D downs=2 -D blocks=1 -D nf=16 -D nf_D=8 -D layers=1 -D rate=0.0005 -D match=2'
elif [ -e "$data/train.st" ]; then
    not_given "$data has clips" classes other palette index height width clips
else
    [ -d "$data/train" ] || die "$data: neither a folder train nor a stream train.st"
    [ -s "$out/panning.st" ] || gan-init "$here/panning.gan" -D height="$height" -D width="$width" -o "$out/panning.st"
    panned train train "$clips" "$seed"
    panned val test 1 "$((seed + 1000))"
    data=$out
    panned=1 narrow=" -D labels=$classes -D blocks=3 -D nf=16 -D nf_D=16 -D rate=0.0005"
fi
[ -e "$data/test.st" ] || die "$data: no test.st"
shape=$(gan-data info -s "$data/train.st" | awk '
    $1 == "segment" { split($3, n, /[][,]/); print "-D frames=" n[3], "-D height=" n[4], "-D width=" n[5], "-D labels=" $(NF - 1) + 1 }')
[ -n "$shape" ] || die "$data/train.st: no tensor segment"
pass=$(($(samples_in "$data/train.st") / batch))
if [ -n "$small" ]; then all=400; else all=$((${epochs:-20} * pass)); fi
[ "$pass" -gt 0 ] || die "$data/train.st: fewer clips than a minibatch of $batch"
[ -z "$vgg" ] || narrow="$narrow -D perceptual=10"
define="$narrow$define"
labels=$(setting labels "${shape##*labels=}")
extents() { gan-data info "$data/$1.st" | sed -n 's/^  segment .*\[N,\([0-9,]*\)\].*/\1/p'; }
for part in train test; do
    last=${panned:+$((classes - 1))} # what is no label is behind them
    : "${last:=$(gan-data info -s "$data/$part.st" | awk '$1 == "segment" { print $(NF - 1) }')}"
    [ "$(extents $part)" = "$(extents train)" ] ||
        die "$data/$part.st: maps of '$(extents $part)', those of train.st are of '$(extents train)'"
    [ "$last" -lt "$labels" ] || die "$data/$part.st: label $last, expected 0 to $((labels - 1))"
done
shape="$shape -D constant=$((all / 2)) -D falling=$((all - all / 2))"

# row ARM EXPRESSION: of an arm's films, or of the true ones
row() {
    gan-data head -n "$samples" "$data/test.st" |
        gan-sample "$out/$1.st" --seed 7 moved="flicker($2) + 0*x[0, 0, 0, 0]" apart="mean(abs($2 - x), [0, 1, 2, 3])" -o "$out/judged.st"
    figures '\t%.4f\t%.4f\n' "$(mean_of moved <"$out/judged.st")" "$(mean_of apart <"$out/judged.st")"
    rm "$out/judged.st"
}

map='view(m, frames, height, width, 1) * 2 / labels - 1 + view(range(3)*0, 1, 1, 1, 3)'
printf 'arm\tfrom the moved frame before\tfrom the true frame\n' >"$out/table.tsv"
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046,SC2086 # several words
    [ -s "$out/$arm.st" ] || gan-init "$here/vid2vid.gan" $shape $(option_of "$arm") $define ${vgg:+--from VGG="$vgg"} --seed "$seed" -o "$out/$arm.st"
    train "$out/$arm.st" "$data/train.st" "$batch" "$all" 50
    judged=$(row "$arm" made)
    printf '%s%s\n' "$arm" "$judged" >>"$out/table.tsv"
    gan-data head -n 4 "$data/test.st" | gan-sample "$out/$arm.st" --seed 7 video="concat([$map, made, x], axis=2)" -o "$out/films.st"
    gan-data sheet "$out/films.st" -o "$out/$arm.png"
    gan-data movie "$out/films.st" -r 4 --scale 2 -o "$out/$arm.gif"
    rm "$out/films.st"
done
judged=$(row "${arms%%,*}" x)
printf 'true films%s\n' "$judged" >>"$out/table.tsv"
cat "$out/table.tsv"
echo "to look for: film nearer to its moved frames than frames"
