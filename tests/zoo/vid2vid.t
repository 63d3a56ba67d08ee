#!/bin/sh
# vid2vid: films of known flows, flows over several frames, what a frame is made of, and the recipe in a tiny
# version.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

page gliding.st gliding -D size=16 -D frames=5 &&
    gan-sample gliding.st -n 6 video=clip segment=maps flow=flow -o clips.st 2>err
check $? "clips, maps and flows made up by gliding.gan"
small='-D frames=5 -D height=16 -D width=16 -D labels=3 -D nf=4 -D downs=1 -D blocks=1 -D nf_D=2 -D layers=1'
for kind in past2:past=2 past0:past=0 coarse:coarse=1 scales:scales=2 'window:window=2 -D nz=1 -D past=1'; do
    run=${kind%%:*}
    # shellcheck disable=SC2086 # several words
    page "$run.st" vid2vid $small -D ${kind#*:} && gan-data batch clips.st --size 2 | quiet gan-step "$run.st" --log "$run.tsv" --log-every 1 &&
        [ "$(step_of "$run.st")" = 3 ]
    check $? "a game with ${kind#*:}"
done
holds "$(last past2.tsv flicker_real) < 0.02 && $(last past2.tsv flicker) > 2 * $(last past2.tsv flicker_real)" \
    "true films are nearer to their moved frames than made ones"
holds "$(last past2.tsv flows) > 0 && $(last past0.tsv flows) == 0" "frames by themselves have no flow"
# the first layer has halved the picture, or its half
gan-sample scales.st -i clips.st value='stack([count(r[k][0], 0) for k in 0..1]
    + [square(r, 1) - (mean((r[0][-1] - 1)^2) + mean((r[1][-1] - 1)^2))/2, matched(r, [[0*l for l in q] for q in r]) -
       (sum(stack([mean(abs(r[0][l])) for l in 0..1])) + sum(stack([mean(abs(r[1][l])) for l in 0..1])))/2]) where r = I(x[1], s[1])' 2>err |
    gan-data to-table --bare -n value >found
near found 1e-6 "patches of two scales, and their means" 8 4 0 0
page large.st gliding -D size=32 -D frames=3 && gan-sample large.st -n 4 video=clip segment=maps flow=flow -o large-clips.st 2>err
page content.st content -D height=32 -D width=32 -D labels=3 -D nf_v=2
page looks.st vid2vid -D frames=3 -D height=32 -D width=32 -D labels=3 -D nf=2 -D downs=1 -D blocks=1 -D nf_D=2 -D layers=1 -D strides=1 \
    -D perceptual=10 -D nf_v=2 --from VGG=content.st && gan-data batch large-clips.st --size 2 | quiet gan-step looks.st --log looks.tsv --log-every 1 &&
    [ "$(gan-svd looks.st -n 'VGG.*')" = "$(gan-svd content.st -n 'VGG.*')" ]
check $? "a game with a perceptual cost, whose network stays as it is"
holds "$(last looks.tsv look) > 0 && $(last past2.tsv look) == 0" "which is told"
# one pixel to the right in each frame, and the same down in every second one
flows=$(perl -e 'print join ",", map { my $t = $_; map { (1, $t % 2) } 1 .. 256 } 0 .. 3')
frame steady.st "video:F32:1,5,16,16,3:0*3840" "segment:F32:1,5,16,16:0*1280" "flow:F32:1,4,16,16,2:$flows"
over() { gan-sample past2.st -i steady.st value="mean(flow_over(0*x[0, 0, 0, 0] + $1, $2), [0, 1])" 2>err | gan-data to-table --bare -n value; }
{ over 1 1; over 0 2; over 1 3; } >found
near found 1e-5 "flows over one, two and three frames" 1 1 2 1 3 2
gan-sample past2.st -i clips.st value='max(maximum(abs(made) - 1, 0)) + 0*x[0, 0, 0, 0]' 2>err | gan-data to-table --bare -n value | sort -u >found
near found 1e-6 "frames stay in range" 0

