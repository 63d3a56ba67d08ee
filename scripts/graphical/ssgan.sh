#!/bin/sh
# ssgan.sh [OPTION]... DATA OUT: SSGAN (Li et al. 2018): clips of digits that bounce, by a GAN with a state
# space, beside three GANs of whole clips; motion analogy and clips longer than any it has seen.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k: its digits fly about, by
# ever new ways, half or a quarter as large in frames of -D size=32 or 16; or a stream of clips, `image` or
# `video` U8 [N,frames,size,size,channels], of which a tenth is kept for the test.
# OUT receives for each algorithm and seed ARM-S.st (the checkpoint), .tsv (the costs), .samples.png (a
# line for each clip), .analogy.png (a test clip above its motion with another content), .again.png (one
# above its reconstruction) and .long.png (four frames around the 50th, 100th, 150th and 200th),
# classifier.st (which judges frames of digits), and table.tsv: how clips move, see motion in gan-eval(1),
# beside test clips. Run it again to go on.
#   --arms LIST       of local, concatx, concatz, 3dcnn (all)
#   --frames N        of a clip (16)
#   --steps N         play no more than N steps (100000)
#   --samples N       clips to judge by (500)
#   --seeds N         so many, from --seed on (1)
#   --batch N         clips in a minibatch (50)
#   -D NAME=VALUE     option of ssgan.gan
#   --small           four blobs that bounce in 16x16, eight frames, local alone, 8000 steps
#   --seed N          first seed (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms='' frames='' seeds=1 batch=''
data_is=any
check_own() {
    each_of --arms "${arms:-local}" local concatx concatz 3dcnn
    [ "${frames:-2}" -ge 2 ] || usage "--frames: expected 2 or more, found '$frames'"
}
free="$free seed " # part of the names of files
recipe_options "$@"
first_seed=$seed
count=${samples:-500}

# blob FOLDER LINE...: a picture of the class of that name
blob() {
    blob_folder=$out/blobs/$1
    shift
    mkdir -p "$blob_folder"
    { echo "P2 8 8 255" && printf '%s\n' "$@" | sed 's/\./ 0/g; s/o/ 128/g; s/x/ 255/g'; } >"$blob_folder/blob.pgm"
}

# ---- data ----

digits=1 options='' shrink=1 # digits: whether clips are made on the way
if [ -n "$small" ]; then
    blob bar ........ ........ ........ xxxxxxxx xxxxxxxx ........ ........ ........
    blob cross ........ ...xx... ...xx... .xxxxxx. .xxxxxx. ...xx... ...xx... ........
    blob disc ........ ..oxxo.. .oxxxxo. .xxxxxx. .xxxxxx. .oxxxxo. ..oxxo.. ........
    blob ring .xxxxxx. .x....x. .x....x. .x....x. .x....x. .x....x. .x....x. .xxxxxx.
    make_file "$out/data.st" gan-data images "$out/blobs" --grey --labels
    make_file "$out/test-pictures.st" gan-data cat "$out/data.st"
    arms=${arms:-local} frames=${frames:-8} batch=${batch:-32} all=8000 side=16
    define=" -D nv=4 -D ne=4 -D nh=1 -D nf=8 -D units=64 -D hidden_o=64$define"
elif has_idx "$data"; then
    idx_stream "$out/data.st" "$data" train --first 50000
    idx_stream "$out/test-pictures.st" "$data" t10k
    frames=${frames:-16} batch=${batch:-50} all=100000 side=$(setting size 64)
    [ "$side" -gt 32 ] || shrink=$((64 / side))
else
    digits=''
    if gan-data info "$data" | grep -q '^  video '; then
        make_file "$out/clips.st" gan-data join "$data:image=video"
        data=$out/clips.st
    fi
    hold_out $((($(samples_in "$data") + 9) / 10)) "$data" "$out/test.st" "$out/data.st"
    # shellcheck disable=SC2046 # several words
    set -- $(gan-data info "$data" | sed -n 's/^  image .*\[N,\([0-9]*\),\([0-9]*\),[0-9]*,\([0-9]*\)\].*/\1 \2 \3/p')
    [ $# = 3 ] || die "$data: expected clips, image [N,frames,size,size,channels]"
    [ "${frames:-$1}" = "$1" ] || usage "--frames: clips of $data have $1"
    frames=$1 batch=${batch:-50} all=40000 side=$2 options="-D channels=$3"
fi
options="-D frames=$frames -D size=$side $options"
scale=$(((63 + side) / side)) # of pictures that are looked at
[ -z "$digits" ] || make_file "$out/test.st" \
    gan-data moving "$out/test-pictures.st" -n "$count" -t "$frames" -s "$side" --shrink "$shrink" --seed 1

# ---- games ----

# play RUN STEPS: on. Clip i is the same however many are made, so that those that were played are left out.
play() {
    if [ -z "$digits" ]; then
        train "$1" "$out/data.st" "$batch" "$2" 50
        return
    fi
    at=$(steps_played "$1") played_until=$(at_most "$2" "$steps")
    [ "$at" -lt "$played_until" ] || return 0
    # D and G take a minibatch each
    gan-data moving "$out/data.st" -n $((2 * (played_until - at) * batch)) --skip $((2 * at * batch)) --frame "$batch" \
        -t "$frames" -s "$side" --shrink "$shrink" --seed $((1000 + seed)) |
        gan-step "$1" --until "$played_until" --checkpoint-every 1m --log "${1%.st}.tsv" \
            --log-every "$(log_every "$played_until" 50)" &
    attend $!
}

# classes CLIPS: what the classifier takes their frames for
classes() {
    gan-data join "$1:clip=image" |
        gan-sample "$out/classifier.st" logits="unfold(C(fold(clip/127.5 - 1)), $frames)"
}

# row NAME STEPS CLIPS [SOURCE]: of table.tsv
row() {
    gan-eval motion "$3" >"$out/motion.tsv"
    same=- agreement=- track=- way=-
    if [ -n "$digits" ]; then
        classes "$3" >"$out/classes.st"
        gan-eval motion "$3" --classes "$out/classes.st" >"$out/motion.tsv"
        same=$(figure motion.same <"$out/motion.tsv") agreement=$(figure motion.agreement <"$out/motion.tsv")
        rm "$out/classes.st"
    fi
    if [ $# = 4 ]; then
        gan-eval motion "$4" "$out/test.st" >"$out/follow.tsv"
        track=$(figure motion.track <"$out/follow.tsv") way=$(figure motion.way <"$out/follow.tsv")
        rm "$out/follow.tsv"
    fi
    {
        printf '%s\t%s' "$1" "$2"
        for f in "$same" "$agreement" "$(figure motion.step <"$out/motion.tsv")" \
            "$(figure motion.straight <"$out/motion.tsv")" "$(figure motion.near <"$out/motion.tsv")" \
            "$(figure motion.kept <"$out/motion.tsv")" "$track" "$way"; do
            case $f in - | *[!-0-9.e]*) printf '\t%s' "$f" ;; *) printf '\t%.4f' "$f" ;; esac
        done
        echo
    } >>"$out/table.part"
    rm "$out/motion.tsv"
}

