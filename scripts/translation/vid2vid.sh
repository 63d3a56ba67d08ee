#!/bin/sh
# vid2vid.sh [OPTION]... DATA OUT: films made of films of maps (Wang et al. 2018): does what moves keep its looks, made
# from the frames before and frame by frame?
#
# DATA is a folder with train.st and test.st, streams of clips: video, segment (labels) and flow, of the frames
# from the second on: what a pixel shows was at its place plus the flow, to the right and down, in the frame
# before.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs), .png and .gif (four clips), and table.tsv:
# the mean absolute difference of a frame from the one before, moved by the true flow, where both show the
# same thing; and that from the true frame. Run it again to go on.
#   --arms LIST       of film, frames (each by itself), coarse (a G of half the size inside) (film,frames)
#   --batch N         minibatch (1)
#   --epochs N        passes over the data (20), in the second half of which the rate falls to 0
#   --steps N         play no more than N steps
#   --samples N       clips to judge by (32)
#   -D NAME=VALUE     option of vid2vid.gan
#   --small           clips of a disc and a square made on the spot, 400 steps an arm: four minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=film,frames batch=''
small_decides=epochs
check_own() { each_of --arms "$arms" film frames coarse; }
recipe_options "$@"
: "${batch:=$([ -n "$small" ] && echo 4 || echo 1)}" "${samples:=32}"

if [ -n "$small" ]; then
    data=$out
    if [ ! -s "$out/test.st" ]; then
        gan-init "$here/gliding.gan" -o "$out/gliding.st"
        for part in train:400 test:32; do
            gan-sample "$out/gliding.st" -n "${part#*:}" --seed "$((seed + ${#part}))" video=clip segment=maps flow=flow -o "$out/${part%:*}.st"
        done
    fi
    define=" -D downs=2 -D blocks=1 -D nf=16 -D nf_D=8 -D layers=1 -D rate=0.0005 -D match=2$define"
fi
for part in train test; do [ -e "$data/$part.st" ] || die "$data: no $part.st"; done
shape=$(gan-data info -s "$data/train.st" | awk '
    $1 == "segment" { split($3, n, /[][,]/); print "-D frames=" n[3], "-D height=" n[4], "-D width=" n[5], "-D labels=" $(NF - 1) + 1 }')
[ -n "$shape" ] || die "$data/train.st: no tensor segment"
pass=$(($(samples_in "$data/train.st") / batch))
if [ -n "$small" ]; then all=400; else all=$((${epochs:-20} * pass)); fi
shape="$shape -D constant=$((all / 2)) -D falling=$((all - all / 2))"

# mean_of NAME: of a tensor of the stream on standard input
mean_of() { gan-data info -s - | awk -v name="$1" '$1 == name { print $NF }'; }
# row ARM EXPRESSION: of an arm's films, or of the true ones
row() {
    gan-data head -n "$samples" "$data/test.st" |
        gan-sample "$out/$1.st" --seed 7 moved="flicker($2) + 0*x[0, 0, 0, 0]" apart="mean(abs($2 - x), [0, 1, 2, 3])" -o "$out/judged.st"
    printf '\t%.4f\t%.4f\n' "$(mean_of moved <"$out/judged.st")" "$(mean_of apart <"$out/judged.st")"
    rm "$out/judged.st"
}

printf 'arm\tfrom the moved frame before\tfrom the true frame\n' >"$out/table.tsv"
for arm in $(echo "$arms" | tr , ' '); do
    case $arm in frames) own='-D past=0' ;; coarse) own='-D coarse=1' ;; *) own='' ;; esac
    # shellcheck disable=SC2086 # several words
    [ -s "$out/$arm.st" ] || gan-init "$here/vid2vid.gan" $shape $own $define --seed "$seed" -o "$out/$arm.st"
    train "$out/$arm.st" "$data/train.st" "$batch" "$all" 50
    printf '%s%s\n' "$arm" "$(row "$arm" made)" >>"$out/table.tsv"
    gan-data head -n 4 "$data/test.st" | gan-sample "$out/$arm.st" --seed 7 video=made -o "$out/films.st"
    gan-data sheet "$out/films.st" -o "$out/$arm.png"
    gan-data movie "$out/films.st" -r 4 --scale 2 -o "$out/$arm.gif"
    rm "$out/films.st"
done
printf 'true films%s\n' "$(row "${arms%%,*}" x)" >>"$out/table.tsv"
cat "$out/table.tsv"
echo "to look for: film nearer to its moved frames than frames"
