#!/bin/sh
# GMGAN's and SSGAN's recipes, in tiny versions: what is to be found is found, and they leave what they promise.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# --- gmgan-known.gan: clusters are those that the data were drawn from ---
recipe gmgan --small known
check $? "gmgan --small"
for arm in local global; do
    holds "$(sed -n "s/^$arm, .* accuracy \([0-9.]*\),.*/\1/p" out) > 0.95" "$arm: accuracy of clusters"
    holds "$(sed -n "s/^$arm, .* reconstructions //p" out) < 0.02" "$arm: error of reconstructions"
done
recipe gmgan --small known && [ "$(wc -l <known/scores.tsv)" = 3 ]
check $? "done already: each step is judged once"
recipe gmgan --small --arms gan other
[ $? = 2 ] && grep -q 'of local,global' err
check $? "arms that the small check has not"

# --- model and recognition at once: classes do not come out right in so short a time, but are in use ---
cat >joint.gan <<'P'
option local = 1
data x: point[2]
param mu[8, 8] = normal(0, 1)
init weight = glorot_uniform()
block hidden(x) = x | for i in 1..2 (linear(96) | lrelu(0.2))
net G(h) = h | hidden | linear(2)
net E(x) = x | hidden | linear(8)
net Dx(x, v) = concat(x, v) | hidden | linear(1)
net Dk(h, k) = concat(h, k) | hidden | linear(1)
graph p = k: categorical(8), h: k @ mu + normal[8], x: G(h)
graph q of p by "inverse" = h: E(x), k: gumbel_softmax(logits_of(h), 0.1, hard=1 - training)
block logits_of(h) = -sqdist(h, mu) / 2
block judged(s) = if local then factors(s, x=Dx, h=Dk) else Dx(s.x, concat(s.h, s.k))
let r = judged(q), f = judged(p)
player D of Dx, Dk: adam(5e-4, beta1=0.5) minimizes mean(softplus(-r)) + mean(softplus(f))
player G of G, E, mu: adam(5e-4, beta1=0.5) minimizes mean(softplus(r)) + mean(softplus(-f))
sample p.x
P
for local in 1 0; do
    gan-init joint.gan -D local=$local -o joint.st 2>err
    gan-data batch known/data.st --size 128 --shuffle --endless | gan-step joint.st -q -n 1500 --log joint-$local.tsv --log-every 50 2>>err
    awk 'NR > 1 && !($4 > 0 && $4 < 10 && $5 > 0 && $5 < 10) { bad = 1 } END { exit bad || NR != 31 }' joint-$local.tsv
    check $? "joint training, local=$local: costs are finite"
    gan-sample joint.st -i known/test.st k='argmax(logits_of(q.h))' 2>err | gan-data to-table --bare -n k - 2>>err |
        sort -n | uniq -c >used
    holds "$(awk '$1 >= 100 { n++ } END { print n + 0 }' used) >= 5" 'five of eight components have a hundredth of the points each, or more'
done

