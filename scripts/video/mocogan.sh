#!/bin/sh
# mocogan.sh [OPTION]... DATA OUT: MoCoGAN (Tulyakov et al. 2018): clips whose content and motion are drawn
# apart, with classes of motion or without, of noise or of a picture, beside VGAN and TGAN.
#
# DATA is a folder of videos, whose sub-folders are classes if it has any; or a stream of clips, `video` U8
# [N,16,size,size,3], with `label` or without. A tenth is kept for the test.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs), .gif, .png (a line for each clip), .row
# (its row of the table); ARM-grid.gif (two contents, seven motions each, the same for both), ARM-long.png (four
# times as many frames, each fourth), ARM-course.png (all classes in turn), picture.png (test clips above
# what was made of their first frames); judge.st (a classifier of clips); table.tsv: average content distance
# of the colours that are seen, motion control score (the share of clips that the classifier takes for the
# class they were asked to be), how far colours of 16 contents with 16 motions vary between and within
# contents, inception score and Frechet distance by the classifier. Arms may be played at once into one
# folder. Run it again to go on.
#   --arms LIST       of moco; redrawn (a control: a content for each frame), blind (without DI); with classes
#                     motion (given to R), frame (to G), motion-blind, frame-blind, and info (without labels);
#                     picture; vgan, tgan (all but redrawn)
#   --size N          pixels a side: 16, 32, 64 or 96 (64)
#   --width N         maps of the first layers (64); TGAN's rate is 0.0032/N, the paper's of 64
#   --length N        frames of a clip, of which DV sees 16 in a row, or with -D windows=all each 16; those of less
#                     frames end sooner with -D lengths=1 (16); more not with picture, vgan and tgan
#   --stride N        a clip takes each Nth frame of a video (1)
#   --hop N           clips of a video begin N frames apart (if not given, no frame is in two)
#   --batch N         clips of a minibatch (32)
#   --images N        frames of a minibatch of DI, if they are not as many; not with picture
#   --epochs N        passes over the data (1000)
#   --steps N         play no more than N steps
#   --samples N       clips to judge by (256)
#   --above N         colours are those of pixels above N percent of the range (0)
#   --judge FILE      checkpoint of c3d.gan, i3d.gan or classifier3d.gan to judge by; if not given one of
#                     classifier3d.gan is taught the data's labels
#   -D NAME=VALUE     option of mocogan.gan
#   --small           clips made on the spot, 16x16, small nets; arms are moco and redrawn: five minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/clips.inc
. "$pages/lib/clips.inc"
arms='' size=64 width=64 batch=32 images='' above=0 judge='' stride='' hop='' length=16
data_is=any small_decides='epochs size width batch above judge stride hop' free="$free above "
check_own() {
    case $size in 16 | 32 | 64 | 96) ;; *) usage "--size: expected 16, 32, 64 or 96, found '$size'" ;; esac
    each_of --arms "${arms:-moco}" moco redrawn blind motion frame motion-blind frame-blind info picture vgan tgan
    case $define in *" -D stride="*) usage "-D stride: clips of each Nth frame are made by --stride N" ;; esac
    [ "$length" -ge 16 ] || usage "--length: expected 16 or more, found '$length'"
    case ,$arms, in *,picture,* | *,vgan,* | *,tgan,*)
        [ "$length" = 16 ] || usage "--length: picture, vgan and tgan have clips of 16 frames" ;;
    esac
}
recipe_options "$@"
count=${samples:-256} frames=$length lengths=''
[ "$(setting lengths 0)" = 0 ] || lengths=1

# ---- data ----

if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make hues -n 2000 -t "$frames" --seed 1
    make_file "$out/test.st" gan-data make hues -n 512 -t "$frames" --seed 2
    size=16 width=32 batch=32 above=35 all=1000
else
    own=$define
    clip_data "$size" "$frames"
    define=$own
    all=$(passes 1000 "$batch")
fi
# shellcheck disable=SC2046 # several words
set -- $(clip_axes "$out/data.st")
size=$2 channels=$4 scale=$(((63 + $2) / $2))
[ "$1" = "$frames" ] || die "$out/data.st: clips of $1 frames, expected $frames"
classes=$(gan-data info -s "$out/data.st" | awk '$1 == "label" { print $(NF - 1) + 1 }')
[ -z "$classes$judge" ] || clip_judge
if [ -z "$arms" ]; then
    arms=moco
    if [ -n "$small" ]; then arms=$arms,redrawn
    else
        arms=$arms,blind
        [ -z "$classes" ] || arms=$arms,motion,frame,motion-blind,frame-blind,info
        [ "$frames" != 16 ] || arms=$arms,picture,vgan,tgan
    fi
fi

# ---- games ----

# settings WORD...: -D for each
settings() { for word in "$@"; do printf ' -D %s' "$word"; done; }

