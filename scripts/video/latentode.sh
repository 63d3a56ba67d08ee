#!/bin/sh
# latentode.sh [OPTION]... DATA OUT: latents of frames that follow a differential equation (Gordon, Parde
# 2021) in the place of a game's own, at equal budget.
#
# DATA is a stream of clips (.st), a folder of MNIST's train-images-idx3-ubyte and labels, whose digits
# fly about two by two, or a folder of films or strips of frames, by class. Arms are original (the host's
# own), ode, ode2 and ode3 (equations of the first to the third order), sde (with noise), and two and
# equal (other networks f of ode).
# OUT receives for each arm the run (ARM.st, ARM.tsv), the checkpoint of the best inception score
# (ARM.best.st), looks (ARM-scores.tsv and .png: inception score, Frechet distance, seconds) and clips
# (ARM.png, ARM.gif; those of ARM-long from a length before the first frame to one behind the last);
# futures.png (a clip of the arm sde whose noise alone differs); result.tsv; and times.tsv (31 frames
# beside 16).
#   --host LIST       the game: tgan, mocogan or tganv2 (tgan)
#   --arms LIST       original,ode,ode2,ode3,sde,two,equal (original,ode,ode2,sde)
#   --size N          pixels a side (64; of tganv2 192)
#   --batch N         clips of a minibatch (32)
#   --steps N         play no more than N steps of each (100000)
#   --every N         steps between two looks (1000)
#   --samples N       clips to judge by (2048)
#   --sets N          sets of so many clips, which the best checkpoint is judged by in the end (10)
#   --judge FILE      checkpoint of c3d.gan, i3d.gan or classifier3d.gan to judge by; if not given one of
#                     classifier3d.gan is taught the data's labels, those of MNIST with digits that fly alone
#   -D NAME=VALUE     option of the host's page, tgan.gan, latentode.gan or tganv2.gan
#   --small           squares and discs made on the spot: twelve minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/clips.inc
. "$pages/lib/clips.inc"
host=tgan arms=original,ode,ode2,sde size='' batch=32 every=1000 sets=10 judge=''
data_is=any small_decides='size batch every judge' free="$free every sets "
check_own() {
    each_of --host "$host" tgan mocogan tganv2
    each_of --arms "$arms" original ode ode2 ode3 sde two equal
    case $host in
    # one initialisation for all arms
    tgan) host_page=tgan own='deconv -D initial=glorot' ;;
    mocogan) host_page=latentode own=gru ;;
    *) host_page=tganv2 own=convlstm ;;
    esac
    [ -n "$size" ] || if [ $host_page = tganv2 ]; then size=192; else size=64; fi
}
check_page() {
    case ,$arms, in *,sde,*) noise='-D motion=sde' ;; *) noise='' ;; esac # it has fewer options
    # shellcheck disable=SC2086 # several words
    reason=$(gan-init "$here/$host_page.gan" $noise $define 2>&1) || die "${reason#gan-init: }"
}
recipe_options "$@"

if [ -n "$small" ]; then
    toy_clips
    case $host in
    tgan) toy="-D nz=32 -D nf=16 -D depth=3 -D nf_G=16 -D nf_T=32 -D embed=128 -D rate=0.001 -D shift=0" all=1501 ;;
    mocogan)
        toy="-D nf=32 -D nf_D=16 -D nc=20 -D noise=0.2 -D noise_hidden=0 -D whole_I=1 -D deep_V=1"
        toy="$toy -D rate=0.001 -D rate_D=0.0002" all=1501 ;;
    *) toy="-D nf=16 -D nf_D=16 -D nz=32 -D rate=0.0005 -D steps=2000" all=601 batch=16 ;;
    esac
    define=" -D size=16 -D channels=1 $toy$define"
    every=250 count=${samples:-512}
    [ $host != tganv2 ] || every=100
else
    clip_data "$size" 16
    all=100000 count=${samples:-2048}
    [ $host != tganv2 ] || define=" -D s_t=4$define"
fi
clip_judge
clip_real

# begin ARM: its checkpoint
begin() {
    arm=$1
    # shellcheck disable=SC2086 # several words
    case $arm in
    original) set -- -D motion=$own ;;
    ode) set -- -D motion=ode ;;
    ode[23]) set -- -D motion=ode -D order="${arm#ode}" ;;
    sde) set -- -D motion=sde ;;
    two | equal) set -- -D motion=ode -D layers="$arm" ;;
    esac
    start_run "$out/$arm.st" "$here/$host_page.gan" "$@"
}

# doubled ARM: how far, of 2, the largest pixel of 31 frames over the same time is from that of 16
doubled() {
    for frames in 16 31; do
        gan-sample "$out/$1.best.st" -n 16 --seed 5 --float -D end=1 -D frames=$frames -D wiener=1 -o "$out/frames$frames.part"
    done
    gan-data join "$out/frames16.part" "$out/frames31.part:more=video" |
        gan-sample "$out/$1.best.st" -i - 'value=max(abs(more[0..30 step 2] - x), [0, 1, 2, 3])' |
        gan-eval moments - --tensor value --pairs 0 | figure moments.max
    rm "$out"/frames*.part
}

printf 'arm\tdistance first\tlast\tleast\tscore last\tmost\tseconds\tscore of the best\tdistance\n' >"$out/result.new"
printf 'arm\tlargest difference\n' >"$out/times.tsv"
for arm in $(echo "$arms" | tr , ' '); do
    begin "$arm"
    run_arm "$arm" "$batch" "$all" "$every"
    scores=$(arm_scores "$arm")
    last=$(arm_final "$arm" "$sets")
    printf '%s\t%s\t%s\n' "$arm" "$scores" "$last" >>"$out/result.new"
    case $arm in original) continue ;; esac
    film_strip "$out/$arm.best.st" "$out/$arm-long.png" -D frames=46 -D start=-1 -D end=2
    [ "$arm" = sde ] || printf '%s\t%s\n' "$arm" "$(doubled "$arm")" >>"$out/times.tsv"
done
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv" "$out/times.tsv"

if [ -s "$out/sde.best.st" ]; then
    for path in 1 2 3 4 5 6 7 8; do
        gan-sample "$out/sde.best.st" -n 1 --seed 7 -D wiener=$path
    done | gan-data sheet - -o "$out/futures.png"
fi
if [ -n "$small" ]; then
    echo "to look for with tgan: the score of ode and sde at least that of original at each look from step"
    echo "501 on, and 5 in the end; seconds within a tenth; frames within 0.001"
fi
