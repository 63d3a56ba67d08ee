#!/bin/sh
# heads.sh [OPTION]... DATA OUT: talking heads of people never seen, from a few frames (Zakharov, Shysheya, Burkov,
# Lempitsky 2019): does a network that was told by others' frames make a person's, before and behind fine-tuning?
#
# DATA is a folder with a folder of frames for each video, pictures of one size, and landmarks.csv, a row for each
# frame: its path, and the 68 points that a face aligner has found, in pixels, the columns x0,y0 to x67,y67.
# OUT receives meta.st (the checkpoint) and .tsv (the costs); made/ARM-EPOCHS-VIDEO.st, frames made of the landmarks of
# a video held out, EPOCHS being 0 before fine-tuning; table.tsv: mean absolute difference, SSIM, and with networks
# CSIM and the Frechet distance of what was made from the true frames; heads.png (of each of some people a true frame,
# and that by each arm); and driven.gif, the first of them with the landmarks of the second. Run it again to go on.
#   --arms LIST       of tuned, random (P and W of no one at the beginning), nomatch (a meta-learning of its own, without
#                     the match and of one frame, W of no one), plain (fine-tuned without D) (tuned,random,plain)
#   --after LIST      epochs of fine-tuning to look behind (40)
#   --shots N         frames that are shown of a person (8)
#   --test N          videos held out, the last ones (50)
#   --judged N        frames of each to judge by (32)
#   --size N          of pictures (256)
#   --of N            side of the frames as they are, of which the points are (as --size)
#   --batch N         episodes of a minibatch (48)
#   --epochs N        passes of each player over the frames (75)
#   --steps N         play no more than N steps of meta-learning
#   --vgg FILE        weights of VGG-19, which look at pictures with those of
#   --vggface FILE    VGG-16 for faces; without them the distance of pixels stands for both
#   --csim FILE       a network that knows faces, another than VGG-16, and
#   --fid FILE        Inception's: checkpoints of pages that have features by the name feature
#   -D NAME=VALUE     option of heads.gan
#   --small           made-up people of 32x32 pixels, four frames of each of ten, 800 steps: five minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=tuned,random,plain after='' shots='' test='' judged='' size='' of='' batch='' vgg='' vggface='' csim='' fid=''
small_decides='epochs shots size of batch vgg vggface' free="$free csim fid "
check_own() {
    each_of --arms "$arms" tuned random nomatch plain
    for behind in $(echo "$after" | tr , ' '); do number --after "$behind" 1; done
    [ -n "$vgg" ] || [ -z "$vggface" ] || usage "--vggface goes with --vgg"
    [ -z "$vgg" ] || [ -n "$vggface" ] || usage "--vgg goes with --vggface"
    : "${size:=$([ -n "$small" ] && echo 32 || echo 256)}"
}
recipe_options "$@"
case ,$arms, in *,nomatch,*) chosen near=0 ;; esac
if [ -n "$small" ]; then
    shots=4 batch=12
    : "${test:=10}" "${judged:=16}" "${after:=8,40}"
fi
: "${shots:=8}" "${test:=50}" "${judged:=32}" "${batch:=48}" "${after:=40}"
arms=$(echo "$arms" | tr , ' ') after=$(echo "$after" | tr , '\n' | sort -nu | paste -sd ' ' -)

# ---- frames: train.st, and test.st, of which each video has as many as are shown and judged ----

# made NAME PEOPLE FRAMES SEED: of people.gan
made() {
    gan-init "$here/people.gan" -D frames="$3" -o "$out/people.st"
    gan-sample "$out/people.st" -n "$2" --seed "$4" image='fold(film)' points='fold(points)' inside='fold(disc)' -o "$out/frames.st"
    awk -v n="$2" -v frames="$3" 'BEGIN { for (i = 0; i < n * frames; i++) print int(i / frames) }' >"$out/videos.csv"
    gan-data table "$out/videos.csv" -c label=1 -o "$out/videos.st"
    gan-data join "$out/frames.st" "$out/videos.st" | gan-data landmarks --size "$size" -o "$out/$1.st"
    rm "$out/people.st" "$out/frames.st" "$out/videos.csv" "$out/videos.st"
}
if [ -n "$small" ]; then
    [ -s "$out/train.st" ] || made train 200 80 "$seed"
    [ -s "$out/test.st" ] || made test "$test" $((shots + judged)) $((seed + 1000))
    small_own=" -D nf=16 -D most=32 -D downs=2 -D residual=2 -D attend=0 -D matched=1 -D adversarial=0.1 -D near=1"
    rates='-D rate=0.001 -D rate_d=0.002' tune_rates='-D rate=0.000333 -D rate_d=0.000667'
