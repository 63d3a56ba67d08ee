#!/bin/sh
# Pages of clips and of shapes, shrunk: each plays two steps, and its samples are what they should be.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# bytes COUNT LENGTH: so many numbers from 0 to 255, each LENGTH times
bytes() { perl -e 'srand 1; print join ",", map { int(rand 256) . "*$ARGV[1]" } 1 .. $ARGV[0]' "$@"; }
# plays NAME DATA SHAPE PAGE OPTION...: two steps on the stream, all of it a minibatch; then as many samples
plays() {
    name=$1 data=$2 shape=$3 page=$4
    shift 4
    rm -f run.tsv
    gan-init "$page.gan" "$@" -o run.st >out 2>err &&
        gan-data batch "$data" --size 4 --endless 2>>err | gan-step run.st --until 2 -q --log run.tsv >>out 2>>err &&
        [ "$(wc -l <run.tsv)" = 3 ] && gan-sample run.st -i "$data" -o samples.st >>out 2>>err &&
        gan-data info samples.st >>out 2>>err && grep -q "\[N,$shape\]" out && grep -q ' 4 samples' out
    check $? "$(echo $name) plays, and gives [4,$shape]"
}

# --- VGAN: clips of 8 frames of 16x16 ---
frame clips.st "video:U8:4,8,16,16,3:$(bytes 128 192)"
for o in '' '-D streams=1 -D logits=1 -D noise=0.1' '-D from=frame' '-D from=frame -D distance=l2 -D streams=1'; do
    # shellcheck disable=SC2086 # options are words
    plays "vgan $o" clips.st 8,16,16,3 vgan -D size=16 -D nf=2 -D nz=5 $o
done
gan-init vgan.gan -D size=16 -D nf=2 -D nz=5 -o run.st 2>err
gan-sample run.st -n 3 off='max(abs(made[0] - (made[1]*made[2] + (1 - made[1])*made[3])), [0, 1, 2, 3])' \
    mask='made[1]' still='made[3]' -o parts.st 2>err
gan-data info parts.st >out 2>>err
grep -q 'mask .*\[N,8,16,16,1\]' out && grep -q 'still .*\[N,1,16,16,3\]' out && values parts.st off f >found
near found 1e-6 'vgan: the clip is the mask of both streams' 0 0 0

# --- 3D-GAN: volumes of 16 voxels a side, with pictures of 64 pixels ---
frame solids.st "voxels:U8:4,16,16,16,1:$(perl -e 'srand 1; print join ",", map { int(rand 2) * 255 . "*64" } 1 .. 256')" \
    "image:U8:4,64,64,3:$(bytes 512 96)"
for p in 3dgan 3dvaegan; do
    small="-D size=16 -D nf=2 -D nz=5"
    [ $p = 3dgan ] || small="$small -D picture=64"
    # shellcheck disable=SC2086 # options are words
    for o in '-D most=-1' '-D joint=1 -D first_norm=1 -D most=1 -D loss=nonsaturating'; do
        plays "$p $o" solids.st 16,16,16,1 $p $small $o
        # shellcheck disable=SC2086
        gan-init $p.gan $small $o -o start.st 2>err
        for weight in D.0.0 G.0.1; do
            for file in start run; do gan-data to-npy $file.st -n $weight.weight >$file.$weight 2>>err; done
        done
        how=differ
        [ "$o" != '-D most=-1' ] || how=same
        $how start.D.0.0 run.D.0.0 "$p $o: whether D has played"
        differ start.G.0.1 run.G.0.1 "$p $o: G has"
    done
done
finish
