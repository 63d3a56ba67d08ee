#!/bin/sh
# gan-step: whatever breaks around a game, what was played is not lost, and nothing that went wrong
# looks like success.
. "$(dirname "$0")/../lib/tap.sh"
export OMP_NUM_THREADS=1
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
steps() { gan-data info --meta gan.step "$1"; }
batches() { # batches [ARGUMENT]...
    gan-data batch data.st --size 8 --shuffle --seed 3 "$@"
}
ends() { # ends STATUS WANTED STEPS PATTERN NAME: of a gan-step on run.st, one line in err
    [ "$1" = "$2" ] || echo "status $1, expected $2" >>err
    [ "$1" = "$2" ] && [ "$(steps run.st)" = "$3" ] && [ "$(wc -l <err)" = 1 ] && grep -q "^gan-step: $4" err
    check $? "$5"
}
rows() { [ "$(grep -c '^[0-9]' "$1")" -ge "$2" ]; }
frames() { # frames N [SKIP]: so many whole frames of standard input, byte by byte
    perl -e 'binmode STDIN; binmode STDOUT; my ($n, $skip) = (@ARGV, 0);
        while ($n > 0 && read(STDIN, my $l, 8) == 8) {
            read STDIN, my $head, unpack "Q<", $l;
            my $end = 0; $end = $1 > $end ? $1 : $end while $head =~ /data_offsets":\[\d+,(\d+)/g;
            read STDIN, my $data, $end;
            if ($skip-- <= 0) { print $l, $head, $data; $n-- } }' "$@"
}

cat >game.gan <<'END'
data  x: image[8, 8, 3]
data  y: label[5]
noise z: normal[4]
net G(z) = z | linear(3*8*8) | tanh | reshape(8, 8, 3)
net D(x) = x | flatten | linear(4) | lrelu | linear(1)
player D repeat 2: sgd(0.01) minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z)))) + 0*sum(y)
player G: sgd(0.01) minimizes mean(softplus(-D(G(z))))
END
gan-data make shapes -n 80 -s 8 -o data.st
gan-init game.gan --seed 5 -o start.st || exit 1
mkfifo pipe

# --- a feeder that breaks off ---
batches --endless | head -c 40000 >endless.st
whole=$(gan-data info endless.st 2>&1 | sed -n 's/.*frame \([0-9]*\), .*/\1/p')
cp start.st run.st
gan-step run.st -q <endless.st 2>err
ends $? 1 $(((whole - 1) / 2)) "standard input: frame $whole, byte 40000: .* cut short.*; step .* is saved in run.st" "a stream that breaks off inside a frame: what was played is saved"
frames 7 <endless.st >seven.st
cp start.st run.st
gan-step run.st -q <seven.st 2>err
ends $? 1 3 'standard input: frame 8.*broke off after frame 7, it has no end' "an endless stream that ends"
batches --epochs 2 >epochs.st
frames 6 <epochs.st >six.st
cp start.st run.st
gan-step run.st -q <six.st 2>err
ends $? 1 3 'standard input: frame 7.*broke off after frame 6 of 20' "a stream of 20 frames that ends after 6"
for tool in 'gan-data cat' 'gan-data info' 'gan-data head -n 1000' 'gan-eval moments --tensor image'; do
    $tool six.st >out 2>err
    [ $? = 1 ] && grep -q 'broke off after frame 6 of 20' err
    check $? "$tool tells it, too"
done
cp start.st run.st
gan-step run.st -q <epochs.st 2>err
[ $? = 0 ] && [ ! -s err ] && [ "$(steps run.st)" = 10 ]
check $? "one that is whole ends well"
cp run.st whole.st
batches --epochs 2 --from run.st | gan-step run.st -q 2>err
[ $? = 0 ] && alike run.st whole.st && grep -q 'nothing is left of the data, 10 steps have been played' err
check $? "and to run the same again is no error"
killed=0
for i in 1 2 3 4 5 6; do
    rm -f run.st status
    cp start.st run.st
    { gan-data batch data.st --size 8 --epochs 100000 & echo $! >feeder; wait; } 2>/dev/null | { gan-step run.st -q 2>err; echo $? >status; } &
    wait_for 10 test -s feeder
    sleep 0.$i # the sanitizers make it slow to begin
    kill -9 "$(cat feeder)" 2>/dev/null
    wait
    [ "$(cat status)" = 1 ] && killed=$((killed + 1))
    rm -f feeder
