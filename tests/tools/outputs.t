#!/bin/sh
# Every tool's -o: the file is replaced as a whole at the end, through links and with its
# permissions, or is what it was; nothing is left behind; what cannot be written is told at once.
. "$(dirname "$0")/../lib/tap.sh"

mode() { stat -c %a "$1"; }
leftovers() { # leftovers COUNT: temporary files here
    [ "$(find . -name '*.tmp-*' | wc -l)" = "$1" ] || { find . -name '*.tmp-*' >>err; false; }
}

gan-data make ring -n 512 -o d.st
cat >page.gan <<'END'
data  x: point[2]
noise z: normal[2]
net G(z) = z | linear(2)
net D(x) = x | linear(1)
player D: sgd(0.1) minimizes -mean(log(sigmoid(D(x)))) - mean(log(1 - sigmoid(D(G(z)))))
player G: sgd(0.1) minimizes -mean(log(sigmoid(D(G(z)))))
sample G(z)
END
gan-init page.gan -o run.st && gan-sample run.st -n 40 -o s.st
check $? "a page, a checkpoint, samples"

# ---- links and permissions ----
cp d.st whole.st
chmod 600 d.st
ln -s d.st link.st
tool=gan-data
passes "a stream onto the link that leads to it" cat d.st -o link.st
same d.st whole.st "is as it was"
[ -L link.st ] && [ "$(mode d.st)" = 600 ]
check $? "the link stays, and the permissions"
mkdir sub
ln -s sub/new.st ahead.st
passes "a link that leads to nothing yet" cat d.st -o ahead.st
[ -L ahead.st ] && alike sub/new.st whole.st
check $? "the file is made where it leads"
ln -s loop.st loop.st
refuses 1 '^loop.st: cannot open: Too many levels' "a link to itself" cat d.st -o loop.st

# What each tool does with a link to a file of mode 600, on success and on failure: the last words
# are the good command's and the bad one's.
through() { # through NAME GOOD BAD
    rm -f t.st l.st
    echo before >t.st
    chmod 600 t.st
    ln -s t.st l.st
    sh -c "$3" >out 2>err </dev/null
    [ $? = 1 ] && [ "$(cat t.st)" = before ]
    check $? "$1: a failure leaves a link's target as it was"
    sh -c "$2" >out 2>err </dev/null && [ -L l.st ] && [ "$(mode t.st)" = 600 ] &&
        [ "$(cat t.st | tr -d '\0')" != before ]
    check $? "$1: it is replaced, not the link, and keeps its mode"
}
head -c 700 d.st >cut.st
printf 'net G(z) = nonsense\n' >bad.gan
through gan-data 'gan-data head d.st -o l.st' 'gan-data cat d.st cut.st -o l.st'
through gan-sample 'gan-sample run.st -o l.st' 'gan-sample run.st "nonsense(z)" -o l.st'
through gan-init 'gan-init page.gan -o l.st' 'gan-init bad.gan -o l.st'
through gan-svd 'gan-svd run.st --clip 1 -o l.st' 'gan-svd cut.st --clip 1 -o l.st'
through gan-step 'gan-step run.st -n 1 -o l.st <d.st' 'gan-step cut.st -n 1 -o l.st <d.st'
through gan-eval 'gan-eval statistics d.st -t point -o l.st' \
    'gan-eval statistics cut.st -t point -o l.st'
leftovers 0
check $? "nothing is left of all that"

# ---- devices and pipes ----
tool=gan-data
refuses 1 '^/dev/full: cannot write: No space' "a full device" cat d.st -o /dev/full
mkfifo pipe
cat pipe >through.st &
passes "a named pipe" cat d.st -o pipe
wait $!
[ -p pipe ] && alike through.st whole.st
check $? "is written, and stays"
(echo first && gan-data cat d.st -o /dev/stdout && echo last) >mixed
(echo first && cat whole.st && echo last) >expected
same mixed expected "/dev/stdout is where standard output stands"
(echo first >&3 && gan-data cat d.st -o /dev/fd/3 && echo last >&3) 3>mixed
same mixed expected "so is /dev/fd/3"

