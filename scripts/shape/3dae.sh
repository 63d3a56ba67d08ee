#!/bin/sh
# 3dae.sh [OPTION]... DATA OUT: the volumetric auto-encoder that 3D-GAN is held against (Wu et al. 2016): shapes
# of draws from the normal distribution that its codes have.
#
# DATA is an array of volumes (.npy, .npy.gz), a stream of them (.st), or a folder of .binvox files and
# meshes in OFF. OUT receives run.st (the checkpoint), run.tsv (the cost), again.png (volumes, each with what
# is made of its code), samples.st and samples.png (of draws). Run it again to go on.
#   --size N          voxels a side: 16, 32 or 64 (64)
#   --batch N         volumes of a minibatch (100)
#   --epochs N        passes over the data (100)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of 3dae.gan; nf=32 nf_E=16 plays on two cores
#   --small           solids made on the spot, 16 voxels a side, and their classes: three minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/shapes.inc
. "$pages/lib/shapes.inc"
size=64 batch=100
data_is=any small_decides='epochs size batch'
check_own() { case $size in 16 | 32 | 64) ;; *) usage "--size: expected 16, 32 or 64, found '$size'" ;; esac; }
recipe_options "$@"

if [ -n "$small" ]; then
    made_solids
    define=" -D nf=32 -D nf_E=16 -D nz=50$define" size=16 batch=32 all=2000
else
    volume_stream "$out/data.st" "$data" "$size"
    all=$(passes 100 "$batch")
fi
define=" -D size=$size$define"
start_run "$out/run.st" "$here/3dae.gan"
train "$out/run.st" "$out/data.st" "$batch" "$all" 50
statistics "$out/run.st" "$out/data.st" again

gan-data head -n 16 "$out/data.st" | gan-sample "$out/run.st" -i - 'voxels=fold(stack([x, again]))' | drawn "$out/again.png" 8
# one normal distribution of all codes, of any covariance
gan-sample "$out/run.st" -i "$out/data.st" code=code >"$out/codes.st"
gan-data head -n 64 "$out/codes.st" | gan-eval mixture "$out/codes.st" - -t code -k 1 --covariance full \
    --seed "$seed" --samples "$out/drawn.st" -n 64 >/dev/null
gan-sample "$out/run.st" -i "$out/drawn.st" 'voxels=G(code)' | gan-data carve --component 3 >"$out/samples.st"
drawn "$out/samples.png" 8 <"$out/samples.st"
rm "$out/codes.st" "$out/drawn.st"
found=$(judged_shapes "$out/samples.st" "$out/data.st")
echo "$found"

if [ -n "$small" ]; then
    echo "to look for: iou at least 0.4"
    {
        few_labels_head
        few_labels_row 'maps of E' "$out/run.st" maps
        few_labels_row codes "$out/run.st" code
    } >"$out/svm.tsv"
    cat "$out/svm.tsv"
    echo "to look for, with 8 labels of each class: above chance, 0.25; 3dgan.sh --small has D's"
    echo "$found" | cat - "$out/svm.tsv" |
        verdict 'NR == 1 { split($0, part, " "); least("iou", part[2], .4) } NR > 2 { least("accuracy of " $1, $3, .5) }'
fi
