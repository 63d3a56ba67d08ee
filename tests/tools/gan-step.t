#!/bin/sh
# gan-step from the command line: above all that a game goes on exactly, whatever stopped it.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-step
export OMP_NUM_THREADS=1
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
steps() { gan-data info --meta gan.step "$1"; }
batches() { # batches [CHECKPOINT]: the minibatches of the game, or those it has not consumed
    gan-data batch data.st --size 16 --shuffle --seed 3 --endless ${1:+--from "$1"}
}
rows() { [ "$(grep -c '^[0-9]' "$1")" -ge "$2" ]; }

# everything a checkpoint has to hold: moments of three optimizers, batch norm, dropout, states,
# averages, draws of several kinds, players that play often and seldom
cat >game.gan <<'END'
option rate = 0.002
data  x: image[16, 16, 3]
data  y: label[5]
noise z: uniform(-1, 1)[6]
noise w: normal[2]
state k[3] = 0.5
state seen = 0
param mu[5, 6] = normal(0, 1)
block R(x, n) = x | conv(n, 3) | batchnorm | lrelu
net G(z, y) = concat(z + y @ mu, w) | linear(4*4*8) | reshape(4, 4, 8) | batchnorm | relu
              | deconv(4, 5, stride=2) | R(4) | deconv(3, 5, stride=2) | tanh
net D(x) = x | R(4) | dropout(0.3) | conv(8, 5, stride=2) | lrelu | flatten | linear(1)
net C(x) = x | conv(4, 3, stride=2) | relu | flatten | dropout | linear(5)
average Ga of G: 0.9
let fake = G(z, y), e = uniform(0, 1)[]
player D repeat 2: adam(rate*0.99^step, beta1=0.5)
    minimizes mean(softplus(-real)) + mean(softplus(D(fake))) + 0.1*mean(sqnorm(grad(D(m), m)))
    where real = D(x), m = e*x + (1 - e)*fake
    then k = 0.9*k + 0.1*mean(real), seen = seen + 1
    log balance = sum(k), seen = seen
player G of G, mu every 2: rmsprop(rate, momentum=0.5) minimizes mean(softplus(-D(fake))) - k[0]
player C when step > 10: sgd(0.01, momentum=0.9) minimizes mean(crossentropy(C(x), y)) then clip(C, 0.5)
sample Ga(z, y)
END
gan-data make shapes -n 200 -s 16 -o data.st
gan-init game.gan --seed 5 -o start.st || exit 1

# --- usage ---
run 0 --help </dev/null && grep -q '^usage: gan-step ' out && [ ! -s err ]
check $? "--help"
cp start.st run.st
for arguments in '' 'a.st b.st' 'run.st --no-such-option' 'run.st --steps 3 --until 4' 'run.st --steps x' \
    'run.st --steps -1' 'run.st --log-every 0' 'run.st --checkpoint-every 0' 'run.st --checkpoint-every 3q' \
    'run.st --checkpoint-every 0s' 'run.st --checkpoint-every -5m' 'run.st --checkpoint-every s' \
    'run.st -n 1 --batch 99999999'; do
    # shellcheck disable=SC2086
    run 2 $arguments </dev/null && [ "$(wc -l <err)" = 1 ] && [ ! -s out ]
    check $? "wrong usage: gan-step $arguments"
done
same run.st start.st "plays nothing"