# judge ARM SEED: its pictures, and its rows of the table
judge() {
    run=$out/$1-$2.st to=$out/$1-$2 at=$(steps_played "$out/$1-$2.st")
    gan-sample "$run" -n "$count" --seed 7 >"$out/clips.st"
    gan-sample "$run" -i "$out/test.st" --seed 7 image=moved >"$out/moved.st"
    gan-sample "$run" -i "$out/test.st" image=again >"$out/again.st"
    gan-data sheet "$out/clips.st" -n $((8 * frames)) --scale "$scale" -o "$to.samples.png"
    for pair in moved:analogy again:again; do
        for row in $(seq 0 $(($(at_most 4 "$(samples_in "$out/test.st")") - 1))); do
            gan-data pick "$out/test.st" --rows "$row"
            gan-data pick "$out/${pair%:*}.st" --rows "$row"
        done | gan-data sheet -n $((8 * frames)) -c "$frames" --scale "$scale" -o "$to.${pair#*:}.png"
    done
    gan-sample "$run" -D frames=200 -n 4 -b 4 --seed 7 >"$out/long.st"
    gan-sample "$run" -D frames=200 -b 4 -i "$out/long.st" \
        clip='concat([x[46..49], x[96..99], x[146..149], x[196..199]], axis=0)' |
        gan-data sheet --name clip -n 64 --scale "$scale" -o "$to.long.png"
    row "$1-$2" "$at" "$out/clips.st" "$out/moved.st"
    error=$(gan-eval mse "$out/test.st" "$out/again.st" | figure mse)
    say "$1, seed $2, $at steps: squared error of reconstructions $error"
    [ -z "$small" ] || judge_long
    rm -f "$out/clips.st" "$out/moved.st" "$out/again.st" "$out/long.st"
}

# judge_long: a hundred frames stay as bright as they began
judge_long() {
    gan-sample "$run" -D frames=100 -n 100 --seed 8 >"$out/long.st"
    gan-eval motion "$out/long.st" >"$out/motion.tsv"
    long=$(figure motion.kept <"$out/motion.tsv")
    rm "$out/motion.tsv"
}

rm -f "$out/table.part"
if [ -n "$digits" ]; then
    make_file "$out/stills.st" gan-data moving "$out/data.st" -n 20000 -t 1 -s "$side" --shrink "$shrink" --seed 2
    seed=$first_seed
    classifier "$out/classifier.st" "$out/stills.st" "$([ -n "$small" ] && echo 300 || echo 1500)" -D nf=16
    row test 0 "$out/test.st" "$out/test.st"
else row test 0 "$out/test.st" "$out/test.st"; fi
for s in $(seq "$first_seed" $((first_seed + seeds - 1))); do
    for name in $(echo "${arms:-local,concatx,concatz,3dcnn}" | tr , ' '); do
        seed=$s
        # shellcheck disable=SC2086 # several words
        start_run "$out/$name-$s.st" "$here/ssgan.gan" $options -D algorithm="$name" --batch "$batch"
        play "$out/$name-$s.st" "$all"
        judge "$name" "$s"
    done
done
{
    printf 'clips\tsteps\tone class\tagreement\tstep, px\tstraight, px\tnear\tkept\tanalogy\twithin clips\n'
    cat "$out/table.part"
} >"$out/table.tsv"
rm "$out/table.part"
cat "$out/table.tsv"
if [ -n "$small" ]; then
    awk -F'\t' -v long="$long" 'END {
        printf "steps of at most 2 pixels: %s\nanalogy follows its clip: %s\n", $7, $9
        printf "of 100 frames as bright as the first: %.4f\n", long
    }' "$out/table.tsv"
    echo "to look for: above 0.9, above 0.8, near 1"
fi
