#!/bin/sh
# gan-init: weights of other runs, and runs that go on with something changed.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-init
export OMP_NUM_THREADS=1

cat >game.gan <<'END'
option nf = 4 in [4, 8]
option rate = 0.001
data  x: image[8, 8, 3]
noise z: uniform(-1, 1)[6]
init normal(0, 0.02)
net E(x) = x | conv(nf, 5, stride=2, name="first") | lrelu
net G(z) = z | linear(2*2*2*nf, bias=0) | reshape(2, 2, 2*nf) | batchnorm | relu
             | deconv(nf, 5, stride=2, bias=0) | batchnorm | relu | deconv(3, 5, stride=2) | tanh
net D(x) = E(x) | flatten | linear(1)
param extra[7] = 0
state played = 0
average Ga of G: 0.9
player D of D, E: adam(rate) minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z))))
    then played = played + 1
player G of G, extra: adam(rate) minimizes mean(softplus(-D(G(z)))) + sqnorm(extra - 1)
sample G(z)
END
gan-data make shapes -n 64 --size 8 >data.st
feed() { gan-data batch data.st --size 8 --endless --shuffle --seed 3 "$@"; }
play() { feed --from "$1" | gan-step -q "$1" --steps "$2" 2>err; }
tensor() { # tensor FILE NAME: its numbers, or the one
    gan-data to-npy "$1" --name "$2" 2>/dev/null || gan-data info -s "$1" | awk -v t="$2" '$1 == t { print $4 }'
}
takes() { # takes CHECKPOINT NAME RUN THERE TEXT: NAME of the first is THERE of the second
    tensor "$1" "$2" >a.npy && tensor "$3" "$4" >b.npy && alike a.npy b.npy
    check $? "$5"
}
said() { # said TEXT NAME: the one line
    [ "$(cat err)" = "gan-init: $1" ]
    check $? "$2"
}
meta() { gan-data info "$1" --meta "gan.$2"; }
gan-init game.gan --seed 5 -o run.st
play run.st 10

# --- nets of one's own checkpoints ---
passes "--from NET=CHECKPOINT" game.gan --from G=run.st -o a.st
said 'G=run.st: 12 tensors taken' "strips the net's name"
takes a.st G.4.weight run.st G.4.weight "takes weights"
takes a.st G.2.running_var run.st G.2.running_var "and statistics"
takes a.st Ga.4.weight run.st G.4.weight "the average begins there"
gan-init game.gan -o fresh.st
takes a.st D.1.weight fresh.st D.1.weight "the other net is untouched"
[ "$(meta a.st step) $(meta a.st seed)" = '0 0' ]
check $? "and the run is a new one"
passes "the average in the place of the net" game.gan --from G=Ga=run.st -o a.st
takes a.st G.4.weight run.st Ga.4.weight "--from NET=NAME=FILE"
passes "a layer" game.gan --from G.4=run.st -o a.st
takes a.st G.4.weight run.st G.4.weight "by its name alone"
takes a.st G.7.weight fresh.st G.7.weight "and no other"
passes "a parameter of the page" game.gan --from extra=run.st -o a.st
takes a.st extra run.st extra "by its name"
cat >codes.gan <<'END'
data x: image[8, 8, 3]
net F(x) = x | conv(4, 5, stride=2, name="encoder.first") | lrelu | flatten | linear(2, name="head")
let code = F(x)
END
passes "a part of a net from a net" codes.gan --from F.encoder=E=run.st -o a.st
takes a.st F.encoder.first.weight run.st E.first.weight "of another name"
refuses 1 '^run.st: has no tensors of Q' "a name that the file has not" game.gan --from G=Q=run.st
refuses 1 '^run.st: the page has no parameters of Q' "a name that the page has not" game.gan --from Q=run.st
mkdir odd
cp run.st odd/Ga=run.st
passes "a file with '=' in its name" game.gan --from G=odd/Ga=run.st -o b.st
rm b.st

# --- what does not fit ---
wide='1 of another shape (E.first.weight [8,3,5,5] here, [4,3,5,5] there)'
sed 's/"first") | lrelu/"first", bias=0) | lrelu/' game.gan >other.gan
run 1 other.gan -D nf=8 --from E=run.st -o a.st
said "run.st: E: 0 tensors fit, $wide, 1 left (E.first.bias [4]); --partial takes what fits" \
    "a net of another width is refused in one line"
