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

# slopes CHECKPOINT COST VARIABLE NAME: a cost of the variable, which is @ in it, has the slope that differences have
slopes() {
    cost=$2 of=$3 text=$4
    at() { echo "$cost" | sed "s/@/($1)/g"; }
    slope=$(worth "$1" "stack([($(at "$of + 0.002") - $(at "$of - 0.002")) / 0.004 / sum(grad($(at "$of"), $of))])")
    holds "($slope - 1)^2 < 0.01^2" "$text has the slope that differences have"
}

# --- VGAN: clips of 8 frames of 16x16 ---
frame clips16.st "video:U8:4,16,16,16,3:$(bytes 256 192)" label:I64:4:0,2,1,2
frame clips.st "video:U8:4,8,16,16,3:$(bytes 128 192)" label:I64:4:0,2,1,2
for o in '' '-D streams=1 -D logits=1 -D noise=0.1' '-D from=frame' '-D from=frame -D distance=l2 -D streams=1' '-D from=clip'; do
    # shellcheck disable=SC2086 # options are words
    plays "vgan $o" clips.st 8,16,16,3 vgan -D size=16 -D nf=2 -D nz=5 $o
done
gan-init vgan.gan -D size=16 -D nf=2 -D nz=5 -o run.st 2>err
gan-sample run.st -n 3 off='max(abs(made[0] - (made[1]*made[2] + (1 - made[1])*made[3])), [0, 1, 2, 3])' \
    mask='made[1]' still='made[3]' -o parts.st 2>err
gan-data info parts.st >out 2>>err
grep -q 'mask .*\[N,8,16,16,1\]' out && grep -q 'still .*\[N,1,16,16,3\]' out && values parts.st off f >found
near found 1e-6 'vgan: the clip is the mask of both streams' 0 0 0
gan-sample run.st -n 3 off='max(abs(mf + (1 - m)*b - made[0]), [0, 1, 2, 3])' move='max(abs(b[0] - b[7]), [0, 1, 2])' \
    least='min(m, [0, 1, 2, 3])' most='max(m, [0, 1, 2, 3])' -o parts.st 2>err
values parts.st off f >found
near found 1e-6 'and by the names of its parts' 0 0 0
values parts.st move f >found
near found 0 'the ground stands still' 0 0 0
holds "$( { values parts.st least f; values parts.st most f; } | tr ' ' '\n' | awk '$1 > 0 && $1 < 1' | wc -l) == 6" 'the mask is from 0 to 1'
gan-init vgan.gan -D size=16 -D nf=2 -D from=frame -D deviation=0.3 -o run.st 2>err
gan-data join clips.st:video | gan-sample run.st -i - 'video=made[0]' 'image=x[0]' -o films.st 2>err &&
    gan-data join films.st:image | gan-sample run.st -i - -o again.st 2>>err
for file in films again; do gan-data to-npy $file.st -n video >$file.npy 2>>err; done
[ -s again.npy ] && same films.npy again.npy 'vgan: clips of a stream of pictures are those of first frames'
frame stills.st image:U8:2,16,16,3:0*768,255*767,51 && gan-sample run.st -i stills.st made[0] -o again.st 2>err &&
    gan-sample run.st -i stills.st ends='stack([min(image, [0, 1, 2]), max(image, [0, 1, 2])])' -o ends.st 2>>err
values ends.st ends f >found
near found 1e-6 'vgan: whose bytes are -1 to 1' -1 -1 -0.6 1
gan-init vgan.gan -D size=32 -D nf=2 -D nz=5 -D deviation=0.3 -o slope.st 2>err
slopes slope.st 'mean(G(@)[0]^2)' z 'a clip of both streams'
plays 'vgan of small games' clips16.st 16,16,16,3 vgan -D size=16 -D frames=16 -D nf=2 -D nf_D=2 -D halvings_D=3 -D nz=5 -D lambda=0
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) k[$i] = i } NR > 1 && ($k["G"] != $k["game"] || $k["penalty"] != 0 || $k["prior"] <= 0) { bad = 1 }
    END { exit bad }' run.tsv
