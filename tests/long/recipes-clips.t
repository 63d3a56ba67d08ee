#!/bin/sh
# The recipes of clips, all their arms in tiny versions, and films of a camera that shakes.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

for at in 2 3; do
    recipe vgan --small vgan --steps $at --samples 16 --arms two,one,clip,frame,actions --parts 8 --mixture 2 &&
        [ "$(step_of vgan/two.st)" = $at ] && [ "$(step_of vgan/actions-tuned-8.st)" = $at ] && [ "$(wc -l <vgan/table.tsv)" = 5 ] &&
        grep -q '^reconstructed test clips: squared error 0\.' out && grep -q '^first frame .*: off by' out &&
        grep -q '^gam.winner' vgan/gam.tsv && left vgan clip.gif frame.png actions.tsv
    check $? "vgan, $at steps"
done
recipe mocogan --small mocogan --steps 2 --samples 16 --arms redrawn,blind,motion,frame-blind,info,picture,vgan,tgan &&
    left mocogan motion-course.png picture.png tgan.gif && [ "$(wc -l <mocogan/table.tsv)" = 10 ]
check $? "mocogan"
gan-data make hues -n 40 -o hues.st
for at in 2 3; do
    recipe mocogan hues.st apart --steps $at --samples 16 --width 2 --batch 4 --images 6 --arms moco -D nc=4 &&
        [ "$(step_of apart/moco.st)" = $at ]
    check $? "with frames in minibatches of their own, $at steps"
done
gan-data make movers -n 120 -o movers.st
looks='--size 16 --batch 8 --every 2 --samples 40 --sets 1 --steps 2 -D nf=2'
# shellcheck disable=SC2086 # several words
{
    recipe tgan movers.st tgan $looks -D nf_G=2 -D nf_T=2 -D nz=4 --arms none,gan,frame,3d,3d-gan,classes &&
        left tgan 3d.gif classes.png estimates.png && [ "$(wc -l <tgan/result.tsv)" = 7 ]
    check $? "tgan"
    recipe tganv2 movers.st tganv2 $looks -D nf_D=2 -D nz=4 --arms naive,s4,single,still &&
        left tganv2 still.gif levels.png && [ "$(cut -f1 tganv2/levels.tsv | tail -1)" = s4 ]
    check $? "tganv2"
    for host in tgan mocogan; do
        recipe latentode movers.st "path-$host" $looks --host $host --arms original,ode,ode2,ode3,sde,two,equal &&
            left "path-$host" ode3-long.gif futures.png && [ "$(wc -l <"path-$host/times.tsv")" = 6 ]
        check $? "latentode in $host"
    done
}
if ! ffmpeg -hide_banner -filters 2>err | grep -q vidstabdetect; then
    skip "films of a camera that shakes" "no ffmpeg with vidstabdetect here"
    finish
fi
mkdir films
for seed in 1 2 3 4 5; do
    perl -e 'srand(shift); print map { chr rand 256 } 1 .. 24 * 32' $seed >still.raw
    ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt gray -s 32x24 -i still.raw -r 20 \
        -vf "scale=256:192:flags=bicubic,loop=39:1,crop=160:120:x='48+9*sin(n*0.7)':y='36+7*cos(1.1*n)'" -r 20 -c:v ffv1 films/$seed.mkv 2>>err
done
recipe vgan films shaky --size 16 --arms one --batch 4 --samples 4 --steps 1 -D nf=2 -D nz=4 --fps 10 &&
    recipe vgan films still --size 16 --arms one --batch 4 --samples 4 --steps 1 -D nf=2 -D nz=4 --fps 10 --stabilise
check $? "vgan of films"
for out in shaky still; do
    gan-data cat $out/data.st $out/test.st >$out.st
    gan-eval flicker $out.st 2>>err | sed -n '2s/^flicker	\([^	]*\).*/\1/p'
done | tr '\n' ' ' >flicker
[ "$(gan-data info still.st | sed -n '1s/.* \([0-9]*\) samples.*/\1/p')" = 10 ] &&
    awk '{ exit !($2 > 0 && $2 < $1 / 2) }' flicker
check $? "held still, at the rate asked for"
finish