# --- going on ---
cp start.st whole.st
batches | gan-step whole.st --until 60 --log whole.tsv -q 2>err
[ $? = 0 ] && [ ! -s err ] && [ "$(steps whole.st)" = 60 ]
check $? "60 steps"
[ "$(gan-data info --meta gan.frames whole.st)" = 199 ]
check $? "consume a frame for each update"
[ "$(gan-data info --meta gan.updates whole.st)" = 199 ]
check $? "and make so many updates"
cp start.st parts.st
batches | gan-step parts.st --steps 25 --log parts.tsv -q
batches parts.st | gan-step parts.st --until 60 --log parts.tsv -q
same whole.st parts.st "25 steps and the rest are the same"
# but for the clocks, and for G and C, whose costs are not known until their first turn
cut -f 1,4-6 whole.tsv >a
cut -f 1,4-6 parts.tsv >b
same a b "to the log"
head -1 whole.tsv >out
[ "$(cat out)" = 'step	seconds	samples_per_second	D	balance	seen	G	C' ]
check $? "which names its columns"
[ "$(sed -n '$p' whole.tsv | cut -f 1,6)" = '60	119' ] && [ "$(wc -l <whole.tsv)" = 61 ]
check $? "and shows values of before the update"
sed -n 5p whole.tsv | cut -f 8 | grep -q nan && sed -n 20p whole.tsv | cut -f 8 | grep -q '^[0-9.]*$'
check $? "costs are nan before a player's first turn"
cp start.st output.st
cp start.st run.st
batches | gan-step run.st -n 60 -o output.st -q
same whole.st output.st "-o saves there"
same run.st start.st "and leaves the checkpoint"
batches whole.st | gan-step whole.st --until 60 -q 2>err
[ $? = 0 ] && alike whole.st output.st
check $? "--until a step that has been played does nothing"
batches whole.st | gan-step whole.st --steps 0 -q 2>err
[ $? = 0 ] && alike whole.st output.st
check $? "--steps 0 too"
gan-step whole.st -o copy.st --steps 0 -q </dev/null
same whole.st copy.st "-o makes its file even so"
echo precious >copy.st
for data in /dev/null game.gan; do
    gan-step whole.st -o copy.st -q <$data 2>err
    [ $? != 0 ] && [ "$(cat copy.st)" = precious ]
    check $? "what fails before its first step leaves it as it was"
done
{ sleep 2; } | gan-step whole.st -o copy.st -q 2>err &
sleep 0.5
kill $!
wait $!
[ $? = 5 ] && [ "$(cat copy.st)" = precious ] && grep -q 'stopped by signal 15 before a step was played' err
check $? "nor does a signal before it make a file"
gan-step whole.st -o copy.st <game.gan 2>err
! grep -q nan err
check $? "and shows no figures"
for o in '--log whole.st' '--log copy.st -o copy.st' '--log ./copy.st -o copy.st'; do
    gan-step whole.st $o -q <game.gan 2>err
    [ $? = 2 ] && grep -q 'log: .* is the checkpoint' err
    check $? "$o"
done
# threads that wait spin by default, which takes long where others want the processor too
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY
for threads in 2 3; do
    cp start.st threads.st
    batches | gan-step threads.st -n 60 -q --threads $threads --checkpoint-every $((threads * 5)) 2>err && unlike threads.st start.st
    check $? "$threads threads, with saves on the way"
    same whole.st threads.st "give the same"
done

# --- killed at any moment ---
cp start.st killed.st
kills=0 runs=0
while [ $runs -lt 200 ] && [ "$(steps killed.st)" -lt 300 ]; do
    runs=$((runs + 1))
    batches killed.st | gan-step killed.st --until 300 --checkpoint-every 5 --log killed.tsv -q 2>err &
    pid=$!
    # a random part of a second, which grows so that it comes to an end on slow machines
    sleep "$(perl -e 'printf "%.3f", 0.05 + rand(0.2 + 0.1 * $ARGV[0])' $runs)"
    kill -9 $pid 2>/dev/null && kills=$((kills + 1))
    wait $pid 2>/dev/null
    pid=
done
cp start.st long.st
batches | gan-step long.st --until 300 --log long.tsv -q
[ $kills -ge 2 ]
check $? "killed at random moments"
same long.st killed.st "the game is the same"
cut -f 1,4-6 long.tsv >a
cut -f 1,4-6 killed.tsv >b
same a b "and so is its log"

# --- signals ---
for signal in TERM INT; do
    cp start.st run.st
    rm -f run.tsv
    batches | gan-step run.st --log run.tsv -q 2>err &
    pid=$!
    wait_for 30 rows run.tsv 4
    kill -$signal $pid
    wait $pid
    status=$?
    pid=
    [ $status = 5 ] && grep -q "stopped by signal .* after step .*, saved in run.st" err &&
        [ "$(steps run.st)" = "$(tail -1 run.tsv | cut -f 1)" ]
    check $? "SIG$signal: saved, exit status 5"
    at=$(steps run.st)
    [ "$at" -le 300 ] && batches run.st | gan-step run.st --until 300 --log run.tsv -q 2>err
    [ "$at" -gt 300 ] || same long.st run.st "and goes on, from step $at, to the same"
