#!/bin/sh
# The pages of objectives, divergences, energies and moments: their formulas on numbers worked out by
# hand, and their recipes in tiny versions.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# --- objectives: each cost of the logits -2, -0.5, 0, 3 ---
logits='[-2, -0.5, 0, 3]'
costs() { # costs LOSS NET NUMBER...
    loss=$1 net=$2
    shift 2
    comes_to "$loss.st" "stack([$net(${logits}[i]) for i in 0..3])" 1e-6 "$loss: $net" "$@"
}
for loss in minimax nonsat lsgan hinge wgan; do page $loss.st gan -D loss=$loss -D nf=2; done
for loss in minimax nonsat; do
    costs $loss real_cost 2.126928 0.974077 0.693147 0.048587
    costs $loss fake_cost 0.126928 0.474077 0.693147 3.048587
done
costs minimax G_cost -0.126928 -0.474077 -0.693147 -3.048587
costs nonsat G_cost 2.126928 0.974077 0.693147 0.048587
costs lsgan real_cost 4.5 1.125 0.5 2
costs lsgan fake_cost 2 0.125 0 4.5
costs lsgan G_cost 4.5 1.125 0.5 2
costs hinge real_cost 3 1.5 1 0
costs hinge fake_cost 0 0.5 1 4
costs hinge G_cost 2 0.5 0 -3
costs wgan real_cost 2 0.5 0 -3
costs wgan fake_cost -2 -0.5 0 3
costs wgan G_cost 2 0.5 0 -3
# where D is sure of itself G's gradient vanishes, unless the cost is the other one
comes_to minimax.st 'grad(G_cost(z[0] - stop(z[0]) - 10), z)[0]' 1e-6 'minimax: the gradient at -10 is -4.5e-5' -0.0000453979
comes_to nonsat.st 'grad(G_cost(z[0] - stop(z[0]) - 10), z)[0]' 1e-5 'non-saturating: it is -1' -0.9999546

# --- penalties: a linear D is a slope of 3, filters of twice the unit matrix ---
for whole in 0 1; do
    {
        echo 'option whole = 0
        data x: point[4]
        noise z: normal()[4]
        net D(x) = x | linear(1, init=1.5)
        player D: sgd(0.1) minimizes mean(D(x))' | sed 's/^        //'
        sed -n '/^block gradient_penalty/,/^block filters/p' "$scripts/image/gan.gan"
    } >penalty.gan
    gan-init penalty.gan -D whole=$whole -o penalty$whole.st 2>err
done
comes_to penalty0.st 'gradient_penalty(z, z + normal()[4])' 1e-5 'gradient penalty of a slope of 3' 4
twice='stack([stack([2*(i == j) for j in 0..3]) for i in 0..3])'
comes_to penalty0.st "alike($twice)" 1e-6 'filters at right angles are not alike' 0
comes_to penalty1.st "alike($twice)" 1e-6 "|W'W - I| of W = 2I is 6" 6
comes_to penalty0.st 'alike(stack([stack([1, 0]), stack([1, 2])]))' 1e-6 'two filters of a linear layer, its rows, with product 1: 2' 2

# --- f-GAN: the bound at the best V is the divergence of N(1,1) and N(0,1) ---
# log p/q is x - 1/2; integrals by the trapezoid rule on 40001 points
x='walk(join(0*z - 12, 0*z + 13), 40000)'
normal() { echo "exp(-($x - $1)^2/2) * (0.000625/2.50662827)"; }
bound() { # bound NAME V DIVERGENCE
    page f-$1.st fgan -D task=mixture -D divergence=$1
    comes_to f-$1.st "sum($(normal 1) * g($2)) - sum($(normal 0) * conjugate($2))" 2e-4 "f-GAN: the bound of $1 is tight" $3
}
bound kl "(1 + ($x - 0.5))" 0.5
bound rkl "($x - 0.5)" 0.5
bound pearson "(2*(exp($x - 0.5) - 1))" 1.718282
bound hellinger "(0.5*($x - 0.5))" 0.235006
bound js "($x - 0.5)" 0.222843
bound gan "($x - 0.5)" -1.163451
# --- EBGAN ---
page eb.st ebgan -D size=28 -D channels=1 -D nf=4 -D margin=1
comes_to eb.st 'D_cost(0.2, 0.4)' 1e-6 'EBGAN: m = 1, energies 0.2 and 0.4' 0.8
comes_to eb.st 'D_cost(0.2, 1.5)' 1e-6 'beyond the margin' 0.2
comes_to eb.st 'grad(D_cost(0.2, z[0] - stop(z[0]) + 1.5), z)[0]' 1e-6 'there D has no gradient' 0
comes_to eb.st 'repelling(join(z, 3*z))' 1e-5 'pull-away of one direction is 1' 1
comes_to eb.st 'repelling(join(0*z + onehot(1, nz), 0*z + 2*onehot(4, nz)))' 1e-5 'of right angles 0' 0