check $? 'a mask without a penalty is told, and costs nothing'
plays 'vgan of clipped singular values' clips.st 8,16,16,3 vgan -D size=16 -D nf=2 -D nz=5 -D logits=1 -D loss=wgan -D rate=0.1
gan-data batch clips.st --size 4 --endless --from run.st | gan-step run.st --until 6 -q -o clipped.st >out 2>err && gan-svd clipped.st -n 'D.*' >out 2>>err &&
    gan-svd run.st -n 'D.*' >before 2>>err && awk 'FNR > 1 { most[FILENAME] = $3 > most[FILENAME] ? $3 : most[FILENAME] }
        END { exit !(most["out"] > 0 && most["out"] <= 1.00001 && most["before"] > 1.1) }' out before
check $? 'each fifth step'
plays vgan-actions clips.st 3 vgan-actions -D size=16 -D nf=2 -D classes=3
gan-init vgan.gan -D size=16 -D nf=2 -D nz=5 --seed 5 -o trained.st 2>err &&
    gan-init vgan-actions.gan -D size=16 -D nf=2 -D classes=3 -D tune=0 --from D=trained.st -o run.st >out 2>err &&
    gan-data batch clips.st --size 4 --endless | gan-step run.st --until 2 -q >out 2>err
for file in trained run; do gan-data to-npy $file.st -n D.h.0.3.weight >$file.weight 2>>err; done
same trained.weight run.weight 'vgan-actions: from the layers of a discriminator, which stay'

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
        # weights and gains, running statistics, moments
        gan-data info run.st 2>>err | awk '$1 ~ /^(optimizer[.])?D[.].*[.]/ { print $1 }' >tensors
        how=differ
        if [ "$o" = '-D most=-1' ]; then how=same; else sed -i '/running/!d' tensors; fi
        for file in start run; do
            for tensor in $(cat tensors); do gan-data to-npy $file.st -n "$tensor"; done >$file.D 2>>err
            gan-data to-npy $file.st -n G.0.1.weight >$file.G 2>>err
        done
        $how start.D run.D "$p $o: whether D has played"
        differ start.G run.G "$p $o: G has"
    done
done
plays 3dae solids.st 16,16,16,1 3dae -D size=16 -D nf=2 -D nz=5
gan-init 3dgan.gan -D size=32 -D nf=2 -D nz=5 -o run.st 2>err
frame large.st "voxels:U8:2,32,32,32,1:0*30000,255*35536"
gan-sample run.st -i large.st feature -o features.st 2>err && gan-data info features.st >out && grep -q '\[N,96\]' out
check $? '3dgan: features of all maps but the first'
gan-init 3dgan.gan -D nf=4 -D nz=5 -o run.st 2>err
gan-data make solids -n 1 --size 64 | gan-sample run.st -i - feature last >features.st 2>>err
# a sixteenth of the paper's 7168 and 4096
[ "$(gan-data info features.st | grep -c '\[N,448\]\|\[N,256\]')" = 2 ]
check $? '3dgan: at 64 voxels a side, a sixteenth of the maps, a sixteenth of 7168 and 4096'
gan-data make solids -n 4 --size 16 >small.st
gan-data batch small.st --size 4 --endless | gan-step run.st -n 1 >out 2>err
[ $? = 1 ] && grep -q 'voxels has shape \[4,16,16,16,1\], the page wants \[4,64,64,64,1\]' err
check $? '3dgan: volumes of another side are refused'
plays '3dgan, D sees several at once' solids.st 16,16,16,1 3dgan -D size=16 -D nf=2 -D nz=5 -D variety=2 -D low=-1 -D deviation=0.02