done
mkfifo pipe
batches | gan-data head -n 160 >ten.st
fed() { # a run that waits for the rest of a frame: two steps take five, a part of the sixth follows
    cp start.st run.st
    rm -f run.tsv
    gan-step run.st --log run.tsv -q <pipe 2>err &
    pid=$!
    exec 3>pipe
    head -c 70000 ten.st >&3
    wait_for 30 rows run.tsv 2
    sleep 0.2
}
fed
kill -INT $pid
exec 3>&-
wait $pid
[ $? = 5 ] && [ "$(steps run.st)" = 2 ]
check $? "a writer that the same signal stopped in the middle of a frame does no harm"
fed
kill -TERM $pid
wait_for 30 grep -q 'stopped by signal' err
check $? "a signal ends the wait for a writer that says nothing"
exec 3>&-
wait $pid
[ $? = 5 ] && [ "$(steps run.st)" = 2 ]
check $? "and the step it was to feed is not played"
pid=

# --- saves on the way ---
cp start.st run.st
gan-step run.st --checkpoint-every 1s -q <pipe 2>err &
pid=$!
exec 3>pipe
batches | head -c 3000000 >many.st
saved() { [ "$(steps run.st)" -gt 0 ]; }
i=0
while [ $i -lt 100 ] && ! saved; do
    i=$((i + 1))
    # whole frames, two at a time
    perl -e 'open my $f, "<:raw", $ARGV[0]; my $at = 0;
        for (0 .. 2 * $ARGV[1] + 1) {
            seek $f, $at, 0; read $f, my $l, 8; my $len = 8 + unpack "Q<", $l;
            seek $f, $at, 0; read $f, my $head, $len;
            my $end = 0; $end = $1 > $end ? $1 : $end while $head =~ /data_offsets":\[\d+,(\d+)/g;
            seek $f, $at, 0; read $f, my $all, $len + $end;
            print $all if $_ >= 2 * $ARGV[1]; $at += $len + $end;
        }' many.st $((i - 1)) >&3
    sleep 0.1
done
saved && kill -0 $pid
check $? "--checkpoint-every 1s saves while it plays"
exec 3>&-
wait $pid
[ $? = 1 ] && [ "$(steps run.st)" -gt 0 ]
check $? "and when the stream breaks off"
pid=
cp start.st run.st
rm -f run.tsv
batches | gan-step run.st -n 30 --log run.tsv --log-every 10 -q
[ "$(cut -f 1 run.tsv | tr '\n' ' ')" = 'step 10 20 30 ' ]
check $? "--log-every"

# --- the log ---
cp start.st run.st
rm -f run.tsv
batches | gan-step run.st -n 10 --log run.tsv -q
cp run.st ten-steps.st
cp run.tsv ten-steps.tsv
batches run.st | gan-step run.st -n 10 --log run.tsv -q
printf '21\t0.1' >>run.tsv
batches ten-steps.st | gan-step ten-steps.st -n 2 --log run.tsv -q
[ "$(wc -l <run.tsv)" = 13 ] && head -11 run.tsv | alike - ten-steps.tsv
check $? "rows the checkpoint does not hold are cut off"
printf 'a\tb\n1\t2\n' >other.tsv
cp other.tsv kept.tsv
refuses 1 '^other.tsv: line 1: the columns are not those of this page' "a log of something else" run.st --log other.tsv -n 1 <data.st
same other.tsv kept.tsv "is left alone"
refuses 1 '^none/run.tsv: cannot open' "a log that cannot be made" run.st --log none/run.tsv -n 1 <data.st
batches run.st | gan-step run.st -n 2 --log - -q >out 2>err
[ "$(wc -l <out)" = 3 ]
check $? "--log - is standard output"
if [ -w /dev/full ]; then
    refuses 1 '^/dev/full: cannot write' "a log on a full disk" run.st --log /dev/full -n 1 -q <ten.st
    cp start.st run.st
    refuses 1 '^/dev/full: cannot write' "a checkpoint on a full disk" run.st -o /dev/full -n 1 -q <ten.st
else skip "full disk" "no /dev/full"; fi

