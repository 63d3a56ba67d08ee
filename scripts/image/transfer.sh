#!/bin/sh
# transfer.sh [OPTION]... DATA OUT: a network that redraws pictures in the style of another (Johnson, Alahi,
# Fei-Fei 2016), with transposed convolutions and with nearest neighbours (Odena, Dumoulin, Olah 2016).
#
# DATA is a folder or .zip of pictures, or a folder with CIFAR-10's *.bin.
# OUT receives for each arm the run (ARM.st, ARM.tsv), redrawn pictures before and after training (ARM-before.png,
# ARM.png), and result.tsv: shares of periods of 2, 4 and 8 pixels in redrawn pictures before and after, those
# of the pictures themselves in the line data, and the two costs.
#   --style FILE      a picture, whose style it is
#   --net FILE        a checkpoint of vgg16.gan with weights: gan-init vgg16.gan -D classifier=0 --from VGG=FILE
#   --arms LIST       ways to double pixels: nearest, bilinear, subpixel, deconv3 and deconv4 (kernels of so many
#                     pixels), smooth (deconv3 with a cost of total variation) (deconv3,nearest)
#   --batch N         pictures of a minibatch (4)
#   --epochs N        passes over the data (2)
#   --steps N         play no more than N steps of each
#   -D NAME=VALUE     option of transfer.gan
#   --small           shapes, waves for a style, and a VGG of an eighth of the maps with random weights: half a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
style='' net='' arms=deconv3,nearest batch=4
data_is=pictures small_decides='epochs style net batch'
check_own() {
    each_of --arms "$arms" nearest bilinear subpixel deconv3 deconv4 smooth
    [ -n "$small" ] || { [ -n "$style" ] && [ -n "$net" ]; } || usage "expected --style FILE and --net FILE"
}
recipe_options "$@"

if [ -n "$small" ]; then
    batch=8 all=150 side=32 net=$out/vgg.st
    make_file "$out/data.st" gan-data make shapes -n 200 --size 32 --seed 3
    define=" -D size=32 -D nf=8 -D maps=8 -D blocks=2$define"
    # random features of this kind have styles, too (He, Wang, Hopcroft 2016)
    if [ ! -s "$net" ]; then
        cat >"$out/vgg.gan" <<'EOP'
option nf = 8
option size = 32
option classifier = 0
data image: image[size, size, 3]
init weight = he_normal()
init bias = 0
use VGG, rectified from "vgg16.gan"
sample rectified(VGG(image), 5, 3)
EOP
        gan-init "$out/vgg.gan" --seed "$seed" -o "$net"
    fi
else
    side=$(setting size 256)
    image_stream "$data" "$side"
    define=$(echo " $define" | sed 's/ -D channels=3//')
    all=$(passes 2 "$batch")
fi
define=" -D vgg=$(cd "$(dirname "$net")" && pwd)/$(basename "$net")$define"
if [ ! -s "$out/style.st" ]; then
    start_run "$out/blank.st" "$here/transfer.gan"
    if [ -n "$small" ]; then
        waves='sin(view(range(32), 32, 1, 1)*stack([0.9, 0.5, 0]) + view(range(32), 1, 32, 1)*stack([0.4, -0.6, 0.7]))'
        gan-sample "$out/blank.st" -n 1 style="view($waves, 1, 32, 32, 3)" -o "$out/style.part"
    else
        gan-data images "$style" --size "$side" | gan-sample "$out/blank.st" style=x -o "$out/style.part"
    fi
    mv "$out/style.part" "$out/style.st"
    rm "$out/blank.st"
fi
gan-data head -n 200 "$out/data.st" -o "$out/few.st"

shares() { # shares STREAM
    gan-eval lattice "$1" | awk -F'\t' '
        $1 == "lattice.p2" || $1 == "lattice.p4" || $1 == "lattice.p8" { printf "%s%.3g", sep, $2; sep = "\t" }
        END { exit !sep }'
}
redrawn() { # redrawn ARM NAME: NAME.png, and the shares
    gan-sample "$out/$1.st" -i "$out/few.st" -b 20 image=drawn -o "$out/seen.part"
    gan-data head -n 32 "$out/seen.part" | gan-data sheet -o "$out/$2.png"
    shares "$out/seen.part"
    rm "$out/seen.part"
}
printf 'arm\tsteps\tp2, untrained\tp4\tp8\tp2, trained\tp4\tp8\tcontent\tstyle\n' >"$out/result.new"
for arm in $(echo "$arms" | tr , ' '); do
    case $arm in
    deconv?) set -- -D up=deconv -D k="${arm#deconv}" ;;
    smooth) set -- -D up=deconv -D k=3 -D tv=1 ;;
    *) set -- -D up="$arm" ;;
    esac
    start_run "$out/$arm.st" "$here/transfer.gan" "$@" --from style="$out/style.st"
    [ -s "$out/$arm-before.txt" ] || redrawn "$arm" "$arm-before" >"$out/$arm-before.txt"
    train "$out/$arm.st" "$out/data.st" "$batch" "$all"
    printf '%s\t%s\t%s\t%s\t%s\n' "$arm" "$(steps_played "$out/$arm.st")" "$(cat "$out/$arm-before.txt")" \
        "$(redrawn "$arm" "$arm")" "$(tail -1 "$out/$arm.tsv" | cut -f5,6)" >>"$out/result.new"
done
printf 'data\t-\t\t\t\t%s\t-\t-\n' "$(shares "$out/few.st")" >>"$out/result.new"
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"
if [ -n "$small" ]; then
    echo "to look for: the share of period 2 with nearest neighbours below .02, with deconv ten times as large"
    verdict '{ p[$1] = $6 }
        END { most("the share of nearest", p["nearest"], .02); least("that of deconv3", p["deconv3"], 10 * p["nearest"]) }' "$out/result.tsv"
fi
say "look at $out/*.png"
