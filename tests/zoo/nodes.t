#!/bin/sh
# Nodes of graphs: what line.gan makes of links, features and labels, worked out by hand; GraphSGAN's costs;
# and that its recipe gets more nodes right than labels alone.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# --- a path of four nodes, and one by itself ---
printf '0 1\n1 2\n2 3\n' >edges.tsv
printf '0 0\n1 1\n2 0 1\n3 1\n4 1\n' >features.tsv
printf '0 0\n3 1\n' >labels.tsv
gan-data graph --both edges.tsv --features features.tsv --labels labels.tsv -o path.st
sizes='-D nodes=5 -D links=6 -D features=2 -D classes=2 -D d=4'
# shellcheck disable=SC2086 # several words
page line.st line $sizes -D own=0.25 -D hops=1 -D reach=3 -D some=64
gives() { gan-sample line.st -i path.st value="$1" 2>err | gan-data to-table --bare -n value 2>>err; }
gives propagated >found
near found 1e-5 'labels go along the links, and the known ones stay' 1 0 0.66667 0.33333 0.33333 0.66667 0 1 0 0
gives merged >found
near found 1e-6 "features are mixed with neighbours'" 0.25 0.75 0.75 0.625 0.25 1 0.75 1 0 1
# from each node on, along one link to three
gives 'stack([max(abs(i - j)), min(i), max(j), max(k)])' >found
near found 1e-6 'walks of three links reach all of the path, and nothing a node that has no link' 3 0 3 3
while cat path.st 2>/dev/null; do :; done | quiet gan-step line.st -q -n 30 --log line.tsv --log-every 1
check $? "LINE plays a frame that is the same at each step"
[ "$(awk 'NR == 2 { u = $4; v = $5 } END { print ($4 < u && $5 < v) }' line.tsv)" = 1 ]
check $? "and both costs fall"
frame strange.st links:I64:6,2:0,1,1,0,1,2,2,1,2,5,3,2 features:F32:5,2:0*10 label:I64:5:0*5
tool=gan-step
refuses 1 'links' 'a link to a node that there is not' line.st <strange.st

# --- costs ---
page run.st graphsgan -D n=4 -D classes=4 -D width=0.02 -D nz=4 -D noise=0 -D inner=0
comes_to run.st 'entropy_of(view(range(4)*0, 1, 4))[0], repelling(samples(view(range(6)*0 + 1, 3, 2))), repelling(samples(view(range(4) % 3 == 0, 2, 2)))' \
    1e-5 'the entropy of four equal classes; rows that are alike, and at right angles' 1.386294 1 0
for term in unsupervised entropy pull_away_D; do
    set -- -D unsupervised=0 -D entropy=0 -D pull_away_D=0
    page "$term.st" graphsgan -D n=4 -D classes=4 -D width=0.02 "$@" -D $term=0.5
    check $? "$term alone"
done

# --- the recipe ---
recipe graphsgan --small nodes --seeds 1 --labels 2 && left nodes gaps.png &&
    awk -F'\t' 'NR > 1 { right[$1] = $2 + 0 } END { exit !(right["gan"] > right["alone"] && right["gan"] > right["propagation"]) }' nodes/table.tsv
check $? "GraphSGAN is above its D alone and above propagation"
awk -F'\t' '{ dense[$1] = $2 } END { exit !(dense["other"] > 0.5 && dense["made"] < 0.5 * dense["other"]) }' nodes/gaps.tsv
check $? "what G makes lies where nodes are few"
cp nodes/table.tsv before.tsv
recipe graphsgan --small nodes --seeds 1 --labels 2 && cmp -s nodes/table.tsv before.tsv
check $? "goes on"
mkdir words
for file in edges labels features; do
    awk -v all="$([ $file != features ] && echo 1)" '{ for (i = 1; i <= (all ? NF : 1); i++) $i = "n" $i; print }' nodes/$file.tsv >words/$file.tsv
done
recipe graphsgan words named --seeds 1 --labels 2 --steps 3 -D width=0.02 -D nz=4 && [ "$(sort -u named/names.txt | wc -l)" = 320 ] &&
    [ "$(wc -l <named/table.tsv)" = 4 ]
check $? "nodes and classes that are words"
recipe graphsgan words named --seeds 1 --labels 2 --steps 5 -D width=0.02 -D nz=4 &&
    [ "$(gan-data info named/gan-1.st --meta gan.step)" = 5 ]
check $? "of whom more steps are played"
head -c 500 named/gan-1.st >cut.st && cp cut.st named/gan-1.st && cp named/table.tsv before.tsv
recipe graphsgan words named --seeds 1 --labels 2 --steps 7 -D width=0.02 -D nz=4
[ $? = 1 ] && [ "$(grep -c 'gan-1.st: frame 1, byte 500: header cut short' err)" = 1 ] && cmp -s named/table.tsv before.tsv
check $? "a checkpoint that is cut short ends it, and the table stays"
finish
