#!/bin/sh
# Graphs of pages: samples of a model and of recognition, factors, and what is refused.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

wrong() { # wrong PATTERN NAME [SED SCRIPT [PAGE]]: a page, changed, that gan-init refuses with this message
    sed "${3-}" "${4-mixture.gan}" >wrong.gan
    tool=gan-init
    refuses 1 "$1" "$2" wrong.gan -o wrong.st
}
dumped() { # dumped NAME PAGE OPTION...: the factors, on standard input
    cat >wanted
    dumped_name=$1
    shift
    gan-init --dump factors "$@" >out 2>err && cmp -s wanted out
    check $? "$dumped_name"
}
zero() { # zero CHECKPOINT TOLERANCE NAME EXPRESSION...: each is 0, of draws and of data
    zero_run=$1 zero_tolerance=$2 zero_name=$3 zeros=
    shift 3
    for expression; do
        gan-sample "$zero_run" -i data.st -n 8 value="uniform(0, 0)[] + max(abs($expression))" 2>err |
            gan-data to-table --bare -n value 2>>err | head -1
        zeros="$zeros 0"
    done >found
    # shellcheck disable=SC2086
    near found "$zero_tolerance" "$zero_name" $zeros
}

# ---- a mixture, and the same game without a graph ----
cat >mixture.gan <<'P'
data x: point[2]
noise kk: categorical(5)
noise e: normal[3]
param mu[5, 3] = normal(0, 1)
net G(h) = h | linear(8) | relu | linear(2)
net E(x) = x | linear(8) | relu | linear(3)
net Dx(x, h) = concat(x, h) | linear(8) | lrelu(0.2) | linear(1)
net Dh(h, k) = concat(h, k) | linear(8) | lrelu(0.2) | linear(1)
graph p = k: kk, h: k @ mu + e, x: G(h)
graph q of p by "inverse" = h: E(x), k: softmax(-sqdist(h, mu) / 2)
let r = factors(q, x=Dx, h=Dh), f = factors(p, x=Dx, h=Dh)
player D of Dx, Dh: sgd(0.1) minimizes mean(softplus(-r)) + mean(softplus(f))
player G of G, E, mu: sgd(0.1) minimizes mean(softplus(r)) + mean(softplus(-f))
sample p.x
P
sed -e '/^graph/d' -e '/^let r/d' -e 's/p\.x/made/' mixture.gan >plain.gan
cat >>plain.gan <<'P'
let h = kk @ mu + e, made = G(h), seen = E(x), class = softmax(-sqdist(seen, mu) / 2),
    r = concat(Dx(x, seen), Dh(seen, class)), f = concat(Dx(made, h), Dh(h, kk))
P
gan-data make ring -n 64 -o data.st
for page in mixture plain; do
    gan-init $page.gan --batch 16 -o $page.st 2>err
    gan-data batch data.st --size 16 --endless | gan-step $page.st -q -n 5 2>>err
done
gan-sample mixture.st -n 64 mu='uniform(0, 0)[] + sum(mu)' x=p.x d='Dh(p.h, p.k)' -o one.st 2>err
gan-sample plain.st -n 64 mu='uniform(0, 0)[] + sum(mu)' x=made d='Dh(h, kk)' -o two.st 2>>err
for name in mu x d; do
    values one.st $name f >one
    values two.st $name f >two
    same one two "five steps of a graph are those of the game written out: $name"
done
dumped 'its factors, and those of its recognition models' mixture.gan <<'P'
p: k
p: h | k
p: x | h
mean field of p: k | x
mean field of p: h | x
inverse of p: k | h
inverse of p: h | x
q: k | h
q: h | x
P
gan-init --dump factors.dot mixture.gan >out 2>err && grep -q '^"q.h" -> "q.k";$' out && grep -q '"p.x" \[label="x", style=filled' out && [ "$(tail -1 out)" = '}' ]
check $? 'as a picture'

