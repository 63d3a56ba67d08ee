#!/bin/sh
# graphsgan.sh [OPTION]... DATA OUT: classes of a graph's nodes from a few labels (Ding, Tang, Zhang 2018): how
# many GraphSGAN gets right, beside labels that go along the links and beside its D alone.
#
# DATA is a folder with edges.tsv (two nodes a line), labels.tsv (a node and its class) and, if there are
# any, features.tsv (a node and the numbers of its features). Nodes and classes are numbers from 0 on, or
# words. Of each class some nodes are drawn whose labels may be used; all others are the test. D and G see a
# node as its features, mixed with its neighbours', and its places of LINE (Tang et al. 2015).
# OUT receives line.st (the places), nodes.st, where nodes are words names.txt (in their order), for each seed
# and arm ARM-SEED.st (the checkpoint), .tsv (the costs) and .right (the accuracy); of the first seed gaps.png,
# D's last hidden layer of nodes and of what G makes, by t-SNE; table.tsv. Run it again to go on.
#   --arms LIST       of propagation, alone (D from labels only), gan, and without a term of the costs
#                     gan-fakes, gan-entropy, gan-apart, gan-matching (propagation,alone,gan)
#   --labels N        of each class (20)
#   --seeds N         choices of labels and games, from --seed on (3)
#   --epochs N        of LINE and D each, 100 steps long (LINE 5, D 5; the authors' D: 20)
#   --steps N         no more than N steps
#   -D NAME=VALUE     option of graphsgan.gan
#   --small           a graph made on the spot, 1 label of each class, 0.2 of the width: a minute
#   --seed N          first seed (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/graph.inc
. "$pages/lib/graph.inc"
arms=propagation,alone,gan labels='' seeds=''
check_own() { each_of --arms "$arms" propagation alone gan gan-fakes gan-entropy gan-apart gan-matching; }
recipe_options "$@"
# without ARM: what it leaves out
without() {
    case $1 in
    alone) echo '-D unsupervised=0 -D entropy=0 -D pull_away_D=0' ;;
    gan-fakes) echo '-D unsupervised=0' ;;
    gan-entropy) echo '-D entropy=0' ;;
    gan-apart) echo '-D pull_away_D=0 -D pull_away=0' ;;
    gan-matching) echo '-D matching=0' ;;
    esac
}
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046 # several words
    chosen $(without "$arm")
done
: "${seeds:=$([ -n "$small" ] && echo 4 || echo 3)}" "${labels:=$([ -n "$small" ] && echo 1 || echo 20)}"

length=$((100 * ${epochs:-5}))
if [ -n "$small" ]; then
    data=$out length=300
    define=" -D width=0.2 -D nz=50$define"
    [ -s "$out/labels.tsv" ] || made_graph "$out" "$seed"
fi
for file in edges labels; do [ -e "$data/$file.tsv" ] || die "$data: no $file.tsv"; done

# ---- the nodes: features and places ----

# in_turn TENSOR PROGRAM: of the graph, its lines by awk
in_turn() { gan-data to-table "$out/graph.st" -n "$1" --bare | awk -F'\t' "$2"; }

set -- --labels "$data/labels.tsv"
[ ! -e "$data/features.tsv" ] || set -- "$@" --features "$data/features.tsv"
! awk '{ sub(/\r$/, "") } !/^#/ && NF && ($1 ~ /[^0-9]/ || $2 !~ /^-?[0-9]+$/) { words = 1 } END { exit !words }' \
    "$data/edges.tsv" "$data/labels.tsv" || set -- "$@" --names "$out/names.txt"
