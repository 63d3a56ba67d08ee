#!/bin/sh
# Wasserstein GANs: pages wgan*.gan and their recipes in tiny versions, text as data, and the metrics
# they are judged by.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
. "$here/lib/eval.sh"

# --- more blocks ---
few() { gan-init "$scripts/image/wgan-gp.gan" -D size=32 -D nf=4 -D norm_row=0 -D norm_d=layer "$@" --plan 2>err |
    grep -c '\.weight  *\[[0-9]*,[0-9]*,5,5\]'; }
holds "$(few) == 6 && $(few -D more_g=4) == 10 && $(few -D more_g=16 -D more_d=8) == 30" \
    "further layers of G and D are as many as asked for"
quiet gan-init "$scripts/image/wgan-gp.gan" -D norm_d=batch --plan
[ $? = 1 ] && grep -q 'norm_d must be one of: none, layer' err
check $? "batch norm in a critic with a penalty is refused"

# --- clipped weights ---
gan-data make digits -n 300 --size 16 -o digits.st
wgan="$scripts/image/wgan.gan -D size=16 -D channels=1 -D nf=4 -D width=16"
# shellcheck disable=SC2086 # several words
gan-init $wgan -D burst=4 -D burst_first=2 -D burst_every=3 -D critics=2 --seed 1 -o one.st
cp one.st two.st
feed() { # feed RUN STEPS
    gan-data batch digits.st --size 8 --shuffle --endless --from "$1" 2>/dev/null |
        gan-step -q "$1" --until "$2" --log "${1%.st}.tsv" >out 2>err
}
feed one.st 6
[ "$(gan-data info one.st -m gan.frames)" = 18 ]
check $? "critic updates: 4 in the first two steps and in step 3, 2 in others"
feed two.st 3
feed two.st 6
alike one.st two.st
check $? "a run that goes on at step 3 ends with the same bytes"
gan-data info -s one.st | awk '/^ *D\./ && !/running/ { if ($(NF-2) < -0.01000001 || $(NF-1) > 0.01000001) bad = 1; seen++ }
    END { exit bad || !seen }'
check $? "all weights of the critic, batch norm's as well, are within 0.01"
gan-data info -s one.st | awk '/^ *G\./ && $(NF-1) > 0.02 { far = 1 } END { exit !far }'
check $? "those of the generator are not"
for o in "generator=constant" "generator=mlp" "generator=mlp -D critic=mlp" "loss=gan" "loss=minimax" "loss=ebgan" \
    "optimizer=adam -D watch=1"; do
    # shellcheck disable=SC2086
    gan-init $wgan -D $o -D burst=1 -D critics=1 -o play.st
    rm -f play.tsv
    feed play.st 5 && [ "$(last play.tsv step)" = 5 ] && ! grep -qi nan play.tsv
    check $? "plays with $o"
done
holds "$(last play.tsv gradient) > 0" "the norm of the critic's gradient is logged"

# --- the penalty's own gradient, through every network, against differences ---
# The critic sees s*x: the derivative of the penalty in s passes all its layers twice. Differences need
# smooth networks.
for o in act_d=softplus net=gated net=tanh "act_d=tanh -D norm_d=none" net=resnet net=resnet101; do
    {
        sed 's/| relu/| softplus/g' "$scripts/image/wgan-gp.gan"
        echo 'block cost(s) = mean((norm(grad(D(s*x), x)) - 1)^2)'
        echo 'let s = 1 + 0.001*mean(z), slope = grad(cost(s), s),'
        echo '    difference = (cost(s + 0.01) - cost(s - 0.01)) / 0.02'
    } >twice.gan
    # shellcheck disable=SC2086
    gan-init twice.gan -D nf=4 -D channels=1 -D $o --seed 3 -o twice.st >out 2>err
    gan-data make digits -n 2 --size 64 -o big.st
    gan-sample twice.st -i big.st 'value=view(normal[1]*0, 1) + slope' 2>>err |
        gan-eval moments - --tensor value --pairs 0 >out 2>>err
    a=$(value moments.mean)
    gan-sample twice.st -i big.st 'value=view(normal[1]*0, 1) + difference' 2>>err |
        gan-eval moments - --tensor value --pairs 0 >out 2>>err
    b=$(value moments.mean)
    holds "($a - $b)^2 < (0.02 * $b)^2 && $b != 0" "$o: $a is the penalty's derivative, $b by differences"
done

# --- all networks and losses play ---
gan-data make digits -n 40 --size 64 -o big.st
for o in net=dcgan net=constant net=mlp net=plain net=gated net=tanh net=resnet101 net=resnet loss=clip loss=gan \
    loss=lsgan sides=1 "more_g=4 -D more_d=4 -D act_g=softplus -D act_d=tanh"; do
    # shellcheck disable=SC2086
    gan-init "$scripts/image/wgan-gp.gan" -D channels=1 -D nf=4 -D width=16 -D critics=1 -D $o -o play.st
    rm -f play.tsv
    gan-data batch big.st --size 4 | gan-step -q play.st -n 3 --log play.tsv >out 2>err &&
        [ "$(last play.tsv step)" = 3 ] && ! grep -qi nan play.tsv
    check $? "wgan-gp plays with $o"