done
[ $killed = 6 ]
check $? "six feeders killed by -9, six failures ($killed)"
gan-data cat data.st | gan-data batch --size 8 | gan-step whole.st -q 2>err
[ $? = 1 ] && grep -q 'made with shuffle=no' err
check $? "minibatches of a pipe are numbered, too"
gan-data cat data.st | gan-data batch --size 8 >plain.st
gan-data batch data.st --size 8 | gan-data info - >out && gan-data info plain.st >err && sed -n 's/.* frames, //p' out >a && sed -n 's/.* frames, //p' err >b && alike a b
check $? "a pipe of known samples"
frames 3 <plain.st >three.st
gan-data info three.st >out 2>err
[ $? = 1 ] && grep -q 'broke off after frame 3, which was not its last' err
check $? "its frames say when there are more"

# --- too few ---
cp start.st run.st
gan-data batch typo.st --size 8 2>/dev/null | gan-step run.st -q 2>err
ends $? 6 0 'no step was played: a step needs 2 minibatches, 0 came' "a typo in front of the pipe"
frames 1 <plain.st | gan-data head -n 100 2>/dev/null >one.st
gan-data head -n 8 data.st | gan-data batch --size 8 | gan-step run.st -q 2>err
ends $? 6 0 'no step was played: a step needs 2 minibatches, 1 came' "too few frames for a step"
gan-data head -n 24 data.st | gan-data batch --size 8 | gan-step run.st -q --until 2 2>err
ends $? 6 1 'the data ended after step 1 of 2: a step needs 2 minibatches, 1 came' "too few for the steps asked for"
cp start.st run.st
gan-step run.st -q <&- 2>err
ends $? 6 0 'no step was played' "standard input that is closed"
gan-step run.st -q -n 2 --log run.tsv <epochs.st 2>&-
[ $? = 0 ] && [ "$(wc -l <run.tsv)" = 3 ] && ! grep -q gan-step run.tsv
check $? "standard error that is closed: messages do not go into the log"

# --- other data than before ---
cp start.st run.st
batches --endless 2>/dev/null | gan-step run.st -q -n 4
other() { # other PATTERN NAME ARGUMENT...: of gan-data batch
    pattern=$1 name=$2
    shift 2
    cp run.st kept.st
    gan-data batch "$@" 2>/dev/null | gan-step run.st -q -n 1 2>err
    [ $? = 1 ] && alike run.st kept.st && [ "$(wc -l <err)" = 1 ] && grep -q "^gan-step: standard input: $pattern" err
    check $? "$name"
}
other 'made with size=4, and the data played so far with size=8; --new-data' "another size" data.st --size 4 --shuffle --seed 3 --endless --from run.st
other 'made with seed=4, .* with seed=3' "another seed" data.st --size 8 --shuffle --seed 4 --endless --from run.st
other 'made with shuffle=no, .* with shuffle=yes, seed=3' "another order" data.st --size 8 --endless --from run.st
gan-data make shapes -n 80 -s 8 --seed 1 -o other.st
other 'made with data=[0-9a-f]*, .* with data=' "other data" other.st --size 8 --shuffle --seed 3 --endless --from run.st
other 'begins with frame 1, and 8 have been consumed' "the beginning again" data.st --size 8 --shuffle --seed 3 --endless
cp run.st new.st
gan-data batch other.st --size 4 --endless 2>/dev/null | gan-step new.st -q -n 6 --new-data 2>err && [ ! -s err ] && [ "$(gan-data info --meta gan.frames new.st)" = 12 ]
check $? "--new-data takes them, and counts from their beginning"
cp run.st parts.st
gan-data batch other.st --size 4 --endless 2>/dev/null | gan-step parts.st -q -n 2 --new-data
gan-data batch other.st --size 4 --endless --from parts.st 2>/dev/null | gan-step parts.st -q -n 4
same new.st parts.st "and goes on with them exactly"
gan-data head -n 40 data.st >raw.st
gan-step run.st -q -n 1 <raw.st 2>err
grep -q 'the data do not say how they were made' err
check $? "a stream that says nothing of itself is warned of"