# --- TGAN: clips of 16 frames of 16x16 ---
frame clips64.st "video:U8:4,16,64,64,3:$(bytes 256 3072)"
small='-D size=16 -D nz=5 -D nf=2 -D nf_G=2 -D nf_T=2 -D embed=6 -D rate=0.01'
for o in '-D clips=1' '-D shift=0 -D clips=1' '-D constraint=clip' '-D constraint=none -D rate=0.1' '-D classes=3' '-D loss=gan -D noise=0.2' '-D motion=ode -D order=2' \
    '-D motion=ode -D layers=two' '-D motion=sde'; do
    # shellcheck disable=SC2086
    plays "tgan $o" clips16.st 16,16,16,3 tgan $small $o
    case $o in *clips=1*)
        # after an update and a clipping
        gan-svd run.st -n 'D.*' >out 2>err && awk 'NR > 1 { n++; if ($3 > 1.00001) bad = 1 } END { exit bad || n < 3 }' out
        check $? "tgan $o: no singular value above 1"
        ;;
    *constraint*)
        worth run.st 'uniform(0, 0)[] + maximum(max(abs(weights("D.0.weight"))), max(abs(weights("D.4.weight"))))' >largest
        case $o in
        *clip*) near largest 1e-6 "tgan $o: no weight above" 0.01 ;;
        *) holds "$(cat largest) > 1" "tgan $o: weights are as they come" ;;
        esac
        ;;
    esac
done
# shellcheck disable=SC2086
gan-init tgan.gan $small -D clips=2 -o run.st 2>err
gan-data batch clips16.st --size 4 --endless | gan-step run.st -n 3 -q --log tgan.tsv 2>>err
# one update moves the others' values away from what they were clipped to
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "largest") k = i } NR > 1 { seen[NR] = $k }
    END { exit !(seen[2] > 1.00001 && seen[3] == seen[2] && seen[4] != seen[2]) }' tgan.tsv
check $? 'tgan: the log has the largest singular value that each clipping finds'
# the largest values of all layers, seen after each clipping, and before it once the update has moved them
cat >clipped.gan <<'PAGE'
data  x: video[8, 16, 16, 3]
net D(x) = x | conv(8, 4, stride=2, padding=1) | batchnorm | lrelu | conv(12, [2, 4, 4], stride=2, padding=1)
    | flatten | linear(3) | linear(1)
let values = [max(singular_values(w)) for w in parameters(D, 2)]
player D: sgd(3) maximizes mean(D(x)) - mean(D(normal[8, 16, 16, 3])) then clip_singular_values(D, 1) every 1
    log clipped = values, grown = values every 1
PAGE
gan-init clipped.gan -o clipped.st 2>err &&
    gan-data batch clips.st --size 4 --endless | gan-step clipped.st -n 8 -q --log clipped.tsv --log-every 1 2>>err
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR > 2 { for (i = 1; i <= 4; i++) { steps += $at["clipped" i] <= 1 + 1e-5 && $at["clipped" i] > 0; above += $at["grown" i] > 1.1 } }
    END { exit !(NR == 9 && steps == 28 && above >= 24) }' clipped.tsv
check $? 'no singular value is above 1 after any of the clippings, each of which finds larger ones'
# shellcheck disable=SC2086
gan-init tgan.gan $small -D critics=3 -o run.st 2>err
gan-data batch clips16.st --size 2 --epochs 1 | gan-step run.st -n 1 -q >out 2>err
[ $? = 6 ] && gan-data batch clips16.st --size 2 --epochs 2 | gan-step run.st -n 1 -q >out 2>err
check $? 'tgan: three updates of D to one of G, each of a minibatch of its own'
# shellcheck disable=SC2086
gan-init tgan.gan $small -D classes=3 -o run.st 2>err
gan-sample run.st -n 2 --label 2 off='max(abs(G(z, T(z, y), y) - G(z, T(z, onehot(2, 3)), onehot(2, 3))), [0, 1, 2, 3])' \
    -o off.st 2>err && gan-sample run.st -i clips16.st -o many.st 2>>err
