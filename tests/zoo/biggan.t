#!/bin/sh
# BigGAN's options: what latents are drawn from, penalties, when to stop, when the average begins.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

small='-D size=16 -D ch=4 -D classes=5 -D chunk=4 -D width=4 -D attention_g=8 -D attention_d=8'
gan-data make shapes -n 16 --size 16 --seed 1 >shapes.st
# shellcheck disable=SC2086,SC2154 # options are words, $scripts is of zoo.sh
start() { # start NAME OPTION...
    name=$1
    shift
    gan-init "$scripts/image/biggan.gan" $small "$@" --batch 4 -o "$name.st" 2>err >out
}
play() { # play NAME STEPS
    gan-data batch shapes.st --size 4 --endless --from "$1.st" 2>err | gan-step "$1.st" -q -n "$2" --log "$1.tsv" 2>>err
}

# --- filters alike: those of a linear layer are its rows, [out, in], and those of a kernel its last axis ---
for page in biggan gan; do
    printf 'use alike from "%s.gan"\nnoise z: normal[1]\nsample z\n' $page >alike.gan
    gan-init alike.gan -o alike.st 2>err
    for of in 'stack([stack([1, 1, 1]), stack([1, -1, 0])])' \
        'view(permute(stack([stack([1, 1, 1]), stack([1, -1, 0])]), 1, 0), 1, 1, 3, 2)'; do
        worth alike.st "samples(stack([alike($of)]))" 1 >found
        near found 1e-5 "$page.gan: ${of%%(*}: filters that are not alike" 0
    done
    worth alike.st "samples(stack([alike(permute(stack([stack([1, 1, 1]), stack([1, -1, 0])]), 1, 0))]))" 1 >found
    [ "$(cut -d. -f1 found)" -gt 0 ]
    check $? "$page.gan: filters that are"
done

# --- latents, of 4000 samples of 12 numbers ---
of_many() { # of_many LATENT TOLERANCE EXPRESSION NUMBER...
    latent=$1 tolerance=$2 of=$3
    shift 3
    start "$latent" -D latent="$latent" && worth "$latent.st" "$of" 4000 >found
    near found "$tolerance" "latent=$latent" "$@"
}
moments='stack([mean(z), mean(z^2), mean(z^4)])'
of_many normal 0.03 "$moments" 0 1 3
of_many uniform 0.02 "$moments" 0 0.333333 0.2
of_many bernoulli 0.02 'stack([mean(z == 0), mean(z == 1)])' 0.5 0.5
of_many signs 0.02 'stack([mean(z == -1), mean(z == 1)])' 0.5 0.5
of_many categorical 0.02 'stack([mean(z == -1), mean(z == 0), mean(z == 1)])' 0.333333 0.333333 0.333333
of_many censored 0.03 'stack([mean(z == 0), mean(z < 0), mean(z), mean(z^2)])' 0.5 0 0.398942 0.5
of_many gated 0.03 'stack([mean(z == 0), mean(z), mean(z^2), mean(z^4)])' 0.5 0 0.5 1.5
of_many halves 0.03 'stack([mean(z[0..5]), mean(z[0..5]^2), mean(z[0..5]^4), mean(z[6..11] == 0), mean(z[6..11] == 1)])' 0 1 3 0.5 0.5
of_many spread 0.03 'stack([mean(z), mean(z^2), mean(z^4), mean(s), mean(s^2)]) where s = z[0]/n[0]' 0 1.083333 4.5375 1 1.083333
worth spread.st 'stack([max(abs(z - n*s)) < 1e-5, min(s) >= 0.5, max(s) <= 1.5]) where s = view(z[0]/n[0], 1)' 4000 >found
near found 0 'a sample has one deviation, between the two' 1 1 1
start annealed -D latent=annealed -D annealing=4
for deviation in 2 1.5 1; do
    for how in --batch-statistics:$deviation --float:1; do # in training, and in sampling
        gan-sample annealed.st -n 50 "${how%:*}" value="stack([mean(abs(z - ${how#*:}*n))])" 2>err | gan-data to-table --bare -n value >found
        near found 1e-6 "a deviation annealed to $deviation, ${how%:*}" 0
    done
    play annealed 2
done

