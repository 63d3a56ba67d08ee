#!/bin/sh
# 3dvaegan.sh [OPTION]... DATA OUT: 3D-VAE-GAN (Wu et al. 2016): volumes from single pictures of them.
#
# DATA is an array of volumes (.npy, .npy.gz), a stream of them (.st), or a folder of .binvox files and
# meshes in OFF; pictures of them are drawn, from --views sides each. A stream may bring pictures of its
# own, `image`. A tenth of the volumes is for testing. OUT receives run.st (the checkpoint), run.tsv and
# curve.png, rebuilt.png (pictures of the test set, volumes rebuilt from them, true volumes) and
# samples.png (volumes of drawn latents). Run it again to go on.
#   --size N          voxels a side: 16, 32 or 64 (64)
#   --picture N       pixels a side, a multiple of 32 (256)
#   --views N         pictures of a volume, all around (24)
#   --batch N         pairs of a minibatch (100)
#   --epochs N        passes over the pairs (20)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of 3dvaegan.gan
#   --small           solids made on the spot, 16 voxels a side, from their projections: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/shapes.inc
. "$pages/lib/shapes.inc"
size=64 picture=256 views=24 batch=100
data_is=any small_decides='epochs size picture views batch'
check_own() {
    case $size in 16 | 32 | 64) ;; *) usage "--size: expected 16, 32 or 64, found '$size'" ;; esac
}
recipe_options "$@"

# judged WHAT STREAM [OPTION]...: of predicted volumes of the test set
judged() {
    what=$1 found=$2
    shift 2
    gan-eval voxels "$found" "$out/test.st" "$@" >"$out/judged.tsv" 2>/dev/null
    figures '%s: average precision %.3f, IoU %.3f\n' "$what" "$(figure voxels.ap <"$out/judged.tsv")" \
        "$(figure voxels.iou <"$out/judged.tsv")"
    rm "$out/judged.tsv"
}

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make solids -n 1500 --size 16 --seed 1
    make_file "$out/test.st" gan-data make solids -n 600 --size 16 --seed 2
    for o in size=16 from=projections encoder=small nz=20 nf=32 nf_D=16 nf_E=16 norm_D=0 a1=0.01 a2=1 \
        rate_G=0.001 rate_D=0.0001; do shrunk="${shrunk-} -D $o"; done
    define="$shrunk$define" batch=32 all=500 picture=96
else
    volume_stream "$out/volumes.st" "$data" "$size"
    hold_out "$(($(samples_in "$out/volumes.st") / 10))" "$out/volumes.st" "$out/test-volumes.st" "$out/train-volumes.st"
    for set in train test; do
        to=$([ $set = train ] && echo data || echo test)
        if gan-data info "$out/volumes.st" | grep -q '^  image '; then
            make_file "$out/$to.st" cat "$out/$set-volumes.st"
        else
            make_file "$out/$to.st" gan-data views "$out/$set-volumes.st" --size "$picture" --views "$views" --pairs
        fi
    done
    define=" -D size=$size -D picture=$picture$define"
    all=$(passes 20 "$batch")
fi
start_run "$out/run.st" "$here/3dvaegan.gan"
train "$out/run.st" "$out/data.st" "$batch" "$all" 50
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns off,kl,right --smooth 5

gan-sample "$out/run.st" -i "$out/test.st" 'voxels=G(m)' >"$out/rebuilt.st"
# the mean of the training set as a prediction for all
few=$(at_most "$(samples_in "$out/data.st")" 1000)
gan-data head -n "$few" --shuffle --frame "$few" "$out/data.st" >"$out/few.st"
gan-data join "$out/few.st:voxels" | gan-data batch - --size "$few" --epochs 1 |
    gan-sample "$out/run.st" -i - 'voxels=batchmean(x)' >"$out/mean.st"
gan-data pick "$out/mean.st" --rows 0 --repeat "$(samples_in "$out/test.st")" >"$out/means.st"
if [ -n "$small" ]; then
    judged "the mean volume" "$out/means.st"
    rebuilt=$(judged "rebuilt" "$out/rebuilt.st")
    echo "$rebuilt"
    echo "to look for: IoU at least 0.9"
else
    for how in "" "--align --side $(at_most 20 "$size")"; do
        # shellcheck disable=SC2086 # words
        for set in means rebuilt; do judged "$set $how" "$out/$set.st" $how; done
    done
    echo "the paper's average precision, chairs of photographs, aligned: 0.472"
fi
rm "$out/few.st" "$out/mean.st" "$out/means.st"

gan-data head -n 8 --shuffle "$out/test.st" >"$out/few.st"
{
    [ -n "$small" ] || gan-data join "$out/few.st:image"
    gan-sample "$out/run.st" -i "$out/few.st" 'voxels=G(m)' | gan-data views --size "$picture"
    gan-data views "$out/few.st" --size "$picture"
} | gan-data sheet --columns 8 --gap 0 -o "$out/rebuilt.png"
rm "$out/few.st"
gan-sample "$out/run.st" -n 32 --seed 7 'voxels=G(z)' >"$out/samples.st"
drawn "$out/samples.png" 8 <"$out/samples.st"
printf 'samples of drawn latents: '
judged_shapes "$out/samples.st" "$out/test.st"
say "look at $out/rebuilt.png and $out/samples.png"
[ -z "$small" ] || echo "$rebuilt" | verdict '{ sub(/.* /, ""); least("IoU", $0, .9) }'