is "$(values off.st off f) $(values many.st label q)" '0 0 0 2 1 2' 'tgan: clips of a class, and of those of data'
# shellcheck disable=SC2086
gan-init tgan.gan $small -D motion=ode -o run.st 2>err
gan-sample run.st -n 2 off='max(abs(T(z, v, [t/30 for t in 0..30])[0..30 step 2] - T(z, v)), [0, 1])' \
    apart='max(abs(T(z, v)[15] - T(z, v)[0]), 0)' -o off.st 2>err
values off.st off f >found
near found 1e-5 'tgan: twice the frames of a path' 0 0
holds "$(values off.st apart f | awk '{ print ($1 > 0.01) + ($2 > 0.01) }') == 2" 'tgan: which leads somewhere'
for o in '-D codes=frame -D depth=3' '-D motion=ode -D solver=dopri5 -D order=2 -D textbook=1' '-D motion=ode -D solver=dopri5 -D adjoint=1' \
    '-D motion=ode -D solver=midpoint -D order=2 -D adjoint=1' '-D model=3d -D depth=3'; do
    # shellcheck disable=SC2086
    plays "tgan $o" clips16.st 16,16,16,3 tgan $small $o
done
# worst FILE TENSOR...: the largest number of each
worst() {
    file=$1
    shift
    for tensor in "$@"; do values "$file" "$tensor" f | awk '{ for (i = 1; i <= NF; i++) if ($i > m) m = $i } END { printf "%s ", m + 0 }'; done
}
# shellcheck disable=SC2086
gan-init tgan.gan $small -o run.st 2>err
gan-sample run.st -n 2 z=z 'path=T(z, v)' -o latents.st 2>err && gan-sample run.st -n 2 --float -o whole.st 2>>err &&
    gan-data join latents.st whole.st | gan-sample run.st -i - off='max(abs(G(z, path, v) - x), [0, 1, 2, 3])' \
        between='max(abs(G(z, T(z, v, moments(46)), v)[0..45 step 3] - x), [0, 1, 2, 3])' -o off.st 2>>err
worst off.st off between >found
near found 1e-6 'tgan: latents are decoded as they were; between frames these stay' 0 0
gan-sample run.st -n 2 -D frames=46 -o more.st 2>err && gan-data info more.st >out && grep -q '\[N,46,16,16,3\]' out
check $? 'tgan: two frames more between each two'
# shellcheck disable=SC2086
gan-init tgan.gan $small -D motion=ode -D solver=dopri5 -o run.st 2>err
gan-sample run.st -n 2 off='max(abs(T(z, v, moments(31, -1))[15..30] - T(z, v)), [0, 1])' \
    back='max(abs(T(z, v, [-1, 1, 0])[2] - T(z, v, [0])[0]), 0)' -o off.st 2>>err
worst off.st off back >found
near found 1e-4 'tgan: a path from before the first frame, and back to it' 0 0
# shellcheck disable=SC2086
gan-init tgan.gan $small -D motion=sde -o run.st 2>err
for path in 3 4; do gan-sample run.st -n 2 --seed 1 -D wiener=$path 'path=T(z, v)' -o path$path.st 2>>err; done
gan-sample run.st -n 2 --seed 1 -D wiener=3 'path=T(z, v)' -o again.st 2>>err
same path3.st again.st 'tgan: the same seeds are the same path'
gan-data join path3.st path4.st:other=path | gan-sample run.st -i - begin='max(abs(path[0] - other[0]), 0)' \
    end='-max(abs(path[15] - other[15]), 0)' -o off.st 2>>err
holds "$(worst off.st begin) == 0" 'tgan: another seed of noise has the same start'
holds "$(values off.st end f | awk '{ print ($1 < 0) + ($2 < 0) }') == 2" 'and leads elsewhere'
# shellcheck disable=SC2086
plays 'tgan -D model=3d' clips64.st 16,64,64,3 tgan $small -D model=3d -D size=64

plays classifier3d clips16.st 3 classifier3d -D channels=3 -D classes=3 -D nf=2

