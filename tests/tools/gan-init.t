#!/bin/sh
# gan-init from the command line.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-init
export OMP_NUM_THREADS=1
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
bad() { # bad LINE:COLUMN PATTERN NAME: the page on standard input is refused there
    cat >page.gan
    run 1 page.gan --plan && [ "$(wc -l <err)" = 1 ] && [ ! -s out ] &&
        grep -q "^gan-init: page\.gan:$1: $2" err
    check $? "$3"
}
alone() { # alone NAME: the folder holds the files it had when $before was set
    [ "$(ls -A)" = "$before" ]
    check $? "$1"
}

cat >gan.gan <<'END'
option nf = 4 in [4, 8]
option loss = "plain" in ["plain", "other"]
data  x: image[8, 8, 3]
noise z: uniform(-1, 1)[6]
init normal(0, 0.02)
net G(z) = z | linear(2*2*2*nf, bias=0) | reshape(2, 2, 2*nf) | batchnorm | relu
             | deconv(nf, 5, stride=2, bias=0) | batchnorm | relu | deconv(3, 5, stride=2) | tanh
net D(x) = x | conv(nf, 5, stride=2) | lrelu | flatten | linear(1)
param extra[7] = 0
average Ga of G: 0.9
player D: adam minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z))))
player G of G, extra: adam minimizes mean(softplus(-D(G(z)))) + sqnorm(extra)
sample G(z)
END

# --- usage ---
run 0 --help && grep -q '^usage: gan-init ' out && [ ! -s err ]
check $? "--help"
run 0 --version && grep -q '^gan-init (gan-tools) [0-9]' out
check $? "--version"
for arguments in '' 'a.gan b.gan --plan' '--no-such-option' 'gan.gan --seed x --plan' \
    'gan.gan --plan --batch 0' 'gan.gan --plan --batch -1' 'gan.gan --seed'; do
    # shellcheck disable=SC2086
    run 2 $arguments && [ "$(wc -l <err)" = 1 ] && [ ! -s out ]
    check $? "wrong usage: gan-init $arguments"
done
# shellcheck disable=SC2046 # many words
run 2 gan.gan $(yes -- '-D nf=4' | head -1025) && [ "$(wc -l <err)" = 1 ] && grep -q 'define: given more than 1024 times' err
check $? "wrong usage: an option too many times"
passes "--functions" --functions
grep -q '^conv(x, channels, kernel, ' out && grep -q '^adam(' out
check $? "lists layers and optimizers"

# --- the check alone ---
before=$(ls -A)
run 0 gan.gan && [ "$(cat err)" = 'gan-init: gan.gan: good' ] && [ ! -s out ]
check $? "a page alone is checked: a word, no more"
alone "and no file"

# --- plans ---
passes "--plan" gan.gan --plan
# 6*32 + 2*8 + 8*4*25 + 2*4 + 4*3*25 + 3, then 3*4*25 + 4 + 64 + 1
grep -Eq '^G +total +1319$' out && grep -Eq '^D +total +369$' out && grep -Eq '^all +total +1695$' out
check $? "counts the parameters"
grep -Eq '^G\.4\.weight +\[8,4,5,5\] +800$' out && grep -Eq '^extra +\[7\] +7$' out
check $? "names them, with PyTorch's shapes"
grep -q '^minibatch 64: one update of every player is 0\.[0-9]* GFLOP' out && grep -q '^memory: ' out
check $? "gives work and memory"
run 0 gan.gan --plan --batch 128 && grep -q '^minibatch 128: ' out
check $? "--batch"
run 0 gan.gan --plan -D nf=8 && grep -Eq '^all +total +4979$' out
check $? "-D changes the sizes"
gan-init - --plan <gan.gan >out 2>err && grep -Eq '^all +total +1695$' out
check $? "a page on standard input"

# --- what processes exchange ---
receive() { # receive SHARDS BYTES...: what each of 2, 4, ... processes gets from the others, of 12 samples
    shards=$1
    shift
    run 0 page.gan --plan --batch 12 --shards "$shards" &&
        [ "$(awk '/^processor:/ { at = 0 } at { print $3 } /^processes / { at = 1 }' out | xargs)" = "$*" ]
    check $? "$shards shards: $(grep '^net' page.gan), $(sed -n 's/.*minimizes //p' page.gan)"
}
# many numbers, 200*200 sums and the cost: of each its share, of which it gets what the others have, and
# then the others' shares
echo 'data x: point[200] net F(x) = x | linear(200, bias=0) player F: sgd(0.1) minimizes mean((F(x) - 1)^2)' |
    sed 's/ \(net\|player\)/\n\1/g' >page.gan
