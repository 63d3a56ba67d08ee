#!/bin/sh
# attributes.sh [OPTION]... DATA OUT: the predictor of attributes by which InterFaceGAN (Shen, Gu, Tang, Zhou 2020)
# finds directions: a residual network of 50 layers that tells attributes of faces and where five points are.
#
# DATA is a stream of image, attributes, numbers of 0 or 1, and points, x and y of each, from -1 to 1: gan-data images
# with a table makes one of CelebA.
# OUT receives run.st, run.tsv, curve.png, and result.tsv: of pictures held out, for each attribute the share that is
# told right and that of the commoner answer, and in the line points the mean distance from where they are and that
# of their mean place. invert.sh takes run.st as its judge.
#   --from FILE       weights of a trunk under PyTorch's names, such as those for ImageNet
#   --names LIST      what the attributes are called (smile,age,gender,glasses)
#   --held N          pictures to judge by (1000)
#   --batch N         pictures of a minibatch (32)
#   --epochs N        passes over the data (10)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of attributes.gan
#   --small           made-up portraits of 16x16 and an eighth of the maps: a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
from='' names=smile,age,gender,glasses held=1000 batch=32
data_is='file' small_decides='epochs from names batch'
recipe_options "$@"
if [ -n "$small" ]; then
    names=right,large,red,glasses all=2500
    define=" -D size=16 -D seen=32 -D nf=8 -D rate=0.003$define"
    if [ ! -s "$out/all.st" ]; then
        gan-init "$here/portraits.gan" --seed "$seed" -o "$out/portraits.st"
        # eyes, nose and ends of the mouth
        make_file "$out/all.st" gan-sample "$out/portraits.st" -n $((held + 8000)) --seed 1 image=face \
            attributes='concat([across > 8, size > 0, hue > 0, glasses])' \
            points='concat([across - a, down - b, across + a, down - b, across, down, across - m, down + c, across + m, down + c]) / 8 - 1
                where a = 0.4*radius, b = 0.3*radius, c = 0.5*radius, m = 1 + 1.5*v[1..1]'
    fi
    data=$out/all.st
fi
hold_out "$held" "$data" "$out/test.st" "$out/train.st"
[ -n "$small" ] || all=$(passes 10 "$batch" "$out/train.st")
define=" -D steps=$all$define"
start_run "$out/run.st" "$here/attributes.gan" ${from:+--from R="$from" --partial}
train "$out/run.st" "$out/train.st" "$batch" "$all"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns R,accuracy,points --smooth 25

gan-sample "$out/run.st" -i "$out/test.st" right='(scores > 0.5) == (a > 0.5)' yes='a > 0.5' \
    far='mean(sqrt(sum(view(at - p, count(p) / 2, 2)^2, -1)), 0)' \
    guess='mean(sqrt(sum(view(p - samples(view(mean(p, "batch"), 1, count(p))), count(p) / 2, 2)^2, -1)), 0)' -o "$out/seen.part"
# means TENSOR: of its columns
means() {
    gan-data to-table "$out/seen.part" -n "$1" --bare |
        awk '{ for (i = 1; i <= NF; i++) s[i] += $i } END { for (i = 1; i <= NF; i++) printf "%.3f\n", s[i] / NR }'
}
echo "$names" | tr , '\n' >"$out/names.part"
means right >"$out/right.part"
means yes | awk '{ print ($1 > .5 ? $1 : 1 - $1) }' >"$out/yes.part"
{
    printf 'what\ttold\tguessed\n'
    paste "$out/names.part" "$out/right.part" "$out/yes.part"
    printf 'points\t%s\t%s\n' "$(means far)" "$(means guess)"
} >"$out/result.new"
rm -f "$out"/*.part
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"
if [ -n "$small" ]; then
    echo "to look for: of each attribute at least half of what is guessed wrong is told right, points are nearer by a third"
    verdict 'NR > 1 && ($1 == "points" ? 3 * $2 > 2 * $3 : 1 - $2 > (1 - $3) / 2) { miss($1) }' "$out/result.tsv"
fi