# --- MoCoGAN ---
small='-D size=16 -D nf=2 -D nc=3 -D nm=2'
for o in '-D noise=0.1' '-D classes=3 -D labels=1' '-D classes=3 -D into=frame -D images=0' '-D whole_I=1 -D whole_V=0' \
    '-D deep_V=1 -D classes=3 -D nf_D=3 -D noise_hidden=0.1' '-D still=0' \
    '-D motion=ode -D layers=two -D order=2' '-D motion=sde -D classes=3 -D labels=1' '-D frames=12 -D length=16 -D from=frame' \
    '-D frames=8 -D length=16 -D windows=all -D classes=3 -D labels=1 -D noise=0.1' '-D from=frame'; do
    # shellcheck disable=SC2086
    plays "mocogan $o" clips16.st 16,16,16,3 mocogan $small $o
done
gan-sample run.st -n 2 off='max(abs(R(m, e, a)[0..3] - R(m, e[0..3], a)), [0, 1])' -o off.st 2>err
values off.st off f >found
near found 0 'mocogan: the first frames of more are those of fewer' 0 0
# shellcheck disable=SC2086
gan-init mocogan.gan $small -D nm=8 -o slope.st 2>err
slopes slope.st 'mean(R(@, e, a)^2)' m 'a motion, in its start,'
slopes slope.st 'mean(R(m, @, a)^2)' e 'and in the noise of all its steps,'
gan-sample run.st -n 3 --seed 2 'first=view(e, 32)' -o few.st 2>err &&
    gan-sample run.st -n 3 --seed 2 -D frames=80 'first=view(e[0..15], 32)' -o more.st 2>>err
for file in few more; do values $file.st first f >$file.e; done
same few.e more.e 'of the same seed'
# shellcheck disable=SC2086
gan-init mocogan.gan $small -D classes=3 -o run.st >out 2>err
gan-sample run.st -n 2 turns='stack([max(abs(film(c, m, e, course([1, 1])) - one), [0, 1, 2, 3]),
        max(abs(two[0..7] - one[0..7]), [0, 1, 2, 3]), max(abs(two[8..15] - one[8..15]), [0, 1, 2, 3]) > 1e-6])
    where one = film(c, m, e, onehot(1, 3)), two = film(c, m, e, course([1, 2]))' -o turns.st 2>err
values turns.st turns f >found
near found 0 'mocogan: classes in turn' 0 0 1 0 0 1
# a class of a path moves all frames but the first, and one that changes those behind
for o in '-D motion=ode' '-D motion=ode -D solver=dopri5' '-D motion=ode -D solver=dopri5 -D adjoint=1' '-D motion=ode -D order=2 -D adjoint=1' '-D motion=sde -D wiener=3'; do
    # shellcheck disable=SC2086
    gan-init mocogan.gan $small -D classes=3 -D layers=single -D nm=8 $o -o run.st >out 2>err
    gan-sample run.st -n 2 turns='stack([max(abs(R(m, e, course([1, 1])) - one), [0, 1]), max(abs(two[0..7] - one[0..7]), [0, 1]),
            min(max(abs(two[8..15] - one[8..15]), 1), 0) > 1e-6, max(abs(other[0] - one[0]), 0), min(max(abs(other[1..15] - one[1..15]), 1), 0) > 1e-6])
        where one = R(m, e, onehot(1, 3)), two = R(m, e, course([1, 2])), other = R(m, e, onehot(2, 3))' -o turns.st 2>err
    values turns.st turns f >found
    near found 0 "mocogan $o: classes in turn" 0 0 1 0 1 0 0 1 0 1
done
gan-sample run.st -n 2 --seed 1 c=c a=a 'path=R(m, e, a)' video=made -o codes.st 2>err &&
    gan-sample run.st -i codes.st off='max(abs(clip_of(c, path, a) - made), [0, 1, 2, 3])' --seed 1 -o off.st 2>>err
