#!/bin/sh
# What pages can say, construct by construct: short pages that are wrong or fail without it.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

page() { cat >"$1.gan"; } # page NAME, from standard input
# start NAME OPTION...: NAME.st
start() {
    started=$1
    shift
    gan-init "$started.gan" --batch 16 -o "$started.st" "$@" 2>err
}
play() { # play NAME STEPS: with the points of a ring
    gan-data batch ring.st --size 16 --endless --from "$1.st" | gan-step "$1.st" -q -n "$2" -t 1 --log "$1.tsv" --log-every 1 2>err
}
column() { # column NAME FIGURE: of all steps
    awk -F'\t' -v f="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == f) c = i; next } { print $c }' "$1.tsv"
}
tensor() { # tensor CHECKPOINT NAME: its numbers, as they are stored
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or exit 1; $_ = <$f>; my $n = unpack "Q<";
        substr($_, 8, $n) =~ /"\Q$ARGV[1]\E":\{[^}]*"data_offsets":\[(\d+),(\d+)\]/ or exit 1;
        print join(" ", unpack "f<*", substr $_, 8 + $n + $1, $2 - $1), "\n"' -- "$@"
}
expression() { # expression CHECKPOINT EXPRESSION: a number
    worth "$1" "uniform(0, 0)[] + ($2)"
}
wrong() { # wrong PATTERN NAME: a page, on standard input, that gan-init refuses with this message
    cat >wrong.gan
    tool=gan-init
    refuses 1 "$1" "$2" wrong.gan -o wrong.st
}
gan-data make ring -n 256 -o ring.st

# ---- params and states of nets and blocks ----
page own <<'P'
data x: point[2]
block scaled(x) = gain * (x - shift)
    where param gain[count(x, -1)] = 1, state shift[count(x, -1)] = 0
    then shift = shift + 0.5*(mean(x, ["batch"]) - shift)
net D(x) = x | scaled | linear(4) | scaled | linear(1)
player D: sgd(0) minimizes mean(square(D(x))) log first = mean(x[0]), second = mean(x[1])
P
start own && play own 1
check $? 'a block has params and states'
shows 'D.2.shift *F32 *\[4\]' 'of each use' own.st
tensor own.st D.0.shift >shift.txt
near shift.txt 1e-5 'a state moves while the game is played' "$(column own first | awk '{ print $1 / 2 }')" "$(column own second | awk '{ print $1 / 2 }')"
cp own.st before.st
gan-sample own.st -i ring.st -n 16 y='D(x)' -o /dev/null 2>err
same own.st before.st 'and not while sampling'
page twice <<'P'
data x: point[2]
net D(x) = x + 0*seen where state seen = 0 then seen = seen + 1
param w = 1
player w: sgd(0) minimizes w*(mean(D(x)) + mean(D(x)) + mean(D(2*x)))
P
start twice && play twice 3
tensor twice.st D.seen >seen.txt
near seen.txt 0 'the same value is assigned once in an update, another after it' 3
wrong 'x is not a state of D' 'an action of a net is of a state of its own' <<'P'
data x: point[2]
net D(x) = x | linear(1) then x = 2
player D: sgd(0.1) minimizes mean(D(x))
P
wrong 'a param or state here is one of a net or block' 'players have none' <<'P'
data x: point[2]
net D(x) = x | linear(1)
player D: sgd(0.1) minimizes mean(D(x)) where state k = 2
P

# ---- weights that are made; spectral normalisation ----
page spectral <<'P'
use "blocks/spectral.gan"
data x: point[2]
block sn(w) = spectral(w, iterations=5, name="")
net D(x) = x | linear(12, weight=sn) | reshape(2, 2, 3) | conv(4, 3, weight=sn) | deconv(3, 4, stride=2, weight=sn) | flatten | linear(1, weight=sn)
player D: sgd(0) minimizes mean(D(x))
P
start spectral && play spectral 30
check $? 'weights of linear, conv and deconv are wrapped'
python=
for python in python3 /usr/bin/python3 ''; do
    [ -n "$python" ] && "$python" -c 'import numpy' 2>/dev/null && break