done
quiet "$scripts/image/wgan-gp.sh" --small gp -D width=32 -D nf=4 --steps 40 --samples 200 &&
    [ "$(wc -l <gp/result.tsv)" = 4 ] && head -c 4 gp/mlp-gp-samples.png | grep -q PNG
check $? "wgan-gp.sh makes its table"
gan-data make shapes -n 120 | gan-data export pictures 2>/dev/null
quiet "$scripts/image/wgan-gp.sh" pictures held --size 32 --nets dcgan,plain --losses gp -D nf=4 -D critics=1 --steps 20 \
    --samples 50 --first 70 && [ "$(awk -F'\t' '$1 == "plain" && $7 != "" && $8 != $7' held/result.tsv | wc -l)" = 1 ]
check $? "with data held out"
quiet "$scripts/image/wgan.sh" pictures run --size 32 -D nf=4 -D burst=1 --epochs 40 --steps 20 --every 10 --samples 50 &&
    quiet "$scripts/image/wgan.sh" pictures run --size 32 -D nf=4 -D burst=1 --epochs 40 --steps 30 --every 10 --samples 50 &&
    [ "$(cut -f1 run/wgan-scores.tsv | tr '\n' ' ')" = 'step 10 20 30 ' ] &&
    [ "$(gan-data info run/gan.st -m gan.step)" = 30 ]
check $? "wgan.sh with pictures, and on"
quiet "$scripts/toy/wgan-toy.sh" toys --steps 2 --samples 50 &&
    [ "$(awk -F'\t' 'NR > 1 { for (i = 2; i <= NF; i++) n += $i < 0 } END { print n }' toys/layers.tsv)" = 48 ] &&
    [ "$(cat toys/lines.tsv toys/gaussians.tsv toys/surface.tsv toys/weights.tsv | grep -c '	-*[0-9.e-]*	-*[0-9.e-]')" = 15 ]
check $? "wgan-toy.sh makes its tables"

# --- residual networks, with classes ---
gan-data make shapes -n 80 -o shapes.st
gan-init "$scripts/image/wgan-gp-cifar.gan" -D dim=4 -D classes=5 -D steps=3 -D critics=1 -o class.st
gan-data batch shapes.st --size 8 | gan-step -q class.st -n 3 --log class.tsv >out 2>err
cp class.st before.st
gan-data batch shapes.st --size 8 --from class.st | gan-step -q class.st -n 1 --log class.tsv >>out 2>>err
drawn() { gan-sample "$1" --label 0-4 -n 10 --seed 3 --batch-statistics | cksum; }
[ "$(drawn class.st)" = "$(drawn before.st)" ] && ! grep -qi nan class.tsv
check $? "the rate falls to 0"
gan-init "$scripts/image/wgan-gp-cifar.gan" -D dim=4 -D classes=5 -o class.st
gan-data batch shapes.st --size 8 | gan-step -q class.st -n 2 >out 2>err
gan-sample class.st --label 0-4 -n 10 --seed 3 | gan-data info - >out
grep -q 'image  *U8  *\[N,32,32,3\]' out && [ "$(drawn class.st)" != "$(drawn before.st)" ]
check $? "and learns before"
quiet "$scripts/image/wgan-gp-cifar.sh" --small --classes 5 classes -D dim=4 -D critics=1 --steps 20 --samples 50 &&
    [ "$(wc -l <classes/result.tsv)" = 2 ] && head -c 4 classes/samples.png | grep -q PNG
check $? "wgan-gp-cifar.sh makes its table"

# --- text ---
printf 'the cat\n\nthe d\303\266ner is far too long a line\r\n\377bad\n' >t.txt
quiet gan-data text t.txt -l 12 -o t.st && [ "$(gan-data info t.st -m gan.symbols)" = 15 ] &&
    gan-data info t.st -m gan.alphabet | LC_ALL=C grep -q '^`...[e ][e ]'
