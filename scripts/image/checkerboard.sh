#!/bin/sh
# checkerboard.sh [OPTION]... DATA OUT: checkerboards (Odena, Dumoulin, Olah 2016) in what a DCGAN makes before
# and after training, by how its layers double the pixels and by D's first layer.
#
# DATA is a folder or .zip of pictures, or a folder with CIFAR-10's *.bin. Arms are none (nearest neighbours
# everywhere), one (a transposed convolution, which makes the picture), two (the last two), all, subpixel and
# bilinear; plain and pooled are none with another first layer of D.
# OUT receives for each arm ARM.st, ARM.tsv, ARM-before.png and ARM.png, and result.tsv: the shares of
# periods of 2, 4 and 8 pixels in samples before tanh and the ratio of phases, before and after, the same of
# D's gradient in the data, and the imbalance of the last kernel; overlap.tsv, overlap.png (how often pixels
# are written); layers.tsv and slopes.tsv (single layers); untrained.tsv (generators that are not trained).
#   --arms LIST       games to play (two,one,none,subpixel,plain)
#   --epochs N        passes over the data (20)
#   --steps N         play no more than N steps of each
#   -D NAME=VALUE     option of checkerboard.gan; nf=32 is the default here
#   --seeds N         untrained generators to average over (5)
#   --small           no more than the tables of what is not trained, which must have the article's figures: a minute
#   --seed N          seed of the games (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=two,one,none,subpixel,plain seeds=5
data_is=pictures
check_own() { each_of --arms "$arms" none one two all subpixel bilinear plain pooled; }
recipe_options "$@"

# arm_options ARM
arm_options() {
    case $1 in
    one) echo "-D up1=deconv" ;;
    two) echo "-D up1=deconv -D up2=deconv" ;;
    all) echo "-D up=deconv" ;;
    subpixel | bilinear) echo "-D up=$1" ;;
    plain | pooled) echo "-D first=$1" ;;
    esac
}

for arm in $(echo "$arms" | tr , ' ') ${small:+two one all none bilinear subpixel}; do
    # shellcheck disable=SC2046 # several words
    chosen $(arm_options "$arm")
done

# shares STREAM TENSOR: those of periods of 2 and 4 pixels, and the ratio of phases, with tabs between
shares() {
    gan-eval lattice "$1" -t "$2" | awk -F'\t' '
        $1 == "lattice.p2" || $1 == "lattice.p4" || $1 == "lattice.phase" { printf "%s%.4g", sep, $2; sep = "\t" }
        END { print ""; exit !sep }'
}
# means FILE: of its columns
means() {
    awk -F'\t' '{ for (i = 1; i <= NF; i++) s[i] += $i } END { for (i = 1; i <= NF; i++) printf "%s%.3g", (i > 1 ? "\t" : ""), s[i] / NR; print "" }' "$1"
}

# --- how often pixels are written ---
stacks='3/2 4/2 5/2 4/3 6/4 3/2,3/2 3/2,3/2,3/2 5/2,5/2,5/2,5/2 3/2,3/1 3/2,4/1'
printf 'kernels/strides\tperiod\tleast\tmost\tratio\tin two dimensions\tcounts\n' >"$out/overlap.new"
for stack in $stacks; do
    gan-eval overlap --layers "$stack" | awk -F'\t' -v stack="$stack" '
        { for (i = 3; i <= NF; i++) { at = index($i, "="); field[substr($i, 1, at - 1)] = substr($i, at + 1) } }
        $1 == "overlap.1d" { line = stack "\t" field["period"] "\t" field["least"] "\t" field["most"] "\t" $2; counts = field["counts"] }
        $1 == "overlap.2d" { print line "\t" $2 "\t" counts }' >>"$out/overlap.new"
done
mv "$out/overlap.new" "$out/overlap.tsv"
for stack in 3/2,3/2 5/2,5/2,5/2,5/2; do
    gan-eval overlap --layers $stack --size 32 --output "$out/overlap-$(echo $stack | tr /, -_).part" >"$out/figures.part"
done
gan-data cat "$out"/overlap-*.part | gan-data sheet --scale 6 -o "$out/overlap.png"
cat "$out/overlap.tsv"

# --- layers by themselves ---
made_of "$out/seeds.txt" "$seeds" "$out/slopes.tsv" "$out/untrained.tsv"
if [ ! -s "$out/slopes.tsv" ]; then
    printf 'layer\tkernel\tuneven of a constant\tphases of noise\n' >"$out/layers.new"
    for layer in deconv/3 deconv/4 deconv/5 subpixel/3 nearest/3 bilinear/3; do
        i=0
        : >"$out/rows.part"
        while [ $((i += 1)) -le "$seeds" ]; do
            gan-init "$here/upsampling.gan" -D how="${layer%/*}" -D k="${layer#*/}" --seed $i -o "$out/layer.part"
            gan-sample "$out/layer.part" -n 64 -b 64 uneven='stack([uneven])' noisy=noisy -o "$out/seen.part"
            figures '%s\t%s\n' "$(gan-eval moments "$out/seen.part" -t uneven | figure moments.mean)" \
                "$(gan-eval lattice "$out/seen.part" -t noisy | figure lattice.phase)" >>"$out/rows.part"
        done
        printf '%s\t%s\t%s\n' "${layer%/*}" "${layer#*/}" "$(means "$out/rows.part")" >>"$out/layers.new"
    done
    mv "$out/layers.new" "$out/layers.tsv"
    printf 'kernel\tstride\tphases of the gradient\n' >"$out/slopes.new"
    for conv in 3/2 4/2 5/2 3/1; do
        i=0
        : >"$out/rows.part"
        while [ $((i += 1)) -le "$seeds" ]; do
            gan-init "$here/upsampling.gan" -D kernel=${conv%/*} -D stride=${conv#*/} --seed $i -o "$out/layer.part"
            gan-sample "$out/layer.part" -n 64 -b 64 slope=slope | gan-eval lattice - -t slope | figure lattice.phase >>"$out/rows.part"
        done
        printf '%s\t%s\t%s\n' ${conv%/*} ${conv#*/} "$(means "$out/rows.part")" >>"$out/slopes.new"
    done
    mv "$out/slopes.new" "$out/slopes.tsv"