# ---- one factor of all variables: the discriminator of adversarially learned inference ----
cat >ali.gan <<'P'
data x: point[2]
net G(h) = h | linear(8) | relu | linear(2)
net E(x) = x | linear(8) | relu | linear(3)
net D(x, h) = concat(x, h) | linear(8) | lrelu(0.2) | linear(1)
graph p = h: normal[3], x: G(h)
graph q of p by "inverse" = h: E(x)
let r = factors(q, x=D), f = factors(p, x=D)
block cost(r, f) = mean(softplus(-r)) + mean(softplus(f))
let ali = -mean(log(sigmoid(D(x, E(x))))) - mean(log(1 - sigmoid(D(G(p.h), p.h))))
player D: sgd(0.1) minimizes cost(r, f)
player G of G, E: sgd(0.1) minimizes cost(-r, -f)
sample p.x
P
gan-init ali.gan -o ali.st 2>err
zero ali.st 1e-6 'its cost is that of ALI' 'cost(r, f) - ali'
gan-sample ali.st -i data.st -n 8 v='uniform(0, 0)[] + ali' 2>err | gan-data to-table --bare -n v 2>>err | head -1 >found
holds "$(cat found) > 0.3 && ($(cat found) - 1.3863)^2 > 1e-8" 'which is not that of logits of 0'
gan-data make digits -n 8 -o digits.st
gan-data join digits.st:image -o eight.st
for local in 1 0; do
    gan-init gmgan.gan -D local=$local -D nf=2 -D units=4 -D nh=3 -D components=3 -o gm.st 2>err
    gan-sample gm.st -i eight.st v="uniform(0, 0)[] + stack([cost(0*r, 0*f), cost(0*f, 0*r)$([ $local = 0 ] || echo ', cost(0*r, 0*f, 1)')])" 2>err |
        gan-data to-table --bare -n v 2>>err | head -1 >found
    # shellcheck disable=SC2046 # several words
    near found 1e-6 "logits of 0 cost 2 log 2 in each term, local=$local" 1.3862944 1.3862944 $([ $local = 0 ] || echo 1.3862944)
done

# ---- values given ----
zero mixture.st 1e-6 'variables that the page gives' 'p(h=q.h).x - G(E(x))' 'p(k=onehot(2, 5)).h - mu[2..2] - e' \
    'q(x=p.x).h - E(p.x)' 'p(k=q.k)(h=q.h).k - q.k' 'p(k=q.k)(h=q.h).x - G(q.h)' 'p(h=[1, 2, 3] | stack).x - G(stack([1, 2, 3]) + 0*p.h)' \
    'factors(p(h=q.h, x=x), x=Dx) - Dx(x, q.h)' 'factors(q, h=Dh, x=Dx)[0] - Dh(q.h, q.k)[0]'

# ---- draws are the graph's ----
cat >draws.gan <<'P'
graph p = k: categorical(4), h: normal(k @ mu, 0.1), x: normal(h, 1)
param mu[4, 2] = normal(0, 1)
sample p.x
P
gan-init draws.gan -o draws.st 2>err
gan-sample draws.st -n 20 x=p.x -o one.st
gan-sample draws.st -n 20 n='normal[3]' k='p(h=normal[2]).k' y='p.h + normal[2]' x='p(k=p.k).x' -o two.st
values one.st x f >one && values two.st x f >two
same one two 'a graph draws the same whatever else is drawn, and when some of it is given'
gan-sample draws.st -n 20 a='p.x - p.h' b='p(k=onehot(1, 4)).x - p(k=onehot(1, 4)).h' -o three.st
values three.st a 'f' >one && values three.st b 'f' >two
perl -e 'my @v = map { local @ARGV = $_; [split " ", scalar <>] } "one", "two";
    exit !(@{$v[0]} == 40 && !grep { abs($v[0][$_] - $v[1][$_]) > 1e-5 } 0 .. 39)'
check $? 'what is not given has the same noise'

# ---- indices ----
cat >steps.gan <<'P'
option T = 4
option all = 1
data x: image[T, 2]
noise e: normal[2]
net G(h, v) = concat(h, v) | linear(5) | tanh | linear(2)
net O(v, e) = concat(v, e) | linear(4) | tanh | linear(3)
net E1(x) = x | flatten | linear(4)
net E2(x) = x | linear(3)
net R(x, n) = concat(x, n) | linear(3)
net Dx(x, h, v) = concat(concat(x, h), v) | linear(6) | lrelu(0.2) | linear(1)
net Dv(v, before) = concat(v, before) | linear(1)
net Dh(h) = h | linear(1)
graph p = h: normal[4], v[0]: normal[3], v[t] for t in 1..T-1: O(v[t-1], e),
    x[t] for t in 0..T-1 together: G(h, v[t])