done
for layer in 0:linear 2:conv 3:deconv 5:linear; do
    if [ -n "$python" ]; then
        "$python" "$here/lib/spectral.py" spectral.st "D.${layer%:*}" "${layer#*:}" >sigma.txt 2>err
        near sigma.txt 1e-3 "the largest singular value of a ${layer#*:}'s weight is found" 1
    else
        skip "the largest singular value of a ${layer#*:}'s weight" 'no Python with NumPy'
    fi
done
page ones <<'P'
use "blocks/spectral.gan"
data x: point[2]
net D(x) = x | linear(3, bias=0, weight=spectral)
player D: sgd(0) minimizes mean(D(x))
sample norm(D(x)) / norm(x)
P
start ones && play ones 30 && gan-sample ones.st -i ring.st -n 256 ratio='norm(D(x))/norm(x)' -o ratio.st 2>err &&
    gan-data to-table --bare ratio.st --name ratio | sort -g >ratio.txt
holds "$(tail -1 ratio.txt) <= 1.001 && $(tail -1 ratio.txt) > 0.9" 'a layer so normalised stretches nothing'

page shared <<'P'
data x: image[8, 8, 3]
net D(x) = x | conv(4, 3, weight=w, name="") | flatten | linear(1) where w = weight([3, 3, 3, 4], name="")
net E(x) = conv(x, 4, 3, weight=1.5*weight([3, 3, 3, 4], name=""), name="")
player D of D, E: sgd(0) minimizes mean(D(x)) + mean(E(x))
P
start shared
check $? 'a weight and the bias of a layer it is given to may share a path'
shows 'E.weight *F32 *\[4,3,3,3\]' 'as a layer of its own has them' shared.st
wrong 'the name D.weight is already taken' 'two weights may not' <<'P'
data x: point[2]
net D(x) = linear(linear(x, 2, name=""), 2, name="")
player D: sgd(0) minimizes mean(D(x))
P

# ---- assigning after an update ----
page assign <<'P'
data x: point[2]
param mu[2] = 5
net D(x) = x | linear(8, init=normal(0, 2)) | batchnorm | linear(1, init=normal(0, 2))
block half(w) = w/2
player D of D, mu: sgd(1e-9) minimizes mean(D(x)) + sum(mu)*0.000001
    then mu = clamp(mu + 3, 0, 7), apply(D, half) every 2, clip_singular_values(D, 0.5) every 3
P
start assign && cp assign.st first.st && play assign 1
gan-svd assign.st --name 'D.*.weight' --top 1 | awk -F'\t' 'NR > 1 { print ($3 <= 0.500005) }' >top.txt
near top.txt 0 'clip_singular_values(D, c) lowers what is above c' 1 1
tensor assign.st mu >mu.txt
near mu.txt 1e-6 'a param is assigned what the update has made of it' 7 7
play assign 1 && tensor assign.st D.0.weight >two.txt && play assign 1 && tensor assign.st D.0.weight >three.txt
awk '{ for (i = 1; i <= NF; i++) print $i / 2 }' two.txt | tr '\n' ' ' >halves.txt
# shellcheck disable=SC2046 # numbers
near three.txt 1e-6 'apply(D, f) every 2 is done in step 2, not in step 1' $(cat halves.txt)
page renewed <<'P'
data x: point[2]
param mu = 5
param nu = 5
let before = mu + 0, late = moved(0)
block moved(d) = c + d where c = 2*mu - mu
player mu of mu, nu: sgd(1) minimizes mu + nu + 0*mean(x)
    then mu = moved(2), nu = late + moved(0)*0 + 0*before
P
start renewed && play renewed 1
{ tensor renewed.st mu; tensor renewed.st nu; } >renewed.txt
near renewed.txt 1e-6 'blocks see it too, definitions do not' 6 5
wrong 'apply: expected a block or net' 'apply takes a block' <<'P'
data x: point[2]
net D(x) = x | linear(1)
player D: sgd(0.1) minimizes mean(D(x)) then apply(D, 2)
P