else
    if [ ! -s "$out/test.st" ]; then
        [ -s "$data/landmarks.csv" ] || die "$data: no landmarks.csv"
        gan-data images "$data" --labels --table "$data/landmarks.csv" -c points=x0..y67 --size "$size" |
            gan-data landmarks --size "$size" --of "${of:-$size}" -o "$out/all.st"
        videos=$(gan-data info -s "$out/all.st" | awk '$1 == "label" { print $(NF - 1) + 1 }')
        [ "$videos" -gt "$test" ] || die "$data: $videos videos, $test are to be held out (--test)"
        gan-data pick "$out/all.st" --label "0-$((videos - test - 1))" -o "$out/train.st"
        gan-data pick "$out/all.st" --label "$((videos - test))-$((videos - 1))" --balance -n $((shots + judged)) \
            --seed "$seed" -o "$out/test.st"
        rm "$out/all.st"
    fi
    small_own='' rates='' tune_rates=''
fi
videos=$(gan-data info -s "$out/train.st" | awk '$1 == "label" { print $(NF - 1) + 1 }')
if [ -n "$vgg" ]; then looks=1
else looks='' small_own="$small_own -D content=0 -D faces=0 -D distance=10"; fi
own="-D size=$size -D videos=$videos$small_own"

# ---- meta-learning ----

# learn NAME FRAMES [OPTION]...: episodes of FRAMES and one more, which is made
learn() {
    name=$1 together=$(($2 + 1))
    if [ -n "$small" ]; then all=800; else all=$(passes 75 $((batch * together)) "$out/train.st"); fi
    shift 2
    # shellcheck disable=SC2086 # several words
    [ -s "$out/$name.st" ] || gan-init "$here/heads.gan" $own $rates $define -D frames=$((together - 1)) "$@" ${looks:+--from VGG="$vgg" --from Faces="$vggface"} --seed "$seed" -o "$out/$name.st"
    train "$out/$name.st" "$out/train.st" "$batch" "$all" 50
}
learn meta "$(setting frames "$([ -n "$small" ] && echo 4 || echo 8)")"
learnt=$(steps_played "$out/meta.st")
case " $arms " in
*" nomatch "*)
    learn nomatch 1 -D near=0
    learnt="$learnt $(steps_played "$out/nomatch.st")" ;;
esac

# ---- people ----