# --- numbers that are none ---
cp start.st run.st
stream image:F32:3,8,8,3:0.5*300,nan,0.5*275 label:I64:3:0,1,2 >bad.st
cat plain.st bad.st bad.st >both.st
gan-step run.st -q <both.st 2>err
ends $? 1 5 'standard input: frame 11: tensor image: sample 1 holds nan; step 5 is saved' "NaN in the data is called that"
stream image:F32:1,8,8,3:0.5*191,-inf label:I64:1:0 >bad.st
cat bad.st bad.st >two.st
cp start.st run.st
gan-step run.st -q <two.st 2>err
ends $? 1 0 'standard input: frame 1: tensor image: sample 0 holds -inf' "infinity, too"

# --- signals, and readers that go away ---
play() { # play ARGUMENT...: a game in the background that waits for more data after some steps
    cp start.st run.st
    rm -f run.tsv
    env --default-signal=HUP gan-step run.st --log run.tsv -q "$@" <pipe 2>err & # nohup of the test is not for it
    pid=$!
    exec 3>pipe
    frames 4 <endless.st >&3
    wait_for 30 rows run.tsv 2
}
for signal in HUP USR1 XCPU; do
    play
    kill -$signal $pid
    wait $pid
    ends $? 5 2 "stopped by signal .* after step 2, saved in run.st" "SIG$signal: saved"
    exec 3>&-
done
cp start.st run.st
rm -f run.tsv
(trap '' HUP && exec gan-step run.st --log run.tsv -q <pipe 2>err) &
pid=$!
exec 3>pipe
frames 4 <endless.st >&3
wait_for 30 rows run.tsv 2
kill -HUP $pid
frames 2 4 <endless.st >&3
wait_for 30 rows run.tsv 3
check $? "a hangup that nohup ignores is ignored"
kill -TERM $pid
exec 3>&-
wait $pid
pid=
cp start.st run.st
{ frames 8 <endless.st | gan-step run.st -n 4; echo $? >status; } 2>&1 | true
[ "$(cat status)" = 0 ] && [ "$(steps run.st)" = 4 ]
check $? "a reader of messages that goes away ends no game"
cp start.st run.st
{ frames 10 <endless.st | gan-step run.st -q -n 5 --log - 2>err; echo $? >status; } | { read -r line; echo "$line" >out; }
[ "$(cat status)" = 0 ] && [ "$(steps run.st)" = 5 ] && grep -q '^step' out
check $? "nor does one of the log"

# --- saves and rows that fail on the way ---
mkdir box
cp start.st run.st
rm -f run.tsv
gan-step run.st -o box/x.st --log run.tsv --checkpoint-every 1 -q <pipe 2>err &
pid=$!
exec 3>pipe
frames 2 <endless.st >&3
wait_for 30 test -s box/x.st
mv box moved
frames 4 2 <endless.st >&3
wait_for 30 rows run.tsv 3
wait_for 30 grep -q 'playing on from step 2, saved is step 1' err
check $? "a save that fails is told, and the game goes on"
mv moved box
exec 3>&-
wait $pid
pid=
[ "$(steps box/x.st)" = 3 ]
check $? "and is made up for at the end"
if command -v prlimit >/dev/null && prlimit --pid $$ >/dev/null 2>&1; then
    play --checkpoint-every never
    # (what the game says goes to a file, too)
    prlimit --pid $pid --fsize=$(($(wc -c <run.tsv) + 10)):unlimited
    frames 4 4 <endless.st >&3
    wait_for 30 grep -q 'run.tsv: cannot write: File too large; playing on' err
    check $? "a log that cannot be written is told, and the game goes on"
    prlimit --pid $pid --fsize=unlimited:unlimited
    frames 4 8 <endless.st >&3
    wait_for 30 rows run.tsv 6
    [ "$(cut -f 1 run.tsv | tr '\n' ' ')" = 'step 1 2 3 4 5 6 ' ] && grep -q 'run.tsv: written again' err
    check $? "its rows come when it can be written again"
    prlimit --pid $pid --fsize=1000:unlimited
    kill -TERM $pid
    wait $pid
    [ $? = 1 ] && [ "$(steps run.st)" = 0 ] && grep -q 'run.st: cannot write: File too large' err && [ "$(find . -name 'run.st*' | wc -l)" = 1 ]
    check $? "a save that fails at the end leaves the checkpoint as it was, and is an error"
    exec 3>&-