# ---- terms in some steps ----
page lazy <<'P'
data x: point[2]
param w = 3
player w: sgd(0.01) minimizes mean(square(w*x[0] - 1)) regularizes square(w) every 4
P
page plain <<'P'
data x: point[2]
param w = 3
player a of w: sgd(0.008) minimizes mean(square(w*x[0] - 1))
player b of w every 4: sgd(0.008) minimizes 4*square(w)
P
start lazy && start plain && play lazy 9 && play plain 9
tensor lazy.st w >w.txt
near w.txt 1e-6 'a term every 4 steps is 4 times the term with the rate times 4/5' "$(tensor plain.st w)"
is "$(column lazy w_regularizer | sort -u | wc -l)" 3 'and a column of the log that changes when it is computed'
sed -i 's/sgd(0.01)/adam(0.01, beta1=0.9)/' lazy.gan
start lazy && play lazy 4 && tensor lazy.st optimizer.w.correction1 >c.txt
near c.txt 1e-5 'its moments are shared, and forget as fast as without it' "$(awk 'BEGIN { print 1 - 0.9 ^ 4 }')"
sed 's/ every 4/ every 0/' lazy.gan >never.gan
sed 's/ regularizes .*//' lazy.gan >without.gan
start never && start without && play never 4 && play without 4
tensor never.st w >w.txt
near w.txt 0 'with every 0 the term is never computed, and the rate is the same' "$(tensor without.st w)"
wrong 'expected .every. and a number of steps' 'a term says how often' <<'P'
param w = 3
player w: sgd(0.01) minimizes square(w) regularizes square(w)
P

# ---- two players, one draw ----
page pair <<'P'
data x: point[2]
noise z: normal[2]
param d = 1
param g = 1
player d: sgd(0.1) minimizes d*mean(x[0]) + mean(z[0])*g log dz = mean(z)
player g with d: sgd(0.1) minimizes g*mean(z[1])*d log gz = mean(z)
P
page alone <<'P'
data x: point[2]
noise z: normal[2]
param d = 1
param g = 1
player g: sgd(0.1) minimizes g*mean(z[1])*d + mean(x)*0
P
start pair && start alone && play pair 1 && play alone 1
is "$(column pair dz)" "$(column pair gz)" 'players that share an update share the noise'
is "$(tensor pair.st g)" "$(tensor alone.st g)" 'and see each other as before it'
play pair 4
is "$(gan-data info pair.st -m gan.frames)" 5 'and the minibatch: a frame for both'
wrong 'w plays with C, which is no other player' 'there must be such a player' <<'P'
param w = 3
player w with C: sgd(0.01) minimizes square(w)
P

# ---- schedules that read states; the end of the game ----
page rule <<'P'
data x: point[2]
noise z: normal[2]
state right = 0
net G(z) = z | linear(2)
net D(x) = x | linear(4) | batchnorm | relu | linear(1)
player D when right <= 0.8: adam(0.01) minimizes mean(D(G(z))) - mean(D(x))
player G repeat right + 1: adam(0.01) minimizes -mean(stop(D)(G(z))) then right = step >= 2
P
start rule && play rule 3 && cp rule.st three.st && play rule 1
for name in D.0.weight D.1.running_mean optimizer.D.m.D.0.weight optimizer.D.correction1; do
    is "$(tensor rule.st $name)" "$(tensor three.st $name)" "a player that does not play leaves $name alone"