values off.st off f >found
near found 1e-6 'mocogan: latents are decoded as they were' 0 0
gan-sample run.st -n 2 -D length=31 -D start=-1 -D end=2 back='max(abs(R(m, e, a)[10] - R(m, e, a, [0])[0]), 0)' made -o more.st 2>err &&
    gan-data info more.st >out 2>>err && grep -q '\[N,31,16,16,3\]' out
check $? 'mocogan: more frames of a path from before the first to behind the last'
for p in mocogan latentode tgan tganv2; do
    for o in order=2 adjoint=1; do
        gan-init $p.gan -D motion=sde -D $o -o none.st >out 2>err
        [ $? = 1 ] && grep -q "$p.gan:.*: option ${o%=*} must be one of: " err && [ "$(wc -l <err)" = 1 ]
        check $? "$p: a path with noise has no $o"
    done
done
gan-init latentode.gan -D classes=3 -o none.st >out 2>err
[ $? = 1 ] && grep -q 'option classes must be one of: 0' err
check $? 'latentode: nor classes'
# shellcheck disable=SC2086
gan-init mocogan.gan $small -D length=16 -D frames=8 -D stride=2 -o run.st >out 2>err &&
    gan-data batch clips16.st --size 4 --endless | gan-step run.st -n 1 -q >out 2>err &&
    gan-sample run.st -i clips16.st off='minimum(max(abs(clip - x[0..14 step 2]), [0, 1, 2, 3]),
        max(abs(clip - x[1..15 step 2]), [0, 1, 2, 3]))' -o off.st 2>err
values off.st off f >found
near found 0 'mocogan: every second frame from a place on' 0 0 0 0
# a part of each clip, before its end; each part, of which those count that are
frame lengths.st length:I64:4:8,9,13,16 && gan-data join clips16.st lengths.st -o lengths16.st
# shellcheck disable=SC2086
gan-init mocogan.gan $small -D length=16 -D frames=8 -D lengths=1 -D windows=all -o run.st >out 2>err &&
    gan-data batch lengths16.st --size 4 --endless | gan-step run.st -n 1 -q >out 2>err
off() { # off PART WHOLE LENGTH: how far the part is from the nearest one of the clip
    echo "min(stack([max(abs($1 - $2[t..t+7]), [0, 1, 2, 3]) + 9*(t + 8 > $3) for t in 0..8]), 0)"
}
gan-sample run.st -i lengths16.st --seed 3 off="maximum($(off part made makes), $(off clip x had))" -o off.st 2>err
values off.st off f >found
near found 1e-6 'mocogan: parts of clips end before these do' 0 0 0 0
gan-sample run.st -i lengths16.st found='stack([over(view(samples(range(36)), 1) * 0 + 1, 9, many),
    over(fold(stack([0*n + t for t in 0..8])), 9, many)])' parts='max(abs(parts(x, 1) - fold(stack([x[t..t+7] for t in 0..8]))), [0, 1, 2, 3])' -o off.st 2>err
values off.st found f >found
# the mean over clips of the mean over t from 0 to their length less 8: (0 + 0.5 + 2.5 + 4)/4
near found 1e-5 'mocogan: the mean over parts is one over clips' 1 1.75
frame frames.st "image:U8:6,16,16,3:$(bytes 96 48)"
gan-data batch frames.st --size 3 --epochs 2 -o frames.more 2>err
gan-data batch clips16.st --size 4 --epochs 4 -o clips.more 2>>err
# shellcheck disable=SC2086
gan-init mocogan.gan $small -D apart=1 -o run.st >out 2>err &&
    gan-data join --frames frames.more clips.more | gan-step run.st --until 2 -q --log apart.tsv >out 2>err &&
    [ "$(wc -l <apart.tsv)" = 3 ]
check $? 'mocogan: frames in minibatches of their own size'

