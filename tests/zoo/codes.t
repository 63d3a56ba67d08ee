#!/bin/sh
# Auto-encoders whose codes are held to a distribution (AAE), of two codes and a class (S-VAE with
# labels), and of graphs: what their phases train, their priors and costs on numbers worked out by
# hand, and their recipes in tiny versions.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
latent=$scripts/latent

# --- AAE: every form plays ---
gan-data make digits -n 60 -o digits.st
gan-data join digits.st:image digits.st:few=image,label -o both.st
gan-init "$latent/svae-semi.gan" -o page.st
for known in 0 1; do gan-sample page.st -i digits.st image=x known="onehot($known, 1)" -o known$known.st; done
gan-data cat known0.st known1.st -o known.st
plays() { # plays FORM STREAM OPTION...
    form=$1 stream=$2
    shift 2
    gan-init "$latent/aae.gan" -D form="$form" -D hidden=8 "$@" -o "$form.st" 2>err &&
        gan-data batch "$stream" --size 20 --shuffle --seed 1 --endless | gan-step "$form.st" -q -n 3 --log "$form.tsv" 2>err &&
        gan-sample "$form.st" -n 4 2>err </dev/null | gan-data info 2>>err | grep -q '^  image *U8 *\[N,28,28,1\]'
    check $? "$form plays and draws digits"
}
plays basic digits.st
plays regular known.st
plays supervised digits.st
plays semi both.st
plays cluster digits.st -D classes=16
plays reduce both.st -D dz=2
gan-init "$latent/aae.gan" -D form=reduce -D labels=0 -D hidden=8 -o plain.st &&
    gan-data batch digits.st --size 20 | gan-step plain.st -q -n 1 2>err
check $? 'reduce without labels'
gan-init "$latent/aae.gan" -D optimizer=sgd -D drop_at=2 -D hidden=8 -o sgd.st &&
    gan-data batch digits.st --size 20 --endless | gan-step sgd.st -q -n 3 2>err
check $? "the paper's optimizer"

# --- which phase trains what: one step with all other rates 0 ---
moved() { # moved RATE RATE_ADV: the nets whose weights changed
    gan-init "$latent/aae.gan" -D form=semi -D hidden=8 -D norm=0 -D optimizer=sgd -D rate="$1" -D rate_adv="$2" -o a.st
    gan-data batch both.st --size 20 --endless 2>/dev/null | gan-step a.st -q -n 1 -o b.st 2>err
    for net in E.h.1.0.weight E.0.weight E.1.weight Dec.1.weight Dz.1.weight Dy.1.weight; do
        gan-data to-npy a.st -n $net >a.npy && gan-data to-npy b.st -n $net >b.npy
        cmp -s a.npy b.npy || printf '%s ' "${net%.weight}"
    done
}
is "$(moved 0.01 0)" 'E.h.1.0 E.0 E.1 Dec.1 ' 'the first phase trains E and Dec'
is "$(moved 0 0.1)" 'E.h.1.0 E.0 E.1 Dz.1 Dy.1 ' 'the others E and the discriminators'

# --- priors ---
gan-init "$latent/aae.gan" -D prior=mixture -D hidden=8 -o mixture.st
gan-init "$latent/aae.gan" -D prior=roll -D hidden=8 -o roll.st
# turned back by the angle of their class, all arms are one, 1.4 from the middle
gan-sample mixture.st -n 4000 point=z label='sum(drawn * range(10), -1)' -o arms.st 2>err
gan-data to-npy arms.st -n point | tail -c +129 | od -An -v -w8 -t f4 >points
gan-data to-table --bare arms.st -n label >classes
paste points classes | awk '{ t = $3 * 6.283185307 / 10; u = $1*cos(t) + $2*sin(t); v = $2*cos(t) - $1*sin(t)
    su += u; uu += u*u; sv += v; vv += v*v }
    END { print su/NR, sqrt(uu/NR - (su/NR)^2), sv/NR, sqrt(vv/NR - (sv/NR)^2) }' >found
near found 0.03 'mixture: arms of length 0.5 and width 0.1, 1.4 from the middle' 1.4 0.5 0 0.1
gan-sample roll.st -n 4000 point=z label='sum(drawn * range(10), -1)' -o arms.st 2>err
gan-data to-npy arms.st -n point | tail -c +129 | od -An -v -w8 -t f4 >points
gan-data to-table --bare arms.st -n label >classes
# the radius tells the angle, and the class
paste points classes | awk '{ r = sqrt($1*$1 + $2*$2); t = 4*3.14159265/3 * r
    off = ($1 - r*cos(t))^2 + ($2 - r*sin(t))^2; if (off > worst) worst = off
    if (int(r*r/9*10 - 1e-4) > $3 || int(r*r/9*10 + 1e-4) < $3) wrong++ }
    END { print worst, wrong + 0 }' >found