receive 2 $((4 * (20000 + 20001)))
receive 4 $((4 * (20000 + 20001))) $((4 * (3 * 10000 + 30001)))
# few, nine sums and the cost: all that the others have, which of the second and third of three shards
# are two
sed 's/200, bias=0/3/; s/200/2/' page.gan >few.gan && mv few.gan page.gan
receive 4 $((4 * 10)) $((4 * 3 * 10))
receive 3 $((4 * 2 * 10)) $((4 * 2 * 10))
# and the others' rows, of three numbers
sed 's/mean.*/mean(unbatch(F(x))^2)/' page.gan >rows.gan && mv rows.gan page.gan
receive 4 $((4 * (6 * 3 + 9))) $((4 * (9 * 3 + 3 * 9)))
run 0 page.gan --plan && ! grep -q '^processes' out
check $? "what is whole is nobody's to share"

# --- options of the page ---
refuses 1 '^gan.gan: the page has no option width' "-D of an unknown option" gan.gan --plan -D width=3
refuses 1 '^gan.gan: the page has no option G' "-D of something else" gan.gan --plan -D G=3
refuses 1 '^gan.gan:1:13: option nf must be one of: 4, 8' "-D of a value not listed" gan.gan --plan -D nf=5
refuses 1 '^gan.gan:1:13: option nf: expected a number' "-D of a text for a number" gan.gan --plan -D nf=big
refuses 1 '^gan.gan:2:15: option loss must be one of: plain, other' "-D of a text not listed" gan.gan --plan -D loss=odd
refuses 2 "define: expected NAME=VALUE, found 'nf'" "-D without a value" gan.gan --plan -D nf
run 1 gan.gan -D 'loss=other
nf=8' && [ "$(cat err)" = 'gan-init: -D loss=other: a control character, byte 0x0a' ]
check $? "-D of a value with a newline, which would set another option"
run 1 gan.gan -D 'x
nf=8' && [ "$(cat err)" = 'gan-init: -D x: a control character, byte 0x0a' ]
check $? "nor a name"
for value in nan inf 1e999; do
    refuses 1 '^gan.gan:1:13: option nf: expected a number' "-D nf=$value" gan.gan --plan -D nf=$value