mkdir -p "$out/made"
made_of "$out/made/by" "$learnt" "$out/made"/*.st
# shown PERSON: shots.st, what is shown of a person
shown() {
    gan-data pick "$out/test.st" --rows "$(($1 * (shots + judged)))-$(($1 * (shots + judged) + shots - 1))" \
        --frame "$shots" -o "$out/shots.st"
}
# held PERSON [FRAMES]: which rows of test.st are a person to be judged by
held() {
    held_from=$(($1 * (shots + judged) + shots))
    echo "$held_from-$((held_from + ${2:-$judged} - 1))"
}
# embedded META WEIGHT: person.st, the parameters that are one's own, of so much of the embedding
embedded() {
    gan-sample "$out/$1.st" -i "$out/shots.st" psi="P($2*batchmean(E(pictures, drawings)))" \
        w="$2*batchmean(E(pictures, drawings)) + w0" -o "$out/person.st"
}
# untold COMMAND...: what it says is of interest when it fails only
untold() { "$@" 2>"$out/said.part" || { cat "$out/said.part" >&2; exit 1; }; }
# tuning META CHECKPOINT [OPTION]...: a checkpoint of one person that goes on from META
tuning() {
    from=$1 tuned=$2
    shift 2
    # shellcheck disable=SC2086 # several words
    untold gan-init "$here/heads.gan" $own $tune_rates $define -D stage=tune --from "$out/$from.st" "$@" --seed "$seed" -o "$tuned"
}
# tell ARM EPOCHS PERSON CHECKPOINT: what it makes of the landmarks of held.st
tell() { gan-sample "$4" -i "$out/held.st" image=fake -o "$out/made/$1-$2-$3.st"; }
# feed_forward ARM PERSON: no fine-tuning, with no one's embedding, one's own, that of the next
feed_forward() {
    [ ! -s "$out/made/$1-0-$2.st" ] || return 0
    case $1 in
    nobody) shown "$2" && embedded meta 0 ;;
    forward) shown "$2" && embedded meta 1 ;;
    other) shown $((($2 + 1) % test)) && embedded meta 1 ;;
    esac
    tuning meta "$out/one.st" --from psi="$out/person.st"
    tell "$1" 0 "$2" "$out/one.st"
}
# tune ARM PERSON
tune() {
    [ ! -s "$out/made/$1-${after##* }-$2.st" ] || return 0
    one=$out/one.st
    shown "$2"
    case $1 in
    tuned) embedded meta 1 && tuning meta "$one" --from psi="$out/person.st" --from w="$out/person.st" ;;
    plain) embedded meta 1 && tuning meta "$one" --from psi="$out/person.st" -D adversarial=0 -D matched=0 ;;
    random) tuning meta "$one" ;;
    nomatch) embedded nomatch 1 && tuning nomatch "$one" --from psi="$out/person.st" ;;
    esac
    at_once=$(at_most "$shots" 8)
    for epochs in $after; do
        gan-data batch "$out/shots.st" --size "$at_once" --shuffle --seed "$seed" --endless --drop-last --from "$one" |
            untold gan-step "$one" -q --until $((epochs * (shots / at_once)))
        tell "$1" "$epochs" "$2" "$one"
    done
    [ "$1$2" != tuned0 ] || cp "$one" "$out/first.st"
}
person=0 rows=''
while [ $person -lt "$test" ]; do
    rows=$rows${rows:+,}$(held $person)
    gan-data pick "$out/test.st" --rows "$(held $person)" -o "$out/held.st"
    for arm in nobody forward other; do feed_forward $arm $person; done
    for arm in $arms; do tune "$arm" $person; done
    person=$((person + 1))
done

# ---- figures ----

gan-data pick "$out/test.st" --rows "$rows" -o "$out/true.st"
# all_of ARM EPOCHS: everybody's frames, in the order of true.st
all_of() {
    person=0
    while [ $person -lt "$test" ]; do
        cat "$out/made/$1-$2-$person.st"
        person=$((person + 1))
    done >"$out/all.st"
}
# row ARM EPOCHS
row() {
    all_of "$1" "$2"
    figures '%s\t%s\t%.4f\t%.3f' "$1" "$2" "$(gan-eval mae "$out/true.st" "$out/all.st" | figure mae)" \
        "$(gan-eval ssim "$out/true.st" "$out/all.st" | figure ssim)"
    [ -z "$csim" ] || figures '\t%.3f' "$(gan-eval csim "$out/true.st" "$out/all.st" --net "$csim" | figure csim)"
    [ -z "$fid" ] || figures '\t%.1f' "$(gan-eval fid "$out/true.st" "$out/all.st" --net "$fid" | figure fid)"
    echo
}
looks="nobody-0 forward-0 other-0"
for arm in $arms; do for epochs in $after; do looks="$looks $arm-$epochs"; done; done
{
    printf 'arm\tepochs\tdifference\tSSIM%s%s\n' "${csim:+	CSIM}" "${fid:+	Frechet distance}"
    for look in $looks; do row "${look%-*}" "${look#*-}"; done
} >"$out/table.part"
mv "$out/table.part" "$out/table.tsv"
cat "$out/table.tsv"

# ---- pictures ----

few=$(at_most 6 "$test") person=0
while [ $person -lt "$few" ]; do
    gan-data pick "$out/test.st" --rows "$(held $person 1)" | gan-data join -- -:image
    for look in $looks; do gan-data pick "$out/made/$look-$person.st" --rows 0; done
    person=$((person + 1))
done | gan-data sheet -c $(($(echo "$looks" | wc -w) + 1)) -n 1000 -o "$out/heads.png"
if [ -s "$out/first.st" ] && [ "$test" -gt 1 ]; then
    gan-data pick "$out/test.st" --rows "$(held 1)" | gan-sample "$out/first.st" image=fake |
        gan-data movie --scale 4 -o "$out/driven.gif"
fi

if [ -n "$small" ]; then
    # what another's embedding changes, of pixels on the disc and beside it
    all_of forward 0
    gan-data join "$out/all.st:mine=image" -o "$out/mine.part"
    all_of other 0
    apart='mean(abs(mine - theirs), -1)'
    gan-data join "$out/true.st:inside" "$out/mine.part" "$out/all.st:theirs=image" |
        gan-sample "$out/meta.st" on="sum(inside*$apart, [0, 1]) / sum(inside, [0, 1])" \
            beside="sum((1 - inside)*$apart, [0, 1]) / sum(1 - inside, [0, 1])" -o "$out/changed.part"
    gan-data info -s "$out/changed.part" | awk '$1 == "on" { on = $NF } $1 == "beside" { beside = $NF }
        END { printf "changed by another person'"'"'s embedding, on the disc : beside it\t%.1f\n", on / beside }' | tee "$out/changed.tsv"
    echo "to look for: forward 0.8 of nobody at most; tuned, behind 40 epochs, half of forward; random, behind 8, 1.3 times tuned; a change of 2"
fi
rm -f "$out"/*.part
for file in one held shots person all true; do rm -f "$out/$file.st"; done