graph each of p = h: E1(x), v[t] for t in 0..T-1: E2(x[t])
graph field of p by "mean field" = h: E1(x), v[t] for t in 0..T-1 together: M(x, x[t])
net M(all, x) = concat(flatten(all), x) | linear(3)
graph back of p by "inverse" = h: (net_of(x) + sum(v, 0) | linear(4)), v[T-1]: E2(x[T-1]),
    v[t] for t in 0..T-2: R(x[t], v[t+1])
graph derived of p by "inverse" = h: H, v[T-1]: E2, v[t] for t in 0..T-2: L
net H(v, x) = concat(flatten(v), flatten(x)) | linear(4)
net L(next, x) = concat(next, x) | linear(3)
block net_of(x) = mean(x, 0) | linear(3)
let f = factors(p, x=Dx, v=Dv, h=Dh), r = factors(each, x=Dx, v=Dv, h=Dh)
player D of Dx, Dv, Dh: sgd(0.1) minimizes mean(softplus(-r)) + mean(softplus(f))
player G of G, O, E1, E2, H, L, M, R, each, back: sgd(0.1) minimizes mean(softplus(r)) + mean(softplus(-f))
    + mean(derived.h) + mean(field.v) + mean(back.h)
sample p.x
P
perl -e 'print map { sprintf "%g,", sin($_ * 1.7) } 0 .. 63' | sed 's/,$//' >numbers
rm -f data.st
frame data.st "image:F32:8,4,2:$(cat numbers)"
gan-init steps.gan --batch 8 -o steps.st 2>err
tool=gan-init
passes 'a state space plays' steps.gan -o steps.st
gan-data batch data.st --size 8 --endless | gan-step steps.st -q -n 3 2>err
check $? 'and trains'
zero steps.st 1e-6 'elements of variables are those that their rules read' 'each.v[2] - E2(x[2])' 'each.h - E1(x)' \
    'p.v[1] - O(p.v[0], e)' 'p.v[3] - O(O(O(p.v[0], e), e), e)' 'p.x[2] - G(p.h, p.v[2])' 'p(h=each.h, v=each.v).x[1] - G(E1(x), E2(x[1]))' \
    'field.v[1] - M(x, x[1])' 'back.v[3] - E2(x[3])' 'back.v[1] - R(x[1], R(x[2], E2(x[3])))' 'derived.v[2] - L(E2(x[3]), x[2])' 'derived.h - H(derived.v, x)'
zero steps.st 1e-6 'factors over time share a net' 'count(f) - 8' 'f[0..3] - stack([Dx(p.x[t], p.h, p.v[t])[0] for t in 0..3])' \
    'f[4..6] - stack([Dv(p.v[t], p.v[t-1])[0] for t in 1..3])' 'f[7] - Dh(p.h)[0]' 'r[1] - Dx(x[1], E1(x), E2(x[1]))[0]' \
    'factors(p, v=Dv) - f[4..6]'
