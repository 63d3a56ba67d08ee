#!/bin/sh
# checkerboard.gan and upsampling.gan: ways to double pixels, and the patterns that they leave before any
# training.
# shellcheck disable=SC2154 # zoo.sh's
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

gan-data make shapes -n 16 --size 16 --seed 1 >shapes.st
for more in up=deconv 'up=subpixel -D mode=reflect' 'up1=bilinear -D mode=edge -D first=plain' 'first=pooled -D damp=3'; do
    # shellcheck disable=SC2086 # options are words
    page run.st checkerboard -D size=16 -D nf=4 -D nz=8 -D $more &&
        gan-data batch shapes.st --size 8 | quiet gan-step run.st -q &&
        gan-sample run.st -n 4 -o samples.st 2>err && gan-data info samples.st | grep -q 'U8 *\[N,16,16,3\]'
    check $? "checkerboard $more plays"
done
gan-sample run.st -i shapes.st slope=slope 2>err | gan-data info - | grep -q 'slope *F32 *\[N,16,16,3\]'
check $? 'the gradient of D in pictures is a stream'

# what each makes of [[1,2],[3,4]] with kernels of ones
cat >page.gan <<'EOP'
option how = "nearest"
option mode = "zero"
noise z: normal[2, 2, 1]
init bias = 0
use "blocks/upsample.gan"
net U(x) = twice(x, 1, how, 3, 1, mode)
let y = U(view(range(4, 1), 2, 2, 1) + 0*z)
sample view(y, 16)
EOP
doubles() { # doubles NAME OPTIONS NUMBER...
    title=$1
    # shellcheck disable=SC2086 # options are words
    gan-init page.gan $2 -o page.st 2>err && worth page.st 'view(y, 16)' >found
    shift 2
    near found 1e-6 "$title" "$@"
}
doubles 'deconv: pixel i is written by 2i-1 to 2i+1' '-D how=deconv' 1 3 2 2 4 10 6 6 3 7 4 4 3 7 4 4
doubles 'subpixel: four alike' '-D how=subpixel' 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10
doubles 'nearest: sums of nine' '-D how=nearest' 4 8 10 8 10 18 21 16 14 24 27 20 12 20 22 16
doubles 'nearest: the edge goes on' '-D how=nearest -D mode=edge' 9 12 15 18 15 18 21 24 21 24 27 30 27 30 33 36
doubles 'nearest: turns back at the edge' '-D how=nearest -D mode=reflect' 9 12 15 18 15 18 21 24 21 24 27 30 27 30 33 36
doubles 'bilinear: a constant slope' '-D how=bilinear -D mode=edge' 11.25 13.5 16.5 18.75 15.75 18 21 23.25 21.75 24 27 29.25 26.25 28.5 31.5 33.75

# before any training: the recipe has the article's sizes, these the pattern
shares() { # shares OPTION...: those of periods of 2 and 4 pixels
    page run.st checkerboard -D nf=16 -D nz=16 -D k=3 "$@" && gan-sample run.st -n 8 -b 8 --batch-statistics raw=raw -o raw.st 2>err &&
        gan-eval lattice raw.st -t raw >out 2>err
}
shares -D up1=deconv -D up2=deconv
holds "$(value lattice.p2) > 0.1 && $(value lattice.p4) > 0.1 && $(value lattice.phase) > 2" 'two transposed convolutions: periods of 2 and 4'
shares -D up1=deconv
holds "$(value lattice.p2) > 0.1 && $(value lattice.p4) < 0.02" 'one: a period of 2'
for up in nearest bilinear subpixel; do
    shares -D up=$up
    holds "$(value lattice.p2) < 0.02 && $(value lattice.p4) < 0.02 && $(value lattice.phase) < 1.1" "$up: none"
done
for conv in '3 2 3 99' '3 1 0 1.2'; do
    # shellcheck disable=SC2086 # words
    set -- $conv
    page layer.st upsampling -D kernel="$1" -D stride="$2" -D size=16 --seed 1 &&
        gan-sample layer.st -n 16 slope=slope 2>err | gan-eval lattice - -t slope >out 2>err
    holds "$(value lattice.phase) > $3 && $(value lattice.phase) < $4" "the gradient of a convolution of $1 pixels with stride $2"
done
for how in deconv nearest subpixel bilinear; do
    page layer.st upsampling -D how=$how -D size=16 --seed 1 && worth layer.st 'stack([uneven])' >found
    [ $how = deconv ] && holds "$(cat found) > 0.6 && $(cat found) < 0.9" 'deconv of a constant: three of four phases are not its mean' ||
        near found 1e-6 "$how of a constant: a constant" 0
done
finish