# --- digits, as MNIST comes ---
mkdir idx
for set in train t10k; do
    gan-data make digits -n 120 --seed ${#set} -o digits.st
    gan-data to-npy digits.st --name image | tail -c +129 >pixels
    gan-data to-npy digits.st --name label | tail -c +129 | perl -e 'local $/; print pack "C*", unpack "q<*", <STDIN>' >labels
    { printf '\000\000\010\003\000\000\000\170\000\000\000\034\000\000\000\034' && cat pixels; } >idx/$set-images-idx3-ubyte
    { printf '\000\000\010\001\000\000\000\170' && cat labels; } >idx/$set-labels-idx1-ubyte
done
small='--every 2 -D nf=2 -D units=8 -D nh=4 -D components=3'
# shellcheck disable=SC2086 # several words
{
    recipe gmgan $small --steps 2 idx gm
    check $? "gmgan"
    recipe gmgan $small --steps 4 idx gm
    check $? "goes on"
    recipe gmgan $small --arms pixels idx pixels-alone
    check $? "a mixture of pixels alone, which has no steps"
}
left . gm/curve.png gm/local-1.components.png gm/global-1.again.png gm/gan-1.between.png gm/local-1.codes.png
check $? "its pictures"
is "$(cut -f1-3 gm/scores.tsv | tr '\t\n' '  ')" \
    "arm seed step local 1 2 global 1 2 gan 1 2 pixels 1 0 local 1 4 global 1 4 gan 1 4 " "every arm is judged each two steps"
is "$(cut -f1-3 gm/table.tsv | tail -4 | tr '\t\n' '  ')" "local 1 4 global 1 4 gan 1 4 pixels 1 0 " "and is in the table"

# --- pictures, as of house numbers ---
gan-data make shapes -n 360 --size 20 | gan-data export -l -n 360 numbers 2>/dev/null
recipe gmgan numbers svhn --arms local --steps 1 -D data=svhn -D nf=2 -D units=8 -D nh=4 -D components=3
check $? "pictures of 32x32"
gan-data info svhn/data.st >out && grep -q '\[N,32,32,3\]' out && gan-data info svhn/local-1.st --meta gan.settings | grep -q data=svhn
check $? "are what the page takes"
recipe gmgan numbers none -D data=digits
[ $? = 1 ] && [ "$(cat err)" = 'gmgan.sh: numbers: holds no digits' ]
check $? "digits come otherwise"

# Gumbel's draw lets the gradient of the class through to the code: beside finite differences along a line
# from codes of six digits, of the same draw
gan-data head -n 6 digits.st | gan-data join -- -:image >six.st 2>err
for step in 0.01 0 -0.01; do
    stream t:F32:6,4:"$(perl -e 'print join ",", map { $_ % 4 * $ARGV[0] } 0 .. 23' -- "$step")" >t.st
    gan-data join six.st t.st | gan-sample gm/local-1.st --seed 5 y='stack([y, sum(grad(y, v) * range(4), 0)])
        where v = E(x) + t, y = sum(gumbel_softmax(logits_of(v), 1) * range(3), 0)' >y.st 2>err
    values y.st y f
done >found
awk '{ for (i = 1; i <= NF; i++) v[NR, i] = $i }
    END { for (i = 1; i < NF; i += 2) printf "%.6f ", (v[1, i] - v[3, i]) / 0.02; print ""
          for (i = 2; i <= NF; i += 2) printf "%.6f ", v[2, i] }' found >pairs
# shellcheck disable=SC2046 # several numbers
{
    tail -1 pairs >slopes
    near slopes 3e-3 "the class' gradient in the code" $(head -1 pairs)
}

small='--frames 4 --batch 4 --samples 4 -D size=16 -D nf=2 -D units=8 -D hidden_o=8 -D nh=4'
# shellcheck disable=SC2086 # several words
{
    recipe ssgan $small --steps 3 --arms local,concatx idx ss
    check $? "ssgan"
    left . ss/local-1.samples.png ss/local-1.analogy.png ss/concatx-1.again.png ss/local-1.long.png
    check $? "its pictures"
    is "$(cut -f1,2 ss/table.tsv | tail -3 | tr '\t\n' '  ')" "test 0 local-1 3 concatx-1 3 " "its table"
    recipe ssgan $small --steps 1 --arms local idx on && recipe ssgan $small --steps 3 --arms local idx on
    same on/local-1.st ss/local-1.st "a run that was stopped goes on to the same checkpoint"
}
gan-data make digits -n 20 --size 8 | gan-data moving -n 30 -t 4 -s 16 -o clips.st
recipe ssgan --batch 4 --samples 3 --steps 2 --arms local -D nf=2 -D units=8 -D hidden_o=8 -D nh=4 clips.st own
check $? "clips of one's own"
gan-data join clips.st:video=image -o film.st && recipe ssgan --batch 4 --samples 3 --steps 2 --arms local -D nf=2 -D units=8 -D hidden_o=8 -D nh=4 film.st filmed && same own/table.tsv filmed/table.tsv "clips that are called video"
recipe ssgan --frames 5 clips.st five
[ $? = 2 ] && grep -q 'clips of clips.st have 4' err
check $? "of other lengths"

# --- blobs: that the small check runs; what it is to show takes minutes ---
recipe ssgan --small blobs --steps 3 --samples 10
check $? "ssgan --small"
grep -q '^steps of at most 2 pixels: ' out && grep -q '^of 100 frames' out
check $? "says what it saw"
finish