else skip "limits" "no prlimit"; fi
pid=
cp start.st run.st
gan-step run.st -o none/x.st --log early.tsv -q <epochs.st 2>err
ends $? 1 0 'none/x.st: cannot' "an output that cannot be made is told"
[ ! -e early.tsv ]
check $? "before the game"

# --- one at a time ---
play
gan-step run.st -q -n 1 <seven.st 2>second
[ $? = 1 ] && [ "$(wc -l <second)" = 1 ] && grep -q "^gan-step: run.st: in use by process $pid (.*gan-step run.st " second
check $? "the second on a checkpoint is told who has it"
cp start.st two.st
gan-step two.st -q -n 1 --log run.tsv <seven.st 2>second
[ $? = 1 ] && grep -q "^gan-step: run.tsv: in use by process $pid" second && [ "$(steps two.st)" = 0 ]
check $? "and on a log"
gan-init game.gan -o run.st 2>second
[ $? = 1 ] && grep -q "run.st: in use by process $pid" second
check $? "nobody replaces it meanwhile"
gan-sample run.st -n 2 'G(z)' 2>second | gan-data info - >out
grep -q '2 samples' out
check $? "reading it is free"
kill -TERM $pid
wait $pid
exec 3>&-
pid=
cp start.st run.st
gan-step run.st --checkpoint-every 1 -q --log run2.tsv <pipe 2>err &
pid=$!
exec 3>pipe
frames 4 <endless.st >&3
wait_for 30 rows run2.tsv 2
gan-step run.st -q -n 1 <seven.st 2>second
[ $? = 1 ] && grep -q "in use by process $pid" second
check $? "also after it has been replaced by a save"
kill -9 $pid
wait $pid 2>/dev/null
exec 3>&-
pid=
frames 6 <endless.st | frames 2 4 | gan-step run.st -q -n 1 2>err
[ $? = 0 ] && [ "$(steps run.st)" = 3 ]
check $? "who dies lets go of it"

# --- the log, gone on with ---
cp start.st run.st
rm -f run.tsv
frames 8 <endless.st | gan-step run.st -q -n 4 --log run.tsv
cp run.tsv four.tsv
cp run.st four.st
go_on() { # go_on PATTERN NAME: with run.tsv from step 4
    cp four.st run.st
    frames 10 <endless.st | frames 2 8 | gan-step run.st -q -n 1 --log run.tsv 2>err
    [ $? = 0 ] && { [ -z "$1" ] || grep -q "^gan-step: run.tsv: $1" err; } && [ "$(tail -1 run.tsv | cut -f 1)" = 5 ]
    check $? "$2"
}
go_on '' "a log is gone on with"
[ "$(wc -l <run.tsv)" = 6 ]
check $? "and keeps its rows"
printf 'step\tsec' >run.tsv
go_on 'holds no whole row, begun anew' "a first line that was cut is no obstacle"
[ "$(head -1 run.tsv)" = "$(head -1 four.tsv)" ]
check $? "and written anew"
: >run.tsv
go_on '' "nor is an empty log"
{ head -3 four.tsv; head -c 100 /dev/zero; tail -1 four.tsv; } >run.tsv
go_on 'damaged after the row of step 2, cut off there' "zeros after a power cut are told"
{ head -3 four.tsv; tail -2 four.tsv | cut -c 1-3; } >run.tsv
go_on 'damaged after the row of step 2' "so is half a row"
{ cat four.tsv; echo '5	0	0	0	0'; echo '6	0	0	0	0'; } >run.tsv
go_on '2 rows of steps after 4 cut off' "and rows that are lost"
printf 'a\tb\n' >run.tsv
cp run.tsv kept.tsv
cp four.st run.st
frames 10 <endless.st | frames 2 8 | gan-step run.st -q -n 1 --log run.tsv 2>err
ends $? 1 4 'run.tsv: line 1: the columns are not those of this page' "a log of something else"
same run.tsv kept.tsv "stays as it is"
gan-step four.st -q -n 1 --log . <seven.st 2>err
[ $? = 1 ] && grep -q '^gan-step: \.: ' err
check $? "a folder is no log"
sed -n 2p four.tsv | cut -f 4 | grep -Eq '^[0-9]\.[0-9]{6,}$'
check $? "figures have enough digits to be told apart"
finish
