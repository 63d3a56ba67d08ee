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
for kind in past2:past=2 past0:past=0 coarse:coarse=1 'window:window=2 -D nz=1 -D past=1'; do
    run=${kind%%:*}
    # shellcheck disable=SC2086 # several words
    page "$run.st" vid2vid $small -D ${kind#*:} && gan-data batch clips.st --size 2 | quiet gan-step "$run.st" --log "$run.tsv" --log-every 1 &&
        [ "$(step_of "$run.st")" = 3 ]
    check $? "a game with ${kind#*:}"
done
holds "$(last past2.tsv flicker_real) < 0.02 && $(last past2.tsv flicker) > 2 * $(last past2.tsv flicker_real)" \
    "true films are nearer to their moved frames than made ones"
holds "$(last past2.tsv flows) > 0 && $(last past0.tsv flows) == 0" "frames by themselves have no flow"
# one pixel to the right in each frame, and the same down in every second one
flows=$(perl -e 'print join ",", map { my $t = $_; map { (1, $t % 2) } 1 .. 256 } 0 .. 3')
frame steady.st "video:F32:1,5,16,16,3:0*3840" "segment:F32:1,5,16,16:0*1280" "flow:F32:1,4,16,16,2:$flows"
over() { gan-sample past2.st -i steady.st value="mean(flow_over(0*x[0, 0, 0, 0] + $1, $2), [0, 1])" 2>err | gan-data to-npy -n value | tail -c +129 | od -An -v -w4 -t f4; }
{ over 1 1; over 0 2; over 1 3; } >found
near found 1e-5 "flows over one, two and three frames" 1 1 2 1 3 2
gan-sample past2.st -i clips.st value='max(maximum(abs(made) - 1, 0)) + 0*x[0, 0, 0, 0]' 2>err | gan-data to-npy -n value | tail -c +129 | od -An -v -w4 -t f4 | sort -u >found
near found 1e-6 "frames stay in range" 0

recipe vid2vid --small glide --steps 1 --samples 4 -D nf=2 -D nf_D=2 && left glide film.png frames.png film.gif &&
    [ "$(cut -f1 glide/table.tsv | tr '\n' ,)" = 'arm,film,frames,true films,' ]
check $? "vid2vid"
recipe vid2vid --small glide --steps 2 --samples 4 -D nf=2 -D nf_D=2 && [ "$(step_of glide/frames.st)" = 2 ]
check $? "goes on"
mkdir clips && cp clips.st clips/train.st && cp clips.st clips/test.st
recipe vid2vid clips films --arms coarse --epochs 1 --steps 2 -D nf=4 -D downs=1 -D blocks=1 -D nf_D=2 -D layers=1 && left films coarse.gif
check $? "streams of clips"
finish