# --- the data ---
cp start.st run.st
batches | gan-data head -n 80 >five.st
gan-step run.st <five.st 2>err
[ $? = 0 ] && [ "$(steps run.st)" = 2 ] && [ "$(gan-data info --meta gan.frames run.st)" = 5 ]
check $? "the end of the data: whole steps are played, and saved"
cp start.st run.st
gan-step run.st -n 7 -q <five.st 2>err
[ $? = 6 ] && grep -q 'the data ended after step 2 of 7: a step needs' err && [ "$(steps run.st)" = 2 ]
check $? "and the end is told, and is no success, when more was asked for"
gan-data batch data.st --size 48 --epochs 2 >odd.st
cp start.st run.st
gan-step run.st -q <odd.st && [ "$(steps run.st)" = 4 ]
check $? "minibatches of several sizes"
cp start.st parts.st
gan-step parts.st -n 2 -q <odd.st
gan-data batch data.st --size 48 --epochs 2 --from parts.st | gan-step parts.st -q
same run.st parts.st "go on exactly as well"
cp start.st run.st
refuses 1 '^standard input: this is a page, expected a tensor stream' "garbage" run.st -q <game.gan
gan-step run.st -q </dev/null 2>err
[ $? = 6 ] && [ "$(wc -l <err)" = 1 ] && alike run.st start.st
check $? "no data at all is no step, and no success"
head -c 1000 five.st >cut.st
refuses 1 '^standard input: frame 1, byte .* cut short' "a stream cut short" run.st -q <cut.st
perl -pe 'BEGIN { binmode STDIN; binmode STDOUT; $/ = undef } substr($_, 1500, 1) ^= "\1"' <five.st >flip.st
refuses 1 '^standard input: frame 1, byte .*damaged: checksum' "a bit that flipped" run.st -q <flip.st
gan-data make shapes -n 64 -s 8 | gan-data batch --size 16 >small.st
refuses 1 '^standard input: frame [12]: tensor image has shape \[16,8,8,3\], the page wants \[16,16,16,3\]' "images of another size" run.st -q <small.st
gan-data make digits -n 64 -s 16 | gan-data batch --size 16 >grey.st
refuses 1 '^standard input: frame [12]: tensor image has shape \[16,16,16,1\]' "grey images" run.st -q <grey.st
stream image:U8:2,16,16,3:7*1536 >unlabelled.st
cat unlabelled.st unlabelled.st unlabelled.st >three.st
refuses 1 '^standard input: frame 1: no tensor label in the stream, which the page wants as y' "a tensor that is missing" run.st -q <three.st
stream image:U8:2,16,16,3:7*1536 label:I64:2:0,5 >label.st
cat label.st label.st label.st >three.st
refuses 1 '^standard input: frame 1: label: sample 1 is 5, expected a class from 0 to 4' "a class that does not exist" run.st -q <three.st
stream image:U8:2,16,16,3:7*1536 label:F32:2:0,0.5 >label.st
cat label.st label.st label.st >three.st
refuses 1 '^standard input: frame 1: label: sample 1 is 0.5, expected a class' "half a class" run.st -q <three.st
stream image:U8:2,16,16,3:7*1536 label:I64:3:0,1,2 >label.st
cat label.st label.st label.st >three.st
refuses 1 '^standard input: frame 1: tensor label has shape \[3\], the page wants \[2\]' "more labels than images" run.st -q <three.st
stream something:F32:2:1,2 >label.st
cat label.st label.st label.st >three.st
refuses 1 '^standard input: frame 1: the stream has none of the tensors the page wants: image, label' "other tensors" run.st -q <three.st

