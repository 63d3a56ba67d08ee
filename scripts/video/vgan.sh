#!/bin/sh
# vgan.sh [OPTION]... DATA OUT: VGAN (Vondrick et al. 2016): clips of a moving foreground before a still
# background, beside one stream and an auto-encoder with a mixture of Gaussians; the future of a picture; and
# actions told apart by what D has learnt without labels.
#
# DATA is a folder of videos, whose sub-folders are classes if it has any; or a stream of clips, `video` U8
# [N,frames,size,size,3], with `label` or without. A tenth is kept for the test.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs; prior is the mean of the mask, or the
# distance of first frames), .gif, .png (a line for each clip), .row (its row of the table); judge.st (a classifier of
# clips); of two and frame ARM-units.png (a line for each of eight units of D's third convolution, or of the
# encoder's: the test clips that it fires at most, bright where it does, as in the paper's figure 6); of two
# two-parts.png (clips above f, m, m f and b of the same latents); of frame frame.png (test clips above what was
# made of their first frames); actions.tsv (accuracy of vgan-actions.gan from a trained D and from nothing, by
# the part of the labels, and of a linear classifier); gam.tsv (D of two and of one on each other's clips);
# table.tsv. Arms may be played at once into one folder. Run it again to go on. preferences.sh makes pairs of
# clips of two arms for people to choose from.
#   --arms LIST       of two, one, clip, frame, actions (all)
#   --size N          pixels a side: 16, 32 or 64 (64)
#   --stride N        a clip takes each Nth frame of a video (1)
#   --hop N           clips of a video begin N frames apart (if not given, no frame is in two)
#   --fps N           a video has N frames a second, 25 in the paper (if not given, as many as it has)
#   --stabilise       the camera of videos is held still, as in the paper; clips where it cannot be are left out
#   --batch N         clips of a minibatch (64)
#   --epochs N        passes over the data (100)
#   --steps N         play no more than N steps
#   --samples N       clips to judge by (256)
#   --mixture N       Gaussians of the auto-encoder's codes (256)
#   --parts LIST      train actions on one in so many labelled clips (1,2,4,8)
#   --judge FILE      checkpoint of c3d.gan, i3d.gan or classifier3d.gan to judge by; if not given one of
#                     classifier3d.gan is taught the data's labels
#   -D NAME=VALUE     option of vgan.gan
#   --small           clips made on the spot, 16 frames of 16x16, small nets; arms are two and one: five minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/clips.inc
. "$pages/lib/clips.inc"
arms='' size=64 batch=64 mixture=256 parts=1,2,4,8 judge='' stride='' hop='' fps='' stabilise=''
data_is=any small_decides='epochs size batch judge stride hop fps stabilise' free="$free mixture parts "
check_own() {
    case $size in 16 | 32 | 64) ;; *) usage "--size: expected 16, 32 or 64, found '$size'" ;; esac
    each_of --arms "${arms:-two}" two one clip frame actions
    case ,$parts, in *,,*) usage "--parts: expected numbers between commas, found '$parts'" ;; esac
    for part in $(echo "$parts" | tr , ' '); do number --parts "$part" 1; done
}
recipe_options "$@"
arms=$(echo "${arms:-$([ -n "$small" ] && echo two,one || echo two,one,clip,frame,actions)}" | tr , ' ')
count=${samples:-256}

# ---- data ----

shrunk=''
if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make scenes -n 2000 --seed 1
    make_file "$out/test.st" gan-data make scenes -n 512 --seed 2
    for o in size=16 frames=16 logits=1 nf=32 nf_D=16 halvings_D=3 nz=50 deviation=0.02 rate=0.0004 rate_G=0.001 noise=0.1 lambda=1; do
        shrunk="$shrunk -D $o"
    done
    size=16 batch=32 all=1500
else
    clip_data "$size" $((size / 2))
    for part in $(echo "$parts" | tr , ' '); do
        [ "$part" -le "$(samples_in "$out/data.st")" ] || die "--parts: $part of $(samples_in "$out/data.st") clips are none"
    done
    all=$(passes 100 "$batch")
fi
# shellcheck disable=SC2046 # several words
set -- $(clip_axes "$out/data.st")
frames=$1 size=$2 scale=$(((63 + $2) / $2))
define="$shrunk -D frames=$frames$define"
classes=$(gan-data info -s "$out/data.st" | awk '$1 == "label" { print $(NF - 1) + 1 }')
[ -z "$classes$judge" ] || clip_judge

# ---- games ----

# page_of ARM: the options that make it
page_of() {
    case $1 in
    one) echo '-D streams=1' ;;
    clip) echo '-D from=clip' ;;
    frame) echo "-D from=frame -D lambda=10${small:+ -D nf=32 -D nf_D=16}" ;;
    esac
}

