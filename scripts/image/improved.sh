#!/bin/sh
# improved.sh [OPTION]... DATA OUT: semi-supervised digits (Salimans et al. 2016): how well D
# classifies with a hundred labels, beside the same network on the labels alone.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives run.st and alone.st (the checkpoints), run.tsv and alone.tsv, samples.png.
# Run it again to go on.
#   --epochs N        passes over the data (300)
#   --steps N         play no more than N steps
#   --labels N        labels of each class (10)
#   -D NAME=VALUE     option of improved.gan
#   --small           digits made on the spot, 0.4 of the width, 1 label each: two minutes
#   --seed N          seed of everything, of the choice of labels too (1)
. "$(dirname "$0")/../lib/recipe.inc"
labels=''
recipe_options "$@"

if [ -n "$small" ]; then
    wild="--rotate 0.2 --zoom 0.15 --move 1.5"
    # shellcheck disable=SC2086 # several words
    make_file "$out/data.st" gan-data make digits -n 10000 $wild --seed "$seed"
    # shellcheck disable=SC2086 # several words
    make_file "$out/test.st" gan-data make digits -n 2000 $wild --seed 99
    define=" -D width=0.4 -D average=0.99$define"
    all=800
    : "${labels:=1}"
else
    idx_stream "$out/data.st" "$data" train
    idx_stream "$out/test.st" "$data" t10k
    all=$(passes 300 100)
    : "${labels:=10}"
fi
start_run "$out/run.st" "$here/improved.gan"
start_run "$out/alone.st" "$here/improved.gan" -D unsupervised=0

# Half of each minibatch of 200 has labels that may be used: those few images, again and again.
count=$(samples_in "$out/data.st")
gan-data batch "$out/data.st" --size "$count" --shuffle --seed "$seed" >"$out/mixed.st"
gan-data to-npy -n label "$out/mixed.st" | tail -c "$((8 * count))" | od -An -v -t d8 |
    awk -v few="$labels" '{ for (i = 1; i <= NF; i++) if (n[$i]++ < few) print at + i - 1; at += NF }' >"$out/rows"
few=$(wc -l <"$out/rows")
[ "$few" -gt 0 ] || die "$out/data.st: no labels"
gan-data pick "$out/mixed.st" --rows "$out/rows" --repeat "$((count / few))" |
    gan-sample "$out/run.st" image=x known='onehot(0, 1)' >"$out/few.st"
gan-sample "$out/run.st" image=x known='onehot(1, 1)' -i "$out/mixed.st" >"$out/rest.st"
make_file "$out/both.st" gan-data cat "$out/few.st" "$out/rest.st"
rm "$out/mixed.st" "$out/few.st" "$out/rest.st" "$out/rows"

for net in alone run; do
    # a hundred labels are learnt by heart long before
    if [ $net = alone ]; then length=$(at_most "$all" 6000); else length=$all; fi
    train "$out/$net.st" "$out/both.st" 200 "$length"
    gan-sample "$out/$net.st" logits='A(x, 0)[1]' -i "$out/test.st" >"$out/logits.st"
    printf 'error with %s of each class labelled, %s: ' "$labels" "$net"
    right=$(gan-eval accuracy "$out/logits.st" | figure accuracy)
    awk -v right="$right" 'BEGIN { printf "%.4f\n", 1 - right }'
done
rm "$out/logits.st"
gan-sample "$out/run.st" -n 64 --seed 7 | gan-data sheet -o "$out/samples.png"
if [ -n "$small" ]; then echo "to look for: an error below that of the labels alone"
else echo "to look for: 0.0093 with 10 labels, the paper's"; fi