is "$(gan-sample steps.st -D T=200 -n 2 v=p.v x=p.x 2>err | gan-data info | sed -n 's/^  v *F32 *//p')" '[N,200,3]' 'more steps than were trained'
dumped 'the inverse of a state space' steps.gan -D T=3 <<'P'
p: h
p: v[0]
p: v[1] | v[0]
p: v[2] | v[1]
p: x[0] | h v[0]
p: x[1] | h v[1]
p: x[2] | h v[2]
mean field of p: h | x[0] x[1] x[2]
mean field of p: v[0] | x[0] x[1] x[2]
mean field of p: v[1] | x[0] x[1] x[2]
mean field of p: v[2] | x[0] x[1] x[2]
inverse of p: h | v[0] v[1] v[2] x[0] x[1] x[2]
inverse of p: v[0] | v[1] x[0]
inverse of p: v[1] | v[2] x[1]
inverse of p: v[2] | x[2]
each: h | x[0] x[1] x[2]
each: v[0] | x[0]
each: v[1] | x[1]
each: v[2] | x[2]
field: h | x[0] x[1] x[2]
field: v[0] | x[0] x[1] x[2]
field: v[1] | x[0] x[1] x[2]
field: v[2] | x[0] x[1] x[2]
back: h | v[0] v[1] v[2] x[0] x[1] x[2]
back: v[0] | v[1] x[0]
back: v[1] | v[2] x[1]
back: v[2] | x[2]
derived: h | v[0] v[1] v[2] x[0] x[1] x[2]
derived: v[0] | v[1] x[0]
derived: v[1] | v[2] x[1]
derived: v[2] | x[2]
P
sed 's/ together//' steps.gan >loop.gan
gan-init loop.gan --batch 8 -o loop.st 2>err
gan-data batch data.st --size 8 --endless | gan-step loop.st -q -n 3 2>>err
gan-sample steps.st -n 8 x=p.x d=f -i data.st -o one.st && gan-sample loop.st -n 8 x=p.x d=f -i data.st -o two.st
for name in x d; do
    values one.st $name f | tr ' ' '\n' >one
    # shellcheck disable=SC2046
    near one 1e-5 "together or one by one: $name" $(values two.st $name f)
done

# ---- a distribution without extents has those of its parameters ----
cat >alone.gan <<'P'
param l[3] = normal(0, 1)
noise u: uniform(l, l + 1)
graph p = a: normal(l, 1 + range(3)), c: bernoulli(sigmoid(a)), d: gamma(exp(a)), e: truncated(2, exp(a)),
          f: exponential(exp(a)), k: categorical(softmax(a))
sample p.a
P
gan-init alone.gan -o alone.st 2>err
gan-sample alone.st -n 500 u=u a=p.a c=p.c d=p.d e=p.e f=p.f k=p.k 'v=(p.a - l) / (1 + range(3))' </dev/null >out 2>err
[ "$(gan-data info out | grep -c '\[N,3\]')" = 8 ]
check $? 'draws of vectors'
gan-data to-table --bare -n v out | awk -F'\t' '{ xy += $1 * $2; yz += $2 * $3; xx += $1 * $1 } END { exit !(xy / NR < .2 && xy / NR > -.2 && yz / NR < .2 && xx / NR > .8 && xx / NR < 1.2) }'
check $? 'which are independent'

# ---- structures are as the page has them, whatever is computed when they are asked for ----
cat >ahead.gan <<'P'
data x: point[2]
net G(h) = w where w = h - c | linear(8) | linear(2), state c[3] = 0 then c = 0.9*c + 0.1*mean(h, "batch")
net E(x) = x | linear(8) | relu | linear(3)
net D(x) = x | linear(8) | relu | linear(1)
net Make(k) = p(h=k).x
graph p = h: normal[3], x: G(h)
let code = E(x), again = G(code), prior = normal[3]
player E of E, G: sgd(0.1) minimizes mean((again - x)^2) + mean(p(h=code).x)
player D: sgd(0.1) minimizes mean(softplus(-D(x))) + mean(softplus(D(after(Make, 1)(prior))))
player Make of Make, G: sgd(0.1) minimizes mean((G(E(x)) - x)^2)
sample p(h=join(p.h, p.h)).x
P
tool=gan-init passes 'with states that came of data, and looking ahead' ahead.gan -o ahead.st
gan-sample ahead.st -n 4 again='p(h=join(p.h, p.h)).x' </dev/null 2>err >out
[ "$(gan-data to-table --bare -n again out 2>>err | wc -l)" = 8 ]
check $? 'a value that is given may have another minibatch'
cat >rows.gan <<'P'
param a[4, 3] = 0
graph p = k: categorical(softmax(a))
sample p.k
P
gan-init rows.gan -o rows.st 2>err
gan-sample rows.st -n 200 k=p.k </dev/null 2>>err | gan-data to-table --bare -n k |
    awk -F'\t' '{ same += $1 == $4 && $2 == $5 && $3 == $6 } END { exit !(same / NR > .2 && same / NR < .5) }'
check $? 'rows of classes are drawn each by itself'

