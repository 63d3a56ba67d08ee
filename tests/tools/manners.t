#!/bin/sh
# What all tools have in common: exit statuses, one line a message, terminals.
. "$(dirname "$0")/../lib/tap.sh"

gan-data make ring -n 64 -o d.st
cat >page.gan <<'END'
data  x: point[2]
noise z: normal[2]
net G(z) = z | linear(2)
net D(x) = x | linear(1)
player D: sgd(0.1) minimizes mean(D(G(z))) - mean(D(x))
player G: sgd(0.1) minimizes -mean(D(G(z)))
sample G(z)
END
gan-init page.gan -o run.st
check $? "a page and data"

# ---- text that cannot be written ----
for t in gan-data 'gan-data cat' gan-eval 'gan-eval fid' gan-init gan-sample gan-step gan-svd; do
    bad=0
    for o in --help --version; do
        $t $o >/dev/full 2>err
        [ $? = 1 ] && [ "$(cat err)" = "${t%% *}: standard output: cannot write: No space left on device" ] || bad=1
        $t $o >&- 2>err
        [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] || bad=1
    done
    check $bad "$t --help and --version to a full device, or to nothing"
done
for c in 'gan-init --functions' 'gan-init page.gan --plan' 'gan-svd run.st' 'gan-data info d.st' 'gan-data cat d.st' \
    'gan-sample run.st' 'gan-eval moments d.st -t point'; do
    $c >/dev/full 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'No space' err
    check $? "$c to a full device"
done

# ---- names ----
odd=$(printf 'a\nb\033[31m\377.st')
bad=0
for c in 'gan-data cat' 'gan-data images' 'gan-data text' 'gan-eval moments' gan-init gan-sample gan-step gan-svd; do
    $c "$odd" >out 2>err </dev/null
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -qF ': a\nb\x1b[31m\xff.st: ' err || { bad=1; echo "$c" >>err; break; }
done
check $bad "a name with a newline and an escape sequence stays one harmless line"
cp d.st "$odd"
gan-data info "$odd" >out 2>err && [ "$(sed -n '1s/: .*//p' out)" = 'a\nb\x1b[31m\xff.st' ]
check $? "in what info prints, too"
gan-data cat "-$odd" 2>err
[ $? = 2 ] && [ "$(wc -l <err)" = 1 ]
check $? "and in wrong usage"

TMPDIR=none gan-data batch -s 4 --shuffle <"$odd" >out 2>err
[ $? = 0 ]
check $? "no temporary file is wanted for one that can be read again"
cat d.st | TMPDIR=none gan-data batch -s 4 --shuffle >out 2>err
[ $? = 1 ] && grep -q '^gan-data: standard input: cannot be copied: a temporary file in none: No such' err
check $? "where one cannot be made the message names the input"

# ---- wrong usage is 2 and one line ----
bad=0
for c in gan-data 'gan-data nonsense' 'gan-data cat --nonsense' gan-eval 'gan-eval nonsense' 'gan-init --nonsense' \
    gan-init gan-sample gan-step 'gan-svd a b' 'gan-svd run.st -c 1' 'gan-sample run.st -n x'; do
    $c >out 2>err </dev/null
    [ $? = 2 ] && [ "$(wc -l <err)" = 1 ] && [ ! -s out ] && grep -q ' --help)$\|needs' err || { bad=1; echo "$c" >>err; break; }
done
check $bad "wrong usage: status 2, one line"

# ---- one file twice ----
for c in cat head; do
    cp d.st twice.st
    timeout 10 gan-data $c twice.st >>twice.st 2>err
    [ $? = 1 ] && alike d.st twice.st &&
        [ "$(cat err)" = 'gan-data: twice.st: is what standard output writes; -o can replace it' ]
    check $? "$c to the file it reads"
    : >none.st
    gan-data $c none.st >out 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'the input holds no ' err
    check $? "$c of nothing is no success"
done

# ---- the environment ----
for v in GAN_ISA=AVX2 GAN_CONV=Direct; do
    env $v gan-sample run.st -n 1 >out 2>err
    [ $? = 2 ] && grep -q "^gan-sample: ${v%%=*} in the environment: expected .*, found '${v#*=}'" err
    check $? "$v is told"
done
gan-data cat -:x 2>err
[ $? = 2 ] && grep -q 'unknown option -: ' err
check $? "an unknown letter is named, not the word behind it"

# ---- terminals ----
# terminal COMMAND: runs it with a terminal as standard input, output and error; what it says goes to
# `said`, its status to $got
terminal() {
    script -qec "$1" /dev/null </dev/null >said 2>&1
    got=$?
}
if script -qec true /dev/null </dev/null >out 2>&1; then
    for c in 'gan-data cat d.st' 'gan-data cat d.st -o -' 'gan-sample run.st' 'gan-init page.gan -o -' 'gan-step run.st -n 1 -o -' \
        'gan-svd run.st -c 1 -o -'; do
        terminal "$c"
        cp said err
        [ $got = 2 ] && [ "$(wc -l <said)" = 1 ] && grep -q 'will not write binary data to a terminal' said
        check $? "$c to a terminal"
    done
    for c in 'gan-data info' 'gan-step run.st -n 1' 'gan-data sheet -o x.png' 'gan-data cat - -o x.st' 'gan-svd' 'gan-eval moments -' \
        'gan-sample run.st -i - "D(x)" -o x.st'; do
        terminal "timeout -k 5 5 $c"
        grep -q 'reading from the terminal; Control-D ends the input' said && [ "$(grep -c reading said)" = 1 ]
        check $? "$c says that it waits"
    done
    # timeout puts it into the background, where the end of input that waits cannot be read; several
    # times, as the signal may come to any of its threads
    bad=0
    for _ in 1 2 3 4; do
        terminal 'sleep .3; timeout -k 4 1 gan-step run.st -n 1; exit $?'
        [ $got = 124 ] && grep -q 'stopped by signal 15 after step 0, saved in run.st' said || { bad=1; cp said err; }
    done
    check $bad "gan-step in the background of a terminal that has input ends at TERM"
else
    skip "terminals" "script(1) is not here"
fi

# ---- threads ----
gan-sample run.st -n 4 -o one.st -t 1
OMP_NUM_THREADS=1000000 gan-sample run.st -n 4 -o many.st 2>err &&
    [ "$(cat err)" = "gan-sample: 1000000 threads cannot be had, 1024 are used" ] && alike one.st many.st
check $? "a million threads"
if (ulimit -v 1000000 && exec gan-sample --version) >out 2>&1; then
    (ulimit -v 1000000 && exec gan-sample run.st -n 4 -t 1024 -o many.st 2>err) &&
        grep -q '^gan-sample: 1024 threads cannot be had, [0-9]* are used' err && alike one.st many.st
    check $? "more than the system starts"
else
    skip "more threads than the system starts" "the tools do not run in a gigabyte (sanitizers)"
fi
finish