# page_of ARM: the options that make it
page_of() {
    settings size="$size" channels="$channels"
    case $1 in
    vgan | tgan) ;;
    *)
        settings nf="$width"
        [ "$frames" = 16 ] || settings length="$frames"
        [ -z "$images" ] || [ "$1" = picture ] || settings apart=1
        [ -z "$small" ] || settings nf_D=16 nc=20 noise=0.2 noise_hidden=0 whole_I=1 deep_V=1 rate=0.001 rate_D=0.0002 ;;
    esac
    case $1 in
    vgan)
        settings frames="$frames" nf="$width"
        [ -z "$small" ] || settings nf_D=16 halvings_D=3 nz=50 logits=1 deviation=0.02 rate=0.0004 rate_G=0.001 noise=0.1 lambda=1 ;;
    tgan)
        settings nf_G=$((width / 2))
        if [ -n "$small" ]; then settings nz=32 nf=16 nf_T=32 shift=0 rate=0.001
        else settings nf="$width" nf_T=$((2 * width)) rate="$(awk -v w="$width" 'BEGIN { print 0.0032 / w }')"; fi ;;
    redrawn) settings still=0 ;;
    blind) settings images=0 ;;
    picture) settings from=frame ;;
    info) settings classes="$classes" ;;
    *motion* | *frame*) settings classes="$classes" labels=1 into="${1%-blind}" ;;
    esac
    case $1 in *-blind) settings images=0 ;; esac
}

take_frames() { gan-data join "$out/data.st:video" | gan-sample "$1" -i - 'image=fold(x)'; }

# train_apart RUN STEPS: train(), DI's frames in minibatches of their own size
train_apart() {
    apart_until=$(at_most "$2" "${steps:-}")
    short_of "$1" "$apart_until" || return 0
    make_file "$out/frames.st" take_frames "$1"
    rm -f "$1.images" "$1.clips"
    mkfifo "$1.images" "$1.clips"
    gan-data batch "$out/frames.st" --size "$images" --shuffle --seed "$seed" --endless --drop-last --from "$1" >"$1.images" &
    gan-data batch "$out/data.st" --size "$batch" --shuffle --seed "$seed" --endless --drop-last --from "$1" >"$1.clips" &
    gan-data join --frames "$1.images:image" "$1.clips" |
        gan-step "$1" --until "$apart_until" --checkpoint-every 1m --log "${1%.st}.tsv" \
            --log-every "$(log_every "$apart_until" 50)" &
    attend $!
    rm "$1.images" "$1.clips"
}

# film ARM [OPTION]...: clips of it
film() {
    filmed=$out/$1.st
    shift
    case $filmed in
    */vgan.st) gan-sample "$filmed" "$@" 'video=made[0]' ;;
    */tgan.st) gan-sample "$filmed" "$@" video=made ;;
    *) gan-sample "$filmed" "$@" video=made asked=a ;;
    esac
}

# ---- figures ----

# The colour that is seen in a clip, a mean over its frames, of 16 contents with 16 motions each: how far it
# varies within a content and between contents.
spread='value=concat(view(within, 1), view(between, 1))
    where v = film(c, m, e, a), lit = max(v, -1, keep=1) > bar,
          shade = mean(sum(lit * v, [1, 2]) / maximum(sum(lit, [1, 2]), 1), 0),
          s = view(unbatch(shade), 16, 16, 3), centre = mean(s, 1),
          within = mean(mean(s^2, 1) - centre^2), between = mean(mean(centre^2, 0) - mean(centre, 0)^2)'
bar=$(awk -v above="$above" 'BEGIN { print above / 50 - 1 }')

# exchanged ARM CONTENTS MOTIONS: the latents of each content with each motion
exchanged() {
    gan-sample "$out/$1.st" -n "$2" --seed 21 c=c | gan-data pick - --rows 0-$(($2 - 1)) --repeat "$3" >"$out/$1.contents"
    gan-sample "$out/$1.st" -n "$3" --seed 22 m=m e=e a=a |
        gan-data pick - --rows "$(seq "$2" | sed "s/.*/0-$(($3 - 1))/" | paste -s -d ,)" >"$out/$1.motions"
    gan-data join "$out/$1.contents" "$out/$1.motions"
    rm "$out/$1.contents" "$out/$1.motions"
}