# --- latent differential equations of MoCoGAN ---
small='-D size=16 -D nf=2 -D nc=3 -D nm=4'
for o in '-D motion=gru' '' '-D order=2 -D solver=midpoint -D adjoint=1 -D layers=single' '-D motion=sde'; do
    # shellcheck disable=SC2086
    plays "latentode $o" clips16.st 16,16,16,3 latentode $small $o
done
gan-sample run.st -n 2 -D frames=31 -D start=-0.5 -D end=1.5 -o more.st 2>err && gan-data info more.st >out && grep -q '\[N,31,16,16,3\]' out
check $? 'latentode: more frames from before the first to behind the last'

# --- TGANv2: clips of 8 frames of 64x64 ---
frame clips8.st "video:U8:4,8,64,64,3:$(bytes 128 3072)" label:I64:4:0,2,1,2
small='-D size=64 -D frames=8 -D nf=1 -D nf_D=1 -D nz=4'
for o in '' '-D s_t=4 -D s_3=2 -D classes=3' '-D motion=ode -D join=sum' '-D levels=1 -D still=1'; do
    # shellcheck disable=SC2086
    plays "tganv2 $o" clips8.st 8,64,64,3 tganv2 $small $o
done
for o in '-D motion=sde' '-D motion=ode -D order=2 -D s_1=4 -D s_2=1 -D published=1' '-D levels=1 -D parts=2'; do
    # shellcheck disable=SC2086
    plays "tganv2 -D size=16 $o" clips16.st 16,16,16,3 tganv2 -D size=16 -D nf=2 -D nf_D=2 -D nz=4 $o
done
# shellcheck disable=SC2086
gan-init tganv2.gan $small -o run.st 2>err
gan-sample run.st -n 2 -D frames=12 low='made[0]' -o low.st 2>err && gan-data info low.st >out && grep -q '\[N,12,8,8,3\]' out
check $? 'tganv2: the lowest level of a longer clip'
for o in motion=convlstm motion=sde motion=ode; do
    # shellcheck disable=SC2086
    gan-init tganv2.gan $small -D classes=3 -D $o -o coded.st 2>err && gan-sample coded.st -n 2 codes=codes k=k 'video=made[levels-1]' -o codes.st 2>>err &&
        gan-sample coded.st -i codes.st --seed 1 'video=G(z, k, codes)[levels-1]' -o again.st 2>>err
    for file in codes again; do gan-data to-npy $file.st -n video >$file.npy 2>>err; done
    [ -s again.npy ] && same codes.npy again.npy "tganv2 -D $o: clips of the codes that were kept"
done
gan-sample coded.st -n 2 'video=G(walk(z, 3), walk(k, 3))[levels-1]' -o line.st 2>err && gan-data pick line.st --rows 0,3 -o ends.st 2>>err
for file in codes ends; do gan-data to-npy $file.st -n video >$file.npy 2>>err; done
same codes.npy ends.npy 'tganv2: a line from a class to another'
gan-data batch clips8.st --size 4 --endless | gan-step run.st -n 2 -q --log tganv2.tsv 2>>err
# costs are the means of the levels', D's with the penalty; each second frame goes on, from the first or second
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    function f(name) { return $at[name] }
    function near(a, b) { return a - b < 1e-4 && b - a < 1e-4 }
    NR > 1 { for (i = 1; i < 4; i++) bad += f("offset" i) != 0 && f("offset" i) != 1
        bad += !near(f("D"), (f("loss1") + f("loss2") + f("loss3") + f("loss4")) / 4 + 4 * f("slopes"))
        bad += !near(f("G"), (f("loss_G1") + f("loss_G2") + f("loss_G3") + f("loss_G4")) / 4) }
    END { exit bad || NR != 3 || !("offset3" in at) || ("offset4" in at) || !("gap4" in at) }' tganv2.tsv
