#!/bin/sh
# Games on mixtures of Gaussians: sizes of the networks, what the pages promise in special cases, and the
# recipe end to end.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

gan-data make ring -n 2000 >ring.st
gan-data make grid -n 2000 >grid.st
play() { # play NAME PAGE BATCH STEPS DATA OPTION...
    name=$1 page=$2 batch=$3 steps=$4 data=$5
    shift 5
    gan-init "$page" "$@" --batch "$batch" --seed 3 -o "$name.st" 2>err &&
        gan-data batch "$data" --size "$batch" --shuffle --seed 3 --endless |
        gan-step "$name.st" -q -n "$steps" --log "$name.tsv" 2>>err
}
points() { gan-sample "$1" -n 50 --float 'G(z)'; }

# --- k = 0 and m = 1 are the plain games, to the bit ---
sed 's/maximizes L(.*)/maximizes L(D)/' "$scripts/toy/unrolled.gan" >minimax.gan
small='-D nz=4 -D width=16'
# shellcheck disable=SC2086 # several options
{
    play zero "$scripts/toy/unrolled.gan" 64 30 ring.st $small -D k=0
    play plain minimax.gan 64 30 ring.st $small
    play ahead "$scripts/toy/unrolled.gan" 64 30 ring.st $small -D k=2
    play first "$scripts/toy/unrolled.gan" 64 30 ring.st $small -D k=2 -D through=0
}
points zero.st >zero && points plain.st >plain && points ahead.st >ahead && points first.st >first
alike zero plain
check $? 'unrolled with k=0 is the minimax game'
unlike zero ahead && unlike ahead first && unlike zero first
check $? 'k=2 is another, and another without the derivative through the updates'
sed 's/pack(\(x\|G(z)\), m)/\1/' "$scripts/toy/pacgan.gan" >alone.gan
play packed "$scripts/toy/pacgan.gan" 100 20 grid.st -D m=1 -D nets=small -D width=0.25
play alone alone.gan 100 20 grid.st -D m=1 -D nets=small -D width=0.25
points packed.st >packed && points alone.st >alone
alike packed alone
check $? 'pacgan with m=1 is the non-saturating game'
gan-init "$scripts/toy/pacgan.gan" -D m=3 --batch 100 -o x.st 2>err
[ $? = 1 ] && grep -q 'blocks/minibatch.gan:.*whole number' err
check $? 'a minibatch that packs do not divide is refused'

# --- the recipe ---
"$scripts/toy/modes.sh" --help >out 2>err && grep -q '^modes.sh \[OPTION\]' out && [ ! -s err ]
check $? 'modes --help'
"$scripts/toy/modes.sh" --arms none out-none >out 2>err
[ $? = 2 ] && grep -q "^modes.sh: --arms: expected of minimax,.*, found 'none'" err && [ ! -e out-none ]
check $? 'modes refuses an unknown arm'
all='minimax,unrolled,veegan,nonsat,pacgan3,wgan-gp'
"$scripts/toy/modes.sh" --small --arms $all --seeds 2 --steps 10 modes >out 2>err &&
    "$scripts/toy/modes.sh" --small --arms $all --seeds 2 --steps 20 modes >out 2>err
[ "$(cut -f1,2 modes/table.tsv | tail -n +2 | wc -l)" = 12 ] && alike out modes/table.tsv
check $? 'modes: a table of all arms on both mixtures'
for f in modes/*-*-[12].st; do gan-data info "$f" --meta gan.step; done | sort -u >steps
[ "$(cat steps)" = 20 ]
check $? 'modes goes on'

finish
