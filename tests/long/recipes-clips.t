#!/bin/sh
# The recipes of VGAN and MoCoGAN, all their arms in tiny versions.
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
finish