cat >long.gan <<'P'
option T = 1000
data x: point[T, 2]
net G(v) = v | linear(2)
net R(v, x) = concat(v, x) | linear(2)
net L(x) = x | linear(2)
graph p = v[0]: normal[2], v[t] for t in 1..T-1: v[t-1] + normal[2], x[t] for t in 0..T-1 together: G(v[t])
graph q of p by "inverse" = v[T-1]: L(x[T-1]), v[t] for t in 0..T-2: R(v[t+1], x[t])
player G of G, R, L: sgd(0.1) minimizes mean(p.x^2) + mean(q.v^2)
sample p.x
P
tool=gan-init passes 'chains of a thousand elements, and back' long.gan -o long.st

# ---- what is no variable is there for each element ----
cat >each.gan <<'P'
data y: label[3]
noise z: normal[2]
let half = y[0..1] / 2, both = [z, half], prior = normal(half, 1)
graph o = a: z
graph p = v[t] for t in 0..3: normal[2], x[t] for t in 0..3 together: v[t] + both[0] + half - o.a + z, w[t] for t in 0..3 together: prior
net D(x, v) = sum(x * v * y[1..2], 0)
sample p.x
P
gan-init each.gan -o each.st 2>err
stream label:I64:4:0,1,2,1 | gan-sample each.st -i - \
    'd=uniform(0, 0)[] + max(abs(p.x - stack([p.v[0] + z + half, p.v[1] + z + half, p.v[2] + z + half, p.v[3] + z + half])))' \
    'e=uniform(0, 0)[] + max(abs(factors(p, x=D) - stack([D(p.x[0], p.v[0]), D(p.x[1], p.v[1]), D(p.x[2], p.v[2]), D(p.x[3], p.v[3])])))' 2>err >out
for name in d e; do gan-data to-table --bare -n $name out | head -1; done >found
near found 1e-6 'noise, data and lets in a rule that is taken together, and in nets of factors' 0 0

