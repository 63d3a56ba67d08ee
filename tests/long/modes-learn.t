#!/bin/sh
# Games on mixtures of Gaussians learn what their papers promise.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

gan-data make ring -n 2000 >ring.st
# --- VEEGAN: G's noise can be given back better and better ---
gan-init "$scripts/toy/veegan.gan" -D nz=2 -D eps=1 -D width=32 --batch 100 --seed 3 -o veegan.st 2>err
gan-data batch ring.st --size 100 --shuffle --seed 3 --endless | gan-step veegan.st -q -n 400 --log veegan.tsv 2>>err
error() { awk -F'\t' -v from="$1" -v to="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "error") c = i }
    NR > 1 && $1 > from && $1 <= to { s += $c; n++ } END { print s / n }' veegan.tsv; }
awk "BEGIN { exit !($(error 350 400) < 0.5 * $(error 0 20)) }"
check $? 'veegan: the error of reconstruction falls below half'

# --- packs of three reach modes ---
"$scripts/toy/modes.sh" --small --mixtures grid --arms pacgan3 --seeds 1 --steps 6000 learnt >out 2>err &&
    awk -F'\t' 'NR == 2 { exit !($3 + 0 >= 10) } END { if (NR != 2) exit 1 }' out
check $? 'pacgan3 reaches 10 modes of the grid in 6000 steps'
gan-init "$scripts/toy/pacgan.gan" -D m=3 -D nets=small --batch 384 -o untrained.st
gan-sample untrained.st -n 2500 'point=G(z)' | gan-eval modes --grid 5 - >out
awk -F'\t' '$1 == "modes.captured" && $2 <= 2 { few = 1 } END { exit !few }' out
check $? 'untrained it reaches two at most'
finish