fi
cat "$out/layers.tsv" "$out/slopes.tsv"

# --- generators that are not trained: 32x32 of the middle of 64 pictures before tanh ---
if [ ! -s "$out/untrained.tsv" ]; then
    printf 'deconv in\tkernel\tp2\tp4\tphases\n' >"$out/untrained.new"
    for arm in two/3 two/4 two/5 one/3 one/4 one/5 all/3 all/4 all/5 none/3 bilinear/3 subpixel/3; do
        i=0
        : >"$out/rows.part"
        while [ $((i += 1)) -le "$seeds" ]; do
            # shellcheck disable=SC2046,SC2086 # several words
            gan-init "$here/checkerboard.gan" $(arm_options ${arm%/*}) -D k=${arm#*/} -D nz=64 $define --seed $i -o "$out/net.part"
            gan-sample "$out/net.part" -n 64 -b 64 --batch-statistics raw=raw -o "$out/seen.part"
            shares "$out/seen.part" raw >>"$out/rows.part"
        done
        printf '%s\t%s\t%s\n' "${arm%/*}" "${arm#*/}" "$(means "$out/rows.part")" >>"$out/untrained.new"
    done
    mv "$out/untrained.new" "$out/untrained.tsv"
fi
cat "$out/untrained.tsv"
rm -f "$out"/*.part

if [ -n "$small" ]; then
    echo "to look for: two: p2 and p4 above .1; one: p2 above .1, p4 below .02; others but all: both below .02;"
    echo "a constant is uneven by .75 of a deconv's energy and by 0 of others; phases of noise 4, 1 and 2.25 and"
    echo "of gradients above 3 with kernel 3 and stride 2, below 1.2 without a stride"
    awk -F'\t' '
        FNR == 1 { file++; next }
        file == 1 && $1 == "deconv" { bad += $3 < .65 || $3 > .85 || $4 < .8 * (wanted = $2 == 3 ? 4 : $2 == 4 ? 1 : 2.25) || $4 > 1.2 * wanted }
        file == 1 && $1 != "deconv" { bad += $3 > 1e-5 }
        file == 2 && $2 == 2 && $1 == 3 { bad += $3 <= 3 }
        file == 2 && $2 == 1 { bad += $3 >= 1.2 }
        file == 3 && $1 == "two" { bad += $3 <= .1 || $4 <= .1 }
        file == 3 && $1 == "one" { bad += $3 <= .1 || $4 >= .02 }
        file == 3 && $1 != "two" && $1 != "one" && $1 != "all" { bad += $3 >= .02 || $4 >= .02 }
        END { if (bad) print bad " figures are not"; else print "all are"; exit bad > 0 }' "$out/layers.tsv" "$out/slopes.tsv" "$out/untrained.tsv"
    exit
fi

image_stream "$data" "$(setting size 64)"
define=" -D nf=32$define"
all=$(passes 20 64)
gan-data head --shuffle -n "$(at_most 256 "$(samples_in "$out/data.st")")" "$out/data.st" >"$out/few.st"
# look ARM: the shares of samples before tanh, of D's gradient, and the imbalance of the kernel that makes the picture
look() {
    gan-sample "$out/$1.st" -n 64 -b 64 --seed 7 --batch-statistics raw=raw -o "$out/seen.part"
    looked=$(shares "$out/seen.part" raw)
    gan-sample "$out/$1.st" -i "$out/few.st" slope=slope -o "$out/seen.part"
    looked="$looked	$(shares "$out/seen.part" slope)"
    case $1 in
    one | two | all) imbalance=$(gan-svd "$out/$1.st" --phases --name G.last.weight | awk -F'\t' 'NR == 2 { printf "%.3g", $6 }') ;;
    *) imbalance=- ;;
    esac
    printf '%s\t%s' "$looked" "$imbalance"
    rm "$out/seen.part"
}
of='p2\tp4\tphases\tD: p2\tp4\tphases\timbalance'
# shellcheck disable=SC2059 # tabs
printf "arm\tsteps\t$of\tp2, trained\tp4\tphases\tD: p2\tp4\tphases\timbalance\n" >"$out/result.new"
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046 # several words
    start_run "$out/$arm.st" "$here/checkerboard.gan" $(arm_options "$arm")
    if [ ! -s "$out/$arm-before.txt" ]; then
        gan-sample "$out/$arm.st" -n 16 --seed 7 --batch-statistics | gan-data sheet -o "$out/$arm-before.png"
        look "$arm" >"$out/before.part" && mv "$out/before.part" "$out/$arm-before.txt"
    fi
    train "$out/$arm.st" "$out/data.st" 64 "$all"
    gan-sample "$out/$arm.st" -n 64 --seed 7 --batch-statistics | gan-data sheet -o "$out/$arm.png"
    printf '%s\t%s\t%s\t%s\n' "$arm" "$(steps_played "$out/$arm.st")" "$(cat "$out/$arm-before.txt")" "$(look "$arm")" >>"$out/result.new"
done
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"
say "look at $out/*.png"