passes "--partial" other.gan -D nf=8 --partial --from D=run.st --from extra=run.st -o a.st
[ "$(cat err)" = 'gan-init: D=run.st: 1 tensor taken, 1 of another shape (D.1.weight [1,128] here, [1,64] there)
gan-init: extra=run.st: 1 tensor taken' ]
check $? "says what was taken and what not"
run 1 game.gan -D nf=8 --from run.st -o b.st
grep -q '^gan-init: run.st: [0-9]* tensors fit, [0-9]* of another shape (.*, and [0-9]* more).*; --partial takes what fits$' err
check $? "a whole checkpoint of another width is refused"
[ ! -e b.st ]
check $? "and nothing is written"
passes "--partial of all that a checkpoint has" game.gan -D nf=8 --partial --from run.st -o a.st
grep -q '^gan-init: run.st: [0-9]* tensors taken, [0-9]* of another shape (.*, and [0-9]* more)$' err
check $? "says so"
takes a.st extra run.st extra "takes what fits"
gan-init game.gan -D nf=8 -o fresh.st
takes a.st G.4.weight fresh.st G.4.weight "the rest is drawn"

# --- a run that goes on ---
passes "--continue" --continue run.st -o a.st
same run.st a.st "with nothing changed gives the same bytes"
passes "with the same page and options" --continue run.st game.gan -D nf=4 -o b.st
grep -q 'step 10, [0-9]* tensors taken$' err
check $? "says where it stands"
play run.st 10
play a.st 10
same run.st a.st "and played on, the bytes of the run that was not looked at"
cp run.st before.st
passes "--continue with another rate" --continue run.st -D rate=0.0001 -o slow.st
same run.st before.st "leaves the run as it was"
for key in step frames updates seed batch page; do
    [ -n "$(meta slow.st $key)" ] && [ "$(meta slow.st $key)" = "$(meta run.st $key)" ]
    check $? "keeps its $key"
done
[ "$(meta slow.st settings)" = 'rate=0.0001' ]
check $? "has the new setting"
for name in G.4.weight Ga.4.weight optimizer.D.m.E.first.weight optimizer.G.correction1 played G.2.running_mean; do
    takes slow.st "$name" run.st "$name" "keeps $name"
done
passes "--continue --no-moments" --continue run.st --no-moments -o bare.st
takes bare.st G.4.weight run.st G.4.weight "keeps weights"
[ "$(tensor bare.st optimizer.D.m.E.first.weight | od -An -v -tx1 -w1 -j 128 | sort -u | tr -d ' \n')" = 00 ]
check $? "moments begin at 0"
is "$(meta bare.st step)" "$(meta run.st step)" "and the step is the run's"
passes "--from --no-moments" --from run.st --no-moments game.gan -o bare.st
[ "$(tensor bare.st optimizer.D.m.E.first.weight | od -An -v -tx1 -w1 -j 128 | sort -u | tr -d ' \n')" = 00 ]
check $? "there, too"
play run.st 1
cp slow.st slower.st
play slow.st 1
tensor before.st extra >before.npy
move() { # move CHECKPOINT: how far its step went
    tensor "$1" extra | perl -e 'read STDIN, $_, 1 << 20; my @v = unpack "f<*", substr $_, -28;
        open F, "<before.npy"; read F, $_, 1 << 20; my @w = unpack "f<*", substr $_, -28; printf "%.9f", $v[0] - $w[0]'
}
perl -e 'exit !(abs($ARGV[1] * 10 / $ARGV[0] - 1) < 0.01)' "$(move run.st)" "$(move slow.st)"
check $? "goes a tenth as far, from the same moments"
passes "in place" --continue slower.st -D rate=0.01 -o slower.st
[ "$(meta slower.st settings) $(meta slower.st step)" = 'rate=0.01 20' ]
check $? "a checkpoint may be its own successor"
sed 's/^average Ga of G: 0.9/average Ga of G: 0.99/; s/adam(rate)/adam(rate * 0.5^(step \/ 1000))/' game.gan >schedule.gan
passes "with an edited page" --continue slow.st schedule.gan -o a.st
[ "$(meta a.st step) $(meta a.st settings) $(meta a.st page.name)" = '21 rate=0.0001 schedule.gan' ] &&
    gan-data info --page a.st | alike - schedule.gan
check $? "keeps step and settings, has the new page"
play a.st 1 && [ "$(meta a.st step)" = 22 ]
check $? "and plays on"
sed 's/adam(rate)/sgd(rate, momentum=0.9)/' game.gan >sgd.gan
passes "another optimizer" --continue slow.st sgd.gan -o a.st
grep -q ' tensors taken, 13 begin anew (optimizer.D.momentum.*, 30 left (optimizer\.' err
check $? "begins anew, and says so"
run 1 --continue slow.st -D nf=8 -o c.st
grep -q '^gan-init: slow.st: [0-9]* tensors fit, [0-9]* of another shape (.*; --partial takes what fits$' err && [ ! -e c.st ]
check $? "another width is refused"
passes "but for --partial" --continue slow.st -D nf=8 --partial -o a.st
[ "$(meta a.st step)" = 21 ]
check $? "which keeps what fits, and the step"
sed 's/linear(1)/linear(8) | lrelu | linear(1)/' game.gan >deeper.gan
run 1 --continue slow.st deeper.gan -o b.st
grep -q ' 6 of another shape (D.1.weight \[8,64\] here, \[1,64\] there.*, 2 missing (D.3.weight \[1,8\], D.3.bias \[1\])' err
check $? "a layer more is refused"
sed 's/^param extra.*/&\nparam more[3] = 0/; s/ of G, extra:/ of G, extra, more:/; s/$/ /; s/sqnorm(extra - 1) $/sqnorm(extra - 1) + sqnorm(more - 1)/' game.gan >more.gan
passes "one more of a player's weights" --continue slow.st -D rate=0.001 more.gan --partial -o a.st
grep -qx 'gan-init: G: all moments of the player begin anew, as those of some weights do' err
check $? "without moments there, and Adam's count is of all"
is "$(tensor a.st optimizer.G.correction1) $(tensor a.st optimizer.D.correction1)" "0 $(tensor slow.st optimizer.D.correction1)" "other players keep theirs"
play a.st 1 && tensor a.st more | perl -e 'local $/; my @v = unpack "f<*", substr <STDIN>, -12; exit grep { abs($_ - .001) > 1e-5 } @v'
check $? "so that its first step is of the rate's length"
{ cat game.gan && echo 'net N(x) = x | flatten | linear(3)'; } |
    sed 's/sqnorm(extra - 1)/sqnorm(extra - 1) + mean(N(G(z)))/' >with_N.gan
printf '%s\n' 'noise z: normal[8, 8, 3]' 'net N(x) = x | flatten | linear(3)' 'sample N(z)' >N.gan
gan-init N.gan --seed 9 -o N.st
passes "--continue and --from together, each with what the other lacks" --continue slow.st with_N.gan --from N=N.st -o a.st
takes a.st N.1.weight N.st N.1.weight "the net is the file's"
takes a.st D.1.weight slow.st D.1.weight "the rest the run's"
run 1 --continue slow.st with_N.gan --from G=run.st -o c.st
grep -q '^gan-init: slow.st: neither the run nor --from has all, 2 missing (N.1.weight, N.1.bias); --partial' err && [ ! -e c.st ]
check $? "what neither has is refused"
sed '/^option rate/d; s/adam(rate)/adam(0.001)/' game.gan >fixed.gan
refuses 1 '^fixed.gan: the page has no option rate' "a setting that the page lost" --continue slow.st fixed.gan -o b.st
passes "is left with --partial" --continue slow.st fixed.gan --partial -o a.st
grep -q '^gan-init: the page has no option rate: rate=0.0001 is left$' err && [ -z "$(meta a.st settings)" ]
check $? "with a word"
run 2 --continue slow.st --seed 3 -o b.st && grep -q -- '--seed: a run that goes on has its own' err
check $? "its seed cannot be changed"
refuses 2 "^expected one page, found 0 operands" "without it a page is wanted" -o b.st
perl -e 'local $/; $_ = <>; substr($_, -5, 1) ^= "\1"; print' slow.st >bad.st
for option in '' --partial; do
    # shellcheck disable=SC2086 # an option or none
    refuses 1 '^bad.st: frame 1, byte .* is damaged: checksum' "a byte that changed${option:+, with }$option" --continue bad.st $option -o c.st
done
refuses 1 '^none.st: ' "a run that is not there" --continue none.st -o b.st
refuses 1 '^data.st: ' "a file of something else" --continue data.st -o b.st
finish
