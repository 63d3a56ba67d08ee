#!/bin/sh
# Packs of two reach modes of stacked digits that single pictures do not.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# --- a classifier that names both digits ---
gan-data make digits -n 3000 --seed 1 -o digits.st
gan-init "$scripts/networks/classifier.gan" -D nf=8 -D features=32 -D steps=150 --seed 1 -o judge.st
gan-data batch digits.st --size 50 --shuffle --endless 2>/dev/null | gan-step -q judge.st --until 150
gan-data batch digits.st --size 100 --shuffle | gan-step -q judge.st --statistics logits 2>err
gan-init "$scripts/networks/classifier.gan" -D nf=8 -D features=32 -D parts=2 --from judge.st -o judges.st 2>err

# --- packs of two reach modes that single pictures do not ---
gan-data stack digits.st -n 20000 -k 2 -o data.st
reached() { # reached M: modes that packs of M reach
    gan-init "$scripts/image/stacked.gan" -D digits=2 -D nf=8 -D rate=0.0005 -D rate_g=0.0005 -D m="$1" \
        --batch $((64 * $1)) --seed 3 -o "run$1.st" 2>err &&
        gan-data batch data.st --size $((64 * $1)) --shuffle --seed 3 --endless | gan-step "run$1.st" -q -n 400 2>>err
    gan-sample "run$1.st" -n 1000 --seed 11 2>>err | gan-sample judges.st logits=logits |
        gan-eval labels - --groups 2 >"$1.modes" 2>>err
    value labels.captured "$1.modes"
}
one=$(reached 1) two=$(reached 2)
holds "$two > 20 && $two > 2 * $one" \
    'of 100 modes packs of two reach more than 20 in 400 steps, and more than twice those of single pictures'
finish
