#!/bin/sh
# The recipes of clips, each in a tiny version on clips made on the spot: they leave what they promise, and go
# on when they are run again.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

rows() { cut -f1 "$1" | tr '\n' ' '; }
looks='--size 16 --batch 8 --every 2 --samples 70 --sets 1'
gan-data make movers -n 200 -o clips.st
small='-D nz=4 -D nf=2 -D nf_G=2 -D nf_T=2 -D rate=0.001'

# shellcheck disable=SC2086 # several words
recipe tgan clips.st tgan $looks $small --arms values --steps 2
check $? 'tgan'
# shellcheck disable=SC2086 # several words
recipe tgan clips.st tgan $looks $small --arms values,clip-0.01 --steps 3 &&
    [ "$(rows tgan/values-scores.tsv)" = 'step 2 3 ' ] && [ "$(rows tgan/result.tsv)" = 'arm values clip-0.01 ' ] &&
    left tgan values.st values.best.st values.png between.png values-scores.png clipping.tsv estimates.png &&
    [ "$(rows tgan/estimates.tsv)" = 'step 1 2 3 ' ] && [ "$(sed -n 1p tgan/estimates.tsv | cut -f2-)" = "$(printf 'values\tclip-0.01')" ] &&
    [ "$(sed -n 2p tgan/gam.tsv | cut -f1,2)" = "$(printf 'values\tclip-0.01')" ]
check $? 'goes on, with another game beside it'
# judged by a network of one's own: the protocol is that of its page
gan-init "$scripts/networks/c3d.gan" -D size=32 -D nf=2 -D units=8 -D classes=4 -o c3d.st 2>err
# shellcheck disable=SC2086 # several words
recipe tgan clips.st judged $looks $small --arms none --steps 1 --judge c3d.st &&
    [ "$(gan-data info judged/real.gs --meta gan.protocol)" = c3d ]
check $? 'judged by C3D'

# twenty digits of 8x8 to a folder of MNIST's files
mkdir idx
perl -e 'srand 1; binmode STDOUT; print pack("N4", 2051, 20, 8, 8), map { chr(int rand 256) } 1 .. 20 * 64' >idx/train-images-idx3-ubyte
perl -e 'binmode STDOUT; print pack("N2", 2049, 20), map { chr($_ % 10) } 0 .. 19' >idx/train-labels-idx1-ubyte
# shellcheck disable=SC2086 # several words
recipe tgan idx digits $looks $small --arms classes --steps 1 && left digits classes.gif lessons-test.st &&
    [ "$(gan-data info digits/digits.st | sed -n '1s/.* \([0-9]*\) samples.*/\1/p')" = 20 ] &&
    gan-data info -s digits/data.st | grep -q '^  labels: 10 distinct: ' && gan-data info digits/classes.st --meta gan.settings | grep -q classes=10
check $? 'digits that fly about, of classes'

small='-D nf=2 -D nf_D=2 -D nz=4'
# shellcheck disable=SC2086 # several words
recipe tganv2 clips.st levels $looks $small --arms s2,classes --steps 1
check $? 'tganv2'
# shellcheck disable=SC2086 # several words
recipe tganv2 clips.st levels $looks $small --arms s2,classes --steps 3 &&
    [ "$(rows levels/s2-scores.tsv)" = 'step 1 3 ' ] && [ "$(rows levels/result.tsv)" = 'arm s2 classes ' ] &&
    [ "$(rows levels/levels.tsv)" = 'arm s2 ' ] && left levels s2.best.st classes.gif levels.png costs.tsv
check $? 'goes on, with levels beside each other'
awk -F'\t' '{ m[$1] = $2 } END { exit !(m["naive"] > 1.5 * m["s2"] && m["s2"] > m["s4"] && m["s4"] > 0) }' levels/memory.tsv
check $? 'the fewer frames go on, the less memory a step takes'
# shellcheck disable=SC2086 # several words
recipe latentode clips.st paths $looks --host tganv2 $small --arms original,ode,sde --steps 2 &&
    [ "$(rows paths/result.tsv)" = 'arm original ode sde ' ] && left paths ode-long.png futures.png &&
    holds "$(sed -n 2p paths/times.tsv | cut -f2) < 0.001" 'latentode: 31 frames are those of 16 and others between'
check $? 'latentode'
finish