done
passes "-D of a text" gan.gan -D loss=other -D nf=8 -o set.st
gan-data info --meta gan.settings set.st >out && [ "$(cat out)" = 'loss=other
nf=8' ]
check $? "is kept in the checkpoint"
gan-data info --page set.st | alike - gan.gan
check $? "with the text of the page"

# --- weights ---
gan-init gan.gan -o a.st
gan-init gan.gan -o b.st
same a.st b.st "the same seed, the same bytes"
gan-init gan.gan --threads 2 -o b.st
same a.st b.st "whatever the threads"
gan-init gan.gan --seed 1 -o b.st
differ a.st b.st "another seed, other bytes"
gan-data to-npy a.st --name D.0.weight -o a.npy
gan-data to-npy b.st --name D.0.weight -o b.npy
differ a.npy b.npy "and other weights"
gan-data info -s a.st >out
awk '$1 == "G.4.weight" { w = $5 > 0.04 && $5 < 0.1 && $4 < -0.04 && $6^2 < 0.01^2 }
    $1 == "D.0.bias" { b = $4 == 0 && $5 == 0 } $1 == "G.2.weight" { g = $4 == 1 && $5 == 1 }
    END { exit !(w && b && g) }' out
check $? "weights follow the page's init, biases are 0, gains 1"
gan-data to-npy a.st --name Ga.4.weight -o b.npy
gan-data to-npy a.st --name G.4.weight -o a.npy
same a.npy b.npy "an average starts at the weights"

# --- from other checkpoints ---
gan-init gan.gan --seed 1 -o b.st
passes "--from" gan.gan --seed 2 --from b.st -o c.st
grep -q '^gan-init: b.st: [0-9]* tensors taken$' err
check $? "says how many"
for t in G.4.weight Ga.4.weight D.0.weight; do
    gan-data to-npy b.st --name $t -o b.npy
    gan-data to-npy c.st --name $t -o c.npy
    same b.npy c.npy "takes $t"
done
[ "$(gan-data info --meta gan.seed c.st)" = 2 ]
check $? "but not the seed"
stream G.4.bias:F32:1:0 D.0.bias:F32:4:1,2,3,4 other:F32:2:1,2 >part.st
passes "a part of the weights" gan.gan --from part.st -o c.st
gan-data to-npy c.st --name D.0.bias -o c.npy
gan-data to-npy part.st --name D.0.bias -o b.npy
same b.npy c.npy "is enough"
gan-data to-npy a.st --name D.0.weight -o a.npy
gan-data to-npy c.st --name D.0.weight -o c.npy
same a.npy c.npy "the rest is drawn"
stream G.0.weight:F32:32,6:0.5*192 >net.st
gan-init gan.gan --from net.st -o c.st 2>err
gan-data info -s c.st >out
awk '$1 == "Ga.0.weight" { found = $4 == 0.5 && $5 == 0.5 } END { exit !found }' out
check $? "an average begins at the weights taken"
stream other:F32:2:1,2 >other.st
stream D.0.bias:F32:5:1,2,3,4,5 >shape.st
head -c 300 a.st >cut.st
before=$(ls -A)
refuses 1 '^other.st: has no tensor that the page wants' "nothing to take" gan.gan --from other.st -o d.st
refuses 1 '^shape.st: 0 tensors fit, 1 of another shape (D.0.bias \[4\] here, \[5\] there), ' "another shape" gan.gan --from shape.st -o d.st
refuses 1 '^cut.st: frame 1, byte' "weights cut short" gan.gan --from cut.st -o d.st
refuses 1 '^missing.st: cannot open' "weights that are not there" gan.gan --from missing.st -o d.st
alone "leaves nothing behind"

# --- a net's weights under the names of another program ---
cat >net.gan <<'END'
data x: image[4, 4, 1]
block unit(x, n) = x | conv(n, 3, bias=0, name="conv") | batchnorm(name="bn") | relu
net F(x) = x | unit(2, name="stem") | mean([0, 1], name="pool") | linear(3, name="head.fc")
let logits = F(x), feature = tap(logits, "F.pool")
sample logits
END
weights() { # weights PREFIX: all that F has
    for t in stem.conv.weight:F32:2,1,3,3:0.5*18 stem.bn.weight:F32:2:1,2 stem.bn.bias:F32:2:3,4 \
        stem.bn.running_mean:F32:2:5,6 stem.bn.running_var:F32:2:7,8 \
        head.fc.weight:F32:3,2:1,2,3,4,5,6 head.fc.bias:F32:3:7,8,9 "$@"; do echo "$t"; done
}
renamed() { sed "s/^/$1/"; }
file() { xargs perl "$here/lib/stream.pl"; } # of tensors, a line each
smallest() { # smallest NAME TENSOR NUMBER: the tensor's smallest
    gan-data info -s w.st | awk -v t="$2" -v v="$3" '$1 == t { found = $4 == v } END { exit !found }'
    check $? "$1"
}
weights | file >whole.st
passes "a page without players" net.gan --plan
grep -Eq '^F +total +31$' out && grep -q '^sample of 64: ' out
check $? "its parameters and its sample's cost"
passes "--from NET=FILE" net.gan --from F=whole.st -o w.st
[ "$(cat err)" = 'gan-init: F=whole.st: 7 tensors taken' ]
check $? "takes a whole net"
smallest "a weight" F.stem.conv.weight 0.5
smallest "a running statistic" F.stem.bn.running_var 7
smallest "a layer with a dot in its name" F.head.fc.bias 7
for prefix in module. model. module.model. model.module.; do
    weights | renamed "$prefix" | file >wrapped.st
    passes "names that all begin with $prefix" net.gan --from F=wrapped.st -o w.st
    smallest "are taken without it" F.head.fc.weight 1
done
weights stem.bn.num_batches_tracked:I64::9 | file >counted.st
passes "num_batches_tracked" net.gan --from F=counted.st -o w.st
[ "$(cat err)" = 'gan-init: F=counted.st: 7 tensors taken' ]
check $? "is not worth a word"
weights aux.weight:F32:2:1,2 aux.bias:F32:1:1 | file >extra.st
passes "tensors the net has not" net.gan --from F=extra.st -o w.st
[ "$(cat err)" = 'gan-init: F=extra.st: 7 tensors taken, 2 left (aux.weight [2], aux.bias [1])' ]
check $? "are named, and no error"
weights | grep -v 'fc.bias\|running' | sed 's/fc.weight:F32:3,2:1,2,/fc.weight:F32:2,2:/' | file >part.st
before=$(ls -A)
run 1 net.gan --from F=part.st -o b.st
misfits='1 of another shape (F.head.fc.weight [3,2] here, [2,2] there), 3 missing (F.stem.bn.running_mean [2], F.stem.bn.running_var [2], F.head.fc.bias [3])'
[ "$(cat err)" = "gan-init: part.st: F: 3 tensors fit, $misfits; --partial takes what fits" ]
check $? "what is missing or has another shape is named"
alone "and nothing is written"
passes "--partial" net.gan --partial --from F=part.st -o w.st
[ "$(cat err)" = "gan-init: F=part.st: 3 tensors taken, $misfits" ]
check $? "takes the others, and says which"
i=0
weights >many
while [ $i -lt 30 ]; do
    echo "aux$i.weight:F32:1:1" >>many
    i=$((i + 1))
done
file <many >many.st
passes "thirty more" net.gan --from F=many.st -o w.st
grep -q 'many.st: 7 tensors taken, 30 left (aux0.weight \[1\], .*, and [12][0-9] more)$' err
check $? "are counted, and the first named"
refuses 1 '^whole.st: the page has no parameters of G' "a net the page has not" net.gan --from G=whole.st -o b.st
refuses 1 '^none.st: cannot open' "a file that is not there" net.gan --from F=none.st -o b.st
run 1 net.gan --partial --from F=other.st -o b.st
grep -q 'other.st: has no tensor that the page wants' err
check $? "a file of something else, --partial"
cp whole.st F=odd.st
run 1 net.gan --from F=odd.st -o b.st
grep -q '^gan-init: odd.st: cannot open' err
check $? "a file whose name has a '='"
weights | renamed F. | file >./F=odd.st
passes "is meant with its folder" net.gan --from ./F=odd.st -o w.st
smallest "and its tensors are named as the page names them" F.head.fc.weight 1
cat >two.gan <<'END'
data x: image[4, 4, 1]
net F(x) = x | conv(2, 3, name="conv") | flatten
net H(x) = x | linear(1, name="fc")
let y = F(x), z = H(y)
END
stream conv.weight:F32:2,1,3,3:0.5*18 conv.bias:F32:2:1,2 >conv.st
passes "a page of names without sample" two.gan --from F=conv.st -o w.st
grep -q '^gan-init: H: has its initial weights, and nobody trains it$' err && ! grep -q '^gan-init: F: has' err
check $? "nets that nobody will train, and that no file was given for, are named"
stream image:F32:2,4,4,1:0.25*32 >image.st
gan-sample w.st -i image.st y=y z=z >values.st 2>err && gan-data info values.st >out &&
    grep -q 'y .*\[N,32\]' out && grep -q 'z .*\[N,1\]' out
check $? "gan-sample evaluates what they name"
cat >two.gan <<'END'
data x: image[4, 4, 1]
net F(x) = x | conv(2, 3, name="a") | conv(2, 3, name="a")
let y = F(x)
END
refuses 1 '^two.gan:2:39: the name F.a is already taken in line 2, column 16' "a name twice" two.gan --plan
printf 'data x: image[4, 4, 1]\nlet y = x | linear(\n' >two.gan
refuses 1 '^two.gan:3:1: expected an expression' "a page without players is checked" two.gan --plan
printf 'data x: image[4, 4, 1]\nlet y = x + x[9]\n' >two.gan
printf 'option a = 0.5 from 0 to 1\noption b = a above 0 to 2\noption n = 3 from 1\ndata x: x[2]\nnet D(x) = x | linear(n)\nplayer D: adam(1e-3 * a, beta1=b) minimizes mean(D(x)^2)\n' >ranges.gan
gan-init ranges.gan -D a=1 -D b=0.5 >out 2>err
check $? 'options within their ranges'
refuses 1 '^ranges.gan:1:12: option a must be from 0 to 1, found 1.5$' 'a value above them' ranges.gan -D a=1.5
refuses 1 '^ranges.gan:2:12: option b must be above 0 and at most 2, found 0$' 'a value that is not above' ranges.gan -D b=0
refuses 1 '^ranges.gan:3:12: option n must be from 1 on, found 0$' 'a value below' ranges.gan -D n=0
refuses 1 '^ranges.gan:6:11: adam: expected a decay of moments from 0 to below 1, found 2$' 'moments that grow' ranges.gan -D b=2
printf 'option k = 2 from 1\noption n = 8 from 2^k to 20 by 2^k\ndata x: x[n]\nnet D(x) = x | linear(1)\nsample D(x)\n' >steps.gan
run 0 steps.gan -D n=20 && run 0 steps.gan -D k=3 -D n=16
refuses 1 '^steps.gan:2:12: option n must be one of 4, 8, 12.., found 10$' 'a value between steps' steps.gan -D n=10
refuses 1 '^steps.gan:2:12: option n must be from 4 to 20, found 24$' 'one beyond them' steps.gan -D n=24
printf 'option n = 8 from 2 by 0\nsample n\n' >still.gan
refuses 1 '^still.gan:1:24: option n: expected steps above 0, found 0$' 'steps that stand still' still.gan
printf 'option n = 8 above 2 by 2\nsample n\n' >open.gan
refuses 1 "^open.gan:1:22: expected " 'steps need a first value' open.gan
{ cat ranges.gan; echo 'average E of D: 1 + a'; } >average.gan
refuses 1 '^average.gan:7:[0-9]*: average: expected a decay from 0 to 1, found 1.5$' 'an average that is none' average.gan
sed '1s/0 to 1/"a"/' ranges.gan >text.gan
refuses 1 '^text.gan:1:' 'a range that is a text' text.gan
sed '1s/0 to 1/1 to 0/' ranges.gan >none.gan
refuses 1 '^none.gan:1:21: option a: from 1 to 0 is no range$' 'a range that has no numbers' none.gan
refuses 1 '^ranges.gan:1:12: option a must be from 0 to 1, found 1.0000001$' 'a value just above' ranges.gan -D a=1.0000001
refuses 1 '^two.gan:2:15: index 9..9 on an axis of 4' "each of its names is" two.gan --plan
stream 4.weight:F32:8,4,5,5:0.75*800 >deconv.st
passes "a net of a game" gan.gan --partial --from G=deconv.st -o w.st
smallest "takes weights too" G.4.weight 0.75
smallest "and its average begins there" Ga.4.weight 0.75

# --- pages of strangers ---
stops() { # stops PATTERN NAME: the page on standard input, behind two lines of its own, ends in a line
    { printf 'data x: x[4]\nparam w[4] = 1\n' && cat; } >page.gan
    run 1 page.gan && [ "$(wc -l <err)" = 1 ] && [ ! -s out ] && grep -q "^gan-init: page\.gan:[0-9]*:[0-9]*: $1" err
    check $? "$2"
}
repeated() { # repeated COUNT TEXT: lines of it, with @ for the number and % for the one before
    i=0
    while [ $i -lt "$1" ]; do
        i=$((i + 1))
        echo "$2" | sed "s/@/$i/g; s/%/$((i - 1))/g"
    done
}
stops 'this makes more than 500000 operations; --limit raises this (in D, called' "a long loop of stages" <<'END'
net D(x) = x | for i in 1..100000 (layernorm(0))
player w: sgd minimizes mean(D(x*w))
END
stops 'this makes more than 500000 operations' "gradients of gradients" <<END
let g0 = sum(x*w)
$(repeated 60 'let g@ = sum(grad(g%^3, w)^2)')
player w: sgd minimizes g60
END
stops 'this makes more than 500000 operations' "updates looked ahead at" <<'END'
net D(x) = x | for i in 1..20 (linear(4) | for j in 1..9 (layernorm(0)))
player D: sgd minimizes mean(D(x))
player w: adam minimizes mean(after(D, 1000)(x*w))
END
doubling="block b0(x) = x
$(repeated 18 'block b@(x) = b%(x) + b%(x)')"
stops 'evaluation takes more than 2000000 steps; --limit raises this (in b' "blocks that double" <<END
$doubling
player w: sgd minimizes mean(w) * b18(1)
END
says '^page.gan: good' "--limit" page.gan --limit 2
stops 'evaluation takes more than 2000000 steps' "lists that double" <<END
let a0 = [1, 1]
$(repeated 60 'let a@ = [a%, a%]')
player w: sgd minimizes mean(w) + count(a60)
END
stops 'a text of more than 10000 characters' "texts that double" <<END
let a0 = "x"
$(repeated 60 'let a@ = a% + a%')
player w: sgd minimizes mean(w) + mean(tap(w, a60))
END
stops 'nested too deeply' "a list in a list in a list" <<'END'
let a = scan h = [0] for i in 1..100000: [h], b = a[-1]
player w: sgd minimizes mean(w) + count(b)
END
stops 'more than 100 players' "too many players" <<END
$(repeated 101 'player p@ of w: sgd minimizes mean(w)')
END
stops 'parameters, moments and averages up to p[0-9]* take more than [0-9]* MiB' "parameters beyond all memory" <<END
$(repeated 100 'param p@[1000000, 1000000] = 0')
player w: sgd minimizes mean(w) + $(i=0; while [ $i -lt 100 ]; do i=$((i + 1)); printf 'mean(p%d) + ' $i; done) 0
END
cat >page.gan <<END
param w[4] = 1
let a0 = w
$(repeated 400 'let a@ = tanh(tanh(a%))')
player w: sgd minimizes mean(a400)
END
(ulimit -s 256 && run 1 page.gan) && grep -q 'nested too deeply for the stack' err
check $? "a small stack"

# --- pages that are no good ---
refuses 1 '^missing.gan: cannot open' "a page that is not there" missing.gan --plan
refuses 1 '^\.: this is a folder, expected a page; ' "a folder" . --plan
bad 1:1 "expected option, data, .* found 'newt'" "a slip in a keyword" <<'END'
newt G(z) = z
END
bad 2:2 'a statement must begin in the first column' "a page that begins with an indent" <<'END'
# nothing yet
 option n = 3
END
bad 2:1 "expected an expression, found the next statement" "half a statement" <<'END'
option n = 
option k = 3
END
bad 1:12 "a string has no closing quote" "an open text" <<'END'
option n = "abc
END
bad 1:14 "unexpected character ';'" "a strange character" <<'END'
option n = 3 ; option k = 4
END
bad 1:12 "a number is followed by 'x'" "a number that runs into a name" <<'END'
option n = 3x
END
bad 2:1 'n is already defined in line 1' "a name twice" <<'END'
option n = 3
param n[2] = 0
player n: sgd minimizes sum(n)
END
bad 2:29 'unknown name q' "an unknown name" <<'END'
param w[2] = 1
player w: sgd minimizes sum(q)
END
bad 2:25 'unknown layer or function summ' "an unknown function" <<'END'
param w[2] = 1
player w: sgd minimizes summ(w)
END
bad 3:9 'a is defined by itself' "a circle" <<'END'
param w[2] = 1
let a = b,
    b = a*2 + a
player w: sgd minimizes sum(w*a)
END
bad 2:33 'shapes \[2\] and \[3\] do not fit together' "shapes that do not fit" <<'END'
param w[2] = 1
player w: sgd minimizes sum((w) + v)
param v[3] = 1
END
bad 1:13 'option mu: expected a number or a text, found a tensor' "a draw for an option" <<'END'
option mu = z
noise z: normal[2]
sample mu
END
bad 2:25 'the cost must be one number, this is \[2\]' "a cost of two numbers" <<'END'
param w[2] = 1
player w: sgd minimizes w
END
bad 3:25 'player v has nothing to train' "a cost without the player" <<'END'
param w[2] = 1
param v[2] = 1
player v: sgd minimizes sum(w)
END
bad 3:49 'page.0.weight is a weight \[.., in, out\] here, but \[out, in\] at page.gan:2:38$' "one name for two layouts" <<'END'
data x: x[3]
player A of page: sgd minimizes mean(linear(x, 3))
player B of page: sgd minimizes mean(square(x @ weight([3, 3])))
END
bad 4:11 'optimizer.w.m.w.0.weight is a moment here, but a parameter at page.gan:3:24$' "and for two kinds" <<'END'
data x: x[3]
net w(x) = x | linear(3)
net optimizer(x) = x | linear(3, name="w.m.w.0")
player w: adam minimizes mean(optimizer(w(x)))
END
bad 3:36 'no parameter D.0.weight yet: its layer must come before' "a weight before its layer" <<'END'
data x: x[3]
net D(x) = x | linear(1)
player D: sgd minimizes mean(0*sum(weights("D.0.weight")) + D(x))
END
bad 2:11 'expected an optimizer' "something else for an optimizer" <<'END'
param w[2] = 1
player w: 3 minimizes sum(w)
END
bad 2:46 'conv has no parameter widht' "an unknown argument" <<'END'
data x: image[4, 4, 1]
net D(x) = x | conv(2, 3) | conv(3, 3, widht=2) | flatten | linear(1)
player D: sgd minimizes mean(D(x))
END
bad 2:16 'linear needs its argument units' "a missing argument" <<'END'
data x: point[4]
net D(x) = x | linear
player D: sgd minimizes mean(D(x))
END
bad 1:16 'padding: expected a number or "same"' "an unknown padding of conv" <<'END'
net D(x) = x | conv(1, 3, padding="valid") | flatten | linear(1)
data x: image[4, 4, 1]
player D: sgd minimizes mean(D(x))
END
bad 1:16 'padding: expected a number or "same"' "and of deconv" <<'END'
net D(x) = x | deconv(1, 3, padding="valid") | flatten | linear(1)
data x: image[4, 4, 1]
player D: sgd minimizes mean(D(x))
END
bad 3:8 'unknown layer or function G' "a sample that cannot be evaluated" <<'END'
param w[2] = 1
player w: sgd minimizes sum(w)
sample G(w)
END
cat >page.gan <<'END'
param w[2] = 1
END
refuses 1 '^page.gan: the page has no player, and no sample or let' "a page that does nothing" page.gan --plan
printf 'param w[2] = 1\000' >page.gan
refuses 1 '^page.gan: byte 14 is 0, expected a page, which is text' "a byte 0" page.gan --plan
head -c 2000000 /dev/zero | tr '\0' '#' >page.gan
refuses 1 '^page.gan: larger than 1048576 bytes' "a page too large" page.gan --plan
perl -e 'print "option n = ", "(" x 5000, "1", ")" x 5000, "\n"' >page.gan
refuses 1 '^page.gan:1:[0-9]*: nested too deeply' "a page too deep" page.gan --plan
cat >page.gan <<'END'
option n = 3
noise z: normal[2]
block B(x) = x | linear(1)
net G(z) = (z | for i in 1..n (linear(i)) | if n (linear(2)) else (linear(3))) + B(z) + B(z)
let l = [1, 2, 3]
player G: sgd minimizes mean(G(z)) * (l[0..-1])[-1]
END
passes "a name in front of stages is not a call" page.gan --plan
grep -q '^G\.2\.weight .*\[3,2\]' out && grep -q '^G\.3\.weight .*\[2,3\]' out
check $? "and stages within are numbered as if written out"
grep -q '^G\.4\.0\.weight ' out && grep -q '^G\.5\.0\.weight ' out
check $? "each use of a block has parameters of its own"

# --- what may be meant otherwise ---
cat >page.gan <<'END'
data x: x[8]
state m[8, 8] = 0
net D(x) = x | linear(8)
player D: sgd(0.1) minimizes mean((D(x) - m)^2) + mean((D(x) - 2*m)^2)
    + mean((unbatch(D(x)) - m)^2)
END
run 0 page.gan --batch 8 && [ "$(cat err)" = "gan-init: warning: page.gan:4:41: [8,8] of a minibatch and one tensor [8,8] make [8,8,8]; unbatch makes one tensor of a minibatch
gan-init: warning: page.gan:4:62: [8,8] of a minibatch and one tensor [8,8] make [8,8,8]; unbatch makes one tensor of a minibatch
gan-init: page.gan: good" ]
check $? "scores of a minibatch that meet a square state"
sed '$d' page.gan >rows.gan
silent "in another minibatch they are no square" rows.gan --batch 9 --plan
gan-init page.gan --batch 8 -o square.st 2>err && stream x:F32:8,8:0*64 | gan-step square.st -n 1 -q 2>err && [ ! -s err ]
check $? "the game is played without a word"

# --- dumps ---
cat >six.gan <<'END'
data x: x[4]
net G(z) = z | linear(8) | gelu | linear(4)
net D(x) = x | linear(8) | lrelu | linear(1)
player D: adam(0.001) minimizes mean(softplus(D(G(normal()[3])))) + mean(softplus(-D(x)))
player G: adam(0.001) minimizes mean(softplus(-D(G(normal()[3]))))
sample G(normal()[3])
END
passes "--dump graph" six.gan --batch 8 --dump graph
[ "$(grep -c '^[DG]: [0-9]* operations, [0-9]* kernels$\|^sample: ' out)" = 3 ]
check $? "of each player and of the sample"
grep -Eq '^%[0-9]+ = gelu %[0-9]+  \[8,8\]  six.gan:2:28$' out &&
    grep -Eq '^%[0-9]+ = input x  \[8,4\]' out && grep -Eq '  -> D\.0\.weight$' out
check $? "operations with shapes and places; what becomes of states"
grep -Eq '= matmul .*  six.gan:3:36  gradient$' out
check $? "gradients have the place of what they are of"
passes "--dump fused" six.gan --batch 8 --dump fused
grep -q '^    r0 = add x0 x1$' out && grep -q '^    r0 = gelu r0$' out && grep -q ' = sum of r[0-9]' out
check $? "programs of kernels"
passes "--dump plan" six.gan --batch 8 --dump plan
grep -Eq '^[0-9]+ bytes of values, [0-9]+ of scratch$' out &&
    grep -Eq '^[0-9]+: matmul %[0-9]+@[0-9]+ %[0-9]+@D\.0\.weight -> %[0-9]+@[0-9]+  \[8,8\]' out &&
    grep -Eq '^[0-9]+: fused .* -> .*@D\.0\.weight ' out
check $? "kernels in their order, and where values are"
passes "--dump layers" six.gan --batch 8 --dump layers
sed -n '/^D: /,/^$/s/  */ /gp' out | grep -v : | sed 1d >found
printf '%s\n' 'G.0 [8,8] 32 192 256' 'G.2 [8,4] 36 256 128' 'D.0 [8,8] x2 40 512 512' 'D.2 [8,1] x2 9 128 64' 'G 68 448 384' \
    'D 49 640 576' >wanted
head -6 found | cmp -s - wanted && grep -q '^all operations make [0-9]* bytes$' found
check $? "layers: parameters, multiplications, bytes, forwards alone"
for view in graph fused plan; do
    run 0 six.gan --dump $view.dot && [ "$(head -n 1 out)" = 'digraph {' ] && [ "$(tail -n 1 out)" = '}' ] &&
        [ "$(grep -c '^subgraph' out)" = 3 ] && [ "$(grep -c '{' out)" = "$(grep -c '}' out)" ] &&
        if command -v dot >/dev/null; then dot -Tsvg out >picture.svg 2>err; fi
    check $? "--dump $view.dot"
done
for view in '' plans .dot graph.png plan. layers.dot; do
    run 2 six.gan --dump "$view" && grep -q 'expected factors, graph, fused or plan' err
    check $? "--dump '$view'"
done
run 0 gan.gan --shards 4 --dump plan && grep -q '^[0-9]*: conv data .*  \[16,4,4,4\] of all shards  gan.gan:7' out
check $? "what is kept for all shards is made for all at once"
run 0 net.gan --dump plan && grep -q '^sample: ' out
check $? "a page without players"

# --- places to write to ---
before=$(ls -A)
refuses 1 '^none/x.st' "a folder that is not there" gan.gan -o none/x.st
alone "nothing is left behind"
if [ -w /dev/full ]; then
    refuses 1 '^/dev/full: cannot write: No space left' "a full disk" gan.gan -o /dev/full
    [ -c /dev/full ]
    check $? "is still there"
    gan-init gan.gan --plan >/dev/full 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ]
    check $? "a plan on a full disk"
    gan-init --functions >/dev/full 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ]
    check $? "the functions too"
else skip "full disk" "no /dev/full"; fi
if [ "$(id -u)" != 0 ]; then
    mkdir locked
    chmod a-w locked
    refuses 1 '^locked/x.st' "a folder without permission" gan.gan -o locked/x.st
else skip "a folder without permission" "root may write anywhere"; fi
cp a.st kept.st
refuses 1 '^gan.gan: the page has no option q' "a run that fails" gan.gan -D q=1 -o kept.st
same a.st kept.st "leaves the old checkpoint as it was"
gan-init gan.gan -o - >b.st 2>err
same a.st b.st "-o - is standard output"
finish