# --- orthogonal penalties, of a random kernel of 18 numbers for each of 5 filters ---
start without -D ortho=0 && play without 1
for full in 0 1; do
    start full$full -D ortho_full=$full -D ortho=1
    kernel='w = once(normal(0, 0.5), 3, 3, 2, 5), W = matrix(w), I = view(range(5), 5, 1) == range(5)'
    case $full in 0) formula="(1 - I) * (permute(W, 1, 0) @ W)" ;; *) formula="permute(W, 1, 0) @ W - I" ;; esac
    comes_to full$full.st "stack([alike(w) / sum(($formula)^2)]) where $kernel" 1e-5 "ortho_full=$full: the penalty" 1
    comes_to full$full.st "stack([sum(d*grad(alike(w), w)) * 2*h / (alike(w + h*d) - alike(w - h*d))])
        where h = 0.01, d = once(normal(), 3, 3, 2, 5), $kernel" 5e-3 "ortho_full=$full: its gradient" 1
    wide='w = once(normal(0, 0.5), 7, 3), W = permute(w, 1, 0), I = view(range(7), 7, 1) == range(7)'
    comes_to full$full.st "stack([alike(w) / sum(($formula)^2)]) where $wide" 1e-5 "ortho_full=$full: of a layer of more filters than numbers in each" 1
    comes_to full$full.st "stack([sum(d*grad(alike(w), w)) * 2*h / (alike(w + h*d) - alike(w - h*d))])
        where h = 0.01, d = once(normal(), 7, 3), $wide" 5e-3 "ortho_full=$full: and its gradient" 1
    worth full$full.st 'stack([0*mean(G(z, c)), filters_alike(parameters(G, 2))])' | tail -1 >found
    penalty=$(cat found)
    play full$full 1
    holds "$penalty > 0.1 && ($(last full$full.tsv G) - $(last without.tsv G) - $penalty)^2 < 1e-6 * $penalty^2" "ortho_full=$full: in the cost of G"
done

# --- what stops it ---
stops() { # stops NAME STEP: with a status of its own after this step, the checkpoint being that of before
    gan-data batch shapes.st --size 4 --endless --from "$1.st" | gan-step "$1.st" -q -n 12 --log "$1.tsv" --checkpoint-every 1 2>err
    is "$?" 7 "$1: the game is stopped"
    grep -q "stays at step $(($2 - 1)): the page stops the game after step $2\$" err
    check $? "$1: after step $2"
}
start calm -D stop_growth=9 -D stop_every=2 -D stop_loss=100 && play calm 4
check $? 'nothing to stop for'
is "$(gan-data info without.st | grep -c 'begun\|sigma\|watched')" 0 'nothing is watched by default'
worth calm.st 'sigma' | tr '\n' ' ' >found
start again -D stop_growth=9 -D stop_every=2 && play again 3
# shellcheck disable=SC2046 # numbers
near found 1e-5 'the largest singular values of D and of G as they were at step 2' \
    $(for net in D G; do gan-svd again.st --name "$net.*" --top 1 | awk -F'\t' 'NR > 1 && $3 > most { most = $3 } END { print most }'; done)
start growth -D stop_growth=1.01 -D stop_every=2 -D rate_g=1e-2 && stops growth 3
start loss -D stop_loss=1 -D rate_d=0 -D rate_g=0
play loss 1
start loss -D stop_loss="$(last loss.tsv D | awk '{ print $1 - 0.001 }')" -D rate_d=0 -D rate_g=0 && stops loss 1
quiet gan-init --continue without.st --partial -D stop_growth=1.01 -D stop_every=1 -D rate_g=1e-2 -o on.st && stops on 3

# --- another game from a checkpoint on ---
start seen && play seen 2
for option in critics=0 rate_g=0 r1=10 drop=0.2 clamp=0.9; do
    quiet gan-init --continue seen.st -D "$option" -o "$option.st" && play "$option" 1
    check $? "goes on with $option"
done
is "$(values critics=0.st D.h.0.0.1.bias f)" "$(values seen.st D.h.0.0.1.bias f)" 'critics=0: D is held'
is "$(values rate_g=0.st G.0.weight f)" "$(values seen.st G.0.weight f)" 'rate_g=0: G is held'
gan-svd clamp=0.9.st --name 'G.*_orig' 2>err | awk -F'\t' 'NR > 1 { n++; if (!($6 > 0.899 && $6 < 0.901)) bad = 1 } END { exit bad || n < 5 }'
check $? 'clamp: the first singular value is lowered'
between='Ga(z, t*onehot(1, 5) + (1-t)*onehot(2, 5))'
for case in 1:0,1 0.5:1,1 0:1,0; do
    # shellcheck disable=SC2046 # numbers
    comes_to seen.st "stack([mean(abs($between - Ga(z, onehot(1, 5)))) > 1e-4, mean(abs($between - Ga(z, onehot(2, 5)))) > 1e-4]) where t = ${case%:*}" 0 \
        "t=${case%:*} of one class and the rest of another" $(echo "${case#*:}" | tr , ' ')
done

# --- an average that begins late ---
start late -D average_from=2 -D decay=0.5
weight() { values late.st "$1.0.weight" f | tr ' ' '\n'; }
play late 2
is "$(weight Ga)" "$(weight G)" 'it is G until then'
weight G >before
play late 1
weight G | paste - before | awk '{ print ($1 + $2) / 2 }' | tr '\n' ' ' >want
weight Ga >found
# shellcheck disable=SC2046 # numbers
near found 1e-6 'and follows it from then on' $(cat want)
# the penalty of filters is of the fewer products: those of a linear layer's thousands of rows would be more than all else
gan-init biggan.gan -D size=64 -D ch=32 --plan --batch 16 2>err >out
awk '/^memory:/ { ok = $NF == "MiB" && $(NF - 1) < 750 } END { exit !ok }' out
check $? "memory of a minibatch of 16"

finish