near found 1e-4 'roll: the radius tells the angle and the class' 0 0
gan-init "$latent/aae.gan" -D hidden=8 -o basic.st
worth basic.st 'stack([mean(z^2)])' 5000 | awk '{ s += $1 } END { print s / NR }' >found
near found 0.05 'normal codes of deviation 5' 25
# heads (0,0), (3,4), (0,1): 4 apart, so that they fall short by 0, 3 and 0
gan-init "$latent/aae.gan" -D form=reduce -D dz=2 -D classes=3 -D hidden=8 -o heads3.st
worth heads3.st 'stack([lacking(stack([stack([0, 0]), stack([3, 4]), stack([0, 1])]))])' >found
near found 1e-3 'heads that are too close cost what they lack' 3

# --- WAE: every penalty plays, a phase at a time ---
gan-data make ring -n 400 --sigma 0.3 -o ring.st
for penalty in gan mmd vae; do
    gan-init "$latent/wae.gan" -D penalty=$penalty -D nf=2 -D hidden=8 -D pretrain=1 -D epoch=1 -o w.st &&
        gan-data batch digits.st --size 20 --endless | gan-step w.st -q -n 3 --log $penalty.tsv 2>err && ! tail -n 1 $penalty.tsv | cut -f7- | grep -q nan &&
        gan-sample w.st -n 4 2>err </dev/null | gan-data info 2>>err | grep -q '^  image *U8 *\[N,28,28,1\]'
    check $? "wae with $penalty plays and draws digits"
done
gan-init "$latent/wae.gan" -D task=points -D hidden=32 -D pretrain=150 -D sigma=2 -o pre.st
gan-data batch ring.st --size 100 --endless | gan-step pre.st -q -n 1 -o one.st 2>err
gan-data batch ring.st --size 100 --endless | gan-step pre.st -q -n 150 2>err
for net in Dec.1.weight D.1.weight; do
    gan-data to-npy one.st -n $net >a.npy && gan-data to-npy pre.st -n $net >b.npy
    same a.npy b.npy "before, ${net%%.*} is not trained"
done
gan-sample pre.st -i ring.st -b 400 value='stack([sum(abs(mean(e, "batch"))), covariance(e)[0, 0], covariance(e)[1, 1]]) where e = E(x)[0]' 2>err |
    gan-data to-table --bare -n value | head -n 3 >found
near found 0.3 'and codes have the mean and the variance of z' 0 4 4
# u (0,0), (1,0) and v (0,1), (2,0): the mean of k within, less that between
gan-init "$latent/wae.gan" -D task=points -D hidden=4 -o mmd.st
worth mmd.st 'stack([discrepancy(rows(z, 0, 2)*0 + u, rows(z, 0, 2)*0 + v)])
    where u = samples(stack([stack([0, 0]), stack([1, 0])])), v = samples(stack([stack([0, 1]), stack([2, 0])]))' 2 | head -n 1 >found
near found 1e-5 "the paper's estimate of the discrepancy" "$(perl -e 'for (map { 4 * $_ } .1, .2, .5, 1, 2, 5, 10) {
    $s += $_/($_ + 1) + $_/($_ + 5) - ($_/($_ + 1) + $_/($_ + 4) + $_/($_ + 2) + $_/($_ + 1)) / 2 } print $s')"
quiet "$latent/wae.sh" --small codes-w --steps 4 && left codes-w mmd.st gan.tsv && [ "$(step_of codes-w/vae.st)" = 4 ]
check $? 'wae.sh --small'

# --- S-VAE with labels: the marginalised bound ---
gan-init "$latent/svae-semi.gan" -D d1=3 -D d2=2 -D hidden=8 -D classes=10 -D alpha=2 -o semi.st
gan-sample semi.st -i known.st a=unlabelled b='logsumexp(each)' c=labelled \
    d='sum(y * each, -1) - 2 * crossentropy(logits, y)' -o bounds.st 2>err
gan-data to-table --bare bounds.st -n a >a
gan-data to-table --bare bounds.st -n b >b
paste a b | awk '$1 > $2 + 1e-3 { bad++ } END { exit bad || NR != 120 }'
check $? 'no weights of classes give a larger bound than the sum over them'
gan-data to-npy bounds.st -n c >c
gan-data to-npy bounds.st -n d >d
same c d 'with a label it is that of the class, and the cost of what q gives it'