# row ARM CLIPS [MASKS]: ARM.row, of table.tsv
row() {
    score=- distance=-
    [ -z "$judge" ] || clip_scores "$2"
    gan-eval flicker "$2" ${3:+"$3"} >"$out/$1.judged"
    {
        figures '%s\t%s\t%.4f' "$1" "$(steps_played "$out/$1.st")" "$(figure flicker <"$out/$1.judged")"
        if [ $# = 3 ]; then
            figures '\t%.3f\t%.2f' "$(figure flicker.mask <"$out/$1.judged")" "$(figure flicker.ratio <"$out/$1.judged")"
        else printf '\t-\t-'; fi
        printf '\t%s\t%s\n' "$score" "$distance"
    } >"$out/$1.row.part"
    mv "$out/$1.row.part" "$out/$1.row"
    rm "$out/$1.judged"
}

# clips_of ARM: clips of it and their masks
clips_of() {
    case $1 in
    two) gan-sample "$out/two.st" -n "$count" --seed 7 'video=made[0]' mask=m ;;
    one) gan-sample "$out/one.st" -n "$count" --seed 7 'video=made[0]' ;;
    frame) gan-sample "$out/frame.st" -i "$out/few.st" 'video=made[0]' mask=m ;;
    clip) # of codes that are drawn as those of the data lie
        for set in data test; do
            gan-sample "$out/clip.st" -i "$out/$set.st" 'code=E(x)' >"$out/clip.$set-codes"
        done
        gan-eval mixture "$out/clip.data-codes" "$out/clip.test-codes" -t code \
            -k "$(at_most "$mixture" $(($(samples_in "$out/data.st") / 4 + 1)))" --seed "$seed" \
            --samples "$out/clip.codes" -n "$count" >"$out/clip.mixture.tsv"
        gan-sample "$out/clip.st" -i "$out/clip.codes" 'video=G(code)[0]' 'mask=G(code)[1]'
        rm "$out"/clip.*codes ;;
    esac
}

# units_of ARM: what units of the third layer, the last where there are fewer, fire at: a line each
units_of() {
    case $size in 16) layer=2 ;; *) layer=3 ;; esac
    [ "$1" = frame ] || layer=$(at_most 3 "$(setting halvings_D $layer)")
    gan-sample "$out/$1.st" -i "$out/test.st" score="max(units(x, $layer), [0, 1, 2])" |
        gan-eval top - -k 8 >"$out/units.tsv"
    for unit in 0 1 2 3 4 5 6 7; do
        awk -F'\t' -v unit="column=$unit" '$3 == unit { sub(/.*=/, "", $5); print $5 }' "$out/units.tsv" >"$out/units.rows"
        # bright where it is half as active as it ever is
        bar=$(awk -F'\t' -v unit="column=$unit" '$3 == unit && $4 == "rank=1" { print $2 / 2 }' "$out/units.tsv")
        gan-data pick "$out/test.st" --rows "$out/units.rows" | gan-data join -- -:video |
            gan-sample "$out/$1.st" -i - --float "image=fires(x, map, $bar)
                where map = units(x, $layer)[0..-1, 0..-1, 0..-1, $unit..$unit]"
    done | gan-data sheet --columns 8 -n 64 --gap 1 --scale "$scale" -o "$out/$1-units.png"
    rm "$out/units.tsv" "$out/units.rows"
}

# looked_at ARM: pictures and figures of its own
looked_at() {
    case $1 in
    two)
        units_of two
        for part in 'made[0]' f '2*m - 1 + 0*f' mf b; do gan-sample "$out/two.st" -n 2 --seed 7 "video=$part"; done |
            clip_sheet "$out/two-parts.png" "$frames" 10 ;;
    frame)
        units_of frame
        for n in 0 1 2 3; do
            for file in few frame.clips; do gan-data pick "$out/$file.st" --rows $n | gan-data join -- -:video; done
        done | clip_sheet "$out/frame.png" "$frames" 8
        first_frames "$out/frame.st" "$out/few.st" off ;;
    clip)
        gan-sample "$out/clip.st" -i "$out/test.st" 'video=made[0]' >"$out/again.st"
        figures 'reconstructed test clips: squared error %.5f, ' "$(gan-eval mse "$out/test.st" "$out/again.st" | figure mse)"
        figures 'log-likelihood of their codes %.1f\n' "$(figure mixture <"$out/clip.mixture.tsv")"
        rm "$out/again.st" ;;
    esac
}

# play_game ARM
play_game() {
    # shellcheck disable=SC2046 # several words
    start_run "$out/$1.st" "$here/vgan.gan" $(page_of "$1")
    train "$out/$1.st" "$out/data.st" "$batch" "$all" 50
    clips_of "$1" >"$out/$1.clips.st"
    clip_sheet "$out/$1.png" "$frames" 8 <"$out/$1.clips.st"
    gan-data movie "$out/$1.clips.st" --name video --scale "$scale" -o "$out/$1.gif"
    if [ "$1" = one ]; then row one "$out/one.clips.st"
    else row "$1" "$out/$1.clips.st" "$out/$1.clips.st"; fi
    looked_at "$1"
}