# ---- a folder of pictures ----
gan-data make shapes -n 10 -o ten.st
gan-data head -n 4 ten.st -o four.st
says '^10 images in pics' "ten pictures" export pics ten.st
touch pics/mine.png pics/0001.png
refuses 1 '^pics: 10 pictures of an earlier export are there, such as pics/0' \
    "four more would lie among the ten" export pics four.st
refuses 1 '^missing.st: cannot open' "and a stream that is not there" export --force pics missing.st
[ "$(ls pics | wc -l)" = 12 ]
check $? "leave all as it is"
says '^4 images in pics' "--force" export --force pics four.st
[ "$(ls pics | tr '\n' ' ')" = '000000.png 000001.png 000002.png 000003.png 0001.png mine.png ' ]
check $? "leaves the new ones, and what is none of an export"
rm -r pics && gan-data export -l pics ten.st 2>/dev/null
says '^4 images in pics' "after an export by label" export -f pics four.st
[ "$(ls pics | tr '\n' ' ')" = '000000.png 000001.png 000002.png 000003.png ' ]
check $? "its folders go, too"

# ---- told at once ----
atonce() { # atonce NAME COMMAND...: reads nothing, though nothing would ever come
    name=$1
    shift
    mkfifo never 2>/dev/null
    timeout 5 "$@" >out 2>err <>never
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q ' no/such/x: cannot create in the folder no/such: No such' err
    check $? "$name: an output that cannot be made is told before anything is read"
}
atonce gan-data gan-data cat -o no/such/x
atonce "gan-data images" gan-data images missing -o no/such/x
atonce gan-sample gan-sample run.st -i - 'D(x)' -o no/such/x
atonce gan-init gan-init missing.gan -o no/such/x
atonce gan-eval gan-eval statistics - -o no/such/x
atonce "gan-eval mixture" gan-eval mixture - missing --posterior no/such/x
atonce gan-svd gan-svd - --clip 1 -o no/such/x
refuses 1 '^sub: cannot write: Is a directory' "a folder" cat d.st -o sub
if [ "$(id -u)" != 0 ]; then
    chmod 500 sub
    refuses 1 '^sub/x.st: cannot create in the folder sub: Perm' "a read-only folder" cat d.st -o sub/x.st
    chmod 700 sub
    chmod 400 s.st
    refuses 1 '^s.st: cannot write: Perm' "a read-only file" cat d.st -o s.st
else
    skip "a read-only folder" "root may write everywhere"
    skip "a read-only file" "root may write everywhere"
fi

# ---- signals ----
# Starts a run whose input stands still after the first frame, waits for its temporary file, and ends
# it by a signal. A shell's jobs ignore INT, those of nohup HUP, which tools leave: perl undoes that.
ulimit -c 0
ended() { # ended SIGNAL COMMAND
    rm -f still
    mkfifo still
    exec 4<>still
    cat d.st >&4
    perl -e '$SIG{$_} = "DEFAULT" for qw(HUP INT QUIT); exec @ARGV' sh -c "exec $2" <still >out 2>err 4>&- &
    pid=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -n "$(find . -name 'o.st.tmp-*')" ] && break
        sleep 0.05
    done
    leftovers 1 && kill -"$1" $pid
    wait $pid 2>/dev/null
    status=$?
    exec 4>&-
    [ $status -gt 128 ]
}
echo before >o.st
for s in INT TERM HUP QUIT; do
    ended $s "gan-data cat -o o.st" && leftovers 0 && [ "$(cat o.st)" = before ]
    check $? "$s removes the temporary file of gan-data"
done
ended TERM "gan-sample run.st -i - 'D(x)' -o o.st" && leftovers 0 && [ "$(cat o.st)" = before ]
check $? "and that of gan-sample"
ended KILL "gan-data cat -o o.st" && leftovers 1
check $? "KILL does not"
ended KILL "gan-data cat -o o.st"
leftovers 1
check $? "and the next run on the file removes what is left"
rm -f still
mkfifo still
exec 4<>still
gan-data cat -o o.st <still 4>&- &
other=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    leftovers 2 2>/dev/null && break
    sleep 0.05
done
passes "a second run on the file" cat d.st -o o.st
leftovers 1
check $? "leaves the first one's temporary file alone"
cat whole.st >&4
exec 4>&-
wait $other && leftovers 0 && alike o.st whole.st
check $? "which ends well"
finish
