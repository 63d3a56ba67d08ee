#!/bin/sh
# Pictures from pictures: CycleGAN's pool of past pictures, which a checkpoint keeps, its costs, and cuts that
# pairs share; pix2pix; and the recipe in a tiny version. SPADE is in spade.t.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
tiny='-D nf=2 -D nf_D=2 -D layers=1 -D blocks=1'

# --- options ---
# shellcheck disable=SC2086 # several words
for halvings in 1 2 3; do
    gan-init cyclegan.gan $tiny -D net=unet -D size=24 -D downs=$halvings --plan --batch 1 2>err | awk '$1 == "G" && $2 == "total" { print $3 }'
done >found
[ "$(sort -gu found | wc -l)" = 3 ]
check $? "a U-Net of as many halvings as were asked for"
gan-init pix2pix.gan $tiny -D size=34 -o run.st 2>err
check $? "of a side that is halved once"
# refused_page PATTERN PAGE OPTION...: in a line
refused_page() {
    pattern=$1
    shift
    gan-init "$@" -o none.st >out 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q "$pattern" err && [ ! -e none.st ]
    check $? "$*"
}
refused_page 'option downs must be from 1 to 3, found 4' pix2pix.gan -D size=24 -D downs=4
refused_page 'option identity must be from 0 to 0, found 1' cyclegan.gan -D channels_y=1 -D identity=1
refused_page 'option strides must be from 1 to 1, found 2' vid2vid.gan -D frames=3 -D strides=2
refused_page 'option entropy must be from 0 on, found -1' graphsgan.gan -D entropy=-1
gan-init vid2vid.gan -D frames=2 --plan >out 2>err && gan-init graphsgan.gan -D width=0.001 --plan >out 2>err
check $? "the shortest clips, the narrowest layers"

# --- cuts ---
cat >cut.gan <<'P'
data a: image[12, 12, 1]
data b: other[12, 12, 1]
param w = 0
use "blocks/crop.gan"
let at = places([12, 12], [8, 8]), u = cut(a, at, [8, 8]), v = cut(b, at, [8, 8])
player w: sgd(0.1) minimizes w^2
    log apart = mean(abs(u - v)), far = max(max(max(abs(u - u[0..7, 0..7]), 0), 0)), varied = mean(abs(u - batchmean(u)))
sample u
P
many=$(yes "$(seq -s, 0 143)" | head -64 | paste -sd, -)
frame cut.st image:U8:64,12,12,1:"$many" other:U8:64,12,12,1:"$many"
gan-init cut.gan -o run.st 2>err && gan-data batch cut.st --size 64 | quiet gan-step run.st --log cut.tsv --log-every 1
check $? "a game of cut pictures"
[ "$(last cut.tsv apart)" = 0 ] && awk -v x="$(last cut.tsv varied)" 'BEGIN { exit !(x > 0.01) }'
check $? "pairs are cut at the same places, which differ from pair to pair"
gan-data head -n 1 cut.st | gan-sample run.st value='u*127.5 + 127.5' --float | gan-data to-npy -n value | tail -c +129 |
    od -An -v -w4 -t f4 | awk 'NR == 1 || NR == 64' >found
near found 1e-3 "while sampling the middle is taken" 26 117

# --- CycleGAN's costs and pool ---
gan-data make shapes -n 4 --size 8 | gan-data join -o few.st -- -:image
gan-data make shapes -n 4 --size 8 --seed 5 | gan-data join -o pairs.st -- few.st -:other=image
for pool in 0 6; do
    # shellcheck disable=SC2086 # several words
    page pool$pool.st cyclegan -D size=8 $tiny -D rate=0 -D pool=$pool
done
while cat pairs.st 2>/dev/null; do :; done | quiet gan-step pool0.st -n 1 --log pool0.tsv --log-every 1
values_of() { gan-sample "$1" -i pairs.st value="$2 + 0*x[0, 0, 0]" 2>err | gan-data to-table --bare -n value | head -1; }
values_of pool0.st 'mean((D(G(x)) - 1)^2) + mean((E(F(y)) - 1)^2) + 10*(mean(abs(F(G(x)) - x)) + mean(abs(G(F(y)) - y))) + 5*(mean(abs(G(y) - y)) + mean(abs(F(x) - x)))' >found
near found 1e-5 "the cost of G and F" "$(last pool0.tsv G)"
values_of pool0.st '(mean((D(y) - 1)^2) + mean(D(G(x))^2) + mean((E(x) - 1)^2) + mean(E(F(y))^2)) / 2' >found
near found 1e-5 "the cost of D and E" "$(last pool0.tsv D)"
play() { while cat pairs.st 2>/dev/null; do :; done | quiet gan-step "$1" -q --until "$2" --log pool.tsv --log-every 1; }
play pool6.st 1
values_of pool6.st 'filled + max(abs(gather(pool_y, range(4)) - unbatch(G(x)))) + max(abs(gather(pool_y, range(2) + 4)))' >found
near found 1e-6 "pictures fill the pool" 4
cp pool6.st halved.st
play pool6.st 9
play halved.st 5
play halved.st 9
same pool6.st halved.st "a checkpoint keeps it, and goes on to the bit"
values_of pool6.st 'filled + max(min(sqdist(samples(view(pool_x, 6, 192)), view(unbatch(F(y)), 4, 192)), -1))' >found
near found 1e-4 "it holds what was made" 6