done
is "$([ "$(tensor rule.st G.0.weight)" = "$(tensor three.st G.0.weight)" ] && echo same || echo moved)" moved 'while the other plays'
page ends <<'P'
data x: point[2]
param w = 1
player w: sgd(1) minimizes mean(x*0) + 2*w
stop when w < -6.5
P
start ends && gan-data batch ring.st --size 16 --endless | gan-step ends.st -q -n 9 --checkpoint-every 3 --log ends.tsv 2>err
is "$?" 7 'a page stops the game, with a status of its own'
tensor ends.st w >w.txt
near w.txt 1e-6 'and the checkpoint is as it was saved before' -5
has_line=$(grep -c 'stopped, the checkpoint stays at step 3: the page stops the game after step 4' err)
is "$has_line" 1 'and told'
page grown <<'P'
data x: point[2]
param w = 1
state begun = 0
player w: sgd(-1) minimizes mean(x*0) + w then begun = begun + w * (step == 0)
stop when step > 1 and w > 3.5*begun
P
start grown && gan-data batch ring.st --size 16 --endless | gan-step grown.st -q -n 9 --checkpoint-every 1 --log grown.tsv 2>err
is "$?" 7 'also by what counts from some step on'
has_line=$(grep -c 'stopped, the checkpoint stays at step 2: the page stops the game after step 3' err)
is "$has_line" 1 'in the step in which it holds'
wrong 'unknown name foo' 'a schedule is looked at before the game' <<'P'
param w = 1
player w every foo: sgd(1) minimizes w
P
wrong 'the game is stopped in line 3 already' 'there is one condition' <<'P'
param w = 1
player w: sgd(1) minimizes w
stop when w < 1
stop when w > 2
P

# ---- augmentation ----
page augmented <<'P'
use "blocks/augment.gan"
data x: image[16, 16, 3]
noise z: normal[8]
state p = 0
net G(z) = z | linear(16*16*3) | reshape(16, 16, 3) | tanh
net D(x) = x | conv(4, 3, stride=2) | lrelu | flatten | linear(1)
player D: adam(1e-3) minimizes mean(softplus(-real)) + mean(softplus(D(augment(G(z), p)))) where real = D(augment(x, p)) then p = clamp(p + 0.4, 0, 1)
player G: adam(1e-3) minimizes mean(softplus(-D(augment(G(z), p))))
P
gan-data make shapes -n 64 --size 16 -o shapes.st
start augmented && gan-data batch shapes.st --size 16 --endless | gan-step augmented.st -q -n 3 2>err
check $? 'a game whose pictures are augmented'
largest() { # largest EXPRESSION: of 64 samples of the shapes
    gan-sample augmented.st -i shapes.st far="$1" 2>err | gan-data to-table --bare --name far | sort -g | tail -1
}
holds "$(largest 'max(abs(augment(x, 0) - x), [0, 1, 2])') == 0" 'with probability 0 nothing is changed'
holds "$(largest 'max(abs(augment_place(x, 1, shift=0) - x), [0, 1, 2])') < 1e-5" 'nor where it is not moved'
holds "$(largest 'max(abs(augment_cutout(x, 1, size=0) - x), [0, 1, 2])') == 0" 'nor where nothing is cut out'
for part in flip place translation colour cutout; do
    holds "$(largest "mean(abs(augment_$part(x, 1) - x), [0, 1, 2])") > 0.01" "$part does something"
done
holds "$(largest 'abs(sum(abs(grad(sum(augment_translation(x, 1, shift=0)), x) - 1), [0, 1, 2]))') == 0" 'gradients come through'
# beyond the edge is 0, which lies between two bytes
holds "$(largest 'max(abs(b - floor(b + 0.5)), [0, 1, 2]) where a = augment_translation(x, 1), b = select(abs(a) < 1e-3, 0, 127.5*a + 127.5)') < 1e-3" \
    'what is moved by whole pixels keeps its bytes'
holds "$(largest 'max(augment_place(0*x + 1, 1, shift=0, angle=3, scale=1.2), [0, 1, 2])') < 1.00001" 'what is turned keeps its colours'

# ---- minibatches of their own size ----
page sizes <<'P'
data x: point[2]
data v: clip[3]
param w = 1
player a of w: sgd(0.1) minimizes w*mean(x) log x = sum(x)
player b of w: sgd(0.1) minimizes w*mean(v) log v = sum(v)
P
rm -f sizes.in
frame sizes.in point:F32:8,2:1*16 clip:F32:4,3:1*12
frame sizes.in point:F32:8,2:1*16 clip:F32:4,3:1*12
start sizes && gan-step sizes.st -q -n 1 --log sizes.tsv <sizes.in 2>err
is "$(column sizes x) $(column sizes v)" '16 12' 'a player needs the minibatch of what it reads alone'
sed -i 's/mean(v) log/mean(v) + mean(x)*1e-9 log/' sizes.gan
start sizes && gan-step sizes.st -q -n 1 <sizes.in 2>said
is "$(grep -c 'tensor clip has shape \[4,3\], the page wants \[8,3\]' said)" 1 'what it reads together has one'