# ---- a camera over pictures ----
# what lies on a plane is the same between four pixels as at a place; its map is halves
ramp=$(perl -e 'print join ",", map { my $y = $_; map { ($_ / 40, $y / 40, ($_ - $y) / 40) } 0 .. 35 } 0 .. 23')
halves=$(perl -e 'print join ",", map { my $y = $_; map { $_ < 18 ? 3 : 7 } 0 .. 35 } 0 .. 23')
frame plane.st "image:F32:1,24,36,3:$ramp" "segment:U8:1,24,36:$halves"
page panning.st panning -D height=16 -D width=24 -D frames=5 -D speed=1 &&
    gan-data pick plane.st --rows 0 --repeat 8 | gan-sample panning.st --seed 3 video=clip segment=maps flow=flow -o panned.st 2>err &&
    gan-sample panning.st -i plane.st --seed 3 video=clip 2>err | gan-data to-npy -n video >one.npy &&
    gan-data head -n 1 panned.st | gan-data to-npy -n video >first.npy
same one.npy first.npy "a picture's way is that of its place and seed"
page eye.st vid2vid -D frames=5 -D height=16 -D width=24 -D labels=8 -D nf=2 -D nf_D=2 -D downs=1 -D blocks=1 -D layers=1
over() { gan-sample eye.st -i panned.st value="$1 + 0*x[0, 0, 0, 0]" 2>err | gan-data to-table --bare -n value | sort -g | sed -n '1p;$p' | tr -s ' \n' ' '; }
within() { holds "$(over "$2" | awk -v low="$3" -v high="$4" '{ print ($1 >= low && $2 <= high) }') == 1" "$1"; }
within "moved by the flow, a frame is the next one, wherever both show it" \
    'max(max(max(max(seen[0..3] * abs(stack([warp(x[t], flow[t]) - x[t + 1] for t in 0..3])), 0), 0), 0), 0)' 0 1e-5
within "what came into view is little" 'mean(seen, [0, 1, 2, 3])' 0.6 1
within "and the camera moves" 'mean(abs(flow), [0, 1, 2, 3])' 0.02 2
within "maps have the picture's labels" 'mean((m - 3)*(m - 7), [0, 1, 2])' 0 0
within "at the same places" 'mean(abs((x[0..4, 0..15, 0..23, 0] > 17.5/40) - (m == 7)), [0, 1, 2])' 0 0

recipe vid2vid --small glide --steps 1 --samples 4 -D nf=2 -D nf_D=2 && left glide film.png frames.png film.gif &&
    [ "$(cut -f1 glide/table.tsv | tr '\n' ,)" = 'arm,film,frames,true films,' ]
check $? "vid2vid"
recipe vid2vid --small glide --steps 2 --samples 4 -D nf=2 -D nf_D=2 && [ "$(step_of glide/frames.st)" = 2 ]
check $? "goes on"
mkdir clips && cp clips.st clips/train.st && cp clips.st clips/test.st
mkdir street
for part in train val; do
    gan-data make shapes -n 3 --size 32 | gan-data export street/$part 2>/dev/null
    mkdir street/${part}annot
    for k in 0 1 2; do { printf 'P5 32 32 255\n'; head -c 1024 /dev/zero | tr '\000' "\00$k"; } >street/${part}annot/00000$k; done
done
recipe vid2vid street seen --arms film --classes 2 --other 2 --height 16 --width 24 --clips 2 --epochs 1 --samples 3 -D nf=2 -D downs=1 -D blocks=1 -D nf_D=2 -D layers=1 &&
    left seen film.png && [ "$(step_of seen/film.st)" = 6 ] && gan-data info seen/train.st | grep -q '^  video .*\[N,6,16,24,3\]'
check $? "pictures with maps"
recipe vid2vid --small fewer --steps 1 -D labels=2
[ $? = 1 ] && grep -q '^vid2vid.sh: fewer/train.st: label 2, expected 0 to 1$' err
check $? "fewer labels than the maps have"
recipe vid2vid street odd --classes 2 --other 3
[ $? = 1 ] && grep -q 'label 2, expected 0 to 1' err && [ "$(wc -l <err)" = 2 ]
check $? "a map that is none is told"
recipe vid2vid street small --height 20
[ $? = 2 ] && [ "$(wc -l <err)" = 1 ] && grep -q '^vid2vid.sh: --height: expected a multiple of 8, found .20.' err
check $? "sides that cannot be halved are wrong usage"
recipe vid2vid clips other --classes 3
[ $? = 2 ] && [ "$(wc -l <err)" = 1 ] && grep -q '^vid2vid.sh: --classes: clips has clips' err
check $? "options of pictures are not for clips"
recipe vid2vid clips films --arms coarse --epochs 1 --steps 2 -D nf=4 -D downs=1 -D blocks=1 -D nf_D=2 -D layers=1 && left films coarse.gif
check $? "streams of clips"
finish
