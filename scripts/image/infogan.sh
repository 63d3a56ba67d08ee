#!/bin/sh
# infogan.sh [OPTION]... DATA OUT: InfoGAN of digits (Chen et al. 2016): what the codes mean.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (costs and information), classes.png
# (a row for each value of the class), u0.png and u1.png (each number from -2 to 2, the rest fixed).
# With --small: ring.st, ring.tsv. Run it again to go on.
#   --epochs N        passes over the data (50)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of infogan.gan
#   --small           a ring of eight modes in the plane and a class of eight: half a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

# information FILE: its mean over the last tenth of the rows
information() {
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "information") at = i; next } { v[++n] = $at }
        END { t = int(n / 10); if (t < 1) t = 1; for (i = 0; i < t; i++) s += v[n - i] / t; printf "%.4f\n", s }' "$1"
}

if [ -n "$small" ]; then
    make_file "$out/points.st" gan-data make ring -n 20000 --seed 1
    define=" -D task=ring -D rate_D=0.001$define"
    start_run "$out/ring.st" "$here/infogan.gan"
    train "$out/ring.st" "$out/points.st" 128 4000
    echo "information of the class: $(information "$out/ring.tsv")"
    echo "to look for: above 1.975, 0.95 log 8"
    pure=0
    for class in 0 1 2 3 4 5 6 7; do
        gan-sample "$out/ring.st" point="G(z, onehot($class, 8), u)" -n 500 --seed 11 >"$out/judged.st"
        # modes are 1.53 apart, so that a quarter, thrice, is the way to the next
        gan-eval modes "$out/judged.st" --sigma 0.25 >"$out/modes.tsv"
        captured=$(figure modes.captured <"$out/modes.tsv") quality=$(figure modes.quality <"$out/modes.tsv")
        pure=$((pure + $(awk -v c="$captured" -v q="$quality" 'BEGIN { print (c == 1 && q > 0.95) }')))
    done
    rm "$out/judged.st" "$out/modes.tsv"
    echo "classes with one mode to themselves, for 95 % of samples: $pure"
    echo "to look for: 8"
    exit
fi
idx_stream "$out/data.st" "$data" train
idx_stream "$out/test.st" "$data" t10k
start_run "$out/run.st" "$here/infogan.gan"
all=$(passes 50 128)
train "$out/run.st" "$out/data.st" 128 "$all"

gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G,information --smooth 25
for class in 0 1 2 3 4 5 6 7 8 9; do
    gan-sample "$out/run.st" image="G(z, onehot($class, 10), u)" -n 20 --seed 7
done | gan-data sheet --columns 20 -o "$out/classes.png"
# a line from -2 to 2 in nine steps, for each class
for number in 0 1; do
    line='walk(join(0*u[0..0] - 2, 0*u[0..0] + 2), 8)'
    if [ $number = 0 ]; then swept="concat($line, 0*$line + u[1..1])"
    else swept="concat(0*$line + u[0..0], $line)"; fi
    for class in 0 1 2 3 4 5 6 7 8 9; do
        gan-sample "$out/run.st" image="G(z + 0*$line, onehot($class, 10) + 0*$line, $swept)" -n 1 --seed 7
    done | gan-data sheet --columns 9 -o "$out/u$number.png"
done
echo "information of the class: $(information "$out/run.tsv"), at most $(awk 'BEGIN { printf "%.3f", log(10) }')"
# the classes are unnamed: each means the digit it is given most often
gan-sample "$out/run.st" 'logits=Q(T(x))[0..9]' -i "$out/test.st" |
    gan-eval accuracy - --logits logits --confusion >"$out/confusion.tsv"
awk -F'\t' '$1 == "accuracy.confusion" {
        for (i = 3; i <= NF; i++) { split($i, f, "="); v[f[1]] = f[2] }
        n += $2; if ($2 > top[v["predicted"]]) top[v["predicted"]] = $2 }
    END { for (c in top) s += top[c]; printf "test digits whose class means them: %.4f\n", s / n }' "$out/confusion.tsv"
echo "to look for: 0.95, the paper's"