# --- graphs ---
perl -e 'srand 5; for $i (0 .. 79) { print "$i ", ($i % 4) + 4 * int rand 20, "\n" for 1 .. 4 }' >edges.tsv
perl -e 'print "$_ ", $_ % 4, " ", 4 + $_ % 7, "\n" for 0 .. 79' >features.tsv
gan-data graph edges.tsv --features features.tsv -o graph.st 2>err
gan-data links graph.st -o shown.st --test test.st --seed 1
sizes=$(gan-data info shown.st | sed -n 's/^  \(links\|valid\) .*\[\([0-9]*\),2\].*/-D \1=\2/p')
for kind in sphere normal; do
    # shellcheck disable=SC2086 # several words
    gan-init "$latent/vgae.gan" -D posterior=$kind -D nodes=80 -D features=11 $sizes -D d=4 -D hidden=8 -D rate=0.02 -o $kind.st
    for _ in $(seq 60); do cat shown.st; done | gan-step $kind.st -q --log $kind.tsv 2>err
    worth $kind.st 'stack([best])' >best
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "area") at = i; next } $at > most { most = $at } END { print most }' \
        $kind.tsv >most
    near best 1e-6 "$kind: the best area is kept" "$(cat most)"
    holds "$(cat most) > 0.8" "$kind: and links are told from others"
    # the codes that are kept rank the pairs to choose by as well as that
    gan-data to-npy shown.st -n valid | gan-data npy - --name pair >pairs.st
    gan-data to-npy shown.st -n linked | gan-data npy - --name label | gan-data join pairs.st - -o valid.st
    gan-sample $kind.st -i valid.st score='dot(gather(kept, pair[0]), gather(kept, pair[1]))' 2>err |
        gan-eval auc - >out 2>>err
    value auc >found
    near found 1e-6 "$kind: gan-eval's area of them is the page's" "$(cat most)"
done
# (1,0,0), (0,1,0), (0,-1,0), (0,0,1)
worth sphere.st 'hammer(samples(stack([stack([1, 0, 0]), stack([0, 1, 0]), stack([0, -1, 0]), stack([0, 0, 1])])))' >found
near found 1e-5 "Hammer's projection" 0 0 1.5307337 0 -1.5307337 0 0 1.4142136
# the second half of a run, taken up from its checkpoint, is that of one go
# shellcheck disable=SC2086
gan-init "$latent/vgae.gan" -D nodes=80 -D features=11 $sizes -D d=4 -D hidden=8 -o one.st && cp one.st two.st
for _ in $(seq 6); do cat shown.st; done | gan-step one.st -q 2>err
for _ in 1 2; do for _ in $(seq 3); do cat shown.st; done | gan-step two.st -q 2>err; done
same one.st two.st 'a graph goes on where it was left'

# --- recipes ---
quiet "$latent/vgae.sh" --small links --steps 3 && quiet "$latent/vgae.sh" --small links --steps 6 &&
    left links table.tsv normal.png sphere.png normal-map.png sphere-map.png && [ "$(step_of links/sphere-2.st)" = 6 ]
check $? 'vgae.sh leaves its table and pictures, and goes on'
quiet "$latent/aae.sh" --small codes --steps 4 && left codes semi.st basic.tsv && [ "$(step_of codes/basic.st)" = 4 ]
check $? 'aae.sh --small'
quiet "$latent/svae-semi.sh" --small labels --steps 4 --arms sn && left labels table.tsv sn.png sn-1.valid &&
    [ "$(step_of labels/sn-1.st)" = 4 ]
check $? 'svae-semi.sh --small'
mkdir idx
perl -e 'print pack("N4", 2051, 130, 28, 28), map { chr(int rand 256) } 1 .. 130 * 784' >idx/train-images-idx3-ubyte
perl -e 'print pack("N2", 2049, 130), map { chr($_ % 10) } 1 .. 130' >idx/train-labels-idx1-ubyte
cp idx/train-images-idx3-ubyte idx/t10k-images-idx3-ubyte
cp idx/train-labels-idx1-ubyte idx/t10k-labels-idx1-ubyte
quiet "$latent/aae.sh" idx arms --steps 1 --labels 2 -D hidden=4 \
    --arms semi,cluster16,basic,mixture,roll,regular,supervised,reduce &&
    left arms table.tsv semi.png cluster16.png basic.png mixture.png roll.png regular.png supervised.png reduce.png &&
    [ "$(wc -l <arms/table.tsv)" = 6 ]
check $? 'aae.sh: every arm'
quiet "$latent/wae.sh" idx arms-w --steps 1 --samples 50 -D nf=2 -D hidden=4 -D pretrain=0 &&
    left arms-w table.tsv vae-samples.png mmd-made-again.png gan-between.png && [ "$(wc -l <arms-w/table.tsv)" = 4 ]
check $? 'wae.sh: every arm'
finish
