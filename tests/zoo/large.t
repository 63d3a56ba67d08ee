#!/bin/sh
# Pages that no recipe plays yet, made small: two steps of each game on data made up, and what their
# papers say must hold whatever the weights are.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

plays() { # plays NAME PAGE STREAM BATCH OPTION...: two steps, from which the numbers come finite
    name=$1 page=$2 data=$3 batch=$4
    shift 4
    # shellcheck disable=SC2154 # zoo.sh's
    gan-init "$scripts"/*/"$page.gan" "$@" --batch "$batch" -o "$name.st" 2>err >out &&
        gan-data batch "$data" --size "$batch" --endless --drop-last 2>>err |
        gan-step "$name.st" -q -n 2 --log "$name.tsv" 2>>err &&
        [ "$(wc -l <"$name.tsv")" = 3 ] && ! grep -q nan "$name.tsv"
    check $? "$name plays"
}
comes_to() { # comes_to CHECKPOINT EXPRESSION TOLERANCE NAME NUMBER...: its numbers are those
    worth "$1" "$2" >found
    shift 2
    near found "$@"
}
gan-data make shapes -n 16 --size 32 --seed 1 >shapes.st

# --- what is only looked at is not drawn: these orthogonal weights would take minutes ---
printf 'param w[9000, 9000] = orthogonal()\nnet N() = mean(w)\nplayer N of w: sgd(1) minimizes N()\n' >page.gan
quiet timeout 10 gan-init page.gan --plan && grep -q '81000000' out
check $? 'a plan draws no weights'

# --- BigGAN ---
small='-D size=32 -D ch=8 -D classes=10 -D chunk=4 -D attention_g=16 -D attention_d=16'
# shellcheck disable=SC2086 # options are words
{
    plays clamped biggan shapes.st 4 $small -D clamp=0.5
    plays big biggan shapes.st 4 $small -D r1=1
    plays deep biggan shapes.st 4 $small -D net=deep -D ortho=0
}
mixed='D(G(z, c), (onehot(1, 10) + onehot(2, 10))/2)'
comes_to big.st "$mixed - (D(G(z, c), onehot(1, 10)) + D(G(z, c), onehot(2, 10)))/2" 1e-5 'D is linear in the class' 0

# all are 1 at first, and each of two steps has lowered one
gan-svd clamped.st 2>err | awk -F'\t' '$1 ~ /^G\..*weight_orig/ { n++; if (!($6 > 0.499 && $6 < 0.501 && $3 > 0.99)) bad = 1 } END { exit bad || n < 5 }'
check $? 'the first singular value of its weights alone is lowered to what is allowed'

# --- progressive GAN, StyleGAN, StyleGAN2 ---
gan-data make shapes -n 8 --size 16 --seed 1 >small.st
gan-data make shapes -n 8 --size 8 --seed 1 >tiny.st
small='-D size=16 -D most=8 -D nz=8'
# shellcheck disable=SC2086
for page in pggan stylegan; do
    plays $page $page tiny.st 4 $small -D now=8
    case $page in pggan) made='Ga(z)' ;; *) made='Ga(same(Fa(z)))' ;; esac
    quiet gan-init --from $page.st --partial --no-moments "$scripts/image/$page.gan" $small -D now=16 -D fade=4 -o grown.st
    check $? "$page grows"
    # shellcheck disable=SC2086
    ! quiet gan-init "$scripts/image/$page.gan" $small -D now=12 --plan && grep -q 'option now must be one of: 4, 8, 16$' err
    check $? "$page: to one of its sizes"
    comes_to grown.st "stack([mean(abs(seen(p) - upsample(p[1], 2))), mean(abs(seen(p)))*0 + share(4)]) where p = $made" 0 \
        "$page: at first pictures are those of the size before" 0 0
    gan-sample $page.st -i tiny.st --float 'image=upsample(x, 2)' -o large.st 2>err
    for run in "$page tiny" 'grown large'; do gan-sample "${run% *}.st" -i "${run#* }.st" value='D(x)' 2>>err | gan-data to-table --bare -n value >"judged-${run#* }"; done
    # shellcheck disable=SC2046
    near judged-large 1e-6 "$page: and D judges them as before" $(cat judged-tiny)
    gan-data info grown.st | grep -c '^ *optimizer.*D\.0\.size16' >found
    holds "$(cat found) > 0 && $(gan-data to-npy grown.st -n optimizer.D.v.D.0.head.5.weight_orig 2>err | tail -c +129 | tr -d '\0' | wc -c) == 0" \
        "$page: moments begin at 0, also those of layers that were there"
    gan-data batch small.st --size 4 --endless | quiet gan-step grown.st -q -n 3
    comes_to grown.st 'stack([share(4), share(3)])' 0 "$page: layers come in step by step" 0.75 1
done
# shellcheck disable=SC2086
for config in B C D E F; do plays style$config stylegan2 small.st 4 $small -D layers=2 -D config=$config; done
# shellcheck disable=SC2086
for nets in 'spectral_g=1 -D spectral_d=1' 'demodulate=0' 'g=orig -D d=skip' 'g=residual -D d=skip' 'g=skip -D d=orig' 'g=residual'; do
    plays nets stylegan2 small.st 4 $small -D layers=2 -D noise=fixed -D $nets
done
# the probability rises by 4/32 where D takes real samples for real more often than asked for, and is kept
# shellcheck disable=SC2086
{
    plays diff stylegan2 small.st 4 $small -D layers=2 -D augmentation=diff
    for target in -2 2; do plays ada$target stylegan2 small.st 4 $small -D layers=2 -D augmentation=ada -D ada_target=$target -D ada_samples=32; done
    gan-data batch small.st --size 4 --endless --drop-last --from ada-2.st | gan-step ada-2.st -q -n 1 2>err
}
for p in ada-2:0.375 ada2:0; do
    comes_to "${p%:*}.st" 'stack([weights("adaptive.p")])' 1e-6 "adaptive augmentation, ${p%:*}" "${p#*:}"
done
gan-data info styleF.st | grep -q adaptive
check $((! $?)) 'no probability without it'
# shellcheck disable=SC2086
page still.st stylegan2 $small -D layers=2 -D noise=none
comes_to still.st 'stack([max(abs(part(s, 2) + part(s, 3) + part(s, 4) - shown(s))), max(abs(maps_of(s, 4)))*0]) where s = same(Fa(z))' 1e-6 \
    'the parts of all sizes make the picture' 0 0
# the projector
gan-data head -n 4 small.st | gan-data cat --frame 4 - >four.st 2>err
# shellcheck disable=SC2086
plays projected project four.st 4 $small -D layers=2 -D pictures=4
comes_to projected.st 'stack([mean(m, [0, 1, 2]), mean(m^2, [0, 1, 2])]) where m = one(map, 16, 0)' 1e-6 \
    'maps of noise have mean 0 and deviation 1 after a step' 0 1 0 1 0 1 0 1
# neighbours on a board of +-1 are the contrary of each other, and a half of it is 0
comes_to projected.st "stack([smoothness(0*m + 1), smoothness(m), smoothness(0*one(map, 8, 0) + 1)])
    where m = 0*one(map, 16, 0) + view((range(256) + floor(range(256) / 16)) % 2 * 2 - 1, 16, 16, 1)" 1e-5 'how alike neighbours are' 34 2 2 34 2 2 34 2 2 34 2 2
gan-data cat --frame 3 small.st 2>err | gan-step projected.st -q -n 1 >out 2>err
holds "$? == 1" 'as many pictures as it was made for'
grep -q 'tensor image has shape \[3,16,16,3\], the page wants \[4,16,16,3\]' err
check $? 'which is said'
frame wide.st "image:U8:2,8,16,3:$(numbers 1 768 'int rand 256')"
# shellcheck disable=SC2086
plays broad project wide.st 2 $small -D layers=2 -D pictures=2 -D height=8
comes_to broad.st 'stack([count(one(map, 4, 0), 0), count(one(map, 16, 1), 0), count(picture, 0), count(picture, 1)])' 0 \
    'pictures that are not square have maps of their shape' 2 8 8 16
comes_to styleF.st 'stack([sum(abs(mixed(z, z2, 3)[0..2] - same(z)[0..2])), sum(abs(mixed(z, z2, 3)[3..5] - same(z2)[3..5]))])' \
    0 'styles from layer 3 on are those of the other latent' 0 0
comes_to styleF.st 'stack([mean(abs(F(7*z) - F(z)))])' 1e-4 'a latent has its direction only' 0
worth styleF.st 'stack([weights("paths.so_far")])' >found
holds "$(cat found) > 0" 'the mean length of paths is followed'
# shellcheck disable=SC2086
plays unpaid stylegan2 small.st 4 $small -D layers=2 -D pl=0
gan-data info unpaid.st >out 2>err && grep -q F.centre out && ! grep -q paths out
check $? 'but not where it costs nothing'

# --- SPADE: pictures of 64x64, a label for each half, two instances ---
frame masks.st "image:U8:2,64,64,3:$(numbers 1 24576 'int rand 256')" \
    "segment:U8:2,64,64:$(numbers 2 8192 'int($_ / 32) % 2 + 2 * ($_ > 4095)')" "instance:U8:2,64,64:1*6000,2*2192"
small='-D labels=3 -D height=64 -D side=16 -D nf=2 -D nf_d=2 -D hidden=4 -D nf_v=1 -D nz=4'
# shellcheck disable=SC2086
for more in begin=code begin=map 'begin=noise -D join=concat -D norm=instance -D kernel=1 -D doublings=5' \
    'begin=map -D net=pix2pixhd -D join=concat'; do
    plays "spade $more" spade masks.st 2 $small -D $more
done
gan-sample 'spade begin=code.st' -i masks.st -n 2 value='stack([matched(D(x, s), D(x, s)), sum(s[0..-1, 0..-1, 4]), sum(s)])' 2>err |
    gan-data to-table --bare >found
near found 1e-6 'SPADE: nothing to match where pictures are real; the edge of an instance; one label a pixel' 0 128 8320

# --- talking heads, of 64x64 pixels, with VGGs ---
pixels=$(numbers 1 12288 'int rand 256')
for part in 1 2; do frame heads-data.st "image:U8:1,3,64,64,3:$pixels,0*12288,$pixels" "landmarks:U8:1,3,64,64,3:$pixels,$pixels,0*12288" "label:I64:1:$part"; done
for part in 1 2; do frame shots.st "image:U8:1,64,64,3:$pixels" "landmarks:U8:1,64,64,3:$pixels"; done
small='-D size=64 -D nf=8 -D most=16 -D frames=2 -D videos=3 -D nf_v=2'
# shellcheck disable=SC2086
{
    plays meta heads heads-data.st 2 $small
    plays tune heads shots.st 2 $small -D stage=tune
}
comes_to tune.st 'stack([sum(psi[0]*0 + 1), offset(count(channels))])' 0 'as many numbers as the norms take' 512 512

# --- Graphical-GAN ---
gan-data make digits -n 16 --seed 1 >digits.st
small='-D components=3 -D nh=4 -D nf=4 -D units=8'
# shellcheck disable=SC2086
{
    for more in local=1 local=0 mixture=0; do plays gm$more gmgan digits.st 4 $small -D $more; done
    plays cifar gmgan shapes.st 4 $small -D data=cifar
}
comes_to gmlocal=1.st 'stack([sum(abs(softmax(logits_of(p.h)) - softmax(p.h @ permute(mu, 1, 0) - sum(mu^2, 1)/2)))])' 1e-5 \
    'the nearer a mean, the likelier its component' 0
clip=$(numbers 3 2048 'int rand 256')
frame clips.st "image:U8:2,4,16,16,1:$clip"
small='-D frames=4 -D size=16 -D nh=4 -D nv=2 -D ne=2 -D nf=4 -D units=8 -D hidden_o=4'
# shellcheck disable=SC2086
for way in local concatx concatz 3dcnn; do plays $way ssgan clips.st 2 $small -D algorithm=$way; done
# shellcheck disable=SC2086
{
    frame labels.st "image:U8:2,4,16,16,1:$clip" label:I64:2:1,2
    plays labelled ssgan labels.st 2 $small -D labels=3
}
comes_to local.st 'stack([mean(softplus(f)) + mean(softplus(-f)) - 2*log(2) > 0, count(p.v), count(p.x, 0), count(f)])' 0 \
    'clips of the model: four states of two numbers, four frames, eight factors' 1 8 4 8

# --- S-VAE ---
for kind in sphere normal; do
    plays $kind svae digits.st 4 -D posterior=$kind -D d=3 -D width=0.125 -D correction=1 -D warm=2
    # E log q/p is the divergence
    gan-data make digits -n 3000 --seed 2 |
        gan-sample $kind.st -i - -n 3000 -b 3000 -D draws=2 value='stack([mean(log_q - log_p) - mean(divergence)])' 2>err |
        gan-data to-table --bare -n value |
        awk '{ s += $1 } END { print s / NR }' >found
    near found 0.05 "$kind: densities and the divergence agree" 0
done
gan-init "$scripts/image/improved.gan" -D width=0.1 --batch 8 -o few.st
for known in 0 1; do
    gan-sample few.st -i digits.st -n 8 image=x known="onehot($known, 1)" -o known$known.st 2>err
done
gan-data cat known0.st known1.st -o known.st
for kinds in 'first=normal' 'second=sphere' 'first=sphere'; do
    plays semi svae-semi known.st 8 -D d1=3 -D d2=2 -D hidden=8 -D $kinds
done
# a path of four nodes, twice; A of 1s beside a diagonal of 1s, 1/2, 1/3 and 1/sqrt(6)
graph() {
    frame graph.st features:F32:4,3:1,0,0,0,1,0,0,0,1,1,1,1 links:I64:3,2:0,1,1,2,2,3 \
        adjacency:I64:10,2:0,0,1,1,2,2,3,3,0,1,1,0,1,2,2,1,2,3,3,2 \
        weights:F32:10:.5,.3333333,.3333333,.5,.4082483,.4082483,.3333333,.3333333,.4082483,.4082483
}
graph && graph
for kind in sphere normal; do
    gan-init "$scripts/latent/vgae.gan" -D posterior=$kind -D nodes=4 -D features=3 -D links=3 -D d=2 -D hidden=3 -o graph-$kind.st 2>err &&
        gan-step graph-$kind.st -q -n 2 --log graph-$kind.tsv <graph.st 2>err && ! grep -q nan graph-$kind.tsv
    check $? "vgae of $kind codes plays"
done

# --- InterFaceGAN's predictor ---
frame faces.st "image:U8:2,64,64,3:$(numbers 4 24576 'int rand 256')" attributes:F32:2,4:0,1,0,1,1,1,0,0 \
    "points:F32:2,10:$(numbers 5 20 'rand(2) - 1')"
plays attributes attributes faces.st 2 -D size=64 -D seen=48 -D nf=2
gan-init "$scripts/latent/attributes.gan" --plan | grep -q '^R.layer4.2.conv3.weight  *\[2048,512,1,1\]'
check $? 'its trunk has the names of PyTorch'"'"'s ResNet-50'
finish