# what is left out of the links is told once
make_file "$out/graph.st" gan-data graph --both "$data/edges.tsv" "$@"
# with numbers in the place of words
make_file "$out/links.tsv" in_turn links '$1 < $2'
make_file "$out/classes.tsv" in_turn label '{ print NR - 1 "\t" $1 }'
sizes=$(gan-data info "$out/graph.st" | awk '
    $1 == "links" { split($3, n, /[][,]/); print "-D links=" n[2] }
    $1 == "features" { split($3, n, /[][,]/); print "-D features=" n[3] }
    $1 == "labels:" && $2 - (/ -1 /) > 1 { several = 1 }
    $1 == "meta" && $2 == "gan.nodes" { print "-D nodes=" $4 }
    END { exit !several }') || die "$data/labels.tsv: one class"
all_nodes=$(gan-data info "$out/graph.st" --meta gan.nodes)
# a number may have no node
classes=$(gan-data info -s "$out/graph.st" | awk '$1 == "label" { print $(NF - 1) + 1 }')
sizes="$sizes -D classes=$classes"

places() {
    make_file "$out/links.st" gan-data graph --both "$out/links.tsv" --nodes "$all_nodes"
    # shellcheck disable=SC2086 # several words
    [ -s "$out/line.st" ] || gan-init "$here/line.gan" $sizes --seed "$seed" -o "$out/line.st"
    short_of "$out/line.st" "$length" || return 0
    while cat "$out/links.st" 2>/dev/null; do :; done |
        gan-step "$out/line.st" -q --until "$length" --checkpoint-every 1m --log "$out/line.tsv" &
    attend $!
}
labelled_nodes() {
    row='direction(u), direction(v)'
    [ ! -e "$data/features.tsv" ] || row="merged, $row"
    gan-data to-npy "$out/graph.st" --name label | gan-data npy - --name label -o "$out/label.st"
    gan-sample "$out/line.st" -i "$out/graph.st" node="samples(concat([$row]))" | gan-data join - "$out/label.st"
    rm "$out/label.st"
}
[ -s "$out/nodes.st" ] || places # what the game is played on does not change under it
make_file "$out/nodes.st" labelled_nodes
numbers=$(gan-data info "$out/nodes.st" | sed -n 's/^  node .*\[N,\([0-9]*\)\].*/\1/p')

# ---- games ----

# choose SEED: shown.tsv, few.rows and rest.rows: nodes of each class drawn at random, and the others
choose() {
    rm -f "$out/shown.tsv" "$out/few.rows" "$out/rest.rows"
    awk -v few="$labels" -v state="$(($1 % 2147483646 + 1))" -v to="$out" '
        BEGIN { n = 0 }
        $2 >= 0 { node[n] = $1; class[n++] = $2 }
        END {
            for (i = n - 1; i > 0; i--) {
                state = state * 16807 % 2147483647
                j = int(state / 2147483647 * (i + 1))
                t = node[i]; node[i] = node[j]; node[j] = t
                t = class[i]; class[i] = class[j]; class[j] = t
            }
            for (i = 0; i < n; i++)
                if (taken[class[i]]++ < few) {
                    print node[i] "\t" class[i] >(to "/shown.tsv")
                    print node[i] >(to "/few.rows")
                } else print node[i] >(to "/rest.rows")
        }' "$out/classes.tsv"
    [ -s "$out/rest.rows" ] || die "$data/labels.tsv: no node is left to be tested"
    gan-data pick "$out/nodes.st" --rows "$out/rest.rows" -o "$out/rest.st"
}

# both: both.st, rows of labelled nodes, again and again, beside the others
both() {
    some=$(wc -l <"$out/rest.rows")
    gan-data pick "$out/nodes.st" --rows "$out/few.rows" --repeat $((some / $(wc -l <"$out/few.rows") + 1)) |
        gan-data head --shuffle --seed "$seed" -n "$some" -o "$out/few.st"
    gan-data join "$out/few.st:labelled=node,label" "$out/rest.st:node" -o "$out/both.st"
    rm "$out/few.st"
}

# right STREAM: of logits
right() { gan-eval accuracy "$1" | figure accuracy; }

# arm NAME SEED: NAME-SEED.right
arm() {
    run=$out/$1-$2
    if [ "$1" = propagation ]; then
        gan-data graph --both "$out/links.tsv" --labels "$out/shown.tsv" --nodes "$all_nodes" |
            gan-sample "$out/line.st" logits='samples(propagated)' | gan-data join - "$out/nodes.st:label" |
            gan-data pick --rows "$out/rest.rows" | right -
        return
    fi
    # shellcheck disable=SC2046,SC2086 # several words
    [ -s "$run.st" ] || gan-init "$here/graphsgan.gan" -D n="$numbers" -D classes="$classes" $(without "$1") $define \
        --seed "$2" -o "$run.st"
    [ -s "$out/both.st" ] || both
    train "$run.st" "$out/both.st" "$(at_most "$(wc -l <"$out/rest.rows")" 64)" "$length" 20 -q
    gan-sample "$run.st" -i "$out/rest.st" logits='A(x)[1]' | right -
}

# gaps RUN: gaps.png, and in gaps.tsv how dense other nodes lie where nodes do and where what G makes does
gaps() {
    gan-data head --shuffle -n 700 "$out/rest.st" | gan-sample "$1" h='A(x)[0]' |
        gan-data split -p 0.5 -o "$out/seen.st" -r "$out/other.st"
    few=$(samples_in "$out/other.st")
    # t-SNE looks at thirty neighbours
    if [ "$few" -le 15 ]; then
        say "$few other nodes are too few to be shown as gaps.png"
        rm "$out/seen.st" "$out/other.st"
        return 0
    fi
    awk -v label="$classes" -v n="$few" 'BEGIN { print "label"; while (n--) print label }' >"$out/made.csv"
    gan-data table "$out/made.csv" -c label -o "$out/label.st"
    gan-sample "$1" -n "$few" --seed 7 h='A(G(z))[0]' | gan-data join - "$out/label.st" -o "$out/made.st"
    printf 'rows\tdensity among nodes\n' >"$out/gaps.tsv"
    gan-data join "$out/seen.st:h" -o "$out/there.st"
    for rows in other made; do
        printf '%s\t' $rows
        gan-data join "$out/$rows.st:h" | gan-eval prdc "$out/there.st" - -t h -k 5 | figure prdc.density
    done >>"$out/gaps.tsv"
    gan-data cat "$out/seen.st" "$out/made.st" | gan-eval tsne - --tensor h --seed 1 -o "$out/points.st" >"$out/points.tsv"
    gan-data scatter "$out/points.st" --dot 4 -o "$out/gaps.png"
    for file in seen.st other.st there.st made.st made.csv label.st points.st points.tsv; do rm "$out/$file"; done
}

for s in $(seq "$seed" $((seed + seeds - 1))); do
    choose "$s"
    for a in $(echo "$arms" | tr , ' '); do
        arm "$a" "$s" >"$out/right.part"
        mv "$out/right.part" "$out/$a-$s.right"
    done
    case $s,$arms, in "$seed,"*gan,*) [ "$(find "$out/gaps.png" -newer "$out/gan-$s.st" 2>/dev/null)" ] || gaps "$out/gan-$s.st" ;; esac
    rm -f "$out/both.st" "$out/rest.st" "$out/rest.rows" "$out/few.rows" "$out/shown.tsv"
done

# row ARM: mean and standard error of its accuracy, in per cent
row() {
    for s in $(seq "$seed" $((seed + seeds - 1))); do cat "$out/$1-$s.right"; done | awk -v arm="$1" '
        { n++; sum += $1; square += $1 * $1 }
        END {
            mean = sum / n
            v = n > 1 ? (square - n * mean * mean) / (n - 1) : 0
            printf "%s\t%.1f +- %.1f\t%d\n", arm, 100 * mean, 100 * sqrt(v > 0 ? v / n : 0), n
        }'
}
{
    printf 'arm\tright, %%\tseeds\n'
    for a in $(echo "$arms" | tr , ' '); do row "$a"; done
} >"$out/table.tsv"
cat "$out/table.tsv"
[ ! -s "$out/gaps.tsv" ] || cat "$out/gaps.tsv"
if [ -n "$small" ]; then echo "to look for: gan above alone, alone above propagation; what G makes where nodes are few: a density below theirs"
else echo "to look for, the authors' of Cora and Citeseer with 20 labels of each class: 83.0 and 73.1"; fi