# --- the rate falls to 0, and nothing moves then ---
# shellcheck disable=SC2086 # several words
page fall.st cyclegan -D size=8 $tiny -D constant=1 -D falling=2 -D pool=0
play fall.st 3
gan-sample fall.st -i pairs.st 'G(x)' >third.st
play fall.st 5
gan-sample fall.st -i pairs.st 'G(x)' >fifth.st
same third.st fifth.st "the rate falls to 0"

# --- points of two rings ---
recipe rings rings --steps 20 --seeds 1 -D nf=8 && left rings rings-1.png && [ "$(cut -f1 rings/rings-1.figures | tr '\n' ' ')" = 'there back modes.captured modes.quality modes.kl ' ]
check $? "rings"
gan-sample rings/rings-1.st -i rings/both.st miss='max(abs(straight(scale * turned(other, turn)) - other), 0)' 2>err | gan-data info -s - | awk '$1 == "miss" { exit !($NF < 1e-5) }'
check $? "straight takes back what made y of the other ring"

# --- the recipe ---
recipe cyclegan --small cycle --steps 4 --samples 40 -D nf=2 -D nf_D=2 &&
    left cycle cycle.png cycle-back.png gan.png pix2pix.png && [ "$(step_of cycle/cycle.st)" = 4 ] &&
    [ "$(cut -f1 cycle/table.tsv | tr '\n' ' ')" = 'arm cycle gan pix2pix ' ]
check $? "cyclegan"
recipe cyclegan --small cycle --steps 6 --samples 40 -D nf=2 -D nf_D=2 && [ "$(step_of cycle/pix2pix.st)" = 6 ]
check $? "goes on"
mkdir set
recipe cyclegan --small straight --arms cycle --steps 6 --samples 40 -D nf=2 -D nf_D=2
same cycle/cycle.st straight/cycle.st "to the bit, with two streams"
for k in A B; do gan-data make shapes -n 24 --size 24 --seed ${#k} | gan-data export "set/train$k" 2>/dev/null; done
recipe cyclegan set kinds --size 16 --epochs 1 --steps 3 $tiny && left kinds cycle.png && [ "$(step_of kinds/cycle.st)" = 3 ]
check $? "two folders of pictures"
cp -r set uneven && mv uneven/trainB/000003.png uneven/trainB/other.png
recipe cyclegan uneven kinds3 --paired --size 16 $tiny
[ $? = 1 ] && [ "$(cat err)" = "cyclegan.sh: 000003 is in one of uneven/trainA and uneven/trainB only" ]
check $? "pairs have names in common"
cp -r set order && for k in A B; do
    mv order/train$k/000003.png order/train$k/000002.k.png
done && mv order/trainB/000002.png order/trainB/000002.jpg && mv order/trainB/000002.k.png order/trainB/000002.k.jpg
recipe cyclegan order kinds4 --paired --size 16 $tiny
[ $? = 1 ] && grep -q 'come in different orders' err
check $? "and come in one order"
cp -r set cut && head -c 40 set/trainB/000003.png >cut/trainB/000003.png
recipe cyclegan cut kinds5 --paired --size 16 $tiny
[ $? = 1 ] && grep -q '000003.png' err
check $? "none of them may be damaged, or others would meet"
cp -r set lone && mkdir lone/testA && cp set/trainA/000003.png lone/testA
recipe cyclegan lone kinds6 --paired --size 16 $tiny
[ $? = 1 ] && [ "$(cat err)" = "cyclegan.sh: lone: has one of the folders testA and testB only" ]
check $? "and are tested by pairs, or not at all"
recipe cyclegan set kinds --size 16 --epochs 2 --steps 3 $tiny
[ $? = 1 ] && grep -q 'take another OUT' err
check $? "a game whose rate falls does not go on for longer"
declines() { # declines TEXT NAME OPTION...: wrong usage
    text=$1 name=$2
    shift 2
    recipe cyclegan set wrong --size 16 $tiny "$@"
    [ $? = 2 ] && grep -q -e "$text" err
    check $? "$name"
}
declines 'pix2pix learns from pairs: --paired' "pix2pix wants pairs" --arms pix2pix,cycle
declines '-D cycle=3: cyclegan.sh chooses cycle itself' "an arm is what it is called" --arms gan -D cycle=3
recipe cyclegan set wrong --size 16 --batch 25 $tiny
[ $? = 1 ] && grep -q 'a minibatch needs 25' err
check $? "a minibatch larger than the data"
mkdir halves
{
    printf 'P5 16 16 255\n'
    for i in $(seq 16); do printf '\000\000\000\000\000\000\000\000\377\377\377\377\377\377\377\377'; done
} >halves/00.pgm
for i in $(seq 10 30); do cp halves/00.pgm "halves/$i.pgm"; done
recipe cyclegan halves lines --lines --size 16 --epochs 1 --steps 3 $tiny &&
    left lines cycle.png pix2pix.png && [ "$(step_of lines/cycle.st)" = 3 ]
check $? "line drawings"
is "$(values lines/testB.st image C | cut -d ' ' -f1-16)" '255 255 255 255 255 207 0 0 255 255 255 255 255 255 255 255' \
    "are dark where a picture is darker than what is around it"
finish