# row ARM CLIPS: ARM.row, of table.tsv
row() {
    score=- distance=-
    [ -z "$judge" ] || clip_scores "$2"
    {
        figures '%s\t%s\t%.2f' "$1" "$(steps_played "$out/$1.st" 2>/dev/null || echo -)" \
            "$(gan-eval acd "$2" --colour --above "$(awk -v a="$above" 'BEGIN { print a / 100 - (a == 0) }')" | figure acd)"
        case $1 in
        motion* | frame*) control=$(controlled "$2" accuracy accuracy) ;;
        info) control=$(controlled "$2" clusters clusters.assigned) ;;
        *) control=- ;;
        esac
        printf '\t%s' "$control"
        case $1 in
        test | vgan | tgan | picture) printf '\t-\t-\t-' ;;
        *)
            exchanged "$1" 16 16 | gan-sample "$out/$1.st" -i - "$(echo "$spread" | sed "s/bar/$bar/")" |
                gan-data to-table --bare | paste -s |
                awk '{ printf "\t%.4g\t%.4g\t%s", $1, $2, ($1 > 0 ? sprintf("%.4g", $2 / $1) : "-") }' ;;
        esac
        printf '\t%s\t%s\n' "$score" "$distance"
    } >"$out/$1.row.part"
    mv "$out/$1.row.part" "$out/$1.row"
}

# controlled CLIPS METRIC FIGURE: how the classifier's answers agree with what was asked
controlled() {
    gan-sample "$judge" -i "$1" logits=logits >"$1.logits"
    gan-data join "$1.logits" "$1:asked" | gan-eval "$2" - --label asked 2>/dev/null | figure "$3" | awk '{ printf "%.3f", $1 }'
    rm "$1.logits"
}

# looked_at ARM: pictures of its own
looked_at() {
    case $1 in
    vgan | tgan) return ;;
    picture)
        for n in 0 1 2 3; do
            for file in few picture.clips; do gan-data pick "$out/$file.st" --rows $n | gan-data join -- -:video; done
        done | clip_sheet "$out/picture.png" "$frames" 8
        first_frames "$out/picture.st" "$out/few.st" 'made[0] - x[0]'
        return ;;
    esac
    exchanged "$1" 2 7 | gan-sample "$out/$1.st" -i - 'video=film(c, m, e, a)' |
        gan-data movie -c 7 --scale $scale -o "$out/$1-grid.gif"
    [ "$1" != redrawn ] || return 0
    gan-sample "$out/$1.st" -D length=$((4 * frames)) -n 4 --seed 7 --float "value=made[0..$((4 * frames - 1)) step 4]" |
        gan-data sheet --name value -c "$frames" --gap 1 --scale $scale -o "$out/$1-long.png"
    case $1 in motion* | frame*)
        gan-sample "$out/$1.st" -D longest=$((4 * classes)) -n 4 --seed 7 \
            "video=film(c, m, e, course([k for k in 0..$((classes - 1))]))" | clip_sheet "$out/$1-course.png" $((4 * classes)) 4 ;;
    esac
}

# ---- all of them ----

make_file "$out/few.st" gan-data head --shuffle -n "$count" "$out/test.st"
row test "$out/test.st"
for arm in $(echo "$arms" | tr , ' '); do
    case $arm in vgan | tgan) game=$arm ;; *) game=mocogan ;; esac
    own=$define
    [ "$game" = mocogan ] || define=
    # shellcheck disable=SC2046 # several words
    start_run "$out/$arm.st" "$here/$game.gan" $(page_of "$arm")
    define=$own
    if [ "$game" = mocogan ] && [ "$arm" != picture ] && [ -n "$images" ]; then train_apart "$out/$arm.st" "$all"
    else train "$out/$arm.st" "$out/data.st" "$batch" "$all" 50; fi
    if [ "$arm" = picture ]; then film picture -i "$out/few.st" >"$out/picture.clips.st"
    else film "$arm" -n "$count" --seed 7 >"$out/$arm.clips.st"; fi
    clip_sheet "$out/$arm.png" "$frames" 8 <"$out/$arm.clips.st"
    gan-data movie "$out/$arm.clips.st" --name video --scale $scale -o "$out/$arm.gif"
    row "$arm" "$out/$arm.clips.st"
    looked_at "$arm"
done
{
    printf 'arm\tsteps\tACD\tMCS\twithin\tbetween\tratio\tinception score\tFrechet distance\n'
    for arm in test moco redrawn blind motion frame motion-blind frame-blind info picture vgan tgan; do
        [ ! -s "$out/$arm.row" ] || cat "$out/$arm.row"
    done
} >"$out/table.tsv.part"
mv "$out/table.tsv.part" "$out/table.tsv"
cat "$out/table.tsv"
if [ -n "$small" ] && [ -s "$out/moco.st" ]; then
    for k in "$frames" $((2 * frames)); do
        gan-sample "$out/moco.st" -D length="$k" -n 8 --seed 3 --float "image=made[0..$((frames - 1))]" >"$out/first-$k.st"
    done
    figures 'the first %s of %s frames and those of %s differ by a mean square of %s\n' "$frames" $((2 * frames)) "$frames" \
        "$(gan-eval mse "$out/first-$frames.st" "$out/first-$((2 * frames)).st" --range -1,1 | figure mse)"
    rm "$out"/first-*.st
    echo "to look for, of moco: ratio at least 20, that of redrawn below 1; score at least 2; ACD below 76"
fi
