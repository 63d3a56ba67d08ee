#!/bin/sh
# Figures that a page and gan-eval make together, where the answer is known: bounds of the
# log-likelihood of a latent variable model, and perceptual path length.
. "$(dirname "$0")/../lib/tap.sh"
within() { # within VALUE EXPECTED TOLERANCE NAME
    awk -v a="$1" -v b="$2" -v e="$3" 'BEGIN { exit !(a != "" && a - b <= e && b - a <= e) }'
    check $? "$4 ($1, exactly $2)"
}
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; check $? "$3 ($1 < $2)"; }

# z ~ N(0, 1), x ~ N(0.8 z, 0.36), so that x ~ N(0, 1) and z|x ~ N(0.8 x, 0.36)
cat >model.gan <<'E2'
option slope = 0.8
option spread = 0.6
data x: x[1]
noise e: normal[1]
param a[1] = slope
param s[1] = log(spread)
block gauss(x, mean, deviation) = sum(-((x - mean) / deviation)^2 / 2 - log(deviation), -1) - log(2*3.14159265358979)/2
let z = a*x + exp(s)*e
let log_weight = gauss(z, 0, 1) + gauss(x, 0.8*z, 0.6) - gauss(z, a*x, exp(s))
player Q of a, s: adam(0.01) maximizes mean(log_weight)
sample x
E2
printf 'data x: x[1]\nnoise e: normal[1]\nsample e\n' >source.gan
gan-init source.gan -o source.st
gan-sample source.st -n 2000 --seed 5 x=e -o x.st
gan-sample source.st -n 64000 --seed 6 x=e -o train.st
# the mean of log N(x; 0, 1)
gan-data to-npy -n x x.st | tail -c 8000 | od -An -v -t f4 |
    awk '{ for (i = 1; i <= NF; i++) { n++; sum += -$i * $i / 2 - log(2 * 3.14159265358979) / 2 } } END { printf "%.9g", sum / n }' >exact
exact=$(cat exact)

gan-init model.gan -o best.st
gan-sample best.st -i x.st log_weight=log_weight | gan-eval likelihood - >out 2>err
within "$(value likelihood.elbo)" "$exact" 2e-6 'the bound is the likelihood when q is the posterior'

gan-init model.gan -D slope=0.5 -D spread=0.8 -o poor.st
gan-data pick x.st --rows 0-1999 --repeat 50 |
    gan-sample poor.st log_weight=log_weight | gan-eval likelihood - --draws 50 >out 2>err
elbo=$(value likelihood.elbo) many=$(value likelihood.bound)
# E log w is lower by KL(q || posterior), of which x takes part by 0.3^2 x^2
square=$(awk -v e="$exact" 'BEGIN { print -2 * e - log(2 * 3.14159265358979) }')
within "$elbo" "$(awk -v e="$exact" -v x="$square" 'BEGIN {
    print e - (log(0.6 / 0.8) + (0.64 + 0.09 * x) / 0.72 - 0.5) }')" 0.01 'and lower by the divergence when it is not'
within "$many" "$exact" 0.02 '50 draws of importance weights are near it'
gan-sample poor.st -i x.st --seed 3 log_weight=log_weight | gan-eval likelihood - >out 2>err
below "$(value likelihood.bound)" "$many" 'one draw is further off'

gan-data batch train.st --size 64 --shuffle --endless | gan-step -q poor.st -n 1500 2>err
gan-sample poor.st -i x.st log_weight=log_weight | gan-eval likelihood - >out 2>err
within "$(value likelihood.elbo)" "$exact" 0.01 'learning q closes the gap'

# on a circle the path from one direction to another is as long as their angle, uniform in [0, pi]
cat >circle.gan <<'E2'
noise z: normal[2]
block unit(v) = v / norm(v)
sample z
E2
gan-init circle.gan -o circle.st
ends='where a = unit(z), b = unit(normal()[2]), t = uniform()[]'
gan-sample circle.st -n 20000 --seed 1 "feature=slerp(a, b, t) $ends" -o start.st 2>err
gan-sample circle.st -n 20000 --seed 1 "feature=slerp(a, b, t + 0.01) $ends" -o end.st 2>err
gan-eval ppl start.st end.st --epsilon 0.01 --cut 0 >out 2>err
within "$(value ppl)" 3.2898681 0.1 'perceptual path length: the mean square of the angle'
gan-sample circle.st -n 20000 --seed 1 "feature=a + t*(b - a) $ends" -o start.st 2>err
gan-sample circle.st -n 20000 --seed 1 "feature=a + (t + 0.01)*(b - a) $ends" -o end.st 2>err
gan-eval ppl start.st end.st --epsilon 0.01 --cut 0 >out 2>err
within "$(value ppl)" 2 0.1 'and along straight lines that of the chord'
finish