# --- checkpoints that are no good ---
bad_checkpoint() { # bad_checkpoint PATTERN NAME: bad.st
    cp bad.st kept.st
    run 1 bad.st -n 1 -q <five.st && [ "$(wc -l <err)" = 1 ] && grep -q "^gan-step: $1" err &&
        alike bad.st kept.st
    check $? "$2"
}
head -c 5000 start.st >bad.st
bad_checkpoint 'bad.st: frame 1, byte .* cut short' "a checkpoint cut short"
perl -pe 'BEGIN { binmode STDIN; binmode STDOUT; $/ = undef } substr($_, -9, 1) ^= "\1"' <start.st >bad.st
bad_checkpoint 'bad.st: .*damaged: checksum' "a damaged one"
cp data.st bad.st
bad_checkpoint 'bad.st: not a checkpoint, but a tensor stream without a page' "data for a checkpoint"
cp game.gan bad.st
bad_checkpoint 'bad.st: this is a page' "a page for a checkpoint"
cat start.st start.st >bad.st
bad_checkpoint 'bad.st: ' "two checkpoints in one file"
meta='@gan.seed=0 @gan.step=0 @gan.frames=0 @gan.updates=0'
# shellcheck disable=SC2086
stream v:F32:2:1,2 @gan.kind=checkpoint $meta @gan.batch=4 \
    '@gan.page=param w[2] = 0\nplayer w: sgd minimizes sum(w)' >bad.st
bad_checkpoint 'page:1:14: the checkpoint has no tensor w' "a tensor that is missing"
# shellcheck disable=SC2086
stream w:F32:3:1,2,3 @gan.kind=checkpoint $meta @gan.batch=4 \
    '@gan.page=param w[2] = 0\nplayer w: sgd minimizes sum(w)' >bad.st
bad_checkpoint 'page:1:14: tensor w has shape \[3\], the page wants \[2\]' "a tensor of another shape"
# shellcheck disable=SC2086
stream w:F32:2:1,2 @gan.kind=checkpoint $meta @gan.batch=0 \
    '@gan.page=param w[2] = 0\nplayer w: sgd minimizes sum(w)' >bad.st
bad_checkpoint 'bad.st: metadata gan.batch is out of range' "counters out of range"
stream w:F32:2:1,2 @gan.kind=checkpoint '@gan.page=param w[2] = 0' >bad.st
bad_checkpoint 'bad.st: no metadata gan.seed' "counters that are missing"
run 1 missing.st -n 1 </dev/null && [ "$(wc -l <err)" = 1 ] && grep -q 'missing.st: cannot open' err
check $? "no checkpoint"

# --- games without data ---
cat >plain.gan <<'END'
noise z: normal[3]
net G(z) = z | linear(3)
player G: sgd(0.1) minimizes mean(sqnorm(G(z)))
END
gan-init plain.gan --batch 8 -o run.st
refuses 1 '^the page reads no data: give --steps or --until' "a game without data needs a number" run.st </dev/null
gan-step run.st -n 5 -q </dev/null && [ "$(steps run.st)" = 5 ]
check $? "and then plays"
gan-step run.st -n 1 --batch 3 -q </dev/null && [ "$(gan-data info --meta gan.batch run.st)" = 3 ]
check $? "--batch"
# a player that reads no data comes first: it has the size of the first frame, whatever the checkpoint says
cat >first.gan <<'END'
data x: image[16, 16, 3]
noise z: normal[6]
param own = 1
net G(z) = z | linear(3)
player G: sgd(0.1) minimizes mean(sqnorm(G(z)))
player D of own: sgd(0.1) minimizes mean(mean(x))*own
END
for size in 8 64; do
    gan-init first.gan --seed 3 --batch $size -o size$size.st
    batches | gan-step size$size.st -n 2 -q --log size$size.tsv
done
same size8.st size64.st "the first update has as many samples as the first frame"