check $? 'tganv2: the log has costs of levels, and where the frames begin that go on'
# which frames go on: each as often as any other
gan-sample run.st -n 10000 -b 10000 kept='mean(onehot(floor(before(4, 16)[]), 4), "batch")' -o kept.st 2>err && values kept.st kept f >found
near found 0.02 'tganv2: each frame goes on with the same frequency' 0.25 0.25 0.25 0.25
# the paper's table 1, multiplications in billions: G and D with all frames, each second and each fourth
for s in 1 2 4; do
    gan-init tganv2.gan -D s_t=$s -D published=1 --batch 1 --dump layers 2>err |
        awk '$1 == "G:" { on = 1 } on && ($1 == "G" || $1 == "D") { print $3 / 1e9 } /^all/ { on = 0 }'
done >found
near found 0.005 "tganv2: the paper's multiplications" 45.07 215.74 28.91 53.41 26.20 38.40
for o in '-D levels=1' '-D levels=1 -D still=1'; do
    # shellcheck disable=SC2086
    gan-init tganv2.gan $o --batch 1 --dump layers 2>err | awk '$1 == "G:" { on = 1 } on && $1 == "D" { print $3 / 1e9 } /^all/ { on = 0 }'
done >found
near found 0.005 'and those of one discriminator, and of two' 162.38 168.20
gan-sample run.st -i clips8.st off='max(abs(thin(x, 4, 1) - x[1..5 step 4]), [0, 1, 2, 3])' -o off.st 2>err
values off.st off f >found
near found 0 'tganv2: every fourth frame from a place on' 0 0 0 0
# a penalty's slope in weights by differences: the gradient of a gradient through convolutions, rectifiers and
# means of odd sides
cat >penalty.gan <<'PAGE'
option h = 0
noise x: normal[3, 3, 3, 1]
param w = 1
block scaled(k) = (w + h) * k
net D(x) = x | conv(4, 3, weight=scaled) | relu | conv(4, 3) | relu | avgpool(2, padding=1) | flatten | linear(1)
let penalty = mean(sqnorm(grad(D(x), x)))
sample penalty
PAGE
gan-init penalty.gan --seed 2 -o run.st 2>err
for h in -0.0002 0.0002; do gan-sample run.st -n 4 -D h=$h value='uniform(0, 0)[] + penalty' -o ./$h.st 2>>err; done
gan-sample run.st -n 4 slope='uniform(0, 0)[] + grad(penalty, w)' -o slope.st 2>>err
slope=$({ for h in -0.0002 0.0002; do values ./$h.st value f; done; values slope.st slope f; } | awk '{ v[NR] = $1 } END { print (v[2] - v[1]) / 0.0004 / v[3] }')
holds "($slope - 1)^2 < 0.001^2" 'a penalty has the slope that differences have'
# of a residual net, in each weight of its first convolution
cat >penalty.gan <<'PAGE'
noise x: normal[5, 3, 3, 1]
param w[3, 3, 3, 1, 2] = normal(0, 0.3)
net D(x, w) = ((h | relu | conv(2, 3) | relu | conv(3, 3) | avgpool(2, padding=1)) + (h | conv(3, 1) | avgpool(2, padding=1)))
              | relu | flatten | linear(1)
    where h = conv(x, 2, 3, weight=w)
block penalty(w) = mean(sqnorm(grad(D(x, w), x)))
block one(i) = 0.0005 * view(range(54) == i, 3, 3, 3, 1, 2)
let slopes = view(grad(penalty(w), w), 54), found = stack([(penalty(w + one(i)) - penalty(w - one(i))) / 0.001 for i in 0..53])
sample max(abs(found - slopes)) / max(abs(slopes))
PAGE
gan-init penalty.gan --seed 2 -o run.st 2>err
gan-sample run.st -n 2 --seed 2 off='uniform(0, 0)[] + max(abs(found - slopes)) / max(abs(slopes))' \
    flat='uniform(0, 0)[] + sum(abs(slopes) < 1e-5 * max(abs(slopes)))' -o off.st 2>>err
values off.st off f >found
near found 0.001 'and of a residual net in each weight of its first convolution' 0 0
values off.st flat f >found
near found 0.5 'of which none is without a slope' 0 0
finish