check $? "text: an alphabet from the most frequent character on"
gan-data to-text t.st >out 2>err
printf 'the cat\nthe d\303\266ner is\n\357\277\275bad\n' | alike - out
check $? "and back: cut at the length, filling left out, what is no UTF-8 marked"
gan-data text t.txt -l 12 --symbols 4 | gan-data to-text >out 2>err
[ "$(sed -n 1p out | tr -dc ' ae' | wc -c)" -ge 1 ] && [ "$(gan-data text t.txt --symbols 4 | gan-data info - -m gan.symbols)" = 4 ]
check $? "with a smaller alphabet"
printf 'a fat cat\nzz\n' >u.txt
gan-data text u.txt -l 12 --alphabet t.st --skip 1 --first 1 | gan-data to-text >out 2>err
printf '\357\277\275\357\277\275\n' | alike - out
check $? "with another text's alphabet"
gzip -c t.txt >t.gz && gan-data text t.gz -l 12 | alike - t.st
check $? "gzip"
frame weights.st value:F32:1,2,3:0.1,0.8,0.1,0.5,0.2,0.3
quiet gan-data to-text weights.st --alphabet t.st && printf '\357\277\275\n' | alike - out
check $? "to-text: the largest weight counts"
: >empty
quiet gan-data text empty
[ $? = 1 ] && grep -q 'empty: this is empty, expected text' err
check $? "text: no lines is an error"
quiet gan-data to-text weights.st
[ $? = 1 ] && grep -q 'no alphabet' err
check $? "to-text: no alphabet is an error"
frame beyond.st text:U8:1,2:0,200
quiet gan-data to-text beyond.st --alphabet t.st
[ $? = 1 ] && grep -q 'row 0: symbol 200, the alphabet has 15' err
check $? "to-text: a number beyond the alphabet is an error"
quiet gan-data text t.txt --symbols 2
[ $? = 2 ]
check $? "text: wrong usage"
quiet "$scripts/text/wgan-gp-text.sh" --small lines --steps 4 -D dim=8 && [ -s lines/samples.txt ]
check $? "wgan-gp-text.sh"

# --- metrics ---
frame a.st point:F32:3,2:0,0,1,0,0,1
frame b.st point:F32:3,2:1,1,0,0,2,0
gan-eval transport a.st b.st >out 2>err
gives "$(perl -e 'print 2 / 3')" 'transport: pairs are chosen for the least sum' transport
perl -e 'srand 2; for my $f ("p", "q") { print STDOUT "$f.st point:F32:60,1:", join(",", map { rand } 1 .. 60), "\n" }' |
    while read -r f t; do frame "$f" "$t"; done
gan-eval wasserstein p.st q.st >out 2>err
w=$(value wasserstein)
gan-eval transport p.st q.st >out 2>err
gives "$w" 'transport: on the line it is what sorting gives' transport
gan-eval transport a.st b.st -n 1 >out 2>err
gives "$(perl -e 'print sqrt(2)')" 'transport: the first rows' transport
frame short.st point:F32:2,2:0,0,1,1
quiet gan-eval transport a.st short.st
[ $? = 1 ] && grep -q 'expected equally many' err
check $? "transport: numbers of rows differ"
frame h.st value:F32:4,1:0,0.1,0.6,2
frame k.st value:F32:4,1:0.9,1,0.7,0.8
gan-eval histogram h.st --bins 2 --range 0,1 >out 2>err
[ "$(cut -f2 out | tr '\n' ' ')" = 'value 0.5 0.5 ' ]
check $? "histogram: shares, with what is beyond the range"
gan-eval histogram h.st --bins 2 --range 0,1 --against k.st >out 2>err
gives "$(perl -e 'print((0.5*log(2) + 0.5*log(2/3) + log(4/3)) / 2)')" 'histogram: Jensen-Shannon divergence' histogram.js
gives 0.5 'histogram: total variation' histogram.tv
[ "$(value histogram.kl)" = inf ]
check $? "histogram: infinite divergence"
gan-eval histogram - <h.st >out 2>err
holds "$(awk 'NR > 1 { s += $2 } END { print s }' out) == 1" "histogram: from a pipe"
frame sure.st logits:F32:4,2:100,0,0,100,100,0,0,100
gan-eval inception sure.st --splits 2 --in-order >out 2>err
gives 2 'inception: as many as classes, when sure and even' inception
frame same.st probabilities:F32:4,2:0.3,0.7,0.3,0.7,0.3,0.7,0.3,0.7
gan-eval inception same.st --splits 1 --probabilities >out 2>err
gives 1 'inception: 1 when all are alike' inception
quiet gan-eval inception sure.st --probabilities --splits 1
[ $? = 1 ] && grep -q 'row 0 is no distribution' err
check $? "inception: rows that are no distribution"
quiet gan-eval inception sure.st --splits 5
[ $? = 1 ] && grep -q '4 rows for 5 splits' err
check $? "inception: more splits than rows"
frame l.st text:U8:2,3:1,1,2,1,1,2
frame m.st text:U8:2,3:3,3,3,3,3,3
frame o.st text:U8:1,3:1,2,2
gan-eval ngrams l.st m.st --order 2 >out 2>err
gives 1 'ngrams: nothing in common is 1 bit' ngrams.js
gan-eval ngrams l.st l.st >out 2>err
[ $? = 1 ] && grep -q 'lines of 3 symbols have no 4-grams' err
check $? "ngrams: lines too short"
gan-eval ngrams l.st o.st --order 1 >out 2>err
gives "$(perl -e 'print((2/3*log(4/3) + 1/3*log(2/3) + 1/3*log(2/3) + 2/3*log(4/3)) / 2 / log(2))')" 'ngrams: by hand' ngrams.js
frame w.st value:F32:1,3,4:0,9,0,0,0,1,9,0,1,2,3,0
gan-eval ngrams w.st o.st --order 3 >out 2>err
[ "$(awk 'NR > 1 { print $2 }' out | tr '\n' ' ')" = '0 0 0 ' ]
check $? "ngrams: of weights the largest counts"
finish
