#!/bin/sh
# What recipes learn in a minute: tags of topics, colours of pictures.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

told() { sed -n "s/.*$1 \([-0-9.]*\).*/\1/p" out | head -1; } # told TEXT: what follows it

# --- tags: learns which words belong to a topic ---
recipe cgan-tags --small tags --steps 300
check $? "cgan-tags, 300 steps"
recipe cgan-tags --small tags --steps 800
check $? "and on"
[ "$(step_of tags/run.st)" = 800 ] && left tags run.tsv curve.png tags.tsv
check $? "to 800 in all"
holds "$(told 'steps:') >= 4 * 0.025" "tags are at least four times as often right as by chance"

# --- DCGAN: colours and brightness of its samples against those of an untrained one ---
gan-data make shapes -n 1000 --size 32 | gan-data export pictures 2>/dev/null
recipe dcgan pictures dcgan -D size=32 -D nf=12 -D rate=0.001 --steps 200
check $? "dcgan, 200 steps"
recipe dcgan pictures dcgan -D size=32 -D nf=12 -D rate=0.001 --steps 400 &&
    [ "$(step_of dcgan/run.st)" = 400 ] &&
    left dcgan samples.png walk.png arithmetic.png filters.png curve.png
check $? "and on to 400"
gan-init "$scripts/image/dcgan.gan" -D size=32 -D nf=8 --seed 5 -o untrained.st
gan-sample untrained.st feature='avgpool(x, 16) | flatten' -i dcgan/data.st -o real.fs
for net in untrained.st dcgan/run.st; do
    gan-sample $net feature='avgpool(G(z), 16) | flatten' -n 1000 -o "$(basename $net .st).fs"
    gan-eval fid real.fs "$(basename $net .st).fs" >out 2>err
    figure=$(sed -n '2s/^fid	\([^	]*\)	.*/\1/p' out)
    eval "$(basename $net .st)=$figure"
done
# shellcheck disable=SC2154 # both are set by eval
holds "$run < 0.5 * $untrained" "colours are less than half as far from the data's as untrained"
finish