# --- BEGAN ---
page be.st began -D size=16 -D channels=1 -D nf=4
comes_to be.st 'balance(0, 0.4, 0.1)' 1e-7 'BEGAN: k becomes 1e-4' 0.0001
comes_to be.st 'convergence(0.4, 0.1)' 1e-7 'M is 0.5' 0.5
comes_to be.st 'balance(0.9999, 4, 0.1)' 1e-7 'k stays below 1' 1

# --- GMMN, MMD ---
page gm.st gmmn -D space=ring
comes_to gm.st 'mmd(rbf(0*z[0..0], 0*z[0..0], 1), rbf(0*z[0..0], 0*z[0..0] + 1, 1), rbf(0*z[0..0], 0*z[0..0], 1))' \
    1e-6 'MMD^2 of {0} and {1}, s = 1' 0.7869387
comes_to gm.st 'mmd(imq(0*z[0..0], 0*z[0..0], 1), imq(0*z[0..0], 0*z[0..0] + 1, 1), imq(0*z[0..0], 0*z[0..0], 1))' \
    1e-6 'with the inverse multiquadric' 1
# --- semi-supervised ---
page semi.st improved -D width=0.04 -D kernels=3 -D virtual=5 -D history=1
comes_to semi.st 'crossentropy(0*stack([z[i] for i in 0..9], -1), onehot(3, 10))' 1e-6 'ten logits of 0: Z is log 10' 2.302585
comes_to semi.st 'real_cost(0*stack([z[i] for i in 0..9], -1))' 1e-6 'real: log 1.1' 0.0953102
comes_to semi.st 'fake_cost(0*stack([z[i] for i in 0..9], -1))' 1e-6 'generated: log 11' 2.397895

comes_to semi.st 'entropy_of(0*stack([z[i] for i in 0..9], -1))' 1e-6 'ten equal classes: the entropy is log 10' 2.302585
comes_to semi.st 'entropy_of(100*onehot(3, 10) + 0*z[0..9])' 1e-6 'a sure one: 0' 0
comes_to semi.st 'repelling(join(z, 3*z))' 1e-5 'features of one direction: 1' 1

# --- recipes: help, usage, and the quick ones to the end ---
BIN=$bin
export BIN
for recipe in gan fgan ebgan began gmmn mmdgan infogan improved; do
    "$scripts"/*/"$recipe.sh" --help >out 2>err && grep -q "^$recipe.sh \[OPTION\]" out && [ ! -s err ]
    check $? "$recipe --help"
done
recipe() { # recipe NAME STEPS FILE...: leaves these files
    named=$1
    case $("$scripts"/*/"$1.sh" --help) in *--samples*) few='--samples 200' ;; *) few='' ;; esac
    # shellcheck disable=SC2086 # two words or none
    "$scripts"/*/"$1.sh" --small "$1" --steps "$2" $few >out 2>err
    status=$?
    shift 2
    for f in "$@"; do [ -s "$named/$f" ] || status=1; done
    check $status "$named.sh"
}
recipe fgan 20 mixture.tsv fit-kl.st
recipe gan 4 objectives.tsv hinge.png wgan.st
recipe began 10 samples.png walk.png curve.png
recipe ebgan 10 samples.png curve.png
recipe gmmn 10 ring.st
recipe mmdgan 10 samples.png curve.png
recipe infogan 10 ring.st
recipe improved 4 run.st alone.st samples.png

# --- the guide ---
"$scripts/dev/man-zoo" >guide 2>err
alike guide "$here/../man/gan-zoo.7"
check $? 'gan-zoo(7) is what the pages say (scripts/dev/man-zoo --update)'
finish