# ---- nets whose weights stay elsewhere ----
page features <<'P'
data x: point[2]
net F(x) = x | linear(6) | batchnorm | relu
player F: adam(0.01) minimizes mean(F(x))
P
start features && play features 3
page judged <<'P'
option by = "features.st"
data x: point[2]
noise z: normal[4]
net F(x) = x | linear(6) | batchnorm | relu
net G(z) = z | linear(2)
frozen F from by
player G: adam(0.01) minimizes mean(square(mean(F(G(z)), ["batch"]) - mean(F(x), ["batch"]))) log seen = mean(F(x))
sample F(x)
P
start judged && play judged 2
check $? 'a game with a frozen net'
is "$(gan-data info judged.st | grep -c ' F\.')" 0 'whose weights its checkpoint has not'
is "$(gan-data info judged.st -m gan.frozen)" "F $(sha256sum <features.st | cut -c 1-64) features.st" 'but their name and hash'
gan-sample judged.st -i ring.st -n 16 f='F(x)' -o one.st 2>err && gan-sample features.st -i ring.st -n 16 f='F(x)' -o two.st 2>>err
same one.st two.st 'they are those of the file, and running statistics too'
gan-data head ring.st -n 16 -o first.st 2>err
gan-sample features.st -i first.st f='0*x[0] + mean(F(x))' -o mean.st 2>>err
tensor mean.st f | cut -d ' ' -f 1 >mean.txt
near mean.txt 1e-6 'a frozen net is as while sampling in costs, too' "$(column judged seen | head -1)"
mkdir -p moved && cp judged.st features.st moved && (cd / && gan-sample "$dir/moved/judged.st" -i "$dir/ring.st" -n 16 f='F(x)' -o "$dir/three.st") 2>err
same one.st three.st 'a file beside the checkpoint is found'
cp features.st kept.st && play features 1
tool=gan-sample
refuses 1 'frozen F: features.st is not the file that the checkpoint was made with: its SHA-256 is' 'another file is refused' judged.st -n 4 'F(G(z))' -o no.st
rm features.st
refuses 1 'frozen F: features.st: cannot open' 'and none' judged.st -n 4 'F(G(z))' -o no.st
passes 'what does not need it goes without' judged.st -n 4 'G(z)' -o yes.st
passes 'an option says where it is' judged.st -D by=kept.st -n 4 'F(G(z))' -o yes.st
sed 's/linear(6)/linear(7)/' judged.gan >wide.gan && sed 's/net F(x) = x | linear(6)/net F(x) = x | linear(6) | relu | linear(6)/' judged.gan >deep.gan
tool=gan-init
refuses 1 '^kept.st: tensor F.0.weight has shape \[6,2\], the page wants \[7,2\]$' 'nor a net of another shape' wide.gan -D by=kept.st -o no.st
refuses 1 '^kept.st: no tensor F.2.weight, which frozen F has$' 'nor one without its tensors' deep.gan -D by=kept.st -o no.st
wrong 'player F trains F, which is frozen' 'it is not trained' <<'P'
data x: point[2]
net F(x) = x | linear(1)
frozen F from "f.st"
player F: sgd(1) minimizes mean(F(x))
P
wrong 'frozen G, which is no net of the page' 'it is a net' <<'P'
data x: point[2]
net F(x) = x | linear(1)
frozen G from "f.st"
player F: sgd(1) minimizes mean(F(x))
P