# ---- actions ----

# accuracy RUN: of vgan-actions.gan on test clips
accuracy() { gan-sample "$1" -i "$out/test.st" logits=logits | gan-eval accuracy - 2>/dev/null | figure accuracy; }

# learn NAME PART [FROM]: vgan-actions.gan on one in PART of the labelled clips
learn() {
    learner=$out/actions-$1-$2.st
    # shellcheck disable=SC2086 # several words
    [ -s "$learner" ] || gan-init "$here/vgan-actions.gan" $action_options ${3:+--from "D=$3"} --seed "$seed" -o "$learner"
    train "$learner" "$out/labelled-$2.st" "$(at_most "$(samples_in "$out/labelled-$2.st")" "$batch")" "$lessons_all" 50
    accuracy "$learner"
}

play_actions() {
    [ -n "$classes" ] || die "$out/data.st: actions need labels"
    [ -s "$out/two.st" ] || die "actions: play two first"
    action_options="-D size=$size -D frames=$frames -D channels=$(setting channels 3) -D classes=$classes -D nf=$(setting nf_D "$(setting nf 64)")"
    case $size in 16) halvings=2 ;; 32) halvings=3 ;; *) halvings=4 ;; esac
    action_options="$action_options -D halvings_D=$(setting halvings_D $halvings)"
    action_options="$action_options -D deviation=$(setting deviation 0.01)"
    lessons_all=$([ -n "$small" ] && echo 200 || echo 1000)
    printf 'labelled clips\tfine-tuned\tfrom nothing\tlinear on features\tlinear on random ones\n' >"$out/actions.part"
    for part in $(echo "$parts" | tr , ' '); do
        n=$(($(samples_in "$out/data.st") / part))
        make_file "$out/labelled-$part.st" gan-data head --shuffle --seed "$seed" -n "$n" "$out/data.st"
        printf '%s\t%.3f\t%.3f' "$n" "$(learn tuned "$part" "$out/two.st")" "$(learn new "$part")" >>"$out/actions.part"
        for from in "$out/two.st" ''; do
            # shellcheck disable=SC2086 # several words
            gan-init "$here/vgan-actions.gan" $action_options ${from:+--from "D=$from"} --seed "$seed" -o "$out/probe.st"
            for set in "labelled-$part" test; do
                gan-sample "$out/probe.st" -i "$out/$set.st" feature=feature >"$out/$set.features"
            done
            figures '\t%.3f' "$(gan-eval logistic "$out/labelled-$part.features" "$out/test.features" -c 0.01 2>/dev/null |
                figure logistic.accuracy)" >>"$out/actions.part"
            rm "$out"/*.features "$out/probe.st"
        done
        echo >>"$out/actions.part"
    done
    mv "$out/actions.part" "$out/actions.tsv"
    cat "$out/actions.tsv"
}

# ---- all of them ----

make_file "$out/few.st" gan-data head --shuffle -n "$count" "$out/test.st"
for arm in $arms; do
    if [ "$arm" = actions ]; then play_actions
    else play_game "$arm"; fi
done
if [ -s "$out/two.clips.st" ] && [ -s "$out/one.clips.st" ]; then
    for d in two one; do
        for of in test two.clips one.clips; do
            gan-sample "$out/$d.st" -i "$out/$of.st" 'logits=D(x)' >"$out/$d-$of.logits"
        done
    done
    gan-eval gam "$out/two-test.logits" "$out/one-test.logits" "$out/two-one.clips.logits" "$out/one-two.clips.logits" \
        --own-first "$out/two-two.clips.logits" --own-second "$out/one-one.clips.logits" >"$out/gam.tsv"
    rm "$out"/*.logits
    figures 'D of two and of one on each other: errors %s on test clips, %s on samples, winner %s\n' \
        "$(figure gam.test <"$out/gam.tsv")" "$(figure gam.samples <"$out/gam.tsv")" "$(figure gam.winner <"$out/gam.tsv")"
fi
{
    printf 'arm\tsteps\tflicker\tmask\twhere it moves / elsewhere\tinception score\tFrechet distance\n'
    for arm in two one clip frame; do [ ! -s "$out/$arm.row" ] || cat "$out/$arm.row"; done
} >"$out/table.tsv.part"
mv "$out/table.tsv.part" "$out/table.tsv"
cat "$out/table.tsv"
if [ -n "$small" ]; then
    echo "to look for, of two: half the flicker of one at most, mask below 0.3, ratio above 1.5, twice the score of one"
fi
