#!/bin/sh
# Nothing depends on the language of the machine: figures have a point where Germans write a comma.
# The locale is made here; whether it has an effect is tried first.
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck disable=SC2154 # tap.sh sets it
scripts=$here/../scripts BIN=$bin
export BIN OMP_NUM_THREADS=1

german() { LOCPATH=$dir/locale LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 "$@"; }
mkdir locale
if ! { command -v localedef && localedef -i de_DE -f UTF-8 ./locale/de_DE.UTF-8; } >out 2>&1; then
    skip "figures with a decimal comma" "no localedef, or no sources of de_DE: the package locales has both"
    finish
fi
[ "$(german seq 0.5 1)" = 0,5 ]
check $? "the locale is in force"

both() { # both NAME COMMAND...: it says the same in both languages
    name=$1
    shift
    "$@" >plain 2>err && german "$@" >out 2>>err && alike plain out
    check $? "$name"
}

figures() { cut -f1,4- "$1"; } # figures LOG: without what the clock gave

# --- tools ---
cat >game.gan <<'END'
noise z: normal[2]
net G(z) = z | linear(2)
player G: adam(0.01) minimizes mean((G(z) - 0.5)^2)
    log half = 0.5
sample G(z)
END
played() { # the figures of a game
    rm -f game.tsv
    gan-init game.gan -o game.st && gan-step -q game.st --steps 3 --log game.tsv && figures game.tsv
}
both "gan-step's log" played
gan-data make ring -n 50 --sigma 0.25 >ring.st
both "gan-init --plan" gan-init game.gan --plan
both "gan-eval" gan-eval modes ring.st --sigma 0.0625
both "gan-data info -s" gan-data info -s ring.st
both "a picture of a curve" gan-data plot game.tsv
both "options with a point" gan-sample game.st value='0.25 * G(z)' -n 2

# --- recipes ---
recipe() { # recipe NAME FILE OPTION...: the same words and the same file
    script=$1 left=$2
    shift 2
    "$scripts"/*/"$script.sh" --small "$@" made >said 2>err
    mv made before
    german "$scripts"/*/"$script.sh" --small "$@" made >out 2>>err && alike said out
    check $? "$script says the same"
    same "before/$left" "made/$left" "and leaves the same $left"
    rm -rf before made
}
recipe fgan mixture.tsv --steps 10
recipe cgan best.st --steps 40 --samples 100
recipe began run.st --steps 10
finish