# --- divergence ---
diverges() { # diverges PATTERN NAME: page.gan
    gan-init page.gan -o run.st 2>err
    refuses 4 "^diverged, the checkpoint stays at step 0: $1" "$2" run.st -n 5 -q </dev/null
}
sed 's/sgd(0.1)/sgd(1e30)/' plain.gan >page.gan
diverges 'the cost of player G is .* at step 2' "a rate that is much too large"
sed 's/sqnorm(G(z))/log(-1 - sqnorm(G(z)))/' plain.gan >page.gan
diverges 'the cost of player G is -*nan at step 1' "the logarithm of something negative"
printf 'param w = 1\nplayer w: sgd(1e38) minimizes w\n' >page.gan
gan-init page.gan -o run.st
refuses 4 '^diverged, the checkpoint stays at step 0: w is no longer finite at step 4' "a weight that is not finite when it is saved" run.st -n 4 -q </dev/null
refuses 4 '^diverged, the checkpoint stays at step 0: w is no longer finite at step 4' "or on the way" run.st -n 9 --checkpoint-every 4 -q </dev/null
sed 's/sqnorm(G(z))/log(-1 - sqnorm(G(z)))/' plain.gan >page.gan
gan-init page.gan -o run.st
export GAN_TRACE=nan
line=$(grep -n 'log(' page.gan | cut -d: -f1)
refuses 4 "^diverged, .*: step 1, player G: page.gan:$line:[0-9]*: log gives -*nan in element 0 of " "GAN_TRACE=nan names the first" run.st -n 5 -q </dev/null
printf 'param w = 0\nplayer w: sgd(1) minimizes sqrt(w)\n' >page.gan
gan-init page.gan -o run.st
refuses 4 '^diverged, .*: step 1, player w: page.gan:2:[0-9]*: gradient: [a-z]* gives inf in element 0 of ' "in a gradient" run.st -n 5 -q </dev/null
gan-init plain.gan -o run.st
cp run.st other.st
gan-step run.st -n 5 -q </dev/null
unset GAN_TRACE
gan-step other.st -n 5 -q </dev/null
same run.st other.st "a game that is traced has the same bits"
GAN_TRACE=inf run 2 run.st -n 5 </dev/null && grep -q "GAN_TRACE in the environment: expected nan, found 'inf'" err
check $? "it is nan or nothing"
sed 's/sgd(0.1)/sgd(1e30)/' plain.gan >page.gan
gan-init page.gan -o start2.st
cp start2.st run.st
run 4 run.st -n 5 -q -o diverged.st </dev/null && [ ! -e diverged.st ] && alike run.st start2.st
check $? "-o makes no file then"

# --- averages of nets with batch norm ---
cat >average.gan <<'END'
data x: value[1]
net F(x) = x | batchnorm | linear(1)
net D(x) = x | linear(1)
average A of F: 0.75
player D: sgd minimizes mean(D(A(x)))
player F: sgd minimizes mean(F(x))
END
for v in 50,60,70,80 1,2,3,6 90,100,0,0 0,0,0,4; do stream value:F32:4,1:$v; done >four.st
gan-init average.gan -o run.st
run 0 run.st -n 2 -q <four.st
check $? "an average that a cost uses"
gan-data info -s run.st >out
# F passes 1,2,3,6 and 0,0,0,4, of means 3 and 1 and variances 14/3 and 4: r <- r + (m - r)/10 gives
# 0.3, 0.37 and 1.366667, 1.63; a <- a + w (r - a) of these, w being 9/10 and 9/11, more than 1/4,
# gives 0.27, 0.3518182 and 1.33, 1.5754545
awk 'function near(x, y) { return x > y - 1e-5 && x < y + 1e-5 }
    $1 == "F.0.running_mean" { a = near($4, 0.37) } $1 == "F.0.running_var" { b = near($4, 1.63) }
    $1 == "A.0.running_mean" { c = near($4, 0.3518182) } $1 == "A.0.running_var" { d = near($4, 1.5754545) }
    END { exit !(a && b && c && d) }' out
check $? "averages running statistics, which that use does not move"
stream value:F32:1,1:1 >one.st
cat one.st one.st >two.st
refuses 1 '^standard input: frame 1: average.gan:2:16: batchnorm of \[1,1\]: a single value a channel has no variance' "a minibatch of one sample is refused" run.st -n 1 -q <two.st
sed 's/: 0.75/: select(step < 1, 0.5, 1)/; /^player D/d' average.gan >page.gan
gan-init page.gan -o run.st
run 0 run.st -n 1 -q <four.st
for t in mean var; do gan-data info -s run.st | grep "A.0.running_$t" >a.$t; done
run 0 run.st -n 2 -q <four.st
for t in mean var; do gan-data info -s run.st | grep "A.0.running_$t" >b.$t; done
alike a.mean b.mean && alike a.var b.var && ! grep -q ' 0  ' a.mean
check $? "a decay of 1 holds them"
gan-init average.gan --batch 1 -o none.st 2>err
[ $? = 1 ] && grep -q '^gan-init: average.gan:2:16: batchnorm of \[1,1\]' err
check $? "by gan-init too"