# ---- what is refused ----
wrong 'wrong.gan:9:[0-9]*: p: k is its own ancestor: k <- h <- k' 'a circle' 's/k: kk/k: h @ permute(mu, 1, 0)/'
wrong 'p: h is latent and reads x, which is data' 'an observed parent of a latent variable' 's/k @ mu + e/k @ mu + e + mean(x)/'
wrong 'p: v\[0\] has no rule' 'an element without a rule' 's/v\[0\]: normal\[3\], //' steps.gan
wrong 'q: h has no rule' 'a variable that is not recognised' 's/h: E(x), k:/k:/'
wrong 'q: x is data, which needs no rule' 'a rule of what is observed' 's/h: E(x), k:/x: x, h: E(x), k:/'
wrong 'q: u is no variable of p' 'a rule of nothing' 's/h: E(x), k:/u: 1, h: E(x), k:/'
wrong 'p: h has two rules' 'two rules' 's/, x: G(h)/, h: e, x: G(h)/'
wrong 'p: v\[2\] has two rules' 'of an element' 's/v\[0\]: normal/v[2]: e, &/' steps.gan
wrong 'each: v\[4\] is no variable of p' 'an element too many' '/^graph each/s/T-1/T/' steps.gan
wrong 'each: v has an index in p' 'an index that is missing' '/^graph each/s/v\[t\] for t in 0..T-1/v/;s/E2(x\[t\])/E2(x[0])/' steps.gan
wrong 'v\[-1\]: v has elements 0 to 3' 'an element that there is not' 's/for t in 1..T-1: O/for t in 0..T-1: O/;s/v\[0\]: normal\[3\], //' steps.gan
wrong 'q: expected k | h, but the rule reads k | x' 'parents that are not those of the inverse' 's/sqdist(h, mu)/sqdist(E(x), mu)/'
wrong 'q: expected k | x, but the rule reads k | h' 'nor those of the mean field' 's/by "inverse"/by "mean field"/'
wrong 'by: expected "inverse" or "mean field", found "guess"' 'another word' 's/by "inverse"/by "guess"/'
wrong 'q: h is .*,4\], but .*,3\] in p' 'shapes that differ' 's/net E(x).*/net E(x) = x | linear(4)/;s/sqdist(h, mu)/sqdist(h[0..2], mu)/;s/(q, x=Dx, h=Dh)/(p, x=Dx)/'
wrong 'q is of E, which is no graph of variables of its own' 'a graph of a net' 's/q of p/q of E/'
wrong 'p has no variable y' 'a variable that there is not' 's/sample p.x/sample p.y/'
wrong '.x: expected a graph, found a net' 'a net has none' 's/sample p.x/sample G.x/'
wrong 'p has no variable y' 'a variable given that there is not' 's/sample p.x/sample p(y=1).x/'
wrong 'p(variable=value): variables are given by name' 'one given without a name' 's/sample p.x/sample p(1).x/'
wrong 'p: v is given .*3,3\], expected .*4,3\]' 'elements too few' 's/sample p.x/sample p(v=normal[3, 3]).x/' steps.gan
wrong 'p: h is given .*3,2\], expected .*,3\]' 'one given of another shape' 's/sample p.x/sample p(h=normal[3, 2]).x/'
wrong 'p: h is given twice' 'one given twice' 's/sample p.x/sample p(h=e, h=2*e).x/'
cat >alike.gan <<'P'
graph p = v[0]: normal[2, 3], v[1]: normal[3, 2], w: v[1]
sample p.w
P
wrong 'p: v\[1\] is \[64,3,2\], but v\[0\] is \[64,2,3\]' 'elements of several shapes' '' alike.gan
wrong 'p: v\[0\]: a minibatch of 128, expected 64' 'another minibatch' 's/normal\[2, 3\]/join(normal[3, 2], normal[3, 2])/' alike.gan
wrong 't has no value in a rule that is taken together' 'the index by itself' 's/G(h, v\[t\])$/G(h * t, v[t])/' steps.gan
wrong 't has no value in a rule that is taken together' 'and reckoned with' 's/G(h, v\[t\])$/G(h, v[t-1])/' steps.gan
wrong 'q: E0 takes 1 arguments, but h is given 2' 'a net of too few' 's/, h: k @ mu + e, x: G(h)/, h: k @ mu + e, g: h, x: G(h) + g[0..1]/;s/ = h: E(x), k: / = h: E0, g: E(x), k: /;/^net E/s/.*/net E0(x) = x\n&/'
wrong 'factors: two nets for the factor of x' 'two nets for a factor' 's/factors(p, x=Dx, h=Dh)/factors(p, x=Dx, x=Dx)/'
wrong 'q: the rule of h reads x past the graph' 'data by another name' 's/h: E(x)/h: E(half)/;$alet half = x \/ 2'
wrong 'q: the rule of h reads x past the graph' 'data in a net' 's/^net E.*/net E(a) = a + x | linear(3)/'
sed 's/h: E(x)/h: E(x) * numbers \/ 2/;$alet numbers = count(x, 0)' mixture.gan >extent.gan
tool=gan-init passes 'of data by another name its extents alone' extent.gan -o extent.st
wrong 'q: the rule of k reads q.h past the graph' 'a variable of its own sample' 's/sqdist(h, mu)/sqdist(q.h, mu)/'
wrong 'q: the rule of k reads p.h past the graph' "a variable of the model's" 's/sqdist(h, mu)/sqdist(seen, mu)/;$alet seen = p.h'
wrong 'p: the rule of x reads p.k past the graph' 'of the model in its rule' 's/x: G(h)/x: G(p(k=onehot(1, 5)).h)/'
wrong 'factors: Dx takes 2 arguments, but k has 0 parents' 'a net for no factor' 's/factors(p, x=Dx, h=Dh)/factors(p, k=Dx)/'
wrong 'factors: p has no variable y' 'factors of nothing' 's/factors(p, x=Dx, h=Dh)/factors(p, y=Dx)/'
wrong 'factors: no net; expected factors(graph, variable=net, ..)' 'no net' 's/factors(p, x=Dx, h=Dh)/factors(p)/'
wrong 'factors(graph, nets=...): this argument needs a name' 'a net without a variable' 's/factors(p, x=Dx, h=Dh)/factors(p, Dx)/'
wrong 'factors: expected a graph, found a net' 'factors of a net' 's/factors(p, x=Dx, h=Dh)/factors(G, x=Dx)/'
wrong 'factors: Dx gives .* expected a number for each' 'not a number' '/^net Dx/s/linear(1)/linear(2)/'
wrong 'expected v\[t\] for t in ..' 'another name in the loop' 's/v\[t\] for t in 1/v[s] for t in 1/' steps.gan
wrong 'q: E is a net; call it with what h is given' 'a net alone, where no graph is derived' 's/q of p by "inverse"/q of p/;s/h: E(x)/h: E/'
tool=gan-init
refuses 1 'draws.gan: the page has no graph\|plain.gan: the page has no graph' 'factors of a page without a graph' --dump factors plain.gan

