#!/bin/sh
# SPADE: what its norm keeps of maps of one label each, which an instance norm washes out; labels that are
# none, and painted ones; and the recipe in a tiny version. Its networks are in counts.t and large.t.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# --- SPADE: maps of one label each ---
cat >washed.gan <<'P'
data m: segment[32, 32] in [0, 255]
use spade from "spade.gan"
let s = view(m, 32, 32, 1) == range(4)
net A(s) = s | pad(1, "edge") | conv(16, 3, padding=0, init=normal(0, 0.02)) | instancenorm(affine=0)
net B(s) = s | conv(16, 3) | spade(s)
block nearest(u) = minimum(least(u, 1), least(u, 2))
block least(u, by) = min(max(max(max(abs(u - roll(u, by, "batch")), 0), 0), 0))
# a gain and a shift a map: with kernels of 1 the map's edges are not seen
block about(u) = u - mean(u, [0, 1])
net C(h, s) = spade(h, s)
let h = normal()[32, 32, 16], g = batchnorm(h, affine=0), u = C(h, s),
    gain = mean(about(u)*about(g), [0, 1]) / mean(about(g)^2, [0, 1]), shift = mean(u, [0, 1]) - gain*mean(g, [0, 1])
player P of A, B, C: sgd(0) minimizes mean(A(s)^2) + mean(B(s)^2) + mean(u^2)
    log washed = max(max(max(max(abs(A(s)), 0), 0), 0)), kept = nearest(B(s)),
        conditional = max(max(max(max(abs(u - gain*g - shift), 0), 0), 0)), varied = max(max(abs(gain - batchmean(gain)), 0))
P
frame ones.st "segment:U8:4,32,32:0*1024,1*1024,2*1024,3*1024"
for kernel in 3 1; do
    gan-init washed.gan -D kernel=$kernel -D hidden=16 -o washed.st 2>err &&
        gan-data batch ones.st --size 4 | quiet gan-step washed.st --log washed$kernel.tsv --log-every 1
    check $? "maps of one label, kernel $kernel"
done
holds "$(last washed3.tsv washed) < 1e-4" "an instance norm washes the label of a map out"
holds "$(last washed3.tsv kept) > 1e-2" "SPADE tells all labels apart"
holds "$(last washed1.tsv conditional) < 1e-4 && $(last washed1.tsv varied) > 1e-2" "and is then a batch norm whose gain and shift depend on the label"
small='-D labels=3 -D edges=0 -D height=32 -D side=16 -D nf=2 -D nf_d=2 -D hidden=4 -D nz=4 -D doublings=3 -D perceptual=0'
# shellcheck disable=SC2086 # several words
page spade.st spade $small -D load_height=40 -D deeper=1 -D distance=1
gan-data make shapes -n 4 --size 40 | gan-data join -o shapes.st -- -:image
frame labels.st "segment:U8:4,40,40:0*1600,1*1600,2*1600,255*1600"
gan-data join shapes.st labels.st | gan-data batch --size 2 - | quiet gan-step spade.st
check $? "SPADE of cut pairs, with a layer more in D"
gan-sample spade.st -i labels.st value='sum(things(painted(m, 1, 2, 3, 4, 5)), [0, 1])' | gan-data to-npy -n value | tail -c +129 |
    od -An -v -w16 -t f4 | tr -s ' \n' ' ' >found
near found 0 "a label is painted into a map, and what is no label is one more" 1004 20 0 0 0 1024 0 0 0 20 1004 0 0 20 0 1004

for place in 4,0,0 0.5,0,0 1,40,0 1,0,40; do
    ! quiet gan-sample spade.st -i labels.st value="sum(painted(m, $place, 4, 5))" && grep -q 'in one_of' err || break
done
check $? "no label and no place that is none"
# shellcheck disable=SC2086 # several words
for option in doublings=8 match=-1 'net=plain -D join=spade' 'net=pix2pixhd -D begin=code'; do
    ! quiet gan-init "$scripts/translation/spade.gan" $small -D $option && grep -q ': option ' err || break
done
check $? "options that say nothing together are refused"
page most.st spade -D labels=3 -D height=128 -D side=16 -D nf=4 -D nf_d=2 -D hidden=4 -D nz=4 -D doublings=7 -D perceptual=0 &&
    gan-data info most.st >found && grep -q '^ *G.18.weight *F32 *\[3,2,3,3\]' found
check $? "with seven doublings the last maps are half as many"

frame things.st "instance:U8:4,40,40:$(yes "$(seq -s, 0 39)" | head -160 | paste -sd, -)"
# shellcheck disable=SC2046,SC2086 # several words
page edged.st spade $(echo "$small" | sed s,edges=0,edges=1,) -D load_height=40 -D loss=lsgan -D adversarial=0.5
gan-data join shapes.st labels.st things.st -o all.st && gan-data batch --size 2 all.st | quiet gan-step edged.st
check $? "things with edges in cut pairs"
gan-sample edged.st -i all.st value='mean(things(painted(m, 1, 2, 3, 4, 5))[0..-1, 0..-1, 4..4], [0, 1])' 2>err | gan-data to-npy -n value | tail -c +129 |
    od -An -v -w16 -t f4 | tr -s ' \n' ' ' >found