# ---- names that are not there ----
wrong 'wrong.gan:3:1: E trains Nothing, which is no net, param, graph or let of the page' 'what a player trains' <<'P'
data x: point[2]
net E(x) = x | linear(1)
player E of E, Nothing: sgd(1) minimizes mean(E(x))
P
wrong 'wrong.gan:3:1: F averages G, which is no net of the page' 'what is averaged' <<'P'
data x: point[2]
net E(x) = x | linear(1)
average F of G: 0.9
player E: sgd(1) minimizes mean(E(x))
P

# ---- draws, lists, conditions, data without a minibatch ----
page some <<'P'
data x: point[2]
let t = once(uniform(0, 4)), many = once(normal(), 3)
net N(x) = x | for n in [3, 5] (linear(n)) | if training (relu)
player N: sgd(0) minimizes mean(N(x)) log t = t, spread = max(many) - min(many)
sample N(x)
P
start some && play some 5
is "$(column some t | sort -u | wc -l)" 5 'a draw for the whole minibatch is drawn anew for each update'
shows 'N.1.weight *F32 *\[5,3\]' 'stages run over a list' some.st
for pair in '[2*i for i in [1, 3]][1]:6' 'count([1] + [2, 3]):3' 'count([i for i in 0..9 step 4]):3' 'not 2 > 1 or 1 and 0 == 0:1' \
    'if 1 or nothing then 4 else 5:4' 'training:0' 'sum(stack([1, 2]) @ stack([3, 4])):11' 'count(view(stack([1, 2, 3, 4]), 2, 2), 1):2' \
    'sum(flatten(view(stack([1, 2, 3, 4]), 2, 2)) * stack([1, 0, 0, 0])):1'; do
    expression some.st "${pair%:*}" >v.txt
    near v.txt 1e-6 "${pair%:*} is ${pair##*:}" "${pair##*:}"
done
page whole <<'P'
data A: edges[3, 3] whole
data x: point[2]
param w[3, 1] = 1
player w: sgd(0.1) minimizes mean(A @ w) + mean(x)*0 log sum = sum(A @ w)
P
frame whole.in point:F32:4,2:1*8 edges:F32:3,3:0,1,2,3,4,5,6,7,8
start whole && gan-step whole.st -q -n 1 --log whole.tsv <whole.in 2>err
is "$(column whole sum)" 36 'data without a minibatch are as they are in the frame'
# ---- maps moved, resized, put together from their blocks; groups and taps apart ----
page moved <<'P'
noise z: normal[4, 4, 1]
param F[12, 12, 2] = 0.5
net W(x, flow) = warp(x, flow + uniform(0, 0)[12, 12, 2])
let s = resize(z, [12, 12], "bilinear")
player F: adam(0.02) minimizes mean(square(W(s, F) - roll(s, -1, 1)))
    log u = mean(F[3..8, 3..8, 0]), v = mean(F[3..8, 3..8, 1])
P
start moved && gan-step moved.st -q -n 200 -t 1 --log moved.tsv --log-every 1 </dev/null 2>err
column moved u | tail -n 1 >u.txt
near u.txt 0.02 'a flow learns to see what is a pixel to the right' 1
column moved v | tail -n 1 >v.txt
near v.txt 0.02 'and at the same height' 0
page pieces <<'P'
noise z: normal[8, 8, 6]
net D(x) = pad(x, [1, [0, 2]], "reflect") | conv(12, 3, padding=0, groups=6) | conv(12, [3, 2], groups=12, dilation=2)
         | space_to_depth([2, 1]) | deconv(4, 4, stride=2, groups=2) | flatten | linear(1)
player D: sgd(0.1) minimizes mean(square(D(z) - argmax(z[0, 0])))
P
start pieces && gan-step pieces.st -q -n 2 -t 1 </dev/null 2>err
check $? 'convolutions of groups and of taps apart are trained'
shows 'D.0.weight *F32 *\[12,1,3,3\]' 'weights are those of a group' pieces.st
shows 'D.1.weight *F32 *\[12,1,3,2\]' 'or of a channel' pieces.st
shows 'D.3.weight *F32 *\[24,2,4,4\]' 'and of deconv' pieces.st
finish