# ---- the two pages ----
dumped 'GMGAN' gmgan.gan <<'P'
p: k
p: h | k
p: x | h
mean field of p: k | x
mean field of p: h | x
inverse of p: k | h
inverse of p: h | x
q: k | h
q: h | x
P
gan-init --dump factors ssgan.gan -D frames=2 -D nf=2 -D size=16 >out 2>err
grep '^inverse' out >inverse
printf 'inverse of p: h | %s\n' 'v[0] v[1] x[0] x[1]' >wanted
printf 'inverse of p: v[%s\n' '0] | v[1] x[0]' '1] | x[1]' >>wanted
cmp -s wanted inverse
check $? 'SSGAN'
dumped 'a tree of two observed leaves' tree.gan <<'P'
p: k
p: u | k
p: v | k
p: x | u
p: y | v
mean field of p: k | x y
mean field of p: u | x y
mean field of p: v | x y
inverse of p: k | u v
inverse of p: u | x
inverse of p: v | y
q: k | u v
q: u | x
q: v | y
P
dumped 'two roots' roots.gan <<'P'
p: a
p: b
p: x | a b
mean field of p: a | x
mean field of p: b | x
inverse of p: a | b x
inverse of p: b | x
q: a | b x
q: b | x
P
gan-data make grid --modes 3 -n 2000 -o grid.st
gan-init roots.gan -o roots.st 2>err
gan-data batch grid.st --size 128 --shuffle --endless | gan-step roots.st -q -n 400 --log roots.tsv --log-every 100 2>>err
gan-sample roots.st -n 200 a='p.x[0]' b='q.a[0]' -i grid.st >one.st 2>>err && [ "$(wc -l <roots.tsv)" = 5 ]
check $? 'and they play'
holds "$(last roots.tsv D) > 0 && $(last roots.tsv D) < 2 && $(last roots.tsv G) > 0 && $(last roots.tsv G) < 3" 'with costs that are no surprise'
for player in D G; do
    holds "(3 * $(last roots.tsv $player) - $(last roots.tsv ${player}_x) - $(last roots.tsv ${player}_a) - $(last roots.tsv ${player}_b))^2 < 1e-10" \
        "$player's cost is the mean of those of its factors"
done
# one discriminator for all variables instead
gan-data make digits -n 64 --size 16 -o first.st
gan-data join first.st:image first.st:image_2=image -o both.st 2>err
for page in roots tree; do
    data=grid.st
    [ $page = roots ] || data=both.st
    gan-init $page.gan -D local=0 -o all.st 2>err
    gan-data batch $data --size 32 --endless | gan-step all.st -q -n 2 --log $page-all.tsv --log-every 1 2>>err
    gan-data info all.st >>err
    [ "$(awk '$1 ~ /^D[a-z][.]/ { split($1, net, "."); print net[1] }' err | uniq)" = Dx ]
    check $? "$page: a single discriminator plays with local=0"
    holds "$(last $page-all.tsv D) == $(last $page-all.tsv D_x) && $(last $page-all.tsv G) == $(last $page-all.tsv G_x)" 'its cost is the whole'
done
# what is recognised is one-hot, but relaxed as while training
counted() { gan-sample roots.st -i grid.st k=q.a "$@" 2>err | gan-data to-table --bare -n k - 2>>err | sort | uniq -c | wc -l; }
holds "$(counted) == 3 && $(counted --batch-statistics) > 100" 'a recognised class is one-hot when sampled, not in training'
finish