near found 1e-6 "while sampling, too: all columns are things of their own" 1 1 1 1
# shellcheck disable=SC2086 # several words
page known.st spade $small -D load_height=40 -D other=0
gan-data join shapes.st labels.st | gan-data batch --size 2 - | gan-step known.st -q 2>err
[ $? = 1 ] && grep -q '^gan-step: standard input: frame 2: segment: sample 1 holds 255, expected a label from 0 to 2$' err
check $? "a label out of range"

# --- what the recipe makes and judges by ---
page regions.st regions -D size=16 -D single=1 && gan-sample regions.st -n 8 image=picture segment=map -o pairs.st 2>err
is "$(gan-sample regions.st -n 64 one='max(max(abs(map - map[0, 0]), 0), 0)' 2>err | gan-data info -s - | awk '$1 == "one" { print $(NF - 1) }')" 0 \
    'regions.gan: maps of one label'
page judge.st segmenter -D height=16 -D width=16 -D labels=5 -D nf=4 &&
    gan-data batch pairs.st --size 8 --endless | quiet gan-step judge.st -n 60 --log judge.tsv --log-every 1
holds "$(awk 'NR == 2' judge.tsv | cut -f4) > 1.5 * $(last judge.tsv C)" 'segmenter.gan learns'

# --- the recipe ---
recipe spade --small paint --steps 2 --arms plain,style && left paint plain.png seeds.png styles.png painted.png &&
    [ "$(cut -f1 paint/table.tsv | tr '\n' ' ')" = "arm real plain style " ] && [ "$(awk '$1 == "real" { print $3 $5 }' paint/table.tsv)" = 1.0001.000 ]
check $? "spade, and real pictures are what was painted"
recipe spade --small paint --steps 3 --arms plain && [ "$(step_of paint/plain.st)" = 3 ]
check $? "goes on"
mkdir street
for part in train val; do
    gan-data make shapes -n 8 --size 32 | gan-data export street/$part 2>/dev/null
    mkdir street/${part}annot
    for k in 0 1 2 3 4 5 6 7; do { printf 'P5 32 32 255\n'; head -c 1024 /dev/zero | tr '\000' "\\00$((k % 4))"; } >street/${part}annot/00000$k; done
done
recipe spade street seen --arms spade,nolook --classes 3 --other 3 --height 32 --width 32 --steps 2 --batch 2 -D nf=2 -D nf_d=2 -D hidden=4 -D side=16 &&
    left seen spade.png && [ "$(wc -l <seen/table.tsv)" = 4 ]
check $? "folders of pictures and of their maps"
for run in content spade; do
    gan-data to-npy -n VGG.features.0.weight "seen/$run.st" >"$run.npy" 2>>err
done
[ "$(step_of seen/content.st)" = 2 ] && same content.npy spade.npy "the perceptual cost looks through what content.gan learnt, and leaves it as it is"
printf '%s\n' '255 0 0 road' '0 255 0 sky' '0 0 255 tree' '9 9 9 none' >palette.txt
recipe spade street named --arms spade --classes 3 --other 3 --palette palette.txt --index --height 32 --width 32 --steps 1 --batch 2 -D nf=2 -D nf_d=2 -D hidden=4 -D side=16 -D perceptual=0 &&
    left named spade.png && [ "$(gan-data info named/train.st --meta gan.classes.segment)" = '["road","sky","tree"]' ] &&
    gan-data images named/spade.png | gan-data to-npy -n image | tail -c +129 | od -An -v -w3 -t u1 | sort | uniq -c | sort -rn >pixels &&
    [ "$(grep -c -E ' (255   0   0|  0 255   0|  0   0 255)$' pixels)" = 3 ]
check $? "numbers with a palette: its names, and its colours in the pictures"
for part in train val; do cp -r street/${part}annot street/${part}inst; done
recipe spade street styled --arms style --classes 3 --other 3 --height 32 --width 32 --steps 1 --batch 2 -D nf=2 -D nf_d=2 -D hidden=4 -D side=16 &&
    left styled styles.png painted.png
check $? "a style and edges of things"
recipe spade street things --arms nolook --classes 3 --other 3 --height 32 --width 32 --steps 1 --batch 2 -D nf=2 -D nf_d=2 -D hidden=4 -D side=16 -D mirror=1 &&
    left things nolook.png && gan-data info things/train.st | grep -q '^  instance *U16 *\[N,32,32\]' && gan-data info things/nolook.st --meta gan.settings | grep -q edges=1
check $? "folders of numbers of things"
rm -r street/valinst
recipe spade street halved
[ $? = 1 ] && [ "$(cat err)" = "spade.sh: street/valinst: no such folder, though that of the other part is there" ]
check $? "of both parts"
rm -r street/traininst
recipe spade street odd --arms spade --classes 2 --other 3 --height 32 --width 32 --steps 2
[ $? = 1 ] && grep -q 'label 2, expected 0 to 1' err
check $? "a label that is none is an error"
mv street/trainannot/000007 street/trainannot/000008
recipe spade street lone
[ $? = 1 ] && [ "$(cat err)" = "spade.sh: 000007 is in one of street/train and street/trainannot only" ]
check $? "a picture without its map, too"
finish