# --- statistics ---
cat >norm.gan <<'END'
data x: value[4]
net F(x) = x | batchnorm(affine=0)
net D(x) = F(x) | linear(1)
player D: sgd minimizes mean(D(x))
END
stream value:F32:4,4:1,2,3,4,1,2,3,5,1,2,3,6,1,2,3,9 >one.st
stream value:F32:2,4:5,0,0,4,7,0,0,6 >two.st
cat one.st two.st >both.st
gan-init norm.gan -o run.st
cp run.st before.st
gan-step run.st --statistics 'F(x)' <both.st 2>err && grep -q 'statistics of 2 minibatches' err
check $? "--statistics"
printf 'data x: point[2]\nnoise z: normal[2]\nnet G(z) = z | linear(2) | batchnorm\nplayer G: sgd(1) minimizes mean(G(z) * x)\n' >noisy.gan
gan-init noisy.gan -o noisy.st && gan-step noisy.st --statistics 'G(z)' <both.st 2>err && grep -q 'statistics of 2 minibatches' err
check $? "... of an expression of noise alone, with a minibatch a frame"
gan-data info -s run.st >out
awk '$1 == "F.0.running_mean" { m = $4 > 0.99 && $4 < 1.01 && $5 > 5.49 && $5 < 5.51 && $6 > 2.87 && $6 < 2.88 }
    $1 == "F.0.running_var" { v = $4 == 0 && $5 > 3.33 && $5 < 3.34 }
    END { exit !(m && v) }' out
check $? "means of the minibatches' moments"
cp run.st again.st
gan-step again.st --statistics 'F(x)' <both.st 2>err
same run.st again.st "which owe nothing to those before them"
for t in D.0.weight D.0.bias; do
    gan-data to-npy before.st --name $t -o a.npy 2>/dev/null
    gan-data to-npy run.st --name $t -o b.npy 2>/dev/null
    same a.npy b.npy "$t stays as it is"
done
[ "$(steps run.st)" = 0 ]
check $? "and nothing is played"
gan-step before.st --statistics 'D(x)' -o after.st <both.st 2>err
same run.st after.st "-o"
cp before.st run.st
refuses 1 '^the expression passes no layer with running statistics' "nothing to collect" run.st --statistics x <both.st
refuses 1 '^EXPR:1:1: unknown layer or function Q' "an unknown name" run.st --statistics 'Q(x)' <both.st
refuses 1 '^standard input: no frames' "no data" run.st --statistics 'D(x)' </dev/null

# --- words ---
cp start.st run.st
batches | gan-step run.st -n 3 >out 2>err
[ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -Eq '^[0-9-]+ [0-9:]+ gan-step: 3/3 steps' err
check $? "a dated line at the end"
cat >many.gan <<'END'
param w = 1
player A of w: sgd(0.001) minimizes w
    log first = w, second = w, third = w
player B of w: sgd(0.001) minimizes 2*w
END
gan-init many.gan -o figures.st 2>err
gan-step figures.st -n 2 </dev/null 2>err
grep -q 'A .*  first .*  second .*  third .*  B ' err
check $? "with the figures of every player"
gan-step figures.st -n 2 --times --log times.tsv </dev/null 2>err
grep -q 'time_A .*  time_B ' err && awk 'NR == 1 { bad = $NF != "time_B" } NR == 3 { s = $(NF - 1) + $NF; bad += s < .9999 || s > 1.0001 }
    END { exit bad || NR != 3 }' times.tsv
check $? "--times"
if command -v script >/dev/null; then
    script -qec 'stty cols 50; gan-step figures.st --steps 200000 --checkpoint-every never </dev/null' /dev/null </dev/null >shown 2>err
    tr '\r' '\n' <shown | sed 's/\x1b\[K//' >lines
    grep -q '^\[#' lines && ! grep -q '.\{50\}' lines
    check $? "a bar is no wider than the terminal"
else skip "bar" "no script"; fi
batches run.st | gan-step run.st -n 3 --profile -q >out 2>err
[ ! -s out ] && grep -q '^D: [0-9]* kernels' err && grep -q ' x conv$' err &&
    grep -Eq ' x conv +\[.*\] of \[.*\] \[.*\]$' err
check $? "--profile"
finish
