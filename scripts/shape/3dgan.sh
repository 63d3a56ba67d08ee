#!/bin/sh
# 3dgan.sh [OPTION]... DATA OUT: 3D-GAN of volumes (Wu et al. 2016): shapes, what D's features tell of
# them, and what the latent means.
#
# DATA is an array of volumes (.npy, .npy.gz), a stream of them (.st), or a folder of .binvox files and
# meshes in OFF. OUT receives run.st (the checkpoint), run.tsv and curve.png (costs, and the share of D's
# decisions that are right), samples.png, views.png (each from four sides), meshes/ (the same as OFF),
# nearest.png (samples beside what of the data D's last maps say is nearest), walk.png (lines between
# latents), sweep.png (numbers of the latent changed, in red what differs), arithmetic.png (the mean
# latent of the samples --plus less that of --minus, added to four others: before and after), and
# units.png (what excites maps of D's last layer but one most, in red where), svm.tsv (how often a linear
# classifier of few labels is right which way a shape is turned: by D's features, by an untrained D's, by
# voxels). Run it again to go on.
#   --size N          voxels a side: 16, 32 or 64 (64)
#   --batch N         volumes of a minibatch (100)
#   --epochs N        passes of each player over the data (500)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of 3dgan.gan; nf=32 nf_D=16 plays on two cores
#   --plus LIST       samples whose mean latent is added (0,1,2)
#   --minus LIST      samples whose mean latent is taken away (3,4,5)
#   --small           solids made on the spot, 16 voxels a side, and their classes: three minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/shapes.inc
. "$pages/lib/shapes.inc"
size=64 batch=100 plus=0,1,2 minus=3,4,5
data_is=any small_decides='epochs size batch plus minus' free="$free plus minus "
check_own() {
    case $size in 16 | 32 | 64) ;; *) usage "--size: expected 16, 32 or 64, found '$size'" ;; esac
    for list in "$plus" "$minus"; do
        case $list in *[!0-9,]*) usage "expected numbers of samples between commas, found '$list'" ;; esac
    done
}
recipe_options "$@"

# few_labels_table: svm.tsv, what D's features tell of classes beside an untrained D's and voxels
few_labels_table() {
    init_like "$out/run.st" "$out/random.st" 1000
    {
        few_labels_head
        few_labels_row 'trained D' "$out/run.st" feature
        few_labels_row 'random D' "$out/random.st" feature
        # of 16 a side, and means of blocks of 4x4x4 of those
        few_labels_row voxels "$out/run.st" "flatten(avgpool(x, $((size / 16))))"
        few_labels_row 'pooled voxels' "$out/run.st" "flatten(avgpool(x, $((size / 4))))"
    } >"$out/svm.tsv"
    cat "$out/svm.tsv"
}

# turned STREAM OUT: its volumes four times, as they are, turned about, upside down, and both; a class each
turned() {
    class=0
    for way in x 'flip(x, 1)' 'flip(x, 2)' 'flip(flip(x, 1), 2)'; do
        gan-sample "$out/run.st" -i "$1" voxels="$way" label="$class + 0*sum(x, [0, 1, 2, 3])"
        class=$((class + 1))
    done >"$2"
}

if [ -n "$small" ]; then
    size=16
    made_solids
    define=" -D size=16 -D nf=32 -D nf_D=16 -D nz=50 -D norm_D=0 -D rate_G=0.001 -D rate_D=0.0001$define"
    start_run "$out/run.st" "$here/3dgan.gan"
    train "$out/run.st" "$out/data.st" 32 2000 50
    gan-sample "$out/run.st" -n 64 --seed 7 >"$out/samples.st"
    drawn "$out/samples.png" 8 <"$out/samples.st"
    found=$(judged_shapes "$out/samples.st" "$out/data.st")
    echo "$found"
    echo "to look for: iou at least 0.4, component at least 0.95"
    few_labels_table
    echo "to look for, with 8 labels of each class: a trained D ahead of pooled voxels by 0.1"
    echo "$found" | cat - "$out/svm.tsv" |
        verdict 'NR == 1 { split($0, part, " "); least("iou", part[2], .4); least("component", part[4], .95) } { right[$1] = $3 }
            END { least("accuracy of a trained D", right["trained D"], right["pooled voxels"] + .1) }'
    exit
fi

volume_stream "$out/data.st" "$data" "$size"
define=" -D size=$size$define"
start_run "$out/run.st" "$here/3dgan.gan"
all=$(passes 500 "$batch")
train "$out/run.st" "$out/data.st" "$batch" "$all"

gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G,right --smooth 25
gan-sample "$out/run.st" -n 64 --seed 7 'z=z' >"$out/z.st"
gan-sample "$out/run.st" -i "$out/z.st" 'voxels=G(z)' | gan-data carve --component 3 >"$out/samples.st"
drawn "$out/samples.png" 8 <"$out/samples.st"
gan-data head -n 8 "$out/samples.st" | drawn "$out/views.png" 8 --views 4
gan-data mesh "$out/meshes" "$out/samples.st" --force

# beside the nearest by D's last maps
gan-data head -n 8 "$out/samples.st" | gan-sample "$out/run.st" -i - voxels=x last=last >"$out/made-last.st"
gan-sample "$out/run.st" -i "$out/data.st" voxels=x last=last >"$out/data-last.st"
gan-data nearest "$out/made-last.st" "$out/data-last.st" -t last --show voxels -k 3 2>/dev/null |
    drawn "$out/nearest.png" 4
rm "$out"/*-last.st

gan-sample "$out/run.st" -n 5 --seed 8 'voxels=G(walk(z, 7))' | drawn "$out/walk.png" 8

# numbers of the latent from one end to the other
for number in 0 1 2 3; do
    line="walk(join(0*z[0..0] + $(setting low 0), 0*z[0..0] + 1), 6)"
    hot="onehot($number, count(z))"
    gan-sample "$out/run.st" -n 1 --seed 9 "voxels=G(z + $hot*($line - z))" \
        "mark=abs(G(z + $hot*($line - z)) - G(z + 0*$line))"
done | drawn "$out/sweep.png" 7 --mark mark

# the mean of some samples less that of others
for what in plus minus; do
    eval "gan-data pick \"$out/z.st\" --rows \"\$$what\"" >"$out/$what.st"
done
for what in plus minus; do
    gan-sample "$out/run.st" -i "$out/$what.st" 'z=batchmean(z)' | gan-data head -n 1 >"$out/$what-mean.st"
done
gan-data pick "$out/z.st" --rows 6-9 >"$out/others.st"
for what in plus minus; do gan-data pick "$out/$what-mean.st" --rows 0 --repeat 4 >"$out/$what.st"; done
gan-data join "$out/others.st:z" "$out/plus.st:plus=z" "$out/minus.st:minus=z" >"$out/sums.st"
for what in z 'z + plus - minus'; do gan-sample "$out/run.st" -i "$out/sums.st" "voxels=G($what)"; done |
    drawn "$out/arithmetic.png" 4
rm "$out/plus.st" "$out/minus.st" "$out/plus-mean.st" "$out/minus-mean.st" "$out/others.st" "$out/sums.st"

# what excites maps of the last layer but one most, and where it looks
maps='tap(D(x), "D.0.maps" + levels)'
gan-sample "$out/run.st" -i "$out/data.st" score="max($maps, [0, 1, 2])" | gan-eval top - -k 5 >"$out/top.tsv"
for unit in 0 1 2 3 4 5; do
    sed -n "s/^top\t.*column=$unit\t.*index=\([0-9]*\).*/\1/p" "$out/top.tsv" >"$out/rows"
    gan-data pick "$out/data.st" --rows "$out/rows" |
        gan-sample "$out/run.st" -i - --guided voxels=x mark="grad(max($maps, [0, 1, 2])[$unit], x)"
done | drawn "$out/units.png" 5 --mark mark
rm "$out/rows" "$out/top.tsv"

judged_shapes "$out/samples.st" "$out/data.st"

# data without classes have four where they are turned
gan-data head -n 500 --shuffle "$out/data.st" >"$out/some.st"
some=$(samples_in "$out/some.st")
if [ "$some" -ge 20 ]; then
    hold_out $((some * 2 / 5)) "$out/some.st" "$out/held.st" "$out/shown.st"
    hold_out $((some / 5)) "$out/held.st" "$out/held-test.st" "$out/held-valid.st"
    turned "$out/shown.st" "$out/train.st"
    turned "$out/held-valid.st" "$out/valid.st"
    turned "$out/held-test.st" "$out/test.st"
    few_labels=$(echo "$few_labels" | tr , '\n' | awk -v most=$((some * 3 / 5)) '$1 <= most' | paste -sd, -)
    few_labels_table
    rm "$out/shown.st" "$out"/held*.st
else say "$some shapes are too few for the table of few labels"; fi
rm "$out/some.st"
say "look at $out/samples.png, views.png, nearest.png, walk.png, sweep.png, arithmetic.png, units.png"
